"""What went wrong is there to be seen, and to be cleared: poison messages, and health."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from config.rules import DEFAULT_PATH
from core import naming
from devhost.testing import eventually
from tests.cli.calling import Caller
from tests.stack.media import photo
from tests.stack.running import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own: every queue is empty at first, and its rules are a file of its own."""
    folder = tmp_path_factory.mktemp("trouble")
    shutil.copy(DEFAULT_PATH, folder / "rules.toml")
    running = Stack(folder, 2, env={"COMPRESSION_RULES": str(folder / "rules.toml")}).start()
    yield running
    running.stop()


@pytest.fixture
def simpi(stack: Stack, tmp_path: Path) -> Caller:
    """The command line on that stack."""
    caller = Caller(tmp_path)
    caller.env["SIMPI_DATA"] = str(stack.data)
    return caller


def health(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{stack.url}/api/health", timeout=20).json()
    return answer


def poison(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{stack.url}/api/poison", timeout=20).json()
    return answer


def put_on(stack: Stack, queue: str, text: str) -> None:
    if queue not in {one.name for one in stack.queues.list_queues()}:
        stack.queues.create_queue(queue)
    stack.queues.get_queue_client(queue).send_message(text)


def test_a_refused_message_is_logged_listed_and_dropped(stack: Stack, simpi: Caller) -> None:
    assert health(stack)["waiting"] == {"undelivered": 0, "poison": 0}
    stack.queues.get_queue_client(naming.JOB_QUEUE).send_message("not json")
    put_on(stack, naming.HOST_POISON_QUEUES[1], json.dumps({"ContainerName": "uploads", "BlobName": "lost/a.jpg"}))
    eventually(lambda: poison(stack)["total"] == 2, 30)
    assert '{"event": "message_refused", "code": "bad_message"' in stack.host.log
    eventually(lambda: health(stack)["waiting"]["poison"] == 2, 30)

    told = simpi("poison", "--json").json
    by_code = {message["code"]: message for message in told["messages"]}
    assert by_code["bad_message"]["message"] == "not json"
    assert by_code["bad_message"]["since"]
    assert by_code["trigger_failed"]["blob_name"] == "lost/a.jpg"
    shown = simpi("poison").out
    assert "bad_message" in shown
    assert "lost/a.jpg" in shown

    id_ = by_code["bad_message"]["id"]
    dry = simpi("poison", "drop", id_, "--dry-run", "--json")
    assert (dry.code, dry.json) == (0, {"dry_run": True, "dropped": 1, "ids": [id_]})
    assert poison(stack)["total"] == 2
    assert simpi("poison", "drop", id_).code == 0
    assert [message["code"] for message in poison(stack)["messages"]] == ["trigger_failed"]
    assert simpi("poison", "drop", id_, "--json").code == 1
    assert simpi("poison", "drop").code == 2
    assert simpi("poison", "drop", "--all", "--json").json["dropped"] == 1
    assert poison(stack) == {"messages": [], "total": 0}
    assert "empty" in simpi("poison").out


def test_a_worker_that_cannot_write_where_it_works_is_said_without_a_path(stack: Stack) -> None:
    stack.compressed("fine.jpg", photo(320, 240))
    assert health(stack)["checks"]["disk"] == "ok"
    places = sorted(place.parent for place in (stack.data / "work").glob("[0-9]/sources"))
    assert places
    sources = places[-1] / "sources"
    shutil.rmtree(sources)
    sources.write_text("in the way")
    try:
        told = health(stack)
        assert told["status"] == "degraded"
        assert "cannot write" in told["checks"]["disk"]
        assert "/" not in told["checks"]["disk"]
    finally:
        sources.unlink()
        sources.mkdir()
    assert health(stack)["status"] == "ok"


def test_a_work_folder_that_somebody_removed_is_made_again(stack: Stack) -> None:
    stack.compressed("before.jpg", photo(320, 240, seed=1))
    for place in (stack.data / "work").glob("[0-9]"):
        shutil.rmtree(place)
        (place / "tmp").mkdir(parents=True)
    assert stack.compressed("after.jpg", photo(320, 240, seed=2))["attempts"] == 1


def test_what_a_failed_check_says_is_a_sentence_that_holds_nothing_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    from triggers import http_health

    def broken() -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    for name, (_, help_) in http_health.CHECKS.items():
        monkeypatch.setitem(http_health.CHECKS, name, (broken, help_))
        said = http_health._state(name)
        assert said.startswith(help_)
        assert str(tmp_path) not in said


def test_health_says_that_the_rules_are_broken_before_a_restart_finds_it_out(stack: Stack) -> None:
    rules = stack.data / "rules.toml"
    right = rules.read_text()
    rules.write_text(right + "broken [")
    try:
        assert health(stack)["status"] == "degraded"
        assert health(stack)["checks"]["rules"].startswith("The rules file is broken")
        assert stack.compressed("meanwhile.jpg", photo(seed=77))["status"] == "success"  # by the rules of the start
    finally:
        rules.write_text(right)
    assert health(stack)["checks"]["rules"] == "ok"
