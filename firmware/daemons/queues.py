"""Queues and agents joined to the office: calls wait, sets ring, voices are joined, all is noted.

The distribution decides; calls ring, whisper and connect. What happens to calls is learned from
their own log, so nothing of a queue depends on which way a call took.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.journal import capture
from firmware.acd.tasks import TaskResult
from firmware.acd.visit import Visit
from firmware.acd.wait_estimate import expected_ms, mean_service_ms
from firmware.call.call import Call
from firmware.call.hours import zone_of
from firmware.call.orders import (
    Interrupt,
    LeaveQueue,
    RingAgent,
    StopAgent,
    Summon,
    Whisper,
)
from firmware.core.acd_entries import SurveyAnswered, SurveyOffered, SurveyWay
from firmware.core.acd_settings import CallerClass, queue_named
from firmware.core.destinations import ToFlow, ToQueue, named
from firmware.core.fsm import earliest
from firmware.core.log_entries import (
    CallClosed,
    CallHeld,
    CallRetrieved,
    Cleared,
    ClearedBy,
    FarSideAnswered,
    LogEntry,
    Outcome,
    PartyLeft,
    Side,
    TelephoneAnswered,
    VoicesConnected,
)
from firmware.core.settings import Settings, extension_at
from firmware.daemons.acd_log import AcdLog
from firmware.daemons.after_calls import FLOW, AfterCalls
from firmware.daemons.queue_memory import (
    QueueMemory,
    brought_back,
    carried_over,
    day_of,
    later_day,
    midnight_ms,
)
from firmware.dialogs.after_call import Parting
from firmware.dialogs.cockpit import Cockpit, StateToggled, View
from firmware.dialogs.queue_wait import Joins, Leaves, QueueWait, WantsAgent, WantsCallback
from firmware.dialogs.survey import Survey, SurveyKeyed, SurveyPut
from firmware.dialogs.told import Told
from firmware.voicemail.session import Session
from ivr.orders import QueueFigures
from ivr.speech import say_digits

log = logging.getLogger(__name__)

CADENCES: Final = {"caller": "normal", "callback": "callback", "task": "callback"}
_FLEETING: Final = (told.LinesFree, told.ClockSet, told.SetTaken, told.SetFree)
"""What is seen anew after a restart; it is not kept for its own sake."""

VIP_PREFIX: Final = "1"
CLASSES: Final[dict[int, CallerClass]] = {1: "vip", 2: "high", 3: "high", 4: "high"}
"""What a menu's priority makes of a caller; 5 leaves him as the queue has him."""

MISSES_SAID: Final = "agent-auto-paused"


class Front(Protocol):
    """The office, as queues need it."""

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def carry_out(self, effects: Any, now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        ...

    def dialog_of(self, call_id: str) -> Any:
        """The dialog that runs for a call, None for none."""
        ...

    def dialog_says(self, call_id: str, spoken: Any, now_ms: int, out: list[Any]) -> None:
        """What a dialog wants."""
        ...

    def phone_idle(self, port: str) -> bool:
        """The telephone can ring now."""
        ...

    def free_lines(self) -> int:
        """Exchange lines that could be taken."""
        ...

    def wall(self, now_ms: int) -> datetime | None:
        """UTC."""
        ...


class QueueDesk:
    """Queues of the office.

    Args:
        office: Carries out what comes of it.
    """

    def __init__(self, office: Front, settings: Settings) -> None:
        self._office = office
        self._settings = settings
        self.acd = Distribution(settings.acd)
        self._log = AcdLog()
        self.after = AfterCalls(self)
        self.views: dict[str, View] = {}  # what agents who asked for all of it will hear
        self.grade_of: Callable[[str], str] = lambda _number: ""  # the lobby knows
        self._errands: dict[str, str] = {}  # call to the visit of what is owed
        self.why: dict[str, str] = {}  # agent to the rule by which he was rung last
        self._lines = -1
        self._open = True
        self._offset_ms: int | None = None
        self._resting = False  # nobody knows yet which calls are up
        self._joins: list[tuple[str, str]] = []  # calls that came to a queue meanwhile
        self._wanted: Settings | None = None  # settings that come into force at the next settling
        self._day, self._midnight_ms = "", 0
        self.changed = False  # something is to be kept

    # --- restarts and new settings ------------------------------------------------------------

    def memory(self, now_ms: int, boot: str) -> QueueMemory:
        """What is to be kept; encode it at once."""
        return QueueMemory(
            acd=capture(self.acd, now_ms, boot),
            log=self._log.kept(),
            errands=self._errands,
            why=self.why,
            day=self._day,
        )

    def know(self, kept: QueueMemory, now_ms: int, wall: datetime, boot: str) -> list[LogEntry]:
        """What an earlier call control left, said once at the beginning; what to write comes back.

        Nothing moves before :meth:`wake`.
        """
        same = kept.acd.boot == boot
        offset_ms = round(wall.timestamp() * 1_000) - now_ms
        self.acd, effects = brought_back(self._settings.acd, kept.acd, now_ms, boot, offset_ms)
        self._log.know(kept.log)
        self._errands = kept.errands if same else {}
        self.why, self._day = kept.why, kept.day
        self._open = self.acd.hall.memo.open
        self._resting = True
        self.changed = True
        return [entry for e in effects for entry in self._log.entries(e, self.acd, now_ms)]

    def rest(self) -> None:
        """Calls are about to be taken over: nothing is told and nobody rung until then."""
        self._resting = True

    def flows(self) -> dict[str, str]:
        """Calls that wait in a queue, with the flow in which they do."""
        visits = self.acd.hall.visits.values()
        return {v.id: f"queue:{v.queue}" for v in visits if not v.task and v.state != "talking"}

    def wake(self, now_ms: int, out: list[Any]) -> None:
        """Calls were taken over: who is there waits or talks on, the others are owed a call."""
        self._resting = False
        self._follow(self.acd.take_back(now_ms), now_ms, out)
        cleared = {e.call: e for e in out if isinstance(e, Cleared)}
        calls = self._office.calls_by_id
        for name, visit in list(self.acd.hall.visits.items()):
            if visit.task:
                self._wake_errand(visit, now_ms, out)
                continue
            call = calls.get(name)
            if call is None:
                end = cleared.get(name)
                clean = end is not None and end.by is not ClearedBy.RESTART
                if visit.state == "talking" and clean:
                    self.tell(told.CallerCleared(visit=name), now_ms, out)
                else:
                    self._follow(self.acd.interrupted(name, now_ms), now_ms, out)
            elif visit.state == "talking" and visit.agent:
                there = self.port_of(visit.agent) in call.parties.legs
                if call.state == "menu" or not there:
                    over = told.TalkEnded(agent=visit.agent, caller_stays=True)
                    self.tell(over, now_ms, out)
            elif visit.state != "talking" and call.state != "menu":
                self.tell(told.CallerLeaves(visit=name, how="taken"), now_ms, out)
        joins, self._joins = self._joins, []
        for name, queue in joins:
            if name in calls:
                self._join(name, queue, now_ms, out)

    def _wake_errand(self, visit: Visit, now_ms: int, out: list[Any]) -> None:
        running = {name: call for call, name in self._errands.items()}.get(visit.id, "")
        if visit.agent and running not in self._office.calls_by_id:
            self._errands.pop(running, None)
            self.tell(told.TalkEnded(agent=visit.agent), now_ms, out)

    def retune(self, settings: Settings) -> None:
        """New settings: who waits and who is logged in stays. In force with the next settling."""
        if settings.acd == self._settings.acd and self._wanted is None:
            self._settings = settings
        else:
            self._wanted = settings

    def _put_in_force(self, settings: Settings, now_ms: int, out: list[Any]) -> None:
        """Whoever has no place in the new settings is sent on before."""
        hall = self.acd.hall
        queues = {queue.number for queue in settings.acd.queues}
        agents = {agent.number for agent in settings.acd.agents}
        for number in [n for n in hall.agents if n not in agents]:
            agent = hall.agents[number]
            if agent.state in {"talking", "hold"}:
                self.tell(told.TalkEnded(agent=number, caller_stays=True), now_ms, out)
            self.tell(told.LoggedOut(agent=number, by="settings"), now_ms, out)
        sent: list[str] = []
        for name, visit in list(hall.visits.items()):
            if visit.queue not in queues and visit.state != "talking":
                self.tell(told.CallerLeaves(visit=name, how="menu"), now_ms, out)
                sent += [] if visit.task else [name]
        self._settings = settings
        self.acd = carried_over(self.acd, settings.acd, now_ms)
        for name in sent:
            leave = LeaveQueue(destination=ToFlow(flow="main"), at_ms=now_ms)
            self.order(name, leave, now_ms, out)
        self.changed = True
        self._follow(self.acd.look_again(now_ms), now_ms, out)

    @property
    def used(self) -> bool:
        """Whether the office has queues at all."""
        return bool(self._settings.acd.queues)

    def figures(self, text: str) -> QueueFigures:
        """How it stands with a queue, by number or name: who waits, and the wait to expect."""
        settings = queue_named(self._settings.acd, text)
        line = self.acd.hall.queues.get(settings.number) if settings is not None else None
        if line is None:
            return QueueFigures()
        service_ms = mean_service_ms(line.record.served_ms)
        wait_ms = expected_ms(line.waiting, service_ms, line.staffed)
        wait_s = None if wait_ms is None else wait_ms // 1_000
        return QueueFigures(waiting=line.waiting, wait_s=wait_s)

    # --- callers ------------------------------------------------------------------------------

    def dialog(self, flow: str, language: str = "") -> Session | None:
        """The dialog of a queue that a flow's name means, in the language the caller chose."""
        kind, _, number = flow.partition(":")
        if kind == FLOW:
            return self.after.dialog(number, self._settings)
        if kind == "cockpit" and number in self.views:
            extension = extension_at(self._settings, self.port_of(number))
            spoken = (extension.language if extension else "") or self._settings.language
            return Cockpit(number, spoken, self.views.pop(number))
        if kind == "survey" and number in self.acd.hall.queues:
            scale = self.acd.hall.queues[number].settings.survey or 2
            return Survey(number, language or self._settings.language, scale)
        if kind != "queue" or number not in self.acd.hall.queues:
            return None
        settings = self.acd.hall.queues[number].settings
        language = language or self._settings.language
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
                self._enter([self._surveyed(call_id, what, now_ms)], now_ms, out)
            case StateToggled(agent=agent):
                self._toggle(call_id, agent, now_ms, out)
            case Parting():
                self.after.heard(what, now_ms, out)
            case _:
                return False
        return True

    def _join(self, call_id: str, queue: str, now_ms: int, out: list[Any]) -> None:
        if self._resting:
            self._joins.append((call_id, queue))
            return
        call = self._office.calls_by_id[call_id]
        since_ms: int | None = None
        earlier = self.acd.hall.visits.get(call_id)
        if earlier is not None and earlier.state != "talking":
            if earlier.queue == queue:
                self._stand_on(earlier, now_ms, out)
                return
            self.tell(told.CallerLeaves(visit=call_id, how="menu"), now_ms, out)
        if earlier is not None:
            since_ms = earlier.since_ms
            if earlier.state == "talking" and earlier.agent:
                self.tell(told.TalkEnded(agent=earlier.agent, caller_stays=True), now_ms, out)
        known = call.journal.caller
        grade = self.grade_of(known.number) if known else ""
        dialog = self._wait_of(call_id)
        asked = call.destination.priority if isinstance(call.destination, ToQueue) else 5
        caller_class = CLASSES.get(asked)
        if grade.lower() == "vip":
            caller_class = "vip"
        self.tell(
            told.CallerEnters(
                visit=call_id,
                queue=queue,
                number=known.number if known and known.kind == "number" else "",
                name=known.name if known else "",
                language=dialog.language if dialog is not None else self._settings.language,
                caller_class=caller_class,
                since_ms=since_ms,
            ),
            now_ms,
            out,
        )

    def _stand_on(self, visit: Visit, now_ms: int, out: list[Any]) -> None:
        """He kept his place over a restart, and hears it."""
        dialog = self._wait_of(visit.id)
        if dialog is None:
            return
        line = self.acd.hall.queues[visit.queue]
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
        visit = self.acd.hall.visits.get(call_id)
        dialog = self._wait_of(call_id)
        if visit is None or dialog is None:
            return
        if not visit.number:
            self._speak(call_id, dialog.refused("callback-number-refused"), now_ms, out)
            return
        effects = self.tell(told.CallbackAsked(visit=call_id, number=visit.number), now_ms, out)
        refused = any(isinstance(e, said.Refused) for e in effects)
        spoken = dialog.refused("callback-already") if refused else dialog.kept(now_ms)
        self._speak(call_id, spoken, now_ms, out)

    def _toggle(self, call_id: str, agent: str, now_ms: int, out: list[Any]) -> None:
        """Ready becomes the first reason to pause there is; everything else becomes ready."""
        dialog = self._office.dialog_of(call_id)
        pauses = self._settings.acd.pauses
        rests = self.acd.hall.agents[agent].state == "ready" and bool(pauses)
        event: told.AcdEvent = told.ReadyAsked(agent=agent)
        if rests:
            event = told.PauseAsked(agent=agent, reason=pauses[0].reason)
        self.tell(event, now_ms, out)
        if isinstance(dialog, Cockpit):
            said_key = "agent-paused" if rests else "agent-ready"
            self._speak(call_id, dialog.answered(said_key), now_ms, out)

    def _surveyed(self, call_id: str, what: SurveyPut | SurveyKeyed, now_ms: int) -> LogEntry:
        agent, last = self.after.server_of(call_id)
        about = {"agent": agent, "queue": last.queue if last else "", "about": call_id}
        way = SurveyWay.STAYED
        if isinstance(what, SurveyKeyed):
            return SurveyAnswered(
                call=call_id, at_ms=now_ms, way=way, scale=what.scale, key=what.key, **about
            )
        return SurveyOffered(call=call_id, at_ms=now_ms, way=way, scale=what.scale, **about)

    def _wish(self, call_id: str, agent: str, now_ms: int, out: list[Any]) -> None:
        """He asks for one agent: he waits for him first, or hears why not."""
        dialog = self._wait_of(call_id)
        if dialog is None or call_id not in self.acd.hall.visits:
            return
        effects = self.tell(told.AgentWished(visit=call_id, agent=agent), now_ms, out)
        refused = next((e for e in effects if isinstance(e, said.Refused)), None)
        if refused is not None:
            absent = refused.why == "absent"
            key = "queue-agent-absent" if absent else "agent-unknown"
            self._speak(call_id, dialog.refused(key), now_ms, out)
        elif self.acd.hall.visits[call_id].state == "waiting":
            self._speak(call_id, dialog.refused("queue-agent-busy"), now_ms, out)

    def _leave(self, call_id: str, how: str, now_ms: int, out: list[Any]) -> None:
        """He goes by a key: into a mailbox, or to a menu."""
        visit = self.acd.hall.visits.get(call_id)
        if visit is None or visit.state == "talking":
            return
        settings = self.acd.hall.queues[visit.queue].settings
        menu = named(settings.menu, self._settings) or ToFlow(flow="main")
        box = ToFlow(flow=f"voicemail:{settings.message_box}")
        self.tell(told.CallerLeaves(visit=call_id, how=how), now_ms, out)
        order = LeaveQueue(destination=box if how == "message" else menu, at_ms=now_ms)
        self.order(call_id, order, now_ms, out)

    def _wait_of(self, call_id: str) -> QueueWait | None:
        dialog = self._office.dialog_of(call_id)
        return dialog if isinstance(dialog, QueueWait) else None

    def _speak(self, call_id: str, spoken: Any, now_ms: int, out: list[Any]) -> None:
        if spoken:
            self._office.dialog_says(call_id, spoken, now_ms, out)

    # --- what calls say of themselves ---------------------------------------------------------

    def note(self, entry: LogEntry, now_ms: int, out: list[Any]) -> None:
        """Learn from the log of a call."""
        if self._resting:
            return
        if entry.call in self._errands:
            self._note_errand(entry, self._errands[entry.call], now_ms, out)
            return
        visit = self.acd.hall.visits.get(entry.call)
        if visit is None:
            return
        agent = visit.agent
        match entry:
            case TelephoneAnswered(port=port):
                number = self.acd.hall.ports.get(port, "")
                if number and visit.state == "offered":
                    self.tell(told.AgentLifted(agent=number), now_ms, out)
            case CallHeld(port=port) if agent and self.port_of(agent) == port:
                self._enter(
                    [self._log.held(entry.call, agent, self.acd, now_ms, back=False)], now_ms, out
                )
                self.tell(told.HoldBegan(agent=agent), now_ms, out)
            case CallRetrieved(port=port) if agent and self.port_of(agent) == port:
                self._enter(
                    [self._log.held(entry.call, agent, self.acd, now_ms, back=True)], now_ms, out
                )
                self.tell(told.HoldEnded(agent=agent), now_ms, out)
            case VoicesConnected(parties=parties) if visit.state == "talking":
                self._voices(entry.call, parties, now_ms, out)
            case PartyLeft(port=port) if agent and self.port_of(agent) == port:
                self.tell(told.TalkEnded(agent=agent, caller_stays=True), now_ms, out)
            case Cleared(side=side):
                self._cleared(entry.call, side, now_ms, out)
            case CallClosed():
                self.tell(told.CallerCleared(visit=entry.call), now_ms, out)
            case _:
                pass

    def _note_errand(self, entry: LogEntry, name: str, now_ms: int, out: list[Any]) -> None:
        """A call that is owed: the agent lifts, the far end answers or not, somebody clears."""
        visit = self.acd.hall.visits.get(name)
        agent = visit.agent if visit is not None else ""
        task = self.acd.hall.book.tasks.get(visit.task) if visit is not None else None
        reached = task is None or task.state == "done"
        match entry:
            case TelephoneAnswered(port=port) if visit is not None and visit.state == "offered":
                self.tell(told.AgentLifted(agent=self.agent_at(port)), now_ms, out)
            case FarSideAnswered() if agent and not reached:
                self.tell(told.TaskAttempted(agent=agent, result="reached"), now_ms, out)
            case Cleared(side=side) if agent and reached:
                over = told.TalkEnded(agent=agent) if side is Side.AGENT else None
                self.tell(over or told.CallerCleared(visit=name), now_ms, out)
            case CallClosed(outcome=outcome):
                self._errands.pop(entry.call, None)
                if agent and not reached:
                    result: TaskResult = "busy" if outcome is Outcome.BUSY else "no_answer"
                    self.tell(told.TaskAttempted(agent=agent, result=result), now_ms, out)
            case _:
                pass

    def _summon(self, visit: Visit, port: str, now_ms: int, out: list[Any]) -> None:
        """Ring the agent; lifting dials the number."""
        call = self._office.open_call(now_ms)
        self._errands[call.call] = visit.id
        prefix = next(iter(self._settings.outside_prefixes), "")
        order = Summon(
            port=port, at_ms=now_ms, purpose=visit.kind, number=f"{prefix}{visit.number}"
        )
        self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    def _recall(self, name: str, now_ms: int, out: list[Any]) -> None:
        """Nobody took it: the telephone rings no more."""
        for call_id, visit in list(self._errands.items()):
            call = self._office.calls_by_id.get(call_id)
            if visit == name and call is not None and call.state == "summoning":
                order = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="not taken")
                self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    def _voices(self, call_id: str, parties: tuple[str, ...], now_ms: int, out: list[Any]) -> None:
        visit = self.acd.hall.visits[call_id]
        if visit.agent and self.port_of(visit.agent) in parties:
            self._enter(list(self._log.joined(call_id, visit.agent, self.acd, now_ms)), now_ms, out)
            if self.acd.hall.agents[visit.agent].state == "hold":
                self.tell(told.HoldEnded(agent=visit.agent), now_ms, out)
            return
        sets = [port for port in parties if port in self.acd.hall.ports]
        to = self.acd.hall.ports[sets[0]] if sets else ""
        self.tell(told.HandedOver(visit=call_id, to=to), now_ms, out)
        if to and self.acd.hall.visits[call_id].agent == to:
            self._enter(list(self._log.joined(call_id, to, self.acd, now_ms)), now_ms, out)

    def _cleared(self, call_id: str, side: Side, now_ms: int, out: list[Any]) -> None:
        visit = self.acd.hall.visits[call_id]
        if visit.state == "talking" and visit.agent and side is Side.AGENT:
            self.tell(told.TalkEnded(agent=visit.agent), now_ms, out)
        else:
            lost = side is Side.SYSTEM
            self.tell(told.CallerCleared(visit=call_id, lost=lost), now_ms, out)

    def port_of(self, agent: str) -> str:
        """The telephone at which an agent is, empty for none."""
        return self.acd.hall.agents[agent].record.port

    def ring(self, order: Summon, now_ms: int, out: list[Any]) -> Call:
        """Ring a telephone of the box's own accord."""
        call = self._office.open_call(now_ms)
        self._office.carry_out(call.handle(order, now_ms), now_ms, out)
        return call

    def idle(self, port: str) -> bool:
        """The telephone can ring now."""
        return self._office.phone_idle(port)

    def agent_at(self, port: str) -> str:
        """The agent who is logged in at a telephone, empty for none."""
        return self.acd.hall.ports.get(port, "")

    # --- what the distribution says -----------------------------------------------------------

    def tell(self, event: told.AcdEvent, now_ms: int, out: list[Any]) -> list[said.AcdEffect]:
        """Tell the distribution, and do what it answers."""
        effects = self.acd.handle(event, now_ms)
        self.changed = self.changed or not isinstance(event, _FLEETING)
        self._follow(effects, now_ms, out)
        return effects

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        if self._resting or not self.used:
            return None
        midnight_ms = self._midnight_ms or None
        return earliest(self.acd.next_deadline(), self.after.next_deadline(), midnight_ms)

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Do what is due."""
        if self._resting:
            return
        if self._midnight_ms and now_ms >= self._midnight_ms:
            self._look_at_day(now_ms, out)
        effects = self.acd.advance(now_ms)
        spoken = (said.Announce, said.Comfort)
        self.changed = self.changed or not all(isinstance(e, spoken) for e in effects)
        self._follow(effects, now_ms, out)
        self.after.advance(now_ms, out)

    def _look_at_day(self, now_ms: int, out: list[Any]) -> None:
        """At midnight in the office the counts of the day begin anew."""
        wall = self._office.wall(now_ms)
        if wall is None:
            return
        today = day_of(wall, self._settings)
        if self._day and later_day(today, self._day):
            self.tell(told.NewDay(), now_ms, out)
        if today != self._day:
            self._day, self.changed = today, True
        self._midnight_ms = midnight_ms(wall, now_ms, self._settings)

    def settle(self, now_ms: int, out: list[Any], *, is_open: bool) -> None:
        """Look at sets, lines and hours: whatever changed is told."""
        if self._resting:
            return
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._put_in_force(wanted, now_ms, out)
        if not self.used:
            return
        hall = self.acd.hall
        self._bury(now_ms, out)
        for number, agent in hall.agents.items():
            port = agent.record.port
            if not port or agent.state not in {"ready", "paused", "wrap_up"}:
                continue
            idle = self._office.phone_idle(port)
            if idle and agent.set_state != "free":
                self.tell(told.SetFree(agent=number), now_ms, out)
            elif not idle and agent.set_state == "free":
                self.tell(told.SetTaken(agent=number), now_ms, out)
        lines = self._office.free_lines()
        if lines != self._lines:
            self._lines = lines
            self.tell(told.LinesFree(lines=lines), now_ms, out)
        if is_open != self._open:
            self._open = is_open
            self.tell(told.OfficeHours(open=is_open), now_ms, out)
        wall = self._office.wall(now_ms)
        if wall is not None:
            offset_ms = round(wall.timestamp() * 1_000) - now_ms
            if self._offset_ms is None or abs(offset_ms - self._offset_ms) > 1_000:
                self._offset_ms = offset_ms
                zone = wall.astimezone(zone_of(self._settings)).utcoffset()
                zone_ms = round(zone.total_seconds() * 1_000) if zone is not None else 0
                self.tell(told.ClockSet(offset_ms=offset_ms, zone_ms=zone_ms), now_ms, out)
                self._look_at_day(now_ms, out)

    def _bury(self, now_ms: int, out: list[Any]) -> None:
        """Whoever's call is no more, without a word in its log, waits and talks no more."""
        calls = self._office.calls_by_id
        for name, visit in list(self.acd.hall.visits.items()):
            if not visit.task and name not in calls:
                self.tell(told.CallerCleared(visit=name, lost=True), now_ms, out)
        for call_id, name in list(self._errands.items()):
            if call_id in calls:
                continue
            del self._errands[call_id]
            errand = self.acd.hall.visits.get(name)
            if errand is not None and errand.agent:
                self.tell(told.TalkEnded(agent=errand.agent), now_ms, out)

    def _follow(self, effects: list[said.AcdEffect], now_ms: int, out: list[Any]) -> None:
        for effect in effects:
            self.after.note(effect, now_ms)
            self._enter(list(self._log.entries(effect, self.acd, now_ms)), now_ms, out)
            match effect:
                case said.OfferMade():
                    self._offer(effect, now_ms, out)
                case said.OfferEnded(visit=visit) if visit not in self._office.calls_by_id:
                    self._recall(visit, now_ms, out)
                case said.OfferEnded(agent=agent, visit=visit, why=why):
                    order = StopAgent(port=self.port_of(agent), missed=why == "missed")
                    self.order(visit, order, now_ms, out)
                case said.Connected():
                    self._connected(effect, now_ms, out)
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

    def _enter(self, entries: Sequence[LogEntry], now_ms: int, out: list[Any]) -> None:
        self._office.carry_out(entries, now_ms, out)

    def order(self, call_id: str, order: Any, now_ms: int, out: list[Any]) -> None:
        """An order to a call, if that can take it."""
        call = self._office.calls_by_id.get(call_id)
        if call is not None and type(order) in call.TABLE.states[call.state].on:
            self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    def _offer(self, offer: said.OfferMade, now_ms: int, out: list[Any]) -> None:
        call = self._office.calls_by_id.get(offer.visit)
        visit = self.acd.hall.visits.get(offer.visit)
        for at, agent in enumerate(offer.agents):
            port = self.port_of(agent)
            self.why[agent] = offer.decision.rule
            if visit is not None and visit.task and not at and self._office.phone_idle(port):
                self._summon(visit, port, now_ms, out)
                continue
            if call is None or visit is None or not self._office.phone_idle(port):
                # The set is lifted in this moment, or there is nobody to ring for yet.
                self.tell(told.AgentRefused(agent=agent), now_ms, out)
                continue
            prefix = VIP_PREFIX if visit.vip else ""
            cadence = CADENCES[offer.kind]
            order = RingAgent(port=port, cadence=cadence, prefix=prefix, agent=agent)
            self.order(offer.visit, order, now_ms, out)

    def _connected(self, effect: said.Connected, now_ms: int, out: list[Any]) -> None:
        visit = self.acd.hall.visits.get(effect.visit)
        call = self._office.calls_by_id.get(effect.visit)
        if visit is None or call is None:
            return
        port = self.port_of(effect.agent)
        extension = extension_at(self._settings, port)
        language = (extension.language if extension else "") or self._settings.language
        whisper = [f"{language}/whisper-vip"] if visit.vip else []
        whisper += [f"{language}/whisper-queue-before"]
        whisper += [f"{language}/{key}" for key in say_digits(visit.queue, language)]
        announce: list[str] = []
        queue = self.acd.hall.queues[visit.queue].settings
        if not queue.whisper:
            whisper = []
        if queue.announce_agent:
            heard = visit.language or self._settings.language
            keys = ("agent-number-before", *say_digits(effect.agent, heard))
            announce = [f"{heard}/{key}" for key in keys]
        order = Whisper(prompts=tuple(whisper), announce=tuple(announce))
        self.order(effect.visit, order, now_ms, out)

    def _sent(self, effect: said.VisitEnded, now_ms: int, out: list[Any]) -> None:
        """The queue has no place for him."""
        if effect.to in self.acd.hall.queues:
            return  # he waits in another queue, and hears of it there
        if effect.to:
            destination = named(effect.to, self._settings) or ToFlow(flow="main")
            order = LeaveQueue(destination=destination, at_ms=now_ms)
            self.order(effect.visit, order, now_ms, out)
            return
        dialog = self._wait_of(effect.visit)
        if dialog is not None:
            self._speak(effect.visit, dialog.sorry("queue-empty"), now_ms, out)
