"""Deploying is one story however often it is told: twice is the same, a broken run is mended by the next, down is empty."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.conftest import CANARIES
from tests.deploy.running import WHERE, Deployment, words


def test_a_second_run_changes_nothing(plain: Deployment, tmp_path: Path) -> None:
    before = plain.things
    shutil.copy(plain.path, tmp_path / "cloud.json")
    again = Deployment(tmp_path)
    done = again.up(**CANARIES)
    assert done.returncode == 0, done.stderr
    assert again.things == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [3, 14, 30])
def test_a_run_that_breaks_says_where_and_stops_there(deployment: Deployment, at: int, when: str) -> None:
    broken = deployment.up(**CANARIES, AZ_STANDIN_FAIL_AT=str(at), AZ_STANDIN_FAIL_WHEN=when)
    assert broken.returncode != 0
    assert "it stopped in the step «" in broken.stderr
    assert deployment.cloud["changes"] <= at + 12, "after its tries it must not go on with the next things"
    mended = deployment.up(**CANARIES)
    assert mended.returncode == 0, mended.stderr


@pytest.mark.timeout(1800)
def test_a_run_that_broke_at_any_place_is_completed_by_the_next(plain: Deployment, tmp_path: Path) -> None:
    """Each state that a broken run can leave behind, before and after each of its changes."""
    states = sorted((plain.folder / "states").glob("before-*.json"))
    assert len(states) == plain.cloud["changes"] > 40

    def mended(state: Path) -> str:
        made = Deployment(tmp_path / state.stem)
        made.folder.mkdir()
        shutil.copy(state, made.path)
        done = made.up(**CANARIES)
        if done.returncode != 0:
            return f"{state.stem}: {done.stderr[-300:]}"
        return "" if without_keys(made) == without_keys(plain) else f"{state.stem}: it is not the same in the end"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert [text for text in pool.map(mended, states) if text] == []


def test_a_fault_that_passes_is_waited_for(deployment: Deployment, plain: Deployment) -> None:
    roles = next(i for i, call in enumerate(changes(plain), 1) if words(call) == "role assignment create")
    done = deployment.up(**CANARIES, AZ_STANDIN_FAIL_AT=str(roles), AZ_STANDIN_FAIL_COUNT="3")
    assert done.returncode == 0, done.stderr
    assert "not yet (3 of 6)" in done.stderr


def changes(made: Deployment) -> list[list[str]]:
    """The calls that change something, in order."""
    changing = (" create", " set", " update", " register", " build", " enable", " add")
    return [call for call in made.calls if words(call).endswith(changing) and words(call) != "account set"]


def without_keys(made: Deployment) -> dict[str, object]:
    """The state without what is random: the host's keys, and the address that holds one."""
    things = {key: facts for key, facts in made.things.items() if not key.startswith("secret/host")}
    things["Microsoft.EventGrid/systemTopics/eventSubscriptions/egst-acme-media/uploads"] = {}
    return things


def test_down_leaves_nothing_behind_and_the_names_free(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    done = made.down("--yes")
    assert done.returncode == 0, done.stderr
    assert {key.split("/")[0] for key in made.things} == {"provider"}
    assert made.cloud["deleted"] == []
    assert made.down("--yes").returncode == 0, "a second time there is nothing to do"


def test_down_asks_first_and_takes_only_the_name_for_yes(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    assert made.down().returncode != 0
    assert made.things == plain.things


def test_down_does_not_touch_a_group_that_is_not_ours(deployment: Deployment) -> None:
    deployment.shell(["az", "group", "create", "--name", "rg-acme-media", "--location", "westeurope"])
    tools = deployment.folder / "tools" / "az"
    stand_in = tools.resolve()
    tools.unlink()
    tools.write_text(f'#!/bin/sh\ncase "$*" in *tags.app*) echo other ;; *) exec {stand_in} "$@" ;; esac\n')
    tools.chmod(0o755)
    done = deployment.down("--yes")
    assert done.returncode != 0
    assert "not ours" in done.stderr
    assert "rg-acme-media" in deployment.of_kind("group")
    assert "not ours" in deployment.up().stderr


def test_a_deleted_vault_is_brought_back_not_made_anew(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    made.shell(["az", "group", "delete", "--name", "rg-acme-media", "--yes"])
    done = made.up(**CANARIES)
    assert done.returncode == 0, done.stderr
    assert ["keyvault", "recover"] in [call[:2] for call in made.calls]


def test_rotating_gives_new_keys_and_starts_the_app_anew(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    done = made.up("--rotate-keys", **CANARIES)
    assert done.returncode == 0, done.stderr
    for name in ("host-master", "host-function-default", "host-systemkey-blobs", "host-systemkey-durabletask"):
        assert made.of_kind("secret")[name]["value"] != plain.of_kind("secret")[name]["value"]
    assert made.of_kind("secret")["simpi-api-token"] == plain.of_kind("secret")["simpi-api-token"]
    assert made.of_kind("app")["ca-acme-media"]["yaml"] != plain.of_kind("app")["ca-acme-media"]["yaml"]


def test_secrets_given_once_stay_when_they_are_not_given_again(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    done = made.up()
    assert done.returncode == 0, done.stderr
    assert made.things == plain.things


def test_the_scripts_of_old_names_do_the_same(deployment: Deployment, plain: Deployment) -> None:
    registry = deployment.script("scripts/setup-container-registry.sh", *WHERE)
    assert registry.returncode == 0, registry.stderr
    assert deployment.of_kind("registry").keys() == plain.of_kind("registry").keys()
    assert "app" not in {key.split("/")[0] for key in deployment.things}
    shown = deployment.script("scripts/build-and-deploy.sh", *WHERE, "--image-tag", "tested", "--dry-run")
    assert shown.stdout == deployment.up("--dry-run").stdout


def test_an_image_that_is_there_is_not_built_again(plain: Deployment, tmp_path: Path) -> None:
    shutil.copy(plain.path, tmp_path / "cloud.json")
    made = Deployment(tmp_path)
    built = sum(words(call) == "acr build" for call in plain.calls)
    assert made.up(**CANARIES).returncode == 0
    assert built == 1
    assert sum(words(call) == "acr build" for call in made.calls) == built
