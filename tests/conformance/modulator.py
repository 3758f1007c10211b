"""Caller identity as the judges send it: messages by hand, bits at broken times, and lines.

The phase is integrated over the real bit clock, so a clock error shifts every edge; mark and space
have their own levels, as a line with a slope delivers them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tests.conformance import line_model, spandsp_sender
from tests.conformance.line_model import RATE, Sound, peak

FLAT_LINES = ("flat", "cable 2 km", "channel", "loaded 9 km")


class Modem(NamedTuple):
    """What a network's sender and line may do (column of signals table 1.5)."""

    mark_hz: float
    space_hz: float
    spandsp: int
    level_dbm0: tuple[float, float]
    twist_db: tuple[float, float]  # space relative to mark
    error: float  # of frequencies and of the bit clock


MODEMS = {
    "TIA": Modem(1200, 2200, spandsp_sender.CLASS, (-36.2, -4.2), (-10, 6), 0.01),
    "ETSI": Modem(1300, 2100, spandsp_sender.CLIP, (-33.8, -5.8), (-6, 6), 0.01),
    "BT": Modem(1300, 2100, spandsp_sender.CLIP, (-37.8, -5.8), (-6, 6), 0.01),
}
# Strongest single tone beside the data, relative to it: TIA-777, from and to Hz, dB.
HUMS = ((16.0, 60.0, 18.0), (60.0, 120.0, 12.0), (120.0, 200.0, 6.0))


def multiple(number: str, name: str) -> bytes:
    """An MDMF call set-up message without its checksum: date, number, name."""
    parts = b"\x01\x08" + b"11241506" + bytes((2, len(number))) + number.encode()
    parts += bytes((7, len(name))) + name.encode()
    return bytes((0x80, len(parts))) + parts


def single(number: str) -> bytes:
    """An SDMF message without its checksum."""
    return bytes((4, 8 + len(number))) + b"11241506" + number.encode()


def bits_of(message: bytes, seizure: int = 300, mark: int = 180) -> list[int]:
    """Channel seizure, mark, start-stop bytes with the checksum, some mark at the end."""
    found = [n % 2 for n in range(seizure)] + [1] * mark
    for byte in (*message, -sum(message) & 0xFF):
        found += [0, *((byte >> n) & 1 for n in range(8)), 1]
    return found + [1] * 8


def sound_of(
    rng: np.random.Generator, modem: Modem, bits: list[int], level_dbm0: float, twist_db: float
) -> np.ndarray:
    """Modulated bits; ``level_dbm0`` is the stronger tone's."""
    pace = 1 + rng.uniform(-modem.error, modem.error)
    mark_hz, space_hz = (
        hz * (1 + rng.uniform(-modem.error, modem.error)) for hz in (modem.mark_hz, modem.space_hz)
    )
    length = int(len(bits) * RATE / 1200 / pace)
    # Where in the bit a sample falls decides how much of its step has which frequency.
    edges = np.concatenate(([0], np.cumsum(bits)))
    at = np.minimum(np.arange(length + 1) * 1200 * pace / RATE, len(bits))
    whole = at.astype(int)
    marks = edges[whole] + (at - whole) * np.asarray([*bits, 1])[whole]
    share = np.diff(marks) / np.diff(at)  # of mark within each step
    turns = np.cumsum(space_hz + (mark_hz - space_hz) * share) / RATE
    mark_dbm0 = level_dbm0 - max(twist_db, 0)
    space_dbm0 = level_dbm0 + min(twist_db, 0)
    loud = peak(space_dbm0) + (peak(mark_dbm0) - peak(space_dbm0)) * share
    return loud * np.sin(2 * np.pi * turns + rng.uniform(0, 6))


def sent(rng: np.random.Generator, modem: Modem, message: bytes, *, by_spandsp: bool) -> np.ndarray:
    """A message at a level of the envelope, from here or from spandsp (which sends no twist)."""
    level = rng.uniform(*modem.level_dbm0)
    if by_spandsp:
        made = spandsp_sender.display_message(modem.spandsp, message, 300, 180).astype(float)
        return made * peak(level) / np.abs(made).max()
    twist = rng.uniform(*modem.twist_db)
    weaker = max(level, modem.level_dbm0[0] + abs(twist))
    return sound_of(rng, modem, bits_of(message), weaker, twist)


def lined(
    rng: np.random.Generator,
    made: np.ndarray,
    *,
    snr_db: float | None = None,
    hum: bool = True,
    noises: tuple[str, ...] = ("white", "red", "mixture"),
) -> Sound:
    """Behind a line: its filter, hum as strong as TIA allows, noise, a coder; silence around."""
    before, after = rng.integers(800, 3000), 1600
    sound = np.concatenate((np.zeros(before), made, np.zeros(after)))[None].astype(np.float32)
    # Levels and slopes are the envelope's own: the line adds its delay distortion alone.
    path = line_model.Path(rng, 1, FLAT_LINES, (-26.0, -18.0), (2.0, 12.0))
    hz = np.array([[1200.0, 1700.0, 2200.0]])
    sound = path.through(sound) / np.abs(path.at(hz)).mean()
    power = float(np.sqrt(np.mean(made**2)))
    if hum:
        low_hz, high_hz, over_db = HUMS[rng.integers(len(HUMS))]
        # Near the highest level the sum must still fit a coder.
        over = min(power * 10 ** (over_db / 20), 0.4 * line_model.FULL)
        t = np.arange(sound.shape[1]) / RATE
        tone = over * 2**0.5 * np.sin(2 * np.pi * rng.uniform(low_hz, high_hz) * t)
        sound += tone.astype(np.float32)
    down_db = 27.0 if snr_db is None else snr_db
    kind = noises[rng.integers(len(noises))]
    noise = line_model.noise(rng, 1, sound.shape[1], kind)
    sound += noise * np.float32(power * 10 ** (-down_db / 20) * (4000 / 3100) ** 0.5)
    return line_model.coders(rng, sound)[0]
