"""What to make of one video: repack it, or encode it, with which numbers. Pure."""

from __future__ import annotations

from typing import Any

from core.colours import is_rare, unreadable
from core.errors import Unprocessable
from core.geometry import fit_even
from core.limits import Limits
from core.media import Audio, Video
from core.plan import Plan, Rendition
from core.plan_image import image_spec
from core.rules import Rules, Videos, VideoTier

WEB_PROFILES = ("baseline", "constrained baseline", "main", "high")
MAX_WEB_LEVEL = 52
CAP_SHARE = 0.9
"""The picture's rate is capped at this share of the source's: what is left pays for headers and bursts."""
MIN_CAP_BPS = 20_000
PIXELS_PER_BUFFER_BIT = 16
"""With fewer bits for its first picture, a short, still clip comes out as one grey."""
USUAL_FPS = 30.0
"""Of a video that does not say."""


def check_video(video: Video, limits: Limits) -> None:
    """Refuse what would cost too much, or come out in wrong colours.

    Raises: Unprocessable (no_picture, too_many_pixels, too_long, unsupported_type).
    """
    if colours := unreadable(video):
        raise Unprocessable(
            "unsupported_type", f"its colours are {colours}, which cannot be converted: export it in BT.709 or HDR10"
        )
    if video.coded_width_px <= 0 or video.coded_height_px <= 0:
        raise Unprocessable("no_picture", "the video track has no picture size")
    for width_px, height_px in (
        (video.coded_width_px, video.coded_height_px),
        (video.width_px, video.height_px),
    ):
        if width_px * height_px > limits.max_video_pixels or max(width_px, height_px) > limits.max_side_px:
            raise Unprocessable("too_many_pixels", f"{width_px}×{height_px} is more than is allowed for a video")
    if video.duration_s > limits.max_duration_s:
        raise Unprocessable("too_long", f"{video.duration_s:.0f} s are more than {limits.max_duration_s:.0f} s")
    # A still picture of 4K at 60 frames per second is a small file for hours: what costs time is every pixel of every frame.
    total = video.coded_width_px * video.coded_height_px * (video.fps or USUAL_FPS) * video.duration_s
    if total > limits.max_video_total_pixels:
        raise Unprocessable(
            "too_many_pixels", f"{total:.1e} pixels over all frames are more than is allowed for a video"
        )


def tier_for(videos: Videos, size_bytes: int) -> VideoTier:
    """The first tier whose bound is above this size; the last one has none."""
    return next(tier for tier in videos.tiers if tier.below_bytes is None or size_bytes < tier.below_bytes)


def plan_video(video: Video, size_bytes: int, rules: Rules) -> Plan:
    """Choose how to shrink one video, and its poster.

    Sizes in px, rates in bits per second, times in seconds. Raises: Unprocessable, see `check_video`.
    """
    check_video(video, rules.limits)
    tier = tier_for(rules.videos, size_bytes)
    spec = encode_spec(video, tier, rules.videos)
    why_not = why_not_web_ready(video, rules.videos)
    bits = bits_per_pixel(video)
    fits = (spec["width_px"], spec["height_px"]) == (video.width_px, video.height_px)
    if why_not is None and fits and bits is not None and bits < rules.videos.remux_below_bpp:
        action = "remux"
        reason = f"already right for the web and small ({video.bitrate_bps // 1000} kb/s): repacked, not encoded again"
    else:
        action = "compress"
        reason = encode_reason(video, tier, spec, why_not)
    main = Rendition("main", "video", action, False, spec)
    extras = []
    if rules.videos.poster:
        poster = image_spec(rules.videos.poster, rules.images, animate=False)
        extras.append(Rendition("poster", "image", "compress", True, poster))
    return Plan("video", tier.name, reason, (main, *extras))


def why_not_web_ready(video: Video, videos: Videos) -> str | None:
    """What keeps browsers from playing this picture and sound as they are, or None."""
    if video.codec != "h264":
        return f"its picture is {video.codec.upper()}"
    if video.pixel_format not in ("yuv420p", "yuvj420p"):
        return f"its pixels are {video.pixel_format}"
    if (video.profile or "").lower() not in WEB_PROFILES:
        return f"its profile is {video.profile or 'unknown'}"
    if video.level is not None and video.level > MAX_WEB_LEVEL:
        return f"its level is {video.level / 10:.1f}"
    if video.is_hdr:
        return "it is HDR"
    if is_rare(video):
        return f"its colours are {video.matrix.upper()}"
    if video.interlaced:
        return "it is interlaced"
    if abs(video.sar - 1) > 0.001:
        return "its pixels are not square"
    if video.width_px % 2 or video.height_px % 2:
        return "it has an odd side"
    if too_fast(video, videos):
        return f"it has {video.fps:.0f} frames a second"
    if video.audio is not None and not copies_audio(video.audio, None):
        return f"its sound is {video.audio.codec.upper()} with {video.audio.channels} channel(s)"
    return None


def too_fast(video: Video, videos: Videos) -> bool:
    return video.fps is not None and video.fps > videos.max_fps * 1.01


def copies_audio(audio: Audio, limit_bps: int | None) -> bool:
    """AAC that browsers play, of no more than the limit, goes through untouched."""
    right = audio.codec == "aac" and (audio.profile or "LC").upper() in ("LC", "HE-AAC") and audio.channels in (1, 2)
    if not right or not 8_000 <= audio.sample_rate_hz <= 48_000:
        return False
    return limit_bps is None or (audio.bitrate_bps is not None and audio.bitrate_bps <= limit_bps * 1.1)


def bits_per_pixel(video: Video) -> float | None:
    """Bits that the source spends on one pixel of one frame."""
    if not video.fps or video.bitrate_bps <= 0:
        return None
    return video.bitrate_bps / (video.width_px * video.height_px * video.fps)


def encode_spec(video: Video, tier: VideoTier, videos: Videos) -> dict[str, Any]:
    """Everything that the maker of a video needs to know."""
    width_px, height_px = fit_even(video.width_px, video.height_px, tier.box_px or videos.max_box_px)
    cap_bps = max(MIN_CAP_BPS, int(video.bitrate_bps * CAP_SHARE)) if video.bitrate_bps > 0 else None
    copy = video.audio is not None and copies_audio(video.audio, videos.audio_bitrate_bps)
    return {
        "tier": tier.name,
        "width_px": width_px,
        "height_px": height_px,
        "crf": tier.crf,
        "preset": tier.preset,
        "cap_bps": cap_bps,
        "buffer_bits": buffer_bits(cap_bps, video.duration_s, width_px * height_px),
        "max_fps": videos.max_fps if too_fast(video, videos) else None,
        "tonemap": video.is_hdr,
        "deinterlace": video.interlaced,
        "audio": None if video.audio is None else ("copy" if copy else "aac"),
        "audio_bitrate_bps": audio_rate(video.audio, videos.audio_bitrate_bps),
        "playable": why_not_web_ready(video, videos) is None,
    }


def buffer_bits(cap_bps: int | None, duration_s: float, pixels: int = 0) -> int | None:
    """The buffer of the rate cap: two seconds, less for short clips, which it would let grow; a first picture must fit."""
    if cap_bps is None:
        return None
    return max(int(cap_bps * min(2.0, max(0.2, duration_s / 6))), pixels // PIXELS_PER_BUFFER_BIT)


def audio_rate(audio: Audio | None, most_bps: int) -> int | None:
    """Never more for the sound than it had: 128 kb/s of silence would make a small clip larger."""
    if audio is None:
        return None
    share = most_bps if audio.channels > 1 else most_bps // 2 + 16_000
    return max(24_000, min(share, audio.bitrate_bps)) if audio.bitrate_bps else share


def encode_reason(video: Video, tier: VideoTier, spec: dict[str, Any], why_not: str | None) -> str:
    """Why it is encoded, in words."""
    smaller = (spec["width_px"], spec["height_px"]) != (video.width_px, video.height_px)
    size = f"fitted to {spec['width_px']}×{spec['height_px']}" if smaller else "in its own size"
    because = why_not or "it can be smaller"
    extras = [word for key, word in (("tonemap", "HDR to SDR"), ("deinterlace", "deinterlaced")) if spec[key]]
    extra = f", {', '.join(extras)}" if extras else ""
    return f"{because}: encoded as H.264 CRF {tier.crf} ({tier.name}), {size}{extra}"
