"""Open a video with PyAV and nothing besides it: no other file, no exotic format, no exotic decoder. Runs in a child."""

from __future__ import annotations

from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition

from core.errors import Unprocessable, undecodable
from core.ffmpeg_args import CODECS, FORMATS
from core.limits import Limits

BUFFER_BYTES = 1 << 18
MAX_KEY_FRAME_PACKETS = 600


def open_video(stream: Any, limits: Limits) -> InputContainer:
    """Open a container from a stream, without decoding anything.

    Raises: Unprocessable (too_many_streams, corrupt).
    """
    options = {
        "format_whitelist": FORMATS,
        "codec_whitelist": CODECS,
        "protocol_whitelist": "none",
        "max_streams": str(limits.max_streams),
        "max_pixels": str(limits.max_video_pixels),
        "skip_frame": "all",  # opening would decode up to 20 frames to guess what the first key frame tells us anyway
        "threads": "1",
    }
    try:
        container: InputContainer = av.open(
            stream, "r", options=options, io_open=_refuse, metadata_errors="replace", buffer_size=BUFFER_BYTES
        )
    except av.error.FFmpegError as error:
        raise undecodable("it cannot be read as a video", error) from None
    if len(container.streams) >= limits.max_streams:
        raise Unprocessable("too_many_streams", f"it has {limits.max_streams} or more streams")
    return container


def _refuse(*_: Any, **__: Any) -> Any:
    raise PermissionError("a video may not open other files")


def main_picture(container: InputContainer) -> Any:
    """The default video track, else the first; cover art is none. None, if there is none."""
    tracks = [track for track in container.streams.video if not is_cover(track)]
    defaults = [track for track in tracks if track.disposition & Disposition.default]
    return next(iter(defaults or tracks), None)


def is_cover(track: Any) -> bool:
    """Whether a video track is a picture that was attached, not a film."""
    return track.type == "video" and bool(track.disposition & Disposition.attached_pic)


def main_sound(container: InputContainer) -> Any:
    """The default sound track that can be decoded, else the first. None, if there is none."""
    tracks = [track for track in container.streams.audio if track.codec_context is not None]
    tracks = [track for track in tracks if track.codec_context.sample_rate and track.codec_context.channels]
    tracks = [track for track in tracks if is_known(track)] or tracks
    defaults = [track for track in tracks if track.disposition & Disposition.default]
    return next(iter(defaults or tracks), None)


def is_known(track: Any) -> bool:
    """Whether its decoder is one of those that FFmpeg may use: PyAV itself would take any."""
    return track.codec_context.name in CODECS.split(",")


def key_frame(container: InputContainer, picture: Any) -> Any:
    """The next key frame, decoded alone: neither edit lists nor reordering make it wait for others.

    Raises: Unprocessable (corrupt, no_picture).
    """
    problem: Exception | None = None
    decoder = picture.codec_context
    if not decoder.is_open:
        decoder.thread_count = 1
    for count, packet in enumerate(container.demux(picture)):
        if count > MAX_KEY_FRAME_PACKETS:
            break
        if not packet.size or (not packet.is_keyframe and count < MAX_KEY_FRAME_PACKETS // 2):
            continue
        try:
            frame = _decoded_alone(decoder, packet)
        except av.error.FFmpegError as error:
            problem = error
            continue
        if frame is not None:
            return frame
    if problem is not None:
        raise undecodable("no picture of it can be decoded", problem)
    raise Unprocessable("no_picture", "it holds no picture")


def _decoded_alone(decoder: Any, packet: Any) -> Any:
    alone = av.Packet(bytes(packet))  # a copy without the mark by which an edit list would hide it
    alone.pts, alone.dts, alone.time_base = packet.pts, packet.dts, packet.time_base
    try:
        frames = [*decoder.decode(alone), *decoder.decode(None)]
    finally:
        decoder.flush_buffers()
    return frames[0] if frames else None
