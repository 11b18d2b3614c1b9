"""Following one job by the durable status, until its receipt is there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli import stack
from cli.errors import CliError, KeyRefused, Stopped, Unreachable
from cli.http import Answer
from cli.target import Target, of_stack
from core.naming import RECEIPTS, receipt_by_id

Receipt = dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """How long an upload may lie there before its job must exist, how long the host may not answer, and how long
    nothing may happen before the user is told where to look.
    """

    never_started_s: float
    silent_s: float = 30.0
    quiet_s: float = 10.0


LOCAL, REMOTE = Patience(120.0), Patience(900.0, quiet_s=60.0)
"""A deployed app that polls may take minutes to notice an upload."""

FIRST_S, LONGEST_S, GROWTH = 0.1, 1.0, 1.15
ASKS_PER_S = 25
"""However many files are followed at once, the host is asked this often in all."""

WAITING = "Waiting"
"""How a message begins that says why nothing happens."""


def is_waiting(message: object) -> bool:
    """Whether a running job's message says why nothing happens."""
    return isinstance(message, str) and message.startswith(WAITING)


ENDED = {"Completed", "Failed", "Terminated", "Canceled"}


@dataclass(frozen=True)
class Seen:
    """What the status said while the job runs."""

    stage: str
    percent: float
    message: str


class Follower:
    """Asks for the states of many jobs, together no more often than the host likes."""

    def __init__(self, target: Target, stop: threading.Event, patience: Patience | None = None) -> None:
        self._target, self._stop = target, stop
        self._patience = patience or (LOCAL if target.local else REMOTE)
        self._active, self._next_look = 0, 0.0
        self._lock = threading.Lock()

    def follow(self, instance: str, blob: str, seen: Callable[[Seen], None]) -> Receipt:
        """Wait for the end of a job and answer its receipt. Raises Unreachable, CliError, Stopped."""
        with self._lock:
            self._active += 1
        try:
            return self._follow(instance, blob, seen)
        finally:
            with self._lock:
                self._active -= 1

    def _follow(self, instance: str, blob: str, seen: Callable[[Seen], None]) -> Receipt:
        pause_s, asked_storage = FIRST_S, 0.0
        answered = known = time.monotonic()
        while True:
            now = time.monotonic()
            answer = self._ask(instance)
            if answer is not None and answer.status in (200, 202) and isinstance(answer.body, dict):
                answered = known = now
                if answer.body.get("runtimeStatus") in ENDED:
                    return self._end(instance, blob, answer.body)
                seen(_seen(answer.body))
            elif answer is not None and answer.status == 404:
                answered = now
                # Not started yet, or the host forgot it in a restart: then the receipt may be there all the same.
                if now - asked_storage > 2.0 and now - known > 1.0:
                    asked_storage = now
                    receipt = receipt_of(self._target, instance)
                    if receipt is not None:
                        return receipt
                if now - known > self._patience.never_started_s:
                    raise self._never_started(blob)
                if now - known > self._patience.quiet_s:
                    seen(Seen("queued", 0.0, f"{WAITING} to begin. {self._where_to_look()}"))
            if now - answered > self._patience.silent_s:
                silence = f"{self._target.url} has not answered for {self._patience.silent_s:.0f} s"
                raise Unreachable(silence, self._where_to_look())
            with self._lock:
                together_s = self._active / ASKS_PER_S
            if self._stop.wait(max(pause_s, together_s)):
                raise Stopped
            pause_s = min(pause_s * GROWTH, LONGEST_S)

    def _ask(self, instance: str) -> Answer | None:
        """The status, None where the host is silent. Raises KeyRefused."""
        try:
            return self._target.durable("GET", f"/{instance}", showInput="false")
        except KeyRefused:
            raise
        except Unreachable:
            self._look_for_a_new_stack()
            return None

    def _look_for_a_new_stack(self) -> None:
        """A local stack that was started again on the same data goes on with its jobs, maybe at another address."""
        local = self._target.local
        with self._lock:
            if local is None or time.monotonic() < self._next_look:
                return
            self._next_look = time.monotonic() + 1.0
            found = stack.running(local.data)
            if found is not None and found.pid != local.pid:
                self._target = of_stack(found)

    def _end(self, instance: str, blob: str, body: dict[str, Any]) -> Receipt:
        output = body.get("output")
        if isinstance(output, str):
            try:
                output = json.loads(output)
            except ValueError:
                output = {"error": output}
        if body["runtimeStatus"] == "Completed" and isinstance(output, dict) and "status" in output:
            return output
        return receipt_of(self._target, instance) or without_receipt(instance, blob, body["runtimeStatus"], output)

    def _never_started(self, blob: str) -> CliError:
        within = f"within {self._patience.never_started_s:.0f} s"
        return CliError(f"no job was started for uploads/{blob} {within}", self._where_to_look())

    def _where_to_look(self) -> str:
        if self._target.local is not None:
            return f"Look at {self._target.local.log}, and at ./simpi doctor. Jobs go on when a stack runs again: ./simpi up"
        return f"Look at {self._target.url}/api/health and at the app's log: does its blob trigger run?"


def _seen(body: dict[str, Any]) -> Seen:
    told = body.get("customStatus")
    told = told if isinstance(told, dict) else {}
    try:
        percent = float(told.get("percent") or 0)
    except (TypeError, ValueError):
        percent = 0.0
    stage = str(told.get("stage") or "queued")
    return Seen(stage, min(max(percent, 0.0), 100.0), str(told.get("message") or ""))


def stage_of(target: Target, instance: str) -> str | None:
    """Where a job is by the durable API; None where that does not know it."""
    body = target.durable("GET", f"/{instance}", showInput="false").body
    return _seen(body).stage if isinstance(body, dict) and "runtimeStatus" in body else None


def receipt_of(target: Target, instance: str) -> Receipt | None:
    """The receipt in the storage, by the instance id; None if there is none (yet)."""
    from azure.core.exceptions import AzureError

    try:
        raw = target.blobs.get_blob_client(RECEIPTS, receipt_by_id(instance)).download_blob().readall()
        receipt = json.loads(raw)
    except (AzureError, ValueError):
        return None
    return receipt if isinstance(receipt, dict) and "status" in receipt else None


def without_receipt(instance: str, blob: str, runtime_status: str, output: Any) -> Receipt:
    """What is known of a job that ended without a receipt: it was terminated, or the orchestration itself failed."""
    cancelled = runtime_status in ("Terminated", "Canceled")
    text = output.get("error") if isinstance(output, dict) else output
    return {
        "instance_id": instance,
        "status": "cancelled" if cancelled else "failed",
        "error_code": "terminated" if cancelled else "orchestration_failed",
        "error": str(text or runtime_status),
        "blob_name": blob,
        "original_size": None,
        "compressed_size": None,
        "saved_bytes": 0,
        "outputs": [],
    }
