"""What a fax receiver hears of a line: silence, signals sample by sample, a good start of each."""

import math

import numpy as np
import pytest

from firmware.media.carrier_gate import DELAY, CarrierGate

RATE_HZ = 8000
PEAK_0_DBM0 = 32767 * 10 ** (-3.14 / 20)  # G.711: full scale is 3.14 dBm0


def alternations(degrees, seconds=0.106, dbm0=-14.0):
    """A B A B of V.17: 1800 Hz, and the difference of the two at 1200 Hz on either side."""
    n = np.arange(int(seconds * RATE_HZ))
    wave = np.zeros(n.size)
    for hz, share in ((600, 0.3), (1800, 1.0), (3000, 0.3)):
        wave += share * np.cos(2 * math.pi * hz * n / RATE_HZ + math.radians(degrees))
    wave *= PEAK_0_DBM0 * 10 ** (dbm0 / 20) / math.sqrt(2) / np.sqrt((wave**2).mean())
    return np.round(wave).astype(np.int16)


def noise(seconds, dbm0, seed=5):
    sigma = PEAK_0_DBM0 / math.sqrt(2) * 10 ** (dbm0 / 20)
    made = np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ)) * sigma
    return made.astype(np.int16)


def through(sound, block=160):
    gate = CarrierGate()
    sound = np.concatenate([sound, np.zeros(DELAY, np.int16)])
    return np.concatenate([gate.process(sound[n : n + block]) for n in range(0, len(sound), block)])


@pytest.mark.parametrize("dbm0", [-65, -55, -50, -48])
def test_the_noise_of_a_line_is_silence(dbm0):
    assert not through(noise(10, dbm0)).any()


@pytest.mark.parametrize("dbm0", [0, -14, -26, -40])
def test_a_signal_is_what_came_but_for_five_milliseconds_at_most(dbm0):
    pause = noise(0.3, -55)
    signal = alternations(20.0, seconds=1.0, dbm0=dbm0)
    heard = through(np.concatenate([pause, signal, pause]))[DELAY:]
    first, last = pause.size + 40, pause.size + signal.size
    assert np.array_equal(heard[first:last], signal[40:])
    assert not heard[: pause.size - 2 * 40].any()
    assert not heard[last + 6 * 40 :].any()


@pytest.mark.parametrize("block", [40, 80, 160, 200, 133])
def test_blocks_of_any_length_are_the_same_sound(block):
    sound = np.concatenate([noise(0.2, -55), alternations(130.0), noise(0.2, -55)])
    assert np.array_equal(through(sound, block)[: sound.size], through(sound)[: sound.size])


def found(heard):
    """At which sample the receiver's power meter finds a carrier, worked out once more."""
    power = last = 0
    for at, sample in enumerate(heard.tolist()):
        half = math.floor(sample / 2)
        power += math.floor(((half - last) ** 2 - power) / 16)
        last = half
        if power > 0.4 * 32767**2 * 10**-4.916:  # -43 dBm0
            return at
    return None


@pytest.mark.parametrize("dbm0", [-5, -14, -35])
def test_every_angle_starts_near_the_one_that_is_wanted(dbm0):
    for degrees in range(0, 360, 7):
        sound = np.concatenate([np.zeros(400, np.int16), alternations(degrees, dbm0=dbm0)])
        at = found(through(sound)[DELAY:])
        angle = (degrees + 81 * (at - 400) - 15 + 180) % 360 - 180  # 1800 Hz: 81 in a sample
        assert abs(angle) < 45, (degrees, at, angle)
