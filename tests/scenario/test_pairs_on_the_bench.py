"""A sample of the pairs of services with everything there is: telephones, copper, chips and sound.

The moves are those of ``tests.unit.call.service_moves``; here they are made by hands in the town,
and heard and seen by the box through its chips.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.box import Box
from tests.unit.call.service_moves import BY_HAND, NUMBER, SET, Set

SAMPLE = (
    ("a colleague waits", "three-way"),
    ("park", "attended transfer"),
    ("enquiry", "caller clears"),
)


class Hands:
    """A town under a hand, with the names of a desk."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.office = box.calld._office if box.calld else None
        self.settings = self.office._settings if self.office else None

    def wait(self, ms: int) -> None:
        self.box.run_for(ms)

    @property
    def ringing(self) -> set[str]:
        return {port for port, state in self._states("fxs") if state == "ringing"}

    @property
    def seized(self) -> set[str]:
        return {port for port, _ in self._states("fxo") if self.box.line(int(port[-1])).seized}

    def _states(self, kind: str) -> list[tuple[str, str]]:
        ports = self.box.ports()
        return [(name, p["state"]) for name, p in ports.items() if name.startswith(kind)]

    def key(self, port: str, digits: str, gap_ms: int = 0) -> None:  # noqa: ARG002  # a desk's
        telephone: Any = (
            self.box.telephone(NUMBER[port]) if port in NUMBER else self.box.line(int(port[-1]))
        )
        telephone.press(digits, -8.0, 0.0, 90.0, 90.0, None)
        self.box.run_for(180 * len(digits) + 100)

    def tone(self, port: str, tone: str) -> None:
        line = self.box.line(int(port[-1]))
        if tone == "busy" and line.state == "talking":
            line.hang_up("busy tone", 400.0)


class BenchSet(Set):
    """Hands at real telephones."""

    def __init__(self, box: Box) -> None:
        self.desk: Any = Hands(box)
        self.lifted: set[str] = set()
        self.box = box

    def lift(self, port: str = SET) -> None:
        if port not in self.lifted:
            self.lifted.add(port)
            self.box.telephone(NUMBER[port]).lift(0.0)
            self.box.run_for(700)

    def down(self, port: str = SET) -> None:
        if port in self.lifted:
            self.lifted.discard(port)
            self.box.telephone(NUMBER[port]).replace(0.0)
            self.box.run_for(1_500)

    def flash(self, port: str = SET) -> None:
        if port in self.lifted:
            self.box.telephone(NUMBER[port]).flash(100.0)
            self.box.run_for(700)

    def caller(self, line: str = "fxo/1") -> None:
        who = self.box.line(int(line[-1]))
        if who.state != "idle":
            return
        who.call("13800138000", "", None)
        self.box.run_until(lambda: who.state == "talking", 20_000)
        self.box.run_for(1_500)
        self.desk.key(line, "1")
        self.box.run_for(4_000)

    def go_home(self) -> None:
        for port in sorted(self.lifted):
            self.down(port)
        for line in range(1, 5):
            self.desk.tone(f"fxo/{line}", "busy")
        self.box.run_for(9_000)

    def left(self) -> list[str]:
        status = self.box.status()
        assert status is not None
        found = [f"call {call.call} is {call.state}" for call in status.calls]
        found += [f"{p.port} is {p.state}" for p in status.ports if p.state != "idle"]
        return found


@pytest.mark.slow
@pytest.mark.parametrize("pair", SAMPLE, ids=" x ".join)
def test_a_pair_of_services_on_the_whole_bench_ends_idle(pair: tuple[str, str]) -> None:
    with Box("CN", seed=7) as box:
        s = BenchSet(box)
        s.talk()
        for name in pair:
            BY_HAND[name](s)
        s.go_home()
        assert not s.left(), "seed 7"
