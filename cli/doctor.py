"""`./simpi doctor`: is everything there that the system needs, and what to do where it is not. Here: the machine."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from cli import ROOT, doctor_stack, stack, text
from cli.checks import BAD, GOOD, WARNING, Check
from devhost.state import unwritable

LEAST_DISK_BYTES, LEAST_MEMORY_BYTES = 2_000_000_000, 1_000_000_000
SET_UP_AGAIN = "Remove .venv and call ./simpi again."


def examine(data: Path) -> list[Check]:
    """Look at everything; no check hides another's failure."""
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("python", _python),
        ("packages", _packages),
        ("ffmpeg", _ffmpeg),
        ("pillow", _pillow),
        ("heif", _heif),
        ("node", _node),
        ("azurite", _azurite),
        ("disk", lambda: _disk(data)),
        ("memory", _memory),
        ("sandbox", _sandbox),
        ("settings", doctor_stack.settings),
        ("rules", doctor_stack.rules),
        ("port", lambda: _port(data)),
        ("stack", lambda: doctor_stack.stack_of(data)),
    ]
    return [_guarded(name, look) for name, look in checks] + doctor_stack.left_over(data)


def to_json(checks: list[Check]) -> dict[str, object]:
    """What `--json` prints."""
    return {"ok": all(check.state != BAD for check in checks), "checks": [asdict(check) for check in checks]}


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as problem:  # noqa: BLE001 - whatever breaks while looking is what the user came for
        return Check(name, BAD, f"{type(problem).__name__}: {problem}", SET_UP_AGAIN)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    return Check("python", GOOD if good else BAD, f"{version} in {sys.prefix}", "" if good else "Install Python 3.11.")


def _packages() -> Check:
    wrong, count = [], 0
    for line in (ROOT / "requirements-dev.txt").read_text().splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)==(\S+)\s*(;.*)?$", line)
        if pin is None or (pin[3] and "win32" in pin[3]):
            continue
        count += 1
        try:
            installed = importlib.metadata.version(pin[1])
        except importlib.metadata.PackageNotFoundError:
            installed = "missing"
        if installed != pin[2]:
            wrong.append(f"{pin[1]} {installed} (wanted {pin[2]})")
    if wrong:
        return Check("packages", BAD, ", ".join(wrong), SET_UP_AGAIN)
    return Check("packages", GOOD, f"{count} packages as pinned")


def _ffmpeg() -> Check:
    from cli.demo_media import ffmpeg

    fix = (
        "Unset FFMPEG_BINARY, or point it to an FFmpeg with libx264 and aac."
        if "FFMPEG_BINARY" in os.environ
        else SET_UP_AGAIN
    )
    try:
        binary = ffmpeg()
        version, encoders = (_output(binary, "-hide_banner", option) for option in ("-version", "-encoders"))
    except (OSError, RuntimeError) as problem:
        return Check("ffmpeg", BAD, str(problem), fix)
    missing = [name for name in ("libx264", "aac") if not re.search(rf"^\s*[VA]\S+\s+{name}\s", encoders, re.MULTILINE)]
    found = " ".join(version.split()[:3]) + f" ({binary})"
    if missing:
        return Check("ffmpeg", BAD, f"{found} without {', '.join(missing)}", fix)
    return Check("ffmpeg", GOOD, found)


def _pillow() -> Check:
    import PIL
    from PIL import features

    missing = [name for name in ("webp", "jpg", "zlib", "avif") if not features.check(name)]
    needed = [name for name in missing if name != "avif"]
    state = BAD if needed else WARNING if missing else GOOD
    found = f"Pillow {PIL.__version__}" + (
        f" without {', '.join(missing)}" if missing else " with webp, jpeg, png, avif"
    )
    return Check("pillow", state, found, "" if state == GOOD else SET_UP_AGAIN)


def _heif() -> Check:
    import pillow_heif

    return Check("heif", GOOD, f"pillow-heif {pillow_heif.__version__}, libheif {pillow_heif.libheif_version()}")


def _node() -> Check:
    from devhost.host_json import ConfigError
    from devhost.node import node

    try:
        binary = str(node())
    except ConfigError as problem:
        return Check("node", BAD, "none", f"{problem}; or: {SET_UP_AGAIN}")
    return Check("node", GOOD, f"{_output(binary, '--version').strip()} ({binary})")


def _azurite() -> Check:
    package = ROOT / "devhost" / "azurite" / "node_modules" / "azurite" / "package.json"
    if not package.exists():
        return Check("azurite", BAD, "not installed", "Remove devhost/azurite/node_modules and call ./simpi again.")
    return Check("azurite", GOOD, str(json.loads(package.read_text())["version"]))


def _disk(data: Path) -> Check:
    folder = next(path for path in (data, *data.parents) if path.exists())
    elsewhere = "Or another folder: --data DIR, or SIMPI_DATA."
    if not folder.is_dir():
        return Check("disk", BAD, f"{folder} is a file", f"The data folder cannot lie there. {elsewhere}")
    if why := unwritable(folder):
        return Check("disk", BAD, f"{folder}: {why}", f"Let yourself write there. {elsewhere}")
    free = shutil.disk_usage(folder).free
    state = GOOD if free >= LEAST_DISK_BYTES else BAD
    fix = "" if state == GOOD else f"Make room: uploads, work folders and results all lie there. {elsewhere}"
    return Check("disk", state, f"{text.size(free)} free in {folder}", fix)


def _memory() -> Check:
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    meminfo = Path("/proc/meminfo")
    if meminfo.exists() and (available := re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text())):
        free = int(available[1]) * 1024
    state = GOOD if free >= LEAST_MEMORY_BYTES else WARNING
    return Check(
        "memory",
        state,
        f"{text.size(free)} available",
        "" if state == GOOD else "Large videos may fail: close something.",
    )


LAYERS = """
import json
from adapters.sandbox import layers, missing_layers
found = layers()
print(json.dumps([list(found), missing_layers(found)]))
"""


def _sandbox() -> Check:
    """Which protections hold around the decoders, asked of the app itself in a process of its own."""
    command = [sys.executable, "-c", LAYERS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    found, missing = json.loads(done.stdout)
    if missing:
        return Check("sandbox", WARNING, ", ".join(found), f"Not on this machine: {'; '.join(missing)}")
    return Check("sandbox", GOOD, f"decoders run behind {', '.join(found)}")


def _port(data: Path) -> Check:
    from devhost.ports import FIRST_PORT, is_free

    ours = stack.running(data)
    if ours is not None and ours.url.endswith(f":{FIRST_PORT}"):
        return Check("port", GOOD, f"{FIRST_PORT} is used by the running stack")
    if is_free(FIRST_PORT):
        return Check("port", GOOD, f"{FIRST_PORT} is free")
    return Check(
        "port", WARNING, f"{FIRST_PORT} is in use", "The next free one is taken; or choose: ./simpi up --port N"
    )


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout
