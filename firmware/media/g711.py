"""G.711: the codes on the highway to 16-bit linear and back, by table, for all ports at once.

The tables are built from the quantised and decision values of ITU-T G.711 (11/88), tables 1a/1b
(A-law, 13 bit) and 2a/2b (u-law, 14 bit). Linear samples are float32 in units of a 16-bit code:
the A-law value times 8, the u-law value times 4.

The Recommendation leaves open to which side a sample belongs that lies exactly on a decision
value. Here a positive one goes away from zero; a negative one goes towards zero in A-law (as the
one's complement shift of most hardware does) and away from zero in u-law.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Law = Literal["a", "u"]
Codes = npt.NDArray[np.uint8]
Linear = npt.NDArray[np.float32]
Steps = npt.NDArray[np.int64]

EVEN_BITS = 0x55  # G.711 table 1a, note 2: even bits travel inverted in A-law
IDLE: dict[str, int] = {"a": 0xD5, "u": 0xFF}
"""Code of silence: linear zero encoded."""

_OFFSET = 32768  # index of linear 0 in the encoding tables
_MEMORY: dict[tuple[int, ...], tuple[Linear, npt.NDArray[np.intp]]] = {}
"""Working memory of ``encode`` by block shape: the shapes in use are few and last for ever."""


def magnitudes(law: Law) -> Steps:
    """The 128 quantised magnitudes in 16-bit units, by character signal number (0 is smallest)."""
    segment, interval = np.divmod(np.arange(128, dtype=np.int64), np.int64(16))
    if law == "a":
        # Table 1a in 1/4096: segments 0 and 1 share the step 2, each further one doubles it.
        # The quantised value is the middle of its interval.
        step = 2 << np.maximum(segment - 1, 0)
        start = np.where(segment == 0, 0, 16 * step)
        return np.asarray(8 * (start + step * interval + step // 2), np.int64)
    # Table 2a in 1/8159: value 0 stands alone, segments meet at 33 * 2^n - 33.
    return np.asarray(4 * (((33 + 2 * interval) << segment) - 33), np.int64)


def decisions(law: Law) -> Steps:
    """The 127 decision values between neighbouring magnitudes, in 16-bit units.

    A quantised value lies in the middle between its two decision values (notes to tables 1a and
    2a), so each decision value follows from the one below.
    """
    values = [int(value) for value in magnitudes(law)]
    edges = [16 if law == "a" else 4]  # decision value x1: 2 of 4096, 1 of 8159
    for value in values[1:-1]:
        edges.append(2 * value - edges[-1])
    return np.array(edges)


def _decoding(law: Law) -> Linear:
    table = np.empty(256, np.float32)
    number = np.arange(128)
    values = magnitudes(law)
    if law == "a":
        table[(number | 0x80) ^ EVEN_BITS] = values
        table[number ^ EVEN_BITS] = -values
    else:
        table[0xFF - number] = values  # all bits inverted: the largest positive value is 0x80
        table[0x7F - number] = -values
    return table


def _encoding(law: Law) -> Codes:
    linear = np.arange(-_OFFSET, _OFFSET)
    negative = linear < 0
    edges = decisions(law)
    if law == "a":
        number = np.searchsorted(edges, np.where(negative, ~linear, linear), side="right")
        codes = np.where(negative, number, number | 0x80) ^ EVEN_BITS
    else:
        number = np.searchsorted(edges, np.abs(linear), side="right")
        codes = np.where(negative, 0x7F - number, 0xFF - number)
    return codes.astype(np.uint8)


_DECODING = {"a": _decoding("a"), "u": _decoding("u")}
_ENCODING = {"a": _encoding("a"), "u": _encoding("u")}


def decode(codes: Codes, out: Linear, law: Law) -> None:
    """Codes (ports, samples) to linear samples, written into ``out`` of the same shape."""
    _DECODING[law].take(codes, out=out, mode="clip")


def encode(linear: Linear, out: Codes, law: Law) -> None:
    """Linear samples (ports, samples) to the nearest code's, written into ``out``.

    Samples are rounded to a 16-bit value first; what lies beyond full scale becomes full scale.
    """
    memory = _MEMORY.get(linear.shape)
    if memory is None:
        memory = (np.empty(linear.shape, np.float32), np.empty(linear.shape, np.intp))
        _MEMORY[linear.shape] = memory
    rounded, index = memory
    np.rint(linear, out=rounded)
    np.add(rounded, _OFFSET, out=index, casting="unsafe")
    _ENCODING[law].take(index, out=out, mode="clip")
