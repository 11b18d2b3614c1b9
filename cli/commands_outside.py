"""The commands about the outside world: what was saved, deliveries, poison messages, and SIMPI's stand-in."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import stack
from cli.console import command
from cli.errors import UsageError
from cli.options import WHICH_JOB, Address, AsJson, Data, DryRun


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
    instance: Annotated[str | None, typer.Argument(metavar="ID", help=WHICH_JOB)] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="Every job that somebody refused to hear of, or was given up after a day.")
    ] = False,
    dry_run: DryRun = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Tell SIMPI and the subscriber once more how a job ended, under the same ids."""
    from cli import control, target

    to = target.existing(address, data)
    raise typer.Exit(control.redeliver(to, instance, refused=refused, dry_run=dry_run, as_json=as_json))


poison_commands = typer.Typer(name="poison", rich_markup_mode=None, pretty_exceptions_enable=False)


@poison_commands.callback(invoke_without_command=True)
@command
def poison(
    context: typer.Context,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """What went wrong for good: the messages on the poison queues, with their reasons."""
    if (behind := context.invoked_subcommand) is not None:
        for name, option in {"address": "--target", "data": "--data", "as_json": "--json"}.items():
            source = context.get_parameter_source(name)
            if source is not None and source.name == "COMMANDLINE":  # what is dropped must be where somebody means it
                raise UsageError(f"{option} belongs behind {behind}", f"./simpi poison {behind} … {option} …")
        return
    from cli import poison as run
    from cli import target

    raise typer.Exit(run.show(target.existing(address, data), as_json=as_json))


@poison_commands.command()
@command
def drop(
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="A message's id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every message that is there.")] = False,
    dry_run: DryRun = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take a message off its poison queue, once it was dealt with. Receipts and uploads stay."""
    from cli import poison as run
    from cli import target

    to = target.existing(address, data)
    raise typer.Exit(run.drop(to, id_, every=every, dry_run=dry_run, as_json=as_json))


@command
def sandbox(
    database: Annotated[
        str,
        typer.Option(
            "--database", metavar="URL", show_default=False, help="sqlite:///FILE or postgresql://USER@HOST/NAME"
        ),
    ] = f"sqlite:///{stack.DEFAULT_DATA.parent / 'sandbox.db'}",
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=65535, help="Where it answers.", show_default="7080, or the next free one"
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Answer 404 for steps that the database does not have.")
    ] = False,
) -> None:
    """Run a stand-in for SIMPI: its API on a real database, and a receiver of webhooks, until Ctrl-C."""
    from cli import sandbox as run

    run.run(database, port, strict=strict)
