"""`./simpi bench`: finds the benchmarks that are there, runs them one after the other, prints what they measured."""

from __future__ import annotations

import importlib
import importlib.util
import sys

from cli.console import err, note
from cli.errors import OK, UsageError

KNOWN = {"durable": "bench.durable", "end-to-end": "bench.end_to_end", "images": "bench.images", "video": "bench.video"}


def bench(name: str | None, *, as_json: bool) -> int:
    """Run one benchmark or all. A missed target is a finding and no failure: the exit code stays 0."""
    there = {known: module for known, module in KNOWN.items() if importlib.util.find_spec(module)}
    if name is not None and name not in there:
        raise UsageError(f"there is no benchmark {name}", f"There are: {', '.join(there)}")
    from bench import report

    rows: list[report.Row] = []
    for known in [name] if name else there:
        note(f"{known}: measuring…")
        with err().status(f"measuring {known}…"):
            for row in importlib.import_module(there[known]).rows():
                rows.append(row)
                note(f"  {row.name}: ratio {row.ratio:.2f}")
    sys.stdout.write((report.as_json(rows) if as_json else report.table(rows)) + "\n")
    return OK
