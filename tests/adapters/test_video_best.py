"""The best of encode, repack and original is published, with its reason; encodes can be watched and stopped."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from PIL import Image

from adapters.ffmpeg import ffmpeg_binary, tool_versions
from core.errors import Unprocessable
from core.rules import Rules
from tests.media_making import make, rules, video_of
from tests.media_samples import GPS_CANARY, ffmpeg, frames_of, hdr_video, times_of, turned_video, video


def remux_all(rules_: Rules) -> Rules:
    return replace(rules_, videos=replace(rules_.videos, remux_below_bpp=10))


def small_already(path: Path, seconds: float = 3) -> Path:
    """A web-ready video that an encode by our rules cannot make smaller."""
    return video(path, "-preset", "slow", "-crf", "38", seconds=seconds)


def test_a_video_that_is_right_is_repacked(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", seconds=10, size="640x360")
    made = make(source, tmp_path / "out", using=remux_all(rules()))
    assert "libx264" not in made.argv
    assert made.action == "remuxed" and "repacked" in made.reason
    assert made.size_bytes <= source.stat().st_size
    assert len(frames_of(made.path)) == 250


@pytest.mark.parametrize("name", ["a.avi", "a.flv", "a.mkv", "a.ts"])
def test_repacking_from_other_containers_keeps_the_order_of_frames(tmp_path: Path, name: str) -> None:
    """With B-frames, whose times an AVI does not hold."""
    video(tmp_path / "plain.mp4", "-preset", "medium", "-bf", "3", seconds=2)
    extra = ("-bsf:v", "h264_mp4toannexb") if name == "a.avi" else ()
    ffmpeg("-i", tmp_path / "plain.mp4", "-c", "copy", *extra, tmp_path / name)
    made = make(tmp_path / name, tmp_path / "out", using=remux_all(rules()))
    before, after = frames_of(tmp_path / "plain.mp4"), frames_of(made.path)
    assert len(before) == len(after)
    times = times_of(made.path)
    assert max(b - a for a, b in pairwise(times)) < 0.13 and times == sorted(set(times))
    for number in (0, 7, 24, 49):
        small = [picture.resize((32, 18)).tobytes() for picture in (before[number], after[number])]
        assert max(abs(a - b) for a, b in zip(*small, strict=True)) < 40, number


def test_the_original_is_kept_when_nothing_makes_it_smaller(tmp_path: Path) -> None:
    source = small_already(tmp_path / "a.mp4")
    shipped = rules()
    never = replace(shipped, videos=replace(shipped.videos, remux_below_bpp=0))
    made = make(source, tmp_path / "out", using=never)
    assert made.action in ("kept_original", "compressed")
    assert made.size_bytes <= source.stat().st_size
    if made.action == "kept_original":
        assert "original streams" in made.reason


def test_an_efficient_source_does_not_grow(tmp_path: Path) -> None:
    """HEVC at a low rate, as phones write it: H.264 of the same quality would be larger."""
    source = video(tmp_path / "a.mp4", "-c:v", "libx265", "-preset", "medium", "-crf", "32", "-x265-params",
                   "log-level=none", "-tag:v", "hvc1", size="640x360", seconds=3)  # fmt: skip
    made = make(source, tmp_path / "out")
    assert made.action == "compressed"
    assert made.size_bytes < source.stat().st_size
    assert video_of(made.path).codec == "h264"


def test_the_reason_names_what_is_left_out(tmp_path: Path) -> None:
    subtitles = tmp_path / "a.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    plain = video(tmp_path / "plain.mp4", seconds=1)
    ffmpeg("-i", plain, "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", tmp_path / "a.mp4")
    made = make(tmp_path / "a.mp4", tmp_path / "out")
    assert "left out: subtitle" in made.reason


def test_a_longer_track_that_is_left_out_does_not_count(tmp_path: Path) -> None:
    subtitles = tmp_path / "a.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:09,000\nhello\n")
    plain = video(tmp_path / "plain.mp4", seconds=1)
    ffmpeg("-i", plain, "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", tmp_path / "a.mp4")
    assert make(tmp_path / "a.mp4", tmp_path / "out").duration_s == pytest.approx(1, abs=0.1)


def ffmpegs() -> list[psutil.Process]:
    """FFmpeg processes that we started and that still run."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "libx264" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def long_video(path: Path) -> Path:
    return video(path, "-preset", "ultrafast", size="1280x720", seconds=40, fps="30", sound=False)


def test_an_encode_that_takes_too_long_is_ended_with_all_its_kin(tmp_path: Path) -> None:
    source = long_video(tmp_path / "a.mp4")
    begun = time.monotonic()
    with pytest.raises(Unprocessable) as caught:
        make(source, tmp_path / "out", time_limit_s=1.0)
    assert caught.value.code == "time_limit"
    assert time.monotonic() - begun < 6
    assert ffmpegs() == []
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancelled_encode_ends_within_seconds(tmp_path: Path) -> None:
    source = long_video(tmp_path / "a.mp4")
    begun = time.monotonic()
    with pytest.raises(Unprocessable) as caught:
        make(source, tmp_path / "out", cancelled=lambda: time.monotonic() - begun > 1.0)
    assert caught.value.code == "cancelled"
    assert time.monotonic() - begun < 6
    assert ffmpegs() == []


def test_progress_grows_while_it_works(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", size="1280x720", seconds=8, fps="30")
    told: list[float] = []
    make(source, tmp_path / "out", on_progress=told.append)
    assert len(told) >= 3 and told == sorted(told)
    assert 0 <= told[0] < told[-1] == 100


def test_a_poster_shows_something(tmp_path: Path) -> None:
    """The film begins black: its poster must not be."""
    black = ("-vf", "fade=in:st=0.6:d=0.2", "-g", "10")
    made = make(video(tmp_path / "a.mp4", *black, seconds=4), tmp_path / "out", "poster")
    assert (made.format, made.width_px, made.height_px) == ("webp", 320, 180)
    with Image.open(made.path) as picture:
        low, high = picture.convert("L").getextrema()
    assert high - low > 100  # type: ignore[operator]


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_poster_is_upright(tmp_path: Path, degrees: int) -> None:
    made = make(turned_video(tmp_path / "a.mp4", degrees, seconds=0.6), tmp_path / "out", "poster")
    assert (made.width_px, made.height_px) == (180, 320)


def test_posters_of_difficult_videos(tmp_path: Path) -> None:
    assert make(hdr_video(tmp_path / "a.mp4", seconds=0.4), tmp_path / "out", "poster").size_bytes > 0
    one_frame = video(tmp_path / "b.mp4", seconds=0.04, sound=False)
    assert make(one_frame, tmp_path / "out", "poster").size_bytes > 0
    anamorphic = video(tmp_path / "c.mp4", "-vf", "setsar=64/45", size="720x576", seconds=0.4)
    made = make(anamorphic, tmp_path / "out", "poster")
    assert (made.width_px, made.height_px) == (1024, 576)


def test_a_large_poster_is_fitted(tmp_path: Path) -> None:
    made = make(video(tmp_path / "a.mp4", size="1920x1080", seconds=0.2, sound=False), tmp_path / "out", "poster")
    assert (made.width_px, made.height_px) == (1280, 720)


def test_what_made_it_is_named() -> None:
    found = tool_versions()
    assert {"ffmpeg", "pillow", "pillow_heif", "libwebp", "libheif"} <= set(found)
    assert found["ffmpeg"][0] in "n0123456789"


def test_another_ffmpeg_can_be_chosen(tmp_path: Path) -> None:
    assert ffmpeg_binary(str(tmp_path / "ffmpeg")) == str(tmp_path / "ffmpeg")
    assert Path(ffmpeg_binary()).is_file()


SAID = "086f3693b7b34f2c965321492feee5b8"


def talkative_video(path: Path, *options: str) -> Path:
    """A film whose stream itself holds a text, as some cameras write it."""
    text = ("-bsf:v", f"h264_metadata=sei_user_data={SAID}+{GPS_CANARY.replace(' ', '-')}")
    return video(path, "-bf", "2", "-g", "10", *options, *text, seconds=2)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv"])
def test_what_a_camera_wrote_into_the_stream_is_not_published(tmp_path: Path, name: str) -> None:
    source = talkative_video(tmp_path / name)
    assert b"51.5054N" in source.read_bytes()
    made = make(source, tmp_path / "out", using=remux_all(rules()))
    assert made.action == "remuxed" and b"51.5054N" not in made.path.read_bytes()
    assert [frame.tobytes() for frame in frames_of(source)] == [frame.tobytes() for frame in frames_of(made.path)]
    assert times_of(made.path) == pytest.approx(times_of(source), abs=0.002)
    assert sound_starts_after(made.path) == pytest.approx(sound_starts_after(source), abs=0.03)
    ffmpeg("-xerror", "-ss", "1.1", "-i", made.path, "-frames:v", "1", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def sound_starts_after(path: Path) -> float:
    """Seconds from the first picture to the first sound."""
    import av

    with av.open(str(path)) as container:
        first: dict[str, float] = {}
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                at_s = float(packet.pts * packet.time_base)
                first[packet.stream.type] = min(at_s, first.get(packet.stream.type, at_s))
    return first["audio"] - first["video"]


def test_a_film_that_cannot_do_without_such_notes_is_encoded(tmp_path: Path) -> None:
    """Its key frames need a note to begin at (open groups): without it no player could jump into it."""
    options = ("-preset", "medium", "-x264-params", "open-gop=1:keyint=10:min-keyint=10:scenecut=0")
    made = make(talkative_video(tmp_path / "a.mp4", *options), tmp_path / "out", using=remux_all(rules()))
    assert made.action == "compressed" and b"51.5054N" not in made.path.read_bytes()
    ffmpeg("-xerror", "-ss", "1.1", "-i", made.path, "-frames:v", "1", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0
