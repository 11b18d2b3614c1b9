"""Make videos with FFmpeg: run the plan, verify what came out, keep what is best."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from adapters.ffmpeg_run import Run, ffmpeg_binary, prepare, run, taken, version
from adapters.output import finished
from adapters.probe import probe
from adapters.sandbox_pool import pool
from core.errors import Unprocessable, undecodable
from core.ffmpeg_args import encode_args, lacks_times, remux_args
from core.limits import Limits
from core.media import Made, Video
from core.plan import Rendition
from core.plan_video import PIXELS_PER_BUFFER_BIT

__all__ = ["ffmpeg_binary", "make_video", "tool_versions"]

WORTHWHILE_SHARE = 0.03
"""An encode that saves less is not worth its loss when browsers play the original."""
DURATION_TOLERANCE_S, DURATION_TOLERANCE_SHARE = 0.5, 0.01


def never() -> bool:
    return False


@dataclass(frozen=True)
class Attempt:
    """One file that FFmpeg made, and what the probe says about it."""

    path: Path
    facts: Video
    argv: list[str]
    size_bytes: int
    decode_errors: int


class Progress:
    """Tells how far it is (0–100), and never less than before: a second attempt begins anew."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell, self._most = tell, 0.0

    def __call__(self, percent: float) -> None:
        if percent > self._most:
            self._most = percent
            self._tell(percent)


@dataclass(frozen=True)
class Job:
    """What every attempt at one video needs."""

    source: Video
    folder: Path
    limits: Limits
    binary: str
    deadline: float
    on_progress: Callable[[float], None]
    cancelled: Callable[[], bool]


def make_video(
    source: Path,
    facts: Video,
    rendition: Rendition,
    folder: Path,
    limits: Limits,
    *,
    time_limit_s: float,
    on_progress: Callable[[float], None],
    cancelled: Callable[[], bool] = never,
    binary: str | None = None,
) -> Made:
    """Make one video: verified, never larger than the source when browsers play the source.

    `on_progress` gets 0–100, from this thread. Raises: Unprocessable (corrupt, time_limit, cancelled, out_of_memory),
    which is permanent; OSError (disk) and FfmpegKilledError, which are worth another try.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"{rendition.role}-") as name:
        private = Path(name)
        prepare(private, source)
        progress, binary = Progress(on_progress), ffmpeg_binary(binary)
        job = Job(facts, private, limits, binary, begun + time_limit_s, progress, cancelled)
        attempt, action, reason = _best(job, rendition, source.stat().st_size)
        path = folder / f"{rendition.role}.mp4"
        attempt.path.replace(path)
    progress(100.0)
    if facts.dropped:
        reason += f"; left out: {', '.join(sorted(set(facts.dropped)))}"
    if attempt.decode_errors:
        reason += f"; the source has damaged parts ({attempt.decode_errors} decoding errors)"
    return finished(
        rendition.role,
        path,
        "mp4",
        (attempt.facts.width_px, attempt.facts.height_px),
        duration_s=round(attempt.facts.duration_s, 3),
        action=action,
        reason=reason,
        argv=["ffmpeg", *attempt.argv],
        elapsed_s=time.monotonic() - begun,
    )


def _best(job: Job, rendition: Rendition, source_bytes: int) -> tuple[Attempt, str, str]:
    """The plan's attempt, or a better one: the file, the action, and why."""
    spec = rendition.spec
    if rendition.action in ("remux", "keep"):
        remuxed = _repacked(job)
        if remuxed and remuxed.size_bytes <= source_bytes:
            return remuxed, "remuxed", "already right for the web and small: repacked, not encoded again"
    encoded = _attempt(job, encode_args(job.source, spec, job.limits), "encode.mp4")
    words = f"H.264 CRF {spec['crf']}, preset {spec['preset']}"
    if encoded.size_bytes < source_bytes * (1 - WORTHWHILE_SHARE if spec["playable"] else 1):
        return encoded, "compressed", words
    if spec["playable"] and (kept := _repacked(job)) and kept.size_bytes <= source_bytes:
        return kept, "kept_original", "encoding does not make it smaller: the original streams, without metadata"
    if encoded.size_bytes < source_bytes:
        return encoded, "compressed", words
    tighter = _tighter(spec, source_bytes, encoded.size_bytes)
    again = _attempt(job, encode_args(job.source, tighter, job.limits), "again.mp4")
    if again.size_bytes < encoded.size_bytes:
        encoded, words = again, words + f", capped at {tighter['cap_bps'] // 1000} kb/s"
    if encoded.size_bytes < source_bytes:
        return encoded, "compressed", words
    return encoded, "compressed", words + "; larger than the original, which browsers do not play"


def _tighter(spec: dict[str, Any], source_bytes: int, encoded_bytes: int) -> dict[str, Any]:
    """The same with a rate cap that should make it smaller than the source."""
    cap_bps = spec["cap_bps"] or 1_000_000
    cap_bps = max(16_000, int(cap_bps * min(0.9, source_bytes / encoded_bytes * 0.85)))
    audio = spec["audio_bitrate_bps"]
    return spec | {
        "cap_bps": cap_bps,
        "buffer_bits": max(cap_bps // 2, spec["width_px"] * spec["height_px"] // PIXELS_PER_BUFFER_BIT),
        "audio": "aac" if spec["audio"] else None,
        "audio_bitrate_bps": max(24_000, audio // 2) if audio else None,
    }


def _repacked(job: Job) -> Attempt | None:
    """The source's own streams in a fresh file, if that works."""
    try:
        attempt = _attempt(job, remux_args(job.source, job.limits), "repacked.mp4")
    except Unprocessable as error:
        if error.code in ("time_limit", "cancelled"):
            raise
        return None
    checks = ["seekable", *(["in_order"] if lacks_times(job.source) else [])]
    return attempt if all(_is(check, attempt.path, job) for check in checks) else None


def _is(check: str, path: Path, job: Job) -> bool:
    """Whether what was repacked passes this task of a child."""
    with path.open("rb") as file:
        left_s = max(1.0, job.deadline - time.monotonic())
        options: dict[str, Any] = {"memory_bytes": job.limits.child_memory_bytes, "time_limit_s": left_s}
        answer = pool.run(check, [file.fileno()], cancelled=job.cancelled, limits=asdict(job.limits), **options)
    return bool(answer)


def _attempt(job: Job, argv: list[str], name: str) -> Attempt:
    """Run FFmpeg once and verify what it made. Raises: Unprocessable."""
    ran: Run = run(
        job.binary,
        argv,
        job.folder,
        job.limits,
        duration_s=job.source.duration_s,
        deadline=job.deadline,
        on_progress=job.on_progress,
        cancelled=job.cancelled,
    )
    path = taken(job.folder, "out.mp4", job.folder / name)
    if path is None:
        raise undecodable("nothing of it can be decoded", ran.errors)
    facts = _verified(path, job.source, job.limits)
    return Attempt(path, facts, argv, path.stat().st_size, ran.error_count)


def _verified(path: Path, source: Video, limits: Limits) -> Video:
    """The facts about an output that plays, has the streams it should and is as long as the source."""
    relaxed = replace(limits, max_duration_s=limits.max_duration_s + 60, max_input_bytes=2**62)
    try:
        facts = probe(path, relaxed)
    except Unprocessable as error:
        raise Unprocessable("corrupt", f"what FFmpeg made of it does not play ({error.detail})"[:300]) from None
    if not isinstance(facts, Video):
        raise Unprocessable("corrupt", "what FFmpeg made of it is no video")
    if (facts.audio is None) != (source.audio is None):
        raise Unprocessable("corrupt", "its sound could not be decoded")
    tolerance_s = max(DURATION_TOLERANCE_S, source.duration_s * DURATION_TOLERANCE_SHARE)
    if facts.duration_s < source.duration_s - tolerance_s:
        raise Unprocessable(
            "corrupt", f"only {facts.duration_s:.1f} of {source.duration_s:.1f} s of it can be decoded: it is cut off"
        )
    return facts


@cache
def tool_versions(binary: str | None = None) -> dict[str, str]:
    """What made the outputs, by name; asked once per process."""
    found = {"ffmpeg": version(ffmpeg_binary(binary))}
    libraries = pool.run("versions", [], memory_bytes=1_200_000_000, time_limit_s=20)
    return found | {str(name): str(value) for name, value in libraries.items()}
