"""`python -m bench [--json] NAME…`: runs benchmarks one after the other, and prints what they measured."""

from __future__ import annotations

import importlib
import sys

from bench import report
from cli.console import command, err, note


@command
def run(names: list[str], *, as_json: bool) -> None:
    """Run these benchmarks. A missed target is a finding and no failure."""
    rows: list[report.Row] = []
    for name in names:
        note(f"{name}: measuring…")
        with err().status(f"measuring {name}…"):
            for row in importlib.import_module(f"bench.{name.replace('-', '_')}").rows():
                rows.append(row)
                note(f"  {row.name}: ratio {row.ratio:.2f}")
    sys.stdout.write((report.as_json(rows) if as_json else report.table(rows)) + "\n")


if __name__ == "__main__":
    import typer

    try:
        run([name for name in sys.argv[1:] if name != "--json"], as_json="--json" in sys.argv)
    except typer.Exit as end:
        sys.exit(end.exit_code)
