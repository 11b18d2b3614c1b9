"""Where `./simpi` ends up: `python -m cli`."""

from __future__ import annotations

import os
import sys

LOOPBACK = "127.0.0.1,localhost"


def main() -> None:
    """Run the command line. A proxy in the environment is for the world outside, not for our own stack."""
    for name in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(name, "")
        if LOOPBACK not in given:
            os.environ[name] = f"{given},{LOOPBACK}" if given else LOOPBACK
    from cli.app import app

    try:
        app(prog_name="simpi")
    finally:
        _flush()


def _flush() -> None:
    """Send what is left to print; a reader that has gone, such as `head`, is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again when it ends


if __name__ == "__main__":
    main()
