"""Machines talk through the box: nothing is done to their sound, no sample is lost or altered."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.commands import AttachFax, HearFax, Party, SetBridge
from firmware.core.countries import country
from firmware.core.events import FaxToneHeard
from firmware.media.tick import SoundPath
from tests.bench.chips import g711
from tests.bench.world.level import sine
from tests.unit.media.test_tick import Sink

PORTS = ("fxs/1", "fxs/2", "fxo/1", "fxo/2", "fax/1")
BLOCK = 40
IDLE = g711.IDLE[g711.Law.A]


class Stand:
    """A sound path with a fax end."""

    def __init__(self):
        self.path = SoundPath(
            PORTS,
            lines=frozenset({"fxo/1", "fxo/2"}),
            country=country("CN"),
            block_samples=BLOCK,
            prompts=lambda _name: None,
            sink=Sink(),
        )
        self.events = []
        self.blocks = 0

    def say(self, **codes):
        """Codes by port (fxo1=...); what every port hears of it, by port."""
        length = max(len(c) for c in codes.values())
        said = np.full((len(PORTS), length), IDLE, np.uint8)
        for name, sound in codes.items():
            said[PORTS.index(f"{name[:-1]}/{name[-1]}"), : len(sound)] = sound
        heard = np.zeros_like(said)
        for at in range(0, length, BLOCK):
            out = np.zeros((len(PORTS), BLOCK), np.uint8)
            block = np.ascontiguousarray(said[:, at : at + BLOCK])
            self.blocks += 1
            self.events += self.path.tick(block, out, self.blocks * 5)
            heard[:, at : at + BLOCK] = out
        return dict(zip(PORTS, heard, strict=True))

    def machines(self):
        return [(e.port, e.kind, e.clear) for e in self.events if isinstance(e, FaxToneHeard)]


def tone(hz, ms):
    return g711.encode(sine(hz, -20.0, ms), g711.Law.A)


def octets(seed, seconds):
    """Every code there is, at random; minus zero and plus zero are one thing to a converter."""
    return np.random.default_rng(seed).integers(0, 256, seconds * 8000).astype(np.uint8)


def bridge(**gains):
    return SetBridge(
        bridge="b1",
        call="1",
        parties=(
            Party(port="fxs/1"),
            Party(port="fxo/1", gain_db=gains.get("gain", 6.0), raise_db=6.0),
        ),
    )


@pytest.mark.parametrize(("sound", "kind"), [(tone(2100, 2600), "ced"), (tone(1100, 500), "cng")])
def test_a_machine_makes_its_conversation_clear(sound, kind):
    stand = Stand()
    stand.path.apply(bridge(), 0)
    stand.say(fxo1=np.concatenate([sound, np.full(4000, IDLE, np.uint8)]))
    assert stand.machines() == [("fxo/1", kind, True)]
    there, back = octets(1, 5), octets(2, 5)
    heard = stand.say(fxs1=there, fxo1=back)
    assert (heard["fxo/1"] == there).all()
    assert (heard["fxs/1"] == back).all()


def test_without_a_machine_the_gain_is_as_it_was_set():
    stand = Stand()
    stand.path.apply(bridge(gain=6.0), 0)
    codes = g711.encode(sine(1000, -20.0, 500), g711.Law.A)
    heard = stand.say(fxo1=codes)["fxs/1"]
    ratio = (
        np.abs(g711.decode(heard, g711.Law.A)).max() / np.abs(g711.decode(codes, g711.Law.A)).max()
    )
    assert ratio == pytest.approx(2.0, rel=0.05)


def test_what_is_clear_ends_with_the_conversation():
    stand = Stand()
    stand.path.apply(bridge(), 0)
    stand.say(fxo1=tone(2100, 1000))
    stand.path.apply(SetBridge(bridge="b1", call="1", parties=()), 0)
    stand.path.apply(bridge(gain=6.0), 0)
    codes = g711.encode(sine(1000, -20.0, 500), g711.Law.A)
    heard = stand.say(fxo1=codes)["fxs/1"]
    assert not (heard == codes).all()


def test_a_machine_on_a_line_in_no_bridge_is_heard_where_that_is_asked_for():
    stand = Stand()
    stand.say(fxo1=tone(1100, 500), fxo2=tone(1100, 500))
    assert stand.machines() == []
    stand.path.apply(HearFax(port="fxo/1", wanted=True), 0)
    quiet = np.full(4000, IDLE, np.uint8)
    stand.say(fxo1=np.concatenate([tone(1100, 500), quiet]), fxo2=tone(1100, 500))
    assert stand.machines() == [("fxo/1", "cng", False)]


def test_a_fax_end_and_a_line_hear_each_other_exactly():
    stand = Stand()
    stand.path.apply(AttachFax(port="fxo/1", end="fax/1"), 0)
    there, back = octets(3, 5), octets(4, 5)
    heard = stand.say(fxo1=there, fax1=back)
    assert (heard["fax/1"] == there).all()
    assert (heard["fxo/1"] == back).all()
    stand.path.apply(AttachFax(port="fxo/1"), 0)
    assert (stand.say(fxo1=there)["fax/1"] == IDLE).all()


def test_one_end_serves_one_port():
    stand = Stand()
    stand.path.apply(AttachFax(port="fxo/1", end="fax/1"), 0)
    with pytest.raises(ValueError, match="serves another port"):
        stand.path.apply(AttachFax(port="fxo/2", end="fax/1"), 0)
    with pytest.raises(ValueError, match="no fax end"):
        stand.path.apply(AttachFax(port="fxo/2", end="fax/9"), 0)
