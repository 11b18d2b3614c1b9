"""Wrong use, unreachable targets and help: exit codes, messages, and a clean stdout."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bench.peers import Missing, _run
from tests.cli.calling import Caller
from tests.conftest import ROOT


def test_help_names_every_command_and_the_exit_codes(simpi: Caller) -> None:
    said = simpi("--help")
    assert said.code == 0
    for name in ("up", "demo", "compress", "status", "list", "show", "doctor", "test", "bench", "down"):
        assert f"\n  {name} " in said.out
    assert "Exit codes:" in said.out


def test_help_loads_nothing_that_only_a_command_needs(simpi: Caller) -> None:
    said = simpi("--help", env={"PYTHONPROFILEIMPORTTIME": "1"}).err
    assert "typer" in said
    for module in ("azure", "aiohttp", "durabletask", "PIL", "requests", "rich.progress"):
        assert f" {module}\n" not in said, module


def test_a_missing_file_is_wrong_use_and_starts_nothing(simpi: Caller) -> None:
    said = simpi("compress", "gone.jpg", "--json")
    assert said.code == 2
    assert said.json == {
        "error": "no such file or folder: gone.jpg",
        "fix": "Nothing was uploaded.",
        "code": "wrong_use",
    }
    assert "no such file or folder: gone.jpg" in said.err
    assert not (simpi.data / "stack.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [("compress", "photo.jpg", "--out", ""), ("demo", "--out", ""), ("list", "--data", "")],
    ids=["compress", "demo", "data"],
)
def test_an_empty_folder_name_never_means_the_folder_where_the_user_is(
    simpi: Caller, arguments: tuple[str, ...]
) -> None:
    (simpi.folder / "photo.jpg").write_bytes(b"x")
    said = simpi(*arguments)
    assert (said.code, said.out) == (2, "")
    assert f"Invalid value for '{arguments[-2]}'" in said.err
    assert "it is empty" in said.err
    assert sorted(path.name for path in simpi.folder.iterdir()) == ["data", "photo.jpg"]
    assert not (simpi.data / "stack.json").exists()


def test_an_output_folder_that_cannot_be_is_wrong_use_and_starts_nothing(simpi: Caller) -> None:
    for name in ("photo.jpg", "README.md"):
        (simpi.folder / name).write_bytes(b"x")
    said = simpi("compress", "photo.jpg", "--out", "README.md")
    assert (said.code, said.out) == (2, "")
    assert "--out README.md: no folder to write into (a file is in the way)" in said.err
    assert not (simpi.data / "stack.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("compress",),
        ("frobnicate",),
        ("compress", "--workers", "0", "."),
        ("up", "--port", "x"),
        ("bench", "nothing"),
    ],
)
def test_wrong_use_has_exit_code_2(simpi: Caller, arguments: tuple[str, ...]) -> None:
    said = simpi(*arguments)
    assert said.code == 2
    assert said.err or said.out.startswith("Usage:")


@pytest.mark.parametrize(
    "option", [("--target", "https://elsewhere.example"), ("--data", "elsewhere"), ("--json",)], ids=lambda o: o[0]
)
def test_an_option_before_drop_is_refused_and_not_passed_over(simpi: Caller, option: tuple[str, ...]) -> None:
    said = simpi("poison", *option, "drop", "--all")
    assert said.code == 2
    assert f"{option[0]} belongs behind drop" in said.err
    assert simpi("poison", "drop", "--all").code == 3  # SIMPI_DATA is in the environment, and counts for both


@pytest.mark.parametrize("command", [("status", "media-" + "0" * 32), ("list",), ("show", "media-" + "0" * 32)])
def test_asking_without_a_stack_says_how_to_start_one(simpi: Caller, command: tuple[str, ...]) -> None:
    said = simpi(*command, "--json")
    assert (said.code, said.json["code"]) == (3, "unreachable")
    assert "./simpi up" in said.err and "./simpi up" in said.json["fix"]


def test_an_error_is_on_stdout_for_machines_only(simpi: Caller) -> None:
    assert simpi("list").out == ""


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (("list", "-n", "0"), "./simpi list -h"),
        (("poison", "drop", "--nope"), "./simpi poison drop -h"),
        (("frobnicate",), "./simpi -h"),
        (("compress", "-beach.jpg"), "A file whose name begins with a dash is named with its folder: ./-beach.jpg"),
    ],
)
def test_a_call_that_cannot_be_understood_is_an_object_for_machines_too(
    simpi: Caller, arguments: tuple[str, ...], fix: str
) -> None:
    (simpi.folder / "-beach.jpg").write_bytes(b"x")
    said = simpi(*arguments, "--json")
    assert said.code == 2
    assert (said.json["code"], said.json["fix"]) == ("wrong_use", fix)
    assert f"Error: {said.json['error']}" in said.err
    people = simpi(*arguments)
    assert (people.code, people.out) == (2, "")
    assert ("begins with a dash" in people.err) == ("-beach.jpg" in arguments)


def test_every_option_says_what_it_is_for(simpi: Caller) -> None:
    for command in ("up", "demo", "down", "compress", "list", "redrive", "purge", "savings", "doctor", "sandbox"):
        silent = re.search(r"^  -\S+(?: \S+)* {2,}\[.*", simpi(command, "--help").out, re.MULTILINE)
        assert silent is None, f"{command}: {silent[0] if silent else ''}"


def test_the_version_is_that_of_the_project(simpi: Caller) -> None:
    said = simpi("--version")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (said.code, said.out) == (0, f"simpi {project['version']}\n")


def test_a_target_needs_its_secrets_in_the_environment(simpi: Caller, tmp_path: Path) -> None:
    said = simpi("list", "--target", "http://127.0.0.1:9")
    assert said.code == 2
    assert "SIMPI_STORAGE_CONNECTION" in said.err


def test_a_target_that_does_not_answer_has_exit_code_3(simpi: Caller) -> None:
    secrets = {"SIMPI_STORAGE_CONNECTION": "UseDevelopmentStorage=true", "SIMPI_SYSTEM_KEY": "the-key"}
    said = simpi("list", "--target", "http://127.0.0.1:9", env=secrets)
    assert said.code == 3
    assert "does not answer" in said.err
    assert "the-key" not in said.err


def test_stopping_what_does_not_run_is_fine(simpi: Caller) -> None:
    assert simpi("down", "--json").json == {"stopped": False, "url": None}


def test_a_stack_file_of_a_dead_process_is_no_stack(simpi: Caller) -> None:
    stale = {"pid": 2**22 - 1, "url": "http://127.0.0.1:9", "storage": "", "system_key": "k", "workers": 1} | {
        "started_at": "2026-01-01T00:00:00Z"
    }
    (simpi.data / "stack.json").write_text(json.dumps(stale))
    assert simpi("list").code == 3
    assert simpi("down", "--json").json["stopped"] is False


def test_up_refuses_a_port_that_is_in_use(simpi: Caller) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = simpi("up", "--no-open", "--port", str(taken.getsockname()[1]))
    assert said.code == 2
    assert "is in use" in said.err


@pytest.mark.parametrize("arguments", [("-h",), ("--deploy", "-h"), ("--browser", "--help"), ("tests/core", "-h")])
def test_the_help_of_the_tests_is_short_and_installs_nothing(simpi: Caller, arguments: tuple[str, ...]) -> None:
    before = (ROOT / ".simpi" / "deploy-tools").exists()
    said = simpi("test", *arguments)
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) < 20
    for option in ("--corpus", "--chaos", "--browser", "--deploy"):
        assert f"\n  {option} " in said.out
    assert (ROOT / ".simpi" / "deploy-tools").exists() == before


@pytest.mark.parametrize("arguments", [("--corpus", "/nope"), ("--corpus=/nope",), ("--corpus",)])
def test_a_corpus_that_is_not_there_is_wrong_use(simpi: Caller, arguments: tuple[str, ...]) -> None:
    said = simpi("test", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("simpi: --corpus needs a folder")


def test_the_help_of_the_benchmarks_names_them(simpi: Caller) -> None:
    help_ = simpi("bench", "--help").out
    assert all(name in help_ for name in ("durable", "end-to-end", "images", "video"))


def test_a_peer_that_cannot_be_installed_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"no-such could not be installed: gone wrong$"):
        _run("no-such", ["sh", "-c", "echo trying; echo gone wrong >&2; exit 1"], tmp_path)


def test_without_a_terminal_there_is_no_colour(simpi: Caller) -> None:
    said = simpi("doctor")
    assert "\x1b[" not in said.out + said.err


def test_the_doctor_looks_at_everything(simpi: Caller) -> None:
    said = simpi("doctor", "--json")
    checks = {check["name"]: check for check in said.json["checks"]}
    assert {
        "python",
        "packages",
        "ffmpeg",
        "pillow",
        "heif",
        "node",
        "azurite",
        "disk",
        "memory",
        "port",
        "stack",
    } <= set(checks)
    assert said.code == (0 if said.json["ok"] else 1)
    assert "x264" not in checks["ffmpeg"]["fix"]
    assert checks["stack"]["state"] == "ok"


def test_the_doctor_says_how_to_mend_an_ffmpeg_that_is_not_there(simpi: Caller) -> None:
    said = simpi("doctor", "--json", env={"FFMPEG_BINARY": "/nowhere/ffmpeg"})
    ffmpeg = next(check for check in said.json["checks"] if check["name"] == "ffmpeg")
    assert said.code == 1
    assert ffmpeg["state"] == "failed"
    assert "FFMPEG_BINARY" in ffmpeg["fix"]


def test_the_doctor_says_which_layers_stand_around_the_decoders(simpi: Caller) -> None:
    checks = {check["name"]: check for check in simpi("doctor", "--json").json["checks"]}
    assert "limits" in checks["sandbox"]["found"]
