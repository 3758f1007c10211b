"""Queues, agents and supervisors in any order: seeded hands on four telephones, and what must hold.

The walk of ``tests/unit/call/test_any_order.py`` through an office whose lines lead to a queue: the
codes are those of agents and supervisors, the keys those of somebody who listens. Each seed is a
test of its own, so that a failure names the seed; a run prints its last steps.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from drivers.line import LoopClosed, LoopOpened
from firmware.control.messages import BridgeSnapshot, RecordingSnapshot
from firmware.core.acd_settings import Acd, Agent, Membership, Queue
from firmware.core.log_entries import CallClosed, CallOffered
from firmware.core.pin import pin_hash
from firmware.core.settings import Settings
from firmware.daemons.floor.queue_memory import read, write
from tests.unit.call.test_any_order import LINES, PHONES, World
from tests.unit.call.test_restart import _open_calls
from tests.unit.desk import Desk

WALL = datetime(2026, 3, 2, 1, tzinfo=UTC)
PIN = pin_hash("4711", bytes(16))
CODES = (
    *("*2*1001#", "*2*1002#", "*20*1009*4711#", "*20*1009*1#", "*21#", "*221", "*23#", "*25#"),
    *("#20#", "#21*1001#", "#21*1002#", "#21*201#", "#22*1001#", "#23*1002#", "#24*1001#"),
    *("#24*1002#", "#25*1001#", "#25*1009#", "#26#", "#26#", "*26#", "*32#", "*24*1#", "300"),
    *("#21*1009#", "#24*1009#", "201", "202", "*70"),
)
ATTENDING = (
    *(
        "*20*1009*4711#",
        "#21*1001#",
        "#21*1002#",
        "#22*1001#",
        "#23*1002#",
        "#24*1001#",
        "#24*1002#",
    ),
    *("#25*1001#", "#25*1002#"),
)
KEYS = ("1", "2", "3", "4", "5", "*", "#", "9", "300#", "301#")


class Floor(World):
    """Agents 1001 (a trainee of 1009) and 1002 in queue 300, and 1009, who may decide."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        member = (Membership(queue="300"),)
        queue = Queue(
            number="300",
            join_empty=True,
            strategy=self.random.choice(["ring_all", "longest_idle"]),
            whisper=self.random.random() < 0.5,
            wrap_up_s=self.random.choice([0, 30]),
            wrap_up_tone_s=0,
            survey=self.random.choice([0, 2]),
        )
        acd = Acd(
            queues=(queue, Queue(number="301", when_empty="flow:main")),
            agents=(
                Agent(number="1001", queues=member, mentor="1009"),
                Agent(number="1002", queues=member),
                Agent(number="1009", queues=member, supervisor=True, pin_hash=PIN),
            ),
            alarm_waiting=1,
            alarm_wait_s=20,
            listen_tone=self.random.random() < 0.5,
        )
        # Who waits in a queue waits until his exchange says that he is gone.
        lines = tuple(
            msgspec.structs.replace(line, clear=("tone", "loop_break"))
            for line in self.desk.settings.lines
        )
        settings = msgspec.structs.replace(
            self.desk.settings,
            country="CN",
            lines=lines,
            acd=acd,
            inbound="300",
            feature_profile="CN",
        )
        self.desk = Desk.ready(settings)
        for port, code in zip(PHONES, ("*2*1001#", "*2*1002#", "*20*1009*4711#"), strict=False):
            self.off_hook.add(port)
            self.desk.lift(port)
            self.desk.key(port, code)
            self.desk.wait(4_000)
            self.off_hook.discard(port)
            self.desk.hang_up(port)

    def step(self) -> None:
        """What people at work do most, and now and then anything at all."""
        pick, hall = self.random, self.desk.office.queues.acd.hall
        talking = any(agent.state == "talking" for agent in hall.agents.values())
        if pick.random() < 0.3:
            super().step()
            return
        if set(self.desk.ringing) - self.off_hook and pick.random() < 0.7:
            act = self._answer
        elif talking:
            act = pick.choice((self._attend, self._attend, self._menu_key, self._help, self._code))
        else:
            act = pick.choice((self._caller, self._put_down, self._put_down, self._fresh_code))
        self.steps.append(f"{self.desk.now_ms}: {act.__name__}")
        act()
        self.desk.wait(pick.choice([0, 60, 700, 3_000, 9_000]))

    def _attend(self) -> None:
        """The supervisor's telephone is lifted for a conversation, or has a key pressed."""
        port = "fxs/3"
        if port in self.off_hook:
            self.steps.append(f"  {port} a key")
            self.desk.key(port, self.random.choice("1234*"))
        elif port not in self.desk.ringing:
            self._lift_for(port, self.random.choice(ATTENDING))

    def _caller(self) -> None:
        """Somebody calls; after two bursts the box has answered."""
        idle = [line for line in LINES if line not in self.desk.seized]
        if idle:
            self.desk.call_in(self.random.choice(idle), f"1380013800{self.random.randrange(10)}")

    def _answer(self) -> None:
        ringing = sorted(set(self.desk.ringing) - self.off_hook)
        if ringing:
            port = self.random.choice(ringing)
            self.off_hook.add(port)
            self._say(LoopClosed(port=port, at_ms=self.desk.now_ms, ring_trip=True))

    def _put_down(self) -> None:
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            self.off_hook.discard(port)
            self._say(LoopOpened(port=port, at_ms=self.desk.now_ms))

    def _fresh_code(self) -> None:
        """A telephone on its hook is lifted for a code."""
        idle = sorted(set(PHONES) - self.off_hook - set(self.desk.ringing))
        if idle:
            self._lift_for(self.random.choice(idle), self.random.choice(CODES))

    def _lift_for(self, port: str, code: str) -> None:
        self.off_hook.add(port)
        self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))
        self.desk.wait(400)
        self.steps.append(f"  {port} {code}")
        self.desk.key(port, code, gap_ms=100)

    def _help(self) -> None:
        """A recall, and the code that calls a supervisor."""
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            self._say(LoopOpened(port=port, at_ms=self.desk.now_ms))
            self.desk.wait(sum(self.desk.office._country.flash_ms) // 2)
            self._say(LoopClosed(port=port, at_ms=self.desk.now_ms))
            self.desk.wait(300)
            self.desk.key(port, "#20#", gap_ms=100)

    def _code(self) -> None:
        if self.off_hook:
            port = self.random.choice(sorted(self.off_hook))
            code = self.random.choice(CODES)
            self.steps.append(f"  {port} {code}")
            self.desk.key(port, code, gap_ms=100)

    _dial = _code

    def _restart(self) -> None:
        """Call control begins anew and knows what it kept; conversations and queues go on."""
        old = self.desk
        kept = read(write(old.office.queues.continuity.memory(old.now_ms, "boot")))
        assert kept is not None
        new = Desk(old.settings, first_call=1_000 * (len(self.steps) + 1))
        new.now_ms = old.now_ms + self.random.choice([10, 1_000, 4_000])
        new.log, new.seized = list(old.log), set(old.seized)
        new.bridges, new.recordings = dict(old.bridges), dict(old.recordings)
        self.desk = new
        told = new.office.queues.continuity.know(kept, new.now_ms, WALL, "boot")
        new.log += told
        bridges = old.bridges.values()
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

    def _menu_key(self) -> None:
        port = self.random.choice([*sorted(self.off_hook), "fxo/1", "fxo/2"])
        keys = self.random.choice(KEYS)
        self.steps.append(f"  {port} {keys}")
        self.desk.key(port, keys)

    def check(self) -> None:
        """Whoever only listens is heard by no line; every call begins and ends once."""
        calls = {call.call: call for call in self.desk.office.calls if not call.ended}
        for bridge in self.desk.bridges.values():
            beside = calls[bridge.call].parties.beside
            for party in bridge.parties:
                heard_by = set(party.heard_by)
                if beside.get(party.port) == "listen":
                    assert not party.talks, f"{party.port} listens and is heard"
                elif party.port in beside:
                    lines = {port for port in heard_by if port.startswith("fxo/")}
                    assert not party.talks or heard_by, f"{party.port} whispers to all"
                    assert not lines, f"{party.port} whispers to {lines}"
        by_call: dict[str, list[Any]] = {}
        for entry in self.desk.log:
            by_call.setdefault(entry.call, []).append(entry)
        by_call.pop("", None)
        for call, entries in by_call.items():
            if not call.isdigit():
                continue  # a visit that is owed
            offered = [e for e in entries if isinstance(e, CallOffered)]
            closed = [e for e in entries if isinstance(e, CallClosed)]
            assert len(offered) == 1, f"call {call}: {entries}"
            assert len(closed) == (0 if call in calls else 1), f"call {call}: {entries}"
        hall = self.desk.office.queues.acd.hall
        for visit in hall.visits.values():
            assert visit.task or visit.id in calls, f"{visit.id} waits without a call"


def test_a_held_caller_who_rings_back_meets_no_other_offer() -> None:
    """The agent puts his handset down while he holds one caller and another waits."""
    member = (Membership(queue="300"),)
    queue = Queue(
        number="300", join_empty=True, wrap_up_s=0, wrap_up_tone_s=0, recall_s=0, whisper=False
    )
    acd = Acd(queues=(queue,), agents=(Agent(number="1001", queues=member),))
    desk = Desk.ready(Settings(acd=acd, inbound="300"))
    desk.lift("fxs/1")
    desk.key("fxs/1", "*2*1001#")
    desk.wait(4_000)
    desk.hang_up("fxs/1")
    desk.call_in("fxo/1", "13800138001")
    desk.wait(500)
    desk.lift("fxs/1")
    desk.wait(4_000)
    desk.call_in("fxo/2", "13800138002")
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(200)
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(1_000)
    desk.hang_up("fxs/1")
    call = desk.office.call_at("fxs/1")
    assert call is not None
    assert call.origin == "fxo/1", "he has his caller back first"
    desk.lift("fxs/1")
    desk.wait(4_000)
    assert ("fxo/1", "fxs/1") in desk.joined


def _run(seed: int, steps: int) -> None:
    print(f"seed {seed}")
    floor = Floor(seed)
    try:
        for _ in range(steps):
            floor.step()
            floor.check()
        floor.settle()
        floor.check()
        desk = floor.desk
        waiting = [v for v in desk.office.queues.acd.hall.visits.values() if not v.task]
        assert not waiting, f"{waiting} are stuck"
        assert not desk.bridges
        assert not desk.seized
    except Exception as problem:
        last = "\n".join(floor.steps[-30:])
        raise AssertionError(f"seed {seed}: {problem!r}\n{last}") from problem


@pytest.mark.parametrize("seed", range(8))
def test_a_floor_stands_whatever_hands_do(seed: int) -> None:
    _run(seed, 150)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_020))
def test_a_floor_stands_for_longer(seed: int) -> None:
    _run(seed, 800)
