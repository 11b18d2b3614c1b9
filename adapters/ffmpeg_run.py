"""Run one FFmpeg in its private folder: confined, watched, and killed with all its kin when it must end."""

from __future__ import annotations

import errno
import os
import re
import selectors
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from adapters import sandbox
from core.errors import Unprocessable, undecodable
from core.limits import Limits

POLL_S = 0.25
MAX_ERROR_BYTES, MAX_COUNTED_BYTES = 4096, 1 << 18
NOT_USED, REPEATED = b" not on whitelist ", b" Last message repeated "
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")
NO_MEMORY = re.compile(r"Cannot allocate memory|malloc of size|Out of memory", re.IGNORECASE)


class FfmpegKilledError(RuntimeError):
    """Somebody else killed FFmpeg (the machine ran out of memory, an operator): worth another try."""


@dataclass(frozen=True)
class Run:
    """What one finished run said: the end of its error output, and how many lines its first quarter of a megabyte had."""

    errors: str
    error_count: int


@cache
def ffmpeg_binary(path: str | None = None) -> str:
    """The FFmpeg to run: this one, or the pinned one that was installed with the app."""
    if path:
        return str(Path(path).resolve())
    import imageio_ffmpeg

    return str(Path(imageio_ffmpeg.get_ffmpeg_exe()).resolve())


@cache
def version(binary: str) -> str:
    """The version that FFmpeg tells."""
    done = subprocess.run(
        [binary, "-hide_banner", "-version"],
        env=sandbox.clean_environment(),
        capture_output=True,
        timeout=30,
        check=True,
    )
    words = done.stdout.decode("utf-8", "replace").split()
    return words[2] if len(words) > 2 else "unknown"


def prepare(folder: Path, source: Path) -> None:
    """Make the private folder ready: the source as `in.bin` (a hard link, else a copy), and `out/` to write to."""
    target = folder / "in.bin"
    (folder / "out").mkdir()
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def run(
    binary: str,
    argv: list[str],
    folder: Path,
    limits: Limits,
    *,
    duration_s: float,
    deadline: float,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Run:
    """Run FFmpeg to its end and tell the progress (0–99) on the way.

    Raises: Unprocessable (time_limit, cancelled, out_of_memory, corrupt); OSError (disk full); FfmpegKilledError.
    """
    left_s = max(1.0, deadline - time.monotonic())
    command = sandbox.confined(
        [binary, *argv],
        folder,
        folder / "out",
        memory_bytes=limits.video_memory_bytes,
        file_bytes=limits.max_output_bytes,
        cpu_s=left_s * (os.cpu_count() or 1),
    )
    with (folder / "errors.txt").open("w+b") as errors:
        process = sandbox.start(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )  # fmt: skip
        try:
            with process.stdout as output:  # type: ignore[union-attr]
                _watch(output, duration_s, deadline, on_progress, cancelled)
            process.wait(timeout=max(1.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Unprocessable("time_limit", "it took longer than allowed") from None
        finally:
            sandbox.kill(process)
        return _judged(process.returncode, errors)


def _watch(
    output: IO[bytes],
    duration_s: float,
    deadline: float,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> None:
    """Follow `-progress` until FFmpeg closes its output."""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        buffer = b""
        while True:
            if cancelled():
                raise Unprocessable("cancelled", "the job was cancelled")
            if time.monotonic() > deadline:
                raise Unprocessable("time_limit", "it took longer than allowed")
            if not selector.select(POLL_S):
                continue
            data = os.read(output.fileno(), 65536)
            if not data:
                return
            *lines, rest = (buffer + data).split(b"\n")
            buffer = rest[-MAX_ERROR_BYTES:]
            for line in lines:
                if line.startswith(b"out_time_us=") and duration_s > 0 and line[12:28].isdigit():
                    on_progress(min(99.0, int(line[12:28]) / 10_000 / duration_s))


def _judged(code: int, errors: IO[bytes]) -> Run:
    text, count = tail_and_lines(errors)
    if code == 0:
        return Run(text, count)
    if NO_SPACE.search(text):
        raise OSError(errno.ENOSPC, "no space left for the video")
    if code in (-signal.SIGKILL, -signal.SIGTERM):
        raise FfmpegKilledError(f"FFmpeg was killed ({code})")
    if code == -signal.SIGXCPU:
        raise Unprocessable("time_limit", "it took more computing time than allowed")
    if NO_MEMORY.search(text):
        raise Unprocessable("out_of_memory", "it needs more memory than is allowed")
    raise undecodable("its picture or sound cannot be decoded", text or f"exit code {code}")


def tail_and_lines(errors: IO[bytes]) -> tuple[str, int]:
    """The end of what was said, and the lines of its beginning: a line may be as long as a file may be.

    That a decoder is not used (for subtitles, which are left out) is no error of the file.
    """
    size_bytes = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size_bytes - MAX_ERROR_BYTES))
    text = errors.read(MAX_ERROR_BYTES).decode("utf-8", "replace").strip()
    errors.seek(0)
    return text, sum(_complaints(errors.read(MAX_COUNTED_BYTES).split(b"\n")[:-1]))


def _complaints(lines: list[bytes]) -> Iterator[bool]:
    """Whether each line tells of an error."""
    counts = True
    for line in lines:
        counts = NOT_USED not in line and (counts or REPEATED not in line)
        yield counts


def taken(folder: Path, name: str, to: Path) -> Path | None:
    """Move what FFmpeg wrote into `out/` to here; None, if it wrote nothing.

    A link in its place would make us publish another file. Raises: Unprocessable.
    """
    made = folder / "out" / name
    try:
        made.rename(to)
        descriptor = os.open(to, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise Unprocessable("corrupt", "FFmpeg left a link instead of a file") from None
    found = os.fstat(descriptor)
    os.close(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise Unprocessable("corrupt", "FFmpeg left something else than a file")
    return to if found.st_size else None
