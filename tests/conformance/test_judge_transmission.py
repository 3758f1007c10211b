"""Transmission inside the box: what one port says and another hears, judged sample by sample.

Limits (goal G14; ITU-T G.711, G.712, Q.552): all 65 536 inputs of both laws as the Recommendation
and as spandsp codes them; port to port gain 0 +-0.05 dB in 300 to 3400 Hz and total distortion of
at least 33 dB (0 to -30 dBm0), 27 dB (-40), 22 dB (-45) with the coders of both ports; silence
stays silence; a mix of any number of ports is bit for bit the sum.
"""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.commands import Party, SetBridge
from firmware.core.countries import country
from firmware.media import g711
from firmware.media.tick import SoundPath
from tests.conformance import codec, spandsp_sender
from tests.conformance.line_model import RATE, peak

BLOCK = 40
PORTS = tuple(f"fxs/{n}" for n in range(1, 9))
EVERY = np.arange(-32768, 32768)
LAWS = {
    "a": (codec.compress_a, codec.expand_a, spandsp_sender.A_LAW),
    "u": (codec.compress_u, codec.expand_u, spandsp_sender.U_LAW),
}


class Nowhere:
    """A place for recordings that nobody makes."""

    def open(self, path):
        raise AssertionError(path)

    def write(self, path, data):
        raise AssertionError(path, len(data))

    def take_failed(self):
        return []

    def close(self, path):
        raise AssertionError(path)


@pytest.mark.parametrize("law", LAWS)
def test_g711_is_exact(law):
    compress, expand, theirs = LAWS[law]
    codes = np.empty((1, EVERY.size), np.uint8)
    g711.encode(EVERY.astype(np.float32)[None], codes, law)
    assert np.array_equal(codes[0], compress(EVERY))
    assert np.array_equal(codes[0], spandsp_sender.g711_encode(EVERY.astype(np.int16), theirs))
    every_code = np.arange(256, dtype=np.uint8)
    linear = np.empty((1, 256), np.float32)
    g711.decode(every_code[None], linear, law)
    assert np.array_equal(linear[0], expand(np.arange(256)))
    assert np.array_equal(linear[0], spandsp_sender.g711_decode(every_code, theirs))


def through(codes, *bridges, code="CN"):
    """What the ports hear, as codes."""
    path = SoundPath(
        PORTS,
        lines=frozenset(),
        country=country(code),
        block_samples=BLOCK,
        prompts=lambda _: None,
        sink=Nowhere(),
    )
    for n, ports in enumerate(bridges):
        parties = tuple(Party(port=PORTS[m]) for m in ports)
        path.apply(SetBridge(bridge=f"b{n}", call=f"c{n}", parties=parties), 0)
    heard = np.empty_like(codes)
    for at in range(0, codes.shape[1], BLOCK):
        block = np.empty((len(PORTS), BLOCK), np.uint8)
        path.tick(np.ascontiguousarray(codes[:, at : at + BLOCK]), block, at // 8)
        heard[:, at : at + BLOCK] = block
    return heard


def sine_heard(hz, level_dbm0, law, code):
    """A sine at one port, and what the other hears of it, linear."""
    compress, expand, _ = LAWS[law]
    t = np.arange(2 * RATE // BLOCK * BLOCK) / RATE
    said = peak(level_dbm0) * np.sin(2 * np.pi * hz * t)
    codes = np.full((len(PORTS), t.size), compress(np.zeros(1, int))[0], np.uint8)
    codes[0] = compress(np.rint(said).astype(int))
    return said, expand(through(codes, (0, 1), code=code)[1].astype(int))


def gain_and_distortion(hz, said, heard):
    """Gain in dB, and signal to everything else in dB."""
    t = np.arange(len(said)) / RATE
    basis = np.stack((np.sin(2 * np.pi * hz * t), np.cos(2 * np.pi * hz * t)))
    found = 2 * basis @ heard / len(heard)
    tone = found @ basis
    gain = 20 * np.log10(np.hypot(*found) / (np.std(said) * 2**0.5))
    return gain, 10 * np.log10(np.mean(tone**2) / np.mean((heard - tone) ** 2))


@pytest.mark.parametrize(("law", "code"), [("a", "CN"), ("u", "US")])
def test_gain_is_flat(law, code):
    gains = {
        hz: gain_and_distortion(hz, *sine_heard(hz, -10.0, law, code))[0]
        for hz in (301, 457, 703, 1021, 1613, 2203, 2801, 3197, 3391)
    }
    assert max(map(abs, gains.values())) <= 0.05, gains


@pytest.mark.parametrize(
    ("level_dbm0", "least_db"), [(0, 33), (-10, 33), (-20, 33), (-30, 33), (-40, 27), (-45, 22)]
)
@pytest.mark.parametrize(("law", "code"), [("a", "CN"), ("u", "US")])
def test_distortion_is_that_of_one_coder(law, code, level_dbm0, least_db):
    _, distortion = gain_and_distortion(1021, *sine_heard(1021, level_dbm0, law, code))
    assert distortion >= least_db


def test_codes_pass_a_bridge_of_two_unaltered():
    """What was coded once is not coded again: 60 dB and more are the sender's to keep."""
    seed = 951
    codes = np.random.default_rng(seed).integers(0, 256, (8, 4000), np.uint8)
    heard = through(codes, (0, 1), (2, 3))
    assert np.array_equal(heard[[1, 0, 3, 2]], codes[:4]), f"seed {seed}"


def test_silence_is_digital_silence():
    """A-law has no zero: idle is +8 of 32 768, and a conference of n adds n - 1 of them up."""
    codes = np.full((8, 4000), 0xD5, np.uint8)
    heard = through(codes, (0, 1), (2, 3, 4))
    assert np.all(heard[[0, 1, 5, 6, 7]] == 0xD5)
    conference = codec.expand_a(heard[2:5].astype(int))
    assert np.ptp(conference) == 0
    assert np.all(abs(conference) <= 24)


@pytest.mark.parametrize("parties", [(0, 1, 2), (1, 3, 5, 7), tuple(range(8))])
@pytest.mark.parametrize(("law", "code"), [("a", "CN"), ("u", "US")])
def test_a_mix_is_the_sum_of_the_others(parties, law, code):
    seed = 952
    compress, expand, _ = LAWS[law]
    codes = np.random.default_rng(seed).integers(0, 256, (8, 8000), np.uint8)
    heard = through(codes, parties, code=code)
    linear = expand(codes.astype(int))
    for party in parties:
        others = sum(linear[other] for other in parties if other != party)
        wanted = compress(np.clip(others, -32767, 32767))
        assert np.array_equal(heard[party], wanted), f"port {party}, seed {seed}"
