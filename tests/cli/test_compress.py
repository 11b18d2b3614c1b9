"""The command line on a real stack, the way a user goes: compress, ask, compress again, stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from cli.stack import is_alive
from devhost.ports import is_free, next_free
from devhost.testing import eventually
from tests.cli.calling import Caller, Said
from tests.stack import media


class User(Caller):
    """A user with some files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        files = {
            "photo.jpg": media.photo(),
            "clip.mp4": media.clip(),
            "letter.mp4": b"Dear Sir or Madam, this is no video.\n" * 40,
            "empty.jpg": b"",
            "archive.zip": b"PK\x03\x04" + bytes(300),
        }
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def stack(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return told


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """A user whose first call starts the stack."""
    user = User(tmp_path_factory.mktemp("user") / "a user")
    yield user
    user("down")


@pytest.fixture(scope="module")
def first(user: User) -> Said:
    """What the first call says: a photo and a video."""
    return user("compress", "photo.jpg", "clip.mp4", "--out", "smaller", "--json")


def test_a_photo_and_a_video_come_back_smaller_and_open(user: User, first: Said) -> None:
    assert first.code == 0, first.err
    jobs, totals = first.json["jobs"], first.json["totals"]
    assert [(job["file"], job["status"], job["kind"]) for job in jobs] == [
        ("photo.jpg", "success", "image"),
        ("clip.mp4", "success", "video"),
    ]
    assert jobs[0]["downloaded"] == ["smaller/photo.webp", "smaller/photo-thumb.webp"]
    assert jobs[1]["downloaded"] == ["smaller/clip.mp4", "smaller/clip-poster.webp"]
    for job in jobs:
        main = user.folder / job["downloaded"][0]
        assert main.stat().st_size == job["compressed_size"] < job["original_size"]
    with Image.open(user.folder / "smaller" / "photo.webp") as picture:
        assert picture.size == (1600, 1200)
    assert totals["by_status"] == {"success": 2}
    assert totals["saved_bytes"] == totals["original_size"] - totals["compressed_size"] > 0


def test_progress_and_notes_go_to_stderr(first: Said) -> None:
    assert "stays for the next call" in first.err
    assert "[2/2]" in first.err


def test_the_next_call_reuses_the_stack(user: User, first: Said) -> None:
    before = user.stack()["pid"]
    again = user("compress", "photo.jpg", "--out", "again")
    assert again.code == 0, again.err
    assert user.stack()["pid"] == before
    assert "photo.jpg" in again.out and "compressed" in again.out
    assert "2 files in again" in again.out


def test_bad_files_are_rejected_each_with_its_code_and_the_others_unharmed(user: User, first: Said) -> None:
    said = user("compress", "letter.mp4", "empty.jpg", "archive.zip", "photo.jpg", "--json")
    assert said.code == 1
    told = [(job["status"], job["error_code"]) for job in said.json["jobs"]]
    assert [status for status, _ in told] == ["rejected", "rejected", "rejected", "success"]
    assert told[1][1] == "empty"
    assert told[2][1] == "unsupported_type"
    assert all(job["error"] and job["downloaded"] == [] for job in said.json["jobs"][:3])
    assert said.json["jobs"][3]["downloaded"]


def test_a_batch_brings_the_same_results_in_the_order_of_the_files(user: User, first: Said) -> None:
    said = user("compress", "letter.mp4", "photo.jpg", "--batch", "--out", "batch", "--json")
    assert said.code == 1, said.err
    told = [(job["file"], job["status"], job["downloaded"]) for job in said.json["jobs"]]
    assert told == [
        ("letter.mp4", "rejected", []),
        ("photo.jpg", "success", ["batch/photo.webp", "batch/photo-thumb.webp"]),
    ]
    assert "batch batch-" in said.err


def test_a_job_can_be_asked_about_by_id_and_by_name(user: User, first: Said) -> None:
    job = first.json["jobs"][0]
    by_id, by_name = user("status", job["instance_id"], "--json"), user("status", job["blob_name"], "--json")
    assert by_id.json["status"] == by_name.json["status"] == "success"
    assert by_id.json["instanceId"] == job["instance_id"]
    assert by_id.code == 0


def test_a_receipt_is_shown_in_full(user: User, first: Said) -> None:
    job = first.json["jobs"][1]
    assert user("show", job["instance_id"], "--json").json["outputs"] == job["outputs"]
    readable = user("show", job["instance_id"]).out
    assert "recipe.argv" in readable and "libx264" in readable


def test_the_jobs_are_listed_newest_first(user: User, first: Said) -> None:
    jobs = user("list", "--json").json["jobs"]
    assert {job["instance_id"] for job in first.json["jobs"]} <= {job["instance_id"] for job in jobs}
    moments = [job["completed_at"] for job in jobs if job["status"] != "running"]
    assert moments == sorted(moments, reverse=True)
    assert len(user("list", "--limit", "1", "--json").json["jobs"]) == 1
    rejected = user("list", "--status", "rejected", "--json").json["jobs"]
    assert all(job["status"] == "rejected" for job in rejected)


def test_a_job_that_never_was_is_not_found(user: User, first: Said) -> None:
    for command in ("status", "show"):
        said = user(command, "media-" + "0" * 32)
        assert said.code == 2
        assert "media-000" in said.err


def test_the_doctor_sees_the_running_stack(user: User, first: Said) -> None:
    checks = {check["name"]: check for check in user("doctor", "--json").json["checks"]}
    assert "healthy" in checks["stack"]["found"]


def test_another_host_is_used_by_its_address_and_the_secrets_in_the_environment(
    user: User, first: Said, simpi: Caller
) -> None:
    stack = user.stack()
    secrets = {"SIMPI_STORAGE_CONNECTION": stack["storage"], "SIMPI_SYSTEM_KEY": stack["system_key"]}
    (simpi.folder / "photo.jpg").write_bytes(media.photo())
    said = simpi("compress", "photo.jpg", "--target", stack["url"], "--json", env=secrets)
    assert said.code == 0, said.err
    assert said.json["jobs"][0]["downloaded"] == ["compressed/photo.webp", "compressed/photo-thumb.webp"]
    assert not (simpi.data / "stack.json").exists()


def test_ctrl_c_is_clean_and_leaves_the_stack(user: User, first: Said) -> None:
    (user.folder / "long.mp4").write_bytes(media.clip(40, "1280x720", crf=30))
    call = user.begin("compress", "long.mp4", "--json", stderr=subprocess.PIPE)
    eventually(lambda: user("list", "--status", "running", "--json").json["jobs"], 30)
    os.killpg(call.pid, signal.SIGINT)
    out, err = call.communicate(timeout=20)
    assert (call.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert user("list").code == 0


def test_another_number_of_workers_starts_an_idle_stack_again_and_loses_nothing(user: User, first: Said) -> None:
    eventually(lambda: user("list", "--status", "running", "--json").json["jobs"] == [], 60)  # what Ctrl-C has left
    said = user("compress", "photo.jpg", "--workers", "3", "--json")
    assert said.code == 0, said.err
    assert user.stack()["workers"] == 3
    job = first.json["jobs"][0]
    assert user("show", job["instance_id"], "--json").json["status"] == "success"


def test_down_ends_it(user: User, first: Said) -> None:
    pid = user.stack()["pid"]
    assert user("down", "--json").json["stopped"] is True
    assert not is_alive(pid)
    assert user("list").code == 3


def test_up_tells_where_it_is_and_ctrl_c_ends_all(user: User) -> None:
    port = next_free(7171)
    call = user.begin("up", "--no-open", "--json", "--port", str(port), "--workers", "1")
    try:
        assert call.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            told += call.stdout.readline()
        up = json.loads(told)
        assert up["url"] == f"http://127.0.0.1:{port}"
        assert up["pid"] == call.pid
        second = user("up", "--no-open", "--json")
        assert second.json["pid"] == call.pid
        kept = user("compress", "photo.jpg", "--workers", "2", "--json")
        assert kept.code == 0, kept.err
        assert "using the running stack although" in kept.err
        beside = json.loads((user.data / "sandbox.json").read_text())["port"]
        assert requests.get(f"http://127.0.0.1:{beside}/sandbox/state", timeout=20).status_code == 200
    finally:
        os.killpg(call.pid, signal.SIGINT)
        call.wait(timeout=30)
    assert call.stdout is not None
    call.stdout.close()
    assert user("list").code == 3
    eventually(lambda: is_free(beside))
    assert (user.data / "sandbox.json").stat().st_mode & 0o777 == 0o600  # it holds secrets
