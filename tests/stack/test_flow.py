"""From upload to receipt on a real stack: Azurite, devhost, two workers, FFmpeg."""

from __future__ import annotations

from tests.stack.running import Stack
