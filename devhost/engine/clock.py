"""One thread for all timers: a year-long timer costs a heap entry, not a sleeping thread."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Clock:
    """Calls functions at given times, in order, on its own thread."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="clock", daemon=True).start()

    def at(self, unix_s: float, call: Callable[[], None]) -> None:
        """Call `call` at `unix_s` (seconds since 1970), or at once if that has passed."""
        with self._changed:
            heapq.heappush(self._due, (unix_s, next(self._order), call))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.time():
                    # An hour at most: the machine's clock may be set, or may have slept.
                    self._changed.wait(min(self._due[0][0] - time.time(), 3600) if self._due else None)
                _, _, call = heapq.heappop(self._due)
            try:
                call()
            except Exception:
                log.exception("a timer's action failed")
