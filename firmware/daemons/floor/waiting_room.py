"""Callers while they wait: their dialog, their keys, and where they go when they leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.visit import Visit
from firmware.call.orders import LeaveQueue
from firmware.core.acd_settings import CallerClass
from firmware.core.destinations import ToFlow, ToQueue, named
from firmware.core.settings import extension_at
from firmware.daemons.floor.after_calls import FLOW
from firmware.daemons.floor.bulletins import HEAR_FLOW, RECORD_FLOW
from firmware.dialogs.after_call import Parting
from firmware.dialogs.bulletin import BulletinKnown
from firmware.dialogs.cockpit import Cockpit, StateToggled, View
from firmware.dialogs.queue_wait import Joins, Leaves, QueueWait, WantsAgent, WantsCallback
from firmware.dialogs.sentence import SentenceKept
from firmware.dialogs.survey import Survey, SurveyKeyed, SurveyPut
from firmware.dialogs.task_call import TaskJudged
from firmware.dialogs.task_list import TaskChosen
from firmware.dialogs.telling import Telling
from firmware.dialogs.told import Told
from firmware.voicemail.session import Session

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

CLOSING: Final = "closing"
"""The flow in which a caller hears that a call beside the business ends here."""

CLASSES: Final[dict[int, CallerClass]] = {1: "vip", 2: "high", 3: "high", 4: "high"}
"""What a menu's priority makes of a caller; 5 leaves him as the queue has him."""


class WaitingRoom:
    """Those who wait.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.views: dict[str, View] = {}  # what agents who asked for all of it will hear
        self.grade_of: Callable[[str], str] = lambda _number: ""  # the lobby knows
        self.class_of: Callable[[str], CallerClass | None] = lambda _number: None  # who needs care
        self._late: list[tuple[str, str]] = []  # calls that came while nothing was told

    def dialog(self, flow: str, language: str = "") -> Session | None:
        """The dialog of a queue that a flow's name means, in the language the caller chose."""
        kind, _, number = flow.partition(":")
        if kind == FLOW:
            return self._desk.after.dialog(number, self._desk.settings)
        if kind in {HEAR_FLOW, RECORD_FLOW}:
            return self._desk.bulletins.dialog(flow, self._desk.settings)
        if kind == CLOSING:
            spoken = language or self._desk.settings.language
            return Telling(number, spoken, ("not-business-closing", "goodbye"))
        if kind == "tasks" and number in self._desk.acd.hall.agents:
            return self._desk.errands.list_of(number, self._desk.settings)
        if kind == "task":
            return self._desk.errands.dialog(number, self._desk.settings)
        if kind == "cockpit" and number in self.views:
            extension = extension_at(self._desk.settings, self._desk.port_of(number))
            spoken = (extension.language if extension else "") or self._desk.settings.language
            return Cockpit(number, spoken, self.views.pop(number))
        if kind == "survey" and number in self._desk.acd.hall.queues:
            scale = self._desk.acd.hall.queues[number].settings.survey or 2
            return Survey(number, language or self._desk.settings.language, scale)
        if kind != "queue" or number not in self._desk.acd.hall.queues:
            return None
        settings = self._desk.acd.hall.queues[number].settings
        language = language or self._desk.settings.language
        message, menu = bool(settings.message_box), bool(settings.menu)
        return QueueWait(number, language, message=message, menu=menu)

    def heard(self, call_id: str, what: Told, now_ms: int, out: list[Any]) -> bool:
        """Something of a waiting caller's dialog; False when it is none of a queue's."""
        match what:
            case Joins(queue=queue):
                self._join(call_id, queue, now_ms, out)
            case WantsCallback():
                self._call_back(call_id, now_ms, out)
            case WantsAgent(agent=agent):
                self._wish(call_id, agent, now_ms, out)
            case Leaves(how=how):
                self._leave(call_id, how, now_ms, out)
            case SurveyPut() | SurveyKeyed():
                self._desk.enter([self._desk.surveys.entry(call_id, what, now_ms)], now_ms, out)
            case StateToggled(agent=agent):
                self._toggle(call_id, agent, now_ms, out)
            case BulletinKnown() | SentenceKept():
                self._desk.bulletins.heard(what, now_ms, out)
            case TaskChosen():
                self._desk.errands.chosen(what, now_ms, out)
            case TaskJudged():
                self._desk.errands.judged(call_id, what, now_ms, out)
            case Parting():
                self._desk.after.heard(what, now_ms, out)
            case _:
                return False
        return True

    def let_in(self, now_ms: int, out: list[Any]) -> None:
        """Calls that came to a queue while nothing was told enter now."""
        late, self._late = self._late, []
        for name, queue in late:
            if name in self._desk.office.calls_by_id:
                self._join(name, queue, now_ms, out)

    def tell(self, effect: said.AcdEffect, now_ms: int, out: list[Any]) -> None:
        """What a caller hears of his place, and that he is not forgotten."""
        match effect:
            case said.VisitEnded(outcome="overflow" | "no_agent"):
                self._sent(effect, now_ms, out)
            case said.Entered(visit=visit) if (dialog := self._wait_of(visit)) is not None:
                self._speak(visit, dialog.entered(effect), now_ms, out)
            case said.Announce(visit=visit) if (dialog := self._wait_of(visit)) is not None:
                self._speak(visit, dialog.announce(effect), now_ms, out)
            case said.Comfort(visit=visit) if (dialog := self._wait_of(visit)) is not None:
                self._speak(visit, dialog.comfort(), now_ms, out)
            case _:
                pass

    def _join(self, call_id: str, queue: str, now_ms: int, out: list[Any]) -> None:
        if self._desk.continuity.resting:
            self._late.append((call_id, queue))
            return
        call = self._desk.office.calls_by_id[call_id]
        since_ms: int | None = None
        hops: tuple[str, ...] = ()
        earlier = self._desk.acd.hall.visits.get(call_id)
        if earlier is not None and earlier.state != "talking":
            if earlier.queue == queue:
                self._stand_on(earlier, now_ms, out)
                return
            self._desk.tell(told.CallerLeaves(visit=call_id, how="menu"), now_ms, out)
        if earlier is not None:
            since_ms = earlier.since_ms
            passed = self._desk.talks.passed_on(call_id, queue, now_ms, out, queue=True)
            hops = (*earlier.hops, *passed)
            if earlier.state == "talking" and earlier.agent:
                self._desk.tell(told.TalkEnded(agent=earlier.agent, caller_stays=True), now_ms, out)
        chosen = self._desk.talks.choices.get(call_id, "")
        if chosen and f"choice:{chosen}" not in hops:
            hops = (*hops, f"choice:{chosen}")
        known = call.journal.caller
        grade = self.grade_of(known.number) if known else ""
        dialog = self._wait_of(call_id)
        number = known.number if known and known.kind == "number" else ""
        if dialog is not None and earlier is None and self._desk.surveys.asks(call_id, number):
            dialog.ask_first()
        asked = call.destination.priority if isinstance(call.destination, ToQueue) else 5
        caller_class = CLASSES.get(asked)
        if earlier is not None and caller_class is None:
            caller_class = earlier.caller_class  # what he is worth goes along with him
        if grade.lower() == "vip":
            caller_class = "vip"
        cared = self.class_of(known.number) if known else None
        if cared is not None and caller_class != "vip":
            caller_class = cared
        self._desk.tell(
            told.CallerEnters(
                visit=call_id,
                queue=queue,
                number=number,
                name=known.name if known else "",
                language=dialog.language if dialog is not None else self._desk.settings.language,
                caller_class=caller_class,
                since_ms=since_ms,
                hops=hops,
            ),
            now_ms,
            out,
        )

    def _stand_on(self, visit: Visit, now_ms: int, out: list[Any]) -> None:
        """He kept his place over a restart, and hears it."""
        dialog = self._wait_of(visit.id)
        if dialog is None:
            return
        line = self._desk.acd.hall.queues[visit.queue]
        entered = said.Entered(
            visit=visit.id,
            queue=visit.queue,
            position=line.ahead(visit) + 1,
            band=-1,
            callback=visit.callback_said,
            again=True,
        )
        self._speak(visit.id, dialog.entered(entered), now_ms, out)

    def _call_back(self, call_id: str, now_ms: int, out: list[Any]) -> None:
        visit = self._desk.acd.hall.visits.get(call_id)
        dialog = self._wait_of(call_id)
        if visit is None or dialog is None:
            return
        if not visit.number:
            self._speak(call_id, dialog.refused("callback-number-refused"), now_ms, out)
            return
        effects = self._desk.tell(
            told.CallbackAsked(visit=call_id, number=visit.number), now_ms, out
        )
        refused = any(isinstance(e, said.Refused) for e in effects)
        spoken = dialog.refused("callback-already") if refused else dialog.kept(now_ms)
        self._speak(call_id, spoken, now_ms, out)

    def _toggle(self, call_id: str, agent: str, now_ms: int, out: list[Any]) -> None:
        """Ready becomes the first reason to pause there is; everything else becomes ready."""
        dialog = self._desk.office.dialog_of(call_id)
        pauses = self._desk.settings.acd.pauses
        rests = self._desk.acd.hall.agents[agent].state == "ready" and bool(pauses)
        event: told.AcdEvent = told.ReadyAsked(agent=agent)
        if rests:
            event = told.PauseAsked(agent=agent, reason=pauses[0].reason)
        self._desk.tell(event, now_ms, out)
        if isinstance(dialog, Cockpit):
            said_key = "agent-paused" if rests else "agent-ready"
            self._speak(call_id, dialog.answered(said_key), now_ms, out)

    def _wish(self, call_id: str, agent: str, now_ms: int, out: list[Any]) -> None:
        """He asks for one agent: he waits for him first, or hears why not."""
        dialog = self._wait_of(call_id)
        if dialog is None or call_id not in self._desk.acd.hall.visits:
            return
        effects = self._desk.tell(told.AgentWished(visit=call_id, agent=agent), now_ms, out)
        refused = next((e for e in effects if isinstance(e, said.Refused)), None)
        if refused is not None:
            absent = refused.why == "absent"
            key = "queue-agent-absent" if absent else "agent-unknown"
            self._speak(call_id, dialog.refused(key), now_ms, out)
        elif self._desk.acd.hall.visits[call_id].state == "waiting":
            self._speak(call_id, dialog.refused("queue-agent-busy"), now_ms, out)

    def _leave(self, call_id: str, how: str, now_ms: int, out: list[Any]) -> None:
        """He goes by a key: into a mailbox, or to a menu."""
        visit = self._desk.acd.hall.visits.get(call_id)
        if visit is None or visit.state == "talking":
            return
        settings = self._desk.acd.hall.queues[visit.queue].settings
        menu = named(settings.menu, self._desk.settings) or ToFlow(flow="main")
        box = ToFlow(flow=f"voicemail:{settings.message_box}")
        self._desk.tell(told.CallerLeaves(visit=call_id, how=how), now_ms, out)
        order = LeaveQueue(destination=box if how == "message" else menu, at_ms=now_ms)
        self._desk.order(call_id, order, now_ms, out)

    def _sent(self, effect: said.VisitEnded, now_ms: int, out: list[Any]) -> None:
        """The queue has no place for him."""
        if effect.to in self._desk.acd.hall.queues:
            return  # he waits in another queue, and hears of it there
        if effect.to:
            destination = named(effect.to, self._desk.settings) or ToFlow(flow="main")
            order = LeaveQueue(destination=destination, at_ms=now_ms)
            self._desk.order(effect.visit, order, now_ms, out)
            return
        dialog = self._wait_of(effect.visit)
        if dialog is not None:
            self._speak(effect.visit, dialog.sorry("queue-empty"), now_ms, out)

    def _wait_of(self, call_id: str) -> QueueWait | None:
        dialog = self._desk.office.dialog_of(call_id)
        return dialog if isinstance(dialog, QueueWait) else None

    def _speak(self, call_id: str, spoken: Any, now_ms: int, out: list[Any]) -> None:
        if spoken:
            self._desk.office.dialog_says(call_id, spoken, now_ms, out)
