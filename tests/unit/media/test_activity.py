"""Speech is told, network tones and noise are not."""

import numpy as np
import pytest

from firmware.core.countries import COUNTRIES
from firmware.media.activity import ActivityMeter
from tests.conformance import generator_a

SEED = 20


def first_heard(sound, block=40):
    meter = ActivityMeter(sound.shape[0])
    armed = np.ones(sound.shape[0], np.bool_)
    first = {}
    for at in range(0, sound.shape[1], block):
        for row in meter.process(sound[:, at : at + block], armed):
            first.setdefault(row, at / 8)
    return first


def syllables(seed, level_dbm0):
    """Voice-like sound after a second: voiced and hissing pieces in turn, 60 to 180 ms each."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal(24000) * generator_a.peak(-65)
    at = 8000
    voiced = True
    while at < 20000:
        count = int(rng.uniform(0.06, 0.18) * 8000)
        t = np.arange(count) / 8000
        f0 = rng.uniform(100, 250)
        if voiced:
            piece = sum(np.sin(2 * np.pi * f0 * n * t) / n**0.7 for n in range(1, 12))
        else:
            piece = rng.standard_normal(count) * 0.5
        sound[at : at + count] += piece * generator_a.peak(level_dbm0) / 1.5
        at += count + int(rng.uniform(0.0, 0.05) * 8000)
        voiced = not voiced
    return sound.astype(np.float32)


@pytest.mark.parametrize("level_dbm0", [-15, -25, -35])
def test_speech_is_told_within_half_a_second(level_dbm0):
    sound = np.stack([syllables(SEED + n, level_dbm0) for n in range(10)])
    first = first_heard(sound)
    assert sorted(first) == list(range(10)), f"seed {SEED}"
    assert all(1000 < ms < 1500 for ms in first.values()), f"seed {SEED}: {first}"


@pytest.mark.parametrize(
    "snr_db", [6, *(pytest.param(db, marks=pytest.mark.slow) for db in (20, 40))]
)
def test_network_tones_are_no_speech(snr_db):
    for code, profile in COUNTRIES.items():
        for name in ("dial", "ringback", "busy", "congestion", "special_information"):
            tone = profile.tones[name]
            made = generator_a.cadenced(
                SEED,
                tone.frequencies_hz,
                tone.cadence_ms or (3000, 100),
                rows=3,
                cycles=1,
                modulation_hz=tone.modulation_hz,
                snr_db=snr_db,
                bursts_hz=tone.bursts_hz,
            )
            assert first_heard(made.sound, 400) == {}, f"{code} {name}, seed {SEED}"


def test_steady_noise_is_no_speech():
    rng = np.random.default_rng(SEED)
    sound = (rng.standard_normal((4, 40000)) * generator_a.peak(-30)).astype(np.float32)
    assert first_heard(sound) == {}, f"seed {SEED}"
