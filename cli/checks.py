"""What `./simpi doctor` says about one thing that it has looked at."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, WARNING, BAD = "ok", "warning", "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `fix` says what helps, where `state` is not ok."""

    name: str
    state: str
    found: str
    fix: str = ""
