"""Far ends whose clocks are wrong: no clicks, no growing delay.

``python -m tests.sip.drift [SECONDS]``, as root: what is late shall not be this test's own doing.

Several callers talk at once, each by a clock of its own, up to 200 ppm fast or slow (crystals of
telephones are within 100). Each says a tone of 300 Hz, and every five seconds for 100 ms another
one, so that its delay can be read at any time. Then one keeps its packets back for 300 ms and sends
them together: the buffer of stated depth takes that up and comes back.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from firmware.daemons.trunk.agent import ADAPTATION_MS
from firmware.media import g711
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import SipPeer

PPM: Final = (-200, -100, 100, 200)
SECONDS, HELD_SECONDS, HELD_S = 240.0, 40.0, 0.3
TONE_HZ, MARK_HZ = 300.0, 1_000.0
MARK_EVERY_S, MARK_S = 5.0, 0.1
AMPLITUDE: Final = 6_000.0
STEP: Final = 1.5
"""Times the steepest slope of the tone: more than that from one sample to the next is a click. What
A-law adds at this level is below a tenth of the slope (ITU-T G.711, segment 6: steps of 256)."""
GAP_SHARE: Final = 0.5  # of the tone's amplitude: 5 ms below it are a gap
MOST_GROWTH_MS: Final = 25.0  # a packet and a block
PATIENT_BLOCKS: Final = 60


class Heard(NamedTuple):
    """How one far end was heard."""

    ppm: int
    clicks: int
    gaps: int
    first_ms: float  # delay, at the beginning
    last_ms: float  # and at the end
    most_ms: float


def said(seconds: float) -> np.ndarray:
    """The tone with its marks, phase kept; 8 kHz."""
    t = np.arange(int(8_000 * seconds)) / 8_000
    marked = (t % MARK_EVERY_S) >= MARK_EVERY_S - MARK_S
    phase = 2 * np.pi * np.cumsum(np.where(marked, MARK_HZ, TONE_HZ)) / 8_000
    return (AMPLITUDE * np.sin(phase)).astype(np.float32)


def marks(samples: np.ndarray) -> np.ndarray:
    """Where marks begin, in samples."""
    t = np.arange(samples.size)
    part = samples * np.exp(-2j * np.pi * MARK_HZ * t / 8_000)
    power = np.abs(np.convolve(part, np.ones(160) / 160, "same"))
    loud = power > AMPLITUDE / 4  # half of a tone's amplitude is its part: half of that again
    edges = np.flatnonzero(loud[1:] & ~loud[:-1])
    return edges[np.diff(edges, prepend=-(10**9)) > 8_000]


def judge(ppm: int, peer: SipPeer, samples: np.ndarray, from_s: float) -> Heard:
    """What came of one far end.

    Args:
        ppm: Of its clock.
        peer: The far end.
        samples: What the box heard of it.
        from_s: When the first of them was heard, monotonic.
    """
    steepest = AMPLITUDE * 2 * np.sin(np.pi * TONE_HZ / 8_000)
    found = marks(samples)
    steps = np.abs(np.diff(samples)) > STEP * steepest
    loud = np.abs(samples)
    quiet = np.array([loud[n : n + 27].max() for n in range(0, samples.size - 27, 27)])
    gaps = quiet < GAP_SHARE * AMPLITUDE
    for at in found:  # the mark itself is steeper
        steps[max(0, at - 400) : at + 1_200] = False
    clicks = np.flatnonzero(steps)
    delays = []
    for at in found:
        heard_s = from_s + at / 8_000
        number = round((heard_s - peer.said_s) / (MARK_EVERY_S * peer.packet_s / 0.02))
        sent_s = peer.said_s + (number * MARK_EVERY_S - MARK_S) * peer.packet_s / 0.02
        delays.append(1_000 * (heard_s - sent_s))
    few = max(1, len(delays) // 6)
    return Heard(
        ppm=ppm,
        clicks=int((np.diff(clicks, prepend=-1_000) > 40).sum()),
        gaps=int((gaps[1:] & ~gaps[:-1]).sum()),
        first_ms=float(np.median(delays[:few])),
        last_ms=float(np.median(delays[-few:])),
        most_ms=float(max(delays)),
    )


def linear(codes: np.ndarray) -> np.ndarray:
    """Samples of codes."""
    out = np.zeros(codes.size, np.float32)
    g711.decode(np.ascontiguousarray(codes), out, "a")
    return out.astype(float)


def talk(box: SipBox, ppm: tuple[int, ...], seconds: float, hold_s: float = 0.0) -> list[Heard]:
    """Far ends with these clocks call and talk; how each was heard.

    ``hold_s`` is for how long each keeps its packets back, a quarter into the talk.
    """
    with ExitStack() as stack:
        peers = []
        for one in ppm:
            peer = stack.enter_context(SipPeer())
            peer.packet_s = 0.02 / (1 + one / 1e6)
            peer.call(("127.0.0.1", box.port), "100", "13800138000")
            if not peer.wait(lambda p=peer: 200 in p.codes()):
                raise RuntimeError(f"no call: {peer.codes()}")
            peers.append(peer)
        box.heard, box.says = [], np.full(8_000, 0xD5, np.uint8)
        from_s = time.monotonic()
        sound = said(seconds + 2)
        for peer in peers:
            peer.say(sound)
        peers[0].wait(lambda: False, seconds / 4)
        for peer in peers:
            peer.holds_s = hold_s
        peers[0].wait(lambda: False, seconds * 3 / 4)
        blocks, box.says = list(box.heard), None
        for peer in peers:
            peer.bye()
        found = []
        for leg, (one, peer) in enumerate(zip(ppm, peers, strict=True)):
            samples = linear(np.concatenate([rows[leg] for rows in blocks]))
            begin = int((peer.said_s - from_s + 1.0) * 8_000)
            found.append(judge(one, peer, samples[begin:], from_s + begin / 8_000))
        return found


def hurry(process: int) -> None:
    """Run before whatever else this machine does, as far as one may."""
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(5))


def drifting(box: SipBox, seconds: float) -> int:
    """Clocks that are wrong; how many were heard to be."""
    failed = 0
    for one in talk(box, PPM, seconds):
        bad = one.clicks or one.gaps or abs(one.last_ms - one.first_ms) > MOST_GROWTH_MS
        failed += bool(bad)
        _say(bad, f"clock {one.ppm:+d} ppm, {seconds:.0f} s", one)
    return failed


def held_back(box: SipBox) -> int:
    """A network that stops for 300 ms and then delivers everything; whether that stays."""
    (one,) = talk(box, (0,), HELD_SECONDS, HELD_S)
    grown, left = one.most_ms - one.first_ms, one.last_ms - one.first_ms
    bad = one.gaps > 1 or grown > ADAPTATION_MS + MOST_GROWTH_MS or left > MOST_GROWTH_MS
    _say(bad, f"packets held back for {1_000 * HELD_S:.0f} ms", one)
    return int(bad)


def _say(bad: object, name: str, one: Heard) -> None:
    waits_ms = 5 * PATIENT_BLOCKS  # of this test's own, which is longer than lined's
    print(
        f"{'FAILED' if bad else 'held  '}  {name}: {one.clicks} clicks, {one.gaps} gaps, delay "
        f"{one.first_ms - waits_ms:+.0f} ms at first, {one.last_ms - waits_ms:+.0f} at the end, "
        f"{one.most_ms - waits_ms:+.0f} at most",
        flush=True,
    )


def main(words: list[str]) -> int:
    """Play and judge; status 1 if something is heard of the clocks."""
    with SipPeer() as anybody, SipBox(anybody.port, depth=PATIENT_BLOCKS) as box:
        for process in (os.getpid(), box.process.pid):
            hurry(process)
        failed = held_back(box) + drifting(box, float(words[0]) if words else SECONDS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
