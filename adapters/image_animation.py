"""Animations: every frame scaled, durations and loop count kept, the smallest of the good candidates. Runs in a child."""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any

from PIL import Image

from adapters import image_colour, image_open

if TYPE_CHECKING:
    from adapters.image_task import Output

BROWSER_DURATION_MS = 100
"""How long browsers show a frame that says 0 ms."""
SAMPLE_FRAMES = 4
LOSSY_METHOD = {"fast": 2, "balanced": 4, "small": 6}
LOSSLESS_METHOD = {"fast": 3, "balanced": 3, "small": 6}
"""Below 3 flat graphics grow many times."""
LONG_PIXELS = 60_000_000
"""An animation of more pixels over all its frames is made with the fast effort: it would take minutes otherwise."""


class Frames(Image.Image):
    """The frames of an animation, scaled one at a time: Pillow's WebP writer seeks through it like a file."""

    def __init__(self, source: Image.Image, size: tuple[int, int], first: int, count: int) -> None:
        super().__init__()
        self._source, self._first = source, first
        self.n_frames = count
        self.is_animated = count > 1
        self.durations_ms: list[int] = []
        self._position = -1
        self._target = size
        self._finished = False
        self.seek(0)

    def seek(self, frame: int) -> None:
        if frame == self._position or (frame == 0 and self._position == self.n_frames - 1):
            return  # the writer goes back to the start when it is done
        self._source.seek(self._first + frame)
        self._source.load()
        duration = self._source.info.get("duration", 0)
        self.durations_ms.append(round(duration) if duration and duration > 0 else BROWSER_DURATION_MS)
        made = _coloured(self._source)
        if made.size != self._target:
            made = made.resize(self._target, Image.Resampling.LANCZOS)
        self.im, self._mode, self._size = made.im, made.mode, made.size
        self._position = frame

    def tell(self) -> int:
        return 0

    def load(self) -> Any:
        return self.im.pixel_access(self.readonly)


def _coloured(frame: Image.Image) -> Image.Image:
    icc = frame.info.get("icc_profile")
    ready = image_colour.to_scalable(frame)
    if icc:
        ready = ready.copy() if ready is frame else ready
        ready.info["icc_profile"] = icc
    return image_colour.to_srgb(ready).convert("RGBA")


def make(picture: Image.Image, stream: IO[bytes], facts: dict[str, Any], spec: dict[str, Any], box: Any) -> Output:
    """An animated WebP of all frames; lossy or lossless, by a sample first, then by the result."""
    from adapters.image_task import Output
    from core.geometry import fit

    size = fit(facts["width_px"], facts["height_px"], box)
    count, loops = facts["frames"], plays(picture, facts["format"])
    source_bytes = os.fstat(stream.fileno()).st_size
    if count * size[0] * size[1] > LONG_PIXELS:
        spec = spec | {"effort": "fast"}
    if spec["target"] == "same" and facts["format"] == "gif":
        return _as_gif(picture, facts, size, spec)
    lossless = _lossless_is_smaller(stream, facts, size, spec)
    data, duration_s = encode(picture, size, 0, count, loops, spec, lossless)
    if len(data) >= source_bytes:
        with image_open.open_file(stream.fileno()) as again:
            second = image_open.open_picture(again, facts["format"], facts["width_px"] * facts["height_px"])
            other, _ = encode(second, size, 0, count, loops, spec, not lossless)
        if len(other) < len(data):
            data, lossless = other, not lossless
    way = "lossless" if lossless else f"quality {spec['animation_quality']}"
    return Output(data, "webp", *size, f"animated WebP, {way}, {count} frames", duration_s)


def encode(
    picture: Image.Image,
    size: tuple[int, int],
    first: int,
    count: int,
    loops: int,
    spec: dict[str, Any],
    lossless: bool,
) -> tuple[bytes, float]:
    """These frames as an animated WebP, and how long they last in seconds."""
    frames = Frames(picture, size, first, count)
    options: dict[str, Any] = {"loop": loops, "duration": frames.durations_ms, "background": (0, 0, 0, 0)}
    if lossless:
        options |= {"lossless": True, "quality": 50, "method": LOSSLESS_METHOD[spec["effort"]], "minimize_size": True}
    else:
        quality, method = spec["animation_quality"], LOSSY_METHOD[spec["effort"]]
        options |= {"quality": quality, "method": method, "allow_mixed": True}
    buffer = io.BytesIO()
    frames.save(buffer, "WEBP", save_all=True, **options)
    return buffer.getvalue(), sum(frames.durations_ms) / 1000


def _lossless_is_smaller(stream: IO[bytes], facts: dict[str, Any], size: tuple[int, int], spec: dict[str, Any]) -> bool:
    """Encode the first frames both ways: flat graphics are several times smaller without loss."""
    sizes = []
    for lossless in (False, True):
        with image_open.open_file(stream.fileno()) as sample:
            picture = image_open.open_picture(sample, facts["format"], facts["width_px"] * facts["height_px"])
            count = min(SAMPLE_FRAMES, facts["frames"])
            sizes.append(len(encode(picture, size, 0, count, 0, spec, lossless)[0]))
    return sizes[1] < sizes[0]


def plays(picture: Image.Image, name: str) -> int:
    """How often it plays, 0 for ever. A GIF names the repeats after the first time; without a number it plays once."""
    loops = picture.info.get("loop")
    if name == "gif":
        if loops is None:
            return 1
        return int(loops) + 1 if 0 < int(loops) < 65535 else 0
    return max(0, min(65535, int(loops or 0)))


def _as_gif(picture: Image.Image, facts: dict[str, Any], size: tuple[int, int], spec: dict[str, Any]) -> Output:
    """A GIF again; in its own size the original will be found to be the smaller one."""
    from adapters.image_task import Output

    frames, durations = [], []
    for number in range(facts["frames"]):
        picture.seek(number)
        durations.append(round(picture.info.get("duration", 0)) or BROWSER_DURATION_MS)
        frames.append(_coloured(picture).resize(size, Image.Resampling.LANCZOS).quantize(256))
    loop = picture.info.get("loop")
    options = {} if loop is None else {"loop": loop}
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, disposal=2, optimize=True, **options
    )
    return Output(buffer.getvalue(), "gif", *size, f"GIF, {facts['frames']} frames", sum(durations) / 1000)
