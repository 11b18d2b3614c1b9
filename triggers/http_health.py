"""`GET /api/health`: alive, and how each dependency is."""

import asyncio
from collections.abc import Callable

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from config.settings import settings
from triggers.problems import answer

bp = df.Blueprint()

LEAST_FREE_BYTES = 512 * 1024**2


@bp.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def get_health(req: func.HttpRequest) -> func.HttpResponse:
    """Always 200 while the app answers: `status` says `ok` or `degraded`, and `checks` says what is wrong."""
    names = list(CHECKS)
    states = await asyncio.gather(*(asyncio.to_thread(_state, CHECKS[name]) for name in names))
    checks = dict(zip(names, states, strict=True))
    config = settings()
    integrations = {
        "simpi": "on" if config.simpi_base_url else "off",
        "webhook": "on" if config.webhook_url else "off",
        "live": "on" if config.signalr_connection else "off",
    }
    fine = all(state == "ok" for state in states)
    return answer({"status": "ok" if fine else "degraded", "checks": checks, "integrations": integrations})


def _state(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a dependency is the answer; details are in the log
        return type(error).__name__
    return "ok"


def _disk() -> None:
    if tools.workspace().free_bytes() < LEAST_FREE_BYTES:
        raise OSError("less than 512 MiB free")


def _ffmpeg() -> None:
    from adapters.ffmpeg import tool_versions

    tool_versions(settings().ffmpeg_binary)


CHECKS: dict[str, Callable[[], object]] = {
    "storage": lambda: tools.blobs().ping(),
    "ffmpeg": _ffmpeg,
    "disk": _disk,
    "rules": tools.rules,
}
