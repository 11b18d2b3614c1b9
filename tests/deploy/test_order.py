"""What has to come before what."""

from __future__ import annotations

import json

from tests.deploy.running import Deployment, words


def test_the_app_takes_no_visitor_before_sign_in_stands(plain: Deployment) -> None:
    order = [words(call) for call in plain.calls]
    assert (
        order.index("containerapp create")
        < order.index("containerapp auth update")
        < order.index("containerapp ingress enable")
    )
    for state in sorted((plain.folder / "states").glob("*.json")):
        app = json.loads(state.read_text())["things"].get("app/ca-acme-media", {})
        assert not app.get("external") or app.get("auth --enabled") == "true", f"open without sign-in in {state.name}"


def test_events_come_last_for_they_need_an_app_that_answers(plain: Deployment) -> None:
    order = [words(call) for call in plain.calls]
    assert order.index("containerapp ingress enable") < order.index("eventgrid system-topic create")
