"""A stack for the web's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack.running import Stack
from tests.web.person import Person


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One machine, where nobody signs in; its uploads are few and small on purpose."""
    running = Stack(tmp_path_factory.mktemp("web"), workers=1, env={"UPLOAD_QUOTA_BYTES": "300000000"}).start()
    yield running
    running.stop()


@pytest.fixture
def anna(stack: Stack) -> Person:
    """A visitor."""
    return Person(stack.url)


@pytest.fixture
def ben(stack: Stack) -> Person:
    """Another visitor."""
    return Person(stack.url)
