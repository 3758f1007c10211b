"""G.711 for the codecs of the bench, built from the decision values of the recommendation.

The box has its own tables; these are made another way (from the interval limits of tables 1 and
2 of ITU-T G.711 instead of shifts), so that an error in one does not hide in the other.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]


class Law(IntEnum):
    """The two laws of G.711."""

    A = 0
    MU = 1


IDLE = {Law.A: 0xD5, Law.MU: 0xFF}
"""Code of linear zero (positive zero), per law."""

# Interval limits in the units of each law: (first limit, step, number of intervals).
_A_SEGMENTS = [(0, 2, 32)] + [(64 << k, 4 << k, 16) for k in range(6)]  # G.711 table 1, x of 4096
_MU_SEGMENTS = [
    (1, 2, 15),
    (31, 4, 16),
    (95, 8, 16),
    (223, 16, 16),
    (479, 32, 16),
    (991, 64, 16),
    (2015, 128, 16),
    (4063, 256, 16),
]  # G.711 table 2, x of 8159; the first interval, 0 to 1, decodes to 0

_A_SCALE = 8  # 4096 -> 32768
_MU_SCALE = 4  # 8159 -> 32636


def _limits(law: Law) -> npt.NDArray[np.int64]:
    """Lower limits of the 128 intervals of one sign, rising, then the upper end."""
    if law is Law.A:
        rows = _A_SEGMENTS
        low = [first + step * i for first, step, count in rows for i in range(count)]
        return np.array([*low, 4096], np.int64)
    low = [0, *(first + step * i for first, step, count in _MU_SEGMENTS for i in range(count))]
    return np.array([*low, 8159], np.int64)


def _magnitudes(law: Law) -> npt.NDArray[np.float64]:
    """What each interval decodes to, in 16-bit linear units: the middle of the interval."""
    limits = _limits(law)
    middle = (limits[:-1] + limits[1:]) / 2.0
    if law is Law.MU:
        middle[0] = 0.0
    return middle * (_A_SCALE if law is Law.A else _MU_SCALE)


def _code(law: Law, interval: npt.NDArray[np.int64], positive: bool) -> npt.NDArray[np.int64]:
    """Character signal of an interval: sign bit 1 is positive; A inverts even bits, mu all."""
    if law is Law.A:
        return (interval | (0x80 if positive else 0)) ^ 0x55
    return (interval ^ 0x7F) | (0x80 if positive else 0)


def _decode_table(law: Law) -> npt.NDArray[np.float32]:
    table = np.zeros(256, np.float32)
    interval = np.arange(128)
    table[_code(law, interval, positive=True)] = _magnitudes(law)
    table[_code(law, interval, positive=False)] = -_magnitudes(law)
    return table


def _encode_table(law: Law) -> Codes:
    """Code by the bit pattern of a 16-bit linear value."""
    value = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.float64)
    scaled = np.abs(value) / (_A_SCALE if law is Law.A else _MU_SCALE)
    interval = np.clip(np.searchsorted(_limits(law), scaled, side="right") - 1, 0, 127)
    return np.where(
        value >= 0, _code(law, interval, positive=True), _code(law, interval, positive=False)
    ).astype(np.uint8)


DECODE = {law: _decode_table(law) for law in Law}
"""float32 of 256 entries per law, in 16-bit linear units."""

ENCODE = {law: _encode_table(law) for law in Law}
"""uint8 of 65536 entries per law, indexed by an int16 seen as uint16."""


def decode(codes: Codes, law: Law) -> npt.NDArray[np.float32]:
    """Linear samples of ``codes``, any shape."""
    return DECODE[law].take(codes)


def encode(samples: npt.NDArray[np.float32], law: Law) -> Codes:
    """Codes of linear ``samples``, any shape; what exceeds 16 bits is clipped."""
    whole = np.rint(samples)
    np.clip(whole, -32768.0, 32767.0, out=whole)
    return ENCODE[law].take(whole.astype(np.int16).view(np.uint16))
