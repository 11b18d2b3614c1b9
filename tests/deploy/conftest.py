"""The quick tests run with all others; those in `checks/` need tools of their own and run by `./simpi test --deploy`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.deploy.running import Deployment

TOOLS = "SIMPI_DEPLOY_TOOLS"

collect_ignore_glob = [] if os.environ.get(TOOLS) else ["checks/*"]

CANARIES = {"SIMPI_API_TOKEN": "canary-simpi-token", "WEBHOOK_SECRET": "whsec_canary-webhook"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no bash or git (they come with every system that we know), say so instead of failing oddly."""
    missing = [tool for tool in ("bash", "git", "sha1sum") if shutil.which(tool) is None]
    if missing:
        for item in items:
            if "/deploy/" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A subscription with nothing in it."""
    return Deployment(tmp_path)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment with the defaults, and with the two secrets."""
    made = Deployment(tmp_path_factory.mktemp("plain"))
    keep = made.folder / "states"
    keep.mkdir()
    done = made.up(**CANARIES, AZ_STANDIN_KEEP=str(keep))
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment with everything that can be switched on."""
    made = Deployment(tmp_path_factory.mktemp("full"))
    parameters = made.folder / "parameters.env"
    parameters.write_text(
        "PROCESSED_ACCESS=public\nFRONT_DOOR=true\nDTS=true\nSIGNALR=Standard_S1\nALERT_EMAIL=ops@simpi.example\n"
        "ALLOWED_IP_RANGES=203.0.113.0/24, 198.51.100.7\nCORS_ORIGINS=https://simpi.example\nUPLOADS_RETENTION_DAYS=30\n"
        "SIMPI_API_BASE_URL=https://simpi.example\nMAX_PROCESSING_TIME=600\nSIGN_IN_ASSIGNED_ONLY=true\n"
    )
    done = made.up("--parameters", str(parameters), **CANARIES)
    assert done.returncode == 0, done.stderr
    return made
