"""The two ways in which a job fails.

A permanent failure is an `Unprocessable`: activities turn it into a value, nobody retries it. Everything else that an
activity raises is transient: the durable retry policy repeats it.
"""

from __future__ import annotations

import re


class Unprocessable(Exception):
    """This file can never be compressed: report it, do not retry it.

    `code` is stable and documented (docs/operations.md); `detail` is a sentence for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


MAX_SAID_CHARACTERS = 200
AFTERMATH = re.compile(
    r"Terminating thread|Task finished|Nothing was written|Error sending frames|Error opening output|^\s*$"
)
"""Lines that FFmpeg writes after the one that says what happened."""
WHERE = re.compile(r" @ 0x[0-9a-f]+|<[^<>]*>|(?<![\w:#])/[^\s'\":]+")
"""Addresses in memory, Python's objects, and paths."""


def undecodable(what: str, said: object) -> Unprocessable:
    """The end of a job whose file is damaged: what is wrong and what to do, then the decoder's words, made fit to show."""
    lines = [line for line in str(said).splitlines() if not AFTERMATH.search(line)]
    words = WHERE.sub("", "; ".join(line.strip() for line in lines[-2:]))
    words = "".join(one if one.isprintable() else " " for one in words)[:MAX_SAID_CHARACTERS].strip()
    likely = "it is probably damaged, cut off, or of a rare kind"
    advice = "if it plays or opens elsewhere, export it again and upload that"
    return Unprocessable(
        "corrupt", f"{what}: {likely}; {advice}" + (f". The decoder's words: {words}" if words else "")
    )


def cancelled() -> Unprocessable:
    """The end of a job that somebody stopped."""
    return Unprocessable("cancelled", "Somebody cancelled the job.")


def source_gone() -> Unprocessable:
    """The end of a job whose upload was deleted."""
    return Unprocessable("source_gone", "The upload was deleted before it could be compressed.")


def superseded() -> Unprocessable:
    """The end of a job whose upload has a newer version."""
    return Unprocessable("superseded", "The upload was overwritten; its newer version has a job of its own.")
