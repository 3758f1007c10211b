"""What calls over trunks cost the whole box: processor of lined, calld and sipd by their number.

A card has eight jacks at most, so a call from a trunk to a telephone is measured up to eight; of 16
and 32 the others hear the menu, which is the rest of what a box of that size does for callers from
trunks. From trunk to trunk every call has two legs: 32 calls are 64 legs, the most a box can have.

A machine that is busy with something else lets the bench's town stand still, so the cost is
counted by the blocks of sound that lined has worked, not by the clock on the wall.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from firmware.core.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from firmware.daemons.trunk.library import LibraryMissingError, look
from tests.bench.chorus import Chorus, FarEnd, FarOffice
from tests.bench.figures.figure import Figure, left_out, of
from tests.bench.real_box import RealBox

CALLS: Final = (2, 8, 16, 32)
PHONES: Final = 8
LEGS: Final = 64
HALF: Final = LEGS // 2
MEASURE_S: Final = 4.0
SETTLE_S: Final = 1.0
SEED: Final = 20261122
PORT: Final = 15_060
CALLER: Final = "13800138000"
DAEMONS: Final = ("lined", "calld", "sipd")
HEARD: Final = 300.0  # root of mean square; far ends say ten times as much
BLOCK_S: Final = BLOCK_SAMPLES / SAMPLE_RATE_HZ

MACHINE: Final = f"""\
country = "CN"
trunk_legs = {LEGS}
[[chains]]
kind = "fxs"
chip = "si3215"
device = "/dev/spidev0.0"
count = {PHONES}
slots = {list(range(PHONES))}
[pins]
reset = 5
"""


class LargeBox(RealBox):
    """Eight telephones and as many legs as can be; no exchange line."""

    def ready(self) -> bool:
        """The card is up; the settings of a new box name lines that this one has not."""
        status = self.status()
        phones = [p for p in status.ports if p.port.startswith("fxs/")] if status else []
        return bool(phones) and all(p.state == "idle" for p in phones)


def figures() -> list[Figure]:
    """Processor seconds per call-minute."""
    try:
        most = look().calls
    except LibraryMissingError as missing:
        return [left_out("trunk load", str(missing))]
    with tempfile.TemporaryDirectory(prefix="tipring-load-") as text:
        machine = Path(text) / "machine.toml"
        machine.write_text(MACHINE, encoding="ascii")
        callers = [FarEnd() for _ in range(HALF)]
        noise = np.random.default_rng(SEED).normal(0, 10 * HEARD, 16_000)
        with (
            Chorus(callers, FarOffice(), noise) as chorus,
            LargeBox(wanted=("world", *DAEMONS), patient=True, machine=machine) as box,
        ):
            return _Load(box, chorus, most).figures()


class _Load:
    """The measurements, one after the other."""

    def __init__(self, box: LargeBox, chorus: Chorus, most: int) -> None:
        self._box = box
        self._chorus = chorus
        self._most = min(most, LEGS)
        self._idle: dict[str, float] = {}
        self._loads: list[tuple[str, int, dict[str, float], float]] = []

    def figures(self) -> list[Figure]:
        """All of them."""
        for record in (False, True):
            how = "recorded" if record else "not recorded"
            self._set(record=record, forward=False)
            for calls in (n for n in CALLS if n <= min(PHONES, self._most)):
                name = f"trunk to handset, {calls} calls, {how}"
                self._measure(name, calls, self._to_phones, self._phones_down)
            self._set(record=record, forward=True)
            for calls in (n for n in CALLS if 2 * n <= self._most):
                name = f"trunk to trunk, {calls} calls, {how}"
                self._measure(name, calls, self._to_far, lambda _: None)
        self._set(record=False, forward=False)
        for calls in (n for n in CALLS if PHONES < n <= self._most):
            name = f"trunk to menu, {calls} calls"
            self._measure(name, calls, self._to_menu, lambda _: None)
        found = [self._cost(*load) for load in self._loads]
        if self._most < LEGS:
            why = "of this build of pjsua2; image/pjproject makes one for 64 and more"
            found.append(of("calls at a time", "calls", [float(self._most)], why))
        return found

    # --- the office -------------------------------------------------------------------------------

    def _set(self, *, record: bool, forward: bool) -> None:
        far = self._chorus.office.port
        self._box.change_settings(lambda d: _office(d, far, record=record, forward=forward))
        wanted = {f"sip/{n}" for n in range(1, LEGS + 1)} | {f"fxs/{n + 1}" for n in range(PHONES)}
        self._box.wait(lambda: wanted <= self._idle_ports(), 30)
        self._box.let_pass(2 * SETTLE_S)
        # The least of all: a box that has just started still has things to do besides.
        now = self._used()[0]
        self._idle = {name: min(now[name], self._idle.get(name, 1.0)) for name in DAEMONS}

    def _idle_ports(self) -> set[str]:
        status = self._box.status()
        return {p.port for p in status.ports if p.state == "idle"} if status else set()

    def _talking(self) -> int:
        status = self._box.status()
        return 0 if status is None else sum(call.state == "talking" for call in status.calls)

    def _nobody(self) -> bool:
        status = self._box.status()
        return status is not None and not status.calls

    # --- one measurement --------------------------------------------------------------------------

    def _measure(
        self, name: str, calls: int, up: Callable[[int], None], down: Callable[[int], None]
    ) -> None:
        up(calls)
        self._box.let_pass(SETTLE_S)
        self._chorus.listen()
        used, pace = self._used()
        talking = self._chorus.ends[:calls]
        heard = [end.loudness() for end in (*talking, *self._chorus.office.ends)]
        for end in talking:
            end.bye()
        down(calls)
        self._box.wait(self._nobody, 30)
        for end in talking:
            end.silent()
        self._chorus.office.forget_calls()
        self._box.let_pass(2 * SETTLE_S)  # legs are given back
        if "handset" not in name and (deaf := sum(one < HEARD for one in heard)):
            raise RuntimeError(f"{name}: {deaf} of {len(heard)} far ends heard nothing: {heard}")
        self._loads.append((name, calls, used, pace))

    def _cost(self, name: str, calls: int, used: dict[str, float], pace: float) -> Figure:
        """Of a call, above what the idle box costs."""
        parts = {d: 60 * (used[d] - self._idle[d]) / calls for d in DAEMONS}
        beside = ", ".join(f"{daemon} {cost:.2f}" for daemon, cost in parts.items())
        if pace < 0.95:
            beside += f"; the bench kept {100 * pace:.0f} % of real time"
        return of(name, "s/min", [sum(parts.values())], beside)

    def _used(self) -> tuple[dict[str, float], float]:
        """Processor seconds of each daemon per second of sound, and seconds of sound per second."""
        first, begun, before = self._counters(), time.monotonic(), self._cpu_s()
        self._box.let_pass(MEASURE_S)
        wall_s, after, last = time.monotonic() - begun, self._cpu_s(), self._counters()
        pace = (last.ticks - first.ticks) * BLOCK_S * 1_000 / (last.at_ms - first.at_ms)
        return {name: (after[name] - before[name]) / wall_s / pace for name in DAEMONS}, pace

    def _counters(self) -> Any:
        """What lined has counted; call control may be busy for a moment."""
        found: list[Any] = []

        def seen() -> bool:
            status = self._box.status()
            if status is not None and status.counters is not None:
                found.append(status.counters)
            return bool(found)

        self._box.wait(seen, 10)
        return found[0]

    def _cpu_s(self) -> dict[str, float]:
        found = {}
        for name in DAEMONS:
            stat = Path(f"/proc/{self._box.pid(name)}/stat").read_text(encoding="ascii")
            fields = stat.rpartition(")")[2].split()
            found[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return found

    # --- calls ------------------------------------------------------------------------------------

    def _call(self, ends: Sequence[FarEnd], number: Callable[[int], str]) -> None:
        for n, end in enumerate(ends):
            end.call(("127.0.0.1", PORT), number(n), f"{CALLER[:-2]}{n:02}")
            self._box.let_pass(0.05)  # a burst of calls from one address is another test

    def _to_phones(self, calls: int) -> None:
        self._call(self._chorus.ends[:calls], lambda n: f"021{201 + n}")
        for n in range(calls):
            phone = f"telephone {201 + n}"
            self._box.wait(lambda phone=phone: self._box.party(phone)["ringing"], 20)
            self._box.act("lift", phone)
        self._box.wait(lambda: self._talking() == calls, 20)
        for n in range(calls):
            self._box.act("talk", f"telephone {201 + n}", seed=SEED + n)

    def _phones_down(self, calls: int) -> None:
        for n in range(calls):
            self._box.act("replace", f"telephone {201 + n}")

    def _to_far(self, calls: int) -> None:
        self._call(self._chorus.ends[:calls], lambda _: "021201")
        self._box.wait(lambda: self._talking() == calls, 30)

    def _to_menu(self, calls: int) -> None:
        talking = self._chorus.ends[:calls]
        self._call(talking, lambda _: "021")
        self._box.wait(lambda: all(200 in end.codes() for end in talking), 30)


def _office(document: dict[str, Any], far: int, *, record: bool, forward: bool) -> dict[str, Any]:
    line = dict(document["lines"][0], inbound="", wait_for_dial_tone=False)
    legs = [dict(line, port=f"sip/{n}", name=f"trunk {n}") for n in range(1, LEGS + 1)]
    names = [leg["port"] for leg in legs]
    first = document["extensions"][0]
    phones = [
        dict(first, number=str(201 + n), port=f"fxs/{n + 1}", services={}) for n in range(PHONES)
    ]
    if forward:
        phones[0] |= {"services": {"forward_all": "913900000000"}, "forward_outside": True}
    numbers = {"021": "flow:main"} | {f"021{p['number']}": p["number"] for p in phones}
    common = {"host": "127.0.0.1", "register": False, "user": "021", "codecs": ["PCMA"]}
    carrier = dict(common, name="carrier", port=9, lines=names[:HALF], numbers=numbers)
    other = dict(common, name="far", port=far, lines=names[HALF:])
    free = ("at_once_extension", "at_once", "calls_extension", "calls", "minutes_extension")
    free += ("minutes_line", "minutes", "money_day", "money_month")
    return dict(
        document,
        extensions=phones,
        lines=legs,
        trunks=[{"name": "far", "lines": names[HALF:]}],
        routes=[{"trunk": "far"}],
        limits=dict.fromkeys(free, 0),
        record="all" if record else "none",
        record_notice="none",
        sip={"trunks": [carrier, other], "port": PORT, "address": "127.0.0.1"},
    )
