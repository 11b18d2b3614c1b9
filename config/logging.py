"""One JSON line per event: newline-proof, and no secret is ever handed to it."""

from __future__ import annotations

import json
import logging
from typing import Any

_log = logging.getLogger("simpi")

for _noisy in ("azure.core.pipeline.policies.http_logging_policy", "azure.identity", "urllib3"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)


def log_event(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one event: a stable name, then what there is to know about it as JSON scalars."""
    _log.log(level, "%s", json.dumps({"event": event, **fields}, ensure_ascii=True, default=str))
