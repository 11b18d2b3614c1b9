"""`python -m sandbox`: run it, on loopback, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys

from aiohttp import web

from sandbox.app import Sandbox
from sandbox.database import Database


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM. The first line on stdout is the URL: from then on it answers."""
    database = await asyncio.to_thread(lambda: Database(options.database, strict=options.strict))
    sandbox = Sandbox(database, os.environ.get("SIMPI_API_TOKEN") or None, os.environ.get("WEBHOOK_SECRET") or None)
    runner = web.AppRunner(sandbox.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    if options.listener is None:
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
    else:
        await web.SockSite(runner, socket.socket(fileno=options.listener)).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()
    await runner.cleanup()
    database.close()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A stand-in for SIMPI. SIMPI_API_TOKEN and WEBHOOK_SECRET, if set, are asked for and checked.",
    )
    parser.add_argument(
        "--database", default="sqlite:///sandbox.db", help="sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    parser.add_argument("--port", type=int, default=7080, help="0 for any free one")
    parser.add_argument("--listener", type=int, metavar="FD", help="an open socket to listen on, instead of a port")
    parser.add_argument("--strict", action="store_true", help="answer 404 for steps that are not in the database yet")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
