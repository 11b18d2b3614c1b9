"""`./simpi doctor`, the stack: its settings and rules, whether it runs and is well, and what waits for somebody."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import ROOT, http, program, stack, text
from cli.checks import BAD, GOOD, WARNING, Check
from cli.errors import CliError
from cli.stack import Stack

READ = """
import json, os, pathlib
from devhost.environment import local_settings
local_settings(pathlib.Path.cwd())
os.environ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"
if not os.environ.get("AzureWebJobsStorage"):
    os.environ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true"
told = {"settings": "", "rules": "", "misspelt": {}}
try:
    from config.misspelt import misspelt
    told["misspelt"] = misspelt(os.environ)
except Exception as error:
    told["settings"] = f"{type(error).__name__}: {error}"
else:
    try:
        from activities import tools
        tools.rules()
    except Exception as error:
        told["rules"] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
"""
"""Reads them as the app does at its start, on storage of its own where none is set."""

UNWELL = {
    "storage": ("its storage does not answer", "./simpi down, then again."),
    "ffmpeg": ("its FFmpeg does not run", "See ffmpeg above; then ./simpi down, and again."),
    "disk": ("its disk has less than 512 MB free, or cannot be written to", "Make room, see disk above."),
    "rules": ("its rules cannot be read", "See rules above."),
}
"""By the names in /api/health: in words, and what helps."""


@functools.cache
def _read() -> dict[str, Any]:
    """What the app would say about its settings and rules. It is asked in a process of its own, as nothing here is its."""
    command = [sys.executable, "-P", "-c", READ]
    done = subprocess.run(
        command, cwd=ROOT, env=program.environment(), capture_output=True, text=True, timeout=60, check=True
    )
    return dict(json.loads(done.stdout))


def settings() -> Check:
    """Whether the app would start with the settings of this environment."""
    if problem := _read()["settings"]:
        return Check("settings", BAD, problem, "Correct it, or unset it: docs/configuration.md")
    if near := _read()["misspelt"]:
        found = ", ".join(f"{name} is no setting" for name in near)
        return Check("settings", WARNING, found, f"Is it {' and '.join(near.values())}? See docs/configuration.md")
    return Check("settings", GOOD, "can be used")


def rules() -> Check:
    """Whether the app would start with these rules."""
    if _read()["settings"]:
        return Check("rules", WARNING, "not looked at", "Correct the settings first.")
    if problem := _read()["rules"]:
        return Check("rules", BAD, problem, "Correct it: docs/media.md")
    return Check("rules", GOOD, "can be used")


def stack_of(data: Path) -> Check:
    """Whether a stack runs on this folder, and is well."""
    found = stack.read(data)
    if found is None:
        return Check("stack", GOOD, "none is running; ./simpi up or ./simpi compress starts one")
    if not stack.is_alive(found.pid):
        return _without_goodbye(found)
    again = f"./simpi down, then again; log: {found.log}"
    try:
        answer = http.get(found.url, "/api/health")
    except CliError as problem:
        return Check("stack", BAD, str(problem), again)
    health = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == 200 and health.get("status") == "ok":
        return Check("stack", GOOD, f"running at {found.url}, healthy")
    wrong = [name for name, state in (health.get("checks") or {}).items() if state != "ok"]
    told = [UNWELL.get(name, (f"{name} is not well", again)) for name in wrong]
    if not told:
        return Check("stack", BAD, f"running at {found.url}, but answers {answer.status} to /api/health", again)
    words, fixes = (list(dict.fromkeys(part)) for part in zip(*told, strict=True))
    return Check(
        "stack", BAD, f"running at {found.url}, but {' and '.join(words)}", f"{' '.join(fixes)} Log: {found.log}"
    )


def _without_goodbye(found: Stack) -> Check:
    """A stack that was killed, or went down with the machine: it has left its file behind."""
    heard = datetime.fromtimestamp(found.log.stat().st_mtime).astimezone() if found.log.exists() else found.started_at
    return Check(
        "stack",
        WARNING,
        f"the last one ended without a goodbye, last heard of at {heard:%Y-%m-%d %H:%M:%S}",
        f"./simpi up goes on where it was. Its log: {found.log}",
    )


def left_over(data: Path) -> list[Check]:
    """What a running stack could not do, and waits for somebody."""
    found = stack.running(data)
    if found is None:
        return []
    try:
        numbers = str(http.get(found.url, "/metrics").body)
    except CliError:
        return []
    checks = []
    poison = _sum(numbers, r'simpi_queue_messages\{queue="[^"]*poison[^"]*"\}')
    if poison:
        fix = "./simpi poison says what they are, and why: docs/operations.md has what helps."
        checks.append(Check("poison queue", WARNING, text.plural(poison, "message"), fix))
    undelivered = _sum(numbers, "simpi_undelivered_jobs")
    if undelivered:
        fix = "Is the other side up? It is tried again by itself; at once: ./simpi redeliver ID."
        checks.append(Check("undelivered", WARNING, text.plural(undelivered, "job"), fix))
    return checks


def _sum(numbers: str, name: str) -> int:
    return int(sum(float(value) for value in re.findall(rf"^{name} (\S+)$", numbers, re.MULTILINE)))
