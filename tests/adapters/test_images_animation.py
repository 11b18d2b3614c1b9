"""Animations keep their frames' times and how often they play, and get smaller or stay as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.media_making import image_of, image_rules, make
from tests.media_samples import gif, photo, photo_gif


def played(path: Path) -> tuple[list[int], int | None]:
    """The frames' durations (ms), and the loop number of the file."""
    with Image.open(path) as picture:
        durations = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()
            durations.append(int(picture.info["duration"]))
        return durations, picture.info.get("loop")


@pytest.mark.parametrize(
    ("loop", "plays"),
    [(0, 0), (None, 1), (3, 4)],
    ids=["for ever", "once", "three repeats after the first time: four times"],
)
def test_times_and_loops_are_kept(tmp_path: Path, loop: int | None, plays: int) -> None:
    source = gif(tmp_path / "a.gif", (100, 250, 40, 500), loop, size_px=600)
    made = make(source, tmp_path / "out")
    if made.format == "gif":
        assert played(made.path) == played(source)
    else:
        durations, webp_loop = played(made.path)
        assert (sum(durations), webp_loop) == (890, plays)
    assert made.duration_s == pytest.approx(0.89)


def test_a_film_like_animation_becomes_a_smaller_webp(tmp_path: Path) -> None:
    source = photo_gif(tmp_path / "a.gif")
    assert image_of(source).frames == 8
    made = make(source, tmp_path / "out")
    assert made.format == "webp"
    assert made.size_bytes < source.stat().st_size / 2
    assert played(made.path) == ([80] * 8, 0)


def test_a_flat_animation_never_grows(tmp_path: Path) -> None:
    source = gif(tmp_path / "a.gif", tuple([80] * 30))
    made = make(source, tmp_path / "out")
    assert made.size_bytes <= source.stat().st_size
    assert sum(played(made.path)[0]) == 2400


def test_every_frame_shows_what_it_showed(tmp_path: Path) -> None:
    source = photo_gif(tmp_path / "a.gif", frames=4)
    made = make(source, tmp_path / "out")
    with Image.open(source) as before, Image.open(made.path) as after:
        for number in range(4):
            before.seek(number)
            after.seek(number)
            pair = [picture.convert("L").resize((8, 8)).tobytes() for picture in (before, after)]
            assert max(abs(a - b) for a, b in zip(*pair, strict=True)) < 20


def test_a_large_animation_is_fitted(tmp_path: Path) -> None:
    source = gif(tmp_path / "a.gif", size_px=900)
    made = make(source, tmp_path / "out", using=image_rules(max_side_px=300))
    assert (made.width_px, made.height_px) == (300, 300)
    assert sum(played(made.path)[0]) == 700


def test_its_thumbnail_stands_still(tmp_path: Path) -> None:
    made = make(photo_gif(tmp_path / "a.gif"), tmp_path / "out", "thumb")
    with Image.open(made.path) as picture:
        assert getattr(picture, "n_frames", 1) == 1


def test_transparent_animations_stay_transparent(tmp_path: Path) -> None:
    frames = []
    for number in range(3):
        frame = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
        frame.paste(photo(100, 100, number + 1), (number * 90, 50))
        frame.paste((9, 9, 9, 128), (290, 290, 300, 300))
        frame.paste((9, 9, 9, 128), (0, 0, 10, 10))
        frames.append(frame)
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=90, loop=2, quality=95)
    facts = image_of(tmp_path / "a.webp")
    assert (facts.frames, facts.has_alpha) == (3, True)
    made = make(tmp_path / "a.webp", tmp_path / "out", using=image_rules(max_side_px=200))
    assert played(made.path) == ([90] * 3, 2)
    with Image.open(made.path) as picture:
        picture.seek(2)
        out = picture.convert("RGBA")
        assert out.getpixel((10, 190))[3] == 0  # type: ignore[index]
        assert out.getpixel((140, 60))[3] == 255  # type: ignore[index]


def test_frames_that_say_0_ms_last_as_long_as_browsers_show_them(tmp_path: Path) -> None:
    source = photo_gif(tmp_path / "a.gif", frames=3)
    source.write_bytes(re.sub(rb"(!\xf9\x04.)\x08\x00", rb"\g<1>\0\0", source.read_bytes(), flags=re.DOTALL))
    made = make(source, tmp_path / "out")
    assert sum(played(made.path)[0]) == 300


def test_an_animated_png_stays_animated(tmp_path: Path) -> None:
    frames = [photo(200, 200, seed) for seed in (1, 2, 3)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=120, loop=0)
    assert image_of(tmp_path / "a.png").frames == 3
    made = make(tmp_path / "a.png", tmp_path / "out")
    assert (made.format, sum(played(made.path)[0])) == ("webp", 360)


def test_the_same_format_on_request(tmp_path: Path) -> None:
    source = photo_gif(tmp_path / "a.gif", frames=3)
    made = make(source, tmp_path / "out", using=image_rules(target="same", max_side_px=120))
    assert (made.format, made.width_px) == ("gif", 120)
    assert sum(played(made.path)[0]) == 240
