"""What was injected and survived, as one table at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest


class Tally:
    """Faults by kind: how many were injected, and how the jobs that met them ended."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))

    def add(self, kind: str, **counts: int) -> None:
        """Count for one kind of fault."""
        for column, count in counts.items():
            self.rows[kind][column] += count


COLUMNS = ("faults", "jobs", "once", "lost", "doubled", "orphans", "temp")
TALLY = Tally()


@pytest.fixture
def tally() -> Iterator[Tally]:
    """The table of this run."""
    yield TALLY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if TALLY.rows:
        terminalreporter.write_sep("-", "faults injected and survived")
        terminalreporter.write_line(f"{'fault':40}" + "".join(f"{column:>9}" for column in COLUMNS))
        for kind, row in TALLY.rows.items():
            terminalreporter.write_line(f"{kind:40}" + "".join(f"{row[column]:>9}" for column in COLUMNS))
