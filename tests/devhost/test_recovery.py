"""What survives what: killed workers, a killed host, a killed Azurite."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from devhost.testing import Host, eventually
from tests.azurite import running_azurite

from .conftest import APP, clean_host

ENV = "AzureWebJobsStorage"


def processes(host: Host, part: str) -> list[psutil.Process]:
    """The host's child processes whose command line has `part`."""
    found = []
    for process in psutil.Process(host.stack["pid"]).children():
        with contextlib.suppress(psutil.Error):  # it ends just now
            if any(part in word for word in process.cmdline()):
                found.append(process)
    return found


def runs(proof: Path, key: str) -> list[str]:
    """The work folders of the runs of an activity, one for each."""
    folder = proof / key
    return [mark.read_text() for mark in folder.iterdir()] if folder.exists() else []


def hold(host: Host, name: str, let_go: Path) -> None:
    host.call("POST", f"/api/start/holding/{name}", {"key": name, "until": str(let_go)})


def answers(host: Host) -> bool:
    """the host answers"""
    with urllib.request.urlopen(f"{host.url}/admin/host/ping", timeout=5) as response:
        return bool(response.status == 200)


def test_an_activity_whose_worker_is_killed_runs_again_in_another(
    host: Host, proof: Path, name: str, tmp_path: Path
) -> None:
    let_go = tmp_path / "go"
    eventually(lambda: host.call("GET", "/admin/host/status").json["workers"] == 2)
    hold(host, name, let_go)
    eventually(lambda: runs(proof, name))
    worker = Path(runs(proof, name)[0]).name
    before = len(processes(host, "devhost.worker"))
    next(p for p in processes(host, "devhost.worker") if p.environ()["DEVHOST_WORKER"] == worker).kill()
    eventually(lambda: len(runs(proof, name)) == 2)
    let_go.touch()
    assert host.ended(name)["output"] == 2
    assert f"what it was running runs again: 'held' of {name}" in host.log
    eventually(lambda: len(processes(host, "devhost.worker")) == before)
    eventually(lambda: len(host.ended(str(start_spread(host)))["output"]) == 2)


def test_what_a_dead_worker_has_started_is_ended(host: Host) -> None:
    pid = host.ended(host.call("POST", "/api/start/spawning").json["id"])["output"]
    program = psutil.Process(pid)
    program.parent().kill()
    eventually(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


def start_spread(host: Host) -> Any:
    return host.call("POST", "/api/start/spread").json["id"]


def test_a_killed_host_leaves_nothing_behind_and_starts_again_with_every_upload(tmp_path: Path, proof: Path) -> None:
    data = tmp_path / "data"
    first = Host.start(APP, data, 1, {"PROOF_DIR": str(proof), ENV: ""})
    storage = BlobServiceClient.from_connection_string(first.stack["storage"])
    storage.create_container("uploads")
    storage.get_blob_client("uploads", "kept").upload_blob(b"123")
    assert first.ended("kept")["output"] == 6
    time.sleep(0.5)  # Azurite's index is written five times a second
    first.kill()
    began = time.monotonic()
    with clean_host(data, proof, workers=1) as second:
        assert second.stack["storage"] == first.stack["storage"]
        assert second.stack["system_key"] == first.stack["system_key"]
        assert eventually(lambda: second.status("kept"))
        assert second.ended("kept")["output"] == 6
        assert "there already in 'uploads', seen again by" in second.log
    assert time.monotonic() - began < 20


def test_when_only_the_host_is_killed_its_children_end_too(tmp_path: Path, proof: Path) -> None:
    running = Host.start(APP, tmp_path, 2, {"PROOF_DIR": str(proof), ENV: ""})
    eventually(lambda: running.call("GET", "/admin/host/status").json["workers"] == 2)
    children = psutil.Process(running.stack["pid"]).children(recursive=True)
    assert len(children) == 3, children  # two workers and Azurite
    os.kill(running.stack["pid"], signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=5)
    running.kill()
    assert not alive


def test_a_stop_is_quick_and_leaves_neither_processes_nor_the_stack_file(tmp_path: Path, proof: Path) -> None:
    running = Host.start(APP, tmp_path, 2, {"PROOF_DIR": str(proof), ENV: ""})
    running.ended(running.call("POST", "/api/start/spawning").json["id"])
    children = psutil.Process(running.stack["pid"]).children(recursive=True)
    assert "sleep" in [child.name() for child in children]
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 3
    assert not any(child.is_running() for child in children)
    assert not (tmp_path / "stack.json").exists()


def test_a_second_host_on_the_same_folder_or_port_is_refused(host: Host, tmp_path: Path, proof: Path) -> None:
    env = {"PROOF_DIR": str(proof), ENV: ""}
    process = str(host.stack["pid"])
    stack = (host.data / "stack.json").read_text()
    with pytest.raises(RuntimeError, match=f"in use by another devhost .process {process}."):
        Host.start(APP, host.data, 1, env)
    (host.data / "stack.json").write_text(stack)
    with pytest.raises(RuntimeError, match=f"port {host.stack['port']} is taken"):
        Host.start(APP, tmp_path, 1, env, host.stack["port"])
    assert answers(host)


def test_the_log_says_when_storage_is_away_and_when_it_is_back(tmp_path: Path, proof: Path) -> None:
    with running_azurite(tmp_path / "storage") as connection:
        pass
    host = Host.start(APP, tmp_path / "data", 1, {"PROOF_DIR": str(proof), ENV: connection})
    try:
        for said in ("cannot be listed", "cannot be read"):
            eventually(lambda said=said: said in host.log)
        assert "again" not in host.log
        with (
            running_azurite(tmp_path / "storage") as connection,
            BlobServiceClient.from_connection_string(connection) as it,
        ):
            it.create_container("uploads")
            eventually(lambda: "container 'uploads' can be listed again" in host.log)
            QueueClient.from_connection_string(connection, "jobs").create_queue()
            eventually(lambda: "queue 'jobs' can be read again" in host.log)
    finally:
        host.stop()


def test_a_killed_azurite_is_started_again_and_uploads_go_on(host: Host, storage: BlobServiceClient, name: str) -> None:
    (azurite,) = processes(host, "azurite.js")
    azurite.terminate()
    azurite.wait(10)
    eventually(lambda: [p for p in processes(host, "azurite.js") if p.pid != azurite.pid])

    def uploaded() -> bool:
        """Azurite answers"""
        try:
            if not storage.get_container_client("uploads").exists():
                storage.create_container("uploads")
            storage.get_blob_client("uploads", name).upload_blob(b"1", overwrite=True)
        except Exception:
            return False
        return True

    eventually(uploaded, 40)
    assert host.ended(name)["output"] == 2
