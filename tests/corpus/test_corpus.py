"""Real photos and videos, from a folder that `--corpus DIR` names: every one is compressed and compared with its source.

Files that cannot be compressed are listed in `expected.tsv` of that folder (file name, tab, error code), if it has one.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from adapters.probe import probe
from core.errors import Unprocessable
from core.media import Image as Picture
from core.media import Video
from tests.media_making import make, rules, video_of

NOT_MEDIA = {".tsv", ".md", ".txt", ".json"}
KNOWN_CODES = {
    "corrupt",
    "empty",
    "no_picture",
    "too_long",
    "too_many_frames",
    "too_many_pixels",
    "too_many_streams",
    "unsupported_type",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = metafunc.config.getoption("--corpus")
    files = (
        [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix not in NOT_MEDIA] if folder else []
    )
    metafunc.parametrize("path", files, ids=lambda path: path.name)


@cache
def expected(folder: Path) -> dict[str, str]:
    """Error codes by file name."""
    table = folder / "expected.tsv"
    rows = table.read_text("utf-8").splitlines() if table.exists() else []
    return dict(row.split("\t")[:2] for row in rows if "\t" in row)  # type: ignore[misc]


def test_it_comes_out_right(path: Path, tmp_path: Path) -> None:
    code = expected(path.parent).get(path.name)
    try:
        facts = probe(path, rules().limits)
        main = make(path, tmp_path)
    except Unprocessable as error:
        assert error.code in ({code} if code else KNOWN_CODES)
        pytest.skip(f"rejected: {error}")
    assert code is None, f"should be refused as {code}"
    assert main.size_bytes <= path.stat().st_size, "larger than the original"
    if isinstance(facts, Video):
        check_video(path, facts, main.path, main.duration_s or 0.0)
        extra = make(path, tmp_path, "poster")
    else:
        check_picture(path, facts, main.path)
        extra = make(path, tmp_path, "thumb")
    assert extra.size_bytes < max(path.stat().st_size, 2000)
    print(f"{path.name}: {main.action}, {main.size_bytes / path.stat().st_size:.3f}, {main.elapsed_s} s, {main.reason}")


def check_video(source: Path, facts: Video, made: Path, duration_s: float) -> None:
    """Plays everywhere, as long as it was, standing the way it stood."""
    out = video_of(made)
    assert (out.codec, out.bit_depth) == ("h264", 8)
    assert out.pixel_format in ("yuv420p", "yuvj420p")
    assert not out.is_hdr and not out.interlaced and out.sar == 1.0
    assert abs(duration_s - facts.duration_s) <= max(0.5, facts.duration_s * 0.01)
    assert (out.width_px > out.height_px) == (facts.width_px > facts.height_px)
    assert out.width_px / out.height_px == pytest.approx(facts.width_px / facts.height_px, rel=0.02)
    assert (out.audio is None) == (facts.audio is None)


def check_picture(source: Path, facts: Picture, made: Path) -> None:
    """Upright, in shape, with its transparency and its frames' times, and nothing private."""
    with Image.open(made) as out:
        data = made.read_bytes()
        assert b"GPS" not in data[:4096] and b"x:xmpmeta" not in data
        upright = ImageOps.exif_transpose(out)
        assert max(upright.size) <= max(2048, facts.width_px, facts.height_px)
        assert upright.width / upright.height == pytest.approx(facts.width_px / facts.height_px, rel=0.02)
        assert set(out.getexif()) <= {0x0112}
        frames = getattr(out, "n_frames", 1)
        if facts.frames == 1:
            assert frames == 1
        else:
            with Image.open(source) as before:
                assert total_ms(out) == pytest.approx(total_ms(before), rel=0.01)
        out.seek(0)
        if not facts.has_alpha:
            assert not out.has_transparency_data or out.convert("RGBA").getchannel("A").getextrema()[0] == 255
        if source.suffix not in (".heic", ".heif") and facts.mode in ("RGB", "L", "P"):
            assert same_scene(source, upright)


def total_ms(picture: Image.Image) -> int:
    total = 0
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        picture.load()
        total += int(picture.info["duration"])
    return total


def same_scene(source: Path, made: Image.Image) -> bool:
    """Whether both show the same, roughly (profiles may move colours)."""
    with Image.open(source) as picture:
        before = ImageOps.exif_transpose(picture).convert("RGB").resize((16, 16))
    pairs = zip(before.tobytes(), made.convert("RGB").resize((16, 16)).tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (16 * 16 * 3) < 16


def test_facts_are_small_and_plain(path: Path) -> None:
    """They cross the durable boundary: no raw tags, no bytes."""
    import json

    try:
        facts = probe(path, rules().limits)
    except Unprocessable:
        return
    assert len(json.dumps(asdict(facts))) < 2000
