"""The durable HTTP API, and the same through the Python client's RPC calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devhost.testing import Answer, Host, eventually

WEBHOOKS = "/runtime/webhooks/durabletask"
STACK = "pid url port data app workers system_key storage started_at version"


def started(host: Host, orchestrator: str, instance_id: str, given: Any = None) -> Answer:
    return host.durable("POST", f"orchestrators/{orchestrator}/{instance_id}", given)


def client(host: Host, instance_id: str, method: str, **arguments: Any) -> Any:
    """What a method of the app's durable client returns; its exception's text if it raises."""
    answer = host.call("POST", f"/api/client/{instance_id}?do={method}", arguments)
    return answer.json if answer.status == 200 else answer.body.decode()


def waits(host: Host, instance_id: str) -> None:
    """Start an instance that waits for two events, and wait until it does."""
    assert started(host, "waiting", instance_id, "0").status == 202
    eventually(lambda: host.status(instance_id).get("customStatus") == {"waiting": True})


def test_the_webhooks_want_the_system_key(host: Host) -> None:
    key = host.stack["system_key"]
    assert host.call("GET", f"{WEBHOOKS}/instances").status == 401
    assert host.call("GET", f"{WEBHOOKS}/instances?code=wrong").status == 401
    assert host.call("GET", f"{WEBHOOKS}/instances?code={key}").status == 200
    assert host.call("GET", f"{WEBHOOKS}/instances", headers={"x-functions-key": key}).status == 200


def test_the_host_refuses_names_that_are_not_loopback(host: Host) -> None:
    for path in ("/admin/host/ping", "/api/echo/x", f"{WEBHOOKS}/instances"):
        assert host.call("GET", path, headers={"Host": "rebound.example:7071"}).status == 421
    assert host.call("GET", "/admin/host/ping", headers={"Host": "localhost:7071"}).status == 200


def test_a_start_answers_202_with_all_urls_and_the_status_url_works(host: Host, name: str) -> None:
    answer = started(host, "chain", name, {"number": 1, "times": 2})
    assert (answer.status, answer.headers["Retry-After"], answer.json["id"]) == (202, "10", name)
    assert answer.headers["Location"] == answer.json["statusQueryGetUri"]
    assert host.ended(name)["output"] == 4
    assert host.call("GET", answer.json["statusQueryGetUri"]).json["output"] == 4


def test_the_status_is_202_with_location_while_running_and_200_at_the_end(host: Host, name: str) -> None:
    waits(host, name)
    running = host.durable("GET", f"instances/{name}")
    assert (running.status, running.headers["Retry-After"]) == (202, "5")
    assert running.headers["Location"] == f"{host.url}{WEBHOOKS}/instances/{name}"
    for _ in range(2):
        host.durable("POST", f"instances/{name}/raiseEvent/go", 1)
    host.ended(name)
    assert host.durable("GET", f"instances/{name}").status == 200


def test_an_unknown_instance_is_404_everywhere(host: Host) -> None:
    for method, path in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/terminate"),
        ("POST", "/suspend"),
        ("POST", "/resume"),
        ("POST", "/rewind"),
    ]:
        assert host.durable(method, f"instances/nobody{path}").status == 404, path
    assert host.durable("POST", "instances/nobody/raiseEvent/go", 1).status == 404


def test_a_failed_instance_is_200_or_500_as_asked(host: Host, name: str) -> None:
    started(host, "raising", name)
    host.ended(name)
    assert host.durable("GET", f"instances/{name}").status == 200
    assert host.durable("GET", f"instances/{name}?returnInternalServerErrorOnFailure=true").status == 500


def test_the_input_is_shown_unless_not_wanted(host: Host, name: str) -> None:
    started(host, "nothing", name, {"a": 1})
    assert host.ended(name)["input"] == {"a": 1}
    assert host.status(name, "?showInput=false")["input"] is None


def test_the_history_shows_what_completed_with_results_if_wanted(host: Host, name: str) -> None:
    started(host, "chain", name, {"number": 3, "times": 1})
    host.ended(name)
    events = host.status(name, "?showHistory=true&showHistoryOutput=true")["historyEvents"]
    assert [event["EventType"] for event in events] == ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"]
    assert (events[1]["FunctionName"], events[1]["Result"], events[2]["Result"]) == ("double", 6, 6)
    assert events[0]["Timestamp"] <= events[1]["ScheduledTime"] <= events[1]["Timestamp"] <= events[2]["Timestamp"]
    assert "Result" not in host.status(name, "?showHistory=true")["historyEvents"][1]


def test_an_instance_that_runs_is_not_started_again_but_one_that_ended_is(host: Host, name: str) -> None:
    waits(host, name)
    assert started(host, "waiting", name, "0").status == 409
    assert "already exists" in host.call("POST", f"/api/start/waiting/{name}", 0).body.decode()
    host.durable("POST", f"instances/{name}/terminate?reason=x")
    host.ended(name)
    assert started(host, "nothing", name).status == 202
    assert host.ended(name)["runtimeStatus"] == "Completed"


@pytest.mark.parametrize("bad", ["@entity", "a%23b", "x" * 300])
def test_a_bad_instance_id_is_refused(host: Host, bad: str) -> None:
    assert started(host, "nothing", bad).status == 400


def test_an_unknown_orchestrator_and_a_bad_body_are_refused(host: Host) -> None:
    answer = host.durable("POST", "orchestrators/missing")
    assert answer.status == 400
    assert "The function 'missing' doesn't exist" in answer.json["ExceptionMessage"]
    assert host.durable("POST", "orchestrators/nothing", b"{").status == 400


def test_a_start_can_wait_for_the_end(host: Host) -> None:
    answer = host.durable("POST", "orchestrators/chain?timeout=10&pollingInterval=1", {"number": 2, "times": 2})
    assert (answer.status, answer.json) == (200, 8)
    assert host.call("POST", "/api/wait/chain", {"number": 2, "times": 3}).json == 16


def test_lists_come_in_pages_and_can_be_filtered(host: Host, name: str) -> None:
    ids = [f"{name}-{i}" for i in range(5)]
    for instance_id in ids:
        started(host, "nothing", instance_id)
        host.ended(instance_id)
    waits(host, f"{name}-waiting")
    query = f"instances?instanceIdPrefix={name}&top=2"
    pages, token = [], ""
    while not pages or token:
        answer = host.durable("GET", query, headers={"x-ms-continuation-token": token} if token else {})
        pages.append([status["instanceId"] for status in answer.json])
        token = answer.headers.get("x-ms-continuation-token", "")
    assert pages == [ids[:2], ids[2:4], [ids[4], f"{name}-waiting"]]
    completed = host.durable("GET", f"instances?instanceIdPrefix={name}&runtimeStatus=Completed,Failed").json
    assert len(completed) == 5
    assert host.durable("GET", f"instances?instanceIdPrefix={name}&createdTimeTo=2001-01-01T00:00:00Z").json == []
    assert host.durable("GET", f"instances?instanceIdPrefix={name}&createdTimeFrom=2001-01-01").json != []
    assert host.durable("GET", "instances?createdTimeFrom=yesterday").status == 400


def test_ended_instances_can_be_purged_one_by_one_and_many_at_once(host: Host, name: str) -> None:
    waits(host, name)
    assert host.durable("DELETE", f"instances/{name}").status == 412
    host.durable("POST", f"instances/{name}/terminate?reason=x")
    host.ended(name)
    assert host.durable("DELETE", f"instances/{name}").json == {"instancesDeleted": 1}
    assert host.status(name) == {}
    started(host, "nothing", f"{name}-2")
    host.ended(f"{name}-2")
    assert host.durable("DELETE", "instances").status == 400
    many = f"instances?createdTimeFrom=2001-01-01T00:00:00Z&instanceIdPrefix={name}&runtimeStatus=Completed"
    assert host.durable("DELETE", many).json == {"instancesDeleted": 1}
    assert host.durable("DELETE", many).status == 404


def test_a_restart_runs_the_same_input_under_a_new_or_the_same_id(host: Host, name: str) -> None:
    started(host, "chain", name, {"number": 5, "times": 1})
    host.ended(name)
    new = host.durable("POST", f"instances/{name}/restart").json["id"]
    assert new != name
    assert host.ended(new)["output"] == 10
    assert host.durable("POST", f"instances/{name}/restart?restartWithNewInstanceId=false").json["id"] == name
    assert host.ended(name)["output"] == 10
    assert host.durable("POST", "instances/nobody/restart").status == 400


def test_rewind_and_entities_are_refused_with_a_clear_text(host: Host, name: str) -> None:
    started(host, "raising", name)
    host.ended(name)
    assert host.durable("POST", f"instances/{name}/rewind?reason=x").status == 501
    assert "not supported" in host.durable("GET", "entities/counter/one").json


def test_an_event_needs_a_json_body(host: Host, name: str) -> None:
    waits(host, name)
    headers = {"Content-Type": "text/plain"}
    assert host.durable("POST", f"instances/{name}/raiseEvent/go", b"1", headers).status == 400
    assert host.durable("POST", f"instances/{name}/raiseEvent/go", b"{").status == 400
    host.durable("POST", f"instances/{name}/terminate?reason=x")
    host.ended(name)
    assert host.durable("POST", f"instances/{name}/raiseEvent/go", 1).status == 410


def test_the_python_client_steers_instances(host: Host, name: str) -> None:
    waits(host, name)
    assert client(host, name, "suspend", reason="a reason") is None
    eventually(lambda: host.status(name)["runtimeStatus"] == "Suspended")
    assert client(host, name, "resume", reason="a reason") is None
    assert client(host, name, "raise_event", event_name="go", event_data={"n": 1}) is None
    assert client(host, name, "raise_event", event_name="go") is None
    # As on the real host: the client encodes the data of an event twice, so it arrives as JSON text.
    assert host.ended(name)["output"] == ['{"n": 1}', "null"]
    status = client(host, name, "get_status", show_history=True, show_input=True)
    assert (status["runtimeStatus"], status["name"]) == ("Completed", "waiting")
    assert client(host, name, "restart")["id"] != name
    assert client(host, name, "purge_instance_history")["_instances_deleted"] == 1
    assert client(host, name, "get_status") is None
    assert "No instance with ID" in client(host, name, "terminate", reason="x")
    assert "No instance with ID" in client(host, name, "raise_event", event_name="go")


def test_the_python_client_terminates_and_lists(host: Host, name: str) -> None:
    waits(host, name)
    assert client(host, name, "terminate", reason="a reason") is None
    assert host.ended(name)["output"] == "a reason"
    started(host, "nothing", f"{name}-done")
    host.ended(f"{name}-done")
    found = host.call("GET", f"/api/find?prefix={name}").json
    assert found["some"] == [f"{name}-done"]
    assert found["every"] >= 2


def test_the_inputs_of_the_python_client_arrive_as_they_were(host: Host) -> None:
    for given in ({"a": "ü"}, [1, 2], "text", 5, True, None):
        answer = host.call("POST", "/api/start/nothing", given if given is not None else b"")
        assert host.ended(answer.json["id"])["output"]["input"] == given


def test_the_admin_pages_say_that_it_runs_and_what(host: Host) -> None:
    assert host.call("GET", "/admin/host/ping").status == 200
    assert host.call("GET", "/admin/host/status").json["state"] == "Running"
    names = {function["name"] for function in host.call("GET", "/admin/functions").json}
    assert {"double", "chain", "start", "uploaded", "job", "ticking"} <= names


def test_the_stack_file_is_private_and_complete(host: Host) -> None:
    path = host.data / "stack.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (host.data / "system.key").stat().st_mode & 0o777 == 0o600
    stack = json.loads(path.read_text())
    assert set(stack) == set(STACK.split())
    assert stack["url"] == f"http://127.0.0.1:{stack['port']}"
