"""Look at one file and say what it is: the task of a child. Nothing is decoded beyond headers and a first video frame."""

from __future__ import annotations

import mmap
import re
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from adapters import image_open, image_strip
from core.errors import Unprocessable
from core.limits import Limits
from core.media import Image
from core.plan_image import check_image
from core.sniff import is_picture, sniff

MAX_SCANS = 100
"""Of one JPEG."""
IDR = 5
"""The kind of an H.264 unit that needs no frame before it."""


def probe(descriptor: int, *, limits: dict[str, Any]) -> dict[str, Any]:
    """The facts about an open file, by its content.

    Raises: Unprocessable (unsupported_type, corrupt, too_many_pixels, too_many_frames, no_picture …).
    """
    bounds = Limits(**limits)
    name = sniff(image_open.sniff_head(descriptor))
    if name is None:
        raise Unprocessable("unsupported_type", "it is neither a picture nor a video that we know")
    if is_picture(name):
        return asdict(probe_picture(descriptor, name, bounds))
    from adapters.probe_video import probe_video

    return asdict(probe_video(descriptor, bounds))


def probe_picture(descriptor: int, name: str, limits: Limits) -> Image:
    """The facts about a picture, from its header. Raises: Unprocessable."""
    with image_open.open_file(descriptor) as stream:
        picture = image_open.open_picture(stream, name, limits.max_image_pixels)
        if name == "gif":
            frames, pictures = image_strip.gif_frames(stream_bytes(stream.fileno()), limits.max_frames), 1
        else:
            frames, pictures = image_open.frames_of(picture, name)
        if name == "jpeg":
            check_scans(stream.fileno())
        orientation = image_open.orientation_of(picture, name, stream)
        width_px, height_px = picture.size[::-1] if orientation >= 5 else picture.size
        image = Image(
            format=name,
            width_px=width_px,
            height_px=height_px,
            mode=picture.mode,
            has_alpha=image_open.has_alpha(picture),
            orientation=orientation,
            frames=frames,
            has_icc=bool(picture.info.get("icc_profile")),
            pictures=pictures,
        )
    check_image(image, limits)
    return image


def in_order(descriptor: int, *, limits: dict[str, Any]) -> bool:
    """Whether every frame of a video that we repacked is shown after the one before it; decodes all of it."""
    from adapters.video_open import main_picture, open_video

    with image_open.open_file(descriptor) as stream, open_video(stream, Limits(**limits)) as container:
        picture = main_picture(container)
        picture.codec_context.skip_frame = "DEFAULT"
        times = [frame.pts for frame in container.decode(picture)]
    return len(times) > 0 and None not in times and all(a < b for a, b in pairwise(times))


def seekable(descriptor: int, *, limits: dict[str, Any]) -> bool:
    """Whether a player can begin at every key frame of an H.264 MP4 that we repacked: each begins anew (IDR).

    One that does not (an open group of pictures) needs a note beside the picture that says so, and notes are left out.
    """
    from adapters.video_open import main_picture, open_video

    with image_open.open_file(descriptor) as stream, open_video(stream, Limits(**limits)) as container:
        picture = main_picture(container)
        size_bytes = (picture.codec_context.extradata[4] & 3) + 1
        marked = {entry.pos for entry in picture.index_entries if entry.is_keyframe}
        keys = (bytes(packet) for packet in container.demux(picture) if packet.pos in marked)
        return all(IDR in unit_types(data, size_bytes) for data in keys)


def unit_types(data: bytes, size_bytes: int) -> list[int]:
    """The kinds of the units in a packet, each of which comes behind its length."""
    found, at = [], 0
    while at + size_bytes < len(data):
        found.append(data[at + size_bytes] & 31)
        at += size_bytes + int.from_bytes(data[at : at + size_bytes], "big")
    return found


def check_scans(descriptor: int) -> None:
    """Refuse a progressive JPEG of hundreds of scans: each costs a pass over all pixels, and cameras write about ten.

    Raises: Unprocessable.
    """
    scans = len(re.findall(b"\xff\xda", stream_bytes(descriptor)))
    if scans > MAX_SCANS:
        raise Unprocessable("corrupt", f"it has {scans} scans; no camera or editor writes more than {MAX_SCANS}")


def stream_bytes(descriptor: int) -> Any:
    """The file as bytes without reading it: mapped into memory."""
    return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)


def versions() -> dict[str, str]:
    """The libraries that this child decodes and encodes with."""
    import av
    import PIL
    import pillow_heif
    from PIL import features

    return {
        "pillow": PIL.__version__,
        "pillow_heif": pillow_heif.__version__,
        "libheif": str(pillow_heif.libheif_version()),
        "libwebp": str(features.version("webp")),
        "libjpeg": str(features.version("libjpeg_turbo")),
        "libavif": str(features.version("avif")),
        "pyav": av.__version__,
    }
