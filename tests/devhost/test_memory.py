"""What the bridge remembers of orchestrators' answers, and what happens when it has forgotten them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from devhost.engine.memo import Answer, Answers
from devhost.environment import PACKAGE_ROOT


def test_an_answer_is_asked_for_once_and_again_when_it_was_forgotten() -> None:
    answers, asked = Answers(limit=2), []

    def ask() -> Answer:
        asked.append(1)
        return Answer()

    for instance_id in ("a", "a", "b", "a"):
        answers.get(instance_id, 1, ask)
    assert len(asked) == 2
    answers.get("c", 1, ask)  # more than two: the one that was used longest ago is forgotten
    answers.get("a", 1, ask)
    assert len(asked) == 3
    answers.get("b", 1, ask)
    assert len(asked) == 4


def test_instances_run_right_when_everything_is_forgotten_at_once(tmp_path: Path) -> None:
    """Asked again about the past, orchestrators see that they are replaying: their logs stay single."""
    env = {**os.environ, "PROOF_DIR": str(tmp_path), "WORK_DIR": str(tmp_path), "PYTHONPATH": PACKAGE_ROOT}
    program = Path(__file__).with_name("forgetful.py")
    ran = subprocess.run([sys.executable, program], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["Completed"] * 5, ran.stderr
    for i in range(4):
        assert (tmp_path / f"replaying-{i}").read_text().split() == ["0", "1", "2", "3", "4"]
