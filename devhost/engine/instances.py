"""Instances of orchestrations: start, look at, steer and purge them. What the durable HTTP API stands on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

import grpc  # type: ignore[import-untyped]
from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb

from devhost.engine.backend import PARENT, Backend

RUNNING = ("Pending", "Running", "ContinuedAsNew", "Suspended")


class AlreadyExists(Exception):
    """An instance with this id is there and has not ended."""


class NotThere(Exception):
    """No instance has this id."""


class InternalContext:
    """Stands in for gRPC's context where the host calls its own backend."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """The backend refuses."""
        raise NotThere(details) if code == grpc.StatusCode.NOT_FOUND else RuntimeError(details)


@dataclass(frozen=True)
class Status:
    """An instance as it is now. Payloads are JSON text."""

    instance_id: str
    name: str
    runtime_status: str
    created: datetime
    updated: datetime
    input: str | None
    output: str | None
    custom_status: str | None
    history: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.runtime_status not in RUNNING


@dataclass(frozen=True)
class Query:
    """Which instances to list. None or empty means any."""

    statuses: frozenset[str] = frozenset()
    created_from: datetime | None = None
    created_to: datetime | None = None
    id_prefix: str = ""

    def matches(self, status: Status) -> bool:
        """Whether an instance is one of them."""
        return (
            (not self.statuses or status.runtime_status in self.statuses)
            and (self.created_from is None or status.created >= self.created_from)
            and (self.created_to is None or status.created <= self.created_to)
            and status.instance_id.startswith(self.id_prefix)
        )


class Instances:
    """All instances of the task hub."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._context = cast(grpc.ServicerContext, InternalContext())

    def start(self, name: str, instance_id: str | None, given: str | None, version: str | None) -> str:
        """Start an orchestration. One that has ended is replaced.

        Raises: AlreadyExists, if one with this id has not ended.
        """
        instance_id = instance_id or uuid.uuid4().hex
        with self._backend._lock:
            there = self.get(instance_id)
            if there is not None and not there.is_over:
                status = there.runtime_status
                raise AlreadyExists(f"An Orchestration instance with the status {status} already exists.")
            self._backend._create_instance_internal(instance_id, name, given, version=version)
        return instance_id

    def get(self, instance_id: str, history: bool = False) -> Status | None:
        """An instance, with the engine's history events if asked for; None if there is none."""
        with self._backend._lock:
            instance = self._backend._instances.get(instance_id)
            return None if instance is None else _status(instance, history)

    def find(self, query: Query) -> list[Status]:
        """The instances that match, the oldest first."""
        with self._backend._lock:
            every = [_status(instance, False) for instance in self._backend._instances.values()]
        return sorted((s for s in every if query.matches(s)), key=lambda s: (s.created, s.instance_id))

    def parent_of(self, instance_id: str) -> str | None:
        """The id of the orchestration that called this one."""
        with self._backend._lock:
            instance = self._backend._instances.get(instance_id)
            return None if instance is None else (instance.tags or {}).get(PARENT)

    def raise_event(self, instance_id: str, name: str, data: str) -> None:
        """Give an instance an external event; it is kept until somebody waits for it."""
        request = pb.RaiseEventRequest(instanceId=instance_id, name=name, input=helpers.get_string_value(data))
        self._backend.RaiseEvent(request, self._context)

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """End an instance; activities that run are not stopped, their results are dropped."""
        output = helpers.get_string_value(json.dumps(reason or ""))
        self._backend.TerminateInstance(pb.TerminateRequest(instanceId=instance_id, output=output), self._context)

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Hold an instance: what arrives waits."""
        request = pb.SuspendRequest(instanceId=instance_id, reason=helpers.get_string_value(reason))
        self._backend.SuspendInstance(request, self._context)

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Let a suspended instance go on."""
        request = pb.ResumeRequest(instanceId=instance_id, reason=helpers.get_string_value(reason))
        self._backend.ResumeInstance(request, self._context)

    def restart(self, instance_id: str, new_id: bool) -> str:
        """Run an instance again with its input. Returns the id of the new run.

        Raises: NotThere; AlreadyExists, if it has not ended and the id is to be kept.
        """
        with self._backend._lock:
            there = self._backend._instances.get(instance_id)
            if there is None:
                raise NotThere(instance_id)
            return self.start(there.name, None if new_id else instance_id, there.input, there.version)

    def purge(self, instance_ids: Iterable[str]) -> int:
        """Forget those of the instances that have ended. Returns how many."""
        requests = [pb.PurgeInstancesRequest(instanceId=instance_id) for instance_id in instance_ids]
        return sum(self._backend.PurgeInstances(r, self._context).deletedInstanceCount for r in requests)


def _status(instance: Any, history: bool) -> Status:
    output = instance.output or None
    if instance.failure_details is not None:
        output = json.dumps(instance.failure_details.errorMessage)
    return Status(
        instance_id=instance.instance_id,
        name=instance.name,
        runtime_status=helpers.get_orchestration_status_str(instance.status).title().replace("_", ""),
        created=instance.created_at.astimezone(UTC),
        updated=instance.last_updated_at.astimezone(UTC),
        input=instance.input or None,
        output=output,
        custom_status=instance.custom_status or None,
        history=tuple(instance.history) if history else (),
    )
