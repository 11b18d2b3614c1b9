"""What all tests share: options, a safe environment, and a real running stack for those who ask for one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")
os.environ.setdefault("AzureWebJobsStorage", "UseDevelopmentStorage=true")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpus", type=Path, help="a folder of real photos and videos to compress, with tests/corpus")
    parser.addoption("--chaos", action="store_true", help="inject every fault, not only a few")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The corpus is tried only where one is given."""
    if collection_path == ROOT / "tests" / "corpus" and not config.getoption("--corpus"):
        return True
    return None
