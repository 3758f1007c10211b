"""Turns sound back into bytes: two correlators one bit long, behind a band-pass.

The judge of what the box sends to a telephone's display. Works on a finished span; uses neither
spandsp nor code of the product.
"""

from __future__ import annotations

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.level import RATE_HZ, rms_of
from tests.bench.world.modem import BAUD, MODULATIONS, Modulation

# GR-30: a display must work down to -36.2 dBm and stay deaf below -48.2 dBm; between the two.
LEAST_DBM0 = -42.0
PASS_HZ = (800.0, 2650.0)
TAPS = 65


def _band_pass() -> Samples:
    time = np.arange(TAPS) - TAPS // 2
    low, high = (2.0 * hz / RATE_HZ for hz in PASS_HZ)
    ideal = high * np.sinc(high * time) - low * np.sinc(low * time)
    return (ideal * np.hamming(TAPS)).astype(np.float32)


FILTER = _band_pass()


def _correlate(sound: Samples, hz: float) -> Samples:
    """Amplitude at one frequency around every sample, over one bit.

    A bit is 6.67 samples: the two outer ones of eight count for a third each.
    """
    turn = np.exp(-2j * np.pi * hz / RATE_HZ * np.arange(len(sound)))
    length = RATE_HZ / BAUD
    edge = (length - 6.0) / 2.0
    window = np.array([edge, 1, 1, 1, 1, 1, 1, edge])
    return np.abs(np.convolve(sound * turn, window, "same")) / length * 2.0


def fsk_bytes(sound: Samples, modulation: Modulation) -> list[list[int]]:
    """Runs of 8N1 bytes found in ``sound``; a run ends where the carrier or the framing does.

    Bytes of the seizure (alternating bits look like 55h) come out like any others.
    """
    if len(sound) < 10 * RATE_HZ / BAUD:
        return []
    clean = np.convolve(sound, FILTER, "same")
    mark = _correlate(clean, modulation.mark_hz)
    space = _correlate(clean, modulation.space_hz)
    decision = mark - space
    carrier = np.maximum(mark, space) > rms_of(LEAST_DBM0) * np.sqrt(2.0)
    ones = decision > 0.0
    falls = np.flatnonzero(ones[:-1] & ~ones[1:])  # mark to space: a start bit may begin here
    bit = RATE_HZ / BAUD
    # The window of eight is centred half a sample late.
    offsets = (np.arange(10) + 0.5) * bit
    positions = np.arange(len(decision))
    runs: list[list[int]] = []
    run: list[int] = []
    free_from = 0.0
    last_end = -1.0
    for fall in falls:
        edge = fall + decision[fall] / (decision[fall] - decision[fall + 1])
        if edge < free_from:
            continue
        at = edge + offsets
        if at[-1] >= len(decision) - 1:
            break
        middle = np.round(at).astype(int)
        if not carrier[middle].all():
            continue
        bits = np.interp(at, positions, decision) > 0.0
        if bits[0] or not bits[9]:
            continue
        value = int(np.dot(bits[1:9], 1 << np.arange(8)))
        # More than 40 bits of nothing but mark between two bytes starts another run.
        if run and edge - last_end > 40 * bit:
            runs.append(run)
            run = []
        run.append(value)
        last_end = float(at[-1] + bit / 2.0)
        free_from = edge + 9.4 * bit
    if run:
        runs.append(run)
    return runs


def decode_fsk(sound: Samples) -> list[tuple[str, bytes]]:
    """Messages (type, length, body, checksum) with a right checksum, and their modulation.

    The sum of all bytes including the checksum is zero modulo 256 (GR-30, EN 300 659-3).
    """
    found: list[tuple[str, bytes]] = []
    for modulation in MODULATIONS.values():
        for run in fsk_bytes(sound, modulation):
            start = 0
            while start + 3 <= len(run):
                end = start + 2 + run[start + 1] + 1
                plausible = run[start] in {0x04, 0x06, 0x80, 0x82} and run[start + 1] > 0
                if plausible and end <= len(run) and sum(run[start:end]) % 256 == 0:
                    found.append((modulation.name, bytes(run[start:end])))
                    start = end
                else:
                    start += 1
    return found


def modulation_heard(sound: Samples) -> str:
    """Which of the two modulations a transmission used, by the frequencies of its long mark.

    Both demodulators read both (100 Hz apart), so the frequency is measured on the stretch before
    the first byte after the seizure.
    """
    clean = np.convolve(sound, FILTER, "same")
    turn = np.exp(-2j * np.pi * 1250.0 / RATE_HZ * np.arange(len(clean)))
    base = np.convolve(clean * turn, np.hanning(80), "same")
    amplitude = np.abs(base)
    strong = amplitude > 0.8 * amplitude.max()
    step = np.angle(base[1:] * np.conj(base[:-1]))[strong[1:]]
    hz = 1250.0 + float(np.median(step)) * RATE_HZ / (2.0 * np.pi)
    return min(MODULATIONS.values(), key=lambda kind: abs(kind.mark_hz - hz)).name
