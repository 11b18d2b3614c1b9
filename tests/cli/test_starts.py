"""Starts of the stack by `./simpi`: those that do not succeed, after a kill, several at once; and what the doctor says."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from cli.stack import is_alive
from core import naming
from core.deliveries import UNDELIVERED
from devhost.testing import eventually
from tests.cli.calling import Caller, Said
from tests.cli.standin import StandIn
from tests.stack import media


def checks(said: Said) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in said.json["checks"]}


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Caller]:
    """A user with a photo, whose stack is ended."""
    user = Caller(tmp_path / "user")
    (user.folder / "photo.jpg").write_bytes(media.photo())
    yield user
    user("down")


def test_a_bad_setting_is_one_sentence_at_once(user: Caller) -> None:
    said = user("compress", "photo.jpg", env={"VIDEO_SLOTS": "0"}, timeout_s=60)
    sentence = "ConfigError: VIDEO_SLOTS='0' is not allowed: a number from 1 to 64"
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[-2:] == [
        f"simpi: the app cannot start: {sentence}",
        f"       The whole log: {user.data / 'devhost.log'}",
    ]
    found = checks(user("doctor", "--json", env={"VIDEO_SLOTS": "0"}))["settings"]
    assert (found["state"], found["found"]) == ("failed", sentence)


def test_the_doctor_tells_bad_rules_and_misspelt_settings(user: Caller) -> None:
    (user.folder / "rules.toml").write_text('version = ""')
    env = {"COMPRESSION_RULES": str(user.folder / "rules.toml"), "VIDEO_SLOT": "5"}
    found = checks(user("doctor", "--json", env=env))
    assert found["rules"]["state"] == "failed"
    assert "rules.toml: version is ''" in found["rules"]["found"]
    assert found["settings"]["state"] == "warning"
    assert "VIDEO_SLOTS" in found["settings"]["fix"]


@pytest.mark.parametrize(
    ("data", "why"),
    [("/etc/hostname", "there is a file in its place"), (f"/proc/{os.getpid()}/task", "it is read-only")],
    ids=["a file", "read-only"],
)
def test_a_data_folder_that_cannot_be_one_is_wrong_use(user: Caller, data: str, why: str) -> None:
    for command in (["compress", "photo.jpg"], ["up", "--no-open"]):
        said = user(*command, env={"SIMPI_DATA": data})
        assert (said.code, said.out) == (2, "")
        assert said.err.splitlines()[-2:] == [
            f"simpi: {data} cannot be the data folder: {why}",
            "       Choose another: --data DIR, or SIMPI_DATA",
        ]
    disk = checks(user("doctor", "--json", env={"SIMPI_DATA": data}))["disk"]
    assert disk["state"] == "failed"
    assert "room" not in disk["fix"]
    assert "--data" in disk["fix"]


def test_two_users_who_start_at_once_get_a_stack_each(user: Caller, tmp_path: Path) -> None:
    other = Caller(tmp_path / "other")
    (other.folder / "photo.jpg").write_bytes(media.photo())
    try:
        calls = [one.begin("compress", "photo.jpg", "--workers", "1", "--json") for one in (user, other)]
        said = [call.communicate(timeout=240)[0] for call in calls]
        assert [call.returncode for call in calls] == [0, 0], said
        urls = {json.loads((one.data / "stack.json").read_text())["url"] for one in (user, other)}
        assert len(urls) == 2
    finally:
        other("down")


def test_a_stack_that_was_killed_is_told_and_goes_on_where_it_was(user: Caller) -> None:
    first = user("compress", "photo.jpg", "--workers", "1", "--json")
    assert first.code == 0, first.err
    pid = json.loads((user.data / "stack.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid))
    found = checks(user("doctor", "--json"))["stack"]
    assert found["state"] == "warning"
    assert "without a goodbye" in found["found"]
    assert str(user.data / "devhost.log") in found["fix"]

    assert user("demo", "--json").code == 0  # it starts the stack again
    log = (user.data / "devhost.log").read_text()
    assert "seen again by" in log
    old = first.json["jobs"][0]["instance_id"]
    assert [line for line in log.splitlines() if '"announced"' in line and old in line][1:] == []


def test_what_ails_a_running_stack_is_told_in_words_each_with_what_helps(simpi: Caller, host: StandIn) -> None:
    told = {"pid": os.getpid(), "url": host.url, "workers": 1, "system_key": "k", "storage": "s"}
    (simpi.data / "stack.json").write_text(json.dumps(told | {"started_at": "2026-01-01T00:00:00Z"}))
    states = {"storage": "ok", "ffmpeg": "OSError", "disk": "OSError", "rules": "RulesError"}
    host.says((200, {"status": "degraded", "checks": states}))
    found = checks(simpi("doctor", "--json"))["stack"]
    assert found["state"] == "failed"
    assert "its FFmpeg does not run and its disk has less than 512 MB free" in found["found"]
    assert "Error" not in found["found"] + found["fix"]
    assert "Make room" in found["fix"]
    assert "storage" not in found["found"]


def test_the_doctor_tells_what_waits_for_somebody_and_the_log_what_is_misspelt(user: Caller) -> None:
    assert user("compress", "photo.jpg", "--workers", "2", env={"VIDEO_SLOT": "5"}).code == 0
    (warning,) = (line for line in (user.data / "devhost.log").read_text().splitlines() if "setting_unknown" in line)
    assert '"name": "VIDEO_SLOT", "meant": "VIDEO_SLOTS"' in warning
    assert {"poison queue", "undelivered"} & set(checks(user("doctor", "--json"))) == set()
    told = json.loads((user.data / "stack.json").read_text())
    numbers = requests.get(f"{told['url']}/metrics", timeout=20)
    assert numbers.headers["content-type"].count("charset") == 1
    with BlobServiceClient.from_connection_string(told["storage"]) as blobs:
        blobs.get_blob_client(naming.RECEIPTS, f"{UNDELIVERED}media-{'1' * 32}.json").upload_blob(b"{}")
    with QueueServiceClient.from_connection_string(told["storage"]) as queues:
        for name in naming.HOST_POISON_QUEUES:
            queue = queues.get_queue_client(name)
            with contextlib.suppress(ResourceExistsError):
                queue.create_queue()
            queue.send_message("not ours")
    found = checks(user("doctor", "--json"))
    assert found["undelivered"]["found"] == "1 job"
    assert found["poison queue"]["found"] == "2 messages"
