"""The sandbox is for this machine's own programs: no web page gets at what lies in it."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.outside.conftest import Simpi


def test_pages_from_elsewhere_may_neither_read_nor_send(tmp_path: Path) -> None:
    simpi = Simpi(f"sqlite:///{tmp_path / 'sandbox.db'}")
    try:
        state, hooks = f"{simpi.url}/sandbox/state", f"{simpi.url}/webhooks"
        assert requests.get(state, timeout=20).ok
        for name in ("elsewhere.example", "[::1"):
            assert requests.get(state, headers={"host": name}, timeout=20).status_code == 403, name
        for origin in ("https://elsewhere.example", "null", "http://[::1"):
            answer = requests.post(hooks, b"{}", headers={"origin": origin}, timeout=20)
            assert answer.status_code == 403, origin
        assert requests.get(simpi.url, headers={"origin": simpi.url}, timeout=20).ok
    finally:
        simpi.close()
