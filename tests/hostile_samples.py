"""Files that mean harm, made on the spot: bombs, playlists, broken and disguised media."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.media_samples import ffmpeg, jpeg, photo, video


def playlist(path: Path, target: Path) -> Path:
    """An HLS playlist that names another local file."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXTINF:10,", f"file://{target}", "#EXT-X-ENDLIST", ""]
    path.write_text("\n".join(lines))
    return path


def concat_list(path: Path, target: Path) -> Path:
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\n")
    return path


def dash(path: Path, target: Path) -> Path:
    path.write_text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        f'<Representation id="1" bandwidth="1"><BaseURL>file://{target}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )
    return path


def sdp(path: Path, port: int) -> Path:
    path.write_text(f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n")
    return path


def referring_mov(path: Path, target: Path) -> Path:
    """A QuickTime file that says its samples lie in another file."""
    video(path, "-f", "mov", seconds=0.4, sound=False)
    data = path.read_bytes()
    at = data.find(b"dref", data.find(b"vmhd")) + 12
    old_size = int.from_bytes(data[at : at + 4], "big")
    name = str(target).encode()
    alias = bytes(4 + 10) + b"\x01x" + bytes(26 + 12) + b"\x01x" + bytes(62 + 16 + 4 + 16)
    alias += struct.pack(">HH", 2, len(name)) + name + b"\xff\xff" + bytes(8)
    entry = struct.pack(">I", len(alias) + 8) + b"alis" + alias
    changed = bytearray(data[:at] + entry + data[at + old_size :])
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):  # all of them lie around it and grow with it
        start = data.rfind(box, 0, at) - 4
        size = int.from_bytes(data[start : start + 4], "big") + len(entry) - old_size
        changed[start : start + 4] = struct.pack(">I", size)
    path.write_bytes(changed)
    return path


def png_bomb(path: Path, side_px: int = 60_000) -> Path:
    """A PNG of a few kilobytes that claims billions of pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(100_000), 9)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def text_bomb_png(path: Path) -> Path:
    """A small PNG whose compressed text unfolds to 200 MB."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    data = buffer.getvalue()
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    path.write_bytes(data[:33] + chunk + data[33:])
    return path


def many_scans_jpeg(path: Path, scans: int = 2000) -> Path:
    """A progressive JPEG of legal size whose last scan is repeated: every repeat costs a pass over all pixels."""
    buffer = io.BytesIO()
    Image.new("L", (6000, 6000), 128).save(buffer, "JPEG", progressive=True, quality=50)
    data = buffer.getvalue()
    last = data.rfind(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * scans + b"\xff\xd9")
    return path


def many_frames_gif(path: Path, frames: int = 100_000) -> Path:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    path.write_bytes(head + frame * frames + b";")
    return path


def large_frames_gif(path: Path, frames: int = 400) -> Path:
    """Few bytes, but thousands of megapixels over all frames."""
    head = b"GIF89a" + struct.pack("<HHBBB", 6000, 6000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    path.write_bytes(head + frame * frames + b";")
    return path


def many_streams(path: Path, streams: int = 120) -> Path:
    """A video with more tracks than anybody needs."""
    one = video(path.with_name("one.mp4"), seconds=0.2, sound=False)
    ffmpeg("-i", one, *(["-map", "0:v"] * streams), "-c", "copy", "-f", "matroska", path)
    return path


def huge_frames(path: Path) -> Path:
    """A small H.264 file of 8192×8192 px."""
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "51", "-pix_fmt", "yuv420p", "-f", "mp4")
    return video(path, *options, size="8192x8192", seconds=0.08, sound=False, source="testsrc")


def long_gap(path: Path, hours: float = 10) -> Path:
    """Two frames, many hours apart."""
    filters = f"setpts=N*{hours * 3600}/TB"
    options = ("-vf", filters, "-fps_mode", "passthrough", "-frames:v", "2", "-c:v", "mpeg4", "-f", "matroska")
    return video(path, *options, size="64x64", sound=False)


def disguised_eps(path: Path) -> Path:
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/tmp/x) (w) file\n")
    return path


def svg(path: Path) -> Path:
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    return path


def html(path: Path) -> Path:
    path.write_text("<!doctype html><script>alert(1)</script>")
    return path


def polyglot_jpeg(path: Path) -> Path:
    """A JPEG that is HTML and a ZIP besides: script in its comment, an archive behind its end."""
    jpeg(path, photo(300, 200), comment="<script>alert(1)</script>")
    path.write_bytes(path.read_bytes() + b"PK\x03\x04<html><script>alert(2)</script>")
    return path


def broken_profile_jpeg(path: Path) -> Path:
    return jpeg(path, photo(300, 200), icc_profile=b"\xff" * 3000)


def flipped(path: Path, source: Path, every: int = 997) -> Path:
    """A copy in which one bit in every so many bytes is turned, after the header."""
    data = bytearray(source.read_bytes())
    for at in range(2000, len(data), every):
        data[at] ^= 0x10
    path.write_bytes(data)
    return path


def cut(path: Path, source: Path, share: float = 0.5) -> Path:
    """A copy that ends early."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


REJECTED: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "bomb.png": (png_bomb, {"too_many_pixels"}),
    "scans.jpg": (many_scans_jpeg, {"corrupt"}),
    "frames.gif": (many_frames_gif, {"too_many_frames"}),
    "pixels.gif": (large_frames_gif, {"too_many_pixels"}),
    "streams.mp4": (many_streams, {"too_many_streams"}),
    "huge.mp4": (huge_frames, {"too_many_pixels"}),
    "gap.mkv": (long_gap, {"too_long"}),
    "eps.png": (disguised_eps, {"unsupported_type"}),
    "drawing.jpg": (svg, {"unsupported_type"}),
    "page.mp4": (html, {"unsupported_type"}),
}
"""What is refused, and with which codes."""
