"""What a file is, by its content: the facts that the plan needs, and a clear code for what is no media."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.probe import probe
from core.errors import Unprocessable
from tests.media_making import image_of, rules, video_of
from tests.media_samples import ffmpeg, hdr_video, jpeg, photo, turned_video, video


def code_of(path: Path) -> str:
    with pytest.raises(Unprocessable) as caught:
        probe(path, rules().limits)
    return caught.value.code


def test_names_do_not_matter(tmp_path: Path) -> None:
    shutil.copy(jpeg(tmp_path / "a.jpg"), tmp_path / "film.mp4")
    assert image_of(tmp_path / "film.mp4").format == "jpeg"
    shutil.copy(video(tmp_path / "a.mp4", seconds=0.4), tmp_path / "%03d -y.jpg")
    assert video_of(tmp_path / "%03d -y.jpg").codec == "h264"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff", "unsupported_type"),
        (b"hello, I am a text\n" * 100, "unsupported_type"),
        (b"PK\x03\x04" + bytes(500), "unsupported_type"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "corrupt"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + bytes(500), "corrupt"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "corrupt"),
        (b"GIF89a", "corrupt"),
    ],
)
def test_what_is_no_media_has_a_code(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert code_of(path) == code


def test_sound_alone_has_no_picture(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", tmp_path / "a.m4a")
    assert code_of(tmp_path / "a.m4a") == "no_picture"


def test_the_facts_of_a_plain_video(tmp_path: Path) -> None:
    facts = video_of(
        video(tmp_path / "a.mp4", "-preset", "veryfast", "-profile:v", "main", size="640x360", fps="30", seconds=3)
    )
    assert (facts.container, facts.codec, facts.profile, facts.pixel_format) == ("mov", "h264", "Main", "yuv420p")
    assert (facts.width_px, facts.height_px, facts.rotation_deg, facts.sar) == (640, 360, 0, 1.0)
    assert facts.fps == pytest.approx(30)
    assert facts.duration_s == pytest.approx(3, abs=0.1)
    assert not (facts.variable_rate or facts.interlaced or facts.is_hdr or facts.full_range)
    assert facts.audio is not None
    assert (facts.audio.codec, facts.audio.channels, facts.audio.sample_rate_hz) == ("aac", 1, 48_000)
    size_bps = (tmp_path / "a.mp4").stat().st_size * 8 / 3
    assert size_bps * 0.5 < facts.bitrate_bps < size_bps


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_video_is_described_as_viewers_see_it(tmp_path: Path, degrees: int) -> None:
    facts = video_of(turned_video(tmp_path / "a.mp4", degrees, seconds=0.4))
    assert facts.rotation_deg == degrees
    assert (facts.width_px, facts.height_px) == ((320, 180) if degrees == 180 else (180, 320))
    assert (facts.coded_width_px, facts.coded_height_px) == (320, 180)


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    facts = video_of(video(tmp_path / "a.mp4", "-vf", "setsar=64/45", size="720x576", seconds=0.4))
    assert facts.sar == pytest.approx(64 / 45)
    assert (facts.width_px, facts.height_px) == (1024, 576)


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_hdr_is_recognised(tmp_path: Path, transfer: str) -> None:
    facts = video_of(hdr_video(tmp_path / "a.mp4", transfer, seconds=0.4))
    assert (facts.transfer, facts.bit_depth, facts.primaries, facts.matrix) == (transfer, 10, "bt2020", "bt2020nc")


def test_interlaced_is_recognised(tmp_path: Path) -> None:
    assert video_of(video(tmp_path / "a.mp4", "-flags", "+ildct+ilme", "-x264-params", "tff=1", seconds=0.4)).interlaced


def test_variable_rate_is_recognised(tmp_path: Path) -> None:
    uneven = ("-vf", "select='not(mod(n,5))+gt(t,1)'", "-fps_mode", "vfr")
    facts = video_of(video(tmp_path / "a.mp4", *uneven))
    assert facts.variable_rate
    assert facts.fps == pytest.approx(15, abs=2)


def test_a_video_that_does_not_say_how_long_it_is_is_measured(tmp_path: Path) -> None:
    """As browsers record them: live WebM without a duration."""
    video(tmp_path / "a.webm", "-c:v", "libvpx", "-c:a", "libopus", "-live", "1", "-f", "webm", seconds=1.5)
    data = (tmp_path / "a.webm").read_bytes()
    assert b"\x44\x89" not in data[:400]
    assert video_of(tmp_path / "a.webm").duration_s == pytest.approx(1.5, abs=0.2)


def test_cover_art_is_no_video(tmp_path: Path) -> None:
    photo(400, 300).save(tmp_path / "cover.jpg")
    video(tmp_path / "plain.mp4", seconds=0.4)
    maps = ("-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", tmp_path / "plain.mp4", "-i", tmp_path / "cover.jpg", *maps, tmp_path / "a.mp4")
    facts = video_of(tmp_path / "a.mp4")
    assert facts.codec == "h264"
    assert "cover" in facts.dropped
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-i", tmp_path / "cover.jpg", *("-map", "0", "-map", "1"),
           "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic", tmp_path / "song.m4a")  # fmt: skip
    assert code_of(tmp_path / "song.m4a") == "no_picture"


def test_motion_jpeg_in_an_avi_is_a_video(tmp_path: Path) -> None:
    facts = video_of(
        video(tmp_path / "a.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le", seconds=0.4)
    )
    assert (facts.container, facts.codec, facts.full_range) == ("avi", "mjpeg", True)


def test_of_two_pictures_the_default_one_counts(tmp_path: Path) -> None:
    video(tmp_path / "one.mp4", seconds=0.4, sound=False)
    video(tmp_path / "two.mp4", seconds=0.4, sound=False, size="640x360")
    choose = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "0", "-disposition:v:1", "default")
    ffmpeg("-i", tmp_path / "one.mp4", "-i", tmp_path / "two.mp4", *choose, tmp_path / "a.mkv")
    facts = video_of(tmp_path / "a.mkv")
    assert (facts.width_px, facts.index, facts.dropped) == (640, 1, ("video",))


CONTAINERS: dict[str, tuple[str, ...]] = {
    "a.mov": (),
    "a.m4v": (),
    "a.3gp": ("-c:v", "h263", "-s", "352x288", "-c:a", "aac"),
    "a.mkv": ("-c:a", "libmp3lame"),
    "a.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
    "a.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "a.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "a.flv": ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100"),
    "a.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "a.ts": (),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_promised_container_is_read(tmp_path: Path, name: str) -> None:
    facts = video_of(video(tmp_path / name, *CONTAINERS[name], seconds=1))
    assert facts.duration_s == pytest.approx(1, abs=0.15)
    assert facts.audio is not None
