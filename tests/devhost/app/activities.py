"""One activity for each thing that an activity may do."""

import asyncio
import os
import subprocess
import time
import uuid
from pathlib import Path

import azure.durable_functions as df

bp = df.Blueprint()


def note(name: str) -> int:
    """Leave a mark that this ran, and say how often that was."""
    folder = Path(os.environ["PROOF_DIR"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / uuid.uuid4().hex).write_text(os.environ["WORK_DIR"])
    return len(list(folder.iterdir()))


@bp.activity_trigger(input_name="x")
def double(x: int) -> int:
    return x * 2


@bp.activity_trigger(input_name="nothing")
def none(nothing: None) -> None:
    return nothing


@bp.activity_trigger(input_name="ms")
def pause(ms: int) -> str:
    """Sleep, and say where: the tests see which worker it was."""
    time.sleep(ms / 1000)
    return os.environ["WORK_DIR"]


@bp.activity_trigger(input_name="given")
def flaky(given: dict) -> int:
    """Fail until the given attempt."""
    attempt = note(given["key"])
    if attempt < given["good"]:
        raise ValueError(f"attempt {attempt}")
    return attempt


@bp.activity_trigger(input_name="text")
def broken(text: str) -> None:
    raise RuntimeError(text)


@bp.activity_trigger(input_name="nothing")
def silent(nothing: None) -> None:
    raise KeyError


@bp.activity_trigger(input_name="nothing")
def leaving(nothing: None) -> None:
    raise SystemExit("an activity must not end its worker")


@bp.activity_trigger(input_name="given")
def held(given: dict) -> int:
    """Note the start, then wait until the test lets go."""
    runs = note(given["key"])
    while not Path(given["until"]).exists():
        time.sleep(0.01)
    return runs


@bp.activity_trigger(input_name="nothing")
def spawned(nothing: None) -> int:
    """Start a program and leave it running; its process id."""
    return subprocess.Popen(["sleep", "600"]).pid


@bp.activity_trigger(input_name="given")
@bp.durable_client_input(client_name="client")
async def reporting(given: dict, client: df.DurableOrchestrationClient) -> str:
    """Raise progress events to an instance, then end."""
    for percent in given["percents"]:
        await client.raise_event(given["instance_id"], "progress", {"name": given["name"], "percent": percent})
        await asyncio.sleep(0.03)
    if given.get("fails") and note(given["key"]) < 2:
        raise ConnectionError("try again")
    return given["name"]
