"""Call-progress tones judged on the second generator.

Limits (goals G6 and G15): busy and congestion of twelve countries recognised within two cycles and
100 ms at 6 dB signal to noise, frequencies off by up to 4 %, cadence by up to 8 %, 99.9 % of the
time; a clearing tone with what an echo canceller leaves of a prompt or of near speech in its
pauses within 6 s; every profile its own busy tone, no other's that differs by more than 10 %.
"""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.countries import COUNTRIES
from tests.conformance import generator_b, spandsp_sender, talker
from tests.conformance.line_model import RATE, rms
from tests.conformance.receivers import first_by_row, progress

CLEARING = ("busy", "congestion")
EVERYWHERE = tuple(COUNTRIES.values())
PAIRS = [(code, name) for code in COUNTRIES for name in CLEARING]


def late(made, found, names=CLEARING):
    """Rows that were not told, were told otherwise, or more than 100 ms after two cycles."""
    bad, first = [], first_by_row(found)
    for row in range(made.sound.shape[0]):
        report = first.get(row)
        if report is None:
            bad.append((row, "not told"))
            continue
        ms = (report.at_sample - made.starts[row]) * 1000 / RATE - 2 * made.cycle_ms[row]
        if ms > 100 or report.tone not in names:
            bad.append((row, report.tone, round(ms)))
    return bad


def at_6_db(seed, code, name, rows):
    tone = COUNTRIES[code].tones[name]
    made = generator_b.cadenced(
        seed,
        tone.frequencies_hz,
        tone.cadence_ms,
        rows,
        2.6 * sum(tone.cadence_ms) / 1000 + 0.6,
        # The noise is measured against the weakest burst, where bursts differ.
        snr_db=6.0 - min(tone.bursts_db, default=0.0),
        frequency_error=0.04,
        cadence_error=0.08,
        bursts_db=tone.bursts_db,
    )
    return late(made, progress(made.sound, [COUNTRIES[code]]))


@pytest.mark.parametrize(("code", "name"), PAIRS)
def test_two_cycles_are_enough_at_6_db(code, name):
    seed = 701
    assert at_6_db(seed, code, name, 8) == [], f"seed {seed}"


@pytest.mark.slow
def test_at_most_one_in_a_thousand_is_late_or_lost(capsys):
    seed, rows = 710, 84
    bad = [(code, name, *one) for code, name in PAIRS for one in at_6_db(seed, code, name, rows)]
    with capsys.disabled():
        print(f"\n  busy and congestion at 6 dB: {len(bad)} of {24 * rows} late or lost", end="")
    assert len(bad) <= 2, f"seed {seed}: {bad}"


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("code", "name"), PAIRS)
def test_one_in_a_thousand_for_each_tone(code, name):
    bad = [one for seed in range(7200, 7220) for one in at_6_db(seed, code, name, 100)]
    assert len(bad) <= 2, f"of 2000, seeds 7200 to 7219: {bad}"


def residue(seed, rows, seconds, kind):
    """Unit power: what is left of a talker, or of a prompt that talks without a rest."""
    sound = talker.rows(talker.talk, seed, rows, seconds)
    if kind == "crowd":
        sound = sound + np.roll(sound, 1, axis=0) + np.roll(sound, 2, axis=0)
    return sound / rms(-20.0)


def over_residue(seed, code, name, rows, residue_db, kind="talker", **how):
    tone = COUNTRIES[code].tones[name]
    # Long enough for two tries; the issue asks for a released line within 6 s.
    seconds = max(6.0, 3.2 * sum(tone.cadence_ms) / 1000) + 0.4
    made = generator_b.cadenced(
        seed,
        tone.frequencies_hz,
        tone.cadence_ms,
        rows,
        seconds,
        residue=residue(seed, rows, seconds, kind),
        residue_db=residue_db,
        bursts_db=tone.bursts_db,
        **how,
    )
    told = first_by_row(progress(made.sound, [COUNTRIES[code]]))
    return [
        (row, told[row].tone if row in told else "not told")
        for row in range(rows)
        if row not in told or told[row].tone not in CLEARING
    ]


@pytest.mark.parametrize("residue_db", [-35.0, -28.0, -25.0])
@pytest.mark.parametrize("code", ["CN", "US", "GB", "DE"])
def test_busy_with_talk_left_in_its_pauses_is_told_within_6_s(code, residue_db):
    """A busy tone of -11.6 dBm0 with residues of -37 to -47 dBm0."""
    seed = 720
    assert (
        over_residue(
            seed,
            code,
            "busy",
            12,
            residue_db,
            level_dbm0=-11.6,
            frequency_error=0.01,
            cadence_error=0.03,
        )
        == []
    ), f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["talker", "crowd"])
@pytest.mark.parametrize("always", [False, True])
def test_clearing_tones_of_all_countries_over_a_residue_of_25_db(kind, always, capsys):
    seed, rows = 730, 8
    bad = [
        (code, name, *one)
        for code, name in PAIRS
        for one in over_residue(
            seed,
            code,
            name,
            rows,
            -25.0 + min(COUNTRIES[code].tones[name].bursts_db, default=0.0),
            kind,
            in_pauses_only=not always,
            frequency_error=0.02,
            cadence_error=0.05,
            level_dbm0=-14.0,
        )
    ]
    with capsys.disabled():
        print(f"\n  over a {kind} 25 dB below: {len(bad)} of {24 * rows} lost", end="")
    assert bad == [], f"seed {seed}"


def differ(one, other):
    """Whether two tones are more than 10 % apart in a frequency or in a time."""
    if len(one.frequencies_hz) != len(other.frequencies_hz):
        return True
    if len(one.cadence_ms) != len(other.cadence_ms):
        return True
    mine = np.array((*one.frequencies_hz, *one.cadence_ms))
    theirs = np.array((*other.frequencies_hz, *other.cadence_ms))
    return bool(np.any(np.abs(theirs / mine - 1) > 0.1))


def told_of_busy(own, other):
    """What the receiver of one profile says of another's busy tone."""
    tone = other.tones["busy"]
    if len(tone.cadence_ms) > 4 or tone.bursts_db or tone.modulation_hz:
        sent = generator_b.cadenced(
            740, tone.frequencies_hz, tone.cadence_ms, 1, 7.0, bursts_db=tone.bursts_db
        ).sound
    else:
        sent = spandsp_sender.tone(tone.frequencies_hz, tone.cadence_ms, -16, 7 * RATE)
        sent = np.concatenate((np.zeros(1000), sent))[None, :].astype(np.float32)
    return [r.tone for r in first_by_row(progress(sent, [own])).values()]


@pytest.mark.parametrize("code", list(COUNTRIES))
def test_matrix_of_all_profiles(code):
    """Each profile against the busy tones of all, from spandsp's tone generator."""
    own = COUNTRIES[code]
    for other in EVERYWHERE:
        told = told_of_busy(own, other)
        if other is own:
            assert told == ["busy"]
        elif differ(own.tones["busy"], other.tones["busy"]):
            assert "busy" not in told, f"{other.code}'s busy tone taken for {code}'s"
