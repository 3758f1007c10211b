"""What a trunk adds: how soon it rings and answers, the delay of its sound."""

from __future__ import annotations

import time

import numpy as np

from firmware.daemons.trunk.library import LibraryMissingError, load
from tests.bench.figures.figure import Figure, left_out, of
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import SipPeer

CALLS = 20


def _set_up(box: SipBox, peer: SipPeer) -> tuple[float, float]:
    """Milliseconds from INVITE to 180 and to 200; the call is up afterwards."""
    begun = time.monotonic()
    rang = 0.0
    peer.seen.clear()
    peer.call(("127.0.0.1", box.port), "100", "13800138000")
    while 200 not in peer.codes():
        if 180 in peer.codes() and not rang:
            rang = time.monotonic() - begun
        if time.monotonic() - begun > 10:
            raise RuntimeError(f"no answer: {peer.codes()}")
        time.sleep(0.0005)  # noqa: TID251  # sipd is another process
    return 1_000 * (rang or time.monotonic() - begun), 1_000 * (time.monotonic() - begun)


def _round_trip_ms(peer: SipPeer) -> float:
    """From a packet at the box's door to the packet that brings its samples back."""
    noise = np.random.default_rng(7).normal(0, 4_000, 16_000).astype(np.float32)
    peer.hear()
    said = peer.say(noise)
    time.sleep(2.6)  # noqa: TID251  # sipd is another process
    said_s, heard_s, heard = peer.said_s, peer.heard_s, peer.hear()  # before the next packet
    size = 1 << (heard.size + said.size - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said[4_000:8_000], size)))
    at = int(np.argmax(match[: heard.size])) - 4_000
    return 1_000 * (heard_s - said_s) + at / 8


def figures() -> list[Figure]:
    """Set-up times, delay of sound."""
    try:
        load()
    except LibraryMissingError as missing:
        return [left_out("trunk", str(missing))]
    with SipPeer() as first, SipBox(first.port) as box:
        rang, answered, delays = [], [], []
        for n in range(CALLS):
            first.wait(lambda: False, 0.1)
            one, two = _set_up(box, first)
            rang.append(one)
            answered.append(two)
            if n < 5:
                first.wait(lambda: False, 0.4)
                delays.append(_round_trip_ms(first))
            first.bye()
        return [
            of("trunk: INVITE to 180", "ms", rang, "goal: 100 ms", 100.0),
            of("trunk: INVITE to 200", "ms", answered, "goal: 200 ms", 200.0),
            of(
                "trunk: sound through the box and back",
                "ms",
                delays,
                "20 ms buffer, 10 ms frames each way, one packet, jitter buffer",
            ),
        ]
