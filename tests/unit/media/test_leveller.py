"""A faint far side grows louder slowly; tones, modems, noise and our own echo teach nothing."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.media.leveller import Leveller
from tests.conformance import spandsp_sender, talker
from tests.conformance.echo_paths import RATE, rms

BLOCK = 40
SEED = 4301


def spoken(seconds, level_dbm0, seed=SEED):
    rng = np.random.default_rng(seed)
    sound = talker.talk(rng, int(seconds * RATE), level_dbm0)
    return sound + (rng.standard_normal(sound.size) * rms(-65.0)).astype(np.float32)


def hear(leveller, received, *, sent=None, most_db=6.0, fixed_db=0.0):
    """The gain at the end of each block."""
    quiet = np.zeros(BLOCK, np.float32)
    gains = []
    for at in range(0, len(received) - BLOCK + 1, BLOCK):
        part = received[at : at + BLOCK].astype(np.float32)
        out = quiet if sent is None else sent[at : at + BLOCK].astype(np.float32)
        leveller.hear(part, out, most_db, fixed_db)
        gains.append(leveller.sounding_db)
    return np.array(gains)


@pytest.mark.parametrize(("level_dbm0", "wanted_db"), [(-20, 0), (-23, 0), (-36, 6), (-44, 6)])
def test_faint_speech_is_raised_to_its_limit_and_usual_speech_is_not(level_dbm0, wanted_db):
    gains = hear(Leveller(), spoken(30, level_dbm0))
    assert gains[-1] == pytest.approx(wanted_db, abs=0.5), f"seed {SEED}"


def test_speech_between_is_brought_to_the_usual_level_and_no_further():
    leveller = Leveller()
    gains = hear(leveller, spoken(40, -31), most_db=12.0)
    assert gains[-1] == pytest.approx(7.0, abs=2.0), f"seed {SEED}"
    assert leveller.level_dbm0 == pytest.approx(-31.0, abs=2.0), f"seed {SEED}"


def test_nobody_hears_it_happen():
    gains = hear(Leveller(), spoken(20, -40))
    second = RATE // BLOCK
    assert gains[2 * second] == 0.0, "nothing within the first two seconds"
    rises = gains[second:] - gains[:-second]
    assert rises.max() <= 1.05, f"{rises.max():.2f} dB within a second, seed {SEED}"


def test_who_takes_his_handset_nearer_is_soon_heard_as_he_is():
    sound = np.concatenate((spoken(20, -38), spoken(6, -16, seed=SEED + 1)))
    gains = hear(Leveller(), sound)
    assert gains[20 * RATE // BLOCK] > 5.0, f"seed {SEED}"
    assert gains[-1] == 0.0, f"seed {SEED}"


def test_gain_of_the_port_counts_as_level():
    assert hear(Leveller(), spoken(20, -36), fixed_db=12.0)[-1] == 0.0, f"seed {SEED}"


STEADY = {
    "1004 Hz": lambda: np.sin(2 * np.pi * 1004 * np.arange(20 * RATE) / RATE) * rms(-36) * 2**0.5,
    "modem": lambda: np.random.default_rng(SEED).standard_normal(20 * RATE) * rms(-36),
    "noise of the line": lambda: np.random.default_rng(SEED).standard_normal(20 * RATE) * rms(-50),
}


@pytest.mark.parametrize("name", STEADY)
def test_what_keeps_its_level_is_no_speech(name):
    assert hear(Leveller(), STEADY[name]()).max() == 0.0, f"seed {SEED}"


def test_a_tone_behind_faint_speech_comes_as_it_is():
    tone = STEADY["1004 Hz"]()[: 2 * RATE]
    gains = hear(Leveller(), np.concatenate((spoken(20, -38), tone)))
    assert gains[19 * RATE // BLOCK] > 5.0
    assert gains[-RATE // BLOCK :].max() == 0.0, "the last second, 1 s into the tone"


def test_tones_that_are_known_count_for_nothing_and_a_fax_ends_it():
    busy = spandsp_sender.tone((450,), (350, 350), -36, 20 * RATE)
    leveller = Leveller()
    leveller.tone(sounds=True, fax=False)
    assert hear(leveller, busy).max() == 0.0
    leveller.tone(sounds=False, fax=False)
    assert hear(leveller, spoken(20, -38))[-1] > 5.0
    leveller.tone(sounds=True, fax=True)
    leveller.tone(sounds=False, fax=True)
    assert hear(leveller, spoken(20, -38)).max() == 0.0


def test_our_own_echo_teaches_nothing():
    ours = spoken(30, -16)
    echo = np.convolve(ours, [0, 0, 0.05])[: ours.size]  # 26 dB down: -42 dBm0
    assert hear(Leveller(), echo, sent=ours).max() == 0.0, f"seed {SEED}"


def test_noise_is_not_brought_up_with_the_voice():
    rng = np.random.default_rng(SEED)
    noisy = spoken(30, -38) + rng.standard_normal(30 * RATE) * rms(-53)
    assert hear(Leveller(), noisy, most_db=12.0).max() <= 3.6, f"seed {SEED}: -50 dBm0 of noise"


def test_another_call_begins_anew():
    leveller = Leveller()
    hear(leveller, spoken(20, -38))
    leveller.reset()
    assert leveller.sounding_db == 0.0
    assert not leveller.take_change()


def test_a_change_is_told_now_and_then():
    leveller, told = Leveller(), []
    sound = spoken(25, -38)
    for at in range(0, len(sound) - BLOCK + 1, BLOCK):
        leveller.hear(sound[at : at + BLOCK], np.zeros(BLOCK, np.float32), 6.0, 0.0)
        if leveller.take_change():
            told.append(leveller.gain_db)
    assert len(told) <= 14
    assert told[-1] >= 5.5, f"seed {SEED}"
