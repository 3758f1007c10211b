"""Call control keeps nothing of a call that is over but its record: 12,000, in virtual time."""

from __future__ import annotations

import gc
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from drivers.line import PortReady
from firmware.config import load
from firmware.control.messages import AskSettings, PortSnapshot, SaveSettings, Snapshot
from firmware.core.events import IdentityKind
from firmware.core.sip_events import SipAnswered, SipEnded, SipOffered
from firmware.daemons.calld import Calld
from firmware.daemons.compose import build_calld

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1_800)]

CALLS, WARM = 12_000, 2_000
LEGS = 4
MOST_OBJECTS = 500  # a cache may hold a few more; one object a call would be 10,000
BEGUN = datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=8)))
MACHINE = """country = "CN"
trunk_legs = 4
[[chains]]
kind = "fxs"
chip = "si3215"
device = "/dev/spidev0.0"
count = 1
slots = [0]
[pins]
reset = 5
[folders]
data = "{folder}/data"
run = "{folder}"
"""


class Office:
    """Call control with four legs that nobody else watches."""

    def __init__(self, folder: Path) -> None:
        (folder / "machine.toml").write_text(MACHINE.format(folder=folder), "ascii")
        self.now_ms = 1_000_000
        machine = load(folder / "machine.toml")
        self.calld: Calld = build_calld(machine, boot="b", now_ms=self.now_ms, wall=BEGUN)
        self.calld.lined_connected(self.now_ms)
        ports = (PortSnapshot(port="fxs/1", ready=True, chip="x"),)
        self.tell(Snapshot(at_ms=self.now_ms, boot="b", alone_ms=0, ports=ports))
        self._set()
        for leg in range(1, LEGS + 1):
            self.tell(PortReady(port=f"sip/{leg}", at_ms=self.now_ms))

    def wall(self) -> datetime:
        return BEGUN + timedelta(milliseconds=self.now_ms)

    def tell(self, event: Any) -> None:
        self.calld.from_lined(event, self.now_ms, self.wall())

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while (due_ms := self.calld.next_deadline()) <= end_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.calld.advance(self.now_ms, self.wall())
        self.now_ms = end_ms

    def _set(self) -> None:
        answers: list[Any] = []
        self.calld.request(AskSettings(), answers.append, self.now_ms, self.wall())
        document = answers[-1].settings
        first = document["lines"][0]
        legs = [dict(first, port=f"sip/{n}") for n in range(1, LEGS + 1)]
        trunk = {"name": "a", "lines": [leg["port"] for leg in legs], "host": "192.0.2.1"}
        trunk |= {"register": False, "numbers": {"100": "flow:main"}}
        settings = dict(document, lines=[*document["lines"], *legs], sip={"trunks": [trunk]})
        save = SaveSettings(base=answers[-1].version, who="x", why="y", settings=settings)
        self.calld.request(save, answers.append, self.now_ms, self.wall())
        assert hasattr(answers[-1], "version"), answers[-1]

    def call(self, number: int) -> None:
        """Somebody calls, hears the menu for a moment and hangs up."""
        leg = f"sip/{number % LEGS + 1}"
        who = {"kind": IdentityKind.NUMBER, "number": f"139{number:08}"}
        self.tell(SipOffered(port=leg, at_ms=self.now_ms, called="100", to="flow:main", **who))
        self.tell(SipAnswered(port=leg, at_ms=self.now_ms, codec="PCMA"))
        self.wait(150)
        self.tell(SipEnded(port=leg, at_ms=self.now_ms, code=200, reason="OK"))
        self.wait(10)


def test_nothing_is_kept_of_a_call_but_its_record(tmp_path: Path) -> None:
    office = Office(tmp_path)
    held: dict[int, int] = {}
    for number in range(1, CALLS + 1):
        office.call(number)
        if number % WARM == 0:
            gc.collect()
            held[number] = len(gc.get_objects())
    grown = held[CALLS] - held[WARM]
    print(f"{CALLS} calls: {held}, {grown:+d} objects in the last {CALLS - WARM}")
    assert grown <= MOST_OBJECTS
    assert office.calld.status(office.now_ms).calls == ()
