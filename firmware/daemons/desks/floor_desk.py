"""Queues and agents for people at a page: how it stands, and what they do with it.

Every act is the event that a handset's code is too (``firmware.daemons.handset.agent_codes``), so
a rule of the queues holds for both; what is refused is said in the asker's language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.acd.tasks import Task
from firmware.control.floor_messages import (
    AskCaller,
    AskTasks,
    CallerAnswer,
    EndTask,
    EndWrapUp,
    Floor,
    FloorDone,
    FloorRequest,
    MoreTime,
    MoveAgent,
    NoteCall,
    PauseAgentNow,
    PromiseCall,
    ReadyAgentNow,
    SendReply,
    SignInAgent,
    SignOutAgent,
    TasksAnswer,
)
from firmware.control.messages import Refused
from firmware.core.desk_entries import Audited, CallNoted
from firmware.core.menu_entries import SmsWanted
from firmware.core.settings import Settings
from firmware.customers.customer import Customer
from firmware.daemons.floor.floor_view import FloorView, Office
from firmware.daemons.floor.floor_words import word
from firmware.daemons.floor.mobile import is_mobile
from firmware.daemons.floor.queues import QueueDesk
from firmware.dialogs.after_call import MOST_HOURS, RESULTS
from firmware.knowledge.article import Article

HOUR_MS: Final = 3_600_000
LONGEST_NOTE: Final = 2_000
MOST_MORE_S: Final = 900
HOWS: Final = ("done", "withdrawn")
LEVELS: Final = range(10)


class FloorError(Exception):
    """What cannot be done: key of a sentence, and the field it is about."""

    def __init__(self, key: str, field: str = "", **values: object) -> None:
        super().__init__(key)
        self.key, self.field, self.values = key, field, values


class FloorDesk:
    """Carries out what people at a page ask of the floor.

    Args:
        office: Queues, agents and calls.
        settings: Those in force.
        customer_of: Whose number this is.
        article_of: The article of a code.
    """

    def __init__(
        self,
        office: Office,
        settings: Callable[[], Settings],
        customer_of: Callable[[str], Customer | None],
        article_of: Callable[[str], Article | None],
    ) -> None:
        self._office = office
        self._settings = settings
        self._customer_of = customer_of
        self._article_of = article_of
        self._view = FloorView(office, settings)

    @property
    def _desk(self) -> QueueDesk:
        return self._office.queues

    @property
    def _acd(self) -> Distribution:
        return self._desk.acd

    def floor(self, now_ms: int) -> Floor | None:
        """Everybody at queues now; None for an office without queues."""
        return self._view.floor(now_ms)

    # --- what people do ---------------------------------------------------------------------------

    def answer(self, request: FloorRequest, now_ms: int, out: list[Any]) -> msgspec.Struct:
        """Carry out one request; what comes of it is added to ``out``. A mistake is a sentence."""
        try:
            return self._answer(request, now_ms, out)
        except FloorError as wrong:
            sentence = word(wrong.key, request.language, **wrong.values)
            fields = {wrong.field: sentence} if wrong.field else {}
            return Refused(id=wrong.key, message=sentence, fields=fields)

    def _answer(self, request: FloorRequest, now_ms: int, out: list[Any]) -> msgspec.Struct:
        match request:
            case AskTasks():
                return TasksAnswer(tasks=self._view.tasks())
            case AskCaller(call=call):
                return self._caller(call)
            case EndTask(task=task, how=how):
                if how not in HOWS:
                    raise FloorError("floor-how", "how", value=how, limit=", ".join(HOWS))
                self._tell(told.TaskEnded(task=task, how=how), now_ms, out)
                self._audit(request, f"task_{how}", f"task/{task}", now_ms, out)
                return FloorDone()
            case _:
                return self._of_agent(request, now_ms, out)

    def _of_agent(self, request: Any, now_ms: int, out: list[Any]) -> FloorDone:
        agent, by = request.agent, request.by
        if agent not in self._acd.hall.agents:
            raise FloorError("floor-no-agent", "agent", value=agent or "-")
        match request:
            case SignInAgent(extension=extension):
                port = self._port_of(extension)
                self._tell(told.LoggedIn(agent=agent, port=port), now_ms, out)
            case SignOutAgent():
                self._tell(told.LoggedOut(agent=agent, by=by), now_ms, out)
            case PauseAgentNow(reason=reason):
                self._tell(told.PauseAsked(agent=agent, reason=reason, by=by), now_ms, out)
            case ReadyAgentNow():
                self._tell(told.ReadyAsked(agent=agent, by=by), now_ms, out)
            case MoreTime(seconds=seconds):
                seconds = min(max(seconds, 0), MOST_MORE_S)
                self._tell(told.WrapUpExtended(agent=agent, seconds=seconds), now_ms, out)
            case MoveAgent(queue=queue, level=level):
                self._move(agent, queue, level, by, now_ms, out)
            case NoteCall():
                self._note(request, now_ms, out)
            case SendReply():
                self._send(request, now_ms, out)
            case PromiseCall():
                self._promise(request, now_ms, out)
            case EndWrapUp():
                self._end_wrap_up(request, now_ms, out)
            case _:
                raise FloorError("unknown-request")
        if by:
            self._audit(request, "agent_decided", f"agent/{agent}", now_ms, out)
        return FloorDone(agent=agent)

    def _port_of(self, extension: str) -> str:
        for one in self._settings().extensions:
            if one.number == extension:
                return one.port
        known = ", ".join(one.number for one in self._settings().extensions)
        raise FloorError("floor-extension", "extension", value=extension or "-", limit=known)

    def _move(
        self, agent: str, queue: str, level: int | None, by: str, now_ms: int, out: list[Any]
    ) -> None:
        if queue not in self._acd.hall.queues:
            known = ", ".join(self._acd.hall.queues)
            raise FloorError("floor-queue", "queue", value=queue or "-", limit=known)
        if level is not None and level not in LEVELS:
            raise FloorError("floor-level", "level", value=level)
        self._tell(told.AgentMoved(agent=agent, queue=queue, level=level, by=by), now_ms, out)

    def _note(self, request: NoteCall, now_ms: int, out: list[Any]) -> None:
        text = request.text.strip()
        if not text:
            raise FloorError("floor-empty", "text")
        if len(text) > LONGEST_NOTE:
            raise FloorError("floor-note", "text", value=len(text), limit=LONGEST_NOTE)
        task = self._task_of(request.call)
        call = task.about if task is not None else request.call
        noted = CallNoted(call=call, at_ms=now_ms, agent=request.agent, text=text)
        self._office.carry_out((noted,), now_ms, out)

    def _send(self, request: SendReply, now_ms: int, out: list[Any]) -> None:
        """A text for the caller's mobile: with the log's entry it stands in the outbox."""
        reply = self._article_of(request.code)
        if reply is None or reply.kind != "reply":
            raise FloorError("floor-no-reply", value=request.code or "-")
        caller, settings = self._caller(request.call), self._settings()
        if not caller.number:
            raise FloorError("floor-no_number")
        if caller.number in settings.acd.do_not_call:
            raise FloorError("floor-do_not_call", value=caller.number)
        if not is_mobile(caller.number, settings.country):
            raise FloorError("floor-no-mobile", value=caller.number)
        wanted = SmsWanted(
            call=caller.call,
            at_ms=now_ms,
            template=f"reply:{reply.code}",
            number=caller.number,
            language=request.language,
            text=reply.body,
        )
        self._office.carry_out((wanted,), now_ms, out)
        self._audit(request, "reply_sent", f"article/{reply.code}", now_ms, out)

    def _promise(self, request: PromiseCall, now_ms: int, out: list[Any]) -> None:
        if not 1 <= request.hours <= MOST_HOURS:
            raise FloorError("floor-hours", "hours", value=request.hours, limit=MOST_HOURS)
        if sum(sign.isdecimal() for sign in request.number) < 3:
            raise FloorError("floor-number", "number", value=request.number or "-")
        owed = told.TaskOpened(
            kind="promise",
            number="".join(sign for sign in request.number if sign in "+0123456789"),
            in_ms=request.hours * HOUR_MS,
            queue=request.queue,
            owner=request.agent,
            name=request.name,
            note=request.note.strip(),
            about=request.call,
        )
        self._tell(owed, now_ms, out)

    def _end_wrap_up(self, request: EndWrapUp, now_ms: int, out: list[Any]) -> None:
        agent = self._acd.hall.agents[request.agent]
        if request.result and request.result not in RESULTS.values():
            limit = ", ".join(RESULTS.values())
            raise FloorError("floor-result", "result", value=request.result, limit=limit)
        if agent.state != "wrap_up":
            raise FloorError("floor-no_wrap_up")
        if not 0 <= request.follow_up_h <= MOST_HOURS:
            raise FloorError("floor-hours", "hours", value=request.follow_up_h, limit=MOST_HOURS)
        call = self._view.call_of(request.agent)
        if request.note.strip():
            note = NoteCall(agent=request.agent, call=call, text=request.note)
            self._note(note, now_ms, out)
        last = self._desk.after.last.get(request.agent)
        if request.follow_up_h and last is not None and last.number:
            owed = told.TaskOpened(
                kind="follow_up",
                number=last.number,
                in_ms=request.follow_up_h * HOUR_MS,
                queue=last.queue,
                owner=request.agent,
                name=last.name,
                note=request.note.strip(),
                about=last.call,
            )
            self._tell(owed, now_ms, out)
        done = told.WrapUpDone(agent=request.agent, result=request.result, topic=request.topic)
        self._tell(done, now_ms, out)

    def _caller(self, call: str) -> CallerAnswer:
        visit = self._acd.hall.visits.get(call)
        last = next((one for one in self._desk.after.last.values() if one.call == call), None)
        task = self._task_of(call)
        number, name, queue = "", "", ""
        if visit is not None:
            number, name, queue = visit.number, visit.name, visit.queue
        elif last is not None:
            number, name, queue = last.number, last.name, last.queue
        elif task is not None:
            number, name, queue = task.number, task.name, task.queue
        elif (running := self._office.calls_by_id.get(call)) is not None:
            known = running.journal.caller
            number, name = (known.number, known.name) if known else ("", "")
        customer = self._customer_of(number) if number else None
        return CallerAnswer(
            call=task.about if task is not None else call,
            number=number,
            name=name,
            customer=customer.customer if customer is not None else 0,
            queue=queue,
            since_ms=visit.entered_ms if visit is not None else 0,
        )

    # --- within -----------------------------------------------------------------------------------

    def _task_of(self, call: str) -> Task | None:
        """The task whose visit has this name (``t5.0``)."""
        return self._acd.hall.book.tasks.get(call.partition(".")[0])

    def _tell(self, event: told.AcdEvent, now_ms: int, out: list[Any]) -> None:
        for effect in self._desk.tell(event, now_ms, out):
            if isinstance(effect, said.Refused):
                about = effect.about or effect.agent
                raise FloorError(f"floor-{effect.why}", value=about)

    def _audit(
        self, request: FloorRequest, action: str, what: str, now_ms: int, out: list[Any]
    ) -> None:
        detail = str(type(request).__struct_config__.tag)
        entry = Audited(
            at_ms=now_ms,
            who=request.who,
            action=action,
            what=what,
            origin=request.origin,
            detail=detail,
        )
        self._office.carry_out((entry,), now_ms, out)
