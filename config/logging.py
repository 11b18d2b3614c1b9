"""One JSON line per event: newline-proof, and no secret is ever handed to it."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

_log = logging.getLogger("simpi")

_SECRETS = re.compile(
    r"(?i)(\b(?:sig|code|token|accountkey|accesskey|sharedaccesskey|access_token)=|\bbearer\s+|\bwhsec_)"
    r"[^&;,\s\"'\\]+"
)
"""What may hold a secret in a text that somebody else wrote, such as an error: its value is left out."""

for _noisy in ("azure.core.pipeline.policies.http_logging_policy", "azure.identity", "urllib3"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)


def log_event(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one event: a stable name, then what there is to know about it as JSON scalars."""
    line = json.dumps({"event": event, **fields}, ensure_ascii=True, default=str)
    _log.log(level, "%s", _SECRETS.sub(r"\1...", line))
