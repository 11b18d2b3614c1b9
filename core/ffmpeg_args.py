"""The FFmpeg command lines, built from facts and a plan. Pure; the job's folder holds `in.bin` and takes `out/`."""

from __future__ import annotations

import math
from typing import Any

from core.colours import is_wide, ordinary, primaries_of, transfer_of
from core.limits import Limits
from core.media import Video

FORMATS = "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg"
CODECS = (
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,mjpeg,mpeg1video,mpeg2video,"
    "prores,dnxhd,vc1,wmv1,wmv2,wmv3,flv,h263,svq1,svq3,theora,dvvideo,cinepak,rawvideo,"
    "aac,aac_latm,ac3,eac3,mp1float,mp2float,mp3float,mp1,mp2,mp3,opus,libopus,vorbis,libvorbis,flac,alac,"
    "wmav1,wmav2,wmapro,wmalossless,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,nellymoser,speex,dca,truehd,mlp,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_u8,pcm_s8,pcm_f32le,pcm_f32be,pcm_alaw,pcm_mulaw,"
    "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,qdm2,gsm_ms"
)
"""Decoders of what cameras, phones and editors write; nothing exotic, nothing scriptable."""


def input_args(limits: Limits, *, before: tuple[str, ...] = ()) -> list[str]:
    """Open `in.bin` and nothing else: no other file, no network, no exotic format, no giant frame."""
    return [
        "-nostdin", "-hide_banner", "-y", "-v", "error",
        "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-codec_whitelist", CODECS,
        "-max_pixels", str(limits.max_video_pixels), "-max_streams", str(limits.max_streams),
        *before, "-i", "file:in.bin",
    ]  # fmt: skip


def stream_args(video: Video) -> list[str]:
    """Exactly the picture and the sound that the probe chose; everything else stays behind, tags included."""
    sound = ["-map", f"0:{video.audio.index}"] if video.audio else []
    return [
        "-map", f"0:{video.index}", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_metadata:s", "-1",
        "-map_chapters", "-1",
    ]  # fmt: skip


def output_args(limits: Limits) -> list[str]:
    """An MP4 that starts playing while it loads, with progress on the standard output."""
    return [
        "-t", f"{limits.max_duration_s:g}", "-movflags", "+faststart", "-write_tmcd", "0", "-fflags", "+bitexact",
        "-max_muxing_queue_size", "4096", "-progress", "pipe:1", "-nostats", "-f", "mp4", "file:out/out.mp4",
    ]  # fmt: skip


def remux_args(video: Video, limits: Limits) -> list[str]:
    """Repack picture and sound as they are."""
    return [
        *input_args(limits),
        *stream_args(video),
        "-c",
        "copy",
        *copy_filters(video),
        "-bsf:v",
        ",".join((*time_filters(video), PICTURE_ONLY)),
        *output_args(limits),
    ]


PICTURE_ONLY = "filter_units=pass_types=1-5|7-9"
"""Of an H.264 stream its slices and parameters: cameras write places, times and texts into the other units (SEI)."""


def copy_filters(video: Video) -> list[str]:
    """ADTS sound, as in MPEG-TS, needs its header made an MP4's."""
    if video.audio and video.audio.codec == "aac" and video.container in ("mpegts", "mpeg"):
        return ["-bsf:a", "aac_adtstoasc"]
    return []


def lacks_times(video: Video) -> bool:
    """Whether the container knows only in which order to decode, not when to show: an AVI with B-frames."""
    return video.container == "avi" and video.has_b_frames


def time_filters(video: Video) -> tuple[str, ...]:
    """Times to show by, counted from the order in the H.264 stream itself; a last frame without one comes at the end."""
    if not lacks_times(video):
        return ()
    return ("dts2pts", "setts=pts=if(eq(PTS\\,NOPTS)\\,DTS+4*DURATION\\,PTS)")


def encode_args(video: Video, spec: dict[str, Any], limits: Limits) -> list[str]:
    """Encode one video as its plan says."""
    cap = []
    if spec["cap_bps"]:
        cap = ["-maxrate", str(spec["cap_bps"]), "-bufsize", str(spec["buffer_bits"])]
    return [
        *input_args(limits), *stream_args(video),
        "-vf", ",".join(video_filters(video, spec)), "-fps_mode", "vfr",
        "-c:v", "libx264", "-preset", str(spec["preset"]), "-crf", str(spec["crf"]), *cap,
        "-pix_fmt", "yuv420p", "-profile:v", "high",
        *audio_args(video, spec), *output_args(limits),
    ]  # fmt: skip


def audio_args(video: Video, spec: dict[str, Any]) -> list[str]:
    """The sound: copied when it is right, AAC in stereo otherwise; its loudness is left alone."""
    if video.audio is None:
        return ["-an"]
    if spec["audio"] == "copy":
        return ["-c:a", "copy", *copy_filters(video)]
    channels = min(2, max(1, video.audio.channels))
    rate_hz = 48_000 if video.audio.sample_rate_hz > 44_100 else 44_100
    return ["-c:a", "aac", "-b:a", str(spec["audio_bitrate_bps"]), "-ac", str(channels), "-ar", str(rate_hz)]


def video_filters(video: Video, spec: dict[str, Any]) -> list[str]:
    """The picture's way: fields to frames, size and square pixels, colour. FFmpeg turns it upright before all of them."""
    filters = []
    if spec["deinterlace"]:
        filters.append(DEINTERLACE)
    if video.fps and spec["max_fps"]:
        filters.append(slower(video.fps, spec["max_fps"]))
    return filters + picture_filters(video, spec["width_px"], spec["height_px"])


DEINTERLACE = "bwdif=mode=send_frame:deint=interlaced"


def slower(fps: float, max_fps: float) -> str:
    """Every second (third …) frame when that is near the cap, which stays even; else the cap itself."""
    step = math.ceil(fps / (max_fps * 1.01))
    return f"framestep={step}" if fps / step > max_fps * 0.8 else f"fps={max_fps:g}"


def picture_filters(video: Video, width_px: int, height_px: int) -> list[str]:
    """Size, square pixels and 8-bit BT.709 or BT.601 colour, as for the web; also for posters."""
    size = f"{width_px}:{height_px}"
    first, video = ordinary(video)
    if is_wide(video):
        return [*first, f"scale={size}:flags=bicubic", *wide_to_bt709(video), "format=yuv420p", "setsar=1"]
    name = source_matrix(video)
    source = ""
    if video.pixel_format.startswith(("yuv", "nv", "p0", "uyvy", "yuyv")):
        source = f":in_color_matrix={name}:in_range={'full' if video.full_range else 'limited'}"
    return [
        *first,
        f"scale={size}:flags=bicubic{source}:out_color_matrix={name}:out_range=limited",
        "format=yuv420p",
        "setsar=1",
        f"setparams=range=limited:colorspace={name}:color_primaries={_tag(video.primaries, name)}"
        f":color_trc={_tag(video.transfer, 'bt709' if name == 'bt709' else 'smpte170m')}",
    ]


def _tag(said: str, otherwise: str) -> str:
    """What the file says of its colours when it is one of the web's, else what fits its matrix."""
    return said if said in ("bt709", "smpte170m", "bt470bg") and otherwise != "bt709" else otherwise


def wide_to_bt709(video: Video) -> list[str]:
    """HDR is mapped to SDR at 203 nits of white (ITU-R BT.2408); a wide gamut without HDR is only converted."""
    primaries, transfer = primaries_of(video), transfer_of(video)
    matrix = ZSCALE_MATRICES.get(video.matrix, "2020_ncl")
    given = f"pin={primaries}:min={matrix}:rin={'full' if video.full_range else 'limited'}"
    if not video.is_hdr:
        return [f"zscale=tin={transfer}:{given}:p=bt709:t=bt709:m=bt709:r=limited"]
    return [
        # The primaries are said of what comes out, too: a file may not name its own, and the next filter asks the frame.
        f"zscale=tin={transfer}:{given}:p={primaries}:t=linear:npl=203,format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=mobius:desat=0",
        "zscale=t=bt709:m=bt709:r=limited",
    ]


MATRIX_NAMES = ("bt709", "smpte170m", "bt470bg")
ZSCALE_MATRICES = {"bt709": "709", "smpte170m": "170m", "bt470bg": "470bg"}


def source_matrix(video: Video) -> str:
    """The colour matrix: the file's, or what players assume of one that says nothing."""
    if video.matrix in MATRIX_NAMES:
        return video.matrix
    return "bt709" if video.coded_height_px >= 720 or video.coded_width_px >= 1280 else "smpte170m"


def poster_args(video: Video, at_s: float, width_px: int, height_px: int, limits: Limits) -> list[str]:
    """One frame at this time, upright and in the colours of the web, as a lossless picture.

    For the very first no seeking is asked for: some files cannot.
    """
    filters = [DEINTERLACE] if video.interlaced else []
    filters += picture_filters(video, width_px, height_px)
    return [
        *input_args(limits, before=("-ss", f"{at_s:.3f}") if at_s > 0 else ()),
        "-map", f"0:{video.index}", "-an", "-sn", "-dn", "-map_metadata", "-1",
        "-vf", ",".join(filters), "-frames:v", "1", "-c:v", "png", "-compression_level", "1", "-f", "image2",
        "-update", "1", "file:out/out.png",
    ]  # fmt: skip
