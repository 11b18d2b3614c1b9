"""Picture and sound begin and end when they did, also where one of them begins late."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.media_making import make, video_of
from tests.media_samples import ffmpeg, video


def starts(path: Path) -> tuple[float, float]:
    """When the picture and the sound of a film begin (s)."""
    with av.open(str(path)) as container:
        tracks = (container.streams.video[0], container.streams.audio[0])
        picture, sound = (float((track.start_time or 0) * track.time_base) for track in tracks if track.time_base)
    return picture, sound


def late(path: Path, which: str) -> Path:
    """A film of 2 s whose picture or sound begins 0.8 s after the other."""
    plain = video(path.with_name("plain.mp4"), "-shortest")
    shifted = ("-itsoffset", "0.8", "-i", plain)
    inputs = (*shifted, "-i", plain) if which == "picture" else ("-i", plain, *shifted)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", path)
    return path


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts"])
@pytest.mark.parametrize("which", ["picture", "sound"])
def test_what_begins_late_stays_late_and_the_film_as_long(tmp_path: Path, name: str, which: str) -> None:
    """A recording in MKV whose sound began late was refused as cut off."""
    source = late(tmp_path / name, which)
    assert video_of(source).duration_s == pytest.approx(2.8, abs=0.2)
    made = make(source, tmp_path / "out")
    assert made.duration_s == pytest.approx(2.8, abs=0.2)
    picture_s, sound_s = starts(made.path)
    assert (picture_s - sound_s) == pytest.approx(0.8 if which == "picture" else -0.8, abs=0.05)


def test_the_picture_is_judged_by_its_own_length_where_the_sound_goes_on(tmp_path: Path) -> None:
    """Its bits counted over the whole film, it was encoded with a quarter of what it had."""
    alone = video(tmp_path / "alone.mp4", "-crf", "24", "-preset", "medium", seconds=2, sound=False)
    source = tmp_path / "a.mp4"
    ffmpeg("-i", alone, "-f", "lavfi", "-i", "sine=duration=8", "-c:v", "copy", "-c:a", "aac", "-b:a", "64k", source)
    facts, by_itself = video_of(source), video_of(alone)
    assert facts.duration_s == pytest.approx(8, abs=0.1)
    assert (facts.fps, facts.variable_rate) == (25.0, False)
    assert facts.bitrate_bps == pytest.approx(by_itself.bitrate_bps, rel=0.2)


def test_a_film_with_subtitles_is_not_called_damaged(tmp_path: Path) -> None:
    (words := tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    plain = video(tmp_path / "plain.mp4", seconds=1)
    ffmpeg("-i", plain, "-i", words, "-c:v", "copy", "-c:a", "copy", "-c:s", "srt", tmp_path / "a.mkv")
    reason = make(tmp_path / "a.mkv", tmp_path / "out").reason
    assert "left out: subtitle" in reason
    assert "damaged" not in reason
