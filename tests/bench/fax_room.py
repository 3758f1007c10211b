"""faxd on the bench: the genuine ends, with the wire's delay and without a process.

Besides that: the machines of the town's people, and where their pages lie.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from firmware.config import Machine
from firmware.control.fax_messages import for_faxd
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country
from firmware.daemons.fax.ends import FaxEnds
from firmware.daemons.wires.leg_sound import FAX_DEPTH_BLOCKS
from firmware.fax.job import FaxOrder
from firmware.media import g711
from tests.bench import fax_office
from tests.bench.fax_pages import draw
from tests.bench.world.fax_machine import FaxMachine
from tests.bench.world.party import Party


class FaxRoom:
    """The box's fax ends and the machines outside."""

    def __init__(self, machine: Machine, block_samples: int, now_ms: Callable[[], int]) -> None:
        self._ends = machine.fax_ends
        self._law = country(machine.country).law
        self._block = block_samples
        self._now_ms = now_ms
        self.spool = Path(machine.folders.run) / "fax"
        self._town = Path(machine.folders.run) / "machines"
        self._idle = np.full((self._ends, block_samples), g711.IDLE[self._law], np.uint8)
        self._delay = max(1, FAX_DEPTH_BLOCKS * BLOCK_SAMPLES // block_samples)
        self._coming: deque[np.ndarray] = deque()
        self._machines: dict[str, FaxMachine] = {}
        self._told: list[Any] = []
        self.sent: Path | None = None  # by the box
        self.ends: FaxEnds | None = None
        self.start()

    def start(self) -> None:
        """A new faxd."""
        self._coming = deque([self._idle] * self._delay)
        if self._ends:
            self.spool.mkdir(parents=True, exist_ok=True)
            self.ends = FaxEnds(self._ends, self.spool, self._law, self._now_ms)
            self._told += self.ends.greet()

    def kill(self) -> None:
        """Faxd is gone without a word, as by SIGKILL."""
        from firmware.control.fax_messages import FaxdGone

        self.ends = None
        self._told = [FaxdGone(at_ms=self._now_ms())]
        self._coming = deque([self._idle] * self._delay)

    def beside(self, captured: np.ndarray) -> np.ndarray:
        """What comes from the slots, and below it what comes from fax ends."""
        if not self._ends:
            return captured
        return np.concatenate([captured, self._coming.popleft()])

    def work(self, heard: np.ndarray) -> None:
        """One block for the ends."""
        if not self._ends:
            return
        said = self._idle
        if self.ends is not None and (up := self.ends.up):
            rows = [n for n in range(self._ends) if up & 1 << n]
            said = self._idle.copy()
            said[rows] = self.ends.work(up, heard[rows])
            self._told += self.ends.take()
        self._coming.append(said)

    def order(self, message: object) -> bool:
        """A command of call control; whether it is for faxd."""
        if not for_faxd(message):
            return False
        if self.ends is not None:
            self.ends.order(message)
            self._told += self.ends.take()
        return True

    def take(self) -> list[Any]:
        """What faxd tells call control."""
        told, self._told = self._told, []
        return told

    def machine(self, party: Party) -> FaxMachine:
        """The machine of a party; the first question puts it there."""
        if party.name not in self._machines:
            self._town.mkdir(parents=True, exist_ok=True)
            self._machines[party.name] = FaxMachine(party, self._town)
        return self._machines[party.name]

    def asked(self, box: Any, what: str) -> bool:
        """``send a fax of N pages to NUMBER``: whether that is it; an order of the desk's kind."""
        if (pages := fax_office.asked(box, what, self.pages("office"))) is not None:
            self.sent = pages
            return True
        found = re.fullmatch(r"send a fax of (\d+) pages to (\d+)", what)
        if found is None:
            return False
        self.sent = draw(self.pages("box"), pages=int(found[1]), words="box")
        order = FaxOrder(job="1", number=found[2], tiff=str(self.sent), station="+86 20 1")
        now_ms = box.now_ms
        done = box.calld._office.send_faxes([order], now_ms)
        for command in box.calld.execution.carry_out(done, now_ms, box.wall):
            if not self.order(command):
                box.lined.command(command, now_ms)
        return True

    def pages(self, name: str) -> Path:
        """A place for pages that somebody is going to send."""
        self._town.mkdir(parents=True, exist_ok=True)
        return self._town / f"{name}.tif"
