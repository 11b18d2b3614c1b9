"""Take the metadata out of a PNG; see image_strip."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from adapters.image_icc import plain

PNG_MOST_BYTES = {
    b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"cHRM": 32, b"gAMA": 4, b"sBIT": 4, b"sRGB": 1, b"cICP": 4, b"mDCV": 24,
    b"cLLI": 8, b"bKGD": 6, b"pHYs": 9, b"acTL": 8,
}  # fmt: skip
"""What is kept once, and how long it can be; besides frames, pixels and the profile."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
WOVEN = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Where each pass of an interlaced PNG begins, and its steps (x, y)."""
MOST_PROFILE_BYTES = 4 << 20


def strip_png(data: bytes, exif: bytes) -> bytes:
    """Keep the chunks that are picture, colour or animation, and of the pixels no more than there are.

    Raises: ValueError, struct.error, zlib.error.
    """
    out, seen = [data[:8]], set[bytes]()
    width, height, depth, kind, _, _, woven = struct.unpack_from(">IIBBBBB", data, 16)
    pixels = Pixels(width, height, depth * CHANNELS.get(kind, 4), bool(woven))
    for name, body in png_chunks(data):
        if name == b"fcTL" and len(body) == 26:
            if b"IDAT" in seen:
                pixels.end()
                wide, high = struct.unpack_from(">II", body, 4)
                pixels = Pixels(wide, high, pixels.pixel_bits, pixels.woven)
        elif name == b"IDAT":
            body = pixels.take(body)
        elif name == b"fdAT":
            body = body[:4] + pixels.take(body[4:])
        elif name == b"iCCP" and name not in seen:
            packed = body[body.index(b"\0") + 2 :]
            profile = plain(zlib.decompressobj().decompress(packed, MOST_PROFILE_BYTES))
            body = b"ICC profile\0\0" + zlib.compress(profile) if profile else b""
        elif name not in PNG_MOST_BYTES or name in seen:
            continue
        elif len(body) > PNG_MOST_BYTES[name]:
            raise ValueError("a chunk is too long")
        seen.add(name)
        if body:
            out.append(_png_chunk(name, body))
        if name == b"IHDR" and exif:
            out.append(_png_chunk(b"eXIf", exif))
    pixels.end()
    return b"".join([*out, _png_chunk(b"IEND", b"")])


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of every chunk before the end. Raises: ValueError, struct.error."""
    at = 8
    while (name := data[at + 4 : at + 8]) != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            raise ValueError("a chunk is cut off")
        yield name, data[at + 8 : at + 8 + length]
        at += 12 + length


class Pixels:
    """Follows the packed pixels of one frame to their end, and lets nothing pass that comes after it."""

    def __init__(self, width: int, height: int, pixel_bits: int, woven: bool) -> None:
        self.pixel_bits, self.woven = pixel_bits, woven
        self._left, self._unpacker = 0, zlib.decompressobj()
        for x, y, step_x, step_y in WOVEN if woven else ((0, 0, 1, 1),):
            columns, rows = -((x - width) // step_x), -((y - height) // step_y)
            self._left += rows * (1 + (columns * pixel_bits + 7) // 8) if columns > 0 and rows > 0 else 0

    def take(self, packed: bytes) -> bytes:
        """The part of these bytes that belongs to the pixels. Raises: ValueError, if they unfold to too many."""
        if self._unpacker.eof:
            return b""
        rest = packed
        while rest and not self._unpacker.eof:
            self._left -= len(self._unpacker.decompress(rest, 1 << 20))
            if self._left < 0:
                raise ValueError("more pixels than it says")
            rest = self._unpacker.unconsumed_tail
        return packed[: len(packed) - len(self._unpacker.unused_data)]

    def end(self) -> None:
        """Raises: ValueError, if pixels are missing."""
        if self._left:
            raise ValueError("pixels are missing")


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
