"""Figures of the receivers and tables of ``firmware.media``, beside the rival on the same audio.

Digits: misses in 10^4, from ``DIGITS`` digits of each envelope, spandsp's default receiver beside
it. Progress: time from the first burst to the report, at 6 dB signal to noise with all errors the
standards allow. Times per tick: 5 ms blocks of 40 samples, processor time of this thread; median,
with the 5th and 95th percentile as spread.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from firmware.core.countries import COUNTRIES
from firmware.media import g711
from firmware.media.activity import ActivityMeter
from firmware.media.dtmf import DigitReceiver
from firmware.media.progress import ProgressReceiver
from firmware.media.tones import ToneBank
from tests.bench.figures.figure import Figure
from tests.conformance import generator_a, spandsp_oracle
from tests.conformance.receivers import first_by_row, heard, progress, score

SEED = 4001
ROWS, PER_ROW = 100, 20
DIGITS = ROWS * PER_ROW
TICKS = 1500
BLOCK = 40


def figures() -> list[Figure]:
    """Everything, in some 40 s."""
    return [*_envelopes(), *_limits(), *_talk_off(), *_clearing(), *_costs()]


def _envelopes() -> list[Figure]:
    found = []
    runs = [(envelope, None, 0.0) for envelope in generator_a.ENVELOPES]
    runs.append(("att_uniform", 15.0, 10.0))
    for envelope, snr_db, limit in runs:
        ours, theirs = [], []
        for seed in (SEED, SEED + 1, SEED + 2):
            made = generator_a.digits(
                seed, envelope, rows=ROWS, digits_per_row=PER_ROW, snr_db=snr_db
            )
            result = score(made.digits, heard(made.sound))
            ours.append((result.missed + result.extra) * 1e4 / DIGITS)
            rival = score(made.digits, [spandsp_oracle.hear(row) for row in made.sound])
            theirs.append(rival.missed * 1e4 / DIGITS)
        noise = "" if snr_db is None else f", SNR {snr_db:.0f} dB"
        middle = float(np.median(ours))
        found.append(
            Figure(
                f"DTMF wrong of 10^4, {envelope}{noise}",
                "digits",
                middle,
                min(ours),
                max(ours),
                f"spandsp {np.median(theirs):.0f}; limit {limit:.0f}",
                middle <= limit,
            )
        )
    return found


def _limits() -> list[Figure]:
    short = generator_a.fixed(SEED, rows=100, digits_per_row=10, tone_ms=23)
    ours = len("".join(heard(short.sound)))
    theirs = sum(len(spandsp_oracle.hear(row)) for row in short.sound)
    broken = generator_a.fixed(
        SEED, rows=100, digits_per_row=10, tone_ms=100, break_ms=10, break_at_ms=45
    )
    split = score(broken.digits, heard(broken.sound)).extra
    rival = score(broken.digits, [spandsp_oracle.hear(row) for row in broken.sound]).extra
    found = [
        Figure("DTMF accepted at 23 ms, of 10^3", "digits", ours, ours, ours,
               f"spandsp {theirs}; Q.24: 0", ours == 0),
        Figure("DTMF split by a 10 ms break, of 10^3", "digits", split, split, split,
               f"spandsp {rival}; limit 1", split <= 1),
    ]  # fmt: skip
    for dial_hz in ((400,), (425,), (450,), (350, 440)):
        made = generator_a.over_dial_tone(SEED, dial_hz, rows=50)
        sent = sum(map(len, made.digits))
        lost = score(made.digits, heard(made.sound)).missed * 100 / sent
        filtered = [spandsp_oracle.hear(row, filter_dial_tone=True) for row in made.sound]
        rival_lost = score(made.digits, filtered).missed * 100 / sent
        found.append(
            Figure(
                f"DTMF lost 5 dB below dial tone {'+'.join(map(str, dial_hz))} Hz",
                "%",
                lost,
                lost,
                lost,
                f"spandsp with filter {rival_lost:.0f}; limit 0",
                lost == 0,
            )
        )
    return found


def _talk_off() -> list[Figure]:
    ours, theirs = [], []
    for seed in (SEED, SEED + 1, SEED + 2):
        sound = generator_a.vowels(seed, rows=20, seconds=36)
        hours = sound.size / 8000 / 3600
        ours.append(len("".join(heard(sound))) / hours)
        theirs.append(sum(len(spandsp_oracle.hear(row)) for row in sound) / hours)
    middle, rival = float(np.median(ours)), float(np.median(theirs))
    return [
        Figure("DTMF false in an hour of vowel stress", "digits", middle, min(ours), max(ours),
               f"spandsp {rival:.0f}", middle <= rival)
    ]  # fmt: skip


def _clearing() -> list[Figure]:
    found = []
    for code, country in COUNTRIES.items():
        for name in ("busy", "congestion"):
            tone = country.tones[name]
            made = generator_a.cadenced(
                SEED,
                tone.frequencies_hz,
                tone.cadence_ms,
                rows=20,
                cycles=3.2,
                snr_db=6.0 - min(tone.bursts_db, default=0.0),
                frequency_error=0.04,
                cadence_error=0.08,
                bursts_db=tone.bursts_db,
            )
            first = first_by_row(progress(made.sound, [country]))
            after_ms = [(first[row].at_sample - made.starts[row]) / 8 for row in first]
            late_ms = [
                (first[row].at_sample - made.starts[row]) / 8 - 2 * made.cycle_ms[row]
                for row in first
            ]
            missed = 20 - len(first)
            found.append(
                Figure(
                    f"{code} {name} told after",
                    "ms",
                    float(np.median(after_ms)),
                    min(after_ms),
                    max(after_ms),
                    f"{missed} of 20 missed; two cycles {max(late_ms):+.0f} ms, limit +100;"
                    f" three cycles {3 * sum(tone.cadence_ms)} ms",
                    not missed and max(late_ms) <= 100,
                )
            )
    return found


def _per_tick(name: str, limit_us: float | None, work: Callable[[int], object]) -> Figure:
    took = []
    for tick in range(TICKS):
        begin = time.thread_time_ns()
        work(tick)
        took.append((time.thread_time_ns() - begin) / 1000)
    low, high = (float(np.percentile(took, part)) for part in (5, 95))
    # The mean counts where work is done on every second or tenth tick only.
    mean = float(np.mean(took))
    beside = f"mean {mean:.1f}" + ("" if limit_us is None else f"; target {limit_us:.0f}")
    return Figure(name, "us", float(np.median(took)), low, high, beside)


def _costs() -> list[Figure]:
    rng = np.random.default_rng(SEED)
    digits = generator_a.digits(SEED, "att_uniform", rows=8, digits_per_row=60).sound
    talk = generator_a.vowels(SEED, rows=8, seconds=8)
    quiet = (rng.standard_normal((8, 64000)) * 40).astype(np.float32)

    def blocks(sound):
        count = sound.shape[1] // BLOCK
        cut = [np.ascontiguousarray(sound[:, n * BLOCK : (n + 1) * BLOCK]) for n in range(count)]
        return lambda tick: cut[tick % count]

    found = []
    for name, source, limit in (
        ("eight ports dialling at once", blocks(digits), None),
        ("eight ports talking at once", blocks(talk), 60.0),
        ("eight idle ports", blocks(quiet), 60.0),
    ):
        receiver, armed = DigitReceiver(8), np.ones(8, np.bool_)
        found.append(
            _per_tick(
                f"DTMF per tick, {name}",
                limit,
                lambda tick, r=receiver, a=armed, s=source: r.process(s(tick), a),
            )
        )
    receiver, nobody, source = DigitReceiver(8), np.zeros(8, np.bool_), blocks(digits)
    found.append(
        _per_tick(
            "DTMF per tick, no port armed", None, lambda t: receiver.process(source(t), nobody)
        )
    )
    tone = COUNTRIES["CN"].tones["busy"]
    busy = generator_a.cadenced(
        SEED, tone.frequencies_hz, tone.cadence_ms, rows=4, cycles=9, snr_db=15.0
    ).sound
    for name, sound, countries in (
        ("4 busy lines, one country", busy, [COUNTRIES["CN"]]),
        ("4 talking lines, one country", talk[:4], [COUNTRIES["CN"]]),
        ("4 busy lines, twelve countries", busy, list(COUNTRIES.values())),
    ):
        lines, armed, source = ProgressReceiver(4, countries), np.ones(4, np.bool_), blocks(sound)
        found.append(
            _per_tick(
                f"progress per tick, {name}",
                25.0,
                lambda tick, r=lines, a=armed, s=source: r.process(s(tick), a),
            )
        )
    meter, armed, source = ActivityMeter(4), np.ones(4, np.bool_), blocks(talk[:4])
    found.append(
        _per_tick(
            "activity per tick, 4 talking lines", None, lambda t: meter.process(source(t), armed)
        )
    )
    codes = rng.integers(0, 256, (8, BLOCK), np.uint8)
    linear = np.empty((8, BLOCK), np.float32)
    found.append(
        _per_tick("G.711 decode per tick, 8 ports", None, lambda _: g711.decode(codes, linear, "a"))
    )
    found.append(
        _per_tick("G.711 encode per tick, 8 ports", None, lambda _: g711.encode(linear, codes, "a"))
    )
    bank = ToneBank(8, COUNTRIES["US"])
    for row in range(8):
        bank.start(row, "busy")
    found.append(_per_tick("tones per tick, 8 ports", None, lambda _: bank.add(linear)))
    return found
