"""How often and how soon a step is tried again."""

import pytest

from core.policy import STEPS, RetryPolicy, policy_of

IDS = [f"media-{n:032x}" for n in range(50)]
ON_MEDIA = ("download", "probe", "compress_image", "compress_video", "upload")


@pytest.mark.parametrize("step", ON_MEDIA)
@pytest.mark.parametrize("tries", [1, 3, 20])
def test_the_operators_number_of_tries_holds_for_each_step_on_the_media(step: str, tries: int) -> None:
    assert policy_of(step, tries, IDS[0]).attempts == tries


@pytest.mark.parametrize(
    ("step", "tries"),
    [
        ("update_simpi", 3),
        ("notify", 3),
        ("record", 10),
        ("poison", 10),
        ("hand_over", 10),
        ("begin", 1),
        ("show_end", 1),
    ],
)
def test_what_is_told_or_kept_has_its_own_number_of_tries(step: str, tries: int) -> None:
    assert policy_of(step, 20, IDS[0]).attempts == policy_of(step, 1, IDS[0]).attempts == tries


def test_telling_keeps_no_job_waiting_for_more_than_a_few_seconds() -> None:
    for step in ("update_simpi", "notify"):
        policy = policy_of(step, 3, IDS[0])
        waits = [min(policy.first_s * policy.backoff**turn, policy.longest_s) for turn in range(policy.attempts - 1)]
        assert sum(waits) < 5


@pytest.mark.parametrize("step", STEPS)
def test_jobs_that_failed_together_do_not_come_back_together(step: str) -> None:
    waits = [policy_of(step, 3, id_).first_s for id_ in IDS]
    first_s = STEPS[step].first_s
    assert len(set(waits)) > 20
    assert all(first_s <= wait <= first_s * 1.25 for wait in waits)
    assert max(waits) > first_s * 1.2


@pytest.mark.parametrize("step", STEPS)
def test_waits_grow_up_to_the_longest_of_the_step(step: str) -> None:
    policy, table = policy_of(step, 3, IDS[0]), STEPS[step]
    assert (policy.backoff, policy.longest_s) == (table.backoff, table.longest_s)


def test_a_step_waits_twice_as_long_each_time() -> None:
    assert RetryPolicy(attempts=3, first_s=1.0).backoff == 2


def test_a_replay_computes_the_same_wait() -> None:
    assert policy_of("upload", 3, IDS[1]) == policy_of("upload", 3, IDS[1])
