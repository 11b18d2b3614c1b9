"""Open a picture with Pillow or pillow-heif, by content and from a short list of formats. Runs in a child."""

from __future__ import annotations

import errno
import io
import os
import re
import warnings
from typing import IO, Any

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from core.errors import Unprocessable, undecodable
from core.sniff import HEAD_BYTES

PLUGINS = (
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
"""Imported for their effect: each registers its format. Pillow's others (EPS, which runs Ghostscript) stay out."""

FORMATS = {
    "jpeg": ["JPEG", "MPO"],
    "png": ["PNG"],
    "gif": ["GIF"],
    "webp": ["WEBP"],
    "bmp": ["BMP"],
    "tiff": ["TIFF"],
    "heic": ["HEIF"],
    "avif": ["AVIF"],
}
EXIF_ORIENTATION = 274
MAX_TEXT_BYTES, MAX_EXIF_BYTES = 4 << 20, 1 << 20

PngImagePlugin.MAX_TEXT_CHUNK = MAX_TEXT_BYTES
PngImagePlugin.MAX_TEXT_MEMORY = MAX_TEXT_BYTES
ImageFile.LOAD_TRUNCATED_IMAGES = False
warnings.simplefilter("ignore")
Image.preinit()  # now, since each task is done by a fresh copy of the process that loads this


class Positioned(io.RawIOBase):
    """An open file read from a position of its own: several readers of one descriptor do not disturb each other."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._position, self._size = descriptor, 0, os.fstat(descriptor).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "a position before the start")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count

    def readall(self) -> bytes:
        data = os.pread(self._descriptor, max(0, self._size - self._position), self._position)
        self._position += len(data)
        return data


def open_file(descriptor: int) -> io.BufferedReader:
    """The open file as a stream that begins at 0; closing it leaves the descriptor open."""
    return io.BufferedReader(Positioned(descriptor), 1 << 16)


def open_picture(stream: IO[bytes], name: str, max_pixels: int) -> Image.Image:
    """Read the header of a picture of this (sniffed) format.

    Raises: Unprocessable (too_many_pixels, corrupt).
    """
    _register(name)
    Image.MAX_IMAGE_PIXELS = max_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(stream, formats=FORMATS[name])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        found = re.search(r"\d+", str(error))  # Pillow also names a limit, which may be twice ours
        words = f"{found[0]} pixels are" if found else "its pixels are"
        raise Unprocessable("too_many_pixels", f"{words} more than {max_pixels}") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - any type has been seen
        raise undecodable(f"it begins like {name.upper()} but cannot be read", error) from None


def _register(name: str) -> None:
    if name == "heic" and "HEIF" not in Image.OPEN:
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 2
        pillow_heif.register_heif_opener(thumbnails=False)
    if name == "avif" and "AVIF" not in Image.OPEN:
        from PIL import AvifImagePlugin  # noqa: F401 - registers the format


def orientation_of(picture: Image.Image, name: str, stream: io.BufferedReader) -> int:
    """The EXIF orientation (1–8) that is still to be applied.

    A HEIC that is turned by its container is upright when it is decoded, whatever its EXIF says besides; one whose
    container says nothing is turned by its EXIF like any photo. Pillow turns a TIFF by itself, and gives an AVIF the
    orientation of its container.
    """
    try:
        value: Any = 1
        if name == "heic":
            value = 1 if container_turns(head_of(stream)) else picture.info.get("original_orientation")
        elif name == "png":
            value = _png_exif(picture, stream).get(EXIF_ORIENTATION)
        elif name != "tiff":
            value = picture.getexif().get(EXIF_ORIENTATION)
        return int(value) if value in range(1, 9) else 1
    except Exception:  # noqa: BLE001 - broken EXIF says nothing
        return 1


def _png_exif(picture: Image.Image, stream: io.BufferedReader) -> Image.Exif:
    """A PNG's EXIF wherever it stands; Pillow would decode the pixels to find it behind them."""
    exif = Image.Exif()
    data, at = picture.info.get("exif"), 8
    while data is None and len(chunk := os.pread(stream.fileno(), 8, at)) == 8:
        length = int.from_bytes(chunk[:4], "big")
        if chunk[4:] == b"eXIf" and length <= MAX_EXIF_BYTES:
            data = b"Exif\0\0" + os.pread(stream.fileno(), length, at + 8)
        at += 12 + length
    if data:
        exif.load(data)
    return exif


def head_of(stream: io.BufferedReader, size: int = 1 << 20) -> bytes:
    """The first bytes of the file, wherever the stream stands now."""
    return os.pread(stream.fileno(), size, 0)


def sniff_head(descriptor: int) -> bytes:
    return os.pread(descriptor, HEAD_BYTES, 0)


def container_turns(head: bytes) -> bool:
    """Whether a HEIF file's properties hold a rotation or a mirror."""
    meta = head.find(b"meta")
    properties = head.find(b"ipco", meta)
    if meta < 0 or properties < 4:
        return False
    size = int.from_bytes(head[properties - 4 : properties], "big")
    box = head[properties : properties + size]
    return b"irot" in box or b"imir" in box


def has_alpha(picture: Image.Image) -> bool:
    return bool(picture.has_transparency_data) or picture.mode in ("LA", "La", "RGBA", "RGBa", "PA")


def frames_of(picture: Image.Image, name: str) -> tuple[int, int]:
    """Frames of an animation (else 1), and pictures in the file that are no frames of one."""
    count = int(getattr(picture, "n_frames", 1)) if name != "tiff" else 1
    animated: Any = getattr(picture, "is_animated", False)
    if name in ("webp", "png", "avif") and animated:
        return count, 1
    return 1, max(1, count)
