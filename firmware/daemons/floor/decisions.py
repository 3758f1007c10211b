"""What supervisors decide over agents from a handset: pauses, states, queues.

The queues are told in the supervisor's name, the log says who did it, and the agent hears of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.core.acd_entries import SupervisorActed
from firmware.core.acd_settings import agent_named
from firmware.dialogs.over_agent import Decided, OverAgent
from ivr.speech import say_digits

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

REFUSED: Final[Mapping[str, str]] = {
    "logged_out": "state-logged-out",
    "unknown_reason": "pause-reason-unknown",
    "last_agent": "agent-last-one",
}
DONE: Final[Mapping[str, str]] = {
    "pause": "agent-forced-paused",
    "ready": "agent-forced-ready",
    "log_out": "agent-forced-out",
    "queue_in": "done",
    "queue_out": "done",
}
TOLD: Final[Mapping[str, str]] = {
    "pause": "you-were-paused",
    "ready": "you-were-readied",
    "log_out": "you-were-logged-out",
    "queue_in": "agent-joined-before",
    "queue_out": "agent-left-before",
}
"""What the agent hears of it, as soon as his telephone lies on its hook."""

MIDDLE_LEVEL: Final = 5
"""Of an agent who helps out in a queue; the level that agents have there unless told otherwise."""


class Decisions:
    """Decisions, and the dialog in which they are made.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk

    def dialog(self, flow: str, port: str) -> OverAgent | None:
        """The dialog that a flow's name means; None for any other flow."""
        kind, _, agent = flow.partition(":")
        if kind != "overagent" or agent not in self._desk.acd.hall.agents:
            return None
        language = self._desk.supervisors.language(port)
        return OverAgent(agent, language, tuple(say_digits(agent, language)))

    def decided(self, call_id: str, what: Decided, now_ms: int, out: list[Any]) -> None:
        """A supervisor decided: tell the queues, and let him hear what came of it."""
        dialog = self._desk.office.dialog_of(call_id)
        call = self._desk.office.calls_by_id.get(call_id)
        supervisor = self._desk.supervisors.at(call.origin) if call is not None else ""
        if call is None or not supervisor or not isinstance(dialog, OverAgent):
            return
        spoken = self._decide(what, supervisor, call.origin, now_ms, out)
        self._desk.office.dialog_says(call_id, dialog.answered(spoken), now_ms, out)

    def _decide(
        self, what: Decided, supervisor: str, port: str, now_ms: int, out: list[Any]
    ) -> str:
        before = self._desk.acd.hall.agents[what.agent].state
        spoken_at = self._desk.port_of(what.agent)
        event = self._event(what, supervisor)
        if event is None:
            return "agent-queue-unknown"
        entry = SupervisorActed(
            call="",
            at_ms=now_ms,
            supervisor=supervisor,
            act=what.act,
            agent=what.agent,
            queue=what.about if what.act in {"queue_in", "queue_out"} else "",
            port=port,
            detail=what.about if what.act == "pause" else "",
        )
        for effect in self._desk.tell(event, now_ms, out):
            if isinstance(effect, said.Refused):
                return REFUSED.get(effect.why, "code-not-now")
        self._desk.enter([entry], now_ms, out)
        self._tell_agent(what, spoken_at, now_ms)
        if before in {"talking", "hold"} and what.act in {"pause", "log_out"}:
            return "agent-is-busy"
        return DONE[what.act]

    def _tell_agent(self, what: Decided, port: str, now_ms: int) -> None:
        if port:
            queue = what.act in {"queue_in", "queue_out"}
            digits = say_digits(what.about, self._desk.supervisors.language(port)) if queue else ()
            self._desk.notices.tell(port, (TOLD[what.act], *digits), now_ms)

    def _event(self, what: Decided, supervisor: str) -> told.AcdEvent | None:
        match what.act:
            case "pause":
                return told.PauseAsked(agent=what.agent, reason=what.about, by=supervisor)
            case "ready":
                return told.ReadyAsked(agent=what.agent, by=supervisor)
            case "log_out":
                return told.LoggedOut(agent=what.agent, by=supervisor)
            case _ if what.about not in self._desk.acd.hall.queues:
                return None
            case "queue_in":
                level = self._own_level(what.agent, what.about)
                return told.AgentMoved(
                    agent=what.agent, queue=what.about, level=level, by=supervisor
                )
            case _:
                return told.AgentMoved(
                    agent=what.agent, queue=what.about, level=None, by=supervisor
                )

    def _own_level(self, agent: str, queue: str) -> int:
        person = agent_named(self._desk.settings.acd, agent)
        member = next((m for m in person.queues if m.queue == queue), None) if person else None
        return member.level if member is not None else MIDDLE_LEVEL
