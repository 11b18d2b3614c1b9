"""`./simpi up`: takes over from the background, makes way for nobody, and builds its page beside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.stack import is_alive
from devhost.ports import free_ports
from devhost.testing import Host, eventually
from tests.cli.calling import Caller
from tests.conftest import ROOT
from tests.stack import media


class Up:
    """`up` in a terminal: what it told, as an object, and its process."""

    def __init__(self, user: Caller, *options: str) -> None:
        self.process = user.begin("up", "--no-open", "--json", *options)
        assert self.process.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, "it ended"
            told += line
        self.told: dict[str, Any] = json.loads(told)

    def ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    user = Caller(tmp_path_factory.mktemp("user"))
    (user.folder / "photo.jpg").write_bytes(media.photo())
    yield user
    user("down")


@contextmanager
def in_background(data: Path) -> Iterator[Host]:
    """A stack as `compress` leaves it, but on any free port: tests beside this one look for the usual one."""
    host = Host.start(ROOT, data, port=free_ports(1)[0])
    try:
        (data / "background.json").write_text(json.dumps({"pid": host.stack["pid"]}))
        yield host
    finally:
        host.kill()


@pytest.fixture(scope="module")
def before(user: Caller) -> Iterator[dict[str, Any]]:
    """A stack in the background with a job that is done."""
    with in_background(user.data) as host:
        assert user("compress", "photo.jpg").code == 0
        yield host.stack


@pytest.fixture(scope="module")
def up(user: Caller, before: dict[str, Any]) -> Iterator[Up]:
    """`up` while there is a stack in the background, with options that differ from its."""
    up = Up(user, "--port", str(free_ports(1)[0]), "--workers", "1")
    try:
        yield up
    finally:
        code = up.ctrl_c()
    assert code == 0
    assert user("list").code == 3


def test_up_takes_over_from_the_background_with_its_own_options(user: Caller, before: dict[str, Any], up: Up) -> None:
    assert not is_alive(before["pid"])
    assert up.told["pid"] == up.process.pid
    assert (up.told["workers"], before["workers"]) == (1, 2)
    assert up.told["url"] != before["url"]
    assert (user.data / "sandbox.json").exists()
    assert len(user("list", "--json").json["jobs"]) == 1  # what was done before is still known


def test_the_page_is_there_or_says_that_it_will_be(up: Up) -> None:
    page = requests.get(up.told["url"] + "/", timeout=30)
    assert page.status_code == 200 or (page.status_code == 503 and "not built yet" in page.text)


def test_a_second_up_says_where_the_first_one_is_and_not_how_to_end_it_here(user: Caller, up: Up) -> None:
    said = user("up", "--no-open")
    assert (said.code, "Ctrl-C" in said.out) == (0, False)
    assert up.told["url"] in said.out
    assert f"process {up.process.pid}" in said.err
    same = user("up", "--no-open", "--workers", "1", "--json")
    assert same.json["pid"] == up.process.pid


@pytest.mark.parametrize("options", [("--port", "7999"), ("--workers", "2")])
def test_a_second_up_that_wants_another_one_is_wrong_use(user: Caller, up: Up, options: tuple[str, str]) -> None:
    said = user("up", "--no-open", *options)
    assert (said.code, said.out) == (2, "")
    assert up.told["url"] in said.err
    assert is_alive(up.process.pid)


def test_up_stays_where_the_background_was_if_nothing_else_is_asked_for(simpi: Caller) -> None:
    with in_background(simpi.data) as before:
        up = Up(simpi)
        assert up.told["url"] == before.url
        assert up.ctrl_c() == 0


def test_a_port_in_use_ends_nothing_in_the_background(simpi: Caller) -> None:
    with in_background(simpi.data), socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = simpi("up", "--no-open", "--port", str(port))
        assert (said.code, f"port {port} is in use" in said.err) == (2, True)
        assert simpi("list").code == 0


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page's build script by itself, with a Node and an npm that only say that they were called."""
    home, tools = tmp_path / "media-uploader", tmp_path / "tools"
    for folder in (home / "out", home / "node_modules", tools):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "media-uploader" / "build.py", home)
    (tmp_path / "devhost").symlink_to(ROOT / "devhost")
    (home / "package-lock.json").write_text("{}")
    for name, does in {"node": "echo v22.0.0", "npm": 'eval "$NPM"'}.items():
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    return home


def building(page: Path, npm: str) -> subprocess.Popen[str]:
    """Build, where npm does this."""
    environment = {"PATH": f"{page.parent / 'tools'}:/usr/bin:/bin", "SEEN": str(page / "seen"), "NPM": npm}
    return subprocess.Popen(
        [sys.executable, str(page / "build.py")],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_interrupted_is_quiet_and_leaves_nothing_running(page: Path, number: int) -> None:
    # More than a pipe holds: when it is through, somebody listens to npm.
    process = building(page, "head -c 200000 /dev/zero; echo $$ > $SEEN; sleep 100 & wait")
    eventually(lambda: (page / "seen").exists() and (page / "seen").read_text().strip())
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert not is_alive(int((page / "seen").read_text()))


def test_a_page_is_new_by_its_first_file_when_it_is_complete(page: Path) -> None:
    process = building(page, "touch -d 2020-01-01 out/index.html; sleep 0.05; touch out/operations.html")
    assert process.communicate(timeout=20)[1] and process.returncode == 0
    index, last = (page / "out" / name for name in ("index.html", "operations.html"))
    assert index.stat().st_mtime_ns >= last.stat().st_mtime_ns
