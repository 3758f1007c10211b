"""What is wrong at queues rings a supervisor, with what to do about it, until he confirms by a key.

The distribution says what is wrong and whom to call to work. Here it is written down, spoken with
the figures of the moment he lifts, and repeated at most :data:`MOST_RINGS` times. What is well
again before he lifts is no alarm any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from firmware.acd import effects as said
from firmware.call.orders import Interrupt, Summon
from firmware.core.acd_entries import QueueAlarm, SupervisorActed
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.daemons.floor.queue_alarm_words import sentence
from firmware.daemons.floor.queue_memory import OpenAlarm
from firmware.dialogs.queue_alarm import QueueAlarmDialog
from ivr.speech import say_digits, say_duration, say_number

if TYPE_CHECKING:
    from firmware.acd.queue import QueueLine
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "queuealarm"
CADENCE: Final = "alarm"
MOST_RINGS: Final = 3
"""As with whoever looks after the office; then it stands in the log and on the page."""

AGAIN_MS: Final = 120_000
"""Chosen: a queue does not wait five minutes, as a missed wake-up call may."""

LOOK_MS: Final = 5_000
"""Chosen: while every supervisor's telephone is in use."""

OF_QUEUES: Final = frozenset({"many_waiting", "long_wait", "queue_without_agents"})
OF_AGENTS: Final[Mapping[str, str]] = {
    "agent_paused_after_misses": "alarm-missed-before",
    "set_off_hook": "alarm-lifted-before",
}
PLAIN: Final[Mapping[str, str]] = {
    "vip_waits": "alarm-vip",
    "lines_busy": "alarm-lines-busy",
    "task_late": "alarm-tasks-overdue",
    "task_failed": "alarm-tasks-overdue",
    "task_without_queue": "alarm-tasks-overdue",
}
ADVISED: Final = frozenset({"many_waiting", "long_wait", "queue_without_agents", "vip_waits"})


class QueueAlarms:
    """Alarms of queues, and the telephone that rings for them.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.open: dict[tuple[str, str], OpenAlarm] = {}
        self._call = ""  # that rings for them, or tells them
        self._rings = 0
        self._due_ms: int | None = None
        self._all_busy_ms: int | None = None  # since when no line is free

    def know(self, kept: Iterable[OpenAlarm], now_ms: int) -> None:
        """What nobody had confirmed as call control ended."""
        self.open = {(alarm.what, alarm.about): alarm for alarm in kept}
        self._due_ms = now_ms if self.open else None

    def sentences(self, language: str = "") -> tuple[str, ...]:
        """What people must know; in the office's language unless another is asked for."""
        language = language or self._desk.settings.language
        return tuple(sentence(alarm, language) for alarm in self.open.values())

    # --- what is wrong ------------------------------------------------------------------------

    def note(self, effect: said.AcdEffect, now_ms: int, out: list[Any]) -> None:
        """Something the distribution said."""
        if isinstance(effect, said.Alarm):
            self._raise(effect, now_ms, out)

    def _raise(self, alarm: said.Alarm, now_ms: int, out: list[Any]) -> None:
        key = (alarm.what, alarm.about)
        new = key not in self.open
        self.open[key] = OpenAlarm(
            what=alarm.what, about=alarm.about, value=alarm.value, advice=alarm.advice
        )
        if not new:
            return
        self._desk.changed = True
        entry = QueueAlarm(
            call="",
            at_ms=now_ms,
            what=alarm.what,
            about=alarm.about,
            value=alarm.value,
            advice=alarm.advice,
        )
        self._desk.enter([entry], now_ms, out)
        self._desk.supervision.warnings.warn(self.open[key], now_ms, out)
        if not self._call:
            self._due_ms, self._rings = now_ms, 0

    def lines(self, free: int, now_ms: int) -> None:
        """So many exchange lines are free; none at all for a while is an alarm."""
        if free:
            self._all_busy_ms = None
        elif self._all_busy_ms is None:
            self._all_busy_ms = now_ms

    def _over(self, alarm: OpenAlarm, now_ms: int) -> bool:
        """Whether it is well again by itself."""
        hall = self._desk.acd.hall
        line = hall.queues.get(alarm.about)
        match alarm.what:
            case "many_waiting":
                return line is None or line.waiting <= self._desk.settings.acd.alarm_waiting
            case "long_wait":
                limit_ms = self._desk.settings.acd.alarm_wait_s * 1_000
                return line is None or line.longest_ms(now_ms) < limit_ms
            case "queue_without_agents":
                return line is None or line.logged_in > 0
            case "vip_waits":
                visit = hall.visits.get(alarm.about)
                return visit is None or visit.state == "talking"
            case "lines_busy":
                return self._all_busy_ms is None
            case "agent_paused_after_misses":
                return alarm.about not in hall.agents or hall.agents[alarm.about].state != "paused"
            case "set_off_hook":
                return (
                    alarm.about not in hall.agents or hall.agents[alarm.about].set_state == "free"
                )
            case _:
                return False

    def _drop_those_over(self, now_ms: int, out: list[Any]) -> None:
        for key, alarm in list(self.open.items()):
            if self._over(alarm, now_ms):
                del self.open[key]
                self._desk.changed = True
                entry = QueueAlarm(
                    call="", at_ms=now_ms, what=alarm.what, about=alarm.about, step="over"
                )
                self._desk.enter([entry], now_ms, out)

    # --- ringing ------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        busy = self._all_busy_ms
        limit_ms = self._desk.settings.acd.alarm_wait_s * 1_000
        known = ("lines_busy", "") in self.open
        return earliest(
            self._due_ms if not self._call else None,
            None if busy is None or known else busy + limit_ms,
        )

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Ring for what is still wrong."""
        limit_ms = self._desk.settings.acd.alarm_wait_s * 1_000
        if self._all_busy_ms is not None and now_ms - self._all_busy_ms >= limit_ms:
            self._raise(said.Alarm(what="lines_busy", about=""), now_ms, out)
        if self._due_ms is None or now_ms < self._due_ms or self._call:
            return
        if not self.open or self._rings >= MOST_RINGS:
            self._due_ms = None
            return
        free = self._desk.supervisors.free() or self._support()
        if not free:
            present = bool(self._desk.supervisors.on_duty())
            self._due_ms = now_ms + (LOOK_MS if present else AGAIN_MS)
            self._rings += not present
            return
        port = free[self._rings % len(free)]
        order = Summon(port=port, at_ms=now_ms, purpose="alarm", flow=FLOW, cadence=CADENCE)
        self._rings += 1
        self._call = self._desk.ring(order, now_ms, out).call

    def _support(self) -> list[str]:
        """While no supervisor has signed in: the telephone of whoever looks after the office."""
        settings = self._desk.settings
        wanted = settings.watch.support
        ports = [e.port for e in settings.extensions if wanted and e.number == wanted]
        return [p for p in ports if self._desk.idle(p) and not self._desk.supervisors.on_duty()]

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """What is well again, and what became of the last ringing."""
        self._drop_those_over(now_ms, out)
        ringing = self._desk.office.calls_by_id.get(self._call)
        if not self.open and ringing is not None and ringing.state == "summoning":
            stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="well again")
            self._desk.order(self._call, stop, now_ms, out)
        if self._call and self._call not in self._desk.office.calls_by_id:
            self._call = ""
            self._due_ms = now_ms + AGAIN_MS if self.open else None

    # --- telling ------------------------------------------------------------------------------

    def dialog(self, flow: str, port: str) -> QueueAlarmDialog | None:
        """What is said when the telephone is lifted; None for any other flow."""
        if flow != FLOW:
            return None
        language = self._desk.supervisors.language(port)
        return QueueAlarmDialog(port, language, lambda now_ms: self._spoken(now_ms, language))

    def heard(self, call_id: str, now_ms: int, out: list[Any]) -> None:
        """A key confirmed them."""
        call = self._desk.office.calls_by_id.get(call_id)
        port = call.origin if call is not None else ""
        for alarm in self.open.values():
            entry = SupervisorActed(
                call="",
                at_ms=now_ms,
                supervisor=self._desk.agent_at(port),
                act="alarm_heard",
                queue=alarm.about if alarm.what in OF_QUEUES else "",
                port=port,
                detail=f"{alarm.what} {alarm.about}".strip(),
            )
            self._desk.enter([entry], now_ms, out)
        self.open.clear()
        self._desk.changed = True
        self._due_ms, self._rings = None, 0

    def _spoken(self, now_ms: int, language: str) -> tuple[str, ...]:
        """Whatever is wrong now; empty if all is well again."""
        spoken: list[str] = []
        waiting: set[str] = set()
        for alarm in self.open.values():
            if self._over(alarm, now_ms):
                continue
            if alarm.what in OF_QUEUES:
                line = self._desk.acd.hall.queues[alarm.about]
                if alarm.about not in waiting:
                    waiting.add(alarm.about)
                    spoken += self._of_queue(alarm, line, now_ms, language)
            elif alarm.what in OF_AGENTS:
                spoken += [OF_AGENTS[alarm.what], *say_digits(alarm.about, language)]
            elif PLAIN.get(alarm.what, "") not in spoken:
                spoken += [PLAIN.get(alarm.what, "limit-reached")]
            if alarm.what in ADVISED:
                spoken += self._advice(alarm, language)
        return tuple(spoken)

    def _of_queue(self, alarm: OpenAlarm, line: QueueLine, now_ms: int, language: str) -> list[str]:
        several = len(self._desk.acd.hall.queues) > 1
        named = ["whisper-queue-before", *say_digits(alarm.about, language)] if several else []
        if alarm.what == "queue_without_agents":
            return ["alarm-no-agent", *named]
        longest_s = line.longest_ms(now_ms) // 1_000
        return [
            "alarm-waiting-before",
            *say_number(line.waiting, language),
            *named,
            "agent-longest-before",
            *say_duration(longest_s, language),
        ]

    def _advice(self, alarm: OpenAlarm, language: str) -> list[str]:
        """Whom to call back from his pause; failing that, somebody more."""
        for text in alarm.advice:
            what, _, rest = text.partition(":")
            agent = rest.partition(":")[0]
            if what == "recall" and self._desk.acd.hall.agents[agent].state == "paused":
                return ["advice-recall-before", *say_digits(agent, language)]
        if any(text.startswith("log_in:") for text in alarm.advice):
            return ["advice-add-agent"]
        return ["advice-wait"]
