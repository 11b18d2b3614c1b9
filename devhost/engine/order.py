"""The order in which the durable extension goes through what an orchestrator asks for: step after step.

Each yield is a step, and the extension awaits one after the other (`OutOfProcOrchestrationShim`). The SDK leaves out of a
step what an earlier one has begun already. So a step that is a task of before and one new event *is*, for the extension,
that event alone: if the task ends and the event never comes, nothing that follows is ever begun.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from devhost.engine.history import Action

Step: TypeAlias = "int | tuple[bool, tuple[Step, ...]]"
"""The position of an action among all, or several steps of which one (True) or all (False) have to end."""


def steps_of(actions: Sequence[dict[str, Any]], begun: int = 0) -> tuple[Step, ...]:
    """The steps that an answer of the SDK consists of, without those whose actions are among the first `begun`."""
    position, found = 0, []
    for action in actions:
        step, after = _step(action, position)
        if position >= begun:
            found.append(step)
        position = after
    return tuple(found)


def _step(action: dict[str, Any], position: int) -> tuple[Step, int]:
    if action["actionType"] not in (Action.WHEN_ANY, Action.WHEN_ALL):
        return position, position + 1
    parts = []
    for part in action["compoundActions"]:
        step, position = _step(part, position)
        parts.append(step)
    return (action["actionType"] == Action.WHEN_ANY, tuple(parts)), position


def has_ended(step: Step, is_over: Callable[[int], bool]) -> bool:
    """Whether a step is over, by which of its actions are."""
    if isinstance(step, int):
        return is_over(step)
    one, parts = step
    return (any if one else all)(has_ended(part, is_over) for part in parts)


class Order:
    """How far the extension is in one execution."""

    def __init__(self) -> None:
        self._open: list[Step] = []
        self._ended: set[int] = set()
        self._waits: defaultdict[str, list[int]] = defaultdict(list)
        self._early: Counter[str] = Counter()

    def waits(self, position: int, event: str) -> None:
        """This action waits for an event, or takes one that nobody has waited for."""
        if self._early[event]:
            self._early[event] -= 1
            self._ended.add(position)
        else:
            self._waits[event].append(position)

    def raised(self, event: str) -> None:
        """An event has come: both the SDK and the extension give it to the newest wait."""
        if self._waits[event]:
            self._ended.add(self._waits[event].pop())
        else:
            self._early[event] += 1

    def end(self, *positions: int) -> None:
        """These actions are over."""
        self._ended.update(positions)

    def holds(self, steps: Sequence[Step], *, done: bool) -> bool:
        """Whether the extension is held by a step though the orchestrator, with these new ones, is beyond it.

        For ever: a step that a task or a timer will end holds it for a while only, as the rest of a fan-out that failed.
        """
        self._open = [step for step in (*self._open, *steps) if not has_ended(step, self._ended.__contains__)]
        waiting = {position for positions in self._waits.values() for position in positions}
        passed = self._open if done else self._open[:-1]
        return not all(has_ended(step, lambda position: position not in waiting) for step in passed)
