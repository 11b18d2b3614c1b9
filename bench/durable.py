"""The cost of durability: the same orchestrations on devhost (real v1 handlers, HTTP, processes) and on bare durabletask.

The peer is the engine alone: one process, native generators, no history in v1's shape, no host around it.
"""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.report import Row, alternating, main
from cli import ROOT
from cli.errors import CliError
from devhost.testing import Host

RUNS = 5
ORCHESTRATIONS, CHAIN, FAN = 40, 1, 100
LEAST_RATIO = 0.25
"""The target: a quarter of the bare engine's throughput. A job has about ten steps and takes seconds, so that is plenty."""


def rows() -> Iterator[Row]:
    """Throughput: orchestrations of one activity, and one orchestration of many."""
    with Bare() as peer, Ours() as ours:
        ours.seconds("side_by_side", 1, 2), peer.seconds("side_by_side", 1, 2)  # warm both up

        def per_s(where: Bare | Ours, name: str, count: int, width: int) -> float:
            return count * width / where.seconds(name, count, width)

        many, each = ("one_after_the_other", ORCHESTRATIONS, CHAIN), ("side_by_side", 1, FAN)
        for label, shape in (("orchestrations of one activity", many), ("activities fanned out", each)):
            a, b = alternating(lambda: per_s(ours, *shape), lambda: per_s(peer, *shape), RUNS)  # noqa: B023
            yield Row(f"durable: {label}", a, b, "/s", LEAST_RATIO, "ratio at least", RUNS)


class Ours:
    """The little app on devhost, as any app would run there."""

    def __enter__(self) -> Ours:
        self._folder = tempfile.TemporaryDirectory(prefix="simpi-bench-")
        self._host = Host.start(ROOT / "bench" / "durable_app", Path(self._folder.name))
        return self

    def __exit__(self, *_: object) -> None:
        self._host.stop()
        self._folder.cleanup()

    def seconds(self, name: str, count: int, width: int) -> float:
        """From the request that starts them to the end of the last one."""
        began = time.perf_counter()
        open_ids: list[str] = self._host.call("POST", "/api/start", {"name": name, "count": count, "width": width}).json
        while open_ids:
            status = self._host.status(open_ids[-1], "?showInput=false")["runtimeStatus"]
            if status == "Completed":
                open_ids.pop()
            elif status not in ("Pending", "Running"):
                raise CliError(f"{name} ended as {status}")
            else:
                time.sleep(0.02)
        return time.perf_counter() - began


class Bare:
    """The engine alone, in this process."""

    def __enter__(self) -> Bare:
        from durabletask.client import TaskHubGrpcClient
        from durabletask.task import when_all
        from durabletask.worker import TaskHubGrpcWorker

        def double(_: Any, n: int) -> int:
            return 2 * n

        def one_after_the_other(context: Any, width: int) -> Any:
            total = 0
            for n in range(width):
                total += yield context.call_activity(double, input=n)
            return total

        def side_by_side(context: Any, width: int) -> Any:
            return sum((yield when_all([context.call_activity(double, input=n) for n in range(width)])))

        quiet = logging.Logger("bench", logging.CRITICAL)
        self._backend, address = _stock_backend()
        worker: Any = TaskHubGrpcWorker(host_address=address, logger=quiet)
        worker.add_activity(double)
        for orchestrator in (one_after_the_other, side_by_side):
            worker.add_orchestrator(orchestrator)
        worker.start()
        self._worker = worker
        self._client = TaskHubGrpcClient(host_address=address, logger=quiet)
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.stop()
        self._backend.stop()

    def seconds(self, name: str, count: int, width: int) -> float:
        """From the first start to the end of the last one."""
        began = time.perf_counter()
        ids = [self._client.schedule_new_orchestration(name, input=width) for _ in range(count)]
        for instance in ids:
            state = self._client.wait_for_orchestration_completion(instance, timeout=120)
            if state is None or state.runtime_status.name != "COMPLETED":
                raise CliError(f"the peer's {name} did not complete")
        return time.perf_counter() - began


def _stock_backend() -> tuple[Any, str]:
    """The package's own backend, as it is but for one thing: it listens on loopback only."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it tells everyone when its server goes away
    grpc: Any = importlib.import_module("grpc")
    from durabletask.internal import orchestrator_service_pb2_grpc as stubs
    from durabletask.testing import InMemoryOrchestrationBackend

    backend: Any = InMemoryOrchestrationBackend()
    server = grpc.server(ThreadPoolExecutor(10))
    add: Any = stubs.add_TaskHubSidecarServiceServicer_to_server
    add(backend, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    backend._server = server
    return backend, f"127.0.0.1:{port}"


if __name__ == "__main__":
    main(rows)
