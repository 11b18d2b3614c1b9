"""The commands about the outside world: what was saved, deliveries, and SIMPI's stand-in."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import stack
from cli.console import command
from cli.options import Address, AsJson, Data, JobId


@command
def savings(
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, metavar="N", help="How many days back, today included.")
    ] = 30,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """What was saved, day by day, how long jobs take, and what went wrong."""
    from cli import savings as run
    from cli import target

    run.savings(target.existing(address, data), days, as_json=as_json)


@command
def redeliver(
    instance: JobId,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Tell SIMPI and the subscriber once more how a job ended, under the same ids."""
    from cli import control, target

    raise typer.Exit(control.redeliver(target.existing(address, data), instance, as_json=as_json))


@command
def sandbox(
    database: Annotated[
        str,
        typer.Option(
            "--database", metavar="URL", show_default=False, help="sqlite:///FILE or postgresql://USER@HOST/NAME"
        ),
    ] = f"sqlite:///{stack.DEFAULT_DATA.parent / 'sandbox.db'}",
    port: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=65535, show_default="7080, or the next free one")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Answer 404 for steps that the database does not have.")
    ] = False,
) -> None:
    """Run a stand-in for SIMPI: its API on a real database, and a receiver of webhooks, until Ctrl-C."""
    from cli import sandbox as run

    run.run(database, port, strict=strict)
