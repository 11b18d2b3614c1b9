"""The engine as a whole: the backend and the worker that runs the orchestrators, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable

from durabletask.grpc_options import GrpcChannelOptions, GrpcWorkerResiliencyOptions
from durabletask.worker import ActivityWorkItemFilter, ConcurrencyOptions, TaskHubGrpcWorker, WorkItemFilters

from devhost.engine.backend import Backend
from devhost.engine.bridge import Environment, as_durabletask
from devhost.engine.instances import Instances
from devhost.engine.memo import Answers
from devhost.engine.raw_json import RawJson

Handle = Callable[[str], str]


class Engine:
    """Starts at once; takes orchestrators when the app is loaded."""

    def __init__(self, workers: int, remembered_answers: int = 50_000) -> None:
        self._answers = Answers(remembered_answers)
        self._backend = Backend(workers)
        self.instances = Instances(self._backend)
        self.address = self._backend.start()
        self._worker: TaskHubGrpcWorker | None = None

    @property
    def connected_workers(self) -> int:
        """How many activity workers take part now."""
        return self._backend.leases.workers

    def run(
        self, orchestrators: dict[str, Handle], activities: frozenset[str], default_version: str | None, at_once: int
    ) -> None:
        """Run these orchestrators, `at_once` of them at the same time."""
        if not orchestrators:
            return
        env = Environment(
            activities=activities,
            orchestrators=frozenset(orchestrators),
            default_version=default_version,
            parent_of=self.instances.parent_of,
            answers=self._answers,
        )
        self._worker = grpc_worker(self.address, at_once, "durabletask.host")
        for name, handle in orchestrators.items():
            self._worker.add_orchestrator(as_durabletask(name, handle, env))
        self._worker.start()  # type: ignore[no-untyped-call]


def activity_worker(address: str, activities: dict[str, Callable[[object, str | None], str]], at_once: int) -> None:
    """Connect this process to the engine at `address` and run activities, `at_once` of them at the same time."""
    worker = grpc_worker(address, at_once, "durabletask.worker")
    for name, run in activities.items():
        worker._registry.add_named_activity(name, run)
    worker.use_work_item_filters(WorkItemFilters(activities=[ActivityWorkItemFilter(name) for name in activities]))
    worker.start()  # type: ignore[no-untyped-call]


def grpc_worker(address: str, at_once: int, logger: str) -> TaskHubGrpcWorker:
    """A durabletask worker that hands over raw JSON and takes no silence for a broken connection."""
    return TaskHubGrpcWorker(
        host_address=address,
        logger=logging.getLogger(logger),
        channel_options=GrpcChannelOptions(max_receive_message_length=-1, max_send_message_length=-1),
        resiliency_options=GrpcWorkerResiliencyOptions(
            silent_disconnect_timeout_seconds=0, reconnect_backoff_base_seconds=0.1, reconnect_backoff_cap_seconds=1
        ),
        concurrency_options=ConcurrencyOptions(
            maximum_concurrent_activity_work_items=at_once,
            maximum_concurrent_orchestration_work_items=at_once,
            maximum_thread_pool_workers=at_once,
        ),
        maximum_timer_interval=None,
        data_converter=RawJson(),
        emit_trace_spans=False,
    )
