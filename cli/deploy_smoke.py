"""`./simpi deploy smoke`: one photo the whole way through a deployed app, and the doors that must be shut."""

from __future__ import annotations

import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.deploy_run import names
from cli.errors import CliError, Unreachable
from core import naming

POLL_S, REQUEST_TIMEOUT_S, EVENT_WAIT_S = 2.0, 30.0, 120.0
PHOTO_SIZE_PX = (756, 1008)
FORGED_PRINCIPAL = {"x-ms-client-principal": "eyJhdXRoX3R5cCI6ImFhZCJ9", "x-ms-client-principal-id": "forged"}


@dataclass(frozen=True)
class Deployed:
    """A deployed app: its address, its two keys, and a way to put a blob into `uploads` that says its etag."""

    url: str
    function_key: str = field(repr=False)
    durable_key: str = field(repr=False)
    upload: Callable[[Path, str], str] = field(repr=False)


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    name: str
    passed: bool
    detail: str = ""


def find(arguments: Sequence[str]) -> Deployed:
    """The app that a call's parameters name, as the signed-in operator may reach it.

    Raises: Unreachable where it or the way to it is not there.
    """
    given = names(arguments, az("id", "account", "show"))
    group = ("--resource-group", given["@RESOURCE_GROUP"])
    fqdn = "properties.configuration.ingress.fqdn"
    host = az(fqdn, "containerapp", "show", "--name", given["@APP"], *group)

    def key(name: str) -> str:
        return az("value", "keyvault", "secret", "show", "--vault-name", given["@VAULT"], "--name", name)

    def upload(file: Path, blob: str) -> str:
        where = ("--account-name", given["@STORAGE"], "--container-name", naming.UPLOADS, "--name", blob)
        what = ("--file", str(file), "--auth-mode", "login", "--no-progress")
        return az("etag", "storage", "blob", "upload", *where, *what)

    return Deployed(f"https://{host}", key("host-function-default"), key("host-systemkey-durabletask"), upload)


def az(query: str, *arguments: str) -> str:
    """Run a command of the Azure CLI; the value in its answer that a JMESPath query names.

    Raises: Unreachable with its words.
    """
    command = ["az", *arguments, "--query", query, "--output", "tsv"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise Unreachable("az, the Azure CLI, is not there", "Install it: docs/deploy.md, step 1") from None
    if done.returncode != 0:
        raise Unreachable(
            f"az {' '.join(arguments[:3])}: {done.stderr.strip()[-400:]}",
            "Is it deployed, and are you signed in (az login)?",
        )
    return done.stdout.strip()


def smoke(app: Deployed, timeout_s: float, event_wait_s: float = EVENT_WAIT_S) -> list[Check]:
    """Everything that is tried, in order; the doors are tried even if the photo fails."""
    return [*_lives(app), *_photo(app, timeout_s, min(event_wait_s, timeout_s)), *_doors(app)]


def _lives(app: Deployed) -> list[Check]:
    import requests

    try:
        answer = requests.get(f"{app.url}/api/health", timeout=REQUEST_TIMEOUT_S)
        told = answer.json() if answer.ok else {}
    except (requests.RequestException, ValueError) as error:
        return [Check("the app answers", False, type(error).__name__)]
    wrong = ", ".join(f"{name}: {state}" for name, state in told.get("checks", {}).items() if state != "ok")
    fine = answer.ok and told.get("status") == "ok"
    return [Check("the app answers, and its dependencies are fine", fine, wrong or f"HTTP {answer.status_code}")]


def _photo(app: Deployed, timeout_s: float, event_wait_s: float) -> list[Check]:
    import requests

    from cli.demo_media import photo

    blob = f"smoke-{uuid.uuid4().hex}.jpg"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.jpg"
        photo(file, PHOTO_SIZE_PX)
        try:
            etag = app.upload(file, blob)
        except CliError as error:
            return [Check("a photo can be uploaded", False, str(error))]
    try:
        noticed = _noticed(app, naming.instance_id(naming.UPLOADS, blob, etag), event_wait_s)
        begun = requests.post(
            f"{app.url}/api/media",
            json={"blob_name": blob},
            headers={"x-functions-key": app.function_key},
            timeout=REQUEST_TIMEOUT_S,
        )
        if begun.status_code != 202:
            return [noticed, Check("its job can be asked for", False, f"HTTP {begun.status_code}")]
        told = _followed(begun.json()["statusQueryGetUri"], timeout_s)
    except (requests.RequestException, ValueError, KeyError) as error:
        return [Check("its status URL answers", False, type(error).__name__)]
    output = told.get("output")
    receipt: dict[str, Any] = output if isinstance(output, dict) else {}
    sizes = f"{receipt.get('original_size')} → {receipt.get('compressed_size')} bytes"
    return [
        noticed,
        Check("a photo's job ends", told.get("runtimeStatus") == "Completed", str(told.get("runtimeStatus"))),
        Check(
            "and well: it is smaller now",
            receipt.get("status") == "success" and receipt.get("saved_bytes", 0) > 0,
            sizes,
        ),
    ]


def _noticed(app: Deployed, instance: str, wait_s: float) -> Check:
    """Whether an upload's job begins though nobody asks for it: Event Grid, or the trigger's own looking, told the app."""
    import requests

    url = f"{app.url}/runtime/webhooks/durabletask/instances/{instance}"
    started = time.monotonic()
    while (passed_s := time.monotonic() - started) < wait_s:
        answer = requests.get(url, params={"code": app.durable_key}, timeout=REQUEST_TIMEOUT_S)
        if answer.status_code in (200, 202):
            return Check("an upload is noticed by itself", True, f"after {passed_s:.0f} s")
        time.sleep(POLL_S)
    return Check("an upload is noticed by itself", False, f"not within {wait_s:.0f} s")


def _followed(url: str, timeout_s: float) -> dict[str, Any]:
    """The durable status at its end, or as it was when the time was over."""
    import requests

    deadline = time.monotonic() + timeout_s
    while True:
        told: dict[str, Any] = requests.get(url, timeout=REQUEST_TIMEOUT_S).json()
        if told.get("runtimeStatus") not in ("Pending", "Running") or time.monotonic() > deadline:
            return told
        time.sleep(POLL_S)


def _doors(app: Deployed) -> list[Check]:
    """Who comes without a key or a sign-in stays outside, whatever they claim."""
    shut = [
        ("jobs are not listed without a key", "GET", "/api/jobs", {}),
        ("no job starts without a key", "POST", "/api/media", {}),
        ("a wrong key opens nothing", "POST", "/api/media", {"x-functions-key": "wrong"}),
        ("the durable API is shut without its key", "GET", "/runtime/webhooks/durabletask/instances", {}),
        ("the host's own API is shut", "GET", "/admin/host/status", {}),
        ("nobody uploads without signing in", "POST", "/api/upload", {}),
        ("nobody is signed in by saying so", "POST", "/api/upload", FORGED_PRINCIPAL),
    ]
    return [_door(app.url, *door) for door in shut]


def _door(url: str, name: str, method: str, path: str, headers: dict[str, str]) -> Check:
    import requests

    try:
        body: dict[str, str] | None = {} if method == "POST" else None
        answer = requests.request(
            method, url + path, headers=headers, json=body, timeout=REQUEST_TIMEOUT_S, allow_redirects=False
        )
    except requests.RequestException as error:
        return Check(name, False, type(error).__name__)
    return Check(name, answer.status_code in (401, 403), f"HTTP {answer.status_code}")


def show(checks: list[Check]) -> None:
    """The checks for people."""
    from cli.console import out
    from cli.tables import plain_table

    table = plain_table("", "check", "")
    for check in checks:
        table.add_row("ok" if check.passed else "FAILED", check.name, check.detail)
    out().print(table)
