"""Which jobs are listed, and which one is meant, on a host that knows many: real storage, and a stand-in for the host."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from cli import finding
from cli.errors import UsageError
from cli.operations import jobs
from cli.target import Target
from core import naming
from tests.cli.calling import Caller, Said
from tests.cli.standin import StandIn


def id_of(number: int, begins: str = "") -> str:
    return f"media-{begins}{number:0{32 - len(begins)}x}"


def instance(number: int, status: str = "Running", begins: str = "") -> dict[str, Any]:
    """An orchestration as the durable API lists it."""
    custom = {"blob_name": f"cli/20261123T060102-0a1b2c3d/{number}.jpg", "stage": "compressing", "percent": 40}
    return {"instanceId": id_of(number, begins), "runtimeStatus": status, "customStatus": custom}


def keep(target: Target, number: int, status: str, code: str | None = None, day: str = "2026/11/23") -> str:
    """The receipt of a job that has ended, on that day; answers its id."""
    id_ = id_of(number)
    receipt = {
        "instance_id": id_,
        "status": status,
        "error_code": code,
        "blob_name": f"{number}.jpg",
        "original_size": 10,
        "completed_at": f"{day.replace('/', '-')}T00:00:{number % 60:02d}.000Z",
        "outputs": [],
    }
    for name in (f"{day}/{id_}.json", naming.receipt_by_id(id_)):
        target.blobs.get_blob_client(naming.RECEIPTS, name).upload_blob(json.dumps(receipt), overwrite=True)
    return id_


@pytest.fixture(autouse=True)
def empty(target: Target) -> Iterator[None]:
    """Each test begins with storage that has no receipts and no uploads."""
    yield
    for name in (naming.RECEIPTS, naming.UPLOADS):
        container = target.blobs.get_container_client(name)
        for blob in container.list_blobs():
            container.delete_blob(blob.name)


def listed(target: Target, **wanted: str) -> list[tuple[str, str]]:
    return [(job["instance_id"], job["status"]) for job in jobs(target, 20, **wanted)]


def test_what_runs_is_listed_however_many_have_ended_before_it(target: Target, host: StandIn) -> None:
    host.has(*(instance(number, "Completed") for number in range(250)), instance(250))
    assert listed(target) == [(id_of(250), "running")]


def test_what_runs_is_listed_page_by_page(target: Target, host: StandIn) -> None:
    host.has(*(instance(number) for number in range(250)))
    assert len(jobs(target, 1000)) == len(jobs(target, 1000, "running")) == 250


def test_a_rehearsed_purge_counts_all_that_a_host_gives_page_by_page(
    simpi: Caller, target: Target, host: StandIn
) -> None:
    host.has(*(instance(number, "Completed") for number in range(1050)), instance(1050))
    said = say(simpi, target, "purge", "--older-than", "1d", "--dry-run", "--json")
    assert (said.code, said.json["instances"]) == (0, 1050)


def test_a_job_that_is_driven_again_runs_and_is_not_what_it_was(target: Target, host: StandIn) -> None:
    again, failed = keep(target, 1, "failed", "upload_failed"), keep(target, 2, "failed", "upload_failed")
    host.has(instance(1))
    assert listed(target) == [(again, "running"), (failed, "failed")]
    assert listed(target, status="failed") == [(failed, "failed")]
    assert listed(target, status="running") == [(again, "running")]


def test_a_job_that_was_driven_again_on_a_later_day_is_what_its_last_run_was(target: Target, host: StandIn) -> None:
    host.has()
    for day, status in (("2026/11/22", "failed"), ("2026/11/23", "success")):
        id_ = keep(target, 1, status, day=day)
    assert listed(target) == [(id_, "success")]
    assert listed(target, status="failed") == []


def test_jobs_are_listed_by_their_code(target: Target, host: StandIn) -> None:
    host.has(instance(9))
    corrupt, _ = keep(target, 1, "rejected", "corrupt"), keep(target, 2, "rejected", "empty")
    assert listed(target, code="corrupt") == [(corrupt, "rejected")]
    assert listed(target, status="failed", code="corrupt") == listed(target, status="running", code="corrupt") == []


def say(simpi: Caller, target: Target, *arguments: str) -> Said:
    """A call against the stand-in."""
    return simpi(*arguments, "--target", target.url, env=secrets(target))


def secrets(target: Target) -> dict[str, str]:
    return {"SIMPI_STORAGE_CONNECTION": target.storage, "SIMPI_SYSTEM_KEY": target.system_key}


def test_a_status_that_there_is_not_is_wrong_use(simpi: Caller, target: Target) -> None:
    said = say(simpi, target, "list", "--status", "bogus")
    assert (said.code, said.out) == (2, "")
    assert "running, success, rejected, superseded, cancelled, failed, not 'bogus'" in said.err
    assert "--code bogus" in said.err


def test_an_empty_list_says_what_was_looked_for(simpi: Caller, target: Target, host: StandIn) -> None:
    host.has()
    assert say(simpi, target, "list").out == "no jobs yet\n"
    assert say(simpi, target, "list", "--status", "failed").out == "no job is failed\n"
    assert say(simpi, target, "list", "--code", "corrupt").out == "no job has the code corrupt\n"


def test_the_list_shows_what_can_be_filtered_by(simpi: Caller, target: Target, host: StandIn) -> None:
    host.has()
    id_ = keep(target, 1, "rejected", "corrupt")
    out = say(simpi, target, "list", "--status", "rejected", "--code", "corrupt").out
    assert id_ in out
    assert "rejected (corrupt)" in out


def test_a_narrow_terminal_gets_a_line_per_job_whose_id_is_taken(simpi: Caller, target: Target, host: StandIn) -> None:
    host.has()
    wanted = keep(target, 1, "rejected", "unsupported_type")
    said = simpi("list", "--target", target.url, env=secrets(target) | {"COLUMNS": "60"})
    (line,) = said.out.splitlines()[2:]
    assert len(line.rstrip()) <= 60
    assert say(simpi, target, "show", line.split()[0], "--json").json["instance_id"] == wanted


def test_the_beginning_of_an_id_means_the_job_that_has_it(target: Target, host: StandIn) -> None:
    host.has(instance(7, begins="be6ef"))
    running, ended = id_of(7, "be6ef"), keep(target, 5, "success")
    assert finding.job(target, "be6ef").instance_id == finding.job(target, "media-be6e").instance_id == running
    assert finding.job(target, ended[:-1]).instance_id == ended


def test_a_beginning_of_several_ids_is_refused_with_their_names(target: Target, host: StandIn) -> None:
    host.has(instance(1, begins="be6ef1"), instance(2, begins="be6ef2"))
    with pytest.raises(UsageError, match=r"any of 2 jobs") as refused:
        finding.job(target, "be6ef")
    assert id_of(1, "be6ef1") in str(refused.value) and id_of(2, "be6ef2") in str(refused.value)


def test_an_upload_means_its_job_with_and_without_its_folders(target: Target, host: StandIn) -> None:
    host.has()
    name = "cli/20261123T060102-0a1b2c3d/My-holiday-1.jpg"
    etag = target.blobs.get_blob_client(naming.UPLOADS, name).upload_blob(b"x")["etag"]
    wanted = finding.Job(naming.instance_id(naming.UPLOADS, name, str(etag)), name)
    for given in (name, f"uploads/{name}", "My-holiday-1.jpg", "My holiday (1).JPG"):
        assert finding.job(target, given) == wanted


def test_an_upload_of_several_folders_is_refused_with_their_names(target: Target, host: StandIn) -> None:
    host.has()
    for folder in ("a/", "b/", ""):
        target.blobs.get_blob_client(naming.UPLOADS, f"{folder}photo.jpg").upload_blob(b"x")
    assert finding.job(target, "photo.jpg").blob_name == "photo.jpg"
    with pytest.raises(UsageError, match=r"a/photo\.jpg|b/photo\.jpg"):
        target.blobs.get_blob_client(naming.UPLOADS, "photo.jpg").delete_blob()
        finding.job(target, "photo.jpg")


def test_what_is_nowhere_is_wrong_use(simpi: Caller, target: Target, host: StandIn) -> None:
    host.has()
    for command in ("show", "status", "cancel", "redrive"):
        said = say(simpi, target, command, "abcdef")
        assert (said.code, said.out) == (2, "")
        assert "there is no job abcdef" in said.err


def test_a_receipt_is_shown_by_the_beginning_of_its_id(simpi: Caller, target: Target, host: StandIn) -> None:
    host.has()
    id_ = keep(target, 3, "success")
    assert say(simpi, target, "show", id_[:20], "--json").json["instance_id"] == id_


def test_the_rejected_ones_of_one_code_run_again_together_and_nobody_else_does(
    simpi: Caller, target: Target, host: StandIn
) -> None:
    host.has()
    big = {keep(target, number, "rejected", "too_many_pixels") for number in (1, 2)}
    keep(target, 3, "rejected", "corrupt"), keep(target, 4, "failed", "upload_failed"), keep(target, 5, "success")
    host.says((202, {"blobName": "big.jpg"}))
    said = say(simpi, target, "redrive", "--rejected", "--code", "too_many_pixels", "--json")
    assert (said.code, said.json["dry_run"]) == (0, False)
    assert {job["instance_id"] for job in said.json["jobs"]} == big
    assert sorted(path.partition("?")[0] for path in host.asked) == sorted(f"/api/jobs/{id_}/redrive" for id_ in big)


def test_a_rehearsal_says_which_rejected_ones_would_run_again_and_asks_for_no_more(
    simpi: Caller, target: Target, host: StandIn
) -> None:
    host.has()
    ids = {keep(target, 1, "rejected", "too_long"), keep(target, 2, "rejected", "corrupt")}
    host.says((200, {"blobName": "cli/20261126T060102-0a1b2c3d/big.jpg"}))
    said = say(simpi, target, "redrive", "--rejected", "--dry-run")
    assert {line.split()[0] for line in said.out.splitlines()} == ids
    assert said.out.count("  big.jpg  would run again") == 2
    assert all("dryRun=true" in path for path in host.asked)
    none = say(simpi, target, "redrive", "--rejected", "--code", "empty", "--dry-run")
    assert (none.code, none.out) == (0, "no job is rejected and has the code empty\n")
    assert say(simpi, target, "redrive", "--failed").out == "no job is failed\n"


@pytest.mark.parametrize("options", [(), ("--failed", "--rejected"), ("abc", "--rejected"), ("abc", "--code", "x")])
def test_what_is_to_run_again_is_said_in_one_way(simpi: Caller, target: Target, options: tuple[str, ...]) -> None:
    said = say(simpi, target, "redrive", *options)
    assert (said.code, said.out) == (2, "")
    assert "--failed or --rejected" in said.err


@pytest.mark.parametrize("verb", ["cancel", "run-now"])
def test_a_job_that_has_ended_says_how(simpi: Caller, target: Target, host: StandIn, verb: str) -> None:
    id_ = keep(target, 4, "rejected", "corrupt")
    host.says((404, {"code": "not_running", "detail": "There is no running job of this id."}))
    said = say(simpi, target, verb, id_)
    assert said.code == 1
    assert "has ended already" in said.err and "rejected (corrupt)" in said.err


@pytest.mark.parametrize(
    ("stage", "words"), [("deferred", "starts now"), ("compressing", "is under way already (compressing)")]
)
def test_only_a_job_that_waits_is_said_to_start(
    simpi: Caller, target: Target, host: StandIn, stage: str, words: str
) -> None:
    status = {"runtimeStatus": "Running", "customStatus": {"stage": stage, "percent": 10}}
    host.says((200, status), (202, {"instanceId": id_of(1), "started": True}))
    said = say(simpi, target, "run-now", id_of(1))
    assert (said.code, said.out) == (0, f"{id_of(1)} {words}: ./simpi status {id_of(1)}\n")


def test_a_reader_that_has_seen_enough_leaves_no_noise(simpi: Caller, target: Target) -> None:
    id_ = keep(target, 6, "success")
    for options in ([], ["--json"]):
        command = simpi.command("show", id_, "--target", target.url, *options)
        environment = simpi.env | secrets(target)
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(command, cwd=simpi.folder, env=environment, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert b"Exception ignored" not in done.stderr and b"Traceback" not in done.stderr
