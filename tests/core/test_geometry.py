"""Sides that fit: aspect kept, never enlarged, even where video needs it."""

from __future__ import annotations

import pytest

from core.geometry import displayed, even, fit, fit_even, oriented_box


@pytest.mark.parametrize("size", [(640, 480), (1500, 1000), (2048, 1536), (2048, 2048), (1, 1)])
def test_what_fits_stays_as_it_is(size: tuple[int, int]) -> None:
    assert fit(*size, (2048, 2048)) == size


@pytest.mark.parametrize(
    ("size", "box", "wanted"),
    [
        ((4000, 3000), (2048, 2048), (2048, 1536)),
        ((3000, 4000), (2048, 2048), (1536, 2048)),
        ((20_000, 10), (2048, 2048), (2048, 1)),
        ((10, 20_000), (2048, 2048), (1, 2048)),
        ((20_000, 1), (2048, 2048), (2048, 1)),
        ((1, 20_000), (2048, 2048), (1, 2048)),
        ((4000, 3000), (2048, 100), (133, 100)),
        ((4000, 3000), (100, 2048), (100, 75)),
    ],
)
def test_what_is_larger_shrinks_in_its_own_shape(
    size: tuple[int, int], box: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert fit(*size, box) == wanted


def test_the_box_turns_with_the_medium() -> None:
    assert oriented_box(1920, 1080, (854, 480)) == (854, 480)
    assert oriented_box(1080, 1920, (854, 480)) == (480, 854)
    assert oriented_box(1000, 1000, (854, 480)) == (854, 480)
    assert oriented_box(1920, 1080, (480, 854)) == (854, 480)


@pytest.mark.parametrize(
    ("size", "box", "wanted"),
    [
        ((1920, 1080), (854, 480), (854, 480)),
        ((1080, 1920), (854, 480), (480, 854)),
        ((3840, 2160), (1280, 720), (1280, 720)),
        ((2560, 1080), (1280, 720), (1280, 540)),
        ((640, 480), (854, 480), (640, 480)),
        ((435, 343), None, (434, 342)),
        ((1, 1), None, (2, 2)),
        ((641, 481), (854, 480), (640, 480)),
        ((10_000, 4), (854, 480), (854, 2)),
        ((4, 10_000), (854, 480), (2, 854)),
        ((1920, 1440), (853, 479), (638, 478)),
    ],
)
def test_a_video_fits_its_box_with_even_sides(
    size: tuple[int, int], box: tuple[int, int] | None, wanted: tuple[int, int]
) -> None:
    assert fit_even(*size, box) == wanted


def test_even_never_grows_but_for_the_least() -> None:
    assert [even(side) for side in (1, 2, 3, 480, 481)] == [2, 2, 2, 480, 480]


def test_pixels_are_made_square_before_the_turn() -> None:
    assert displayed(720, 576, 64 / 45, 0) == (1024, 576)
    assert displayed(1920, 1080, 1.0, 90) == (1080, 1920)
    assert displayed(720, 576, 64 / 45, 180) == (1024, 576)
    assert displayed(720, 576, 64 / 45, 270) == (576, 1024)
    assert displayed(1, 100, 0.1, 0) == (1, 100)
