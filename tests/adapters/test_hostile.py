"""Files that mean harm are refused, or do none: in time, in bounds, with a code, and the next job is fine."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from adapters.probe import probe
from core.errors import Unprocessable
from tests import hostile_samples as hostile
from tests.media_making import make, rules, video_of
from tests.media_samples import jpeg, photo, video

SAFE_S, SAFE_BYTES = 10.0, 1_200_000_000


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A film that belongs to somebody else."""
    (tmp_path / "elsewhere").mkdir()
    return video(tmp_path / "elsewhere" / "canary.ts", seconds=0.4)


class Peak:
    """The most memory that our children held at once."""

    def __init__(self) -> None:
        self.peak_bytes, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total = max(total, child.memory_info().rss)
                except psutil.Error:
                    continue
            self.peak_bytes = max(self.peak_bytes, total)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def still_works(folder: Path) -> bool:
    return make(jpeg(folder / "next.jpg", photo(300, 200)), folder / "next").size_bytes > 0


@pytest.mark.parametrize("name", hostile.REJECTED)
def test_bombs_and_disguises_are_refused(tmp_path: Path, name: str) -> None:
    create, codes = hostile.REJECTED[name]
    path = create(tmp_path / name)
    begun = time.monotonic()
    with Peak() as memory, pytest.raises(Unprocessable) as caught:
        make(path, tmp_path / "out")
    assert caught.value.code in codes
    assert time.monotonic() - begun < SAFE_S
    assert memory.peak_bytes < SAFE_BYTES
    assert still_works(tmp_path)


@pytest.mark.parametrize("name", ["a.mp4", "a.jpg", "a.m3u8", "a.webm"])
@pytest.mark.parametrize("kind", ["playlist", "concat_list", "dash"])
def test_lists_that_name_other_files_are_refused(tmp_path: Path, canary: Path, kind: str, name: str) -> None:
    path = getattr(hostile, kind)(tmp_path / name, canary)
    with pytest.raises(Unprocessable) as caught:
        probe(path, rules().limits)
    assert caught.value.code == "unsupported_type"


def test_session_descriptions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unprocessable) as caught:
        probe(hostile.sdp(tmp_path / "a.mp4", 9), rules().limits)
    assert caught.value.code == "unsupported_type"


def test_a_video_whose_pictures_lie_in_another_file_has_none(tmp_path: Path, canary: Path) -> None:
    with pytest.raises(Unprocessable) as caught:
        probe(hostile.referring_mov(tmp_path / "a.mov", canary), rules().limits)
    assert caught.value.code == "no_picture"


def test_ffmpeg_itself_refuses_a_list_that_got_past_the_probe(tmp_path: Path, canary: Path) -> None:
    """The layers do not rely on each other: the facts of a good film, but a playlist in its place."""
    from adapters.ffmpeg import make_video
    from core.plan import plan

    good = video(tmp_path / "good.mp4", seconds=0.4)
    facts = video_of(good)
    rendition = plan(facts, good.stat().st_size, rules()).renditions[0]
    bad = hostile.playlist(tmp_path / "bad.mp4", canary)
    (tmp_path / "out").mkdir()
    with pytest.raises(Unprocessable):
        make_video(bad, facts, rendition, tmp_path / "out", rules().limits, time_limit_s=20, on_progress=lambda _: None)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server that notes who asks it for something."""
    asked: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Note) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], asked
        server.shutdown()
        thread.join()


def test_nobody_is_called(tmp_path: Path, listener: tuple[int, list[str]]) -> None:
    port, asked = listener
    (tmp_path / "a.mp4").write_text(f"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n")
    (tmp_path / "b.svg.jpg").write_text(f'<svg><image href="http://127.0.0.1:{port}/b.png"/></svg>')
    for name in ("a.mp4", "b.svg.jpg"):
        with pytest.raises(Unprocessable):
            probe(tmp_path / name, rules().limits)
    assert asked == []


def test_a_text_bomb_in_a_png_does_not_unfold(tmp_path: Path) -> None:
    path = hostile.text_bomb_png(tmp_path / "a.png")
    with Peak() as memory, pytest.raises(Unprocessable):
        make(path, tmp_path / "out")
    assert memory.peak_bytes < 400_000_000


@pytest.mark.parametrize("kind", ["polyglot_jpeg", "broken_profile_jpeg"])
def test_what_else_a_photo_carries_is_not_published(tmp_path: Path, kind: str) -> None:
    made = make(getattr(hostile, kind)(tmp_path / "a.jpg"), tmp_path / "out")
    assert b"<script" not in made.path.read_bytes()


def test_tags_with_evil_names_do_not_matter(tmp_path: Path) -> None:
    tags = ("-movflags", "use_metadata_tags", "-metadata", "__class__=Evil", "-metadata", "__module__=os")
    path = video(tmp_path / "a.mp4", *tags, seconds=0.4)
    assert b"__class__" in path.read_bytes()
    assert b"__class__" not in make(path, tmp_path / "out").path.read_bytes()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.flv", "a.ts"])
def test_a_cut_off_video_is_never_silently_short(tmp_path: Path, name: str, share: float) -> None:
    """Where the container says how long it should be it is refused; a stream that does not say ends where it ends."""
    options = ("-movflags", "+faststart") if name == "a.mp4" else ()
    whole = video(tmp_path / name, *options, seconds=4)
    path = hostile.cut(tmp_path / f"cut-{name}", whole, share)
    try:
        made = make(path, tmp_path / "out")
    except Unprocessable as error:
        assert error.code in ("corrupt", "no_picture")
    else:
        assert made.duration_s is not None
        assert made.duration_s > 3.4 or name == "a.ts" or "damaged" in made.reason


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_damaged_video_fails_or_says_so(tmp_path: Path, name: str) -> None:
    path = hostile.flipped(tmp_path / f"flipped-{name}", video(tmp_path / name, seconds=3))
    try:
        made = make(path, tmp_path / "out")
    except Unprocessable as error:
        assert error.code in ("corrupt", "no_picture")
    else:
        assert "damaged" in made.reason


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "webp", "heic", "tif", "bmp", "avif"])
def test_damaged_pictures_never_break_the_worker(tmp_path: Path, kind: str) -> None:
    from tests.media_samples import heic

    path = tmp_path / f"a.{kind}"
    heic(path, photo(200, 150)) if kind == "heic" else photo(200, 150).save(path)
    for number, every in enumerate((31, 101, 499)):
        damaged = tmp_path / f"{number}.{kind}"
        data = bytearray(path.read_bytes())
        for at in range(12 + number, len(data), every):
            data[at] ^= 0x55
        damaged.write_bytes(data)
        try:
            assert make(damaged, tmp_path / "out").size_bytes > 0
        except Unprocessable as error:
            assert error.code
    assert still_works(tmp_path)
