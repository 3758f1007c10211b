"""Codes of supervisors: how it stands, attend a conversation, decide over an agent; and for help.

Whoever has not signed in as a supervisor with his PIN hears so, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firmware.call.orders import GoOn
from firmware.core.acd_entries import SupervisorActed
from firmware.daemons.floor.queues import QueueDesk
from firmware.daemons.floor.standing import FLOW
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.day_figures import READ_OUT, spoken
from firmware.daemons.handset.handsets import Handsets
from firmware.daemons.handset.time_codes import TimeCodes

MODES: Final = {
    "supervisor_listen": "listen",
    "supervisor_whisper": "whisper",
    "supervisor_join": "join",
    "supervisor_take": "take_over",
}

NOTICES: Final = ("notice_on", "notice_off")


class SupervisorCodes:
    """Each method carries out one code.

    Args:
        desk: Queues and agents.
        handsets: Telephones with two calls.
    """

    def __init__(self, desk: QueueDesk, handsets: Handsets) -> None:
        self._desk = desk
        self._handsets = handsets
        self._plain = TimeCodes().table()

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            **dict.fromkeys(MODES, self._attend),
            "supervisor_agent": self._agent,
            "supervisor_status": self._status,
            "supervisor_day": self._day,
            "agent_help": self._help,
            **dict.fromkeys(NOTICES, self._notice),
        }

    # --- hearing ------------------------------------------------------------------------------

    def _status(self, ask: Ask) -> None:
        if self._supervisor(ask):
            self._desk.supervision.standing.keep(ask.port, ask.now_ms)
            ask.tell(ask.call, GoOn(number="", flow=FLOW))

    def _day(self, ask: Ask) -> None:
        if not self._supervisor(ask):
            return
        figures = self._desk.day_figures(("n", *READ_OUT), ask.now_ms)
        day, targets = self._desk.today(ask.now_ms), ask.settings.reports.targets
        ask.say(*spoken(figures, targets, day, ask.language))

    # --- conversations ------------------------------------------------------------------------

    def _attend(self, ask: Ask) -> None:
        supervisor = self._supervisor(ask)
        if not supervisor:
            return
        agent = self._named(ask, ask.order.arguments[0])
        if not agent:
            ask.refuse("agent-unknown")
            return
        found = self._desk.supervisors.conversation(agent)
        mine = ask.port in self._handsets.sessions or agent == supervisor
        mode = MODES[ask.order.service]
        if mine or found is None or found is ask.call:
            ask.refuse("code-not-now" if mine else "supervisor-no-call")
            return
        done = self._desk.supervisors.come(
            ask.call, ask.port, found, agent, mode, ask.now_ms, ask.out
        )
        if not done:
            ask.refuse("supervisor-no-call")

    def _help(self, ask: Ask) -> None:
        agent = self._desk.agent_at(ask.port)
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        if not agent or held is None:
            ask.refuse("hold-none" if agent else "agent-not-logged-in")
            return
        called = self._desk.beckoning.help(held, agent, ask.now_ms, ask.out)
        if called:
            ask.say("help-called")
        else:
            ask.refuse("help-nobody")

    # --- deciding -----------------------------------------------------------------------------

    def _agent(self, ask: Ask) -> None:
        if not self._supervisor(ask):
            return
        agent = self._named(ask, ask.order.arguments[0])
        if not agent:
            ask.refuse("agent-unknown")
            return
        ask.tell(ask.call, GoOn(number="", flow=f"overagent:{agent}"))

    def _notice(self, ask: Ask) -> None:
        """A notice of a known problem, for callers; where there are supervisors, it is theirs.

        A telephone with a PIN is asked for that instead.
        """
        supervisor = self._desk.supervisors.at(ask.port)
        any_there = any(agent.supervisor for agent in ask.settings.acd.agents)
        if any_there and not supervisor and not ask.extension.pin:
            ask.refuse("supervisor-only")
            return
        if supervisor:
            entry = SupervisorActed(
                call=ask.call.call,
                at_ms=ask.now_ms,
                supervisor=supervisor,
                act=ask.order.service,
                port=ask.port,
            )
            ask.enter([entry])
        self._plain[ask.order.service](ask)

    # --- within -------------------------------------------------------------------------------

    def _supervisor(self, ask: Ask) -> str:
        """Who asks, if he may; everybody else hears that he may not."""
        number = self._desk.supervisors.at(ask.port)
        if not number:
            ask.refuse("supervisor-only")
        return number

    def _named(self, ask: Ask, number: str) -> str:
        """The agent of a number, or who has signed in at the extension of that number."""
        if number in self._desk.acd.hall.agents:
            return number
        extension = ask.extension_named(number)
        return self._desk.agent_at(extension.port) if extension is not None else ""
