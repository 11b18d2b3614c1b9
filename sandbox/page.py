"""The page: what lies in the tables, newest first, refreshed by itself."""

from __future__ import annotations

from html import escape
from typing import Any

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}table{border-collapse:collapse}"
    "th,td{padding:.2rem .7rem;border-bottom:1px solid #8884;text-align:left;vertical-align:top}"
    "td{max-width:28rem;overflow-wrap:anywhere}caption{text-align:left;font-weight:600;font-size:1.2rem;margin-top:1.5rem}"
)
ORDER = {"steps": "processing_completed_at", "jobs": "updated_at", "webhooks": "received_at"}


def page(state: dict[str, list[dict[str, Any]]]) -> str:
    """The whole page as HTML."""
    tables = "".join(_table(name, rows) for name, rows in state.items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        f"<title>SIMPI sandbox</title><style>{STYLE}</style><h1>SIMPI sandbox</h1>{tables}</html>"
    )


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f"<table><caption>{name}</caption><tr><td>nothing yet</td></tr></table>"
    ordered = sorted(rows, key=lambda row: row[ORDER[name]] or "", reverse=True)
    head = "".join(f"<th scope=col>{escape(key)}</th>" for key in ordered[0])
    body = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>" for row in ordered)
    return f"<table><caption>{name}</caption><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    return f"<td>{'' if value is None else escape(str(value))}</td>"
