"""What queues are told of the office around them: sets, lines, hours, the clock and its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.acd import events as told
from firmware.call.hours import zone_of
from firmware.daemons.floor.queue_memory import day_of, later_day, midnight_ms

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


class Surroundings:
    """Whatever changed since the last look is told.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.open = True
        self.day = ""  # of the office, to which the counts belong
        self._lines = -1
        self._offset_ms: int | None = None
        self._midnight_ms = 0

    def next_deadline(self) -> int | None:
        """The office's midnight."""
        return self._midnight_ms or None

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Midnight, if it is."""
        if self._midnight_ms and now_ms >= self._midnight_ms:
            self._look_at_day(now_ms, out)

    def look(self, now_ms: int, out: list[Any], *, is_open: bool) -> None:
        """Look at sets, lines and hours."""
        desk = self._desk
        self._look_at_sets(now_ms, out)
        lines = desk.office.free_lines()
        if lines != self._lines:
            self._lines = lines
            desk.tell(told.LinesFree(lines=lines), now_ms, out)
            desk.alarms.lines(lines, now_ms)
        if is_open != self.open:
            self.open = is_open
            desk.tell(told.OfficeHours(open=is_open), now_ms, out)
        wall = desk.office.wall(now_ms)
        if wall is not None:
            offset_ms = round(wall.timestamp() * 1_000) - now_ms
            if self._offset_ms is None or abs(offset_ms - self._offset_ms) > 1_000:
                self._offset_ms = offset_ms
                zone = wall.astimezone(zone_of(desk.settings)).utcoffset()
                zone_ms = round(zone.total_seconds() * 1_000) if zone is not None else 0
                desk.tell(told.ClockSet(offset_ms=offset_ms, zone_ms=zone_ms), now_ms, out)
                self._look_at_day(now_ms, out)

    def _look_at_sets(self, now_ms: int, out: list[Any]) -> None:
        desk = self._desk
        for number, agent in desk.acd.hall.agents.items():
            port = agent.record.port
            if not port or agent.state not in {"ready", "paused", "wrap_up"}:
                continue
            idle = desk.office.phone_idle(port)
            if idle and agent.set_state != "free":
                desk.tell(told.SetFree(agent=number), now_ms, out)
            elif not idle and agent.set_state == "free":
                desk.tell(told.SetTaken(agent=number), now_ms, out)

    def _look_at_day(self, now_ms: int, out: list[Any]) -> None:
        """At midnight in the office the counts of the day begin anew."""
        wall = self._desk.office.wall(now_ms)
        if wall is None:
            return
        today = day_of(wall, self._desk.settings)
        if self.day and later_day(today, self.day):
            self._desk.tell(told.NewDay(), now_ms, out)
        if today != self.day:
            self.day, self._desk.changed = today, True
        self._midnight_ms = midnight_ms(wall, now_ms, self._desk.settings)
