"""The commands about jobs: `compress`, then how they stand, and what operators do to them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import stack
from cli.console import command, note, out, print_json
from cli.errors import JOB_FAILED, OK, UsageError
from cli.options import WHICH_JOB, Address, AsJson, Data, DryRun, JobId, Workers, folder_of


@command
def compress(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, or folders for the files in them.")],
    into: Annotated[Path, typer.Option("--out", metavar="DIR", parser=folder_of, help="Where the results go.")] = Path(
        "compressed"
    ),
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

    Of a folder, what may be a photo or a video by its name is taken. No file is ever overwritten: where another one is in
    the way, a result becomes NAME-2; a result that is there already keeps its name.
    """
    from cli import compress as job
    from cli.inputs import check_output, items_of, path_of

    items = items_of([path_of(given) for given in paths], into, recursive=recursive, tell=note)
    check_output(into)
    results = job.run(job.reach(address, data, workers), items, into, as_batch=as_batch)
    if as_json:
        job.show_json(results)
    else:
        job.show(results, into)
    raise typer.Exit(job.exit_code(results))


@command
def status(
    name: Annotated[str, typer.Argument(metavar="ID", help=WHICH_JOB)],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """How one job stands."""
    from cli import operations, tables, target

    told = operations.status_of(target.existing(address, data), name)
    if as_json:
        print_json(told)
    else:
        out().print(tables.of_receipt({key: value for key, value in told.items() if key != "receipt"}))
        if told.get("receipt"):
            note(f"The receipt: ./simpi show {told['instanceId']}")
    raise typer.Exit(JOB_FAILED if told.get("status") in ("rejected", "failed", "cancelled") else OK)


@command
def list_jobs(
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many, the newest first.")] = 20,
    wanted: Annotated[
        str | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Only these: running, success, rejected, superseded, cancelled or failed.",
        ),
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="Only those with this error code, such as corrupt.")
    ] = None,
    untold: Annotated[
        bool, typer.Option("--undelivered", help="Only those that SIMPI or the webhook was not told of (yet).")
    ] = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """The jobs: those that run, then the newest that have ended."""
    from cli import operations, tables, target, undelivered

    operations.checked_status(wanted)
    if untold:
        if wanted or code:
            raise UsageError("--undelivered goes with neither --status nor --code", "./simpi list --undelivered")
        found = undelivered.jobs(target.existing(address, data), limit)
        if as_json:
            print_json({"jobs": found})
        else:
            out().print(undelivered.table(found) if found else "everybody was told of everything")
        return
    jobs = operations.jobs(target.existing(address, data), limit, wanted, code)
    if as_json:
        print_json({"jobs": jobs})
    else:
        out().print(tables.of_jobs(jobs, out().width) if jobs else operations.none_found(wanted, code))
        for reason in tables.waiting_for(jobs):
            note(reason)


@command
def show(
    instance: Annotated[str, typer.Argument(metavar="ID", help=WHICH_JOB)],
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """The receipt of a job that has ended, in full."""
    from cli import operations, tables, target

    receipt = operations.show(target.existing(address, data), instance)
    if as_json:
        print_json(receipt)
    else:
        out().print(tables.of_receipt(receipt))


@command
def redrive(
    instance: Annotated[str | None, typer.Argument(metavar="ID", help=WHICH_JOB)] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed job.")] = False,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Every rejected job, such as after a limit was raised.")
    ] = False,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="Of those, the ones with this error code only.")
    ] = None,
    dry_run: DryRun = False,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Run a job again that failed, was rejected or was cancelled; it goes on from what is still staged."""
    from cli import control, target

    status = control.which_again(instance, code, failed=failed, rejected=rejected)
    to = target.existing(address, data)
    raise typer.Exit(control.redrive(to, instance, status, code, dry_run=dry_run, as_json=as_json))


@command
def cancel(
    instance: JobId,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Stop a running job: its encoder ends within seconds, and it gets a receipt."""
    from cli import control, target

    raise typer.Exit(control.cancel(target.existing(address, data), instance, as_json=as_json))


@command
def run_now(
    instance: JobId,
    address: Address = None,
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Start a job at once that waits for the off-peak window."""
    from cli import control, target

    raise typer.Exit(control.run_now(target.existing(address, data), instance, as_json=as_json))


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

    to = target.existing(address, data)
    raise typer.Exit(control.purge(to, older_than, dry_run=dry_run, as_json=as_json))
