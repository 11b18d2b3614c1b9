"""python -m devhost --app DIR --data DIR [--port 7071] [--workers N] [--storage CONNECTION_STRING]"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import traceback
from pathlib import Path

from devhost.host import Host, Options
from devhost.host_json import ConfigError
from devhost.logs import log_to_stderr
from devhost.ports import FIRST_PORT


def main() -> int:
    """Run the host in the foreground until Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 could not start."""
    parser = argparse.ArgumentParser(prog="python -m devhost", description="Run a Durable Functions app on one machine")
    parser.add_argument("--app", type=Path, required=True, help="the folder with function_app.py and host.json")
    parser.add_argument("--data", type=Path, required=True, help="the folder for everything that the host keeps")
    parser.add_argument(
        "--port",
        type=int,
        help=f"the port on 127.0.0.1, 0 for any free one (default {FIRST_PORT}, or the next free one)",
    )
    parser.add_argument("--workers", type=int, default=2, help="activity worker processes (default 2)")
    parser.add_argument("--storage", help="a storage connection string; without one Azurite is started")
    log_to_stderr("host")
    os.umask(0o077)  # what people have uploaded is nobody else's on this machine: Azurite and the workers inherit it
    try:
        # Not asyncio.run: it would wait for requests that are still under way.
        asyncio.new_event_loop().run_until_complete(Host(Options(**vars(parser.parse_args()))).run())
    except ConfigError as error:
        debug = logging.getLogger().isEnabledFor(logging.DEBUG)
        logging.getLogger("devhost").error("%s", error, exc_info=error.__cause__ if debug else None)
        return 1
    return 0


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    except Exception:  # noqa: BLE001 - whatever it is, the host ends here
        traceback.print_exc()
        logging.getLogger("devhost").error("the host could not start")
    finally:
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)  # the engine's threads do not end by themselves
