"""Fax machines are heard as ITU-T T.30 lets them sound, and nobody who talks is taken for one.

Limits: CNG 1100 +-38 Hz, 0.5 s +-15 %; CED 2100 +-15 Hz; V.21 channel 2. Goal: 0 in 20 h of
speech.
"""

import numpy as np
import pytest

from firmware.media.fax_tone import FaxToneReceiver
from firmware.media.t30 import T30End
from tests.conformance import generator_a
from tests.conformance.test_talk_off import LEVELS_DBM0, TEXTS, VARIANTS, spoken

RATE_HZ = 8000
MOST_NEAR = 10  # in 2.5 h


def machines(rows):
    """What is heard in rows of sound, as (row, kind, at in seconds)."""
    receiver = FaxToneReceiver(len(rows))
    armed = np.ones(len(rows), np.bool_)
    found = []
    for at in range(0, rows.shape[1], 40):
        block = rows[:, at : at + 40].astype(np.float32)
        found += [(t.row, t.kind, at / RATE_HZ) for t in receiver.process(block, armed)]
    return found


def tone(hz, ms, dbm0, *, total_ms=1000, seed=0):
    """A tone after 100 ms of a quiet line, in noise of -60 dBm0."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal(total_ms * 8) * generator_a.peak(-60) / 2**0.5
    at = np.arange(ms * 8)
    sound[800 : 800 + at.size] += generator_a.peak(dbm0) * np.sin(2 * np.pi * hz * at / RATE_HZ)
    return sound


@pytest.mark.parametrize("dbm0", [-6, -15, -30, -41])
def test_the_calling_tone_is_heard_over_its_whole_range(dbm0):
    rows = np.stack([tone(hz, ms, dbm0) for hz in (1062, 1100, 1138) for ms in (425, 500, 575)])
    assert sorted(row for row, kind, _ in machines(rows) if kind == "cng") == list(range(9))


def test_what_is_near_the_calling_tone_is_none():
    rows = np.stack(
        [
            tone(1100, 300, -15),  # too short
            tone(1100, 800, -15),  # too long
            tone(1180, 500, -15),
            tone(1020, 500, -15),
            tone(1100, 500, -15) + tone(1500, 500, -15),  # two tones: a digit or a chime
            tone(1100, 500, -50),  # no line is so bad
        ]
    )
    assert machines(rows) == []


def test_the_answering_tone_is_heard_within_its_first_second():
    rows = np.stack([tone(hz, 2600, -20, total_ms=3000) for hz in (2085, 2100, 2115)])
    found = machines(rows)
    assert [(row, kind) for row, kind, _ in found] == [(0, "ced"), (1, "ced"), (2, "ced")]
    assert max(at for _, _, at in found) < 0.9


def test_an_answering_tone_of_modems_counts_too():
    """V.8 ANSam: 20 % of 15 Hz, and the phase turned every 450 ms."""
    at = np.arange(3 * RATE_HZ)
    turned = 1 - 2 * (at // 3600 % 2)
    sound = (
        generator_a.peak(-15)
        * (1 + 0.2 * np.sin(2 * np.pi * 15 * at / RATE_HZ))
        * np.sin(2 * np.pi * 2100 * at / RATE_HZ)
        * turned
    )
    assert {kind for _, kind, _ in machines(sound[None])} <= {"ced"}


@pytest.mark.parametrize("snr_db", [40, 25, 15])
def test_genuine_machines_are_heard_from_their_first_sound(snr_db):
    """Machines of the library, which no one here wrote, over a line of that noise."""
    seed = 77
    rng = np.random.default_rng(seed)
    silence = np.zeros(400, np.int16)
    caller, answerer = T30End(calling=True, receive="/dev/null"), T30End(calling=False)
    ends = (caller, answerer)
    rows = np.stack([np.concatenate([e.feed(silence).copy() for _ in range(120)]) for e in ends])
    noise = 10 ** (-snr_db / 20) * np.abs(rows).max() / 2**0.5
    rows = rows + rng.standard_normal(rows.shape) * noise
    found = machines(rows)
    assert [kind for row, kind, _ in found if row == 0][:1] == ["cng"], f"seed {seed}"
    assert next(at for row, _, at in found if row == 0) < 0.8
    assert [kind for row, kind, _ in found if row == 1][:2] == ["ced", "v21"], f"seed {seed}"
    for end in ends:
        end.close()


@pytest.mark.slow
def test_near_digits_and_music_are_no_machine():
    assert machines(generator_a.vowels(122, rows=10, seconds=30.0)) == [], "seed 122"
    assert machines(generator_a.music(123, rows=10, seconds=30.0)) == [], "seed 123"


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_twenty_hours_of_speech(capsys):
    """Six languages, sixteen voices, two speeds, pitches and levels: over 20 h together."""
    seed = 2300
    rng = np.random.default_rng(seed)
    seconds = 0.0
    for language in TEXTS:
        begun = seconds
        for variant in VARIANTS:
            for speed in (110, 130, 150, 200):
                rows = []
                for pitch in (10, 30, 50, 70, 90):
                    passage = spoken(language, variant, speed, pitch)
                    peaks = [generator_a.peak(level) / 2**0.5 for level in LEVELS_DBM0]
                    rows += [passage * peak for peak in peaks]
                length = max(row.size for row in rows)
                sound = (rng.standard_normal((len(rows), length)) * 8).astype(np.float32)
                for n, row in enumerate(rows):
                    sound[n, : row.size] += row
                generator_a.a_law_trip(sound)
                where = f"{language}{variant} at {speed}, seed {seed}"
                assert machines(sound) == [], where
                seconds += sum(row.size for row in rows) / RATE_HZ
        with capsys.disabled():
            print(f"\nspeech, {language}: {(seconds - begun) / 3600:.2f} h, no machine")
    with capsys.disabled():
        print(f"\nspeech, {seconds / 3600:.1f} h: no machine")
    assert seconds > 20 * 3600


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_hours_of_near_digits_and_music(capsys):
    """Sounds made to resemble tones: the usual digit receiver takes 180 of them an hour."""
    found = 0
    for seed in range(2400, 2410):
        found += len(machines(generator_a.vowels(seed, rows=50, seconds=18.0)))
        assert machines(generator_a.music(seed, rows=50, seconds=18.0)) == [], f"seed {seed}"
    with capsys.disabled():
        print(f"\nnear digits 2.5 h: {found} taken for machines; music 2.5 h: none")
    assert found <= MOST_NEAR
