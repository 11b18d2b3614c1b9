"""The commands and their options. Each imports what it needs when it runs, so that `--help` is there at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import stack
from cli.console import command, note, out, print_json
from cli.deploy import commands as deploy_commands
from cli.errors import EXIT_CODES, JOB_FAILED, OK

app = typer.Typer(
    name="simpi",
    help="Compress photos and videos the way the service does: upload, durable orchestration, download.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(deploy_commands)

MOST_WORKERS = 16
"""As devhost allows."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="SIMPI_DATA", help="Where the local stack keeps everything.", show_default=".simpi/data"
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


@app.command()
@command
def up(
    port: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=65535, show_default="7071, or the next free one")
    ] = None,
    data: Data = stack.DEFAULT_DATA,
    workers: Workers = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run everything on this machine until Ctrl-C: storage, host, web page."""
    from cli.up import up as run

    run(port, data.absolute(), workers, browse=not no_open and not as_json, as_json=as_json)


@app.command()
@command
def demo(
    into: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the originals and the results go.")] = Path(
        "out/demo"
    ),
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make a photo, an animation and a short video, and compress them the whole way."""
    from cli import compress as job
    from cli import demo as run

    results = run.demo(into, data.absolute())
    if as_json:
        job.show_json(results)
    else:
        run.show(results, into)
    raise typer.Exit(job.exit_code(results))


@app.command()
@command
def compress(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders for the files in them.")],
    into: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the results go.")] = Path("compressed"),
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into the folders' folders, too.")] = False,
    as_batch: Annotated[
        bool, typer.Option("--batch", help="Under one parent orchestration, for very many files.")
    ] = False,
    workers: Workers = None,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Upload files, follow their jobs, download the results, and say what was saved.

    Starts the local stack in the background if none runs, and leaves it for the next call.
    """
    from cli import compress as job

    results = job.compress(paths, into, address, data.absolute(), workers, recursive, as_batch)
    if as_json:
        job.show_json(results)
    else:
        job.show(results, into)
    raise typer.Exit(job.exit_code(results))


@app.command()
@command
def status(
    name: Annotated[str, typer.Argument(metavar="ID|BLOB", help="A job's id, or the name of an upload.")],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """How one job stands."""
    from cli import operations, tables, target

    told = operations.status_of(target.existing(address, data.absolute()), name)
    if as_json:
        print_json(told)
    else:
        out().print(tables.of_receipt({key: value for key, value in told.items() if key != "receipt"}))
        if told.get("receipt"):
            note(f"The receipt: ./simpi show {told['instanceId']}")
    raise typer.Exit(JOB_FAILED if told.get("status") in ("rejected", "failed", "cancelled") else OK)


@app.command("list")
@command
def list_jobs(
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many, the newest first.")] = 20,
    wanted: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only these: running, success, rejected, …")
    ] = None,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """The jobs: those that run, then the newest that have ended."""
    from cli import operations, tables, target

    jobs = operations.jobs(target.existing(address, data.absolute()), limit, wanted)
    if as_json:
        print_json({"jobs": jobs})
    else:
        out().print(tables.of_jobs(jobs) if jobs else "no jobs yet")


@app.command()
@command
def show(
    instance: Annotated[str, typer.Argument(metavar="ID", help="A job's id (or the name of an upload).")],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """The receipt of a job that has ended, in full."""
    from cli import operations, tables, target

    receipt = operations.show(target.existing(address, data.absolute()), instance)
    if as_json:
        print_json(receipt)
    else:
        out().print(tables.of_receipt(receipt))


@app.command()
@command
def redrive(
    instance: Annotated[str | None, typer.Argument(metavar="ID", help="A job's id.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed job.")] = False,
    dry_run: DryRun = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Run a job again that failed, was rejected or was cancelled; it goes on from what is still staged."""
    from cli import control, target

    to = target.existing(address, data.absolute())
    raise typer.Exit(control.redrive(to, instance, failed=failed, dry_run=dry_run, as_json=as_json))


@app.command()
@command
def cancel(
    instance: Annotated[str, typer.Argument(metavar="ID", help="A job's id.")],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Stop a running job: its encoder ends within seconds, and it gets a receipt."""
    from cli import control, target

    raise typer.Exit(control.cancel(target.existing(address, data.absolute()), instance, as_json=as_json))


@app.command("run-now")
@command
def run_now(
    instance: Annotated[str, typer.Argument(metavar="ID", help="A job's id.")],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Start a job at once that waits for the off-peak window."""
    from cli import control, target

    raise typer.Exit(control.run_now(target.existing(address, data.absolute()), instance, as_json=as_json))


@app.command()
@command
def purge(
    older_than: Annotated[str, typer.Option("--older-than", metavar="AGE", help="Such as 30d, 12h or 45m.")],
    dry_run: DryRun = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Forget the durable history of jobs that ended long ago. Receipts stay."""
    from cli import control, target

    to = target.existing(address, data.absolute())
    raise typer.Exit(control.purge(to, older_than, dry_run=dry_run, as_json=as_json))


@app.command()
@command
def doctor(data: Data = stack.DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check every dependency, each failure with its fix."""
    from cli import doctor as run
    from cli import tables

    checks = run.examine(data.absolute())
    if as_json:
        print_json(run.to_json(checks))
    else:
        out().print(tables.of_checks(checks))
    raise typer.Exit(JOB_FAILED if any(check.state == run.BAD for check in checks) else OK)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
@command
def test(context: typer.Context) -> None:
    """Every check and test; with arguments, pytest with just these."""
    from cli.testing import test as run

    raise typer.Exit(run(context.args))


@app.command()
@command
def bench(
    name: Annotated[str | None, typer.Argument(help="One benchmark instead of all.")] = None,
    as_json: AsJson = False,
) -> None:
    """The benchmarks, side by side with the peers, as ratios."""
    from cli.benching import bench as run

    raise typer.Exit(run(name, as_json=as_json))


@app.command()
@command
def down(data: Data = stack.DEFAULT_DATA, as_json: AsJson = False) -> None:
    """End the local stack."""
    ended = stack.stop(data.absolute())
    if as_json:
        print_json({"stopped": ended is not None, "url": ended.url if ended else None})
    else:
        out().print(f"ended the stack at {ended.url}" if ended else "no stack was running", markup=False)
