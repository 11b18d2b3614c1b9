"""The facts about a video that matter for the plan, with PyAV. Runs in a child."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer

from adapters.image_open import open_file
from adapters.video_open import is_cover, is_known, key_frame, main_picture, main_sound, open_video
from core.errors import Unprocessable
from core.geometry import displayed
from core.limits import Limits
from core.media import Audio, Video
from core.plan_video import check_video

CONTAINERS = ("mov", "matroska", "avi", "mpegts", "mpegvideo", "mpeg", "flv", "asf", "ogg")
CODEC_NAMES = {"libdav1d": "av1", "libvpx": "vp8", "libvpx-vp9": "vp9", "mp3float": "mp3", "mp2float": "mp2"}
TRANSFERS = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 13: "srgb", 14: "bt2020", 15: "bt2020"}
TRANSFERS |= {16: "pq", 18: "hlg"}
PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 11: "p3", 12: "p3"}
MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc"}
MATRICES |= {10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp"}
MATRICES |= {15: "ipt-c2", 16: "ycgco-re", 17: "ycgco-ro"}
UNSPECIFIED = 2
DOLBY_TAGS = ("dvh1", "dvhe", "dva1", "dvav", "dav1")
"""Of Dolby Vision; where the film names no matrix besides, nothing but Dolby's own colours is in it (profile 5)."""
FULL_RANGE = 2
PROGRESSIVE = (0, 1)
"""Field orders: unknown and progressive."""
CREDIBLE_FPS = 125.0
"""A container that claims more may just have a fine clock: then the packets are counted."""
COUNTED_PACKETS = 240
SOUND_GUESS_BPS = 96_000


def probe_video(descriptor: int, limits: Limits) -> Video:
    """The facts about a video. Raises: Unprocessable."""
    with open_file(descriptor) as stream, open_video(stream, limits) as container:
        picture = main_picture(container)
        if picture is None:
            raise Unprocessable("no_picture", "it has no video track")
        codec = picture.codec_context
        if codec is None or codec.width <= 0 or codec.height <= 0:
            raise Unprocessable("no_picture", "its video track cannot be decoded")
        if codec.width * codec.height > limits.max_video_pixels:
            raise Unprocessable("too_many_pixels", f"{codec.width}×{codec.height} is more than is allowed for a video")
        sound = main_sound(container)
        check_codecs(picture, sound)
        frame = key_frame(container, picture)
        duration_s = duration_of(container, picture, sound)
        video = _facts(container, picture, sound, frame, duration_s, os.fstat(descriptor).st_size)
    check_video(video, limits)
    return video


def check_codecs(picture: Any, sound: Any) -> None:
    """Refuse what we have no decoder for, before another one is tried. Raises: Unprocessable."""
    for what, track in (("picture", picture), ("sound", sound)):
        if track is not None and not is_known(track):
            name = track.codec_context.codec.canonical_name
            raise Unprocessable(
                "unsupported_type",
                f"its {what} is {name.upper()}, which is not taken: export it as H.264 and AAC in an MP4",
            )


def duration_of(container: InputContainer, picture: Any, sound: Any) -> float:
    """Seconds of picture and sound: what is stated, else up to the last packet.

    The container also counts tracks that are left out, a track also what an edit list hides: the smaller one is right.
    A track that begins late ends late.
    """
    stated = [container.duration / av.time_base] if container.duration and container.duration > 0 else []
    known = [track for track in (picture, sound) if track and track.duration and track.time_base]
    begin_s = min((_start_s(track) for track in known), default=0.0)
    tracks = [_start_s(track) - begin_s + float(track.duration * track.time_base) for track in known]
    if tracks and (picture.duration or not stated):
        stated.append(max(tracks))
    return min(stated) if stated else _last_packet_s(container, picture)


def _start_s(track: Any) -> float:
    return float((track.start_time or 0) * track.time_base)


def _last_packet_s(container: InputContainer, picture: Any) -> float:
    container.seek(0)
    start_s, end_s = None, 0.0
    for packet in container.demux(picture):
        if packet.pts is not None and packet.time_base is not None:
            at_s = float(packet.pts * packet.time_base)
            start_s = at_s if start_s is None else min(start_s, at_s)
            end_s = max(end_s, at_s + float((packet.duration or 0) * packet.time_base))
    return end_s - (start_s or 0.0)


def _facts(container: Any, picture: Any, sound: Any, frame: Any, duration_s: float, size_bytes: int) -> Video:
    codec = picture.codec_context
    audio = _audio(container, sound)
    sar = _sar(picture)
    rotation_deg = -round(frame.rotation) % 360
    width_px, height_px = displayed(frame.width, frame.height, sar, rotation_deg)
    picture_s = own_duration(picture, duration_s)
    fps, variable = frame_rate(container, picture, picture_s)
    return Video(
        container=_container_name(container),
        codec=CODEC_NAMES.get(codec.name, codec.name),
        profile=codec.profile,
        pixel_format=frame.format.name,
        bit_depth=max(part.bits for part in frame.format.components),
        width_px=width_px,
        height_px=height_px,
        coded_width_px=frame.width,
        coded_height_px=frame.height,
        rotation_deg=rotation_deg,
        sar=sar,
        fps=fps,
        variable_rate=variable,
        interlaced=bool(frame.interlaced_frame) or int(codec.field_order or 0) not in PROGRESSIVE,
        transfer=TRANSFERS.get(int(frame.color_trc or 2), "unknown"),
        primaries=PRIMARIES.get(int(frame.color_primaries or 2), "unknown"),
        matrix=_matrix(codec.codec_tag, int(frame.colorspace)),
        full_range=int(frame.color_range or 0) == FULL_RANGE or frame.format.name.startswith("yuvj"),
        duration_s=duration_s,
        bitrate_bps=picture_rate(codec.bit_rate, audio, picture_s, size_bytes, duration_s),
        index=picture.index,
        audio=audio,
        level=level if (level := getattr(codec, "level", None)) and level > 0 else None,
        has_b_frames=bool(codec.has_b_frames),
        dropped=_dropped(container, picture, sound),
    )


def _matrix(tag: str, number: int) -> str:
    if tag in DOLBY_TAGS and number == UNSPECIFIED:
        return "ipt-c2"
    return MATRICES.get(number, "unknown")


def _container_name(container: Any) -> str:
    names = container.format.name.split(",")
    return next((name for name in CONTAINERS if name in names), names[0])


def _sar(picture: Any) -> float:
    value = picture.sample_aspect_ratio or picture.codec_context.sample_aspect_ratio
    ratio = float(value) if value else 1.0
    return ratio if 0.05 < ratio < 20 else 1.0


def frame_rate(container: Any, picture: Any, duration_s: float) -> tuple[float | None, bool]:
    """Frames per second over the whole track, and whether they come unevenly."""
    average, base = picture.average_rate, picture.base_rate
    if picture.frames and duration_s > 0:
        counted = picture.frames / duration_s
        if not average or abs(float(average) / counted - 1) > 0.5:
            average = Fraction(counted).limit_denominator(1000)
    if average is None or float(average) > CREDIBLE_FPS:
        average = _counted_rate(container, picture) or base
    if not average or not 0 < float(average) <= 1000:
        return None, True
    return float(average), bool(base) and abs(float(base) / float(average) - 1) > 0.02


def _counted_rate(container: Any, picture: Any) -> Fraction | None:
    """Frames per second over the first packets."""
    times: list[Fraction] = []
    with suppress(av.error.FFmpegError):
        container.seek(0)
        for packet in _some(container.demux(picture)):
            if packet.pts is not None and packet.time_base is not None:
                times.append(packet.pts * packet.time_base)
    if len(times) < 2 or max(times) <= min(times):
        return None
    return Fraction(len(times) - 1, 1) / (max(times) - min(times))


def _some(packets: Iterable[Any]) -> Iterable[Any]:
    return (packet for _, packet in zip(range(COUNTED_PACKETS), packets, strict=False))


def own_duration(picture: Any, duration_s: float) -> float:
    """Seconds of the picture alone, where its track says so: the sound may go on for longer."""
    own_s = float(picture.duration * picture.time_base) if picture.duration else duration_s
    return own_s if 0 < own_s < duration_s else duration_s


def picture_rate(
    stated_bps: int | None, audio: Audio | None, picture_s: float, size_bytes: int, duration_s: float
) -> int:
    """Bits per second of the picture: never more than what the file's size leaves room for."""
    if duration_s <= 0:
        return int(stated_bps or 0)
    whole_bits = size_bytes * 8
    sound_bits = (audio.bitrate_bps or SOUND_GUESS_BPS) * duration_s if audio else 0
    rest_bps = max(whole_bits - sound_bits, whole_bits * 0.2) / picture_s
    return int(min(stated_bps, rest_bps) if stated_bps else rest_bps)


def _audio(container: Any, sound: Any) -> Audio | None:
    if sound is None:
        return None
    codec = sound.codec_context
    return Audio(
        codec=CODEC_NAMES.get(codec.name, codec.name),
        profile=codec.profile,
        sample_rate_hz=codec.sample_rate,
        channels=codec.channels,
        bitrate_bps=codec.bit_rate or None,
        index=sound.index,
        streams=len(container.streams.audio),
    )


def _dropped(container: Any, picture: Any, sound: Any) -> tuple[str, ...]:
    kept = {picture.index, sound.index if sound else None}
    others = (stream for stream in container.streams if stream.index not in kept)
    return tuple("cover" if is_cover(stream) else str(stream.type) for stream in others)
