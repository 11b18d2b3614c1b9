"""How the story runs its steps: with their retry policy, their time and their tries on record, and their stage shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any

from core.errors import Unprocessable, cancelled
from core.job import Job
from core.policy import policy_of
from core.progress import COMPRESSING, STAGES, custom_status
from core.receipt import Outcome
from orchestrators.listening import Listener
from orchestrators.retry import Backoff

Story = Generator[Any, Any, Any]


FIRST_WAIT_S, WAIT_GROWTH, LONGEST_WAIT_S, PATIENCE_S = 1.0, 1.5, 900.0, 86_400.0


class Steps:
    """The steps of one job, and what has come of them so far."""

    def __init__(self, context: Any, job: Job) -> None:
        self.job, self.outcome, self.current = job, Outcome(), "start"
        self._context = context
        self.started_at: datetime = context.current_utc_datetime
        self.beginning: Any = None
        self._alongside: list[Any] = []

    def show(self, stage: str, percent: float, message: str) -> None:
        """Show the stage in the built-in status. `percent` is of the whole job."""
        shown = custom_status(self.job.blob_name, self.outcome.kind, stage, percent, message)
        self._context.set_custom_status(shown)

    def schedule(self, activity: Any, **given: Any) -> Any:
        """An activity as a durable task, to be waited for by `settled`."""
        policy = policy_of(name_of(activity), self.job.max_attempts, self.job.instance_id)
        return self._context.call_activity_with_retry(activity, Backoff(policy), {"job": self.job.to_dict(), **given})

    def schedule_alongside(self, activity: Any, **given: Any) -> Any:
        """An activity that runs beside whatever the story waits for next: no task begins before it waits."""
        self._alongside.append(self.schedule(activity, **given))
        return self._alongside[-1]

    def run(self, activity: Any, **given: Any) -> Story:
        """Run one step to its end, with its stage shown; its answer.

        Raises: Unprocessable for a permanent failure; Exception when every attempt failed.
        """
        self.current = name_of(activity)
        if stage := STAGES.get(self.current):
            self.show(stage.name, stage.percent, stage.message)
        task = self.schedule(activity, **given)
        yield from self.settled({self.current: task})
        return self.result(self.current, task)

    def settled(self, tasks: Mapping[str, Any], listener: Listener | None = None) -> Story:
        """Wait until every task has ended, however it ended.

        Not `task_all`: that one ends at the first failure and cannot bear a sibling that completes afterwards.
        """
        while waiting := [task for task in tasks.values() if not task.is_completed]:
            alongside, self._alongside = self._alongside, []
            yield self._context.task_any([*waiting, *alongside, *(listener.waits if listener else [])])
            if listener:
                listener.hear()
        for name, task in tasks.items():
            self.outcome.attempts = max(self.outcome.attempts, task.num_attempts)
            if isinstance(task.result, dict):
                self.outcome.timings_s[name] = task.result["elapsed_s"]

    def patiently(
        self, makers: Mapping[str, Callable[[], Any]], on_progress: Callable[[float], None] | None = None
    ) -> Story:
        """Start a task of each maker and wait for all; the tasks that came of it.

        A task that answers `busy` found no worker with room for it: it is started anew after a while. No worker is held in
        the meantime, and the wait grows with the time waited so far.
        """
        listener = Listener(self._context, on_progress) if on_progress else None
        tasks: dict[str, Any] = {}
        todo, wait_s, waited_s = list(makers), FIRST_WAIT_S, 0.0
        while todo:
            tasks |= {name: makers[name]() for name in todo}
            yield from self.settled({name: tasks[name] for name in todo}, listener)
            busy = {name: task.result["busy"] for name, task in tasks.items() if is_busy(task)}
            if not (todo := list(busy)):
                break
            if waited_s > PATIENCE_S:
                raise TimeoutError(f"no worker had room for a day: {next(iter(busy.values()))}")
            self.show(COMPRESSING.name, COMPRESSING.percent, f"Waiting for a worker: {next(iter(busy.values()))}")
            yield self._context.create_timer(self._context.current_utc_datetime + timedelta(seconds=wait_s))
            waited_s += wait_s
            wait_s = min(wait_s * WAIT_GROWTH, LONGEST_WAIT_S)
        return tasks

    def deferred(self) -> Story:
        """Wait for the off-peak window where the job has to, or until somebody wants it to run now.

        Raises: Unprocessable `cancelled`.
        """
        if self.job.defer_until is None:
            return
        until = datetime.fromisoformat(self.job.defer_until)
        self.show("deferred", 0, f"Waiting for the off-peak window at {until:%Y-%m-%d %H:%M} UTC")
        timer = self._context.create_timer(until)
        run_now, cancel = (self._context.wait_for_external_event(name) for name in ("run_now", "cancel"))
        winner = yield self._context.task_any([timer, run_now, cancel])
        if winner != timer:
            timer.cancel()
        if winner == cancel:
            raise cancelled()

    def result(self, name: str, task: Any) -> dict[str, Any]:
        """What a settled task answered.

        Raises: Unprocessable for a permanent failure; Exception when every attempt failed.
        """
        self.current = name
        if isinstance(task.result, Exception):
            raise task.result
        answer: dict[str, Any] = task.result
        if not answer["ok"]:
            raise Unprocessable(answer["code"], answer["detail"])
        return answer


def is_busy(task: Any) -> bool:
    """Whether a settled task found no worker with room for it."""
    return isinstance(task.result, dict) and bool(task.result.get("busy"))


def name_of(activity: Any) -> str:
    """The function name of a decorated activity."""
    return str(activity._function.get_function_name())


def first_line(error: Exception) -> str:
    """What went wrong in one line: the rest of an activity's failure is a stack trace for the log."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
