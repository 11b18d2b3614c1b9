"""What orchestrators have answered: the same history always has the same answer, so it is asked for once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from devhost.engine.order import Step


@dataclass(frozen=True)
class Answer:
    """An orchestrator's decisions at one point of its history."""

    actions: tuple[dict[str, Any], ...] = ()  # those that are new at this point
    steps: tuple[Step, ...] = ()  # the same, as they were asked for
    cancelled: tuple[int, ...] = ()  # positions of the timers that it has cancelled
    custom_status: str | None = None  # JSON text
    done: bool = False
    output: str | None = None  # JSON text
    error: str | None = None


@dataclass
class Answers:
    """Answers by instance and fingerprint of the history. The least recently used instances are forgotten."""

    limit: int
    _known: OrderedDict[str, dict[int, Answer]] = field(default_factory=OrderedDict)
    _count: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, instance_id: str, fingerprint: int, ask: Callable[[], Answer]) -> Answer:
        """The remembered answer, or else the one that `ask` gives now."""
        with self._lock:
            known = self._known.setdefault(instance_id, {})
            self._known.move_to_end(instance_id)
        if (answer := known.get(fingerprint)) is None:
            answer = known[fingerprint] = ask()
            with self._lock:
                self._count += 1
                while self._count > self.limit and len(self._known) > 1:
                    self._count -= len(self._known.popitem(last=False)[1])
        return answer

    def forget(self, instance_id: str) -> None:
        """An execution is over: nothing of it will be asked again."""
        with self._lock:
            self._count -= len(self._known.pop(instance_id, {}))
