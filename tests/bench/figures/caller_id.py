"""Caller identities heard, beside libspandsp's receiver on the same audio.

Each figure is the share of messages read whole and right, in percent; low and high are the worst
and best of three draws. Goal: all of 10^3 inside the envelopes, 99 % at 12 dB of noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from firmware.media.caller_id import CallerIdReceiver
from firmware.media.spandsp import DisplayReceiver
from tests.bench.figures.figure import Figure
from tests.conformance import caller_id_lines as lines

SEEDS = (5001, 5002, 5003)
COUNT = 60  # messages in a draw

Make = Callable[[np.random.Generator, bytes], np.ndarray]


def figures() -> list[Figure]:
    """The grid, in some 20 s."""
    found = []
    for envelope in lines.ENVELOPES:
        found += [
            _success(
                f"caller ID, {envelope.name} envelope{' with hum' if hum else ''}",
                envelope,
                lambda rng, m, e=envelope, h=hum: lines.within(e, rng, m, hum=h),
                100.0,
            )
            for hum in (False, True)
        ]
    for envelope in (lines.TIA, lines.ETSI):
        for level_dbm0 in (-3, -29, -36, -40):
            goal = 100.0 if level_dbm0 >= -36 else None
            found.append(
                _success(
                    f"caller ID, {envelope.name} at {level_dbm0} dBm0, SNR 25 dB",
                    envelope,
                    lambda rng, m, e=envelope, level=level_dbm0: _plain(e, m, rng, level, 25),
                    goal,
                )
            )
        for snr_db, goal in ((15, 100.0), (12, 99.0), (10, None), (8, None)):
            found.append(
                _success(
                    f"caller ID, {envelope.name} at -20 dBm0, SNR {snr_db} dB",
                    envelope,
                    lambda rng, m, e=envelope, snr=snr_db: _plain(e, m, rng, -20, snr),
                    goal,
                )
            )
    return [*found, _cost()]


def _plain(
    envelope: lines.Envelope, message: bytes, rng: np.random.Generator, level: float, snr: float
) -> np.ndarray:
    return lines.heard(lines.library_sound(envelope.sender, message), level, rng, snr_db=snr)


def _success(name: str, envelope: lines.Envelope, make: Make, goal: float | None) -> Figure:
    ours, theirs = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        read = read_by_library = 0
        for _ in range(COUNT):
            number = lines.random_number(rng)
            message = lines.message(number)
            sound = make(rng, message)
            flushed = np.concatenate((sound, np.zeros(400, np.float32)))
            heard = CallerIdReceiver(("bell202", "v23")).feed(flushed)
            read += [h.number for h in heard] == [number]
            library = DisplayReceiver(envelope.sender).receive(np.rint(sound).astype(np.int16))
            read_by_library += library == [message]
        ours.append(100.0 * read / COUNT)
        theirs.append(100.0 * read_by_library / COUNT)
    middle = float(np.median(ours))
    return Figure(
        name,
        "%",
        middle,
        min(ours),
        max(ours),
        f"spandsp {np.median(theirs):.0f} %",
        None if goal is None else middle >= goal,
    )


def _cost() -> Figure:
    rng = np.random.default_rng(SEEDS[0])
    sound = lines.within(lines.TIA, rng, lines.message("01012345678"), hum=True)
    sound = sound[: len(sound) // 40 * 40]
    took = []
    for _ in range(15):
        receiver = CallerIdReceiver()
        start = time.process_time()
        for at in range(0, len(sound), 40):
            receiver.feed(sound[at : at + 40])
        took.append(1e3 * (time.process_time() - start) / (len(sound) / lines.RATE))
    return Figure(
        "caller ID, all standards on one line, 5 ms blocks",
        "ms/s",
        float(np.median(took)),
        min(took),
        max(took),
        "only while a line is idle or rings",
    )
