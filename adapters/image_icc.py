"""A colour profile made anew from the numbers that colours need: names, texts, dates and private tags stay behind.

Profiles of cameras, phones and screens are three curves and nine numbers (or one curve, for grey). One that is more than
that (tables, as for print) cannot be made anew, so its picture is not published as it is.
"""

from __future__ import annotations

import struct
from itertools import pairwise

HEADER_BYTES, MOST_TAGS, MOST_STEPS = 128, 100, 4096
NUMBERS = (b"wtpt", b"chad", b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = {b"RGB ": (b"rTRC", b"gTRC", b"bTRC"), b"GRAY": (b"kTRC",)}
PARAMETERS = (1, 3, 4, 5, 7)
"""How many numbers a curve of each parametric type has."""
D50 = bytes.fromhex("0000f6d6000100000000d32d")


class NotSimpleError(ValueError):
    """The profile is real, but not made of curves and nine numbers."""


def plain(profile: bytes) -> bytes | None:
    """The same colours without anything else; None for what is no profile, which decoders ignore too.

    Raises: NotSimpleError.
    """
    if len(profile) < HEADER_BYTES + 4 or profile[36:40] != b"acsp":
        return None
    space, pcs = profile[16:20], profile[20:24]
    tags = _tags(profile)
    wanted = CURVES.get(space)
    tables = any(name[:3] in (b"A2B", b"D2B") or name == b"cicp" for name in tags)
    if wanted is None or tables or pcs != b"XYZ " or profile[8] not in (2, 4):
        raise NotSimpleError("a profile of tables")
    kept = {name: _numbers(tags[name]) for name in NUMBERS if name in tags}
    kept |= {name: _curve(tags[name]) for name in wanted if name in tags}
    needed = {*wanted, *(NUMBERS[2:] if space == b"RGB " else ())}
    if not needed <= set(kept):
        raise NotSimpleError("a profile without curves")
    return written(profile[8], space, kept)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
    if count > MOST_TAGS or HEADER_BYTES + 4 + 12 * count > len(profile):
        raise NotSimpleError("a broken profile")
    entries = (struct.unpack_from(">4sII", profile, HEADER_BYTES + 4 + 12 * number) for number in range(count))
    return {name: profile[start : start + size] for name, start, size in entries}


def _numbers(tag: bytes) -> bytes:
    size = {b"XYZ ": 20, b"sf32": 44}.get(tag[:4])
    if size is None or len(tag) < size:
        raise NotSimpleError("a broken profile")
    return tag[:4] + bytes(4) + tag[8:size]


def _curve(tag: bytes) -> bytes:
    """A curve that rises, or a formula: a text would do neither."""
    if tag[:4] == b"para" and len(tag) >= 12 and tag[9] < len(PARAMETERS):
        size = 12 + 4 * PARAMETERS[tag[9]]
        made = b"para" + bytes(5) + tag[9:10] + bytes(2) + tag[12:size]
    else:
        (steps,) = struct.unpack_from(">I", tag, 8) if tag[:4] == b"curv" and len(tag) >= 12 else (MOST_STEPS + 1,)
        size = 12 + 2 * steps
        made = b"curv" + bytes(4) + tag[8:size]
        if steps > MOST_STEPS or len(tag) < size:
            raise NotSimpleError("a broken profile")
        if any(a > b for a, b in pairwise(struct.unpack_from(f">{steps}H", tag, 12))):
            raise NotSimpleError("a curve that falls")
    if len(made) != size:
        raise NotSimpleError("a broken profile")
    return made


def written(version: int, space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of these tags; equal ones are written once."""
    table, body, places = b"", b"", {}  # type: tuple[bytes, bytes, dict[bytes, int]]
    start = HEADER_BYTES + 4 + 12 * len(tags)
    for name, tag in tags.items():
        if tag not in places:
            places[tag] = start + len(body)
            body += tag + bytes(-len(tag) % 4)
        table += struct.pack(">4sII", name, places[tag], len(tag))
    size = start + len(body)
    head = struct.pack(
        ">I4xB3x4s4s4s6H4s28x12s48x", size, version, b"mntr", space, b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp", D50
    )
    return head + struct.pack(">I", len(tags)) + table + body
