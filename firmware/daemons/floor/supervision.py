"""Everything that supervisors and their agents' telephones are rung for, beside callers.

The parts know each other by the queues' desk; here they are looked at in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from firmware.acd import effects as said
from firmware.call.call import Call
from firmware.core.acd_entries import AgentJoined
from firmware.core.fsm import earliest
from firmware.core.log_entries import LogEntry
from firmware.daemons.floor.decisions import Decisions
from firmware.daemons.floor.idle_warnings import IdleWarnings
from firmware.daemons.floor.practising import Practising
from firmware.daemons.floor.standing import Standing
from firmware.dialogs.beckoned import AttendWanted
from firmware.dialogs.hurry import ComesBack
from firmware.dialogs.over_agent import Decided
from firmware.dialogs.queue_alarm import AlarmHeard
from firmware.dialogs.told import Told
from firmware.voicemail.session import Session

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


class Supervision:
    """Alarms, help, mentors, decisions, notices, ends of shifts.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.decisions = Decisions(desk)
        self.standing = Standing(desk)
        self.warnings = IdleWarnings(desk)
        self.practising = Practising(desk)

    def note(self, effect: said.AcdEffect, now_ms: int, out: list[Any]) -> None:
        """Something the distribution said."""
        self._desk.alarms.note(effect, now_ms, out)
        self._desk.shifts.note(effect, now_ms)

    def entered(self, entries: Sequence[LogEntry], now_ms: int, out: list[Any]) -> None:
        """Something that was written down: a trainee who has a caller needs his mentor."""
        for entry in entries:
            if isinstance(entry, AgentJoined):
                self._desk.beckoning.mentor(entry.call, entry.agent, now_ms, out)

    def dialog(self, flow: str, call: Call) -> Session | None:
        """The dialog that a flow's name means; None for any other flow."""
        return (
            self._desk.beckoning.dialog(flow, call)
            or self._desk.alarms.dialog(flow, call.origin)
            or self.warnings.dialog(flow, call)
            or self.practising.dialog(flow, call)
            or self._desk.notices.dialog(flow, call.origin)
            or self.decisions.dialog(flow, call.origin)
            or self.standing.dialog(flow, call.origin)
        )

    def heard(self, call_id: str, what: Told, now_ms: int, out: list[Any]) -> bool:
        """Something of one of these dialogs; False when it is of another."""
        match what:
            case AttendWanted():
                self._desk.beckoning.wanted(call_id, what, now_ms, out)
            case Decided():
                self.decisions.decided(call_id, what, now_ms, out)
            case AlarmHeard():
                self._desk.alarms.heard(call_id, now_ms, out)
            case ComesBack():
                self.warnings.comes_back(what, now_ms, out)
            case _:
                return False
        return True

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """Look at what became of ringing telephones."""
        self._desk.beckoning.settle(now_ms, out)
        self._desk.alarms.settle(now_ms, out)
        self.practising.settle(now_ms, out)
        self._desk.shifts.settle(now_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        desk = self._desk
        return earliest(
            desk.beckoning.next_deadline(),
            desk.alarms.next_deadline(),
            self.warnings.next_deadline(),
            self.practising.next_deadline(),
            desk.notices.next_deadline(),
            desk.shifts.next_deadline(),
        )

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Do what is due."""
        self._desk.beckoning.advance(now_ms, out)
        self._desk.alarms.advance(now_ms, out)
        self.warnings.advance(now_ms, out)
        self.practising.advance(now_ms, out)
        self._desk.notices.advance(now_ms, out)
        self._desk.shifts.advance(now_ms, out)
