"""Films whose colours are written in a rare way: made ordinary first, or refused where FFmpeg cannot. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.media import Video

RARE_MATRICES = {
    "fcc": "fcc",
    "smpte240m": "smpte240m",
    "ycgco": "ycgco",
    "bt2020c": "2020_cl",
    "chroma-derived-nc": "chroma-derived-nc",
    "chroma-derived-c": "chroma-derived-c",
    "ictcp": "ictcp",
}
"""Matrices that `zscale` reads (its names) and that neither browsers nor FFmpeg's other filters can be relied on to."""
UNREADABLE_MATRICES = {
    "smpte2085": "SMPTE 2085 (Y′D′zD′x)",
    "ipt-c2": "those of Dolby Vision profile 5 (IPT)",
    "ycgco-re": "YCgCo-R",
    "ycgco-ro": "YCgCo-R",
}


def unreadable(video: Video) -> str | None:
    """What nothing at hand can turn into ordinary colours, in words; None for all other films."""
    if video.matrix == "ictcp" and not video.is_hdr:
        return "ICtCp without HDR"
    return UNREADABLE_MATRICES.get(video.matrix)


def is_rare(video: Video) -> bool:
    """Whether browsers may show these colours wrongly: a rare matrix, or RGB's on pixels that are not RGB."""
    return video.matrix in RARE_MATRICES or video.matrix == "rgb"


def ordinary(video: Video) -> tuple[list[str], Video]:
    """The filter that gives a film of a rare matrix an ordinary one, if it needs it, and what it is after that."""
    if video.matrix not in RARE_MATRICES:
        return [], video
    matrix = "bt2020nc" if is_wide(video) else "bt709"
    primaries, transfer = primaries_of(video), transfer_of(video)
    given = f"tin={transfer}:pin={primaries}:rin={'full' if video.full_range else 'limited'}"
    first = f"zscale=min={RARE_MATRICES[video.matrix]}:{given}:p={primaries}:t={transfer}:m={matrix}:r=limited"
    return [first], replace(video, matrix=matrix, full_range=False)


def is_wide(video: Video) -> bool:
    """Whether its colours go beyond those of the web."""
    return video.is_hdr or video.primaries in ("bt2020", "p3") or video.matrix.startswith("bt2020")


def primaries_of(video: Video) -> str:
    """By `zscale`'s name, or what fits the rest of a film that does not say."""
    if video.primaries == "p3":
        return "smpte432"
    return "bt2020" if is_wide(video) else "bt709"


def transfer_of(video: Video) -> str:
    """By `zscale`'s name: HDR's curves, else one of those that are all but the same."""
    return {"pq": "smpte2084", "hlg": "arib-std-b67", "bt2020": "2020_10"}.get(video.transfer, "bt709")
