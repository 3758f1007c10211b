"""Codes that tell their own place: a pseudo-random sequence per slot, and finding it again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from drivers.pcm import SLOTS

Codes = npt.NDArray[np.uint8]


def prbs23(bits: int, seed: int) -> Codes:
    """The sequence of ITU-T O.150 with period 2^23 - 1 (stages 18 and 23), one bit a byte.

    Squaring the polynomial doubles its lags, so ever longer runs follow from what is there.
    """
    start = [(seed >> place) & 1 for place in range(23)]
    sequence = np.zeros(bits + 23, np.uint8)
    sequence[:23] = start
    done = 23
    while done < len(sequence):
        step = 1
        while 46 * step <= done:
            step *= 2
        count = min(18 * step, len(sequence) - done)
        near, far = done - 18 * step, done - 23 * step
        sequence[done : done + count] = sequence[near : near + count] ^ sequence[far : far + count]
        done += count
    return sequence[23:]


def talk(samples: int, first_seed: int = 1) -> Codes:
    """Codes by (slot, sample), each slot with its own sequence."""
    return np.stack(
        [np.packbits(prbs23(8 * samples, first_seed + 7919 * slot)) for slot in range(SLOTS)]
    )


def pieces(heard: Codes, said: Codes, *, shortest: int = 16) -> list[tuple[int, int, int]]:
    """Unbroken runs of ``said`` in ``heard``, both (slot, sample): place heard, place said, length.

    A place counts only where all slots agree at the same instant, so slots out of step are found.
    """
    by_word: dict[bytes, int] = {}
    key = 4  # four samples of eight slots: no two places look alike
    columns = np.ascontiguousarray(said.T)
    for place in range(len(columns) - key):
        by_word[columns[place : place + key].tobytes()] = place
    listened = np.ascontiguousarray(heard.T)
    found: list[tuple[int, int, int]] = []
    at = 0
    while at < len(listened) - key:
        place = by_word.get(listened[at : at + key].tobytes())
        if place is None:
            at += 1
            continue
        length = min(len(listened) - at, len(columns) - place)
        differs = (listened[at : at + length] != columns[place : place + length]).any(axis=1)
        if differs.any():
            length = int(differs.argmax())
        if length >= shortest:
            found.append((at, place, length))
        at += max(length, 1)
    return found
