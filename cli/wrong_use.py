"""What is said of a call that cannot be understood: to people what Typer says, to machines an object, as of other errors."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from cli.console import note, print_json
from cli.errors import UsageError


class Commands(TyperGroup):
    """The commands, whose wrong use is an object on stdout, too, where `--json` was asked for."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was called."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as problem:
            dashed = _dashed(sys.argv[1:])
            if dashed:
                note(dashed)
            if "--json" in sys.argv[1:]:
                called = getattr(getattr(problem, "ctx", None), "command_path", ctx.command_path)
                fix = dashed or f"./{called} -h"
                print_json({"error": problem.format_message(), "fix": fix, "code": UsageError.code})
            raise


def _dashed(arguments: list[str]) -> str:
    """What helps somebody who named a file that looks like an option."""
    files = [one for one in arguments if one.startswith("-") and os.path.lexists(one)]
    return f"A file whose name begins with a dash is named with its folder: ./{files[0]}" if files else ""
