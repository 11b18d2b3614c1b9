"""Where the real Functions host is stricter than a machine of our own: what can be said of it without one."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import subprocess
import sys
import threading
from importlib.metadata import packages_distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from activities import compress_video
from activities.starting import tell
from config.rules import load_rules
from core.progress import MAX_MESSAGE_CHARS, custom_status
from devhost.host_json import seconds
from triggers import housekeeping

ROOT = Path(__file__).resolve().parent.parent
HOST = json.loads((ROOT / "host.json").read_text())
DEPLOYED = ("config", "core", "adapters", "activities", "orchestrators", "triggers")

# Every key that the host and its extensions read (bundle 4.26 and later), as far as we use it; it forgets others silently.
KNOWN = {
    "version": None,
    "functionTimeout": None,
    "extensionBundle": {"id", "version"},
    "extensions.http": {"routePrefix"},
    "extensions.blobs": {"maxDegreeOfParallelism", "poisonBlobThreshold"},
    "extensions.queues": {"maxPollingInterval", "visibilityTimeout", "batchSize", "maxDequeueCount", "messageEncoding"},
    "extensions.durableTask": {
        "hubName",
        "defaultVersion",
        "maxConcurrentActivityFunctions",
        "maxConcurrentOrchestratorFunctions",
        "storageProvider",
        "tracing",
    },
    "logging.logLevel": {"Host.Triggers.DurableTask"},
    "logging.applicationInsights": {"samplingSettings"},
}


def test_host_json_has_only_keys_that_the_host_knows() -> None:
    flat = {f"{name}.{part}": HOST[name][part] for name in ("extensions", "logging") for part in HOST[name]}
    flat |= {name: value for name, value in HOST.items() if name not in ("extensions", "logging")}
    assert flat.keys() <= KNOWN.keys()
    for name, value in flat.items():
        known = KNOWN[name]
        assert known is None or value.keys() <= known, name


def test_no_log_line_that_an_alert_counts_is_sampled_away() -> None:
    sampling = HOST["logging"]["applicationInsights"]["samplingSettings"]
    assert {"Request", "Exception", "Trace"} <= set(sampling["excludedTypes"].split(";"))


def test_an_encode_ends_by_its_own_limit_before_the_host_restarts_the_whole_worker() -> None:
    assert load_rules().limits.encode_time_s < seconds(HOST["functionTimeout"])


def test_the_app_can_be_imported_with_the_deployed_packages_alone() -> None:
    """Every module of it: what is loaded late is a module of ours, too."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    deployed = {_plain(name) for name in pins}
    absent = [top for top, names in packages_distributions().items() if not deployed & {_plain(name) for name in names}]
    assert {"pytest", "typer", "durabletask"} <= set(absent)
    files = [path for folder in DEPLOYED for path in (ROOT / folder).rglob("*.py")]
    ours = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    code = f"""
import importlib, sys
sys.modules.update(dict.fromkeys({absent!r}))
for name in ["function_app", *{ours!r}]:
    importlib.import_module(name)
print("imported")
"""
    assert _python(code) == "imported\n"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_importing_the_app_loads_no_decoder_and_no_exporter() -> None:
    """A cold start pays for every import; these are loaded by the first job that needs them."""
    code = "import sys, function_app; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(_python(code).split())
    assert "azure" in loaded
    assert not loaded & {"PIL", "pillow_heif", "av", "imageio_ffmpeg", "numpy", "grpc", "standardwebhooks"}
    whole = _python("import sys, function_app; print(*sys.modules)").split()
    assert not [name for name in whole if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_an_encode_logs_from_its_thread_says_which_call_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host drops every line without that, and with it the seconds of each video."""
    context = SimpleNamespace(invocation_id="call-7", thread_local_storage=threading.local())
    seen: list[Any] = []
    monkeypatch.setattr(
        compress_video, "compress", lambda given, tell: seen.append(context.thread_local_storage.invocation_id) or {}
    )
    step = inspect.unwrap(compress_video.compress_video._function.get_user_function())
    asyncio.run(step({"job": {"instance_id": "media-x"}}, None, context))
    assert seen == ["call-7"]


def test_a_purge_that_outlasts_the_sdks_patience_is_told_and_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """The SDK hangs up after 240 s, the host goes on purging: with very many histories that is the usual case."""

    class Slow:
        async def purge_instance_history_by(self, *_: object) -> None:
            raise TimeoutError

    purge = inspect.unwrap(housekeeping.purge_history._function.get_user_function())
    with caplog.at_level("WARNING"):
        asyncio.run(purge(None, Slow()))
    assert "history_purge_goes_on" in caplog.text


@pytest.mark.parametrize(("then", "told"), [("Completed", False), ("Running", None)])
def test_an_event_that_comes_after_the_end_is_told_from_one_that_failed(then: str, told: bool | None) -> None:
    """The extension answers 410, which the SDK raises as it raises everything."""

    class Client:
        async def raise_event(self, *_: object) -> None:
            raise Exception("refused")

        async def get_status(self, _: str) -> Any:
            return SimpleNamespace(runtime_status=SimpleNamespace(value=then))

    if told is None:
        with pytest.raises(Exception, match="refused"):
            asyncio.run(tell(Client(), "media-1", "cancel"))
    else:
        assert asyncio.run(tell(Client(), "media-1", "cancel")) is told


def test_a_custom_status_stays_below_what_the_extension_takes() -> None:
    shown = custom_status("n" * 1024, "video", "compressing", 10, "\u00e9" * 100_000)
    assert len(json.dumps(shown, ensure_ascii=False).encode("utf-16-le")) < 16 * 1024
    assert len(shown["message"]) == MAX_MESSAGE_CHARS
