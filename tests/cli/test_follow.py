"""Following a job through everything that its status may say."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.errors import CliError, Stopped, Unreachable
from cli.follow import Follower, Patience, Seen
from cli.inputs import items_of
from cli.stack import Stack
from cli.target import Target, of_stack
from cli.view import Lines
from core import naming
from tests.cli.standin import StandIn, ended, running

ID = "media-0123456789abcdef0123456789abcdef"
RECEIPT = {"instance_id": ID, "status": "success", "outputs": []}


def follow(target: Target, never_started_s: float = 20, silent_s: float = 20) -> tuple[dict[str, object], list[Seen]]:
    seen: list[Seen] = []
    follower = Follower(target, threading.Event(), Patience(never_started_s, silent_s))
    return follower.follow(ID, "cli/photo.jpg", seen.append), seen


def test_a_job_is_followed_from_before_its_start_to_its_receipt(target: Target, host: StandIn) -> None:
    host.says((404, None), running("probing", 5), running("compressing", 40), ended(RECEIPT))
    receipt, seen = follow(target)
    assert receipt == RECEIPT
    assert seen == [Seen("probing", 5, "Working"), Seen("compressing", 40, "Working")]


def test_the_key_goes_along_and_the_input_stays_away(target: Target, host: StandIn) -> None:
    host.says(ended(RECEIPT))
    follow(target)
    assert host.asked == [f"/runtime/webhooks/durabletask/instances/{ID}?code=the-key&showInput=false"]


def test_an_output_that_is_json_in_a_string_is_read_too(target: Target, host: StandIn) -> None:
    host.says(ended(json.dumps(RECEIPT)))
    assert follow(target)[0] == RECEIPT


@pytest.mark.parametrize("custom", [None, "text", {"percent": "?"}, {"percent": 400, "stage": None}])
def test_an_odd_custom_status_does_no_harm(target: Target, host: StandIn, custom: object) -> None:
    host.says((202, {"runtimeStatus": "Running", "customStatus": custom}), ended(RECEIPT))
    seen = follow(target)[1]
    assert seen[0].stage == "queued"
    assert 0 <= seen[0].percent <= 100


def test_a_failed_orchestration_is_a_failed_file(target: Target, host: StandIn) -> None:
    host.says(ended("Orchestrator function 'compress_media' failed: boom", "Failed"))
    receipt = follow(target)[0]
    assert (receipt["status"], receipt["error_code"]) == ("failed", "orchestration_failed")
    assert "boom" in str(receipt["error"])


def test_a_terminated_job_is_a_cancelled_file(target: Target, host: StandIn) -> None:
    host.says(ended("by an operator", "Terminated"))
    receipt = follow(target)[0]
    assert (receipt["status"], receipt["error"]) == ("cancelled", "by an operator")


def test_a_status_lost_in_a_restart_is_made_up_for_by_the_receipt(target: Target, host: StandIn) -> None:
    index = target.blobs.get_blob_client(naming.RECEIPTS, naming.receipt_by_id(ID))
    index.upload_blob(json.dumps(RECEIPT), overwrite=True)
    try:
        host.says(running(), (404, None))
        assert follow(target)[0] == RECEIPT
    finally:
        index.delete_blob()


def test_a_job_that_never_starts_is_an_error_that_says_where_to_look(target: Target, host: StandIn) -> None:
    host.says((404, None))
    with pytest.raises(CliError, match=r"no job was started for uploads/cli/photo\.jpg") as problem:
        follow(target, never_started_s=0.3)
    assert "/api/health" in problem.value.hint


def test_a_job_that_does_not_begin_says_soon_where_to_look(target: Target, host: StandIn) -> None:
    seen: list[Seen] = []
    host.says(*[(404, None)] * 20, ended(RECEIPT))
    Follower(target, threading.Event(), Patience(20, 20, quiet_s=0.1)).follow(ID, "cli/photo.jpg", seen.append)
    assert seen and seen[0].message.startswith("Waiting to begin. Look at ")


def test_a_job_that_begins_soon_says_nothing(target: Target, host: StandIn) -> None:
    host.says((404, None), (404, None), ended(RECEIPT))
    assert follow(target)[1] == []


def test_why_a_job_waits_is_said_once_for_all_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"x")
    items = items_of([tmp_path], tmp_path / "out", recursive=False)
    busy = Seen("compressing", 10, "Waiting for a worker: every place for videos is taken")
    later = Seen("queued", 0, "Waiting to begin. Look at the log")
    lines = Lines(len(items))
    for seen in (busy, Seen("compressing", 40, "Compressing"), later, busy):
        for item in items:
            lines.running(item, seen)
    assert capsys.readouterr().err.splitlines() == [f"a.mp4: {seen.message}" for seen in (busy, later)]


def test_a_job_that_is_forgotten_for_good_is_given_up(target: Target, host: StandIn) -> None:
    host.says(running(), (404, None))
    with pytest.raises(CliError, match="no job was started"):
        follow(target, never_started_s=0.3)


def test_a_refused_key_is_told_at_once(target: Target, host: StandIn) -> None:
    host.says((401, None))
    with pytest.raises(Unreachable, match="refuses the key"):
        follow(target)


def test_a_host_that_falls_silent_is_given_up_without_showing_the_key(target: Target) -> None:
    with StandIn() as silent:
        pass
    with pytest.raises(Unreachable, match="has not answered") as problem:
        follow(Target(silent.url, target.storage, "the-key"), silent_s=0.3)
    assert "the-key" not in f"{problem.value} {problem.value.hint}"


def test_a_host_that_comes_back_is_followed_on(target: Target, host: StandIn) -> None:
    host.says((503, None), (500, {"error": "starting"}), running(), ended(RECEIPT))
    assert follow(target)[0] == RECEIPT


def test_ctrl_c_ends_the_waiting(target: Target, host: StandIn) -> None:
    host.says(running())
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Stopped):
        Follower(target, stop).follow(ID, "cli/photo.jpg", lambda _: None)


def test_many_files_together_do_not_flood_the_host(target: Target, host: StandIn) -> None:
    host.says(running())
    stop = threading.Event()
    follower = Follower(target, stop)

    def one() -> None:
        with pytest.raises(Stopped):
            follower.follow(ID, "cli/photo.jpg", lambda _: None)

    threads = [threading.Thread(target=one) for _ in range(16)]
    for thread in threads:
        thread.start()
    stop.wait(2)
    stop.set()
    for thread in threads:
        thread.join()
    assert 16 <= len(host.asked) <= 16 + 2 * 25 + 16


def test_a_target_never_shows_its_secrets(tmp_path: Path) -> None:
    told = repr(Target("http://127.0.0.1:1", "AccountKey=secret", "the-key"))
    assert "secret" not in told
    assert "the-key" not in told


def test_a_stack_that_was_started_again_elsewhere_is_followed_on(target: Target, host: StandIn, tmp_path: Path) -> None:
    host.says(ended(RECEIPT))
    now = datetime.now(UTC)
    again = {"pid": os.getpid(), "url": host.url, "storage": target.storage, "system_key": "the-key", "workers": 1}
    (tmp_path / "stack.json").write_text(json.dumps(again | {"started_at": now.isoformat()}))
    with StandIn() as gone:
        pass
    before = Stack(2**22 - 1, gone.url, tmp_path, 1, "the-key", target.storage, now)
    assert follow(of_stack(before))[0] == RECEIPT
