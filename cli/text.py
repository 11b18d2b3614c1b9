"""Sizes, times and shares as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KILO = 1000
OF_COMPRESS = re.compile(r"^cli/\d{8}T\d{6}-[0-9a-f]+/")


def size(count_bytes: float | None) -> str:
    """Bytes with three digits: `2.83 MB`, `512 B`; a dash for none."""
    if count_bytes is None:
        return "–"
    value, unit = float(count_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(value) < 999.5 or unit == "TB":
            break
        value /= KILO
    if unit == "B":
        return f"{value:.0f} B"
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {unit}"


def saved(original: int | None, compressed: int | None) -> str:
    """How much smaller: `-87 %`; a dash where there is nothing to compare."""
    if not original or compressed is None:
        return "–"
    share = 100 * (1 - compressed / original)
    if share < 0.05:
        return "0 %"
    return f"−{share:.1f} %" if share >= 99.5 or share < 1 else f"−{share:.0f} %"


def seconds(value: float | None) -> str:
    """Seconds or minutes: `0.8 s`, `12 s`, `2:05 min`."""
    if value is None:
        return "–"
    if value >= 100:
        return f"{int(value) // 60}:{int(value) % 60:02d} min"
    return f"{value:.1f} s" if value < 9.95 else f"{value:.0f} s"


def first_line(problem: Exception) -> str:
    """What an error says, without what storage adds below."""
    return str(problem).strip().partition("\n")[0]


def verdict(job: Mapping[str, Any]) -> str:
    """How a job ended, with its code where that says more: `success`, `rejected (corrupt)`."""
    status, code = str(job.get("status")), job.get("error_code")
    return f"{status} ({code})" if code and code != status else status


def name(blob_name: object) -> str:
    """An upload as people know it, on one line: without the folder that makes the names of `./simpi compress` differ."""
    return one_line(OF_COMPRESS.sub("", str(blob_name or "–")))


def one_line(file_name: str) -> str:
    """A name on one line: file systems and storage take names of several."""
    return " ".join(file_name.splitlines())


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
