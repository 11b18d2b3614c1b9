"""Starting the local stack in the background, once, and keeping it for the next command."""

from __future__ import annotations

import contextlib
import fcntl
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from cli import ROOT, program, stack, text
from cli.errors import Unreachable
from cli.stack import Stack
from cli.target import of_stack
from devhost.ports import next_free

FIRST_PORT = 7071
READY_WAIT_S = 90.0
LOG_LIMIT_BYTES = 10_000_000
TAIL_LINES = 12


def ensure(data: Path, workers: int | None, tell: Callable[[str], None]) -> Stack:
    """The running stack of this data folder, or a new one in the background.

    A stack in the background that runs no job is started again when another number of workers is asked for, or when the
    app's files have changed since; one that is busy, or that `up` runs in a terminal, is left as it is.
    """
    data.mkdir(parents=True, exist_ok=True)
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


def command(data: Path, port: int, workers: int | None) -> list[str]:
    """How devhost is called."""
    options = ["--app", str(ROOT), "--data", str(data), "--port", str(port)]
    return program.command("devhost", *options, *([] if workers is None else ["--workers", str(workers)]))


def _start(data: Path, workers: int | None) -> Stack:
    log = data / "devhost.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as file:
        began_at = file.tell()
        child = subprocess.Popen(
            command(data, next_free(FIRST_PORT), workers),
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
            raise Unreachable(f"the local stack ended while starting:\n{_tail(log, began_at)}", f"The whole log: {log}")
        time.sleep(0.05)
    raise Unreachable(
        f"the local stack was not ready within {READY_WAIT_S:.0f} s:\n{_tail(log, began_at)}", f"Log: {log}"
    )


def _tail(log: Path, began_at: int) -> str:
    with log.open("rb") as file:
        file.seek(began_at)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines)
