"""The two ways in which a job fails.

A permanent failure is an `Unprocessable`: activities turn it into a value, nobody retries it. Everything else that an
activity raises is transient: the durable retry policy repeats it.
"""

from __future__ import annotations


class Unprocessable(Exception):
    """This file can never be compressed: report it, do not retry it.

    `code` is stable and documented (docs/operations.md); `detail` is a sentence for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def cancelled() -> Unprocessable:
    """The end of a job that somebody stopped."""
    return Unprocessable("cancelled", "Somebody cancelled the job.")


def source_gone() -> Unprocessable:
    """The end of a job whose upload was deleted."""
    return Unprocessable("source_gone", "The upload was deleted before it could be compressed.")


def superseded() -> Unprocessable:
    """The end of a job whose upload has a newer version."""
    return Unprocessable("superseded", "The upload was overwritten; its newer version has a job of its own.")
