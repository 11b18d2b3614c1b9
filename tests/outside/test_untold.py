"""Those that SIMPI did not hear of: found, told again, and forgotten nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from core import naming
from core.deliveries import UNDELIVERED
from devhost.testing import eventually
from tests.cli.calling import Caller
from tests.outside.receiver import Answer, Receiver
from tests.stack.media import photo
from tests.stack.running import Stack


def simpi_entry(stack: Stack, id_: str) -> dict[str, Any]:
    blob = stack.blobs.get_blob_client(naming.RECEIPTS, naming.receipt_by_id(id_))
    entry: dict[str, Any] = json.loads(blob.download_blob().readall())["deliveries"]["update_simpi"]
    return entry


def listed(stack: Stack, delivery: str) -> list[str]:
    answer = requests.get(f"{stack.url}/api/jobs", params={"delivery": delivery}, timeout=20)
    return [job["instance_id"] for job in answer.json()["jobs"]]


def poison_codes(stack: Stack, id_: str) -> list[str]:
    messages = stack.queues.get_queue_client(naming.POISON_QUEUE).peek_messages(max_messages=32)
    found = (json.loads(message.content) for message in messages)
    return [message["error_code"] for message in found if message.get("instance_id") == id_]


def redelivered(stack: Stack, id_: str) -> requests.Response:
    """Told again, and the round is over."""
    answer = requests.post(f"{stack.url}/api/jobs/{id_}/redeliver", timeout=20)
    eventually(lambda: not stack.names(naming.RECEIPTS, UNDELIVERED), 40)
    return answer


def test_whom_simpi_refused_is_found_and_a_redeliver_that_succeeds_clears_every_trace_of_it(tmp_path: Path) -> None:
    with Receiver() as simpi:
        simpi.answers = [Answer(200), Answer(401)]
        stack = Stack(tmp_path, 1, {"SIMPI_API_BASE_URL": simpi.url}).start()
        try:
            id_ = stack.compressed("step-7-1716200000000.jpg", photo(320, 240))["instance_id"]
            fine = stack.compressed("no-step.jpg", photo(320, 240, seed=3))["instance_id"]
            assert listed(stack, "refused") == [id_]
            assert listed(stack, "failed,pending") == []
            assert poison_codes(stack, id_) == ["simpi_refused"]
            told = requests.get(f"{stack.url}/metrics", timeout=20).text
            assert 'simpi_untold_jobs{delivery="refused"} 1.0' in told

            url = f"{stack.url}/api/jobs/{id_}/redeliver"
            dry = requests.post(url, params={"dryRun": "true"}, timeout=20)
            assert (dry.status_code, dry.json()["delivering"]) == (200, ["update_simpi"])
            assert stack.names(naming.RECEIPTS, UNDELIVERED) == []

            assert redelivered(stack, id_).status_code == 202
            assert simpi_entry(stack, id_)["delivery"] == "refused"
            assert poison_codes(stack, id_) == ["simpi_refused"], "refused again: still one message"

            cli = Caller(tmp_path / "user")
            cli.env["SIMPI_DATA"] = str(stack.data)
            shown = cli("list", "--undelivered", "--json").json["jobs"]
            assert [(job["instance_id"], job["undelivered"]) for job in shown] == [(id_, {"update_simpi": "refused"})]
            assert "SIMPI: refused" in cli("list", "--undelivered").out
            dry_run = cli("redeliver", "--refused", "--dry-run", "--json").json
            assert [job["instance_id"] for job in dry_run["jobs"]] == [id_]
            assert len(simpi.requests) == 3, "a dry run tells nobody"

            simpi.answers = [Answer(200)]
            assert cli("redeliver", "--refused").code == 0
            eventually(lambda: not stack.names(naming.RECEIPTS, UNDELIVERED), 40)
            assert simpi_entry(stack, id_)["delivery"] == "delivered"
            assert listed(stack, "refused,failed,pending") == []
            assert poison_codes(stack, id_) == []
            assert "everybody was told" in cli("list", "--undelivered").out
            every = requests.get(f"{stack.url}/api/jobs?clientId=me", timeout=20).json()["jobs"]
            assert {job["instance_id"] for job in every} == {id_, fine}
        finally:
            stack.stop()


def test_what_is_pending_outlives_a_start_without_the_address_and_goes_on_with_it(tmp_path: Path) -> None:
    with Receiver() as simpi:
        simpi.answers = [Answer(503, {"retry-after": "1"})]
        with_address = {"SIMPI_API_BASE_URL": simpi.url}
        stack = Stack(tmp_path, 1, with_address).start()
        id_ = stack.compressed("step-8-1716200000000.jpg", photo(320, 240))["instance_id"]
        stack.stop()
        assert listed_after_a_start_without(stack, id_) == "pending"

        simpi.answers = [Answer(200)]
        stack = Stack(tmp_path, 1, with_address).start()
        try:
            eventually(lambda: not stack.names(naming.RECEIPTS, UNDELIVERED), 40)
            assert simpi_entry(stack, id_)["delivery"] == "delivered"
        finally:
            stack.stop()


def listed_after_a_start_without(before: Stack, id_: str) -> str:
    """How the delivery stands after a round in which nobody was to be told."""
    stack = Stack(before.data, 1, {"SIMPI_API_BASE_URL": ""}).start()
    try:
        said = '"delivery": "pending", "detail": "SIMPI_API_BASE_URL is not set"'
        eventually(lambda: said in stack.host.log, 40)
        eventually(lambda: "not set" in simpi_entry(stack, id_)["detail"])
        assert listed(stack, "pending") == [id_]
        refused = requests.post(f"{stack.url}/api/jobs/{id_}/redeliver", timeout=20)
        assert (refused.status_code, refused.json()["code"]) == (400, "nothing_to_deliver")
        return str(simpi_entry(stack, id_)["delivery"])
    finally:
        stack.stop()


@pytest.mark.parametrize("query", ["stauts=failed", "delivery=refusd", "delivery=delivered", "status=gone"])
def test_a_filter_that_there_is_not_is_refused_and_not_ignored(query: str) -> None:
    from triggers.http_jobs import BadQuery, parse

    with pytest.raises(BadQuery, match=query.partition("=")[0]):
        parse(dict([query.split("=")]))


def test_a_function_key_in_the_query_is_no_error_code() -> None:
    from triggers.http_jobs import parse

    assert parse({"code": "Zm9vYmFy-_x=="})[0].code is None
    assert parse({"code": "upload_failed"})[0].code == parse({"error_code": "upload_failed"})[0].code == "upload_failed"
