"""The built web page's files, with everything that a browser needs to know of each."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "media-uploader" / "out"

TEXT = (".html", ".js", ".css", ".json", ".svg", ".txt", ".webmanifest", ".map")
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class PageFile:
    """One file of the page. `packed` is its gzip, where that is worth it."""

    body: bytes
    packed: bytes | None
    content_type: str
    cache_control: str
    etag: str


def page_file(path: str, root: Path = ROOT) -> PageFile | None:
    """A file of the page by its path below `root`, or None. Only what the build wrote can be reached.

    Files are read once. A page that has been built anew meanwhile is noticed by the time of its first file.
    """
    try:
        built_ns = (root / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _kept(path, root, built_ns)


@lru_cache(maxsize=256)
def _kept(path: str, root: Path, built_ns: int) -> PageFile | None:
    if path not in _listed(root, built_ns):
        return None
    return _read(root / path, immutable=path.startswith("_next/static/"))


@lru_cache(maxsize=2)
def _listed(root: Path, _built_ns: int) -> frozenset[str]:
    return frozenset(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())


def _read(file: Path, *, immutable: bool) -> PageFile:
    body, suffix = file.read_bytes(), file.suffix
    kind = TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    is_text = suffix in TEXT
    packed = gzip.compress(body, 9, mtime=0) if is_text and len(body) > 1000 else None
    return PageFile(
        body,
        packed,
        f"{kind}; charset=utf-8" if is_text else kind,
        FOREVER if immutable else ASK_AGAIN,
        f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )
