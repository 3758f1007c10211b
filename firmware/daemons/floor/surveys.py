"""How a caller is asked how it was: sent by his agent, as he stays, or as he calls again.

A caller who hung up first is asked once at the beginning of his next call, while he waits; whoever
lifts for him ends the question.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from firmware.acd.visit import Visit
from firmware.core.acd_entries import SurveyAnswered, SurveyOffered, SurveyWay
from firmware.core.log_entries import LogEntry
from firmware.daemons.floor.mobile import is_mobile
from firmware.dialogs.survey import SurveyKeyed, SurveyPut

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

DAYS: Final = 30
"""So long an earlier call may be asked about."""

MOST: Final = 100
"""Callers who are still to be asked; the oldest goes first. They are written with the queues."""


class Unasked(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation about which its caller has not been asked; ``day`` is the office's date."""

    call: str
    agent: str
    queue: str
    day: str


class Surveys:
    """Whom to ask about what.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.unasked: dict[str, Unasked] = {}  # by number
        self._sent: dict[str, tuple[str, str]] = {}  # call to agent and queue
        self._asked: dict[str, Unasked] = {}  # call to the earlier one it is asked about

    def sent(self, call_id: str, agent: str, queue: str) -> None:
        """An agent hands his caller over to the question."""
        calls = self._desk.office.calls_by_id
        kept = {call: who for call, who in self._sent.items() if call in calls}
        self._sent = {**kept, call_id: (agent, queue)}

    def cleared(self, visit: Visit) -> None:
        """A caller hung up first while he talked with his agent."""
        line = self._desk.acd.hall.queues.get(visit.queue)
        if line is None or not line.settings.survey or not visit.number or not visit.agent:
            return
        settings = self._desk.settings
        if settings.outbox.texts.survey and is_mobile(visit.number, settings.country):
            return  # a text asks him
        self.unasked.pop(visit.number, None)
        self.unasked[visit.number] = Unasked(
            call=visit.id, agent=visit.agent, queue=visit.queue, day=self._desk.around.day
        )
        if len(self.unasked) > MOST:
            self.unasked.pop(next(iter(self.unasked)))
        self._desk.changed = True

    def asks(self, call_id: str, number: str) -> bool:
        """Whether this caller is to be asked about his last call; he is, once."""
        found = self.unasked.pop(number, None) if number else None
        if found is None:
            return False
        self._desk.changed = True
        today = self._desk.around.day
        old = not today or not found.day
        old = old or (date.fromisoformat(today) - date.fromisoformat(found.day)).days > DAYS
        if old:
            return False
        calls = self._desk.office.calls_by_id
        kept = {call: about for call, about in self._asked.items() if call in calls}
        self._asked = {**kept, call_id: found}
        return True

    def entry(self, call_id: str, what: SurveyPut | SurveyKeyed, now_ms: int) -> LogEntry:
        """The question, or its answer, for the log."""
        way, about = SurveyWay.STAYED, self._desk.errands.about(call_id)
        agent, last = self._desk.after.server_of(call_id)
        queue = last.queue if last else ""
        if call_id in self._sent:
            way, (agent, queue) = SurveyWay.SENT, self._sent[call_id]
        elif (before := self._asked.get(call_id)) is not None:
            way, agent, queue, about = (
                SurveyWay.NEXT_CALL,
                before.agent,
                before.queue,
                before.call,
            )
        if isinstance(what, SurveyKeyed):
            self._sent.pop(call_id, None)
            self._asked.pop(call_id, None)
            return SurveyAnswered(
                call=call_id,
                at_ms=now_ms,
                way=way,
                scale=what.scale,
                key=what.key,
                agent=agent,
                queue=queue,
                about=about,
            )
        return SurveyOffered(
            call=call_id,
            at_ms=now_ms,
            way=way,
            scale=what.scale,
            agent=agent,
            queue=queue,
            about=about,
        )
