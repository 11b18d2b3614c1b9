"""Starting the local stack in the background, once, and keeping it for the next command."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from cli import ROOT, program, stack, text
from cli.errors import Unreachable, UsageError
from cli.stack import Stack
from cli.target import of_stack
from devhost.host_json import ConfigError
from devhost.logs import keep_small
from devhost.ports import FIRST_PORT
from devhost.state import LOG, make_private

__all__ = ["FIRST_PORT", "command", "ensure", "prepare"]

READY_WAIT_S = 90.0
TAIL_LINES = 12


def ensure(data: Path, workers: int | None, tell: Callable[[str], None]) -> Stack:
    """The running stack of this data folder, or a new one in the background.

    A stack in the background that runs no job is started again when another number of workers is asked for, or when the
    app's files have changed since; one that is busy, or that `up` runs in a terminal, is left as it is.
    """
    prepare(data)
    with _only_one(data / "start.lock"):
        found = stack.running(data)
        if found is not None:
            reason = _why_again(found, workers)
            if reason is None:
                return found
            if not found.in_background or _has_open_jobs(found):
                tell(f"using the running stack although {reason}; `./simpi down` first for a new one")
                return found
            tell(f"starting the stack again: {reason}")
            stack.stop(data)
        return _start(data, workers)


def _has_open_jobs(found: Stack) -> bool:
    """Whether any job is waiting or running; true also if that cannot be told."""
    try:
        answer = of_stack(found).durable("GET", runtimeStatus="Pending,Running,Suspended", top="1", showInput="false")
    except Unreachable:
        return True
    return answer.status != 200 or bool(answer.body)


def _why_again(found: Stack, workers: int | None) -> str | None:
    if workers is not None and workers != found.workers:
        return f"it has {text.plural(found.workers, 'worker')}, not {workers}"
    if _app_changed_since(found.started_at):
        return "the app's files have changed since it was started"
    return None


def _app_changed_since(moment: datetime) -> bool:
    files = [ROOT / "function_app.py", ROOT / "host.json"]
    for part in ("triggers", "orchestrators", "activities", "core", "adapters", "config", "devhost"):
        files += [file for kind in ("*.py", "*/*.py", "*.toml") for file in (ROOT / part).glob(kind)]
    return any(file.stat().st_mtime > moment.timestamp() for file in files if file.exists())


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Two commands at once must not start two stacks."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(data: Path) -> None:
    """Make the data folder, for its owner only. Raises UsageError, where it cannot be one."""
    try:
        make_private(data)
    except ConfigError as problem:
        raise UsageError(str(problem), "Choose another: --data DIR, or SIMPI_DATA") from None


def command(data: Path, port: int | None, workers: int | None) -> list[str]:
    """How devhost is called. Without a port it takes the first free one."""
    given = {"--app": ROOT, "--data": data, "--port": port, "--workers": workers}
    return program.command("devhost", *(str(part) for pair in given.items() if pair[1] is not None for part in pair))


def _start(data: Path, workers: int | None) -> Stack:
    log = data / LOG
    keep_small(log)
    with open(log, "ab", opener=_private) as file:
        began_at = file.tell()
        child = subprocess.Popen(
            command(data, None, workers),
            cwd=ROOT,
            env=program.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        started = _wait(data, child, log, began_at)
    except BaseException:
        child.terminate()  # also on Ctrl-C: nothing half started stays behind
        raise
    (data / "background.json").write_text(json.dumps({"pid": child.pid}))
    return started


def _wait(data: Path, child: subprocess.Popen[bytes], log: Path, began_at: int) -> Stack:
    until = time.monotonic() + READY_WAIT_S
    while time.monotonic() < until:
        found = stack.read(data)
        if found is not None and found.pid == child.pid and stack.answers(found.url):
            return found
        if child.poll() is not None:
            raise Unreachable(_last_words(log, began_at), f"The whole log: {log}")
        time.sleep(0.05)
    raise Unreachable(
        f"the local stack was not ready within {READY_WAIT_S:.0f} s:\n{_tail(log, began_at)}", f"Log: {log}"
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _last_words(log: Path, began_at: int) -> str:
    """Why the host has ended: the last error that it has logged, or, where it has not come to that, its last lines."""
    errors = re.findall(r"^\S+ ERROR +host +(.+)$", _since(log, began_at), re.MULTILINE)
    return str(errors[-1]) if errors else f"the local stack ended while starting:\n{_tail(log, began_at)}"


def _since(log: Path, began_at: int) -> str:
    with log.open("rb") as file:
        file.seek(began_at)
        return file.read().decode("utf-8", "replace")


def _tail(log: Path, began_at: int) -> str:
    lines = _since(log, began_at).strip().splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines)
