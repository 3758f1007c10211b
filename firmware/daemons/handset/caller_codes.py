"""Codes about the caller whom an agent holds: hand him to the survey, hear more of him."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from firmware.call.call import Call
from firmware.call.hours import zone_of
from firmware.call.orders import SendOn
from firmware.core.destinations import ToFlow
from firmware.daemons.floor.task_news import topic_of
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.handsets import Handsets
from ivr.speech import say_date

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk


class CallerCodes:
    """Each method carries out one code, dialled after a recall.

    Args:
        handsets: Who holds whom.
        desk: Queues and agents.
    """

    def __init__(self, handsets: Handsets, desk: QueueDesk) -> None:
        self._handsets = handsets
        self._desk = desk

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {"survey_send": self._survey, "caller_more": self._more}

    def _survey(self, ask: Ask) -> None:
        """The caller is asked how it was; the agent may hang up."""
        agent = self._desk.agent_at(ask.port)
        held = self._held(ask)
        if not agent or held is None:
            ask.refuse("hold-none" if agent else "agent-not-logged-in")
            return
        record = self._desk.acd.hall.agents[agent].record
        queue = record.queue or next(iter(self._desk.acd.hall.memberships(agent)), "")
        self._desk.surveys.sent(held.call, agent, queue)
        ask.tell(held, SendOn(port=ask.port, destination=ToFlow(flow=f"survey:{queue}")))
        ask.say("survey-handed-over")

    def _more(self, ask: Ask) -> None:
        """The last calls of the caller who is held, or of the last one: days and topics."""
        agent = self._desk.agent_at(ask.port)
        if not agent:
            ask.refuse("agent-not-logged-in")
            return
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        known = held.journal.caller if held is not None else None
        last = self._desk.after.last.get(agent)
        number = known.number if known is not None else last.number if last is not None else ""
        contacts = self._desk.contacts_of(number) if number else ()
        if not contacts:
            ask.refuse("contact-none")
            return
        said = ["contact-last-before"]
        for contact in contacts:
            day = contact.wall.astimezone(zone_of(ask.settings)).date()
            said += say_date(day, ask.language, year=False, weekday=False)
            has = self._desk.whispers.prompts.has
            said += topic_of(contact.topic, ask.language, has) if contact.topic else []
        ask.say(*said)

    def _held(self, ask: Ask) -> Call | None:
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        ready = held is not None and SendOn in held.TABLE.states[held.state].on
        return held if ready else None
