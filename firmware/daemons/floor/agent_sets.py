"""Agents' telephones: they ring for who is offered, and hear who it is before they have him."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.visit import Visit
from firmware.call.orders import RingAgent, StopAgent, Whisper
from firmware.core.acd_settings import agent_named
from firmware.core.log_entries import CallMarked
from firmware.core.settings import extension_at
from firmware.reports.offers import HINT
from ivr.speech import say_digits

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

CADENCES: Final = {"caller": "normal", "callback": "callback", "task": "callback"}

VIP_PREFIX: Final = "1"


class AgentSets:
    """Rings, stops ringing, and whispers.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.why: dict[str, str] = {}  # agent to the rule by which he was rung last
        self._hinted: set[str] = set()  # calls of which a hint is noted

    def offer(self, offer: said.OfferMade, now_ms: int, out: list[Any]) -> None:
        """Ring those who are asked; a task dials as soon as it is lifted."""
        call = self._desk.office.calls_by_id.get(offer.visit)
        visit = self._desk.acd.hall.visits.get(offer.visit)
        if visit is not None:
            languages = {self._language(agent) for agent in offer.agents}
            self._desk.whispers.look_up(visit, languages)
            self._note_hint(visit.id, now_ms, out)
        for at, agent in enumerate(offer.agents):
            port = self._desk.port_of(agent)
            self.why[agent] = offer.decision.rule
            if visit is not None and visit.task and not at and self._desk.office.phone_idle(port):
                self._desk.errands.summon(visit, port, now_ms, out)
                continue
            if call is None or visit is None or not self._desk.office.phone_idle(port):
                # The set is lifted in this moment, or there is nobody to ring for yet.
                self._desk.tell(told.AgentRefused(agent=agent), now_ms, out)
                continue
            prefix = VIP_PREFIX if visit.vip else ""
            cadence = CADENCES[offer.kind]
            order = RingAgent(port=port, cadence=cadence, prefix=prefix, agent=agent)
            self._desk.order(offer.visit, order, now_ms, out)

    def _note_hint(self, visit: str, now_ms: int, out: list[Any]) -> None:
        """What an agent may suggest stands in the call, for his page and for the figures."""
        hint = self._desk.whispers.hint_of(visit)
        if hint is None or visit in self._hinted or visit not in self._desk.office.calls_by_id:
            return
        up = self._desk.office.calls_by_id
        self._hinted = {*(name for name in self._hinted if name in up), visit}
        mark = CallMarked(call=visit, at_ms=now_ms, mark=f"{HINT}{hint.code}")
        self._desk.enter([mark], now_ms, out)

    def ended(self, effect: said.OfferEnded, now_ms: int, out: list[Any]) -> None:
        """One of them is not asked any more."""
        if effect.visit not in self._desk.office.calls_by_id:
            self._desk.errands.recall(effect.visit, now_ms, out)
            return
        port = self._desk.port_of(effect.agent)
        order = StopAgent(port=port, missed=effect.why == "missed")
        self._desk.order(effect.visit, order, now_ms, out)

    def connected(self, effect: said.Connected, now_ms: int, out: list[Any]) -> None:
        """He lifted: he hears who comes, the caller who serves him."""
        visit = self._desk.acd.hall.visits.get(effect.visit)
        call = self._desk.office.calls_by_id.get(effect.visit)
        if visit is None or call is None:
            return
        language = self._language(effect.agent)
        queue = self._desk.acd.hall.queues[visit.queue].settings
        whisper = self._desk.whispers.of(visit, language) if queue.whisper else ()
        announce = self._announce(effect.agent, visit) if queue.announce_agent else ()
        call.known_of_him = context_of(visit)
        order = Whisper(prompts=whisper, announce=announce)
        self._desk.order(effect.visit, order, now_ms, out)

    def _language(self, agent: str) -> str:
        """In which his telephone speaks to him."""
        extension = extension_at(self._desk.settings, self._desk.port_of(agent))
        return (extension.language if extension else "") or self._desk.settings.language

    def _announce(self, agent: str, visit: Visit) -> tuple[str, ...]:
        """What the caller hears: the agent's own greeting, else his number."""
        heard = visit.language or self._desk.settings.language
        person = agent_named(self._desk.settings.acd, agent)
        greeting = person.greeting if person is not None else ""
        if greeting and self._desk.whispers.prompts.has(f"{heard}/{greeting}"):
            return (f"{heard}/{greeting}",)
        keys = ("agent-number-before", *say_digits(agent, heard))
        return tuple(f"{heard}/{key}" for key in keys)


def context_of(visit: Visit) -> tuple[str, ...]:
    """What whoever has the caller next by a transfer is told of him besides who sends him.

    Names without language; ``digits:300`` is a number to be read out.
    """
    said = ["whisper-vip"] if visit.vip else []
    said += ["whisper-queue-before", f"digits:{visit.queue}"]
    keys = [line.partition(":")[2] for line in visit.hops if line.startswith("choice:")]
    if keys:
        said += ["whisper-choice-before", f"digits:{keys[-1]}"]
    return tuple(said)
