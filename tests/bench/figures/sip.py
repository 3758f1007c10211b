"""What calls over trunks cost the whole box and sound like on a bad network.

Of several calls at a time the box carries eight over trunks and has four telephones, so two and
four calls are measured as they come; eight legs are four calls from trunk to trunk. With
``TIPRING_ALL_CALLS`` set the eight are measured as well (a minute more).
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from firmware.core.sip_events import SipQuality
from tests.bench.figures.figure import Figure, of
from tests.bench.real_box import RealBox
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import SipPeer
from tests.bench.sound_relay import SoundRelay

LOSSES: Final = (0.0, 0.02, 0.05)
JITTER_MS: Final = 20.0
SEED: Final = 20261122
LISTEN_S: Final = 6.0
MEASURE_S: Final = 5.0
KEYS: Final = 3
PORT: Final = 15_060
CALLER: Final = "13800138000"
EXTENSIONS: Final = ("201", "202", "203", "204")
NORTH: Final = "8"
DAEMONS: Final = ("lined", "calld", "sipd")


def figures() -> list[Figure]:
    """Sound on a bad network, a key's way to the next prompt, processor seconds of the box."""
    return [*_bad_network(), *_whole_box()]


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
            noise = np.random.default_rng(SEED).normal(0, 4_000, 8_000 * 6).astype(np.float32)
            delays = []
            end = time.monotonic() + LISTEN_S
            while time.monotonic() < end:
                delays.append(_round_trip_ms(peer, noise[: 8_000 * 2]))
            peer.bye()
            peer.wait(lambda b=box: any(isinstance(e, SipQuality) and e.over for e in b.told), 3)
            told = [e for e in box.told if isinstance(e, SipQuality)]
        name = f"trunk, {100 * loss:.0f} % lost, 20 ms jitter"
        found.append(
            of(f"{name}: sound there and back", "ms", delays, "there and back, both ways relayed")
        )
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
    said_s, heard = peer.said_s, peer.hear()
    size = 1 << (heard.size + said.size - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said[1_600:4_800], size)))
    return 1_000 * (peer.heard_s - said_s) + (int(np.argmax(match[: heard.size])) - 1_600) / 8


# --- the whole box --------------------------------------------------------------------------------


def _office(peer: SipPeer, north: SipPeer, *, record: bool) -> Any:
    def wanted(document: dict[str, Any]) -> dict[str, Any]:
        lines = [line for line in document["lines"] if not line["port"].startswith("sip/")]
        first = lines[0]
        legs = [dict(first, port=f"sip/{n}", name=f"trunk {n}") for n in range(1, 9)]
        numbers = {"021": "flow:main"} | {f"021{e}": e for e in EXTENSIONS}
        common = {"host": "127.0.0.1", "register": False, "user": "021"}
        trunks = [
            dict(
                common,
                name="carrier",
                port=peer.port,
                lines=[f"sip/{n}" for n in range(1, 5)],
                numbers=numbers,
            ),
            dict(
                common,
                name="north",
                port=north.port,
                lines=[f"sip/{n}" for n in range(5, 9)],
                prefix=NORTH,
            ),
        ]
        return dict(
            document,
            record="all" if record else "none",
            record_notice="none",
            lines=[*lines, *legs],
            sip={"trunks": trunks, "port": PORT, "address": "127.0.0.1"},
        )

    return wanted


def _cpu_s(box: RealBox) -> float:
    ticks = 0
    for name in DAEMONS:
        fields = Path(f"/proc/{box.pid(name)}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _talking(box: RealBox) -> int:
    status = box.status()
    return 0 if status is None else sum(call.state == "talking" for call in status.calls)


def _used(box: RealBox) -> float:
    before = _cpu_s(box)
    box.let_pass(MEASURE_S)
    return (_cpu_s(box) - before) / MEASURE_S


def _whole_box() -> list[Figure]:
    found: list[Figure] = []
    most = 4 if os.environ.get("TIPRING_ALL_CALLS") else 2
    with (
        SipPeer() as gate,
        SipPeer() as north,
        RealBox(wanted=("world", *DAEMONS), patient=True) as box,
    ):
        for record in (False, True):
            box.change_settings(_office(gate, north, record=record))
            box.wait(lambda: _up(box, "sip/1") and _up(box, "sip/5"), 20)
            if not record:
                found += _keys(box)
            idle = _used(box)
            for calls in range(2, most + 1, 2):
                used = _handsets(box, calls)
                name = f"trunk to handset, {calls} calls, {'' if record else 'not '}recorded"
                found.append(
                    of(
                        f"{name}: processor per call-minute",
                        "s",
                        [60 * (used - idle) / calls],
                        "lined, calld and sipd, above the idle box",
                    )
                )
    return found


def _up(box: RealBox, port: str) -> bool:
    status = box.status()
    return status is not None and any(p.port == port and p.state == "idle" for p in status.ports)


def _handsets(box: RealBox, calls: int) -> float:
    """Processor share while so many talk."""
    with ExitStack() as stack:
        peers = [stack.enter_context(SipPeer()) for _ in range(calls)]
        for peer, extension in zip(peers, EXTENSIONS, strict=False):
            peer.call(("127.0.0.1", PORT), f"021{extension}", CALLER)
            phone = f"telephone {extension}"
            box.wait(lambda phone=phone: box.party(phone)["ringing"], 15)
            box.act("lift", phone)
        box.wait(lambda: _talking(box) == calls, 15)
        noise = np.random.default_rng(3).normal(0, 3_000, 8_000 * 10).astype(np.float32)
        for peer in peers:
            peer.say(noise)
        used = _used(box)
        for peer in peers:
            peer.bye()
        for extension in EXTENSIONS[:calls]:
            box.act("replace", f"telephone {extension}")
        box.wait(lambda: not box.status().calls, 15)
        box.let_pass(2.5)
    return used


def _keys(box: RealBox) -> list[Figure]:
    """From the end of a key to what the menu says of it: no such choice."""
    took = []
    with SipPeer() as peer:
        peer.call(("127.0.0.1", PORT), "021", CALLER)
        peer.wait(lambda: 200 in peer.codes(), 15)
        for _ in range(KEYS):
            _sounds(peer, on=True)
            _sounds(peer, on=False)
            peer.press("8")
            pressed = time.monotonic()
            if not _sounds(peer, on=True):
                break
            took.append(1_000 * (time.monotonic() - pressed) - 100)
        peer.bye()
    box.wait(lambda: not box.status().calls, 15)
    beside = "from the end of an event of 100 ms to sound, a packet more"
    return [of("trunk: key to the next prompt", "ms", took, beside)] if took else []


def _sounds(peer: SipPeer, *, on: bool) -> bool:
    """Wait until the menu speaks, or has not for half a second; whether it came to that."""
    quiet_since = time.monotonic()
    end = quiet_since + 20
    while time.monotonic() < end:
        peer.wait(lambda: False, 0.02)
        loud = np.abs(peer.hear()).max(initial=0.0) > 500
        if loud and on:
            return True
        if loud:
            quiet_since = time.monotonic()
        elif not on and time.monotonic() - quiet_since > 0.5:
            return True
    return False
