"""`./simpi compress`: files in, smaller files out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli import background, target, text
from cli.console import err, note, out, print_json
from cli.errors import JOB_FAILED, OK, Stopped
from cli.inputs import Item
from cli.run import Result, Run, totals
from cli.target import Target


def reach(address: str | None, data: Path, workers: int | None) -> Target:
    """The target of the command; starts the local stack in the background if none runs."""
    if address:
        return target.remote(address)
    from cli import stack

    before = stack.running(data)
    with err().status("starting the local stack…"):
        found = background.ensure(data, workers, note)
    if before is None or before.pid != found.pid:
        note(f"the local stack runs at {found.url} and stays for the next call; `./simpi down` stops it")
    return target.of_stack(found)


def run(to: Target, items: Sequence[Item], into: Path, *, as_batch: bool = False) -> list[Result]:
    """Take files the whole way on a target that is there; answers each one's result."""
    from cli.batch import BatchRun
    from cli.view import shown

    with shown(items) as view:
        try:
            return (BatchRun if as_batch else Run)(to, items, into, view).all()
        except (KeyboardInterrupt, Stopped):
            note("stopped following; jobs that have begun go on: ./simpi list")
            raise KeyboardInterrupt from None


def show(results: Sequence[Result], into: Path) -> None:
    """The table, and where the files are."""
    from cli.tables import after_results, of_results

    out().print(of_results(results, out().width))
    if more := after_results(results):
        out().print("", *more, sep="\n", markup=False, soft_wrap=True)
    count = sum(len(result.downloaded) for result in results)
    if count:
        out().print(f"\n{text.plural(count, 'file')} in {into}", markup=False, soft_wrap=True)


def show_json(results: Sequence[Result]) -> None:
    """The one object of `--json`."""
    print_json({"jobs": [result.to_json() for result in results], "totals": totals(results)})


def exit_code(results: Sequence[Result]) -> int:
    """0 if every file went well, 1 otherwise."""
    return OK if all(result.is_fine for result in results) else JOB_FAILED
