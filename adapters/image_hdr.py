"""HDR stills (PQ or HLG in a HEIC or AVIF) as a colour profile that darkens them to SDR: colour management does the rest."""

from __future__ import annotations

import struct

from adapters.image_icc import written

PQ, HLG = 16, 18
WHITE_NITS = 203.0
PEAK_NITS = {PQ: 10_000.0, HLG: 1_000.0}
"""Of the brightest value; an HLG screen is one of 1000 nits."""
KNEE = 0.3
"""Up to here (of white) light stays as it is, as in FFmpeg's `tonemap=mobius`."""
STEPS = 1024
BT2020, P3 = 9, (11, 12)
PRIMARIES = {
    BT2020: ((0.67348, 0.27904, -0.00193), (0.16566, 0.67536, 0.02998), (0.12505, 0.04560, 0.79685)),
    P3[0]: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
}
"""Red, green and blue as XYZ, seen under D50; others than these two are read as BT.2020, as in films."""
WHITE_D50 = (0.9642, 1.0, 0.8249)


def hdr_profile(head: bytes) -> bytes | None:
    """The profile of an HDR still by the properties in its header; None for all other pictures.

    The first colour box counts: later ones may be those of a gain map.
    """
    properties = head.find(b"ipco", head.find(b"meta"))
    at = head.find(b"colrnclx", properties)
    if properties < 0 or at < 0 or len(head) < at + 12:
        return None
    primaries, transfer = struct.unpack_from(">HH", head, at + 8)
    if transfer not in PEAK_NITS:
        return None
    columns = PRIMARIES[P3[0] if primaries in P3 else BT2020]
    steps = [round(65535 * shown(number / (STEPS - 1), transfer)) for number in range(STEPS)]
    curve = struct.pack(f">4s4xI{STEPS}H", b"curv", STEPS, *steps)
    names = (b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt")
    colours = dict(zip(names, map(_xyz, (*columns, WHITE_D50)), strict=True))
    return written(2, b"RGB ", colours | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def _xyz(numbers: tuple[float, float, float]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(number * 65536) for number in numbers))


def shown(value: float, transfer: int) -> float:
    """The light (0–1) that an SDR screen shows for a value (0–1) of an HDR picture."""
    light = (pq_nits(value) if transfer == PQ else hlg_nits(value)) / WHITE_NITS
    return mobius(light, PEAK_NITS[transfer] / WHITE_NITS)


def pq_nits(value: float) -> float:
    """SMPTE ST 2084."""
    power = value ** (1 / 78.84375)
    return float(10_000.0 * (max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125))


def hlg_nits(value: float) -> float:
    """ITU-R BT.2100, on a screen of 1000 nits."""
    scene = (
        value * value / 3 if value <= 0.5 else (2.718281828 ** ((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return float(1_000.0 * scene**1.2)


def mobius(light: float, peak: float) -> float:
    """Straight up to the knee, then bent so that the peak is white."""
    if light <= KNEE:
        return light
    a = -KNEE * KNEE * (peak - 1) / (KNEE * KNEE - 2 * KNEE + peak)
    b = (KNEE * KNEE - 2 * KNEE * peak + peak) / (peak - 1)
    return min(1.0, (b * b + 2 * b * KNEE + KNEE * KNEE) / (b - a) * (light + a) / (light + b))
