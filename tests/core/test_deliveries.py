"""When a delivery is tried again, what is left of it, and how long."""

from datetime import UTC, datetime

import pytest

from core import deliveries
from core.deliveries import (
    KEEP_TRYING_S,
    LOGGED,
    SLOW_S,
    Delivery,
    again,
    answered,
    bad_ones,
    deliver_id,
    give_up_at,
    marked,
    open_ones,
    updated,
    wait_s,
)

JOB = "media-" + "0" * 32
NONE: frozenset[int] = frozenset()


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (200, "delivered"), (204, "delivered"), (299, "delivered"), (410, "refused"),
        (199, "pending"), (300, "pending"), (400, "pending"), (429, "pending"), (500, "pending"), (503, "pending"),
    ],
)  # fmt: skip
def test_every_answer_but_2xx_is_tried_again_unless_the_receiver_is_known_to_mean_it(
    status: int, delivery: str
) -> None:
    told = answered("The receiver", status, None, frozenset({410}))
    assert told.delivery == delivery
    assert str(status) in told.detail


@pytest.mark.parametrize(
    ("text", "again_s"), [("0", 0.0), ("7", 7.0), (" 7 ", 7.0), ("86400", 86400.0), ("123456789", 86400.0)]
)
def test_a_receiver_says_in_seconds_how_long_it_wants_to_be_left_alone(text: str, again_s: float) -> None:
    assert answered("SIMPI", 503, text, NONE) == Delivery("pending", "SIMPI answered 503", again_s)
    assert answered("SIMPI", 429, text, NONE).again_s == again_s


def test_what_came_of_a_try_survives_the_durable_boundary() -> None:
    told = answered("SIMPI", 503, "7", NONE)
    assert Delivery(**told.to_dict()) == told


def test_waits_are_doubled_from_five_seconds_up_to_an_hour() -> None:
    stretched = wait_s(0, None, JOB) / 5
    assert 1 <= stretched <= 1.25
    waits = [wait_s(tries, None, JOB) / stretched for tries in (0, 1, 2, 9, 10, 30, 1000)]
    assert waits == pytest.approx([5, 10, 20, 2560, 3600, 3600, 3600], rel=0.001)


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    waits = [wait_s(0, None, f"media-{number:032x}") for number in range(50)]
    assert len(set(waits)) > 20
    assert 5 <= min(waits) < 5.25 and 6 < max(waits) <= 6.25


def test_a_day_has_more_than_twenty_five_tries() -> None:
    waits, total = [], 0.0
    while total < KEEP_TRYING_S:
        waits.append(wait_s(len(waits), None, JOB))
        total += waits[-1]
    assert len(waits) > 25


@pytest.mark.parametrize(
    ("tried", "late", "now"),
    [
        ("delivered", True, "delivered"),
        ("refused", False, "refused"),
        ("pending", False, "pending"),
        ("pending", True, "failed"),
        ("off", False, "pending"),
        ("off", True, "failed"),
        ("skipped", False, "skipped"),
    ],
)
def test_what_was_pending_is_never_dropped_because_an_address_is_missing(tried: str, late: bool, now: str) -> None:
    after = again(Delivery(tried, "why"), late=late)
    assert after.delivery == now
    assert after.detail.endswith("why")


def test_the_bad_ones_are_those_that_somebody_has_to_look_at() -> None:
    states = {"update_simpi": "refused", "notify": "delivered", "notify_started": "pending"}
    log = {name: {"delivery": state} for name, state in states.items()} | {"asked_again_at": "2026-01-01T00:00:00Z"}
    assert bad_ones(log) == {"update_simpi": "refused", "notify_started": "pending"}
    assert bad_ones({}) == {}


def test_a_receiver_that_asks_for_more_patience_gets_it() -> None:
    assert wait_s(0, 120, JOB) == 120
    assert wait_s(12, 120, JOB) > 120
    assert wait_s(0, 0.0, JOB) == wait_s(0, None, JOB)


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
    assert give_up_at(receipt) == datetime(2026, 1, 2, tzinfo=UTC)
    assert give_up_at(asked) == datetime(2026, 1, 4, tzinfo=UTC)


def test_tries_add_up_over_the_story_and_what_came_after() -> None:
    entry = updated({"delivery": "pending", "tries": 3}, Delivery("delivered", "it did"), "2026-01-01T00:00:00.000Z")
    assert entry == {"delivery": "delivered", "detail": "it did", "tries": 4, "at": "2026-01-01T00:00:00.000Z"}
    assert updated({}, Delivery("pending", "nobody"), "2026")["tries"] == 1
    assert tuple(entry) == LOGGED


def test_ids_for_the_durable_client_are_hex_and_a_mark_says_whose_it_is() -> None:
    assert deliver_id(JOB) == "deliver-" + "0" * 32
    assert deliveries.mark_name(JOB) == f"undelivered/{JOB}.json"
    assert marked(deliveries.mark_name(JOB)) == JOB
    assert marked("undelivered/../x.json") is None
