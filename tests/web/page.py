"""The built page, for tests that need it: built at most once, however many processes ask."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from tests.conftest import ROOT

HOME = ROOT / "media-uploader"


def builder() -> ModuleType:
    """The page's own build script."""
    spec = importlib.util.spec_from_file_location("page_build", HOME / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built() -> Path:
    """The folder of the built page."""
    builder().build()
    return HOME / "out"
