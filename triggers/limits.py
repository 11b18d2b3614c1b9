"""How often and how much one user may upload: a fair share, not a fortress.

The pace is counted in this process. The day's bytes are counted in the storage itself, so that they hold on many machines
and after a restart: an upload's name says whose it is and the storage says when it came, and no client can change that.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from adapters.uploads import Upload
from core.upload_name import uploaded_ms

WINDOW_S = 60.0
DAY_MS = 24 * 3600 * 1000
REMEMBERED_S = 30.0
MOST_USERS = 10_000


class Pace:
    """So many requests per user and minute; the users that have not been seen for longest are forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, user: str, most: int, now: float | None = None) -> float:
        """Count one request. 0 where it may go on, else the seconds until the next one may."""
        now = time.monotonic() if now is None else now
        with self._lock:
            times = self._seen.setdefault(user, deque())
            self._seen.move_to_end(user)
            while times and times[0] <= now - WINDOW_S:
                times.popleft()
            if len(times) >= most:
                return times[0] + WINDOW_S - now
            times.append(now)
            while len(self._seen) > MOST_USERS:
                self._seen.popitem(last=False)
            return 0.0


@dataclass
class _Day:
    """What a user has in the storage from the last 24 hours, counted a moment ago, and what was promised since.

    `uploads` counts the older ones, too.
    """

    counted_at: float
    uploads: int
    bytes_: int
    promised: list[tuple[str, int]] = field(default_factory=list)


class Quota:
    """The bytes that each user has uploaded in the last 24 hours."""

    def __init__(self) -> None:
        self._days: OrderedDict[str, _Day] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, user: str, now: float | None = None) -> int | None:
        """The bytes as counted lately, with what was promised since; None where they have to be counted again.

        Nothing is not believed for a moment: the first upload makes a newcomer a known user.
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            day = self._days.get(user)
            if day is None or not day.uploads or now - day.counted_at > REMEMBERED_S:
                return None
            return day.bytes_ + sum(size for _, size in day.promised)

    def counted(self, user: str, uploads: list[Upload], now_ms: int, now: float | None = None) -> int:
        """Take a fresh count of what lies in the storage; promises whose upload has not come yet stay."""
        now = time.monotonic() if now is None else now
        names = {upload.name for upload in uploads}
        bytes_ = sum(upload.size_bytes for upload in uploads if upload.changed_ms > now_ms - DAY_MS)
        with self._lock:
            old = self._days.get(user)
            waiting = [promise for promise in (old.promised if old else []) if promise[0] not in names]
            recent = [promise for promise in waiting if (uploaded_ms(promise[0]) or 0) > now_ms - 3600_000]
            self._days[user] = _Day(now, len(uploads), bytes_, recent)
            self._days.move_to_end(user)
            while len(self._days) > MOST_USERS:
                self._days.popitem(last=False)
        return bytes_ + sum(size for _, size in recent)

    def is_newcomer(self, user: str) -> bool:
        """Whether nothing of a user lay in the storage when it was last counted."""
        with self._lock:
            day = self._days.get(user)
            return day is None or not day.uploads

    def promise(self, user: str, name: str, size_bytes: int) -> None:
        """Count an upload that has been allowed and has not come yet."""
        with self._lock:
            if user in self._days:
                self._days[user].promised.append((name, size_bytes))
