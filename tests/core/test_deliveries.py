"""When a delivery is tried again, what is left of it, and how long."""

from datetime import timedelta

import pytest

from core import deliveries
from core.deliveries import (
    KEEP_TRYING_S,
    SLOW_S,
    Delivery,
    answered,
    deliver_id,
    give_up_at,
    marked,
    open_ones,
    updated,
    wait_s,
)

JOB = "media-" + "0" * 32
NONE: frozenset[int] = frozenset()


def test_waits_grow_to_an_hour_and_leave_more_than_thirty_tries_in_a_day() -> None:
    waits, total = [], 0.0
    while total < KEEP_TRYING_S:
        waits.append(wait_s(len(waits), None, JOB))
        total += waits[-1]
    assert waits[:10] == sorted(waits[:10])
    assert 5 <= waits[0] <= 6.25
    assert 3600 <= waits[-1] <= 4500
    assert len(waits) > 25


def test_a_receiver_that_asks_for_more_patience_gets_it() -> None:
    assert wait_s(0, 120, JOB) == 120
    assert wait_s(12, 120, JOB) > 120


@pytest.mark.parametrize("text", ["", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "9" * 12, "٣"])
def test_a_retry_after_that_is_no_number_of_seconds_is_as_good_as_none(text: str) -> None:
    assert answered("SIMPI", 503, text, NONE).again_s is None
    assert answered("SIMPI", 429, text, NONE).again_s == SLOW_S


def test_nobody_is_asked_to_wait_longer_than_we_try() -> None:
    assert answered("SIMPI", 429, "999999999", NONE).again_s == KEEP_TRYING_S


def test_what_is_open_comes_in_the_order_in_which_it_should_arrive() -> None:
    log = {name: {"delivery": "pending"} for name in ("update_simpi", "notify", "notify_started")}
    assert open_ones(log) == ["notify_started", "notify", "update_simpi"]
    assert open_ones({**log, "notify": {"delivery": "delivered"}, "asked_again_at": "2026"}) == [
        "notify_started",
        "update_simpi",
    ]
    assert open_ones({}) == []


def test_the_day_begins_anew_when_somebody_asks_to_deliver_again() -> None:
    receipt = {"completed_at": "2026-01-01T00:00:00.000Z", "deliveries": {}}
    asked = {**receipt, "deliveries": {"asked_again_at": "2026-01-03T00:00:00.000Z"}}
    assert give_up_at(asked) - give_up_at(receipt) == timedelta(days=2)


def test_tries_add_up_over_the_story_and_what_came_after() -> None:
    entry = updated({"delivery": "pending", "tries": 3}, Delivery("delivered", "it did"), "2026-01-01T00:00:00.000Z")
    assert entry == {"delivery": "delivered", "detail": "it did", "tries": 4, "at": "2026-01-01T00:00:00.000Z"}


def test_ids_for_the_durable_client_are_hex_and_a_mark_says_whose_it_is() -> None:
    assert deliver_id(JOB) == "deliver-" + "0" * 32
    assert marked(deliveries.mark_name(JOB)) == JOB
    assert marked("undelivered/../x.json") is None
