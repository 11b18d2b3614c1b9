"""`./simpi`: which commands there are. Each imports what it needs when it runs, so that `--help` is there at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from cli import commands_jobs as jobs
from cli import commands_outside as outside
from cli import commands_stack as local
from cli.deploy import commands as deploy_commands
from cli.errors import EXIT_CODES, OK
from cli.wrong_use import Commands
from devhost import VERSION

app = typer.Typer(
    name="simpi",
    cls=Commands,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: tuple[Callable[..., None], ...] = (
    local.up,
    local.demo,
    jobs.compress,
    jobs.status,
    jobs.show,
    jobs.redrive,
    jobs.cancel,
    jobs.purge,
    outside.savings,
    outside.redeliver,
    outside.sandbox,
    local.doctor,
    local.bench,
    local.down,
)
for one in COMMANDS:
    app.command()(one)
app.command("list")(jobs.list_jobs)
app.command("run-now")(jobs.run_now)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"simpi {VERSION}")
        raise typer.Exit(OK)


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compress photos and videos the way the service does: upload, durable orchestration, download."""


TO_PYTEST = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
app.command(context_settings=TO_PYTEST)(local.test)
app.add_typer(outside.poison_commands)
app.add_typer(deploy_commands)
