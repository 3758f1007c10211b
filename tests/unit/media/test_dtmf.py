"""The DTMF receiver as a port sees it; envelopes and talk-off are in tests/conformance."""

import numpy as np
import pytest

from firmware.media.dtmf import DigitReceiver
from firmware.media.tones import digit_sequence, digit_wave
from tests.conformance.receivers import heard, reports


def rows(*sounds):
    longest = max(sound.size for sound in sounds)
    out = np.zeros((len(sounds), longest + 800), np.float32)
    for row, sound in enumerate(sounds):
        out[row, : sound.size] = sound
    return out


def test_all_sixteen_keys():
    sent = "0123456789*#ABCD"
    assert heard(rows(digit_sequence(sent, tone_ms=50, pause_ms=50))) == [sent]


@pytest.mark.parametrize("block", [1, 7, 40, 80, 160, 1000])
def test_any_block_length_hears_the_same_at_the_same_time(block):
    sound = rows(digit_sequence("159"), digit_sequence("5551"))
    assert reports(sound, block) == reports(sound, 40)


def test_a_key_is_reported_while_it_is_held():
    sound = rows(np.zeros(400, np.float32))
    sound = np.concatenate([sound, rows(digit_wave("5", 8000))], axis=1)
    down, up = reports(sound, 40)
    assert (down.port_index, down.digit, down.down) == (0, "5", True)
    pressed = 1200
    assert 30 <= (down.at_sample - pressed) / 8 <= 45
    assert (up.digit, up.down) == ("5", False)
    assert up.duration_samples / 8 == pytest.approx(1000, abs=6)
    assert 15 <= (up.at_sample - pressed - 8000) / 8 <= 45


def test_ports_do_not_hear_each_other():
    sound = rows(*(digit_sequence(digits) for digits in ("1", "22", "", "4444")))
    assert heard(sound) == ["1", "22", "", "4444"]


def test_a_port_that_is_not_armed_hears_nothing():
    sound = rows(digit_sequence("123"), digit_sequence("456"))
    receiver = DigitReceiver(2)
    found = receiver.process(sound, np.array([False, True]))
    assert [digit.digit for digit in found if digit.down] == ["4", "5", "6"]
    assert {digit.port_index for digit in found} == {1}


def test_arming_in_the_middle_of_a_digit_hears_the_rest_of_it_only():
    sound = rows(digit_sequence("7", tone_ms=200))
    receiver = DigitReceiver(1)
    armed = np.array([False])
    assert receiver.process(sound[:, :800], armed) == []
    armed[0] = True
    found = receiver.process(sound[:, 800:], armed)
    assert [digit.digit for digit in found] == ["7", "7"]
    assert found[1].duration_samples / 8 == pytest.approx(100, abs=10)


def test_disarming_forgets_a_digit_that_is_down():
    sound = rows(digit_sequence("77", tone_ms=200))
    receiver = DigitReceiver(1)
    on, off = np.array([True]), np.array([False])
    assert [digit.down for digit in receiver.process(sound[:, :800], on)] == [True]
    assert receiver.process(sound[:, 800:1600], off) == []
    found = receiver.process(sound[:, 1600:], on)
    assert [digit.down for digit in found] == [True, False]


def test_single_tones_and_wrong_pairs_are_no_digits():
    at = np.arange(8000) * 2 * np.pi / 8000
    single = (5000 * np.sin(697 * at)).astype(np.float32)
    two_low = (5000 * np.sin(697 * at) + 5000 * np.sin(852 * at)).astype(np.float32)
    fax = (5000 * np.sin(1100 * at)).astype(np.float32)
    mercury = (5000 * np.sin(480 * at) + 5000 * np.sin(620 * at)).astype(np.float32)
    assert heard(rows(single, two_low, fax, mercury)) == [""] * 4


def test_hopeless_levels_are_refused():
    quiet = digit_sequence("5", low_dbm0=-56, high_dbm0=-56)
    loud = digit_sequence("5", low_dbm0=-4, high_dbm0=-3)
    assert heard(rows(quiet, loud)) == ["", "5"]
