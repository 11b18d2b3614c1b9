"""Take the metadata out of a picture file without touching its pixels: for originals that are better than our encode.

Pure functions from bytes to bytes. What is not needed to decode the picture goes, also where a known block holds more than
it should; a colour profile is made anew; the orientation stays, in a minimal EXIF block, so that the picture stays upright.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

from adapters.image_icc import plain
from adapters.image_strip_png import strip_png


class Malformed(ValueError):
    """The file's structure cannot be followed, or nothing vouches for what is in it."""


def strip(data: bytes, name: str, orientation: int) -> bytes:
    """The file without metadata. Raises: Malformed, also for formats that are not published as they are."""
    try:
        if name == "jpeg":
            return strip_jpeg(data, orientation)
        if name == "png":
            return strip_png(data, exif_with(orientation) if orientation != 1 else b"")
        if name == "webp":
            return strip_webp(data, orientation)
        if name == "gif":
            return strip_gif(data)
    except (LookupError, ValueError, struct.error, zlib.error) as error:
        raise Malformed(str(error)) from None
    raise Malformed(f"{name} is not published as it is")


def exif_with(orientation: int) -> bytes:
    """A TIFF block that holds the orientation and nothing else."""
    return b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)


JPEG_PICTURE = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD}) - {0xC8, 0xCC}
"""Frames, tables and scans."""
JFIF = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def strip_jpeg(data: bytes, orientation: int) -> bytes:
    """Keep frames, tables and scans; write the rest anew: JFIF, orientation, profile, Adobe's colour transform."""
    head: dict[int, bytes] = {}
    if orientation != 1:
        head[0xE1] = b"Exif\x00\x00" + exif_with(orientation)
    profile: list[tuple[int, bytes]] = []
    picture: list[bytes] = []
    scanned = False
    for marker, segment in jpeg_segments(data):
        body = segment[4:]
        if marker in JPEG_PICTURE:
            picture.append(segment)
            scanned |= marker == 0xDA
        elif not 0xE0 <= marker <= 0xEF and marker not in (0xFE, 0x01):
            raise Malformed(f"unknown marker {marker:#x}")
        elif scanned:
            continue  # decoders take no notice of it there
        elif marker == 0xE0 and body.startswith(b"JFIF\x00"):
            head[0xE0] = JFIF
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00"):
            profile.append((body[12], body[14:]))
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            head[0xEE] = b"Adobe\x00\x64\x00\x00\x00\x00" + body[11:12]
    while picture and picture[-1][1] != 0xDA:  # tables for nothing
        picture.pop()
    if not picture:
        raise Malformed("no picture")
    if whole := plain(b"".join(part for _, part in sorted(profile))):
        head[0xE2] = b"ICC_PROFILE\x00\x01\x01" + whole
    first = [bytes((0xFF, marker)) + struct.pack(">H", len(head[marker]) + 2) + head[marker] for marker in sorted(head)]
    return b"".join([b"\xff\xd8", *first, *picture, b"\xff\xd9"])


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of every segment before the end of the picture, a scan with what it encodes.

    Raises: Malformed, IndexError.
    """
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Malformed(f"no marker at {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xD9:
            return
        end = at + 2 + (0 if marker == 0x01 else int.from_bytes(data[at + 2 : at + 4], "big"))
        if marker == 0xDA:
            end = _scan_end(data, end)
        yield marker, data[at:end]
        at = end


def shortened(jpeg: bytes, count: int) -> bytes | None:
    """A stripped JPEG without the last so many bytes of its last scan; None, if that has no more than these."""
    at = jpeg.rindex(b"\xff\xda")
    begins = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[: -2 - count] + b"\xff\xd9" if len(jpeg) - 2 - begins > count else None


def _scan_end(data: bytes, at: int) -> int:
    """Where the entropy-coded bytes that begin here end: at the next marker that is no restart and no stuffing."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Malformed("the scan has no end")
        following = data[at + 1]
        if following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        elif following == 0xFF:
            at += 1
        else:
            return at


def strip_webp(data: bytes, orientation: int) -> bytes:
    """Keep one picture, or the frames of one animation, and write the header anew."""
    (total,) = struct.unpack_from("<I", data, 4)
    chunks = list(riff_chunks(data, 12, min(len(data), 8 + total)))
    first = dict(reversed(chunks))
    head, out = first.get(b"VP8X"), b""
    if head is None:
        out = _webp_picture(chunks[:1])
    else:
        flags = head[0] & 0x10 | (0x08 if orientation != 1 else 0)
        if profile := plain(first.get(b"ICCP", b"")):
            flags, out = flags | 0x20, _riff_chunk(b"ICCP", profile)
        if head[0] & 0x02:
            flags, out = flags | 0x02, out + _riff_chunk(b"ANIM", first[b"ANIM"][:6])
            frames = (body for name, body in chunks if name == b"ANMF")
            out += b"".join(_riff_chunk(b"ANMF", one[:16] + _webp_picture(riff_chunks(one, 16))) for one in frames)
        else:
            out += _webp_picture(chunks)
        out = _riff_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + head[4:10]) + out
        out += _riff_chunk(b"EXIF", exif_with(orientation)) if orientation != 1 else b""
    return _riff_chunk(b"RIFF", b"WEBP" + out)


def riff_chunks(data: bytes, at: int, end: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of every chunk. Raises: Malformed."""
    end = len(data) if end is None else end
    while at + 8 <= end:
        (length,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > len(data):
            raise Malformed("a chunk is cut off")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _webp_picture(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The first picture, with the transparency before it."""
    alpha = b""
    for name, body in chunks:
        if name == b"ALPH" and not alpha:
            alpha = _riff_chunk(name, body)
        elif name in (b"VP8 ", b"VP8L"):
            return alpha + _riff_chunk(name, body)
    raise Malformed("no picture")


def strip_gif(data: bytes) -> bytes:
    """Drop comments, plain text and every application block but the loop count."""
    out, loops = [], False
    for kind, start, end in gif_blocks(data):
        block = data[start:end]
        if kind == "application" and block[3:14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0") and block[14:16] == b"\x03\x01":
            if not loops:
                out.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + block[16:18] + b"\0")
            loops = True
        elif kind == "control" and block[2] == 4:
            out.append(block[:7] + b"\0")
        elif kind in ("header", "image"):
            out.append(block)
    return b"".join([*out, b";"])


def gif_blocks(data: bytes) -> Iterator[tuple[str, int, int]]:
    """The blocks of a GIF in order: (header | control | application | comment | image, start, end).

    Stops at the trailer or where the file is cut off within an image. Raises: Malformed, IndexError.
    """
    at = 13 + _table_bytes(data[10])
    yield "header", 0, at
    while at < len(data):
        mark, start = data[at], at
        if mark == 0x3B:
            return
        if mark == 0x21:
            label = data[at + 1]
            at = _after_sub_blocks(data, at + 2)
            yield {0xF9: "control", 0xFF: "application"}.get(label, "comment"), start, at
        elif mark == 0x2C:
            at = _after_sub_blocks(data, at + 10 + _table_bytes(data[at + 9]) + 1)
            yield "image", start, at
        elif mark == 0:
            at += 1  # stray padding, which decoders skip
        else:
            raise Malformed(f"unknown GIF block {mark:#x}")


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while (size := data[at]) != 0:
        at += size + 1
    return at + 1


def gif_frames(data: bytes, most: int) -> int:
    """Pictures in a GIF, counted up to `most` + 1 without decoding any."""
    count = 0
    try:
        for kind, _, _ in gif_blocks(data):
            count += kind == "image"
            if count > most:
                break
    except (Malformed, IndexError):
        count += 1  # a frame that is cut off
    return max(1, count)
