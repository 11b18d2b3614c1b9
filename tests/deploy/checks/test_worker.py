"""The real Python worker indexes our app: its own code, from the wheel that Microsoft ships, with our packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.checks.tools import TOOLS
from tests.deploy.running import ROOT

INDEX = Path(__file__).parent / "inside" / "index_with_worker.py"


def indexed(app: Path, source: str = "EventGrid") -> dict[str, list[dict[str, object]]]:
    """Each function's bindings, as the worker would send them to the host.

    Raises: AssertionError with what the worker refused.
    """
    environment = {**os.environ, "AzureWebJobsStorage": "UseDevelopmentStorage=true", "BLOB_TRIGGER_SOURCE": source}
    command = [sys.executable, str(INDEX), str(app), str(TOOLS / "worker")]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    functions: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return functions


@pytest.mark.parametrize("source", ["EventGrid", "LogsAndContainerScan"])
def test_the_real_worker_takes_every_function(source: str) -> None:
    functions = indexed(ROOT, source)
    assert {"compress_media", "blob_upload", "download", "get_status_by_id"} <= functions.keys()
    (blob,) = (binding for binding in functions["blob_upload"] if binding["type"] == "blobTrigger")
    assert (blob["path"], blob["connection"], blob["source"]) == ("uploads/{name}", "AzureWebJobsStorage", source)
    assert blob["properties"] == {"SupportsDeferredBinding": True}


def test_a_planted_annotation_that_the_worker_refuses_is_caught(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(
        "import azure.durable_functions as df\napp = df.DFApp()\n\n"
        "@app.activity_trigger(input_name='x')\ndef act(x: dict[str, int]) -> str:\n    return ''\n"
    )
    with pytest.raises(AssertionError, match="cannot load the act function"):
        indexed(tmp_path)
