"""Facts cross the durable boundary as JSON and come back as they were; a file's kind is read from its first bytes."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from core.media import Image, Video, facts_from_dict
from core.sniff import is_picture, sniff
from tests.media_facts import FILM, PICTURE


@pytest.mark.parametrize(
    "facts", [PICTURE, FILM, Video(**{**asdict(FILM), "audio": None})], ids=["image", "video", "silent"]
)
def test_facts_survive_json(facts: Image | Video) -> None:
    assert facts_from_dict(json.loads(json.dumps(asdict(facts)))) == (
        facts if not isinstance(facts, Video) or facts.audio is None else FILM
    )


def test_facts_of_a_newer_version_are_understood() -> None:
    assert facts_from_dict({**asdict(PICTURE), "added_later": 1}) == PICTURE


def test_what_is_neither_image_nor_video_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        facts_from_dict({"kind": "sound"})


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"II*\0", "tiff"),
        (b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "bmp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "mov"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", "mov"),
        (b"\0\0\0\x08wide\0\0\0\x10mdat", "mov"),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"FLV\x01\x05", "flv"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "asf"),
        (b"\0\0\x01\xba", "mpeg"),
        ((b"G" + bytes(187)) * 5, "mpegts"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"#EXTM3U\n", None),
        (b"ffconcat version 1.0", None),
        (b"%!PS-Adobe", None),
        (b"<svg", None),
        (b"PK\x03\x04", None),
        (b"BMW is a car maker", None),
        (b"", None),
        (b"G", None),
    ],
)
def test_a_files_kind_is_read_from_its_first_bytes(head: bytes, name: str | None) -> None:
    assert sniff(head) == name


def test_pictures_and_videos_are_told_apart() -> None:
    assert is_picture("heic") and not is_picture("mov")
