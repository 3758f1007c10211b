"""Figures of the judges: receivers, canceller and supervision on generators they never saw.

Smaller counts than the judges' own, scaled to the goal's; spandsp on the same audio, or the limit
and its source, stands beside. Medians of three seeds where the seed matters. About a minute.
"""

from __future__ import annotations

import numpy as np

from firmware.core.countries import COUNTRIES
from firmware.media import g711
from tests.bench.figures.figure import Figure
from tests.conformance import generator_b as generator
from tests.conformance import (
    test_judge_caller_id,
    test_judge_dtmf,
    test_judge_echo,
    test_judge_lines,
    test_judge_progress,
    test_judge_pulses,
    test_judge_talkoff,
    test_judge_transmission,
)
from tests.conformance.hybrid_model import HYBRIDS
from tests.conformance.line_model import RATE
from tests.conformance.receivers import first_by_row, heard, progress
from tests.conformance.spandsp_oracle import hear
from tests.conformance.talker import near_digits, rows, talk

SEEDS = (9601, 9602, 9603)
DIGITS = 1000


def figures() -> list[Figure]:
    """Goals G1 to G8, G12, G14 and G15."""
    return [
        *_digits(),
        *_limits(),
        *_talk_off(),
        *_caller_id(),
        *_clearing(),
        *_echo(),
        *_lines(),
        *_pulses(),
        *_profiles(),
        *_transmission(),
    ]


def _at_most(name: str, unit: str, values: list[float], limit: float, beside: str) -> Figure:
    middle = float(np.median(values))
    return Figure(name, unit, middle, min(values), max(values), beside, middle <= limit)


def _at_least(name: str, unit: str, values: list[float], limit: float, beside: str) -> Figure:
    middle = float(np.median(values))
    return Figure(name, unit, middle, min(values), max(values), beside, middle >= limit)


def _digits() -> list[Figure]:
    found = []
    runs: list[tuple[str, dict[str, object], float]] = [(e, {}, 0) for e in generator.ENVELOPES]
    steady = test_judge_dtmf.STEADY_NOISES
    runs.append(("AT&T", {"snr_db": 15.0, "noises": steady}, 10))
    for envelope, how, limit in runs:
        counts = [test_judge_dtmf.summed(seed, envelope, DIGITS, **how) for seed in SEEDS]
        ours = [float(c[0] + c[1]) * 1e4 / DIGITS for c in counts]
        theirs = np.median([c[2] + c[3] for c in counts]) * 1e4 / DIGITS
        noise = ", SNR 15 dB" if how else ""
        found.append(
            _at_most(
                f"judge: DTMF wrong of 10^4, {envelope}{noise}",
                "digits",
                ours,
                limit,
                f"spandsp {theirs:.0f}; limit {limit:.0f}",
            )
        )
    return found


def _limits() -> list[Figure]:
    nominal = test_judge_dtmf.NOMINAL
    short = generator.digits(SEEDS[0], nominal, 50, 20, tone_ms=23.0)
    ours, theirs = (
        sum(map(len, heard(short.sound))),
        sum(len(hear(row)) for row in short.sound),
    )
    found = [
        _at_most("judge: DTMF accepted at 23 ms, of 10^3", "digits", [ours], 0,
                 f"spandsp {theirs}; Q.24: 0"),
    ]  # fmt: skip
    off = generator.digits(SEEDS[0], nominal, 50, 20, tone_ms=70.0, offset=0.03)
    ours, theirs = sum(map(len, heard(off.sound))), sum(len(hear(row)) for row in off.sound)
    found.append(
        _at_most("judge: DTMF accepted 3.0 % off, of 10^3", "digits", [ours], 0,
                 f"spandsp {theirs}; Q.24 (NTT): 0")
    )  # fmt: skip
    split = test_judge_dtmf.summed(SEEDS[0], nominal, DIGITS, tone_ms=100.0, break_ms=10.0)
    found.append(
        _at_most("judge: DTMF split by a 10 ms break, of 10^3", "digits", [float(split[1])], 1,
                 f"spandsp {split[3]}; limit 1")
    )  # fmt: skip
    for dial_hz in ((400,), (425,), (450,), (350, 440)):
        lost = test_judge_dtmf.judged(SEEDS[0], nominal, 100, 1, dial_hz=dial_hz, dial_filter=True)
        found.append(
            _at_most(
                f"judge: DTMF lost 5 dB below {'+'.join(map(str, dial_hz))} Hz dial tone",
                "%",
                [float(lost[0])],
                0,
                f"spandsp with filter {lost[2]}; limit 0",
            )
        )
    return found


def _talk_off() -> list[Figure]:
    ours, theirs, false = [], [], []
    for seed in SEEDS:
        sound = test_judge_talkoff.lined(seed, rows(near_digits, seed, 20, 18.0))
        hours = sound.size / RATE / 3600
        ours.append(sum(map(len, heard(sound))) / hours)
        theirs.append(sum(len(hear(row)) for row in sound) / hours)
        speech = test_judge_talkoff.lined(seed, rows(talk, seed, 20, 18.0))
        digits, tones = test_judge_talkoff.false_reports(speech)
        false.append(float(len(digits) + len(tones)))
    rival = float(np.median(theirs))
    return [
        _at_most("judge: DTMF false in an hour of near-digits", "digits", ours, rival,
                 f"spandsp {rival:.0f}"),
        _at_most("judge: digits and tones in 6 min of speech", "", false, 0, "limit 0"),
    ]  # fmt: skip


def _caller_id() -> list[Figure]:
    found = []
    for name in test_judge_caller_id.MODEMS:
        lost, wrong, theirs = test_judge_caller_id.tally(name, 60, SEEDS[0], beside=True)
        found.append(
            _at_most(f"judge: caller identities lost under hum, {name}, of 60", "messages",
                     [float(lost + wrong)], 0, f"spandsp {theirs}; wrong {wrong}; limit 0")
        )  # fmt: skip
    noisy = test_judge_caller_id.tally(
        "TIA", 100, SEEDS[0], beside=True, twist_db=(-3, 3), snr_db=12.0, hum=False,
        noises=("white", "red"),
    )  # fmt: skip
    found.append(
        _at_most("judge: caller identities lost at 12 dB, of 100", "messages", [float(noisy[0])],
                 1, f"spandsp {noisy[2]}; wrong {noisy[1]}; limit 1")
    )  # fmt: skip
    return found


def _clearing() -> list[Figure]:
    late, total, worst = 0, 0, []
    for code, name in test_judge_progress.PAIRS:
        late += len(test_judge_progress.at_6_db(SEEDS[0], code, name, 12))
        total += 12
    for country in COUNTRIES.values():
        tone = country.tones["busy"]
        seconds = 2.6 * sum(tone.cadence_ms) / 1000 + 0.6
        made = generator.cadenced(
            SEEDS[0], tone.frequencies_hz, tone.cadence_ms, 6, seconds, snr_db=6.0
        )
        told = first_by_row(progress(made.sound, [country]))
        worst += [(told[row].at_sample - made.starts[row]) / made.cycle_ms[row] / 8 for row in told]
    lost = sum(
        len(test_judge_progress.over_residue(SEEDS[0], code, "busy", 6, -25.0, level_dbm0=-11.6))
        for code in ("CN", "US", "GB", "DE")
    )
    return [
        _at_most(f"judge: busy, congestion late or lost at 6 dB, of {total}", "tones",
                 [float(late)], total // 1000, "limit two cycles + 100 ms; 99.9 %"),
        Figure("judge: busy told after", "cycles", float(np.median(worst)), min(worst), max(worst),
               "Asterisk's rule: at least 3 cycles"),
        _at_most("judge: busy lost over speech 25 dB below, of 24", "tones", [float(lost)], 0,
                 "limit 0 within 6 s"),
    ]  # fmt: skip


def _echo() -> list[Figure]:
    final: dict[str, list[float]] = {"a": [], "": []}
    early: list[float] = []
    for seed in SEEDS:
        speech = talk(np.random.default_rng(seed), 14 * RATE, -15.0)
        for name in HYBRIDS:
            for law, values in final.items():
                first, last = test_judge_echo.losses(
                    name, law, speech, 0.0, seed, [(1.0, 2.0), (10, 14)]
                )
                values.append(float(last))
                early.append(float(first))
    both = [float(min(test_judge_echo.double_talk(name, SEEDS[1]))) for name in HYBRIDS]
    falls = []
    for sound in ("1004 Hz", "450 Hz", "busy", "one long digit"):
        far = test_judge_echo.FAR[sound]().astype(np.float32)
        passed = test_judge_echo.returned(far)
        change = 20 * np.log10(np.std(passed[RATE:]) / np.std(far[RATE:]))
        falls.append(float(max(-change, 0.0)))
    where = "8 hybrids, 3 voices"
    return [
        _at_least(f"judge: echo lost in the end, A-law, {where}", "dB", final["a"], 33,
                  "limit 33; spandsp, speexdsp 32 to 36"),
        _at_least(f"judge: echo lost in the end, linear, {where}", "dB", final[""], 40,
                  "limit 40"),
        _at_least(f"judge: echo lost from 1 to 2 s, {where}", "dB", early, 20, "limit 20"),
        _at_least("judge: near talker over what is left", "dB", both, 25, "limit 25"),
        _at_most("judge: returning tones attenuated by", "dB", falls, 0.2, "limit 0.2"),
    ]  # fmt: skip


def _lines() -> list[Figure]:
    wrong = len(test_judge_lines.judged(SEEDS[0], 60))
    return [_at_most("judge: line scripts wrong, of 60", "scripts", [float(wrong)], 0, "limit 0")]


def _pulses() -> list[Figure]:
    digits = 200
    found = []
    for code in ("CN", "US", "DE"):
        bad = float(len(test_judge_pulses.wrong(SEEDS[0], digits, code)))
        beside = "goal G8: 8 to 22 pps, 50 to 80 % break, 5 ms bounce, makes of 20 ms; limit 0"
        name = f"judge: pulse dials of 10 digits wrong, {code}, of {digits // 10}"
        found.append(_at_most(name, "dials", [bad], 0, beside))
    short = float(len(test_judge_pulses.wrong(SEEDS[0], digits, "US", 5.0)))
    beside = "the same with makes down to 5 ms: shorter than two polls of the chip"
    name = f"judge: pulse dials with short makes wrong, of {digits // 10}"
    found.append(Figure(name, "dials", short, short, short, beside))
    return found


def _profiles() -> list[Figure]:
    """Each profile's busy tone by its own detector, and by the others' where they differ."""
    own = wrong = differing = 0
    for profile in COUNTRIES.values():
        for other in COUNTRIES.values():
            told = test_judge_progress.told_of_busy(profile, other)
            if other is profile:
                own += told == ["busy"]
            elif test_judge_progress.differ(profile.tones["busy"], other.tones["busy"]):
                differing += 1
                wrong += "busy" in told
    count = float(len(COUNTRIES))
    return [
        _at_least(f"judge: own busy tone known, of {count:.0f} profiles", "", [float(own)], count,
                  "goal G15: all"),
        _at_most(f"judge: foreign busy tones taken for one's own, of {differing}", "",
                 [float(wrong)], 0, "goal G15: none that differs by more than 10 %"),
    ]  # fmt: skip


def _transmission() -> list[Figure]:
    gains, distortions = [], []
    for hz in (301, 703, 1021, 2203, 3391):
        said, got = test_judge_transmission.sine_heard(hz, -10.0, "a", "CN")
        gain, distortion = test_judge_transmission.gain_and_distortion(hz, said, got)
        gains.append(abs(float(gain)))
        distortions.append(float(distortion))
    idle = np.full((8, 8000), 0xD5, np.uint8)
    unquiet = float(np.count_nonzero(test_judge_transmission.through(idle, (0, 1)) != idle))
    tables = 0.0
    for law, (compress, _, _) in test_judge_transmission.LAWS.items():
        codes = np.empty((1, test_judge_transmission.EVERY.size), np.uint8)
        g711.encode(test_judge_transmission.EVERY.astype(np.float32)[None], codes, law)
        tables += np.count_nonzero(codes[0] != compress(test_judge_transmission.EVERY))
    return [
        _at_most("judge: G.711 codes unlike the text's, of 2 x 65 536", "codes", [tables], 0,
                 "limit 0"),
        _at_most("judge: idle codes altered by a bridge, of 64 000", "codes", [unquiet], 0,
                 "digital silence: limit 0"),
        _at_most("judge: port to port gain away from 0 dB", "dB", gains, 0.05, "limit 0.05"),
        _at_least("judge: port to port distortion, A-law, -10 dBm0", "dB", distortions, 33,
                  "Q.552: 33"),
    ]  # fmt: skip
