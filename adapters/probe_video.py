"""Look into a video with PyAV: what matters for the plan, and whether an output is what it should be. Runs in a child."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer

from adapters.image_open import open_file
from core.errors import Unprocessable
from core.ffmpeg_args import CODECS, FORMATS
from core.geometry import displayed
from core.limits import Limits
from core.media import Audio, Video
from core.plan_video import check_video

CONTAINERS = ("mov", "matroska", "avi", "mpegts", "mpegvideo", "mpeg", "flv", "asf", "ogg")
TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    13: "srgb",
    14: "bt2020",
    15: "bt2020",
    16: "pq",
    18: "hlg",
}
PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "p3"}
MATRICES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc", 10: "bt2020c"}
FULL_RANGE = 2
PROGRESSIVE = (0, 1)
"""Field orders: unknown and progressive."""
MAX_FIRST_FRAME_PACKETS = 300
COPYABLE_AUDIO_ESTIMATE_BPS = 128_000


def open_video(stream: Any, limits: Limits) -> InputContainer:
    """Open a container from a stream and nothing else: no other file, no exotic format or decoder.

    Raises: Unprocessable (unsupported_type, corrupt).
    """
    options = {
        "format_whitelist": FORMATS,
        "codec_whitelist": CODECS,
        "protocol_whitelist": "none",
        "max_streams": str(limits.max_streams),
        "probesize": "5000000",
    }
    try:
        container: InputContainer = av.open(stream, "r", options=options, io_open=_refuse, metadata_errors="replace")
        return container
    except av.error.FFmpegError as error:
        if limits.max_streams and "stream" in str(error).lower():
            raise Unprocessable("too_many_streams", f"more than {limits.max_streams} streams") from None
        raise Unprocessable("corrupt", f"it cannot be read as a video: {error}"[:300]) from None


def _refuse(*_: Any, **__: Any) -> Any:
    raise PermissionError("a video may not open other files")


def probe_video(descriptor: int, limits: Limits) -> Video:
    """The facts about a video. Raises: Unprocessable."""
    with open_file(descriptor) as stream, open_video(stream, limits) as container:
        if len(container.streams) >= limits.max_streams:
            raise Unprocessable("too_many_streams", f"it has {limits.max_streams} or more streams")
        picture = main_picture(container)
        if picture is None:
            raise Unprocessable("no_picture", "it has no video track")
        codec = picture.codec_context
        if codec is None or codec.width <= 0 or codec.height <= 0:
            raise Unprocessable("no_picture", "its video track cannot be decoded")
        if codec.width * codec.height > limits.max_video_pixels:
            raise Unprocessable("too_many_pixels", f"{codec.width}×{codec.height} is more than is allowed for a video")
        sound = main_sound(container)
        duration_s = duration_of(container, picture, sound)
        frame = first_frame(container, picture)
        video = _facts(container, picture, sound, frame, duration_s, os.fstat(descriptor).st_size)
    check_video(video, limits)
    return video


def main_picture(container: InputContainer) -> Any:
    """The default video track, else the first; cover art is none."""
    tracks = [track for track in container.streams.video if not _is_cover(track)]
    defaults = [track for track in tracks if track.disposition & av.stream.Disposition.default]
    return next(iter(defaults or tracks), None)


def _is_cover(track: Any) -> bool:
    return bool(track.disposition & av.stream.Disposition.attached_pic)


def main_sound(container: InputContainer) -> Any:
    """The default sound track that can be decoded, else the first."""
    tracks = [track for track in container.streams.audio if track.codec_context is not None]
    tracks = [track for track in tracks if track.codec_context.sample_rate and track.codec_context.channels]
    defaults = [track for track in tracks if track.disposition & av.stream.Disposition.default]
    return next(iter(defaults or tracks), None)


def duration_of(container: InputContainer, picture: Any, sound: Any) -> float:
    """Seconds: what the container says, else its tracks, else its last packet."""
    if container.duration and container.duration > 0:
        return container.duration / av.time_base
    known = [float(t.duration * t.time_base) for t in (picture, sound) if t and t.duration and t.time_base]
    return max(known) if known else _last_packet_s(container, picture)


def _last_packet_s(container: InputContainer, picture: Any) -> float:
    end_s = 0.0
    for packet in container.demux(picture):
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    with suppress(av.error.FFmpegError):
        container.seek(0)
    return end_s


def first_frame(container: InputContainer, picture: Any) -> Any:
    """The first picture that decodes. Raises: Unprocessable (corrupt, no_picture)."""
    picture.codec_context.thread_count = 1
    problem: Exception | None = None
    for count, packet in enumerate(container.demux(picture)):
        if count > MAX_FIRST_FRAME_PACKETS:
            break
        try:
            for frame in packet.decode():
                return frame
        except av.error.FFmpegError as error:
            problem = error
    if problem is not None:
        raise Unprocessable("corrupt", f"no picture of it can be decoded: {problem}"[:300])
    raise Unprocessable("no_picture", "it holds no picture")


def _facts(container: Any, picture: Any, sound: Any, frame: Any, duration_s: float, size_bytes: int) -> Video:
    codec = picture.codec_context
    audio = _audio(container, sound)
    sar = _sar(frame, picture)
    rotation_deg = -round(frame.rotation) % 360
    coded = (frame.width, frame.height)
    width_px, height_px = displayed(*coded, sar, rotation_deg)
    fps, variable = frame_rate(picture, duration_s)
    return Video(
        container=_container_name(container),
        codec=codec.name.replace("libdav1d", "av1"),
        profile=codec.profile,
        pixel_format=frame.format.name,
        bit_depth=max(part.bits for part in frame.format.components),
        width_px=width_px,
        height_px=height_px,
        coded_width_px=coded[0],
        coded_height_px=coded[1],
        rotation_deg=rotation_deg,
        sar=sar,
        fps=fps,
        variable_rate=variable,
        interlaced=bool(frame.interlaced_frame) or int(codec.field_order or 0) not in PROGRESSIVE,
        transfer=TRANSFERS.get(int(frame.color_trc or 2), "unknown"),
        primaries=PRIMARIES.get(int(frame.color_primaries or 2), "unknown"),
        matrix=MATRICES.get(int(frame.colorspace), "unknown"),
        full_range=int(frame.color_range or 0) == FULL_RANGE or frame.format.name.startswith("yuvj"),
        duration_s=duration_s,
        bitrate_bps=picture_rate(codec.bit_rate, audio, duration_s, size_bytes),
        index=picture.index,
        audio=audio,
        level=getattr(codec, "level", None),
        has_b_frames=bool(codec.has_b_frames),
        dropped=_dropped(container, picture, sound),
    )


def _container_name(container: Any) -> str:
    names = container.format.name.split(",")
    return next((name for name in CONTAINERS if name in names), names[0])


def _sar(frame: Any, picture: Any) -> float:
    value = picture.sample_aspect_ratio or picture.codec_context.sample_aspect_ratio
    ratio = float(value) if value else 1.0
    return ratio if 0.05 < ratio < 20 else 1.0


def frame_rate(picture: Any, duration_s: float) -> tuple[float | None, bool]:
    """Frames per second over the whole track, and whether they come unevenly."""
    average, base = picture.average_rate, picture.base_rate
    if picture.frames and duration_s > 0:
        counted = picture.frames / duration_s
        if not average or abs(float(average) / counted - 1) > 0.5:
            average = Fraction(counted).limit_denominator(1000)
    if not average:
        average = base
    if not average or not 0 < float(average) <= 1000:
        return None, True
    variable = bool(base) and abs(float(base) / float(average) - 1) > 0.02
    return float(average), variable


def picture_rate(stated_bps: int | None, audio: Audio | None, duration_s: float, size_bytes: int) -> int:
    """Bits per second of the picture: never more than what the file's size leaves room for."""
    if duration_s <= 0:
        return int(stated_bps or 0)
    whole_bps = size_bytes * 8 / duration_s
    sound_bps = (audio.bitrate_bps or COPYABLE_AUDIO_ESTIMATE_BPS) if audio else 0
    rest_bps = max(whole_bps - sound_bps, whole_bps * 0.2)
    return int(min(stated_bps, rest_bps) if stated_bps else rest_bps)


def _audio(container: Any, sound: Any) -> Audio | None:
    if sound is None:
        return None
    codec = sound.codec_context
    return Audio(
        codec=codec.name.replace("float", ""),
        profile=codec.profile,
        sample_rate_hz=codec.sample_rate,
        channels=codec.channels,
        bitrate_bps=codec.bit_rate or None,
        index=sound.index,
        streams=len(container.streams.audio),
    )


def _dropped(container: Any, picture: Any, sound: Any) -> tuple[str, ...]:
    kept = {picture.index, sound.index if sound else None}
    return tuple(
        "cover" if stream.type == "video" and _is_cover(stream) else str(stream.type)
        for stream in container.streams
        if stream.index not in kept
    )


def check(descriptor: int, *, limits: dict[str, Any]) -> dict[str, Any]:
    """The facts about a video that we made, and a decoded last picture. Raises: Unprocessable if it does not play."""
    from dataclasses import asdict

    return asdict(probe_video(descriptor, Limits(**limits)))


def choose_frame(descriptor: int, *, limits: dict[str, Any], index: int, duration_s: float) -> float:
    """The time (s) of a frame that shows something: lit, and with detail; looked for at a few key frames."""
    best_s, best = 0.0, -1.0
    with open_file(descriptor) as stream, open_video(stream, Limits(**limits)) as container:
        picture = container.streams[index]
        picture.codec_context.skip_frame = "NONKEY"
        for share in (0.1, 0.3, 0.5, 0.7):
            frame = _key_frame_near(container, picture, duration_s * share)
            if frame is None or frame.time is None:
                continue
            score = _interest(frame)
            if score > best * 1.25:
                best_s, best = max(0.0, frame.time), score
    return best_s


def _key_frame_near(container: Any, picture: Any, at_s: float) -> Any:
    with suppress(av.error.FFmpegError):
        start = picture.start_time or 0
        container.seek(start + int(at_s / picture.time_base), stream=picture)
        return next(container.decode(picture), None)
    return None


def _interest(frame: Any) -> float:
    """The spread of brightness, less for frames that are nearly black or white."""
    from PIL import ImageStat

    small = frame.reformat(width=64, height=36, format="gray").to_image().convert("L")
    stat = ImageStat.Stat(small)
    mean, spread = stat.mean[0], stat.stddev[0]
    return spread * (0.2 if mean < 24 or mean > 235 else 1.0) + 0.001
