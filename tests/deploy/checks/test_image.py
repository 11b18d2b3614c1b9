"""What the image is built from: all that the Dockerfile copies, and nothing that must not leave this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.deploy.checks.tools import inside
from tests.deploy.running import ROOT

COPIED = [
    source
    for line in (ROOT / "Dockerfile").read_text().splitlines()
    if line.startswith("COPY ") and "--from" not in line
    for source in line.split()[1:-1]
]


def context(root: Path = ROOT) -> list[str]:
    """The files that `az acr build` would send, by the Azure CLI's own code."""
    return list(inside("pack_context.py", str(root)))


def test_everything_that_the_dockerfile_copies_is_sent_and_little_else() -> None:
    sent = context()
    for source in COPIED:
        if (ROOT / source.rstrip("*")).exists():
            assert any(re.match(source.replace("*", ".*"), name) for name in sent), f"{source} is not sent"
    tops = {name.split("/")[0] for name in sent}
    assert tops <= {source.rstrip("*") for source in COPIED} | {"Dockerfile"}
    assert not [
        name
        for name in sent
        if re.search(r"node_modules|__pycache__|\.venv|\.git/|/tests?/|local\.settings|\.env|\.simpi", name)
    ]


def test_a_secret_beside_the_code_is_not_sent(tmp_path: Path) -> None:
    root = tmp_path / "copy"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file() and name.split("/")[0] in {*COPIED, "Dockerfile", ".dockerignore", "media-uploader"}:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    for planted in (
        "local.settings.json",
        "config/local.settings.json",
        "config/.env.local",
        ".env",
        "core/__pycache__/x.pyc",
        "my.env",
    ):
        (root / planted).parent.mkdir(parents=True, exist_ok=True)
        (root / planted).write_text("secret")
    sent = context(root)
    assert not [name for name in sent if re.search(r"local\.settings|\.env|pycache", name)]
