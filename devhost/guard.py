"""Starts a program that must not outlive its parent: `python -I -S guard.py PARENT_PID SIGNAL PROGRAM ARGS…`

On Linux the kernel sends SIGNAL when the parent dies, and this process becomes the program. Elsewhere this process
stays, watches its parent, and sends the signal itself.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
ON_LINUX = sys.platform.startswith("linux")


def guarded(command: Sequence[str], death: signal.Signals) -> list[str]:
    """A command that runs another one and ends it by `death` when this process ends, however it does."""
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), str(int(death)), *command]  # noqa: PTH100


def die_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent dies (Linux only; elsewhere it does nothing)."""
    if ON_LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)  # it died before we could ask


def main() -> None:
    """Become, or watch over, the program."""
    parent, signal_number, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    die_with_parent(parent, signal_number)
    if ON_LINUX:
        os.execv(command[0], command)  # noqa: S606 - that is the point
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(signal_number)
            break
        time.sleep(0.5)
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
