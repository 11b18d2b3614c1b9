"""The peers: other programs that make the same picture, each in a process of its own that stays warm.

pyvips and sharp are installed at the first run, for the benchmarks only, below `.simpi/bench/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.media import FOLDER

PACKAGES = FOLDER / "packages"
PYVIPS = ("pyvips==3.1.1", "pyvips-binary==8.18.0")
SHARP = "sharp@0.35.5"

NAIVE = """
import io, json, sys, time
from PIL import Image
METHODS = {"fast": 2, "balanced": 4, "small": 6}
for line in sys.stdin:
    job = json.loads(line)
    with open(job["source"], "rb") as file:
        data = file.read()
    picture = Image.open(io.BytesIO(data))
    picture.thumbnail((2048, 2048))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=85, method=METHODS[job["effort"]])
    with open(job["target"], "wb") as file:
        file.write(out.getvalue())
    print("done", flush=True)
"""

VIPS = """
import json, sys
import pyvips
for line in sys.stdin:
    job = json.loads(line)
    picture = pyvips.Image.thumbnail(job["source"], 2048, height=2048, size="down")
    picture.webpsave(job["target"], Q=85, effort={"fast": 2, "balanced": 4, "small": 6}[job["effort"]], keep="none")
    print("done", flush=True)
"""

SHARP_JS = """
const sharp = require('sharp');
sharp.cache(false);
const efforts = {fast: 2, balanced: 4, small: 6};
const lines = require('readline').createInterface({input: process.stdin});
let last = Promise.resolve();
lines.on('line', line => { last = last.then(async () => {
  const job = JSON.parse(line);
  await sharp(job.source).rotate().resize(2048, 2048, {fit: 'inside', withoutEnlargement: true})
    .webp({quality: 85, effort: efforts[job.effort]}).toFile(job.target);
  console.log('done');
}); });
"""


class Missing(RuntimeError):
    """What a comparison needs is not here and could not be installed; the text is one line."""


class Peer:
    """A warm process that makes one picture per line."""

    def __init__(self, name: str, command: list[str], more: dict[str, str] | None = None) -> None:
        self.name, self.target = name, FOLDER / f"{name}.webp"
        environment = {**os.environ, **(more or {})}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment
        )

    def seconds(self, source: Path, effort: str) -> float:
        """Make one picture; how long it took, in seconds."""
        assert self._process.stdin and self._process.stdout
        job = {"source": str(source), "target": str(self.target), "effort": effort}
        begun = time.perf_counter()
        self._process.stdin.write(json.dumps(job) + "\n")
        if self._process.stdout.readline().strip() != "done":
            raise RuntimeError(f"{self.name} failed")
        return time.perf_counter() - begun

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()


def naive() -> Peer:
    """Pillow as most people write it: all bytes, thumbnail, save."""
    return Peer("naive", [sys.executable, "-c", NAIVE])


def vips() -> Peer:
    """pyvips, as its authors advise: thumbnail from the file."""
    target = PACKAGES / "python"
    if not (target / "pyvips").exists():
        _install(target, *PYVIPS)
    return Peer("pyvips", [sys.executable, "-c", VIPS], {"PYTHONPATH": str(target)})


def sharp() -> Peer:
    """sharp, on Node."""
    folder = PACKAGES / "node"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing("sharp needs Node and npm on PATH")
    if not (folder / "node_modules" / "sharp").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        _run("sharp", [npm, "install", "--no-audit", "--no-fund", "--silent", SHARP], folder)
    return Peer("sharp", [node, "-e", SHARP_JS], {"NODE_PATH": str(folder / "node_modules")})


def _install(target: Path, *packages: str) -> None:
    """Put packages into a folder of their own, by uv or by pip, whichever made our environment."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    tool = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    _run(" and ".join(packages), [*tool, "-q", "--target", str(target), *packages])


def _run(what: str, command: list[str], folder: Path | None = None) -> None:
    """Install something. Raises: Missing, with the last line that the installer said."""
    done = subprocess.run(
        command, check=False, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if done.returncode != 0:
        said = [line.strip() for line in done.stdout.splitlines() if line.strip()] or ["is the network there?"]
        raise Missing(f"{what} could not be installed: {said[-1]}")


def ssimulacra2(reference: Path, picture: Path) -> float:
    """How alike two pictures look, at most 100; 1 point is hard to see.

    Raises: Missing.
    """
    target = PACKAGES / "python-quality"
    if not (target / "ssimulacra2").exists():
        _install(target, "ssimulacra2==0.3.0")
    code = "import sys; from ssimulacra2 import compute_ssimulacra2 as score; print(score(sys.argv[1], sys.argv[2]))"
    environment = {**os.environ, "PYTHONPATH": str(target)}
    command = [sys.executable, "-c", code, str(reference), str(picture)]
    return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
