"""One running stack for all tests of a process that only use it; those that break it start their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack.running import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with two workers."""
    running = Stack(tmp_path_factory.mktemp("stack")).start()
    yield running
    running.stop()
