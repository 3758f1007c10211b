"""Digits on the bench: keys and dials at one end, the exchange's receivers at the other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.bench.voice import speech
from tests.bench.world.copper import Cable, Pair
from tests.bench.world.dtmf_ear import decode_dtmf
from tests.bench.world.ear import Ear
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.far_end import FarEnd
from tests.bench.world.keypad import KEYS, key_sound, key_sounds, tones_of
from tests.bench.world.level import noise, samples_of, sine
from tests.bench.world.measure import find_tones
from tests.bench.world.party import WorldError
from tests.bench.world.telephone import Telephone

SEED = 7


def run(pair: Pair, ms: float, block: int = 40) -> None:
    for _ in range(samples_of(ms) // block):
        pair.step(block)


def heard(sound: np.ndarray) -> str:
    return "".join(digit.key for digit in decode_dtmf(sound))


def test_key_five_is_770_and_1336_hertz() -> None:
    # ITU-T Q.23: second row, second column.
    assert tones_of("5") == (770.0, 1336.0)
    low, high = sorted(find_tones(key_sound("5", -12.0, 3.0, 200.0)), key=lambda tone: tone.hz)
    assert (round(low.hz), round(high.hz)) == (770, 1336)
    assert low.dbm0 == pytest.approx(-12.0, abs=0.1)
    assert high.dbm0 == pytest.approx(-9.0, abs=0.1)


@pytest.mark.parametrize(
    ("level", "twist", "tone_ms", "pause_ms", "noise_dbm0"),
    [
        (-8.0, 0.0, 90.0, 90.0, None),
        (0.0, 0.0, 50.0, 50.0, None),
        (-25.0, 4.0, 45.0, 45.0, -50.0),
        (-25.0, -8.0 + 8.0, 50.0, 50.0, -45.0),
        (-20.0, -8.0, 50.0, 50.0, -50.0),
        (-30.0, 6.0, 70.0, 70.0, -55.0),
    ],
)
def test_every_key_is_heard_once(level, twist, tone_ms, pause_ms, noise_dbm0) -> None:
    keys = KEYS + KEYS[::-1] + "11223344"
    sound = key_sounds(keys, level, twist, tone_ms, pause_ms, noise_dbm0, SEED)
    assert heard(sound) == keys, f"seed {SEED}"


def test_alignment_to_the_frames_does_not_matter() -> None:
    sound = key_sounds("159", -15.0, tone_ms=50, pause_ms=50)
    for shift in range(0, 80, 7):
        assert heard(np.concatenate((np.zeros(shift, np.float32), sound))) == "159", shift


def test_speech_noise_tones_and_short_keys_are_no_digits() -> None:
    assert heard(speech(20_000, seed=SEED)) == "", f"seed {SEED}"
    assert heard(noise(-15.0, 80_000, SEED)) == "", f"seed {SEED}"
    assert heard(sine(450.0, -10.0, 2000.0)) == ""
    assert heard(sine(770.0, -10.0, 500.0)) == ""
    assert heard(key_sound("5", -10.0, 0.0, 15.0)) == ""


@pytest.mark.parametrize("keys", [KEYS])
def test_multimon_hears_the_same_keys(keys: str, tmp_path: Path) -> None:
    ear = Ear()
    ear.hear(0, key_sounds(keys, -20.0, 2.0, 60.0, 60.0, -50.0, SEED))
    ear.write_wav(tmp_path / "keys.wav")
    rows = subprocess.run(
        ["multimon-ng", "-q", "-t", "wav", "-a", "DTMF", tmp_path / "keys.wav"],
        capture_output=True, check=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    assert "".join(row.removeprefix("DTMF: ") for row in rows) == keys, f"seed {SEED}"


def test_keys_over_copper_stop_the_dial_tone_and_arrive() -> None:
    line = ExchangeLine(1, "US", noise_dbm0=-50.0, seed=SEED)
    telephone = Telephone("201", "US", seed=SEED)
    pair = Pair(line, telephone, Cable(loss_db=4.0))
    line.when_dialled(FarEnd("2125550123", answer_after_ms=1000.0))
    telephone.lift(20.0)
    run(pair, 1000)
    telephone.press("2125550123", -12.0, 2.0, 60.0, 60.0)
    run(pair, 3500)
    assert (line.digits, line.dialled_by) == ("2125550123", "dtmf"), f"seed {SEED}"
    assert line.state == "talking"


@pytest.mark.parametrize("block", [8, 40, 64])
@pytest.mark.parametrize(("pps", "ratio"), [(10.0, 0.6), (10.0, 0.67), (8.0, 0.6), (16.0, 0.6)])
def test_dial_pulses_are_counted(pps: float, ratio: float, block: int) -> None:
    line, telephone = ExchangeLine(1, dialling="pulse"), Telephone("201")
    pair = Pair(line, telephone)
    telephone.lift()
    run(pair, 600, block)
    telephone.dial_pulses("1904", pps, ratio, inter_digit_ms=500.0)
    run(pair, 24_000 / pps + 2800.0, block)
    assert (line.digits, line.dialled_by) == ("1904", "pulse")
    assert line.seizures
    assert not line.releases


def test_a_pulse_line_does_not_hear_keys_and_a_key_line_no_pulses() -> None:
    for dialling, act in (
        ("pulse", lambda who: who.press("123")),
        ("dtmf", lambda who: who.dial_pulses("123")),
    ):
        line, telephone = ExchangeLine(1, dialling=dialling), Telephone("201")
        pair = Pair(line, telephone)
        telephone.lift()
        run(pair, 600)
        act(telephone)
        run(pair, 3500)
        assert line.digits == ""


def test_what_cannot_be_dialled_is_refused_in_a_sentence() -> None:
    telephone = Telephone("201")
    with pytest.raises(WorldError, match="telephone 201: the handset is down"):
        telephone.press("1")
    telephone.lift()
    with pytest.raises(WorldError, match="only 0 to 9"):
        telephone.dial_pulses("12#")
    with pytest.raises(ValueError, match="'X': a telephone has the keys"):
        telephone.press("1X")
