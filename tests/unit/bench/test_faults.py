"""Faults do what they say, as often as they say, and the same again with the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.faults import BatteryDrops, ChipResets, FaultyBus, HookBounce, LineNoise
from tests.unit.bench.chip_stand import Handset, Street


class Wire:
    """A bus that answers what it hears."""

    def __init__(self):
        self.heard = bytearray()

    def exchange(self, data):
        self.heard += data
        return data


def bits(one, other):
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bits_flip_as_often_as_asked_in_both_directions(seed):
    wire = Wire()
    bus = FaultyBus(wire, seed, bit_flip=1e-2)
    sent = bytes(100_000)
    got = b"".join(bus.exchange(sent[at : at + 100]) for at in range(0, len(sent), 100))
    out, back = bits(wire.heard, sent), bits(got, bytes(wire.heard))
    assert 850 < out < 1150, f"seed {seed}"
    assert 850 < back < 1150, f"seed {seed}"
    assert len(bus.log) == out + back, f"seed {seed}"


def test_a_lost_byte_is_heard_by_nobody_and_reads_floating():
    wire = Wire()
    bus = FaultyBus(wire, 7, bit_flip=0.0, lost_byte=1e-2)
    sent = bytes(n % 100 for n in range(10_000))
    got = bus.exchange(sent)
    lost = [at for at, kind in bus.log if kind == "lost"]
    assert 60 < len(lost) < 140
    assert len(got) == len(sent)
    assert len(wire.heard) == len(sent) - len(lost)
    assert [n for n, byte in enumerate(got) if byte == 0xFF] == lost


def test_a_doubled_byte_is_heard_twice_and_answered_once():
    wire = Wire()
    bus = FaultyBus(wire, 7, bit_flip=0.0, doubled_byte=1e-2)
    got = bus.exchange(bytes(1000))
    assert len(got) == 1000
    assert len(wire.heard) == 1000 + len(bus.log)


def test_the_same_seed_gives_the_same_faults_and_another_gives_others():
    logs = []
    for seed in (5, 5, 6):
        bus = FaultyBus(Wire(), seed, bit_flip=1e-2)
        bus.exchange(bytes(5000))
        logs.append(bus.log)
    assert logs[0] == logs[1] != logs[2]


def test_a_quiet_bus_changes_nothing():
    wire = Wire()
    bus = FaultyBus(wire, 1, bit_flip=0.5)
    bus.enabled = False
    assert bus.exchange(b"\x01\x02\x03") == b"\x01\x02\x03"


def test_a_hook_chatters_at_a_change_and_then_rests():
    handset = Handset()
    bouncing = HookBounce(handset, seed=3, bounce_ms=30.0)
    assert not any(bouncing.terminal(40).closed for _ in range(10))
    handset.closed = True
    first = [bouncing.terminal(40).closed for _ in range(6)]
    rest = [bouncing.terminal(40).closed for _ in range(20)]
    assert bouncing.bounces == first.count(False) > 0
    assert all(rest)


def test_noise_has_the_level_asked_for():
    noisy = LineNoise(Street(), seed=4, noise_dbm0=-40.0)
    samples = np.concatenate([noisy.feed(40).hum for _ in range(500)])
    zero = 32124 / np.sqrt(2) * 10 ** (-3.14 / 20)
    level = 20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / zero)
    assert level == pytest.approx(-40.0, abs=0.2)


def test_hum_goes_on_from_block_to_block():
    noisy = LineNoise(Street(), seed=4, noise_dbm0=None, hum_dbm0=-30.0, hum_hz=50.0)
    wave = np.concatenate([noisy.feed(40).hum for _ in range(8)])
    assert np.abs(np.diff(wave)).max() < 1.05 * 2 * np.pi * 50 / 8000 * np.abs(wave).max()
    assert wave[:160] == pytest.approx(wave[160:], abs=1.0)


def test_battery_drops_and_comes_back():
    drops = BatteryDrops(Street(), seed=9, mean_ms=1000.0, shortest_ms=50.0, longest_ms=100.0)
    opened = [drops.feed(40).open for _ in range(4000)]  # 20 s
    assert 8 < len(drops.log) < 40
    assert sum(opened) * 5 == pytest.approx(sum(length for _, length in drops.log), rel=0.15)


def test_chips_reset_at_the_logged_instants():
    class Chip:
        name = "fxs/1"
        losses = 0

        def lose_registers(self):
            self.losses += 1

    chip = Chip()
    resets = ChipResets([chip], seed=2, mean_ms=1000.0)
    for now in range(0, 20_000, 5):
        resets.advance(now)
    assert chip.losses == len(resets.log) > 5
