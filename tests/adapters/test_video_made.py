"""Videos come out playable everywhere: upright, square, 8-bit 4:2:0, as long as they were, and never larger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.media import Made, Video
from core.rules import Rules
from tests.media_making import make, rules, video_of
from tests.media_samples import ffmpeg, frames_of, hdr_video, times_of, turned_video, video


def by_tier(box_px: tuple[int, int] | None = None, crf: int = 23) -> Rules:
    """Rules with one tier for all videos."""
    shipped = rules()
    tier = replace(shipped.videos.tiers[0], below_bytes=None, box_px=box_px, crf=crf, preset="veryfast")
    return replace(shipped, videos=replace(shipped.videos, tiers=(tier,)))


def web_ready(made: Made) -> Video:
    """The facts about an output, which every browser must play."""
    facts = video_of(made.path)
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert facts.profile in ("Constrained Baseline", "Main", "High")
    assert (facts.sar, facts.interlaced, facts.is_hdr) == (1.0, False, False)
    assert facts.width_px % 2 == facts.height_px % 2 == 0
    assert facts.audio is None or facts.audio.codec == "aac"
    data = made.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it must play while it loads"
    return facts


def test_a_video_is_encoded_verified_and_described(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", size="640x360")
    told: list[float] = []
    made = make(source, tmp_path / "out", on_progress=told.append)
    facts = web_ready(made)
    assert (made.action, made.format, made.extension, made.content_type) == ("compressed", "mp4", "mp4", "video/mp4")
    assert (made.width_px, made.height_px) == (facts.width_px, facts.height_px) == (640, 360)
    assert made.duration_s == pytest.approx(2, abs=0.1)
    assert made.size_bytes == made.path.stat().st_size < source.stat().st_size
    assert made.argv[0] == "ffmpeg" and "file:in.bin" in made.argv
    assert not any(str(tmp_path) in part for part in made.argv)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["main.mp4"]
    assert told == sorted(told) and told[-1] == 100


def test_the_source_is_untouched(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4", seconds=0.4)
    before = source.read_bytes()
    make(source, tmp_path / "out")
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("size", "wanted"), [("640x360", (320, 180)), ("360x640", (180, 320)), ("200x100", (200, 100))]
)
def test_it_fits_its_box_in_its_own_orientation(tmp_path: Path, size: str, wanted: tuple[int, int]) -> None:
    made = make(video(tmp_path / "a.mp4", size=size, seconds=0.4), tmp_path / "out", using=by_tier((320, 180)))
    facts = web_ready(made)
    assert (facts.width_px, facts.height_px) == wanted


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("way", ["encoded", "repacked"])
def test_a_turned_video_is_turned_once(tmp_path: Path, degrees: int, way: str) -> None:
    source = turned_video(tmp_path / "a.mp4", degrees, seconds=0.4, source="smptebars")
    shipped = rules()
    using = by_tier() if way == "encoded" else replace(shipped, videos=replace(shipped.videos, remux_below_bpp=10))
    made = make(source, tmp_path / "out", using=using)
    assert made.action == ("compressed" if way == "encoded" else "remuxed")
    assert (made.width_px, made.height_px) == ((320, 180) if degrees == 180 else (180, 320))
    assert alike(frames_of(source)[3], frames_of(made.path)[3])
    if way == "encoded":
        assert video_of(made.path).rotation_deg == 0


def alike(one: Image.Image, other: Image.Image, within: float = 12) -> bool:
    """Whether two pictures show the same."""
    small = [picture.convert("RGB").resize((16, 16)).tobytes() for picture in (one, other)]
    assert abs(one.width / one.height - other.width / other.height) < 0.02
    return sum(abs(a - b) for a, b in zip(*small, strict=True)) / len(small[0]) < within


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (("-vf", "setsar=64/45"), {"size": "720x576"}),
        (("-vf", "crop=301:201"), {"size": "320x240"}),
        (("-c:v", "mpeg4", "-vf", "setsar=3/2"), {}),
        (("-pix_fmt", "yuv422p", "-profile:v", "high422"), {}),
        (("-pix_fmt", "yuv444p", "-profile:v", "high444"), {}),
        (("-pix_fmt", "yuv420p10le", "-profile:v", "high10"), {}),
        (("-pix_fmt", "yuvj420p"), {}),
        (("-c:v", "libx264rgb", "-pix_fmt", "rgb24"), {}),
        (("-flags", "+ildct+ilme", "-x264-params", "tff=1"), {}),
        (("-pix_fmt", "gray"), {}),
    ],
    ids=["anamorphic", "odd sides", "MPEG-4", "4:2:2", "4:4:4", "10 bits", "full range", "RGB", "interlaced", "grey"],
)
def test_every_kind_of_picture_becomes_web_ready(
    tmp_path: Path, options: tuple[str, ...], more: dict[str, str]
) -> None:
    name = "a.mkv" if "libx264rgb" in options or "crop=301:201" in options else "a.mp4"
    fixed = ("-pix_fmt", "yuv444p") if "crop=301:201" in options else ()
    source = video(tmp_path / name, *options, *fixed, seconds=0.6, **more)
    facts = web_ready(made := make(source, tmp_path / "out"))
    assert facts.duration_s == pytest.approx(0.6, abs=0.15)
    before = frames_of(source)[5].resize((facts.width_px, facts.height_px))
    assert alike(before, frames_of(made.path)[5])


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_hdr_becomes_sdr_in_daylight(tmp_path: Path, transfer: str) -> None:
    made = make(hdr_video(tmp_path / "a.mp4", transfer, seconds=0.4), tmp_path / "out")
    facts = web_ready(made)
    assert (facts.transfer, facts.primaries, facts.matrix) == ("bt709", "bt709", "bt709")
    grey = frames_of(made.path)[0].convert("L").resize((1, 1)).getpixel((0, 0))
    assert 30 < grey < 230  # type: ignore[operator]
    assert "HDR" in made.reason or made.action == "compressed"


def test_hdr_that_does_not_name_its_primaries_becomes_sdr_too(tmp_path: Path) -> None:
    options = ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "transfer=smpte2084:log-level=none")
    source = video(tmp_path / "a.mp4", *options, seconds=0.4)
    facts = video_of(source)
    assert (facts.transfer, facts.primaries, facts.matrix) == ("pq", "unknown", "unknown")
    facts = web_ready(make(source, tmp_path / "out"))
    assert (facts.transfer, facts.primaries, facts.matrix) == ("bt709", "bt709", "bt709")


def test_colours_survive_a_change_of_size(tmp_path: Path) -> None:
    """HD is BT.709 and SD BT.601 to players that are told nothing: the output must say what it is."""
    hd = "scale=out_color_matrix=bt709:out_range=limited,format=yuv420p"
    unsaid = "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
    options = ("-crf", "5", "-vf", f"{hd},{unsaid}")
    source = video(tmp_path / "a.mp4", *options, size="1280x720", seconds=0.4, source="testsrc")
    assert video_of(source).matrix == "unknown"
    made = make(source, tmp_path / "out", using=by_tier((640, 360)))
    assert video_of(made.path).matrix == "bt709"
    ffmpeg(
        "-i", source, "-vf", "scale=640:360:in_color_matrix=bt709,format=rgb24", "-frames:v", "1", tmp_path / "a.png"
    )
    ffmpeg("-i", made.path, "-vf", "format=rgb24", "-frames:v", "1", tmp_path / "b.png")
    with Image.open(tmp_path / "a.png") as before, Image.open(tmp_path / "b.png") as after:
        assert alike(before, after, within=4)


def test_uneven_frame_times_are_kept(tmp_path: Path) -> None:
    uneven = ("-vf", "select='not(mod(n,5))+gt(t,1)'", "-fps_mode", "vfr")
    source = video(tmp_path / "a.mp4", *uneven)
    made = make(source, tmp_path / "out")
    before, after = times_of(source), times_of(made.path)
    assert len(before) == len(after)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) < 0.021


def test_high_frame_rates_are_halved(tmp_path: Path) -> None:
    made = make(video(tmp_path / "a.mp4", fps="120", seconds=0.6), tmp_path / "out")
    assert web_ready(made).fps == pytest.approx(60, rel=0.02)
    assert made.duration_s == pytest.approx(0.6, abs=0.1)


def test_ntsc_rates_stay_exact(tmp_path: Path) -> None:
    made = make(video(tmp_path / "a.mp4", fps="30000/1001"), tmp_path / "out")
    assert web_ready(made).fps == pytest.approx(30000 / 1001, rel=1e-4)


def test_sound_that_is_right_is_copied_bit_by_bit(tmp_path: Path) -> None:
    source = video(tmp_path / "a.mp4")
    made = make(source, tmp_path / "out")
    assert made.argv[made.argv.index("-c:a") + 1] == "copy"
    for path in (source, made.path):
        ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "adts", path.with_suffix(".aac"))
    assert source.with_suffix(".aac").read_bytes() == made.path.with_suffix(".aac").read_bytes()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mkv", ("-c:a", "pcm_s16le")),
        ("a.mkv", ("-c:a", "libopus")),
        ("a.mkv", ("-c:a", "flac", "-ac", "6")),
        ("a.mp4", ("-c:a", "libmp3lame")),
        ("a.mp4", ("-c:a", "aac", "-b:a", "320k", "-ac", "2")),
    ],
    ids=["PCM", "Opus", "six channels", "MP3", "a high rate"],
)
def test_other_sound_becomes_aac(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    audio = web_ready(make(video(tmp_path / name, *options), tmp_path / "out")).audio
    assert audio is not None and audio.channels <= 2
    assert audio.bitrate_bps is None or audio.bitrate_bps < 160_000


def test_a_silent_video_stays_silent(tmp_path: Path) -> None:
    assert web_ready(make(video(tmp_path / "a.mp4", sound=False, seconds=0.4), tmp_path / "out")).audio is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mov", ()),
        ("a.mkv", ("-c:a", "libmp3lame")),
        ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus")),
        ("a.avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
        ("a.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")),
        ("a.wmv", ("-c:v", "wmv2", "-c:a", "wmav2")),
        ("a.flv", ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100")),
        ("a.mpg", ("-c:v", "mpeg2video", "-c:a", "mp2")),
        ("a.3gp", ("-c:v", "h263", "-s", "352x288", "-c:a", "aac")),
        ("a.ts", ()),
    ],
)
def test_every_promised_container_is_compressed(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    source = video(tmp_path / name, *options, seconds=1.5)
    made = make(source, tmp_path / "out")
    assert web_ready(made).duration_s == pytest.approx(1.5, abs=0.2)
    assert made.size_bytes < source.stat().st_size


def test_private_tags_are_gone(tmp_path: Path) -> None:
    tags = [("location", "+51.5054-000.0235/"), ("com.apple.quicktime.location.ISO6709", "+51.5054-000.0235/")]
    tags += [("title", "canary title"), ("comment", "canary comment"), ("artist", "canary artist")]
    options = [part for name, value in tags for part in ("-metadata", f"{name}={value}")]
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=canary chapter\n")
    plain = video(tmp_path / "plain.mp4", seconds=0.4)
    named = ("-metadata:s:v", "handler_name=canary handler", "-metadata:s:a", "title=canary track")
    ffmpeg("-i", plain, "-i", chapters, "-map_chapters", "1", "-c", "copy", *options, *named,
           "-movflags", "use_metadata_tags", tmp_path / "a.mov")  # fmt: skip
    assert (tmp_path / "a.mov").read_bytes().count(b"canary") >= 3
    shipped = rules()
    repack = replace(shipped, videos=replace(shipped.videos, remux_below_bpp=10))
    for using, action in ((shipped, "compressed"), (repack, "remuxed")):
        made = make(tmp_path / "a.mov", tmp_path / action, using=using)
        assert made.action == action
        data = made.path.read_bytes()
        assert b"canary" not in data and b"51.5054" not in data
