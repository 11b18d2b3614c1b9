"""Take the metadata out of a picture file without touching its pixels: for originals that are better than our encode.

Pure functions from bytes to bytes. The orientation stays, in a minimal EXIF block, so that the picture stays upright;
colour profiles stay; everything after the end of the picture (a second picture, a hidden film) goes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator


class Malformed(ValueError):
    """The file's structure cannot be followed."""


def strip(data: bytes, name: str, orientation: int) -> bytes:
    """The file without metadata. Raises: Malformed, also for formats that are not published as they are."""
    try:
        if name == "jpeg":
            return strip_jpeg(data, orientation)
        if name == "png":
            return strip_png(data, orientation)
        if name == "webp":
            return strip_webp(data, orientation)
        if name == "gif":
            return strip_gif(data)
    except (IndexError, struct.error) as error:
        raise Malformed(str(error)) from None
    raise Malformed(f"{name} is not published as it is")


def exif_with(orientation: int) -> bytes:
    """A TIFF block that holds the orientation and nothing else."""
    return b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)


def strip_jpeg(data: bytes, orientation: int) -> bytes:
    """Keep what decodes the picture: frames, tables, scans, JFIF, ICC profile, Adobe's colour transform."""
    out = [b"\xff\xd8"]
    if orientation != 1:
        block = b"Exif\x00\x00" + exif_with(orientation)
        out.append(b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Malformed(f"no marker at {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xD9:
            return b"".join([*out, b"\xff\xd9"])
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at:end]
        if marker == 0xDA:
            end = _scan_end(data, end)
            segment = data[at:end]
        if _keeps_segment(marker, segment):
            out.append(segment)
        at = end


def _keeps_segment(marker: int, segment: bytes) -> bool:
    if marker == 0xE0:
        return segment[4:9] == b"JFIF\x00"
    if marker == 0xE2:
        return segment[4:16] == b"ICC_PROFILE\x00"
    if marker == 0xEE:
        return segment[4:9] == b"Adobe"
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


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


PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)


def strip_png(data: bytes, orientation: int) -> bytes:
    """Keep the chunks that are picture, colour or animation."""
    out, at = [data[:8]], 8
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise Malformed("a chunk is cut off")
        if name in PNG_KEPT:
            out.append(data[at:end])
        if name == b"IHDR" and orientation != 1:
            out.append(_png_chunk(b"eXIf", exif_with(orientation)))
        if name == b"IEND":
            return b"".join(out)
        at = end


def _png_chunk(name: bytes, body: bytes) -> bytes:
    import zlib

    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def strip_webp(data: bytes, orientation: int) -> bytes:
    """Drop EXIF, XMP and unknown chunks, and say so in the flags."""
    kept = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
    (total,) = struct.unpack_from("<I", data, 4)
    out, at, end = [], 12, min(len(data), 8 + total)
    while at + 8 <= end:
        name, length = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        after = at + 8 + length + length % 2
        if at + 8 + length > len(data):
            raise Malformed("a chunk is cut off")
        if name == b"VP8X":
            flags = data[at + 8] & ~0x0C | (0x08 if orientation != 1 else 0)
            out.append(data[at : at + 8] + bytes([flags]) + data[at + 9 : after])
        elif name in kept:
            chunk = data[at:after]
            out.append(chunk + b"\x00" * (after - at - len(chunk)))
        at = after
    if orientation != 1 and out and out[0][:4] == b"VP8X":
        block = exif_with(orientation)
        out.append(b"EXIF" + struct.pack("<I", len(block)) + block)
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def strip_gif(data: bytes) -> bytes:
    """Drop comments, plain text and every application block but the loop count."""
    out = []
    for kind, start, end in gif_blocks(data):
        if kind == "application":
            if data[start + 3 : start + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"):
                out.append(data[start:end])
        elif kind != "comment":
            out.append(data[start:end])
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
