"""Live messages, sent beside the work: nobody waits for them, and a service that is down costs nothing but the messages."""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests

from adapters.signalr import SignalR
from config.logging import log_event

MOST_WAITING = 1000
PAUSE_S = 5.0
"""How long a service that failed is left alone: what comes in the meantime is dropped, not kept."""


@dataclass(frozen=True)
class Message:
    """One message to one user. `done` becomes whether it was sent."""

    user: str
    target: str
    argument: dict[str, Any]
    done: Future[bool]


class Live:
    """One thread that sends, in order. Failures are counted, and said once until it works again."""

    def __init__(self, service: SignalR) -> None:
        self.sent, self.dropped = 0, 0
        self._service, self._down, self._quiet_until = service, False, 0.0
        self._waiting: queue.Queue[Message] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._run, name="live", daemon=True).start()

    def tell(self, user: str, target: str, argument: dict[str, Any]) -> Future[bool]:
        """Send a message to a user; at once is answered what will say whether it worked."""
        message = Message(user, target, argument, Future())
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self._drop(message, "too many messages are waiting")
        return message.done

    def _run(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while True:
            message = self._waiting.get()
            if time.monotonic() < self._quiet_until:
                self._drop(message, "the service is left alone for a while")
                continue
            try:
                self._service.send(session, message.user, message.target, message.argument)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the thread nor reach a job
                self._quiet_until = time.monotonic() + PAUSE_S
                self._drop(message, type(error).__name__)
                continue
            if self._down:
                self._down = False
                log_event("live_back", dropped=self.dropped)
            self.sent += 1
            message.done.set_result(True)

    def _drop(self, message: Message, why: str) -> None:
        self.dropped += 1
        if not self._down:
            self._down = True
            log_event("live_down", level=logging.WARNING, detail=why)
        message.done.set_result(False)


@cache
def open_live(connection_string: str) -> Live:
    """The sender of this process."""
    return Live(SignalR.of(connection_string))
