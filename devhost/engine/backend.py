"""The durabletask package's in-memory backend, made fit for a host: loopback only, leases, one clock.

It keeps that backend's state and its rules for orchestrations. What it replaces, and why:
- `start` listens on every interface and has ten threads;
- `GetWorkItems` polls and forgets the work of a worker that dies;
- every timer and every sub-orchestration costs a thread, and the wait for a sub-orchestration ends after 30 s;
- late answers for an execution that is over would reach its successor under the same id.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import grpc  # type: ignore[import-untyped]
from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend

from devhost.engine.clock import Clock
from devhost.engine.leases import Activity, Execution, Leases, Stream
from devhost.engine.mailbox import END_OF_BATCH

log = logging.getLogger(__name__)

UNLIMITED_MESSAGES = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
PARENT = "parent"  # the tag that holds a sub-orchestration's parent id


class Backend(InMemoryOrchestrationBackend):
    """The engine's state, and the gRPC server on loopback that the workers talk to."""

    def __init__(self, workers: int) -> None:
        super().__init__(max_history_size=1_000_000)
        self._threads = workers + 16
        self._turn = threading.Condition(self._lock)
        self._once_more: set[str] = set()  # got news while a worker had them in hand
        self._watchers: dict[str, tuple[Execution, int]] = {}
        self._clock = Clock()
        self.leases = Leases()

    def start(self) -> str:
        """Listen on a free loopback port and return the address."""
        server = grpc.server(ThreadPoolExecutor(self._threads), options=[("grpc.so_reuseport", 0), *UNLIMITED_MESSAGES])
        stubs.add_TaskHubSidecarServiceServicer_to_server(self, server)  # type: ignore[no-untyped-call]
        self._port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._server = server
        return f"127.0.0.1:{self._port}"

    def GetWorkItems(self, request: pb.GetWorkItemsRequest, context: grpc.ServicerContext) -> Iterator[pb.WorkItem]:
        """Serve a worker: activities to those that name activities, orchestrations to the others."""
        if request.workItemFilters.activities:
            return self._activities(Stream(request.maxConcurrentActivityWorkItems), context)
        return self._orchestrations(context)

    def _activities(self, stream: Stream, context: grpc.ServicerContext) -> Iterator[pb.WorkItem]:
        with self._lock:
            self.leases.connect(stream)
        if not context.add_callback(lambda: self._lost(stream)):
            self._lost(stream)  # gone already
        while (item := stream.ready.get()) is not None:
            yield item

    def _lost(self, stream: Stream) -> None:
        with self._lock:
            again = self.leases.disconnect(stream)
        stream.ready.put(None)
        if again:
            what = ", ".join(f"'{one.name}' of {one.execution.instance.instance_id}" for one in again)
            log.warning("a worker is gone, what it was running runs again: %s", what)

    def _orchestrations(self, context: grpc.ServicerContext) -> Iterator[pb.WorkItem]:
        given: dict[str, str] = {}
        try:
            while context.is_active():
                with self._turn:
                    item = self._next_turn()
                    if item is None:
                        self._turn.wait(timeout=5)
                if item is not None:
                    given[item.orchestratorRequest.instanceId] = item.completionToken
                    yield item
        finally:
            self._take_back(given)

    def _take_back(self, given: dict[str, str]) -> None:
        """The stream of the orchestrators is gone: what it had in hand gets its turn again."""
        with self._lock:
            for instance_id, token in given.items():
                instance = self._instances.get(instance_id)
                if (
                    instance_id in self._orchestration_in_flight
                    and instance
                    and str(instance.completion_token) == token
                ):
                    instance.pending_events = [*instance.dispatched_events, *instance.pending_events]
                    instance.dispatched_events = []
                    self._orchestration_in_flight.discard(instance_id)
                    self._enqueue_orchestration(instance_id)

    def _next_turn(self) -> pb.WorkItem | None:
        while self._orchestration_queue:
            instance_id = self._orchestration_queue.popleft()
            self._orchestration_queue_set.discard(instance_id)
            instance = self._instances.get(instance_id)
            if instance is None or self._is_terminal_status(instance.status) or not instance.pending_events:
                continue
            if instance_id in self._orchestration_in_flight:
                self._once_more.add(instance_id)
                continue
            events, instance.pending_events = instance.pending_events, []
            if instance.history and not events[0].HasField("orchestratorStarted"):
                events.insert(0, helpers.new_orchestrator_started_event(datetime.now(UTC)))
            instance.dispatched_events = events
            events.append(helpers.new_event_raised_event(END_OF_BATCH))
            self._orchestration_in_flight.add(instance_id)
            request = pb.OrchestratorRequest(instanceId=instance_id, pastEvents=instance.history, newEvents=events)
            return pb.WorkItem(completionToken=str(instance.completion_token), orchestratorRequest=request)
        return None

    def CompleteOrchestratorTask(
        self, request: pb.OrchestratorResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        """Take an orchestrator's decisions; what arrived meanwhile gets its turn."""
        with self._lock:
            instance = self._instances.get(request.instanceId)
            if instance is None:
                return super().CompleteOrchestratorTask(request, context)
            before, custom_status = len(instance.history), instance.custom_status
            response = super().CompleteOrchestratorTask(request, context)
            instance.custom_status = instance.custom_status or custom_status  # it stays until there is another one
            now = helpers.new_timestamp(datetime.now(UTC))
            for event in instance.history[before:]:
                if not event.timestamp.seconds:  # the backend has not said when
                    event.timestamp.CopyFrom(now)
            if request.instanceId in self._once_more:
                self._once_more.discard(request.instanceId)
                self._enqueue_orchestration(request.instanceId)
        return response

    def CompleteActivityTask(
        self, request: pb.ActivityResponse, context: grpc.ServicerContext
    ) -> pb.CompleteTaskResponse:
        """Take an activity's answer, if its lease still stands and its execution still waits for it."""
        with self._lock:
            activity = self.leases.finish(request.completionToken)
            if activity is None:
                log.warning("an answer for %s came after its lease had ended: ignored", request.instanceId)
                return pb.CompleteTaskResponse()
            self._deliver(activity.execution, _activity_event(activity.task_id, request))
        return pb.CompleteTaskResponse()

    def _deliver(self, execution: Execution, event: pb.HistoryEvent) -> None:
        """Give an execution its event, unless it is over."""
        with self._lock:
            instance = self._instances.get(execution.instance.instance_id)
            if instance is None or not execution.is_current(instance) or self._is_terminal_status(instance.status):
                return
            instance.pending_events.append(event)
            instance.last_updated_at = datetime.now(UTC)
            self._enqueue_orchestration(instance.instance_id)

    def _enqueue_orchestration(self, instance_id: str) -> None:
        with self._turn:
            super()._enqueue_orchestration(instance_id)
            self._turn.notify()

    def _process_complete_orchestration_action(
        self, instance: Any, complete_action: pb.CompleteOrchestrationAction
    ) -> None:
        super()._process_complete_orchestration_action(instance, complete_action)
        if complete_action.orchestrationStatus == pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW:
            instance.history = []  # a new list is a new execution
            instance.pending_events = [e for e in instance.pending_events if e.eventRaised.name != END_OF_BATCH]

    def _process_schedule_task_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        super()._process_schedule_task_action(instance, action)
        work = self._activity_queue.pop()
        self.leases.add(Activity(Execution(instance, instance.history), work.name, work.task_id, work.input))

    def _process_create_timer_action(self, instance: Any, action: pb.OrchestratorAction) -> None:
        fire_at = action.createTimer.fireAt.ToDatetime(tzinfo=UTC)
        instance.history.append(helpers.new_timer_created_event(action.id, fire_at))
        execution = Execution(instance, instance.history)
        fired = helpers.new_timer_fired_event(action.id, fire_at)
        self._clock.at(fire_at.timestamp(), lambda: self._deliver(execution, fired))

    def _watch_sub_orchestration(self, parent_instance_id: str, sub_instance_id: str, task_id: int) -> None:
        parent, child = self._instances[parent_instance_id], self._instances[sub_instance_id]
        child.tags = {PARENT: parent_instance_id}
        self._watchers[sub_instance_id] = Execution(parent, parent.history), task_id

    def _notify_waiters(self, instance_id: str) -> None:
        super()._notify_waiters(instance_id)
        instance = self._instances.get(instance_id)
        if instance is None or not self._is_terminal_status(instance.status):
            return
        status = helpers.get_orchestration_status_str(instance.status).lower()
        seconds = (instance.last_updated_at - instance.created_at).total_seconds()
        # That it has run to its end says nothing about what came out: that is the app's to say.
        level = logging.DEBUG if instance.status == pb.ORCHESTRATION_STATUS_COMPLETED else logging.INFO
        log.log(level, "%s %s: %s after %.2f s", instance.name, instance_id, status, seconds)
        if instance_id not in self._watchers:
            return
        parent, task_id = self._watchers.pop(instance_id)
        if instance.status == pb.ORCHESTRATION_STATUS_COMPLETED:
            self._deliver(parent, helpers.new_sub_orchestration_completed_event(task_id, instance.output))
        else:
            reason = instance.failure_details.errorMessage if instance.failure_details else "It was terminated."
            self._deliver(parent, helpers.new_sub_orchestration_failed_event(task_id, Exception(reason)))


def _activity_event(task_id: int, answer: pb.ActivityResponse) -> pb.HistoryEvent:
    now = helpers.new_timestamp(datetime.now(UTC))
    if answer.HasField("failureDetails"):
        failed = pb.TaskFailedEvent(taskScheduledId=task_id, failureDetails=answer.failureDetails)
        return pb.HistoryEvent(eventId=-1, timestamp=now, taskFailed=failed)
    completed = pb.TaskCompletedEvent(taskScheduledId=task_id, result=answer.result)
    return pb.HistoryEvent(eventId=-1, timestamp=now, taskCompleted=completed)
