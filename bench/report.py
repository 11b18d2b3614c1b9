"""What a benchmark says: one row per comparison, as a table for people or one JSON object for machines."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Judged = Literal["ratio at most", "ratio at least", "difference at most"]


@dataclass(frozen=True)
class Row:
    """One comparison. `ours` and `peer` are medians in `unit`; `judged` says what the target is about."""

    name: str
    ours: float
    peer: float
    unit: str
    target: float
    judged: Judged
    runs: int

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        if self.judged == "difference at most":
            return self.ours - self.peer <= self.target
        return self.ratio <= self.target if self.judged == "ratio at most" else self.ratio >= self.target

    def to_json(self) -> dict[str, Any]:
        """The row of `--json`."""
        return {
            "name": self.name,
            "ours": round(self.ours, 4),
            "peer": round(self.peer, 4),
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
            "target": self.target,
            "judged": self.judged,
            "met": self.met,
            "runs": self.runs,
        }

    def to_line(self) -> tuple[str, ...]:
        """The row of the table."""
        target = f"{self.judged} {self.target:g}" + (f" {self.unit}" if self.judged.startswith("difference") else "")
        values = (f"{self.ours:.3g} {self.unit}", f"{self.peer:.3g} {self.unit}", f"{self.ratio:.2f}")
        return (self.name, *values, target, "yes" if self.met else "NO", str(self.runs))


HEADINGS = ("benchmark", "ours", "peer", "ratio", "target", "met", "runs")


def alternating(ours: Callable[[], float], peer: Callable[[], float], runs: int) -> tuple[float, float]:
    """The medians of both figures, measured in turns, so that a busy moment of the machine hits both."""
    measured: tuple[list[float], list[float]] = ([], [])
    for n in range(runs):
        for which in (0, 1) if n % 2 == 0 else (1, 0):
            measured[which].append((ours, peer)[which]())
    return statistics.median(measured[0]), statistics.median(measured[1])


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def table(rows: Sequence[Row]) -> str:
    """The rows under their headings, in columns."""
    lines = [HEADINGS, *(row.to_line() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def as_json(rows: Sequence[Row]) -> str:
    """The one object of `--json`."""
    return json.dumps({"results": [row.to_json() for row in rows]}, indent=2)


def main(rows: Callable[..., Iterable[Row]], *, takes_media: bool = False) -> None:
    """For `python -m bench.NAME [--json] [--media DIR]`; the folder of media goes to `rows`, where it takes one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    if takes_media:
        parser.add_argument("--media", type=Path, metavar="DIR", help="measure with these files, not with made ones")
    given = parser.parse_args()
    measured = list(rows(given.media) if takes_media else rows())
    print(as_json(measured) if given.json else table(measured))
