"""Supervision of exchange lines, judged by random scripts on the bench's chips.

Limits (goal G7): on a seized line every loss of battery of 90 ms to 2 s is seen and none below
60 ms; reversals of more than 65 ms are seen, shorter ones not; ringing of 15 to 68 Hz is seen
with its length. Bounce of the exchange's contacts, sagging batteries and uneven polls are part of
every script; a script is wrong if any event is missing, extra, out of order or off in time.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    LineEvent,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    Release,
    RingStarted,
    RingStopped,
    Seize,
)
from tests.bench.world.copper import FeedState
from tests.unit.drivers.rig import Rig

STEP_MS = 2  # grid of the electricity; polls come 6 to 10 ms apart
LINES = 4
DROP_MS, GLITCH_MS = (90, 2000), (4, 60)
# A reversal is seen when it outlasts 65 ms and one poll; nothing is asked in between.
REVERSAL_MS, FLICKER_MS = (78, 1500), (4, 60)
RING_HZ, RING_MS = (15.4, 67.0), (260, 2000)


class Expected(NamedTuple):
    """An event to come: what, when it happens, when it must have been told, what length it tells.

    ``at_ms`` of an event is when a poll first saw the change, before it was held to be certain.
    """

    kind: type[LineEvent]
    earliest_ms: int
    latest_ms: int
    length_ms: int = -1
    slack_ms: int = 0


class Script:
    """What one exchange line does, as changes of its feed on the grid, and what must be told."""

    def __init__(self, chance: random.Random, now_ms: int) -> None:
        self.chance = chance
        self.at_ms = now_ms
        self.changes: list[tuple[int, dict[str, object]]] = []
        self.commands: list[tuple[int, type]] = []
        self.expected: list[Expected] = []
        self.battery_v = -chance.uniform(36, 58)
        self.reversed = False
        self.put(
            battery_v=self.battery_v, open=False, resistance_ohm=float(chance.randint(300, 1200))
        )
        self.wait(900, 1200)

    def put(self, **feed: object) -> None:
        self.changes.append((self.at_ms, feed))

    def wait(self, low_ms: int, high_ms: int) -> int:
        ms = self.chance.randrange(low_ms, high_ms + 1) // STEP_MS * STEP_MS
        self.at_ms += ms
        return ms

    def expect(self, kind: type[LineEvent], within_ms: int, **length: int) -> None:
        self.expected.append(Expected(kind, self.at_ms, self.at_ms + within_ms, **length))

    def bounce(self, name: str, last: object, first: object) -> None:
        """Contacts that chatter for up to 6 ms."""
        for _ in range(self.chance.randrange(3)):
            self.put(**{name: last})
            self.wait(STEP_MS, STEP_MS)
            self.put(**{name: first})
            self.wait(STEP_MS, STEP_MS)
        self.put(**{name: last})

    # --- on-hook ------------------------------------------------------------------------------

    def ring(self) -> None:
        hz = self.chance.uniform(*RING_HZ)
        self.put(ring_vrms=self.chance.uniform(50, 95), ring_hz=hz)
        self.expect(RingStarted, 330)
        ms = self.wait(*RING_MS)
        self.put(ring_vrms=0.0, ring_hz=0.0)
        self.expect(RingStopped, 330, length_ms=ms, slack_ms=90)
        self.wait(700, 1500)

    def hum(self) -> None:
        """Voltage that alternates too slowly or too fast to be ringing, or too weak."""
        hz, volts = self.chance.choice(((6.0, 70.0), (110.0, 70.0), (25.0, 6.0)))
        self.put(ring_vrms=volts, ring_hz=hz)
        self.wait(300, 900)
        self.put(ring_vrms=0.0, ring_hz=0.0)
        self.wait(500, 700)

    def blackout(self) -> None:
        """Battery away for a second or more while the line is idle."""
        self.put(open=True)
        self.expect(BatteryLost, 900)
        self.wait(1200, 2500)
        self.put(open=False)
        self.expect(BatteryReturned, 700)
        self.wait(900, 1300)

    def reversal(self) -> None:
        self.reversed = not self.reversed
        sign = -1 if self.reversed else 1
        self.put(battery_v=sign * self.battery_v)
        self.expect(PolarityReversed, 160)
        self.wait(*REVERSAL_MS)

    def flicker(self) -> None:
        """A reversal too short to count."""
        sign = -1 if self.reversed else 1
        self.put(battery_v=-sign * self.battery_v)
        self.wait(*FLICKER_MS)
        self.put(battery_v=sign * self.battery_v)
        self.wait(300, 700)

    # --- seized -------------------------------------------------------------------------------

    def seize(self) -> None:
        self.commands.append((self.at_ms, Seize))
        self.wait(150, 300)
        if self.chance.random() < 0.5:  # exchanges open the loop for a moment after seizure
            self.put(open=True)
            self.wait(20, 50)
            self.put(open=False)
        self.wait(900, 1200)

    def release(self) -> None:
        self.commands.append((self.at_ms, Release))
        self.wait(1200, 1500)

    def drop(self) -> None:
        low_ms, high_ms = DROP_MS
        length = self.chance.choice((low_ms, low_ms + 2, self.chance.randint(low_ms, high_ms)))
        bouncing = length > low_ms + 20
        start_ms = self.at_ms
        self.expect(LoopCurrentLost, 140)
        if bouncing:
            self.bounce("open", True, False)
        else:
            self.put(open=True)
        self.at_ms = start_ms + length // STEP_MS * STEP_MS
        self.expect(LoopCurrentReturned, 60, length_ms=self.at_ms - start_ms, slack_ms=35)
        if bouncing:
            self.bounce("open", False, True)
        else:
            self.put(open=False)
        self.wait(300, 900)

    def glitch(self) -> None:
        self.put(open=True)
        self.wait(*GLITCH_MS)
        self.put(open=False)
        self.wait(200, 600)

    def sag(self) -> None:
        """The battery gives way but current still flows."""
        sign = -1 if self.reversed else 1
        self.put(battery_v=-sign * 30.0)
        self.wait(100, 500)
        self.put(battery_v=sign * self.battery_v)
        self.wait(100, 300)


IDLE = ("ring", "ring", "hum", "blackout", "reversal", "flicker")
SEIZED = ("drop", "drop", "glitch", "glitch", "reversal", "flicker", "sag")


def written(seed: int, now_ms: int) -> Script:
    """A whole script: idle, seized, idle again."""
    script = Script(random.Random(seed), now_ms)
    for _ in range(2):
        getattr(script, script.chance.choice(IDLE))()
        script.wait(250, 350)
    script.seize()
    for _ in range(4):
        getattr(script, script.chance.choice(SEIZED))()
        script.wait(250, 350)
    script.release()
    getattr(script, script.chance.choice(("ring", "hum")))()
    return script


def compared(expected: list[Expected], found: list[tuple[int, LineEvent]]) -> str:
    """Empty, or the first thing that is wrong."""
    for n, (told_ms, event) in enumerate(found):
        if n >= len(expected):
            return f"extra {type(event).__name__} at {event.at_ms}"
        want = expected[n]
        if type(event) is not want.kind:
            return f"{type(event).__name__} at {event.at_ms} in place of {want}"
        if event.at_ms < want.earliest_ms or told_ms > want.latest_ms:
            return f"{type(event).__name__} at {event.at_ms}, told at {told_ms}, expected {want}"
        told = getattr(event, "gap_ms", getattr(event, "duration_ms", -1))
        if want.length_ms >= 0 and abs(told - want.length_ms) > want.slack_ms:
            return f"{event} tells {told} ms, expected {want}"
    if len(found) < len(expected):
        return f"missing {expected[len(found)]}"
    return ""


def played(seeds: list[int]) -> dict[int, str]:
    """Scripts, one a line of one card; what is wrong by seed."""
    rig = Rig((), len(seeds)).up()
    rig.events.clear()
    chance = random.Random(seeds[0])
    ports = list(rig.lines)
    for line in rig.lines.values():
        line.state = FeedState()
    scripts = {p: written(seed, rig.now_ms) for p, seed in zip(ports, seeds, strict=True)}
    todo = sorted(
        [(at, 0, p, feed) for p, s in scripts.items() for at, feed in s.changes]
        + [(at, 1, p, kind) for p, s in scripts.items() for at, kind in s.commands],
        key=lambda one: one[:2],
    )
    todo.reverse()
    end_ms = max(s.at_ms for s in scripts.values()) + 600
    found: list[tuple[int, LineEvent]] = []
    next_poll_ms = rig.now_ms
    while rig.now_ms < end_ms:
        while todo and todo[-1][0] <= rig.now_ms:
            _, command, port, what = todo.pop()
            if command:
                rig.command(what(port=port))
            else:
                for name, value in what.items():
                    setattr(rig.lines[port].state, name, value)
        rig.now_ms += STEP_MS
        rig.bench.advance(rig.now_ms)
        for pair in rig.pairs.values():
            pair.step(8 * STEP_MS)
        if rig.now_ms >= next_poll_ms:
            found += [(rig.now_ms, event) for event in rig.card.poll(rig.now_ms)]
            next_poll_ms = rig.now_ms + chance.choice((6, 8, 10))
    wrong = {}
    for port, seed in zip(ports, seeds, strict=True):
        said = compared(scripts[port].expected, [one for one in found if one[1].port == port])
        if said:
            wrong[seed] = said
    return wrong


def judged(first: int, scripts: int) -> dict[int, str]:
    wrong: dict[int, str] = {}
    for seed in range(first, first + scripts, LINES):
        wrong |= played(list(range(seed, min(seed + LINES, first + scripts))))
    return wrong


def test_a_dozen_random_lines():
    assert judged(9000, 12) == {}


@pytest.mark.slow
def test_300_random_lines(capsys):
    wrong = judged(9100, 300)
    with capsys.disabled():
        print(f"\n  line scripts wrong, of 300: {len(wrong)}", end="")
    assert wrong == {}


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_10000_random_lines(capsys):
    wrong = judged(20_000, 10_000)
    with capsys.disabled():
        print(f"\n  line scripts wrong, of 10000: {len(wrong)}")
    assert wrong == {}
