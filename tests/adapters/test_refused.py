"""What a refusal says: the code is true, and the sentence is one that its reader can act upon."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from core.errors import Unprocessable
from tests.media_making import image_of, make, rules, video_of
from tests.media_samples import ffmpeg, jpeg, video


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("a.mov", ("-c:v", "cfhd", "-pix_fmt", "yuv422p10le"), "its picture is CFHD"),
        ("a.mov", ("-c:v", "qtrle", "-pix_fmt", "rgb24"), "its picture is QTRLE"),
        ("a.mov", ("-c:v", "png", "-pix_fmt", "rgb24"), "its picture is PNG"),
        ("a.mkv", ("-c:v", "ffv1"), "its picture is FFV1"),
        ("a.mkv", ("-c:a", "wavpack"), "its sound is WAVPACK"),
    ],
)
def test_a_codec_that_is_not_taken_is_called_by_its_name_and_not_corrupt(
    tmp_path: Path, name: str, options: tuple[str, ...], words: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        video_of(video(tmp_path / name, *options, seconds=0.4))
    assert refused.value.code == "unsupported_type"
    assert words in refused.value.detail and "H.264" in refused.value.detail


def test_a_sound_track_that_we_can_decode_is_preferred_to_one_that_we_cannot(tmp_path: Path) -> None:
    plain = video(tmp_path / "plain.mkv", seconds=0.4)
    source = tmp_path / "a.mkv"
    both = ("-map", "0:v", "-map", "0:a", "-map", "0:a", "-c:v", "copy", "-c:a:0", "wavpack", "-c:a:1", "copy")
    ffmpeg("-i", plain, *both, "-disposition:a:0", "default", "-disposition:a:1", "0", source)
    audio = video_of(make(source, tmp_path / "out").path).audio
    assert audio is not None and audio.codec == "aac"


def test_a_damaged_picture_is_told_in_a_sentence_of_ours_first(tmp_path: Path) -> None:
    source = jpeg(tmp_path / "a.jpg")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(Unprocessable) as refused:
        make(source, tmp_path / "out")
    assert refused.value.code == "corrupt"
    assert refused.value.detail.startswith("it cannot be decoded: it is probably damaged, cut off, or of a rare kind; ")
    assert "truncated" in refused.value.detail
    assert str(tmp_path) not in refused.value.detail


def test_a_damaged_film_is_told_in_a_sentence_of_ours_first(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", seconds=0.4, sound=False)
    data = bytearray(source.read_bytes())
    start = data.index(b"mdat") + 4
    data[start : start + 4000] = bytes(4000)
    source.write_bytes(data)
    with pytest.raises(Unprocessable) as refused:
        make(source, tmp_path / "out")
    assert "probably damaged, cut off" in refused.value.detail or refused.value.code == "no_picture"
    assert "0x" not in refused.value.detail


def chunk(data: bytes) -> bytes:
    return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


@pytest.mark.parametrize("sides", [(10_000, 8_000), (16_000, 15_000)])
def test_too_many_pixels_are_counted_against_our_own_limit(tmp_path: Path, sides: tuple[int, int]) -> None:
    """Pillow's own words name its second limit, which is twice ours."""
    header = b"IHDR" + struct.pack(">IIBBBBB", *sides, 8, 2, 0, 0, 0)
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, (header, b"IDAT" + zlib.compress(b"0")))))
    with pytest.raises(Unprocessable) as refused:
        image_of(path)
    assert refused.value.code == "too_many_pixels"
    assert refused.value.detail == f"{sides[0] * sides[1]} pixels are more than {rules().limits.max_image_pixels}"
