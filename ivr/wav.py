"""WAV files of a telephone: one channel, PCM of 16 bits or G.711, nothing else, nothing guessed.

The reader is for files that an owner brings along, so it believes no length it has not checked and
asks for no memory that the file itself does not have.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

FORMAT_PCM: Final = 1
FORMAT_ALAW: Final = 6
FORMAT_ULAW: Final = 7
"""Format tags of RFC 2361 (WAVE registry)."""

MIN_RATE_HZ: Final = 8_000
MAX_RATE_HZ: Final = 96_000
MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger than eleven minutes at 48 kHz; a prompt is never that long (chosen)."""

_FMT: Final = struct.Struct("<HHIIHH")
_BYTES_PER_SAMPLE: Final = {FORMAT_PCM: 2, FORMAT_ALAW: 1, FORMAT_ULAW: 1}


_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "large": ("文件有 {0} 字节，最多 {1}", "the file has {0} bytes, the limit is {1}"),
    "no-riff": (
        "文件开头不是 WAV 格式（RIFF、WAVE）",
        "the file does not begin as a WAV file (RIFF, WAVE)",
    ),
    "length": ("文件自称有 {0} 字节，实际有 {1}", "the file says it has {0} bytes, it has {1}"),
    "format": (
        "不能播放格式 {0}；可以播放 PCM (1)、A 律 (6) 和 u 律 (7)",
        "format {0} is not played; PCM (1), A-law (6) and u-law (7) are",
    ),
    "channels": (
        "文件有 {0} 个声道，电话只有 1 个",
        "the file has {0} channels, a telephone has 1",
    ),
    "bits": (
        "格式 {0} 每个样本应为 {1} 位，文件写的是 {2}",
        "format {0} comes with {1} bits a sample, the file says {2}",
    ),
    "rate": (
        "每秒 {0} 个样本，应在 {1} 到 {2} 之间",
        "{0} samples a second are outside {1} to {2}",
    ),
    "block": (
        "每块 {0} 字节、每秒 {1} 字节，与每样本 {2} 字节、{3} Hz 不符",
        "block of {0} bytes at {1} bytes a second does not fit {2} byte samples at {3} Hz",
    ),
    "ragged": (
        "{0} 字节的声音不是 {1} 字节样本的整数倍",
        "{0} bytes of sound are not a whole number of {1} byte samples",
    ),
    "chunk": (
        "数据块 {0} 止于第 {1} 字节，文件止于第 {2} 字节",
        "chunk {0} ends at byte {1}, the file at {2}",
    ),
    "two-formats": ("文件有两个格式块", "the file has two format chunks"),
    "format-size": (
        "格式块有 {0} 字节，应为 16 到 40",
        "the format chunk has {0} bytes, 16 to 40 are allowed",
    ),
    "early-sound": ("声音出现在格式之前", "the sound comes before its format"),
    "two-sounds": ("文件有两个声音块", "the file has two data chunks"),
    "stray": ("文件末尾多出 {0} 字节", "{0} stray bytes at the end of the file"),
    "incomplete": ("文件缺少格式或声音", "the file lacks its format or its sound"),
}
"""What may be wrong with a file, in Chinese and English."""


class WavError(ValueError):
    """A file is not a WAV this product plays; the message says what is wrong with it."""

    def __init__(self, what: str, *values: object) -> None:
        self.what = what
        self.values = values
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """What is wrong, in the reader's language: ``zh-CN`` or ``en``."""
        chinese, english = _SENTENCES[self.what]
        return (chinese if language.startswith("zh") else english).format(*self.values)


@dataclass(frozen=True)
class Wav:
    """What a WAV file holds: samples of one channel, full scale 32768, and their rate."""

    samples: Samples
    rate_hz: int


def _alaw_table() -> Samples:
    """Values of the 256 A-law octets, G.711 table 1a on 13 bits, times eight."""
    octet = np.arange(256) ^ 0x55  # even bits are inverted on the line
    segment, step = (octet >> 4) & 7, octet & 15
    low = step * 16 + 8
    value = np.where(segment == 0, low, (low + 256) << np.maximum(segment - 1, 0))
    return np.where(octet & 0x80, value, -value).astype(np.int16)


def _ulaw_table() -> Samples:
    """Values of the 256 u-law octets, G.711 table 2a on 14 bits, times four."""
    octet = np.arange(256) ^ 0xFF
    segment, step = (octet >> 4) & 7, octet & 15
    value = ((step * 8 + 132) << segment) - 132
    return np.where(octet & 0x80, -value, value).astype(np.int16)


ALAW_VALUES: Final = _alaw_table()
ULAW_VALUES: Final = _ulaw_table()

_ALAW_ORDER: Final = np.argsort(ALAW_VALUES, kind="stable")
_ALAW_LIMITS: Final = (
    ALAW_VALUES[_ALAW_ORDER][1:].astype(np.int32) + ALAW_VALUES[_ALAW_ORDER][:-1]
) / 2.0


def alaw_octets(samples: Samples) -> NDArray[np.uint8]:
    """The A-law octet whose value lies nearest to each sample (int16, any shape)."""
    return _ALAW_ORDER[np.searchsorted(_ALAW_LIMITS, samples, side="left")].astype(np.uint8)


def pcm_wav(samples: Samples, rate_hz: int) -> bytes:
    """A WAV file of one channel of 16 bits. ``samples`` are int16, one dimension."""
    body = samples.astype("<i2").tobytes()
    fmt = _FMT.pack(FORMAT_PCM, 1, rate_hz, 2 * rate_hz, 2, 16)
    chunks = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def alaw_wav(samples: Samples, rate_hz: int) -> bytes:
    """A WAV file of one channel in A-law.

    Args:
        samples: int16, one dimension.
        rate_hz: Samples per second.
    """
    body = alaw_octets(samples).tobytes()
    pad = b"\0" * (len(body) % 2)  # chunks begin at even places
    fmt = struct.pack("<HHIIHHH", FORMAT_ALAW, 1, rate_hz, rate_hz, 1, 8, 0)
    fact = struct.pack("<I", len(body))
    chunks = b"".join(
        (
            b"WAVE",
            b"fmt " + struct.pack("<I", len(fmt)) + fmt,
            b"fact" + struct.pack("<I", len(fact)) + fact,
            b"data" + struct.pack("<I", len(body)) + body + pad,
        )
    )
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def read_wav(data: bytes) -> Wav:
    """Reads a WAV file strictly.

    Args:
        data: The whole file.

    Returns:
        One channel of int16 samples (read-only) and the rate.

    Raises:
        WavError: Not RIFF/WAVE, a length that does not agree with the file, more than one
            channel, a format other than PCM 16 bit, A-law or u-law, a rate outside 8 to 96 kHz,
            or no sound.
    """
    if len(data) > MAX_BYTES:
        raise WavError("large", len(data), MAX_BYTES)
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError("no-riff")
    (riff_bytes,) = struct.unpack_from("<I", data, 4)
    if riff_bytes + 8 not in (len(data), len(data) - 1):
        raise WavError("length", riff_bytes + 8, len(data))
    fmt, body = _chunks(data)
    tag, channels, rate_hz, bytes_per_s, frame_bytes, bits = _FMT.unpack_from(fmt)
    width = _BYTES_PER_SAMPLE.get(tag)
    if width is None:
        raise WavError("format", tag)
    if channels != 1:
        raise WavError("channels", channels)
    if bits != 8 * width:
        raise WavError("bits", tag, 8 * width, bits)
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise WavError("rate", rate_hz, MIN_RATE_HZ, MAX_RATE_HZ)
    if frame_bytes != width or bytes_per_s != rate_hz * width:
        raise WavError("block", frame_bytes, bytes_per_s, width, rate_hz)
    if not body or len(body) % width:
        raise WavError("ragged", len(body), width)
    octets = np.frombuffer(body, dtype=np.uint8)
    if tag == FORMAT_PCM:
        samples = octets.view("<i2").astype(np.int16)
    else:
        samples = (ALAW_VALUES if tag == FORMAT_ALAW else ULAW_VALUES)[octets]
    samples.flags.writeable = False
    return Wav(samples, rate_hz)


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The format and the sound, each there exactly once and in this order."""
    fmt: bytes | None = None
    body: bytes | None = None
    at = 12
    while at + 8 <= len(data):
        name = data[at : at + 4]
        (size,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + size
        if end > len(data):
            raise WavError("chunk", repr(name), end, len(data))
        if name == b"fmt ":
            if fmt is not None:
                raise WavError("two-formats")
            if not _FMT.size <= size <= 40:
                raise WavError("format-size", size)
            fmt = data[at + 8 : end]
        elif name == b"data":
            if fmt is None:
                raise WavError("early-sound")
            if body is not None:
                raise WavError("two-sounds")
            body = data[at + 8 : end]
        at = end + size % 2
    if at < len(data):
        raise WavError("stray", len(data) - at)
    if fmt is None or body is None:
        raise WavError("incomplete")
    return fmt, body
