"""What a file is by its first bytes, never by its name. Pure."""

from __future__ import annotations

HEAD_BYTES = 4096

HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
AVIF_BRANDS = {b"avif", b"avis"}
VIDEO_BOXES = {b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"moof", b"styp", b"sidx"}
"""A QuickTime file of old begins with one of these instead of `ftyp`."""
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


def sniff(head: bytes) -> str | None:
    """The format of a file that begins like this: a picture's, a video container's, or None for everything else.

    Pictures: jpeg, png, gif, webp, bmp, tiff, heic, avif. Videos: mov, matroska, avi, flv, asf, mpegts, mpeg, ogg.
    """
    return _picture(head) or _video(head)


def is_picture(name: str) -> bool:
    return name in ("jpeg", "png", "gif", "webp", "bmp", "tiff", "heic", "avif")


def _picture(head: bytes) -> str | None:
    for magic, name in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
        (b"II+\x00", "tiff"),
        (b"MM\x00+", "tiff"),
    ):
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in BMP_HEADERS:
        return "bmp"
    return _heif(head)


BMP_HEADERS = {bytes([size, 0, 0, 0]) for size in (12, 16, 40, 52, 56, 64, 108, 124)}


def _heif(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    major, compatible = head[8:12], {head[at : at + 4] for at in range(16, min(size, len(head)), 4)}
    if major in AVIF_BRANDS or (major in (b"mif1", b"msf1", b"mif2") and compatible & AVIF_BRANDS):
        return "avif"
    return "heic" if major in HEIF_BRANDS else None


def _video(head: bytes) -> str | None:
    if head[4:8] == b"ftyp" or head[4:8] in VIDEO_BOXES:
        return "mov"
    for magic, name in (
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"FLV\x01", "flv"),
        (ASF, "asf"),
        (b"\x00\x00\x01\xba", "mpeg"),
        (b"\x00\x00\x01\xb3", "mpeg"),
        (b"OggS", "ogg"),
    ):
        if head.startswith(magic):
            return name
    if head[:4] in (b"RIFF", b"ON2 ") and head[8:12] in (b"AVI ", b"ON2f"):
        return "avi"
    for packet, first in ((188, 0), (192, 4), (204, 0)):
        starts = range(first, min(len(head), 5 * packet), packet)
        if len(starts) >= 3 and all(head[at] == 0x47 for at in starts):
            return "mpegts"
    return None
