"""How a child writes its result into the file that the parent opened for it."""

from __future__ import annotations

import os


class OutputError(OSError):
    """Writing the result failed: our disk's fault, not the media's, so worth another try."""


def write_all(descriptor: int, data: bytes) -> None:
    """Replace the file's content. Raises: OutputError."""
    try:
        os.ftruncate(descriptor, 0)
        view, offset = memoryview(data), 0
        while offset < len(view):
            offset += os.pwrite(descriptor, view[offset:], offset)
    except OSError as error:
        raise OutputError(error.errno or 0, f"could not write the result: {error.strerror}") from None
