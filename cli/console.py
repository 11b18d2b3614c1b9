"""The two ways to the user: results on stdout, everything else on stderr. No colour without a terminal (rich sees to it)."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
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
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Plain(Console):
        """Shows what files and uploads are called, whatever that is: it never commands the terminal."""

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(COMMANDS.sub("\ufffd", segment.text), segment.style)

    console = Plain(stderr=stderr, highlight=False, soft_wrap=False)
    if console.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return console
    return Plain(stderr=stderr, highlight=False, width=PIPE_WIDTH)


COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]")
"""What a terminal would obey or mix up, or cannot show: control characters, turned writing, halves of characters."""


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    sys.stdout.write(HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text) + "\n")


HALVES = re.compile("[\ud800-\udfff]")
"""What Python makes of a file name that is no UTF-8: JSON can say it, a terminal's encoding cannot."""


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
