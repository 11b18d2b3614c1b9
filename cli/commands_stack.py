"""The commands around the stack on this machine: `up`, `down`, `demo`, `doctor`, `test`, `bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import stack
from cli.console import command, out, print_json
from cli.errors import JOB_FAILED, OK
from cli.options import AsJson, Data, Workers, folder_of


@command
def up(
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=65535,
            help="Where the web page and the API are.",
            show_default="7071, or the next free one",
        ),
    ] = None,
    data: Data = stack.DEFAULT_DATA,
    workers: Workers = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run everything on this machine until Ctrl-C: storage, host, web page."""
    from cli.up import up as run

    run(port, data, workers, browse=not no_open and not as_json, as_json=as_json)


@command
def down(data: Data = stack.DEFAULT_DATA, as_json: AsJson = False) -> None:
    """End the local stack."""
    ended = stack.stop(data)
    if as_json:
        print_json({"stopped": ended is not None, "url": ended.url if ended else None})
    else:
        out().print(f"ended the stack at {ended.url}" if ended else "no stack was running", markup=False)


@command
def demo(
    into: Annotated[
        Path, typer.Option("--out", metavar="DIR", parser=folder_of, help="Where the originals and the results go.")
    ] = Path("out/demo"),
    data: Data = stack.DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make a photo, an animation and a short video, and compress them the whole way."""
    from cli import compress as job
    from cli import demo as run
    from cli.inputs import check_output

    check_output(into)
    results = run.demo(into, data)
    if as_json:
        job.show_json(results)
    else:
        run.show(results, into)
    raise typer.Exit(job.exit_code(results))


@command
def doctor(data: Data = stack.DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check every dependency, each failure with its fix."""
    from cli import doctor as run
    from cli import tables
    from cli.checks import BAD

    checks = run.examine(data)
    if as_json:
        print_json(run.to_json(checks))
    else:
        out().print(tables.of_checks(checks))
    raise typer.Exit(JOB_FAILED if any(check.state == BAD for check in checks) else OK)


@command
def test(context: typer.Context) -> None:
    """Every check and test; with arguments, pytest with just these."""
    from cli.testing import test as run

    raise typer.Exit(run(context.args))


@command
def bench(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One instead of all: durable, end-to-end, images or video.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The benchmarks, side by side with the peers, as ratios."""
    from cli.testing import bench as run

    raise typer.Exit(run(name, as_json=as_json))
