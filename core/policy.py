"""How often and how soon each step is tried again: one table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff: waits of `first_s`, then `backoff` times as long each time, up to `longest_s`."""

    attempts: int
    first_s: float
    backoff: float = 2.0
    longest_s: float = 300.0


QUICK = RetryPolicy(attempts=3, first_s=2.0, longest_s=30.0)
HEAVY = RetryPolicy(attempts=3, first_s=5.0, longest_s=120.0)
TELL = RetryPolicy(attempts=3, first_s=1.0, longest_s=10.0)
"""Quick: the job waits for it. What is still undelivered then, another orchestration goes on with for a day."""
ONCE = RetryPolicy(attempts=1, first_s=1.0)
KEEP = RetryPolicy(attempts=10, first_s=2.0, longest_s=300.0)
"""For what must not be lost: the poison message and the receipt."""

STEPS: dict[str, RetryPolicy] = {
    "download": QUICK,
    "probe": QUICK,
    "compress_image": HEAVY,
    "compress_video": HEAVY,
    "upload": QUICK,
    "begin": ONCE,
    "update_simpi": TELL,
    "notify": TELL,
    "hand_over": KEEP,
    "poison": KEEP,
    "record": KEEP,
    "cleanup": QUICK,
    "show_end": ONCE,
}


def policy_of(step: str, max_attempts: int, instance_id: str) -> RetryPolicy:
    """The policy of one step of one job.

    `max_attempts` is the operator's wish and holds for the work on the media; what must be told or kept has its own
    number. The first wait is stretched by up to a quarter, by the job's id and not by chance: jobs that failed together
    do not come back together, and a replay computes the same wait.
    """
    policy = STEPS[step]
    attempts = max_attempts if policy in (QUICK, HEAVY) else policy.attempts
    share = hashlib.sha256(f"{instance_id}/{step}".encode()).digest()[0] / 255
    return RetryPolicy(attempts, round(policy.first_s * (1 + share / 4), 3), policy.backoff, policy.longest_s)
