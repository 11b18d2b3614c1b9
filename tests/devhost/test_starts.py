"""Starts that do not succeed, several at once, and what a host leaves in its data folder."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from devhost.azurite_server import PREFERRED, Azurite
from devhost.children import Child
from devhost.environment import python_path
from devhost.host_json import ConfigError
from devhost.logs import keep_small
from devhost.ports import FIRST_PORT
from devhost.state import DataDir
from devhost.testing import Host, eventually, with_own_ports

from .conftest import APP, clean_host
from .test_recovery import processes

REASON = "SLOTS='0' is not allowed: a number from 1 to 64"
BAD_APP = f"""
import os, pathlib, time

class SettingError(ValueError):
    pass

worker_has_seen_it = pathlib.Path("seen")
if "DEVHOST_WORKER" in os.environ:
    worker_has_seen_it.touch()
while not worker_has_seen_it.exists():
    time.sleep(0.05)
raise SettingError("{REASON}")
"""
LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} (INFO|WARNING|ERROR) .+"


@pytest.fixture
def bad_app(tmp_path: Path) -> Path:
    """An app that refuses its settings when it is imported."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "host.json").write_text('{"version": "2.0"}')
    (app / "function_app.py").write_text(BAD_APP)
    return app


def refused(app: Path, data: Path, **env: str) -> str:
    """What a host says that cannot start."""
    with pytest.raises(RuntimeError, match="the host ended with 1") as ended:
        Host.start(app, data, 2, {"AzureWebJobsStorage": "", **env})
    return str(ended.value)


def test_an_app_that_cannot_be_imported_is_told_in_one_line(bad_app: Path, tmp_path: Path) -> None:
    told = refused(bad_app, tmp_path / "data").splitlines()
    assert len(told) == 2, told  # the first is what `refused` waits for
    assert told[1].endswith(f"the app cannot start: SettingError: {REASON}")
    assert told[1] + "\n" == (tmp_path / "data" / "devhost.log").read_text()


def test_who_wants_to_debug_it_gets_the_traceback(bad_app: Path, tmp_path: Path) -> None:
    told = refused(bad_app, tmp_path / "data", DEVHOST_LOG="DEBUG")
    assert "Traceback" in told
    assert "function_app.py" in told


@contextmanager
def started(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A host that was not told on which port to listen."""
    command = [
        sys.executable,
        "-m",
        "devhost",
        "--app",
        str(APP),
        "--data",
        str(with_own_ports(data)),
        "--workers",
        "1",
    ]
    env = {**os.environ, "PYTHONPATH": python_path(os.environ), "AzureWebJobsStorage": "", "PROOF_DIR": str(data)}
    with (data / "host.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_of_hosts_that_start_at_once_each_finds_a_port(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    with started(folders[0]) as one, started(folders[1]) as two, started(folders[2]) as three:
        for folder, process in zip(folders, (one, two, three), strict=True):
            eventually(lambda at=folder, by=process: by.poll() is not None or (at / "stack.json").exists(), 60)
        ports = {json.loads((folder / "stack.json").read_text())["port"] for folder in folders}
    assert len(ports) == 3
    assert min(ports) >= FIRST_PORT


def test_only_the_host_on_the_first_port_tries_azurites_usual_ones(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    azurite = Azurite(data, dict(os.environ), on_usual_ports=False)
    azurite.child.stop()
    azurite.child.reap(0)
    data.close()
    assert not any(f":{port}/" in azurite.connection_string for port in PREFERRED)


def test_the_data_folder_of_before_is_closed_to_others_and_so_is_all_in_it(tmp_path: Path, proof: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "host.lock").touch()
    data.chmod(0o755)
    with clean_host(data, proof, workers=1):
        assert data.stat().st_mode & 0o777 == 0o700
        made = [data / name for name in ("azurite", "work", "devhost.log", "stack.json")]
        assert [path.name for path in made if path.stat().st_mode & 0o077] == []


def test_a_folder_of_somebody_elses_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "letter.txt").touch()
    DataDir(tmp_path).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match="there is a file in its place"):
            DataDir(path)
    # Nobody can write there, not even root.
    with pytest.raises(ConfigError, match="it is read-only"):
        DataDir(Path(f"/proc/{os.getpid()}/task"))


def test_the_log_file_has_what_stderr_has_with_the_date(tmp_path: Path, proof: Path) -> None:
    with clean_host(tmp_path, proof, workers=1) as host:
        id_ = host.call("POST", "/api/start/catching", {"what": "a worker's own line"}).json["id"]
        host.ended(id_)
        assert f"activity 'broken' of {id_} failed: RuntimeError" in host.log
    lines = (tmp_path / "devhost.log").read_text().splitlines()
    assert sorted(lines) == sorted(host.log.splitlines())
    assert [line for line in lines if not re.fullmatch(LINE, line)] == []


def test_what_azurite_complains_of_is_in_the_log_in_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    complaint = "import sys; print('all is well'); sys.exit('ENOSPC: no space left\\n    at write')"
    child = Child("azurite", [sys.executable, "-c", complaint], dict(os.environ), signal.SIGTERM, quiet=True)
    eventually(lambda: len(caplog.records) == 2)
    assert [record.getMessage() for record in caplog.records] == [
        "azurite says: ENOSPC: no space left",
        "azurite says:     at write",
    ]
    child.reap(time.monotonic() + 10)


def test_a_log_that_is_large_begins_anew_for_all_who_write_to_it(tmp_path: Path) -> None:
    log = tmp_path / "devhost.log"
    writers = [logging.FileHandler(log), logging.FileHandler(log)]
    for number in range(3):
        for handler in writers:
            handler.emit(logging.makeLogRecord({"msg": f"line {number}"}))
        keep_small(log, most_bytes=20)
    assert log.read_text() == "line 2\nline 2\n"
    assert (tmp_path / "devhost.log.1").read_text() == "line 0\nline 0\nline 1\nline 1\n"
    for handler in writers:
        handler.close()


def test_ctrl_c_reaches_everybody_and_nobody_complains(tmp_path: Path, proof: Path) -> None:
    running = Host.start(APP, tmp_path, 2, {"PROOF_DIR": str(proof), "AzureWebJobsStorage": ""})
    eventually(lambda: running.call("GET", "/admin/host/status").json["workers"] == 2)
    (azurite,) = processes(running, "azurite.js")
    azurite.send_signal(signal.SIGINT)
    with BlobServiceClient.from_connection_string(running.stack["storage"], retry_total=0) as storage:
        list(storage.list_containers())  # it is the host that ends it
    assert processes(running, "azurite.js") == [azurite]
    before = len(running.log)
    os.killpg(os.getpgid(running.stack["pid"]), signal.SIGINT)
    assert running.stop() == 0
    said = running.log[before:].splitlines()
    assert [line.split(maxsplit=2)[1:] for line in said] == [["INFO", "host      stopping"]]
