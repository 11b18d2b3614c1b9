"""What is told of a file that cannot be decoded: a sentence of ours, then the decoder's words, made fit to show."""

from __future__ import annotations

from core.errors import MAX_SAID_CHARACTERS, undecodable

FFMPEG = """\
[h264 @ 0x55c3d6b71180] error while decoding MB 3 4
[vf#0:0 @ 0x55c3d6b71180] Task finished with error code: -22 (Invalid argument)
[vost#0:0/libx264 @ 0x55c3d6b71180] Terminating thread with return code -22 (Invalid argument)
[out#0/mp4 @ 0x55c3d6b4afc0] Nothing was written into output file, because at least one of its streams received no packets.
"""


def test_ffmpegs_words_are_the_cause_and_not_what_followed_from_it() -> None:
    told = undecodable("its picture cannot be decoded", FFMPEG)
    assert told.code == "corrupt"
    assert told.detail == (
        "its picture cannot be decoded: it is probably damaged, cut off, or of a rare kind; "
        "if it plays or opens elsewhere, export it again and upload that. "
        "The decoder's words: [h264] error while decoding MB 3 4"
    )


def test_neither_paths_nor_objects_nor_control_characters_are_told() -> None:
    said = "cannot identify image file <_io.BufferedReader name=3>\x1b[2J in '/tmp/jobs/canary/in.bin': no"
    told = undecodable("it cannot be read", said).detail
    assert told.endswith("The decoder's words: cannot identify image file  [2J in '': no")


def test_they_are_short_and_on_one_line() -> None:
    told = undecodable("it cannot be read", "a\nb\n" + "x" * 5000).detail
    assert "\n" not in told
    assert len(told.partition("words: ")[2]) == MAX_SAID_CHARACTERS
    assert "b; x" in told


def test_a_decoder_that_says_nothing_is_not_quoted() -> None:
    assert undecodable("it cannot be read", " \n").detail.endswith("upload that")
