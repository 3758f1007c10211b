"""One queue: who stands in its line, what its agents did lately, and the day's base counts."""

from __future__ import annotations

from bisect import bisect_left, insort

import msgspec

from firmware.acd.effects import FLOW_OUT, VisitOutcome
from firmware.acd.load import LAST_ARRIVALS
from firmware.acd.visit import Rank, Visit
from firmware.acd.wait_estimate import LAST_CALLS, expected_ms, mean_service_ms
from firmware.core.acd_settings import FloorStep, Queue

TOP_LEVEL = 9


class Counts(msgspec.Struct, kw_only=True):
    """Base counts of a day: N = A + B + F once nobody waits."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short: int = 0
    answered_in_level: int = 0
    abandoned_in_level: int = 0
    flowed: dict[str, int] = {}
    wait_answered_ms: int = 0
    wait_abandoned_ms: int = 0
    longest_ms: int = 0

    def end(self, outcome: VisitOutcome, wait_ms: int, queue: Queue) -> None:
        """A visit has its outcome. A wait equal to a threshold counts as inside."""
        within = wait_ms <= queue.level_s * 1000
        self.longest_ms = max(self.longest_ms, wait_ms)
        if outcome == "answered":
            self.answered += 1
            self.answered_in_level += within
            self.wait_answered_ms += wait_ms
        elif outcome in FLOW_OUT:
            self.flowed[outcome] = self.flowed.get(outcome, 0) + 1
        else:
            self.abandoned += 1
            self.abandoned_in_level += within
            self.short += wait_ms < queue.short_s * 1000
            self.wait_abandoned_ms += wait_ms

    @property
    def flowed_out(self) -> int:
        """F."""
        return sum(self.flowed.values())


class QueueRecord(msgspec.Struct, kw_only=True):
    """What of a queue has to survive a restart."""

    number: str
    last_position: int = -1  # round robin's memory
    served_ms: list[int] = []
    arrived_ms: list[int] = []  # the last callers, for the load of the last half hour
    alarm_ms: int = -1  # when the last alarm was given
    counts: Counts = msgspec.field(default_factory=Counts)


class QueueLine:
    """A queue at work."""

    __slots__ = ("line", "logged_in", "members", "record", "settings", "since", "staffed")

    def __init__(self, settings: Queue, record: QueueRecord) -> None:
        self.settings = settings
        self.record = record
        self.line: list[Rank] = []  # waiting or being offered, in order
        self.since: list[tuple[int, str]] = []  # callers on the line, by the beginning of waiting
        self.members = 0
        self.logged_in = 0
        self.staffed = 0

    def join(self, visit: Visit) -> None:
        """He stands in line."""
        insort(self.line, visit.rank)
        if visit.kind == "caller":
            insort(self.since, (visit.entered_ms, visit.id))

    def leave(self, visit: Visit) -> None:
        """He does not any more."""
        at = bisect_left(self.line, visit.rank)
        if at == len(self.line) or self.line[at][3] != visit.id:
            raise KeyError(f"visit {visit.id} is not in the line of {self.settings.number}")
        del self.line[at]
        if visit.kind == "caller":
            del self.since[bisect_left(self.since, (visit.entered_ms, visit.id))]

    def arrived(self, now_ms: int) -> None:
        """A caller came, whatever becomes of him."""
        kept = self.record.arrived_ms
        kept.append(now_ms)
        if len(kept) > LAST_ARRIVALS:
            del kept[0]

    def ahead(self, visit: Visit) -> int:
        """How many stand before him."""
        return bisect_left(self.line, visit.rank)

    @property
    def waiting(self) -> int:
        """Callers on a line who wait; callbacks and tasks fill none."""
        return len(self.since)

    def longest_ms(self, now_ms: int) -> int:
        """The longest wait of those who are on a line."""
        return now_ms - self.since[0][0] if self.since else 0

    def served(self, service_ms: int) -> None:
        """A call and its wrap-up are over."""
        kept = self.record.served_ms
        kept.append(service_ms)
        if len(kept) > LAST_CALLS:
            del kept[0]

    def expected_ms(self, visit: Visit, now_ms: int) -> int | None:
        """The rest of his wait."""
        ahead = self.ahead(visit)
        return expected_ms(
            ahead,
            mean_service_ms(self.record.served_ms),
            self.staffed,
            waited_ms=now_ms - visit.last_said_ms,
            gained=visit.place_then - (ahead + 1) if visit.place_then else 0,
        )


def floor_at(steps: tuple[FloorStep, ...], waited_ms: int) -> tuple[int, int | None]:
    """The level asked for after a wait, and after which wait it sinks next."""
    if not steps:
        return 1, None
    level = TOP_LEVEL
    for step in steps:
        if step.after_s * 1000 > waited_ms:
            return level, step.after_s * 1000
        level = step.level
    return level, None
