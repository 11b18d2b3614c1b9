"""The two ways to the user: results on stdout, everything else on stderr. No colour without a terminal (rich sees to it)."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cli.errors import INTERRUPTED, CliError

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")
R = TypeVar("R")

PIPE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe, where neither a terminal nor COLUMNS says how wide it is."""


@functools.cache
def err() -> Console:
    """Progress, notes and errors."""
    return _console(stderr=True)


@functools.cache
def out() -> Console:
    """Results."""
    return _console(stderr=False)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if console.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return console
    return Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def note(text: str) -> None:
    """A line for people, on stderr."""
    err().print(text, style="dim", markup=False, soft_wrap=True)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Make a command end with its exit code and a clean message, whatever happens inside.

    With `--json` an error is an object on stdout, too: `{"error", "fix", "code"}`.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        import typer

        try:
            return function(*args, **kwargs)
        except CliError as problem:
            err().print(f"simpi: {problem}", style="red", markup=False, soft_wrap=True)
            if problem.hint:
                err().print(f"       {problem.hint}", markup=False, soft_wrap=True)
            if kwargs.get("as_json"):
                print_json({"error": str(problem), "fix": problem.hint, "code": problem.code})
            raise typer.Exit(problem.exit_code) from None
        except KeyboardInterrupt:
            err().print("simpi: interrupted", markup=False)
            raise typer.Exit(INTERRUPTED) from None

    return guarded
