"""A reader can follow the pages line by line: every command in them is run here in a shell, as it stands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from devhost.testing import eventually
from tests.cli.calling import Caller
from tests.conftest import ROOT
from tests.stack import media

PAGES = ("README.md", "docs/operations.md", "docs/on-one-machine.md", "CONTRIBUTING.md", "docs/web.md")
RUN_BY_OTHERS = {"docs/deploy.md": "tests/deploy/checks", "docs/runbook.md": "tests/deploy/checks"}

ELSEWHERE = {
    "./simpi test": "this very run",
    "./simpi test --deploy": "runs the two pages on deploying; installs 600 MB",
    "./simpi test --coverage": "this very run again",
    "./simpi test --browser": "needs a Chromium",
    "./simpi test --browser --screenshots": "needs a Chromium, and writes pictures",
    "./simpi bench durable": "minutes long; it measures, and asserts nothing",
    ".venv/bin/uv pip compile": "asks the package index",
    "cd media-uploader && npm run dev": "runs for ever",
    "az storage cors add": "needs Azure",
    ".venv/bin/python media-uploader/build.py": "`./simpi up` runs it, above",
}
SETS = ("--corpus", "--chaos", "--postgres", "tests/web")
"""Sets of tests that would take long: here they are only collected."""


def commands(page: str) -> list[str]:
    """The lines that begin with `$ ` in a page's console blocks, without their remarks."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    found = [line.strip().removeprefix("$ ") for line in lines if line.strip().startswith("$ ")]
    return [re.sub(r"\s+# .*", "", line).strip() for line in found]


class Reader(Caller):
    """Somebody with the files that the pages speak of, who types what they say."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        pictures = folder / "Pictures"
        pictures.mkdir()
        (pictures / "garden.jpg").write_bytes(media.photo(640, 480, seed=41))
        for name in ("photo.heic", "photo.jpg"):
            (folder / name).write_bytes(media.photo(640, 480, seed=42))
        (folder / "holiday.mov").write_bytes(media.clip(1))
        (folder / "broken.jpg").write_bytes(b"no picture")
        launcher = folder / "simpi"
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "simpi"}" "$@"\n')
        launcher.chmod(0o755)
        self.env |= {"HOME": str(folder)}

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of a page, with what its reader would put for the words in capitals."""
        for word, meant in self.meant(line).items():
            line = re.sub(rf"(?<![\w-]){re.escape(word)}(?!\w)", meant, line)
        return subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.env | self.addresses(), check=False, capture_output=True,
            text=True, timeout=280,
        )  # fmt: skip

    def meant(self, line: str) -> dict[str, str]:
        """`ID` is a job that has ended well, or one that has not, where it is to be driven again."""
        if not re.search(r"media-…|[A-Z]{2}", line):
            return {}
        jobs = self("list", "--json").json["jobs"]
        wanted = "rejected" if "redrive" in line else "success"
        own_id = next(job["instance_id"] for job in jobs if job["status"] == wanted)
        return {"media-…": own_id, "ID": own_id, "FOLDER": "Pictures", "BATCH": "batch-" + "0" * 32}

    def addresses(self) -> dict[str, str]:
        stack = self.data / "stack.json"
        told = json.loads(stack.read_text()) if stack.exists() else {}
        return {"URL": told.get("url", ""), "KEY": told.get("system_key", "")}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One reader for all pages, in their order."""
    made = Reader(tmp_path_factory.mktemp("reader") / "at-home")
    yield made
    made("down")


@pytest.mark.timeout(580)
@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_works(reader: Reader, page: str) -> None:
    reader("compress", "photo.jpg", "broken.jpg")  # a page may be read alone: there is a stack, and a job of each kind
    for line in commands(page):
        if any(line == one or (line.startswith(one + " ") and one != "./simpi test") for one in ELSEWHERE):
            continue
        if line == "./simpi up":
            up_and_ctrl_c(reader)
            continue
        wanted = line + " --collect-only -q" if line.startswith("./simpi test ") and is_a_set(line) else line
        done = reader.types(wanted)
        assert done.returncode == 0, f"$ {line}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"


def is_a_set(line: str) -> bool:
    return any(word in SETS for word in line.split())


def up_and_ctrl_c(reader: Reader) -> None:
    """What a reader does with it: open the page, and end it."""
    reader("down")
    call = reader.begin("up", "--no-open")
    try:
        assert call.stdout is not None
        url = next(found[1] for line in call.stdout if (found := re.search(r"web page +(http\S+)", line)))
        eventually(lambda: "<title" in requests.get(url, timeout=20).text, 240)
    finally:
        os.killpg(call.pid, signal.SIGINT)
        call.wait(timeout=60)
        call.stdout.close() if call.stdout else None
    reader("compress", "photo.jpg")  # the next lines want a stack again


def test_every_page_with_commands_is_read() -> None:
    pages = [path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]]
    assert {page for page in pages if commands(page)} == {*PAGES, *RUN_BY_OTHERS} - {"docs/on-one-machine.md"}


def test_the_snippet_without_our_command_line_works(reader: Reader) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "on-one-machine.md").read_text(), re.DOTALL)
    reader("compress", "photo.jpg")
    (reader.folder / ".simpi").mkdir(exist_ok=True)
    here = reader.folder / ".simpi" / "data"
    here.unlink(missing_ok=True)
    here.symlink_to(reader.data)
    (reader.folder / "snippet.py").write_text(snippet)
    done = subprocess.run(
        [sys.executable, "snippet.py"], cwd=reader.folder, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert requests.get(done.stdout.splitlines()[-1], timeout=20).headers["content-type"] == "image/webp"
