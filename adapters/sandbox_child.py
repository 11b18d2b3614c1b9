"""The program of a warm child: takes tasks with open files over a socket, answers with small JSON values.

It never looks at media itself: every task is done by a copy of it (a fork, about 2 ms) that ends with the task. So what
takes a decoder over finds one upload, and nothing of it is there when the next one comes. It holds no path and no secret:
the parent opens the files and passes their descriptors. Started by `sandbox.python_child`.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

TASKS = {
    "probe": ("adapters.probe_task", "probe"),
    "image": ("adapters.image_task", "make"),
    "in_order": ("adapters.probe_task", "in_order"),
    "seekable": ("adapters.probe_task", "seekable"),
    "choose_frame": ("adapters.poster_task", "choose_frame"),
    "versions": ("adapters.probe_task", "versions"),
}
MAX_MESSAGE_BYTES = 1 << 20
NEEDED = ("adapters.image_open", "adapters.image_task", "adapters.probe_task")
LATER = ["adapters.probe_video", "adapters.poster_task", "pillow_heif", "PIL.AvifImagePlugin"]
"""Loaded while nobody asks for anything, or after these first tasks, so that the copies need not."""
IDLE_S, FIRST_TASKS = 0.05, 3


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """One message and the files that came with it; None when the parent is gone."""
    data, files, _, _ = socket.recv_fds(connection, 65536, 4)
    while data and not data.endswith(b"\n") and len(data) < MAX_MESSAGE_BYTES:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    return (json.loads(data), files) if data else None


def answer(task: dict[str, Any], files: list[int]) -> dict[str, Any]:
    """Do one task. What a decoder raises on bad input is told, not raised: any type has been seen."""
    from adapters.sandbox_output import OutputError
    from core.errors import Unprocessable, undecodable

    module, name = TASKS[task["task"]]
    try:
        return {"ok": True, "result": getattr(import_module(module), name)(*files, **task["arguments"])}
    except Unprocessable as error:
        return {"ok": False, "code": error.code, "detail": error.detail[:500]}
    except MemoryError:
        return {"ok": False, "code": "out_of_memory", "detail": "it needs more memory than is allowed"}
    except OutputError as error:
        return {"ok": False, "errno": error.errno or 0, "detail": str(error)[:500]}
    except Exception as error:  # noqa: BLE001 - decoders raise anything on bad input
        told = undecodable("it cannot be decoded", f"{type(error).__name__}: {error}")
        return {"ok": False, "code": told.code, "detail": told.detail}


def main() -> None:
    config = json.loads(sys.argv[1])
    root = Path(__file__).resolve().parents[1]
    sys.path[:] = [*(path for path in sys.path if "python" in path), *config["search"]]
    sys.path.insert(0, str(root))
    from adapters.sandbox_confine import adopt_orphans, confine

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=config["socket_fd"])
    try:
        confine(config)
        adopt_orphans()
        for name in NEEDED:
            import_module(name)
        serve(connection)
    except ConnectionError:
        return  # the parent is gone
    except Exception as error:  # noqa: BLE001 - ours, not a decoder's: it must be heard of
        connection.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode() + b"\n")


def serve(connection: socket.socket) -> None:
    """Have tasks answered until the parent closes the connection."""
    later, done = list(LATER), 0
    while True:
        while later and (done >= FIRST_TASKS or not select.select([connection], [], [], IDLE_S)[0]):
            import_module(later.pop(0))
        gc.freeze()  # what is there now stays: the copies share it
        if (message := receive(connection)) is None:
            return
        connection.sendall(apart(connection, *message))
        done += 1


def apart(connection: socket.socket, task: dict[str, Any], files: list[int]) -> bytes:
    """Have one task done by a copy of this process; its answer as one line, or the signal that ended it."""
    reads, writes = os.pipe()
    own = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        connection.close()
        work(own, task, files, writes)
    for descriptor in (writes, *files):
        os.close(descriptor)
    with open(reads, "rb") as pipe:  # noqa: PTH123 - a descriptor
        said = pipe.read(MAX_MESSAGE_BYTES)
    ended = os.waitpid(pid, 0)[1]
    if _others():
        os._exit(1)  # the parent then kills the whole group
    if os.WIFSIGNALED(ended):
        said = json.dumps({"signal": os.WTERMSIG(ended)}).encode()
    return said.replace(b"\n", b" ") + b"\n"  # one answer per task, whatever it says


def work(parent: int, task: dict[str, Any], files: list[int], writes: int) -> NoReturn:
    """Do one task as the copy, and end."""
    from adapters.sandbox_calls import deny_processes
    from adapters.sandbox_confine import die_with_parent

    try:
        die_with_parent(parent)
        deny_processes(programs=True)
        with open(writes, "wb") as pipe:
            pipe.write(json.dumps(answer(task, files)).encode())
    finally:
        os._exit(0)


def _others() -> bool:
    """Whether a copy that ended left processes behind."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    main()
