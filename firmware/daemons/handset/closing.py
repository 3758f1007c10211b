"""A call beside the business is ended politely by one code: the caller hears why, and goodbye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from firmware.acd import events as told
from firmware.call.orders import SendOn
from firmware.core.destinations import ToFlow
from firmware.core.log_entries import CallMarked
from firmware.daemons.floor.waiting_room import CLOSING
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.handsets import Handsets

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

RESULT: Final = "not_business"
"""The result an agent would have keyed, and the mark of the call."""


class Closing:
    """The code, dialled after a recall.

    Args:
        handsets: Who holds whom.
        desk: Queues and agents.
    """

    def __init__(self, handsets: Handsets, desk: QueueDesk) -> None:
        self._handsets = handsets
        self._desk = desk

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {"close_politely": self._close}

    def _close(self, ask: Ask) -> None:
        """The held caller is told and released; his call is noted as none of the office's."""
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        if held is None or SendOn not in held.TABLE.states[held.state].on:
            ask.refuse("hold-none")
            return
        agent = self._desk.agent_at(ask.port)
        number = ask.extension.number
        ask.enter([CallMarked(call=held.call, at_ms=ask.now_ms, mark=RESULT, extension=number)])
        ask.tell(held, SendOn(port=ask.port, destination=ToFlow(flow=f"{CLOSING}:{number}")))
        if agent and self._desk.acd.hall.agents[agent].state == "wrap_up":
            done = told.WrapUpDone(agent=agent, result=RESULT)
            self._desk.tell(done, ask.now_ms, ask.out)
        ask.say("not-business-marked")
