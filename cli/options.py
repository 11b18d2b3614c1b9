"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from devhost import MOST_WORKERS


def folder_of(given: str) -> Path:
    """A folder as it was typed. An empty one is a variable that is not set, and never the folder where the user is."""
    if not given:
        raise typer.BadParameter("it is empty. Is a variable of your shell unset?")
    return Path(given)


def _resolved(given: str) -> Path:
    return folder_of(given).resolve()


WHICH_JOB = "A job's id, the beginning of one, or the name of an upload."
JobId = Annotated[str, typer.Argument(metavar="ID", help=WHICH_JOB)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="SIMPI_DATA",
        parser=_resolved,
        metavar="DIR",
        help="Where the local stack keeps everything.",
        show_default=".simpi/data",
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="URL",
        help="Another host instead of the local stack. Its secrets come from the environment:"
        " SIMPI_STORAGE_CONNECTION, SIMPI_SYSTEM_KEY, and for what changes jobs SIMPI_FUNCTION_KEY.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, max=MOST_WORKERS, metavar="N", help="Worker processes, each with its own work folder."
    ),
]
