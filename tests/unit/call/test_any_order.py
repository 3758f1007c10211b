"""Anything in any order: seeded people, exchanges and faults, and what must always hold.

Each seed is a test of its own, so that a failure names the seed; a run prints its last steps.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    ChipReset,
    LineFree,
    LineInUse,
    LoopClosed,
    LoopCurrentLost,
    LoopCurrentReturned,
    LoopOpened,
    PolarityReversed,
    PortFailed,
    PortReady,
    RingStarted,
    RingStopped,
)
from firmware.control.messages import BridgeSnapshot, RecordingSnapshot
from firmware.core.commands import SetBridge
from firmware.core.countries import COUNTRIES
from firmware.core.events import SpeechHeard
from firmware.core.log_entries import (
    CallClosed,
    CallMarked,
    CallOffered,
    Cleared,
    Outcome,
    VoicesConnected,
)
from firmware.core.settings import Line, Settings
from tests.bench.invariants import ALONE_IN, RINGBACK_IN
from tests.unit.call.test_restart import _open_calls
from tests.unit.desk import Desk

PHONES = tuple(f"fxs/{n}" for n in range(1, 5))
LINES = tuple(f"fxo/{n}" for n in range(1, 5))
TONES = ("busy", "congestion", "dial", "ringback", "special_information")
NUMBERS = ("201", "202", "203", "200", "9123#", "0123", "110", "9110", "7", "2", "*", "21#", "#")
# Codes of both profiles: what is none in one country is a wrong number there.
CODES = (
    *("*57*203#", "#57#", "*40*204#", "*41*203#", "*41*9123#", "*56#", "#56#", "*52*202#", "#52#"),
    *("*51*12*201#", "**12", "*92#", "*69#", "#9", "*8201", "*8202", "*70", "701", "702", "#00#"),
    *("*72203#", "*73", "*78", "*79", "*8", "**202", "70", "71", "*92", "*69", "*0", "*012", "*74"),
)


class World:
    """A seeded world around a desk."""

    def __init__(self, seed: int) -> None:
        self._by_call: dict[str, list[Any]] = {}
        self._sorted = 0  # entries of the log that are in there; a log only grows
        self._right: dict[str, tuple[int, bool]] = {}  # what was looked at, and held
        self.random = random.Random(seed)
        choose = self.random.choice
        settings = Settings(
            country=choose(sorted(COUNTRIES)),
            record=choose(["all", "none"]),
            inbound=choose(["flow:main", "flow:main", "200", "201"]),
            lines=tuple(
                Line(
                    port=port,
                    dialling=choose(["dtmf", "pulse"]),
                    answer_after_bursts=self.random.randint(1, 3),
                    wait_for_dial_tone=choose([True, False]),
                    answer_by_reversal=choose([True, False]),
                    outgoing=choose([True, True, False]),
                    clear=choose([("tone",), ("loop_break", "reversal"), ("tone", "silence")]),
                )
                for port in LINES
            ),
        )
        self.desk = Desk.ready(settings)
        self.off_hook: set[str] = set()
        self.steps: list[str] = []

    def step(self) -> None:
        """One thing happens, and some time passes."""
        pick = self.random
        actions: list[tuple[int, Callable[[], None]]] = [
            (6, self._hook),
            (4, self._flash),
            (3, self._code),
            (3, self._enquire),
            (6, self._dial),
            (6, self._ring),
            (3, self._menu_key),
            (3, self._dial_tone),
            (3, self._line_glitch),
            (2, self._tone),
            (1, self._chip),
            (1, self._restart),
            (1, self._lined_restart),
        ]
        (action,) = pick.choices([a for _, a in actions], weights=[w for w, _ in actions])
        self.steps.append(f"{self.desk.now_ms}: {action.__name__}")
        action()
        self.desk.wait(pick.choice([0, 5, 60, 300, 700, 1_000, 4_000, 9_000, 31_000]))

    # --- what may happen --------------------------------------------------------------------------

    def _say(self, event: Any) -> None:
        self.steps.append(f"  {event}")
        self.desk.tell(event)

    def _hook(self) -> None:
        port = self.random.choice(PHONES)
        if port in self.off_hook:
            self.off_hook.discard(port)
            self._say(LoopOpened(port=port, at_ms=self.desk.now_ms))
        else:
            self.off_hook.add(port)
            self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))

    def _flash(self) -> None:
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            self._say(LoopOpened(port=port, at_ms=self.desk.now_ms))
            self.desk.wait(self.random.choice([3, 20, 60, 90, 200, 500]))
            self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))

    def _dial(self) -> None:
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            number = self.random.choice(NUMBERS)
            self.steps.append(f"  {port} {number}")
            self.desk.key(port, number, gap_ms=self.random.choice([0, 100, 1_600]))

    def _code(self) -> None:
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            code = self.random.choice(CODES)
            self.steps.append(f"  {port} {code}")
            self.desk.key(port, code, gap_ms=100)

    def _enquire(self) -> None:
        """A recall as a trained hand gives it, and what may follow."""
        if not self.off_hook:
            return
        port = self.random.choice(sorted(self.off_hook))
        low_ms, high_ms = self.desk.office._country.flash_ms
        self._say(LoopOpened(port=port, at_ms=self.desk.now_ms))
        self.desk.wait((low_ms + high_ms) // 2)
        self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))
        self.desk.wait(300)
        keys = self.random.choice(("1", "2", "3", "9", "202", "203", "200", "9123#", "*70", "70"))
        self.steps.append(f"  {port} {keys}")
        self.desk.key(port, keys, gap_ms=100)

    def _ring(self) -> None:
        port = self.random.choice(LINES)
        for _ in range(self.random.randint(1, 3)):
            self._say(RingStarted(port=port, at_ms=self.desk.now_ms))
            self.desk.wait(1_000)
            self._say(RingStopped(port=port, at_ms=self.desk.now_ms, duration_ms=1_000))
            self.desk.wait(self.random.choice([200, 1_000, 3_000]))
            if self.random.random() < 0.3:
                self.desk.identify(port, "123456")

    def _menu_key(self) -> None:
        self.desk.key(self.random.choice(LINES), self.random.choice("0129#"))

    def _dial_tone(self) -> None:
        for line in sorted(self.desk.seized):
            self.desk.tone(line, "dial")

    def _tone(self) -> None:
        port = self.random.choice([*LINES, *sorted(self.desk.seized)])
        tone = self.random.choice(TONES)
        self.steps.append(f"  {port} {tone}")
        if self.random.random() < 0.7:
            self.desk.tone(port, tone)
        else:
            self.desk.tone_ends(port, tone)

    def _line_glitch(self) -> None:
        port = self.random.choice([*LINES, *sorted(self.desk.seized)])
        at_ms = self.desk.now_ms
        self._say(
            self.random.choice(
                [
                    PolarityReversed(port=port, at_ms=at_ms, reversed=True),
                    LoopCurrentLost(port=port, at_ms=at_ms),
                    LoopCurrentReturned(port=port, at_ms=at_ms, gap_ms=90),
                    BatteryLost(port=port, at_ms=at_ms),
                    BatteryReturned(port=port, at_ms=at_ms),
                    LineInUse(port=port, at_ms=at_ms),
                    LineFree(port=port, at_ms=at_ms),
                    SpeechHeard(port=port, at_ms=at_ms),
                ]
            )
        )

    def _chip(self) -> None:
        port = self.random.choice([*PHONES, *LINES])
        if self.random.random() < 0.3:
            self._say(PortFailed(port=port, at_ms=self.desk.now_ms, reason="test"))
        else:
            self._say(ChipReset(port=port, at_ms=self.desk.now_ms))
        self.desk.seized.discard(port)
        self.desk.wait(self.random.choice([100, 1_900, 5_000]))
        self._say(PortReady(port=port, at_ms=self.desk.now_ms))
        if port in self.off_hook:
            self.desk.wait(20)
            self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))

    def _restart(self) -> None:
        old = self.desk
        ended = bool(self.random.random() < 0.3)
        bridges = () if ended else tuple(old.bridges.values())
        new = Desk(old.settings, first_call=1_000 * (len(self.steps) + 1))
        new.now_ms = old.now_ms + self.random.choice([10, 1_000, 4_000])
        new.log, new.seized = list(old.log), set(old.seized)
        # lined stops ringing, tones and prompts by itself; conversations it keeps.
        new.bridges = {} if ended else dict(old.bridges)
        new.recordings = dict(old.recordings)
        self.desk = new
        new.adopt(
            _open_calls(old),
            off_hook=(*self.off_hook, *new.seized),
            bridges=tuple(
                BridgeSnapshot(bridge=b.bridge, call=b.call, parties=b.parties) for b in bridges
            ),
            recordings=tuple(
                RecordingSnapshot(recording=r.recording, port=r.port, path=r.path)
                for r in old.recordings.values()
            ),
        )

    def _lined_restart(self) -> None:
        desk = self.desk
        desk.log += desk.office.lines_lost(desk.now_ms)
        for kept in (
            desk.tones,
            desk.ringing,
            desk.bridges,
            desk.seized,
            desk.plays,
            desk.recordings,
        ):
            kept.clear()
        desk._later.clear()
        desk.wait(2_000)
        desk.adopt(off_hook=tuple(self.off_hook))

    # --- what must hold ---------------------------------------------------------------------------

    def check(self) -> None:
        desk, office = self.desk, self.desk.office
        calls = {call.call: call for call in office.calls}
        owners: dict[str, str] = {}
        seconds: dict[str, str] = {}
        for call in calls.values():
            for port, leg in call.parties.legs.items():
                if port in call.parties.away or leg.knocking:
                    session = office.handsets.sessions.get(port)
                    assert session is not None, f"{port}: a second call without a session"
                    assert call in session.calls, f"{port}: a second call of no session"
                    seconds[port] = call.call
                    continue
                assert port not in owners, f"{port} is in two calls at once"
                owners[port] = call.call
        for port, call_id in seconds.items():
            owners.setdefault(port, call_id)
        for bridge in desk.bridges.values():
            call = calls[bridge.call]
            joined = {p.port for p in bridge.parties}
            assert joined <= set(call.parties.present()), "a bridge of strangers"
            waits = call.state in ALONE_IN
            assert len(joined) > 1 or waits, f"{joined} hears nobody in {call.state}"
        assert desk.seized <= set(owners), "a line is seized for no call"
        for port in desk.ringing:
            assert port in owners
            assert calls[owners[port]].parties.legs[port].ringing, f"{port} rings for nobody"
        for port, tone in desk.tones.items():
            self._owned(port, tone, calls, owners)
        for port, play in desk.plays.items():
            if play.play in {run.play for run in office._runs.values()}:
                assert calls[owners[port]].state == "menu"
            elif play.loop:
                assert calls[owners[port]].state in {"held", "parked"}, f"music for {port}"
        self._check_log(set(calls))

    def _owned(self, port: str, tone: str, calls: dict[str, Any], owners: dict[str, str]) -> None:
        if tone == "ringback":
            assert calls[owners[port]].state in RINGBACK_IN, "ringback for nobody"
            return
        if tone == "call_waiting":
            session = self.desk.office.handsets.sessions[port]
            assert session.state == "waiting", f"{port}: nobody waits"
            return
        wanted = {
            "dial": {"dial_tone"},
            "stutter": {"dial_tone"},
            "confirm": {"dial_tone"},
            "howler": {"howling"},
        }.get(tone, {"dismissed"})
        assert self.desk.office._phones[port].state in wanted, f"{tone} on {port} has no owner"

    def _check_log(self, live: set[str]) -> None:
        """Every call that has new entries, or ended, since it was looked at."""
        for entry in self.desk.log[self._sorted :]:
            self._by_call.setdefault(entry.call, []).append(entry)
        self._sorted = len(self.desk.log)
        for call, entries in self._by_call.items():
            look = (len(entries), call in live)
            if self._right.get(call) == look:
                continue
            offered = [e for e in entries if isinstance(e, CallOffered)]
            closed = [e for e in entries if isinstance(e, CallClosed)]
            assert len(offered) == 1, f"call {call}: {entries}"
            assert entries[0] is offered[0], f"call {call}: {entries}"
            assert len(closed) == (0 if call in live else 1), f"call {call}: {entries}"
            if closed:
                told = [e for e in entries if not isinstance(e, CallMarked)]  # *57 comes afterwards
                assert told[-1] is closed[0], f"call {call}: {entries}"
                assert len([e for e in entries if isinstance(e, Cleared)]) == 1, f"call {call}"
                connected = any(isinstance(e, VoicesConnected) for e in entries)
                answered = closed[0].outcome is Outcome.ANSWERED
                assert answered == connected, f"call {call}: {entries}"
            self._right[call] = look

    def settle(self) -> None:
        """Everybody goes home: handsets down, exchanges clear."""
        desk = self.desk
        for port in sorted(self.off_hook):
            self._say(LoopOpened(port=port, at_ms=desk.now_ms))
        self.off_hook.clear()
        desk.wait(2_000)
        for port in LINES:
            desk.tone(port, "busy")
            self._say(LoopCurrentLost(port=port, at_ms=desk.now_ms))
        desk.wait(1_000_000)


def _run(seed: int, steps: int) -> None:
    world = World(seed)
    try:
        for _ in range(steps):
            world.step()
            world.check()
        world.settle()
        world.check()
        desk = world.desk
        assert not desk.office.calls
        for left in (desk.tones, desk.ringing, desk.bridges, desk.seized, desk.recordings):
            assert not left
    except Exception as problem:
        last = "\n".join(world.steps[-25:])
        raise AssertionError(f"seed {seed}: {problem}\n{last}") from problem


@pytest.mark.parametrize("seed", range(25))
def test_invariants_hold_whatever_happens(seed: int) -> None:
    _run(seed, 250)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_100))
def test_invariants_hold_for_longer(seed: int) -> None:
    _run(seed, 1_000)


def test_voices_are_joined_only_behind_their_entry() -> None:
    for seed in range(10):
        world = World(seed)
        for _ in range(150):
            world.step()
            connected = {e.call for e in world.desk.log if isinstance(e, VoicesConnected)}
            outbound = {
                e.call
                for e in world.desk.log
                if isinstance(e, CallOffered) and e.direction.value == "outbound"
            }
            for effect in world.desk.effects:
                if isinstance(effect, SetBridge) and effect.parties:
                    assert effect.call in connected | outbound, f"seed {seed}"
