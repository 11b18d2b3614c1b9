"""What all tests share: options, a safe environment, and a real running stack for those who ask for one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")
os.environ.setdefault("AzureWebJobsStorage", "UseDevelopmentStorage=true")

ROOT = Path(__file__).resolve().parent.parent

SLOW_FIRST = ("web", "chaos", "outside", "cli", "stack")
"""The folders whose files take long: what begins last should be short, or one process waits for the other at the end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="fail, not skip, where there is no PostgreSQL")
    parser.addoption("--corpus", type=Path, help="a folder of real photos and videos to compress, with tests/corpus")
    parser.addoption("--browser", action="store_true", help="drive the web page in a real Chromium, with tests/browser")
    parser.addoption("--screenshots", action="store_true", help="with --browser: renew the pictures in docs/images")
    parser.addoption("--chaos", action="store_true", help="inject every fault, not only a few")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The corpus is tried only where one is given, the browser only where it is asked for."""
    if collection_path == ROOT / "tests" / "corpus" and not config.getoption("--corpus"):
        return True
    if collection_path == ROOT / "tests" / "browser" and not config.getoption("--browser"):
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first. They are kept whole (`--dist loadfile`), and come in this order with `--no-loadscope-reorder`."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, name in enumerate(SLOW_FIRST) if name in item.path.parts), len(SLOW_FIRST))
