"""A file's kind is read from its first bytes: all that docs/media.md takes, and nothing that only looks like it."""

from __future__ import annotations

import pytest

from core.sniff import is_picture, sniff


def boxed(kind: bytes, *brands: bytes, size: int | None = None) -> bytes:
    """The first box of an MP4's family: its size, its kind, the major brand, a version and the compatible brands."""
    rest = b"".join([*brands[:1], bytes(4), *brands[1:]])
    return (size or 8 + len(rest)).to_bytes(4, "big") + kind + rest


def bmp(header_bytes: int = 40, reserved: bytes = bytes(4)) -> bytes:
    return b"BM\x46\0\0\0" + reserved + b"\x36\0\0\0" + bytes([header_bytes, 0, 0, 0]) + b"\x02\0\0\0"


def packets(size: int, count: int, lead: int = 0) -> bytes:
    """A transport stream: packets that begin with a G, after `lead` bytes of a time code each."""
    return (bytes(lead) + b"G" + bytes(size - 1 - lead)) * count


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"II+\0", "tiff"),
        (b"MM\0+", "tiff"),
        *((bmp(header_bytes), "bmp") for header_bytes in (12, 16, 40, 52, 56, 64, 108, 124)),
    ],
)
def test_pictures_are_known_by_their_signature(head: bytes, name: str) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (boxed(b"ftyp", b"heic", b"mif1", b"heic"), "heic"),
        (boxed(b"ftyp", b"heix", b"mif1"), "heic"),
        (boxed(b"ftyp", b"mif1", b"heic"), "heic"),
        (boxed(b"ftyp", b"msf1", b"hevc"), "heic"),
        (boxed(b"ftyp", b"avif", b"mif1"), "avif"),
        (boxed(b"ftyp", b"avis", b"msf1"), "avif"),
        *((boxed(b"ftyp", major, b"miaf", b"avif"), "avif") for major in (b"mif1", b"msf1", b"mif2")),
        (boxed(b"ftyp", b"mif1", b"miaf", b"avif", b"heic"), "avif"),
        (boxed(b"ftyp", b"mif1", b"heav", b"ific"), "heic"),  # a brand that only two others make
        (boxed(b"ftyp", b"heic", b"avif"), "heic"),  # the major brand decides
        (boxed(b"ftyp", b"isom", b"mif1", b"avif"), "mov"),
        (boxed(b"ftyp", b"mif1", b"heic") + b"avif", "heic"),  # after the box: no brand of this file
        (boxed(b"ftyp", b"mif1", b"avif", size=4096)[:20], "avif"),  # cut off within its box
        (b"\0\0\0\x18ftypmif1avifheic", "heic"),  # a version number that reads like a brand
    ],
)
def test_heic_avif_and_mp4_are_told_apart_by_their_brands(head: bytes, name: str) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (boxed(b"ftyp", b"isom", b"iso2"), "mov"),
        (boxed(b"ftyp", b"qt  "), "mov"),
        (boxed(b"ftyp", b"3gp5"), "mov"),
        (boxed(b"ftyp", b"M4V "), "mov"),
        *((boxed(box), "mov") for box in (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"moof")),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"RIFF\x10\0\0\0AVI LIST", "avi"),
        (b"ON2 \x10\0\0\0ON2fLIST", "avi"),
        (b"FLV\x01\x05", "flv"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\0", "asf"),
        (b"\0\0\x01\xba\x44", "mpeg"),
        (b"\0\0\x01\xb3\x14", "mpeg"),
        (b"OggS\0", "ogg"),
    ],
)
def test_videos_are_known_by_their_container(head: bytes, name: str) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (packets(188, 22), "mpegts"),
        (packets(188, 3), "mpegts"),
        (packets(188, 2) + b"G", "mpegts"),
        (packets(192, 5, lead=4), "mpegts"),  # as a camera writes it (M2TS)
        (packets(204, 5), "mpegts"),  # with error correction, as a receiver writes it
        (packets(188, 2), None),  # too few to be sure
        (packets(188, 5)[1:], None),
        (packets(188, 4) + b"x" + bytes(187), None),
        (packets(188, 5) + b"x" * 188, "mpegts"),  # five are enough
        (packets(190, 5), None),
    ],
)
def test_a_transport_stream_is_known_by_the_beat_of_its_packets(head: bytes, name: str | None) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    "head",
    [
        b"", b"G", b"RIFF\x10\0\0\0WAVEfmt ", b"XXXX\x10\0\0\0WEBPVP8 ", b"XXXX\x10\0\0\0AVI LIST", b"#EXTM3U\n",
        b"ffconcat version 1.0", b"%!PS-Adobe", b"%PDF-1.7", b"<svg", b"<html>", b"PK\x03\x04", b"ID3\x04",
        b"BMW is a car maker", bmp(41), bmp(reserved=b"\0\0\0\1"), bmp()[:17], b"XX" + bmp()[2:],
        b"xftypheic", b"FLV\x02", b"\0\0\x01\xb4", bytes(4096),
    ],
)  # fmt: skip
def test_everything_else_is_nothing_that_we_take(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "bmp", "tiff", "heic", "avif"])
def test_pictures_go_to_the_picture_decoders(name: str) -> None:
    assert is_picture(name)


@pytest.mark.parametrize("name", ["mov", "matroska", "avi", "flv", "asf", "mpegts", "mpeg", "ogg"])
def test_containers_go_to_the_video_decoders(name: str) -> None:
    assert not is_picture(name)
