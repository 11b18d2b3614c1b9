"""Record `./simpi demo` as a picture of a terminal, for the README: `.venv/bin/python scripts/record_demo.py`."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "demo.svg"
COLUMNS = 124

# As rich writes it, but with fonts that the reader has: a picture in a README may load nothing.
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>./simpi demo</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def recorded() -> str:
    """What a user sees who types it, with its colours, from a stack that runs already."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "FORCE_COLOR": "1",
            "TTY_INTERACTIVE": "0",
            "COLUMNS": str(COLUMNS),
            "SIMPI_DATA": f"{folder}/data",
        }
        command = [sys.executable, str(ROOT / "simpi")]
        try:
            for _ in range(2):  # the second one is what a user sees from then on
                done = subprocess.run(
                    [*command, "demo"], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True,
                )  # fmt: skip
        finally:
            subprocess.run([*command, "down"], cwd=folder, env=environment, check=False, capture_output=True)
    return done.stdout.replace(folder, "~")


def main() -> None:
    """Write the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ ./simpi demo", style="bold"))
    for line in recorded().rstrip().splitlines():
        console.print(Text.from_ansi(line.rpartition("\r")[2]), overflow="ignore", crop=False)
    console.save_svg(str(PICTURE), title="simpi", code_format=FORMAT, unique_id="demo")


if __name__ == "__main__":
    main()
