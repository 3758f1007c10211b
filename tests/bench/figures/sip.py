"""What a call over a trunk sounds like on a bad network, and how soon a key is answered.

Delay is measured from the far side and back to it through a leg that returns what it hears: both
directions of a call one after the other, each with everything that the box adds to it. Half of it
is the mean of both, which is what a mouth is ahead of an ear.
"""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np

from firmware.core.sip_events import SipQuality
from firmware.daemons.trunk.library import LibraryMissingError, load
from tests.bench.figures.figure import Figure, left_out, of
from tests.bench.real_box import RealBox
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import SipPeer
from tests.bench.sound_relay import SoundRelay

LOSSES: Final = (0.0, 0.02, 0.05)
JITTER_MS: Final = 20.0
SEED: Final = 20261122
LISTEN_S: Final = 10.0
KEYS: Final = 7
KEY_MS: Final = 100.0  # of an event of the peer
LOUD: Final = 500.0
PORT: Final = 15_060
CALLER: Final = "13800138000"
G114_MS: Final = 150.0  # ITU-T G.114, clause 4: one way, most people hear nothing of it


def figures() -> list[Figure]:
    """Sound on a bad network, a key's way to the next prompt."""
    try:
        load()
    except LibraryMissingError as missing:
        return [left_out("trunk, bad network and keys", str(missing))]
    return [*_bad_network(), *_keys()]


def _bad_network() -> list[Figure]:
    found = []
    for loss in LOSSES:
        with (
            SoundRelay(loss, JITTER_MS, SEED) as relay,
            SipPeer() as peer,
            SipBox(peer.port) as box,
        ):
            peer.relay = relay
            peer.call(("127.0.0.1", box.port), "100", CALLER)
            peer.wait(lambda p=peer: 200 in p.codes())
            random = np.random.default_rng(SEED)
            delays = []
            end = time.monotonic() + LISTEN_S
            while time.monotonic() < end:
                noise = random.normal(0, 4_000, 8_000).astype(np.float32)  # never the same twice
                delays.append(_round_trip_ms(peer, noise) / 2)
            peer.bye()
            peer.wait(lambda b=box: any(isinstance(e, SipQuality) and e.over for e in b.told), 3)
            told = [e for e in box.told if isinstance(e, SipQuality)]
        name = f"trunk, {100 * loss:.0f} % lost, {JITTER_MS:.0f} ms jitter"
        beside = f"relay included, {JITTER_MS / 2:.0f} ms and more; limit ITU-T G.114"
        found.append(of(f"{name}: mouth to ear", "ms", delays, beside, G114_MS))
        spread = [max(delays) - min(delays)]
        found.append(of(f"{name}: its spread in a call", "ms", spread, "most less least"))
        if told:
            last = told[-1]
            share = 100 * last.lost / max(1, last.packets + last.lost)
            found.append(of(f"{name}: loss the box counts", "%", [share], f"seed {SEED}"))
            found.append(of(f"{name}: MOS the box tells", "MOS", [last.mos], "ITU-T G.107"))
    return found


def _round_trip_ms(peer: SipPeer, noise: np.ndarray) -> float:
    """From a packet of the peer to the one that brings its samples back."""
    peer.hear()
    said = peer.say(noise)
    peer.wait(lambda: False, 1.4)
    said_s, heard_s, heard = peer.said_s, peer.heard_s, peer.hear()  # before the next packet
    size = 1 << (heard.size + said.size - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said[1_600:4_800], size)))
    return 1_000 * (heard_s - said_s) + (int(np.argmax(match[: heard.size])) - 1_600) / 8


# --- keys in a menu of the whole box --------------------------------------------------------------


def _office(peer: SipPeer) -> Any:
    def wanted(document: dict[str, Any]) -> dict[str, Any]:
        leg = dict(document["lines"][0], port="sip/1", name="trunk")
        carrier = {
            "name": "carrier",
            "host": "127.0.0.1",
            "port": peer.port,
            "register": False,
            "user": "021",
            "lines": ["sip/1"],
            "numbers": {"021": "flow:main"},
        }
        return dict(
            document,
            lines=[*document["lines"], leg],
            sip={"trunks": [carrier], "port": PORT, "address": "127.0.0.1"},
        )

    return wanted


def _keys() -> list[Figure]:
    """From a key to the first sound of what the menu says of it: no such choice."""
    took: list[float] = []
    with (
        SipPeer() as peer,
        RealBox(wanted=("world", "lined", "calld", "sipd"), patient=True) as box,
    ):
        box.change_settings(_office(peer))
        box.wait(lambda: _up(box), 20)
        while len(took) < KEYS:
            peer.seen.clear()
            peer.call(("127.0.0.1", PORT), "021", CALLER)
            peer.wait(lambda: 200 in peer.codes(), 15)
            _wait_for_sound(peer)
            while len(took) < KEYS and _wait_for_silence(peer):
                peer.hear()
                peer.press("8")
                peer.wait(lambda: False, 1.0)
                begun_s, heard = peer.heard_s, peer.hear()
                loud = np.flatnonzero(np.abs(heard) > LOUD)
                if not loud.size:
                    break  # the menu has asked often enough and ends
                took.append(1_000 * (begun_s - peer.key_s) + float(loud[0]) / 8)
            peer.bye()
            box.wait(lambda: not box.status().calls, 15)
            box.let_pass(1.5)
    rest = [one - KEY_MS for one in took]
    return [
        of(
            "trunk: key's first packet to the next prompt",
            "ms",
            took,
            "goal: 200 ms",
            200.0,
        ),
        of(
            "trunk: key's end to the next prompt",
            "ms",
            rest,
            f"the key lasts {KEY_MS:.0f} ms and is known by its first packet: below 0, still down",
        ),
    ]


def _up(box: RealBox) -> bool:
    status = box.status()
    return status is not None and any(p.port == "sip/1" and p.state == "idle" for p in status.ports)


def _wait_for_sound(peer: SipPeer) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        peer.wait(lambda: False, 0.05)
        if np.abs(peer.hear()).max(initial=0.0) > LOUD:
            return True
    return False


def _wait_for_silence(peer: SipPeer) -> bool:
    """Wait until the menu has said nothing for half a second; whether it came to that."""
    quiet_since = time.monotonic()
    end = quiet_since + 20
    while time.monotonic() < end and time.monotonic() - quiet_since <= 0.5:
        peer.wait(lambda: False, 0.05)
        if np.abs(peer.hear()).max(initial=0.0) > LOUD:
            quiet_since = time.monotonic()
    return time.monotonic() < end
