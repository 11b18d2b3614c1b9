"""The program of a warm child: takes tasks with open files over a socket, answers with small JSON values.

It holds no path and no secret: the parent opens the files and passes their descriptors. Started by `sandbox.python_child`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TASKS = {
    "probe": ("adapters.probe_task", "probe"),
    "image": ("adapters.image_task", "make"),
    "in_order": ("adapters.probe_task", "in_order"),
    "seekable": ("adapters.probe_task", "seekable"),
    "choose_frame": ("adapters.poster_task", "choose_frame"),
    "versions": ("adapters.probe_task", "versions"),
}
MAX_MESSAGE_BYTES = 1 << 20


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
    from core.errors import Unprocessable

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
        return {"ok": False, "code": "corrupt", "detail": f"{type(error).__name__}: {error}"[:500]}


def main() -> None:
    config = json.loads(sys.argv[1])
    root = Path(__file__).resolve().parents[1]
    sys.path[:] = [*(path for path in sys.path if "python" in path), *config["search"]]
    sys.path.insert(0, str(root))
    from adapters.sandbox_confine import confine

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=config["socket_fd"])
    try:
        confine(config)
        import_module("adapters.image_open")
        serve(connection)
    except ConnectionError:
        return  # the parent is gone
    except Exception as error:  # noqa: BLE001 - ours, not a decoder's: it must be heard of
        connection.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode() + b"\n")


def serve(connection: socket.socket) -> None:
    """Answer tasks until the parent closes the connection."""
    while (message := receive(connection)) is not None:
        task, files = message
        try:
            reply = answer(task, files)
        finally:
            for descriptor in files:
                try:
                    os.close(descriptor)
                except OSError:
                    continue
        connection.sendall(json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    main()
