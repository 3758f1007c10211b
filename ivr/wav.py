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


class WavError(ValueError):
    """A file is not a WAV this product plays; the message says what is wrong with it."""


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
        raise WavError(f"the file has {len(data)} bytes, the limit is {MAX_BYTES}")
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError("the file does not begin as a WAV file (RIFF, WAVE)")
    (riff_bytes,) = struct.unpack_from("<I", data, 4)
    if riff_bytes + 8 not in (len(data), len(data) - 1):
        raise WavError(f"the file says it has {riff_bytes + 8} bytes, it has {len(data)}")
    fmt, body = _chunks(data)
    tag, channels, rate_hz, bytes_per_s, frame_bytes, bits = _FMT.unpack_from(fmt)
    width = _BYTES_PER_SAMPLE.get(tag)
    if width is None:
        raise WavError(f"format {tag} is not played; PCM (1), A-law (6) and u-law (7) are")
    if channels != 1:
        raise WavError(f"the file has {channels} channels, a telephone has 1")
    if bits != 8 * width:
        raise WavError(f"format {tag} comes with {8 * width} bits a sample, the file says {bits}")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise WavError(f"{rate_hz} samples a second are outside {MIN_RATE_HZ} to {MAX_RATE_HZ}")
    if frame_bytes != width or bytes_per_s != rate_hz * width:
        raise WavError(
            f"block of {frame_bytes} bytes at {bytes_per_s} bytes a second does not fit"
            f" {width} byte samples at {rate_hz} Hz"
        )
    if not body or len(body) % width:
        raise WavError(f"{len(body)} bytes of sound are not a whole number of {width} byte samples")
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
            raise WavError(f"chunk {name!r} ends at byte {end}, the file at {len(data)}")
        if name == b"fmt ":
            if fmt is not None:
                raise WavError("the file has two format chunks")
            if not _FMT.size <= size <= 40:
                raise WavError(f"the format chunk has {size} bytes, 16 to 40 are allowed")
            fmt = data[at + 8 : end]
        elif name == b"data":
            if fmt is None:
                raise WavError("the sound comes before its format")
            if body is not None:
                raise WavError("the file has two data chunks")
            body = data[at + 8 : end]
        at = end + size % 2
    if at < len(data):
        raise WavError(f"{len(data) - at} stray bytes at the end of the file")
    if fmt is None or body is None:
        raise WavError("the file lacks its format or its sound")
    return fmt, body
