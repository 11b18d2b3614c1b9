"""Where `./simpi` ends up: `python -m cli`."""

from __future__ import annotations

import os

LOOPBACK = "127.0.0.1,localhost"


def main() -> None:
    """Run the command line. A proxy in the environment is for the world outside, not for our own stack."""
    for name in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(name, "")
        if LOOPBACK not in given:
            os.environ[name] = f"{given},{LOOPBACK}" if given else LOOPBACK
    from cli.app import app

    app(prog_name="simpi")


if __name__ == "__main__":
    main()
