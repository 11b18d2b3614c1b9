"""Test media, made on the spot with Pillow, pillow-heif and FFmpeg: photos, animations and videos of every kind.

Hostile files come from `tests.hostile_samples`. Nothing here needs the network or a fixture.
"""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image, ImageCms, ImageDraw

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (30, 60, 220), (250, 250, 250)
CORNERS = (RED, GREEN, BLUE, WHITE)
"""What an upright sample shows: top left, top right, bottom left, bottom right."""
GPS_CANARY = "Canary Wharf 51.5054N"


def photo(width_px: int = 1200, height_px: int = 800, seed: int = 1) -> Image.Image:
    """A picture like a photo: soft light, noise, edges, a few small details."""
    light = Image.linear_gradient("L").resize((width_px, height_px))
    warm = Image.radial_gradient("L").resize((width_px, height_px))
    picture = Image.merge("RGB", (light, Image.blend(light, warm, 0.5), warm))
    draw = ImageDraw.Draw(picture)
    for number in range(24):
        x, y = (number * 733 * seed) % width_px, (number * 397) % height_px
        size = 10 + (number * 61) % (width_px // 6)
        colour = ((number * 53) % 256, (number * 97 + 40) % 256, (number * 29 + 90) % 256)
        draw.ellipse((x, y, x + size, y + size // 2), fill=colour, outline=(20, 20, 20))
        draw.line((y, x, x, y), fill=colour, width=2)
    noise = Image.effect_noise((width_px, height_px), 36)
    return Image.blend(picture, Image.merge("RGB", (noise, noise, noise)), 0.12)


def quarters(width_px: int = 300, height_px: int = 200) -> Image.Image:
    """Four coloured quarters: shows which way up a picture is."""
    picture = Image.new("RGB", (width_px, height_px))
    halves = (width_px // 2, height_px // 2)
    for number, colour in enumerate(CORNERS):
        x, y = (number % 2) * halves[0], (number // 2) * halves[1]
        picture.paste(colour, (x, y, x + halves[0] + 1, y + halves[1] + 1))
    return picture


def noisy_quarters(width_px: int = 600, height_px: int = 400) -> Image.Image:
    """The quarters under noise: as a JPEG of low quality it is hard to make smaller."""
    noise = Image.effect_noise((width_px, height_px), 90)
    return Image.blend(quarters(width_px, height_px), Image.merge("RGB", (noise, noise, noise)), 0.3)


def corners(picture: Image.Image) -> tuple[int, ...]:
    """Which of the four colours stands in each corner, as places in `CORNERS`; (0, 1, 2, 3) is upright."""
    rgb = picture.convert("RGB")
    width_px, height_px = rgb.size
    found = []
    for y in (height_px // 5, height_px * 4 // 5):
        for x in (width_px // 5, width_px * 4 // 5):
            around = rgb.crop((x - 8, y - 8, x + 8, y + 8)).resize((1, 1), Image.Resampling.BOX)  # noise averages out
            pixel: Any = around.getpixel((0, 0))
            distances = [sum(abs(a - b) for a, b in zip(pixel, colour, strict=True)) for colour in CORNERS]
            found.append(distances.index(min(distances)))
    return tuple(found)


TURNED = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""The turn that makes stored pixels of an upright picture for each EXIF orientation (Pillow's Transpose numbers)."""


def stored_for(picture: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera stores them for this orientation."""
    turn = TURNED[orientation]
    return picture if turn is None else picture.transpose(Image.Transpose(turn))


def private_exif(orientation: int = 1) -> Image.Exif:
    """EXIF as phones write it: maker, time, place, copyright, and how the camera was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = orientation, "Canary Phones", "(c) Canary"
    exif[0x010E] = GPS_CANARY
    exif[0x9003] = "2024:05:06 07:08:09"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 19.0), 3: "W", 4: (0.0, 1.0, 2.0)})
    return exif


def jpeg(path: Path, picture: Image.Image | None = None, orientation: int = 1, quality: int = 92, **more: Any) -> Path:
    """A JPEG with private EXIF, XMP and a comment; of an upright picture, stored as `orientation` says."""
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{GPS_CANARY}</x:xmpmeta>".encode()
    options = {"exif": private_exif(orientation), "comment": GPS_CANARY, "xmp": xmp, "quality": quality} | more
    stored_for(picture or photo(), orientation).save(path, "JPEG", **options)
    return path


def heic(path: Path, picture: Image.Image | None = None, orientation: int = 1, *, by_container: bool = True) -> Path:
    """A HEIC, turned by its container (as phones do) or by nothing but its EXIF."""
    import pillow_heif

    stored = stored_for(picture or photo(), orientation)
    heif = pillow_heif.from_pillow(stored)
    buffer = io.BytesIO()
    if by_container:
        heif.save(buffer, quality=70, exif=private_exif(orientation).tobytes())
        path.write_bytes(buffer.getvalue())
        return path
    heif.save(buffer, quality=70, exif=private_exif(1).tobytes())
    before = struct.pack("<HHIH", 0x0112, 3, 1, 1)
    data = buffer.getvalue()
    big = struct.pack(">HHIH", 0x0112, 3, 1, 1)
    assert data.count(before) + data.count(big) == 1
    data = data.replace(before, struct.pack("<HHIH", 0x0112, 3, 1, orientation))
    path.write_bytes(data.replace(big, struct.pack(">HHIH", 0x0112, 3, 1, orientation)))
    return path


def wide_gamut_profile() -> bytes:
    """An ICC profile that is clearly not sRGB: its red and green change places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    at = {}
    for number in range(struct.unpack_from(">I", profile, 128)[0]):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        at[name] = (offset, size)
    red, green = (profile[o : o + s] for o, s in (at[b"rXYZ"], at[b"gXYZ"]))
    changed = bytearray(profile)
    for name, value in ((b"rXYZ", green), (b"gXYZ", red)):
        changed[at[name][0] : at[name][0] + at[name][1]] = value
    return bytes(changed)


def gif(path: Path, durations_ms: tuple[int, ...] = (100, 200, 400), loop: int | None = 0, size_px: int = 120) -> Path:
    """A flat animation: a block that wanders, with these durations; loop None plays once."""
    frames = []
    for number in range(len(durations_ms)):
        frame = Image.new("P", (size_px, size_px), 0)
        frame.putpalette([250, 250, 250, 200, 30, 30, 30, 30, 200] + [0] * 759)
        ImageDraw.Draw(frame).rectangle((number * 9 % size_px, 20, number * 9 % size_px + 30, 60), fill=1 + number % 2)
        frames.append(frame)
    options = {} if loop is None else {"loop": loop}
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=list(durations_ms), **options)
    return path


def photo_gif(path: Path, frames: int = 8, size_px: int = 240) -> Path:
    """An animation like a film: every pixel changes."""
    pictures = [photo(size_px, size_px, seed).quantize(256) for seed in range(1, frames + 1)]
    pictures[0].save(path, "GIF", save_all=True, append_images=pictures[1:], duration=80, loop=0)
    return path


def ffmpeg(*arguments: str | Path) -> None:
    """Run FFmpeg to make a sample."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-v", "error", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def video(
    path: Path,
    *options: str,
    size: str = "320x180",
    seconds: float = 2.0,
    fps: str = "25",
    sound: bool = True,
    source: str = "testsrc2",
    before: tuple[str | Path, ...] = (),
) -> Path:
    """A short video with a tone: H.264 and AAC unless `options` (FFmpeg's, for the output) say otherwise."""
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}:sample_rate=48000") if sound else ()
    codecs = [] if "-c:v" in options else ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18"]
    codecs += ["-pix_fmt", "yuv420p"] if "-pix_fmt" not in options and "-vf" not in options else []
    codecs += ["-c:a", "aac", "-b:a", "96k"] if sound and "-c:a" not in options else []
    picture = ("-f", "lavfi", "-i", f"{source}=size={size}:rate={fps}:duration={seconds}")
    ffmpeg(*before, *picture, *tone, *codecs, *options, path)
    return path


def turned_video(path: Path, degrees: int = 90, **more: Any) -> Path:
    """A video whose display matrix turns it, as phones write it."""
    plain = video(path.with_name(f"plain-{path.name}"), **more)
    ffmpeg("-display_rotation:v:0", str(-degrees), "-i", plain, "-c", "copy", path)
    return path


HDR = {"pq": "smpte2084", "hlg": "arib-std-b67"}


def hdr_video(path: Path, transfer: str = "pq", **more: Any) -> Path:
    """A 10-bit HEVC video marked as HDR."""
    colour = f"colorprim=bt2020:transfer={HDR[transfer]}:colormatrix=bt2020nc:log-level=none"
    options = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", colour)
    tags = ("-color_primaries", "bt2020", "-color_trc", HDR[transfer], "-colorspace", "bt2020nc", "-tag:v", "hvc1")
    return video(path, *options, *tags, **more)


def frames_of(path: Path) -> list[Image.Image]:
    """Every frame of a video as viewers see it (upright), decoded by FFmpeg."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [frame.to_image().rotate(frame.rotation, expand=True) for frame in container.decode(stream)]


def times_of(path: Path) -> list[float]:
    """The presentation time (s) of every frame of a video, from its first."""
    import av

    with av.open(str(path)) as container:
        times = [float(frame.time) for frame in container.decode(container.streams.video[0])]
    return [time - times[0] for time in times]
