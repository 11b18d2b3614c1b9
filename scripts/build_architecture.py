"""Write the tables of docs/architecture.md: each file with its one job, as the file itself says it.

Run `python scripts/build_architecture.py` after a file was added, moved, or got another first line.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
FOLDERS = ("triggers", "orchestrators", "activities", "core", "adapters", "config", "devhost", "cli", "sandbox")
TABLE = re.compile(r"(?<=<!-- files: begin -->\n).*(?=<!-- files: end -->)", re.DOTALL)


def job_of(path: Path) -> str:
    """The first sentence of a module: what the file is there for."""
    text = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0].rstrip(".").replace("|", "\\|")


def tables() -> str:
    """One table per folder, a row for each file in it."""
    parts = []
    for folder in FOLDERS:
        files = sorted(
            path for path in (ROOT / folder).rglob("*.py") if path.name not in ("__init__.py", "__main__.py")
        )
        rows = [
            f"| [{path.relative_to(ROOT / folder)}](../{path.relative_to(ROOT)}) | {job_of(path)} |" for path in files
        ]
        about = job_of(ROOT / folder / "__init__.py")
        parts.append(
            "\n".join([f"### {folder}/", "", f"{about}.", "", "| file | its one job |", "| --- | --- |", *rows])
        )
    return "\n" + "\n\n".join(parts) + "\n\n"


def built() -> str:
    """The page as it should be."""
    made = tables()
    return TABLE.sub(lambda _: made, PAGE.read_text())


if __name__ == "__main__":
    PAGE.write_text(built())
