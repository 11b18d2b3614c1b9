"""Calling the tools that `./simpi test --deploy` installed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.deploy.running import ROOT

HERE = Path(__file__).parent
TOOLS = Path(os.environ.get("SIMPI_DEPLOY_TOOLS", ROOT / ".simpi" / "deploy-tools"))
BIN = TOOLS / "python" / "bin"


def inside(script: str, *arguments: str, given: Any = None) -> Any:
    """Run one of the scripts of `inside/` with the Azure CLI's Python; what it prints as JSON."""
    config = TOOLS / "azure"
    config.mkdir(exist_ok=True)
    environment = {**os.environ, "AZURE_CONFIG_DIR": str(config), "AZURE_CORE_COLLECT_TELEMETRY": "no"}
    command = [str(BIN / "python"), str(HERE / "inside" / script), *arguments]
    text = json.dumps(given) if given is not None else ""
    done = subprocess.run(
        command, input=text, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def said(*command: str) -> str:
    """What a checker says; empty where it is content."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    return (done.stdout + done.stderr).strip()
