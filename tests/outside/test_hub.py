"""The loopback hub, with the app's own sender on one side and the real SignalR client on the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
import requests

from adapters.live import PAUSE_S, Live
from adapters.signalr import SignalR
from devhost.signalr.hub import Hub
from tests.outside.signalr_client import Client

PROGRESS = "MediaProcessingProgress"


class RunningHub:
    """A hub on an event loop of its own; it can be stopped, and started again where it was."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.start()

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.hub.__aenter__(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.hub.__aexit__(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def again(self) -> None:
        """Stop it, and start another one on the same port with the same key."""
        self.stop()
        self.hub = Hub(self.hub.port, self.hub.key)
        self.start()

    @property
    def service(self) -> SignalR:
        return SignalR.of(self.hub.connection_string)

    def client(self, user: str) -> Client:
        access = self.service.client_access(user)
        return Client(access["url"], token=access["accessToken"])


@pytest.fixture
def running() -> Iterator[RunningHub]:
    running = RunningHub()
    yield running
    running.stop()


def test_each_user_gets_only_what_is_theirs_on_every_page_they_have_open(running: RunningHub) -> None:
    live = Live(running.service)
    with running.client("anna") as first, running.client("anna") as second, running.client("otto") as other:
        for client in (first, second, other):
            client.state("connected")
        for user in ("anna", "otto"):
            assert live.tell(user, PROGRESS, {"for": user, "text": "ü\x1e\n"}).result(5)
        for client, user in ((first, "anna"), (second, "anna"), (other, "otto")):
            client.wait_for(lambda said: "target" in said)
            assert client.messages(PROGRESS) == [{"for": user, "text": "ü\x1e\n"}]
        assert live.tell("nobody", PROGRESS, {}).result(5)


def test_a_client_comes_back_by_itself_after_a_restart(running: RunningHub) -> None:
    with running.client("anna") as client:
        client.state("connected")
        running.again()
        client.state("reconnected")
        assert Live(running.service).tell("anna", PROGRESS, {"n": 1}).result(5)
        client.wait_for(lambda said: "target" in said)
    assert client.messages(PROGRESS) == [{"n": 1}]


def test_a_client_that_calls_something_is_cut_off(running: RunningHub) -> None:
    with running.client("anna") as client:
        client.state("connected")
        client.invoke()
        assert "cannot invoke" in client.state("closed")["error"]


@pytest.mark.parametrize("token", ["", "nonsense", "of another key", "for another hub"])
def test_without_a_good_token_nobody_gets_in_or_sends(running: RunningHub, token: str) -> None:
    other = SignalR(running.hub.endpoint, "another key" * 4)
    tokens = {"of another key": other.client_access("anna")["accessToken"]}
    tokens["for another hub"] = running.service.client_access("anna")["accessToken"]
    headers = {"authorization": f"Bearer {tokens.get(token, token)}"}
    hub = "other" if token == "for another hub" else "media-processing"
    url = running.hub.endpoint
    assert requests.post(f"{url}/client/negotiate?hub={hub}", headers=headers, timeout=5).status_code == 401
    assert (
        requests.post(f"{url}/api/v1/hubs/media-processing/users/anna", headers=headers, timeout=5).status_code == 401
    )


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("http://[::1", 403), ("http://127.0.0.1:7071", 204)]
)
def test_only_pages_of_this_machine_may_connect(running: RunningHub, origin: str, status: int) -> None:
    answer = requests.options(f"{running.hub.endpoint}/client/negotiate", headers={"origin": origin}, timeout=5)
    assert answer.status_code == status
    assert (answer.headers.get("access-control-allow-origin") == origin) == (status == 204)


def test_a_hub_that_is_down_costs_messages_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    live = Live(SignalR("http://127.0.0.1:9", "key" * 12))
    with caplog.at_level("INFO", "simpi"):
        assert [live.tell("anna", PROGRESS, {"n": n}).result(5) for n in range(20)] == [False] * 20
    assert (live.sent, live.dropped) == (0, 20)
    assert [record.getMessage().count("live_down") for record in caplog.records if record.name == "simpi"] == [1]
    assert PAUSE_S > 1


@pytest.mark.parametrize("text", ["", "Endpoint=https://x", "AccessKey=canary", "canary"])
def test_a_connection_string_that_lacks_something_says_so_without_repeating_the_key(text: str) -> None:
    with pytest.raises(ValueError, match="AccessKey=…") as caught:
        SignalR.of(text)
    assert "canary" not in str(caught.value)


def test_azures_own_connection_string_is_understood() -> None:
    service = SignalR.of(
        "Endpoint=https://simpi.service.signalr.net;AccessKey=a+b/c0123456789012345678901234567=;Version=1.0;"
    )
    assert (service.endpoint, service.key) == (
        "https://simpi.service.signalr.net",
        "a+b/c0123456789012345678901234567=",
    )
    assert service.client_access("anna")["url"] == "https://simpi.service.signalr.net/client/?hub=media-processing"
