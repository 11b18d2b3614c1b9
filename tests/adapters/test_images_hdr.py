"""HDR stills are shown as SDR: their light is mapped, not taken for sRGB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from adapters.image_hdr import HLG, PQ, hlg_nits, mobius, pq_nits, shown
from tests.media_making import make

PQ_WHITE, PQ_GREY, HLG_WHITE = 148, 105, 191
"""Of 255: 203 nits and 18 % of it in PQ, and HLG's white."""


def still(path: Path, values: tuple[int, int, int], transfer: int, primaries: int = 9, **more: Any) -> Path:
    """A HEIC of one colour that says by its container that it is HDR."""
    heif = pillow_heif.from_pillow(Image.new("RGB", (64, 64), values))
    marks = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 9}
    heif.save(path, quality=95, chroma=444, save_nclx_profile=True, **marks, **more)
    return path


def middle(path: Path) -> tuple[int, ...]:
    with Image.open(path) as picture:
        return picture.convert("RGB").getpixel((32, 32))  # type: ignore[return-value]


def test_the_curves_meet_the_standards_own_numbers() -> None:
    assert pq_nits(1.0) == pytest.approx(10_000)
    assert pq_nits(0.58) == pytest.approx(203, rel=0.02)
    assert hlg_nits(1.0) == pytest.approx(1_000, rel=0.001)
    assert hlg_nits(0.75) == pytest.approx(203, rel=0.02)
    assert [mobius(value, 49) for value in (0.0, 0.2, 0.3)] == [0.0, 0.2, 0.3]
    assert mobius(49, 49) == pytest.approx(1)
    for transfer in (PQ, HLG):
        values = [shown(number / 100, transfer) for number in range(101)]
        assert values == sorted(values) and values[0] == 0 and values[-1] == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize(("values", "wanted"), [(PQ_GREY, (105, 130)), (PQ_WHITE, (185, 215)), (255, (250, 255))])
def test_a_pq_still_is_as_bright_as_it_was_meant(tmp_path: Path, values: int, wanted: tuple[int, int]) -> None:
    made = make(still(tmp_path / "a.heic", (values,) * 3, PQ), tmp_path / "out")
    assert "HDR to SDR" in made.reason
    found = middle(made.path)
    assert max(found) - min(found) <= 4
    assert wanted[0] <= found[0] <= wanted[1]


def test_an_hlg_still_and_its_thumbnail_are_mapped(tmp_path: Path) -> None:
    source = still(tmp_path / "a.hif", (HLG_WHITE,) * 3, HLG)
    for role in ("main", "thumb"):
        assert 195 <= middle(make(source, tmp_path / "out", role).path)[0] <= 235, role


def test_a_wide_colour_becomes_stronger_and_not_duller(tmp_path: Path) -> None:
    red, green, blue = middle(make(still(tmp_path / "a.heic", (148, 94, 94), PQ), tmp_path / "out").path)
    assert red > 200 and green < 110 and blue < 130


def test_a_still_that_is_not_hdr_or_has_a_profile_of_its_own_is_left_alone(tmp_path: Path) -> None:
    plain = make(still(tmp_path / "a.heic", (148, 148, 148), 13, 1), tmp_path / "out")
    assert "HDR" not in plain.reason
    assert abs(middle(plain.path)[0] - 148) <= 3
