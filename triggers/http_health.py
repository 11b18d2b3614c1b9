"""`GET /api/health`: alive, how each dependency is, and what waits."""

import asyncio
import threading
import time
from collections.abc import Callable

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from config.rules import load_rules
from config.settings import settings
from core import naming
from core.deliveries import UNDELIVERED
from triggers.problems import answer

bp = df.Blueprint()

LEAST_FREE_BYTES = 512 * 1024**2
FRESH_S = 10.0
"""How long the numbers of what waits are believed: everybody may ask, and each answer costs some requests."""

_lock = threading.Lock()
_known: tuple[float, dict[str, int]] | None = None


class Unhealthy(Exception):
    """A dependency does not do what it should; the text says so, and what to do, to everybody."""


@bp.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_health(req: func.HttpRequest) -> func.HttpResponse:
    """Always 200 while the app answers: `status` says `ok` or `degraded`, and `checks` says what is wrong and what to do.

    `integrations` says what is configured, and `waiting` what has not arrived: jobs with something undelivered, and poison
    messages; null where the storage cannot be asked.
    """
    names = list(CHECKS)
    states = await asyncio.gather(*(asyncio.to_thread(_state, name) for name in names))
    checks = dict(zip(names, states, strict=True))
    config = settings()
    integrations = {
        "simpi": "on" if config.simpi_base_url else "off",
        "webhook": "on" if config.webhook_url else "off",
        "live": "on" if config.signalr_connection else "off",
    }
    waiting = await asyncio.to_thread(_waiting) if checks["storage"] == "ok" else None
    status = "ok" if all(state == "ok" for state in states) else "degraded"
    return answer({"status": status, "checks": checks, "integrations": integrations, "waiting": waiting})


def _state(name: str) -> str:
    check, help_ = CHECKS[name]
    try:
        check()
    except Unhealthy as problem:
        return str(problem)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a dependency is the answer; its text may hold paths
        return f"{help_} ({type(error).__name__})"
    return "ok"


def _disk() -> None:
    if tools.workspace().free_bytes() < LEAST_FREE_BYTES:
        raise Unhealthy(
            "Less than 512 MiB are free where workers work: give the disk room, or lower WORK_DIR_QUOTA_BYTES."
        )
    tools.workspace().can_write()


def _ffmpeg() -> None:
    from adapters.ffmpeg import tool_versions

    tool_versions(settings().ffmpeg_binary)


def _rules() -> None:
    """As the next start finds them: what runs goes on with those that it has read."""
    load_rules(settings().compression_rules)


CHECKS: dict[str, tuple[Callable[[], object], str]] = {
    "storage": (
        lambda: tools.blobs().ping(),
        "The storage does not answer: is it up, and may the app reach it with its key or role?",
    ),
    "ffmpeg": (_ffmpeg, "FFmpeg does not run: look at FFMPEG_BINARY, or run ./simpi doctor."),
    "disk": (
        _disk,
        "A worker cannot write where it works: is the folder of WORK_DIR writable, and the disk not full?",
    ),
    "rules": (
        _rules,
        "The rules file is broken, and nothing can start anew until it is mended: ./simpi doctor says in which line, "
        "where COMPRESSION_RULES is set as it is for the app.",
    ),
}
"""Each check, and what to do where it fails."""


def _waiting() -> dict[str, int] | None:
    """What waits, counted at most every few seconds, by one thread."""
    global _known
    with _lock:
        if _known is None or time.monotonic() - _known[0] > FRESH_S:
            try:
                _known = (time.monotonic(), _counted())
            except Exception:  # noqa: BLE001 - that the storage is not well is said by its check
                return None
        return _known[1]


def _counted() -> dict[str, int]:
    return {
        "undelivered": sum(1 for _ in tools.blobs().names(naming.RECEIPTS, UNDELIVERED)),
        "poison": sum(tools.queues().length(queue) for queue in (naming.POISON_QUEUE, *naming.HOST_POISON_QUEUES)),
    }
