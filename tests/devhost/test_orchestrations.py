"""Orchestrations on the real engine, through their real handles, with activities in processes of their own."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devhost.testing import Host, eventually


def run(host: Host, orchestrator: str, given: Any = None, instance_id: str = "") -> dict[str, Any]:
    """Start an orchestration through the app and wait for its end."""
    return host.ended(started(host, orchestrator, given, instance_id))


def started(host: Host, orchestrator: str, given: Any = None, instance_id: str = "") -> str:
    answer = host.call("POST", f"/api/start/{orchestrator}/{instance_id}".rstrip("/"), given)
    assert answer.status == 202, answer.body
    return str(answer.json["id"])


def output(host: Host, orchestrator: str, given: Any = None, instance_id: str = "") -> Any:
    status = run(host, orchestrator, given, instance_id)
    assert status["runtimeStatus"] == "Completed", status
    return status["output"]


def has_status(host: Host, instance_id: str, custom: Any) -> dict[str, Any]:
    def shows() -> dict[str, Any] | None:
        status = host.status(instance_id)
        return status if status.get("customStatus") == custom else None

    return eventually(shows)


def test_activities_follow_one_another(host: Host) -> None:
    assert output(host, "chain", {"number": 1, "times": 5}) == 32


def test_activities_fan_out_and_their_results_keep_their_order(host: Host) -> None:
    assert output(host, "fan", 30) == [2 * i for i in range(30)]


def test_parallel_activities_run_in_all_workers_each_with_its_own_folder(host: Host) -> None:
    eventually(lambda: host.call("GET", "/admin/host/status").json["workers"] == 2)
    folders = output(host, "spread")
    assert [Path(folder).name for folder in folders] == ["1", "2"]


def test_an_orchestrator_without_tasks_sees_its_input_and_the_default_version(host: Host) -> None:
    assert output(host, "nothing", {"a": [1, None, "ü"]}) == {
        "input": {"a": [1, None, "ü"]},
        "version": "7",
        "parent": None,
    }


def test_none_can_be_passed_and_returned(host: Host) -> None:
    assert output(host, "empty") is None


def test_a_retried_activity_succeeds_and_waits_longer_each_time_up_to_the_limit(host: Host, name: str) -> None:
    given = {"key": name, "good": 4, "first_ms": 40, "attempts": 5, "coefficient": 3, "longest_ms": 100}
    result = output(host, "retrying", given)
    assert (result["attempts"], result["after"]) == (4, 42)
    assert 40 + 100 + 100 <= result["ms"] < 2_000


def test_a_retried_activity_that_never_succeeds_fails_after_its_last_attempt(host: Host, name: str) -> None:
    result = output(host, "retrying", {"key": name, "good": 99, "first_ms": 10, "attempts": 3, "coefficient": 2})
    assert "Activity function 'flaky' failed:  ValueError: attempt 3" in result["attempts"]
    assert result["after"] == 42


@pytest.mark.parametrize(
    ("activity", "error"),
    [("broken", "RuntimeError: what went wrong"), ("silent", "KeyError: "), ("leaving", "SystemExit: ")],
)
def test_an_activity_that_raises_fails_the_orchestration(host: Host, activity: str, error: str) -> None:
    status = run(host, "failing", activity)
    assert status["runtimeStatus"] == "Failed"
    assert (
        f"Orchestrator function 'failing' failed: Activity function '{activity}' failed:  {error}" in status["output"]
    )


def test_an_activity_that_does_not_exist_fails_the_orchestration(host: Host) -> None:
    status = run(host, "failing", "missing")
    assert status["runtimeStatus"] == "Failed"
    assert "The function 'missing' doesn't exist" in status["output"]


def test_the_details_of_a_failure_are_json_with_the_message_as_on_the_real_host(host: Host) -> None:
    reason, _, details = output(host, "catching", "oh no").partition(" \n ")
    assert reason == "Activity function 'broken' failed:  RuntimeError: oh no"
    assert json.loads(details)["Message"].strip() == "RuntimeError: oh no"
    assert "activities.py" in json.loads(details)["RemoteStackTraceString"]


def test_a_very_long_error_is_shortened(host: Host) -> None:
    assert len(output(host, "catching", "x" * 200_000)) < 20_000


def test_an_orchestrator_that_raises_is_failed_and_keeps_its_custom_status(host: Host) -> None:
    status = run(host, "raising")
    assert status["runtimeStatus"] == "Failed"
    assert status["output"] == "Orchestrator function 'raising' failed: the orchestrator's own fault"
    assert status["customStatus"] == "about to fail"


def test_sub_orchestrations_succeed_fail_and_are_retried(host: Host, name: str) -> None:
    result = output(host, "parent", None, name)
    assert result["children"] == [0, 4, 8]
    assert result["seen"] == {"input": {"a": 1}, "version": "child-2", "parent": name}
    assert "Orchestrator function 'raising' failed: the orchestrator's own fault" in result["error"]
    assert result["attempts"] == 3
    assert "the orchestrator's own fault" in result["exhausted"]
    assert host.status(f"{name}-child")["runtimeStatus"] == "Completed"


@pytest.mark.parametrize("early", [True, False], ids=["before", "after"])
def test_events_are_taken_whether_they_come_before_or_after_the_wait(host: Host, name: str, early: bool) -> None:
    started(host, "waiting", 300 if early else 0, name)
    if not early:
        has_status(host, name, {"waiting": True})
    for number in (1, 2):
        assert host.durable("POST", f"instances/{name}/raiseEvent/go", {"n": number}).status == 202
    assert host.ended(name)["output"] == [{"n": 1}, {"n": 2}]


def test_a_timer_wins_against_an_event_that_does_not_come(host: Host) -> None:
    assert output(host, "racing", {"ms": 50}) == {"winner": "timer", "after": 2}


def test_a_cancelled_timer_does_not_hold_the_instance_open(host: Host, name: str) -> None:
    started(host, "racing", {"ms": 3_600_000}, name)
    host.durable("POST", f"instances/{name}/raiseEvent/stop", True)
    assert host.ended(name)["output"] == {"winner": "event", "after": 2}


def test_progress_events_arrive_while_several_retried_activities_run(host: Host, name: str) -> None:
    """Activities that raise events to their own instance, one of them failing once: all results, no event lost."""
    assert output(host, "story", None, name) == {"done": ["a", "b", "c"], "seen": 12, "after": 6}
    assert host.status(name)["customStatus"]["percent"] == 90


def test_a_wait_that_would_hold_the_real_host_for_ever_fails_at_once(host: Host, name: str) -> None:
    """It asked for the next step though only the task of an earlier wait had ended, and not the event that was new."""
    id_ = started(host, "overtaking", None, name)
    host.durable("POST", f"instances/{id_}/raiseEvent/progress", 1)
    status = host.ended(id_)
    assert (status["runtimeStatus"], status["customStatus"]) == ("Failed", "heard")
    assert "would hang for ever on the real host" in status["output"]


def test_a_fan_out_that_fails_early_holds_nothing_for_ever(host: Host) -> None:
    assert output(host, "hasty") == 8


def test_continue_as_new_runs_on_with_the_new_input_and_a_short_history(host: Host, name: str) -> None:
    assert output(host, "again", {"n": 1, "until": 20}, name) == "done 20"
    status = host.status(name, "?showHistory=true")
    events = [event["EventType"] for event in status["historyEvents"]]
    assert events == ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"]
    assert status["customStatus"] == "set by the first"


def test_a_parent_waits_for_the_last_execution_of_a_child_that_continues_as_new(host: Host) -> None:
    assert output(host, "parent_of_again") == "done 3"


def test_events_that_nobody_took_survive_continue_as_new(host: Host, name: str) -> None:
    started(host, "counting", 0, name)
    for _ in range(4):
        host.durable("POST", f"instances/{name}/raiseEvent/add", True)
    assert host.ended(name)["output"] == 4


def test_the_custom_status_is_shown_while_running_and_afterwards(host: Host, name: str) -> None:
    started(host, "reporting_status", None, name)
    assert has_status(host, name, {"stage": 2})["runtimeStatus"] == "Running"
    host.durable("POST", f"instances/{name}/raiseEvent/go", True)
    assert host.ended(name)["customStatus"] == {"stage": 2}


def test_a_custom_status_that_the_real_host_refuses_fails_the_orchestration(host: Host) -> None:
    assert run(host, "talkative", 8_000)["runtimeStatus"] == "Completed"
    failed = run(host, "talkative", 8_200)
    assert failed["runtimeStatus"] == "Failed"
    assert "custom status has 16,404 bytes" in failed["output"]


def test_code_under_not_is_replaying_runs_once(host: Host, name: str, proof: Path) -> None:
    assert len(output(host, "replaying", None, name)) == 36
    assert (proof / name).read_text().split() == ["0", "1", "2", "3", "4"]


def test_an_orchestrator_that_is_not_deterministic_is_failed_and_told_why(host: Host, name: str) -> None:
    status = run(host, "moody", None, name)
    assert status["runtimeStatus"] == "Failed"
    assert "Non-Deterministic workflow detected" in status["output"]
    assert "call_activity 'double'" in status["output"]


def test_a_terminated_instance_shows_the_reason_and_drops_what_still_arrives(
    host: Host, name: str, tmp_path: Path
) -> None:
    let_go = tmp_path / "go"
    started(host, "holding", {"key": name, "until": str(let_go)}, name)
    assert host.durable("POST", f"instances/{name}/terminate?reason=enough").status == 202
    assert host.ended(name)["output"] == "enough"
    let_go.touch()
    assert output(host, "chain", {"number": 1, "times": 3}) == 8
    assert host.status(name)["runtimeStatus"] == "Terminated"
    assert host.durable("POST", f"instances/{name}/terminate?reason=again").status == 410


def test_a_suspended_instance_takes_its_events_when_it_is_resumed(host: Host, name: str) -> None:
    started(host, "waiting", 0, name)
    has_status(host, name, {"waiting": True})
    assert host.durable("POST", f"instances/{name}/suspend?reason=wait").status == 202
    eventually(lambda: host.status(name)["runtimeStatus"] == "Suspended")
    for number in (1, 2):
        host.durable("POST", f"instances/{name}/raiseEvent/go", number)
    assert host.status(name)["runtimeStatus"] == "Suspended"
    assert host.durable("POST", f"instances/{name}/resume?reason=go").status == 202
    assert host.ended(name)["output"] == [1, 2]


def test_an_orchestrator_can_call_a_url(host: Host) -> None:
    assert output(host, "calling", f"{host.url}/api/echo/x") == 207


def test_entities_are_refused_with_a_clear_text(host: Host) -> None:
    status = run(host, "counting_entity")
    assert status["runtimeStatus"] == "Failed"
    assert "devhost does not support entities" in status["output"]


def test_times_are_utc_to_the_second(host: Host) -> None:
    status = run(host, "nothing")
    for key in ("createdTime", "lastUpdatedTime"):
        assert datetime.strptime(status[key], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - the Z is UTC
