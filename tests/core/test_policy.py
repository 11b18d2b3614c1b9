"""How often and how soon a step is tried again."""

from core.policy import STEPS, policy_of

IDS = [f"media-{n:032x}" for n in range(50)]


def test_the_operators_number_of_attempts_holds_for_the_work_on_the_media() -> None:
    assert policy_of("compress_video", 7, IDS[0]).attempts == 7


def test_what_must_not_be_lost_is_tried_longer_than_the_operator_asked_for_media() -> None:
    assert (
        policy_of("record", 1, IDS[0]).attempts == policy_of("poison", 1, IDS[0]).attempts == STEPS["record"].attempts
    )


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    waits = {policy_of("upload", 3, id_).first_s for id_ in IDS}
    assert len(waits) > 20
    assert all(STEPS["upload"].first_s <= wait <= STEPS["upload"].first_s * 1.25 for wait in waits)


def test_a_replay_computes_the_same_wait() -> None:
    assert policy_of("upload", 3, IDS[1]) == policy_of("upload", 3, IDS[1])
