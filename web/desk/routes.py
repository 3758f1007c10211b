"""The agent's desk. Every act is one that a handset has too; a refusal keeps what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.case_messages import (
    ArticlesAnswer,
    OpenTicket,
    TicketAnswer,
    UseArticle,
)
from firmware.control.floor_messages import (
    AskTasks,
    EndWrapUp,
    FloorDone,
    MoreTime,
    NoteCall,
    PauseAgentNow,
    PromiseCall,
    ReadyAgentNow,
    SendReply,
    SignInAgent,
    SignOutAgent,
    TaskNow,
    TasksAnswer,
)
from firmware.control.messages import Status
from firmware.core.report_settings import target_of
from firmware.knowledge.article import Article, phrases_in
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, country, records
from web.desk.caller import Caller, caller_of
from web.desk.present import (
    RESULTS,
    STATE_MOODS,
    call_at_desk,
    day_of,
    in_my_queues,
    own,
    pauses_left,
    queue_name,
    topics_of,
)
from web.gate import form_key, open_to, the_box, utc_now
from web.settings.history import day_begins
from web.status.present import names_of
from web.stream import live as live_parts
from web.words import t

blueprint = Blueprint("desk", __name__, url_prefix="/desk")

PARTS: Final = ("state", "caller", "work", "waiting", "day", "tasks")
SLOW: Final = ("day", "tasks")
MOST_FOUND: Final = 12
ROLES: Final = ("agent", "supervisor", "owner")

Answer = str | BaseResponse | tuple[str, int]


class Desk:
    """What one open desk shows; it looks a caller up once and not with every status."""

    def __init__(self) -> None:
        self._account = g.account
        self._key = form_key()
        self._caller = Caller(call="")
        self._seen = ("", "")

    def parts(self, status: Status | None, names: Sequence[str]) -> dict[str, str]:
        """HTML of the parts."""
        g.form_key, g.account = self._key, self._account
        return {name: self._part(name, status) for name in names}

    def _part(self, name: str, status: Status | None) -> str:
        settings = the_box().settings()
        agent = own(status, self._account)
        call = call_at_desk(status, agent, self._account)
        values: dict[str, Any] = {"agent": agent, "status": status, "settings": settings}
        match name:
            case "state":
                pauses = settings.acd.pauses if settings is not None else ()
                values |= {
                    "mood": STATE_MOODS.get(agent.state, "") if agent else "",
                    "pauses": pauses_left(agent, pauses) if agent else (),
                    "extensions": settings.extensions if settings is not None else (),
                }
            case "caller":
                seen = (call, agent.state if agent else "")
                if seen != self._seen:
                    self._seen, self._caller = seen, caller_of(call, settings) if call else _NOBODY
                values |= {
                    "caller": self._caller,
                    "queue": queue_name(settings, self._caller.queue),
                    "names": names_of(status, g.language),
                    "country": country(),
                }
            case "work":
                queue = agent.queue if agent is not None and agent.call else ""
                values |= work_values(call, topics_of(settings, queue))
            case "waiting":
                values |= {"floor": in_my_queues(status.floor if status else None, agent)}
            case "day":
                targets = settings.desk.targets if settings is not None else None
                goals = []
                if agent and targets and settings is not None:
                    today, wanted = day_begins(settings, utc_now()).date(), settings.reports.targets
                    his = {c: target_of(wanted, c, today, agent.agent) for c in ("a", "aht")}
                    goals = day_of(agent, targets, g.language, his)
                values |= {"goals": goals}
            case _:
                values |= {"tasks": own_tasks(self._account.agent), "country": country()}
        return render_template(f"desk/{name}.html", **values)


_NOBODY: Final = Caller(call="")


def work_values(
    call: str,
    topics: dict[str, str],
    typed: Any = None,
    problems: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Of the form for the work with a call."""
    return {
        "call": call,
        "topics": topics,
        "results": RESULTS,
        "typed": typed or {},
        "problems": problems or {},
    }


def own_tasks(agent: str) -> list[TaskNow]:
    """What an agent owes, and what nobody has taken yet; the first due first."""
    try:
        tasks = ask(AskTasks(**asker()), TasksAnswer).tasks
    except RefusedError:
        return []
    return [t for t in tasks if t.state in {"open", "offered"} and t.owner in {agent, ""}]


@blueprint.get("/")
@open_to(*ROLES)
def show() -> Answer:
    """The desk."""
    return _page()


@blueprint.get("/live")
@open_to(*ROLES)
def live() -> Response:
    """Its parts, each whenever it changed."""
    desk = Desk()
    # Forms stand in the parts, and a form is its session's own.
    return live_parts("desk", PARTS, desk.parts, slow=SLOW, own=True, matters=_matters)


def _matters(status: Status | None) -> object:
    """Queues, agents, calls and who is in which; what else a jack does is not shown."""
    if status is None:
        return None
    jacks = [(port.label, port.call) for port in status.ports]
    return msgspec.structs.replace(status, at_ms=0, counters=None, ports=()), jacks


@blueprint.post("/state")
@open_to(*ROLES)
def state() -> Answer:
    """Sign in or out, pause, be ready, take more time."""
    act, agent = request.form.get("act", ""), g.account.agent
    name, _, value = act.partition(":")
    wanted: msgspec.Struct
    match name:
        case "sign_in":
            extension = request.form.get("extension", "")
            wanted = SignInAgent(agent=agent, extension=extension, **asker())
        case "sign_out":
            wanted = SignOutAgent(agent=agent, **asker())
        case "pause":
            wanted = PauseAgentNow(agent=agent, reason=value, **asker())
        case "more":
            wanted = MoreTime(agent=agent, **asker())
        case _:
            wanted = ReadyAgentNow(agent=agent, **asker())
    try:
        ask(wanted, FloorDone)
    except RefusedError as refused:
        if "X-Quiet" in request.headers:
            return refused.sentence, 409
        return _page(problem=refused.sentence), 409
    return _done()


@blueprint.post("/work")
@open_to(*ROLES)
def work() -> Answer:
    """The note of a conversation, its result, and what is owed after it."""
    typed, agent = request.form, g.account.agent
    note, call = typed.get("note", "").strip(), typed.get("call", "")
    hours = typed.get("hours", "").strip()
    if hours and not (hours.isdecimal() and len(hours) < 4):
        return _page(problems={"hours": t("desk-hours", value=hours)}), 422
    try:
        if typed.get("act") == "end":
            done = EndWrapUp(
                agent=agent,
                result=typed.get("result", ""),
                topic=typed.get("topic", ""),
                follow_up_h=int(hours or 0),
                note=note,
                **asker(),
            )
            ask(done, FloorDone)
        else:
            ask(NoteCall(agent=agent, call=call, text=note, **asker()), FloorDone)
    except RefusedError as refused:
        return _page(problems=refused.problems), 422
    return _done(_warned(note))


@blueprint.post("/promise")
@open_to(*ROLES)
def promise() -> Answer:
    """The caller will be called back within so many hours."""
    typed = request.form
    hours = typed.get("promise_hours", "").strip()
    if not (hours.isdecimal() and len(hours) < 4):
        return _page(problems={"promise_hours": t("desk-hours", value=hours or "-")}), 422
    wanted = PromiseCall(
        agent=g.account.agent,
        number=typed.get("promise_number", ""),
        hours=int(hours),
        note=typed.get("promise_note", ""),
        call=typed.get("call", ""),
        queue=typed.get("queue", ""),
        **asker(),
    )
    try:
        ask(wanted, FloorDone)
    except RefusedError as refused:
        named = {f"promise_{name}": text for name, text in refused.fields.items()}
        return _page(problems=named or {"": refused.sentence}), 422
    return _done("desk-promised")


@blueprint.post("/ticket")
@open_to(*ROLES)
def ticket() -> Answer:
    """A ticket about this call."""
    typed = request.form
    wanted = OpenTicket(
        kind=typed.get("kind", ""),
        summary=typed.get("summary", ""),
        number=typed.get("number", ""),
        owner=g.account.agent,
        calls=tuple(filter(None, (typed.get("call", ""),))),
        **asker(),
    )
    try:
        opened = ask(msgspec.structs.replace(wanted, origin="page"), TicketAnswer)
    except RefusedError as refused:
        return _page(problems={"summary": refused.sentence}), 422
    return redirect(url_for("tickets.show", ticket=opened.ticket.ticket), code=303)


@blueprint.get("/knowledge")
@open_to(*ROLES)
def knowledge() -> str:
    """Articles and quick replies that hold these words: a part of the desk."""
    text = request.args.get("find", "").strip()
    return render_template("desk/found.html", articles=_found(text), find=text)


@blueprint.post("/used/<code>")
@open_to(*ROLES)
def used(code: str) -> Answer:
    """An article answered this call."""
    try:
        call = request.form.get("call", "")
        ask(UseArticle(code=code, call=call, **asker()), ArticlesAnswer)
    except RefusedError as refused:
        if "X-Quiet" in request.headers:
            return refused.sentence, 409
        return _page(problem=refused.sentence), 409
    return _done()


@blueprint.post("/send/<code>")
@open_to(*ROLES)
def send(code: str) -> Answer:
    """A quick reply goes to the caller's mobile."""
    call = request.form.get("call", "")
    wanted = SendReply(agent=g.account.agent, call=call, code=code, **asker())
    try:
        ask(wanted, FloorDone)
    except RefusedError as refused:
        if "X-Quiet" in request.headers:
            return refused.sentence, 409
        return _page(problem=refused.sentence), 409
    return _done("desk-sent")


def _found(text: str) -> list[Article]:
    try:
        with records() as log:
            if not text:
                found = log.cases.articles()
            elif (exact := log.cases.article(text)) is not None:
                found = [exact]
            else:
                names = (name for _, name in log.cases.found(text, "article"))
                found = [a for name in names if (a := log.cases.article(name)) is not None]
    except StorageError:
        return []
    return [article for article in found if article.kind != "forbidden"][:MOST_FOUND]


def _warned(note: str) -> str:
    """A word to say when a note holds a phrase that the office does not want."""
    try:
        with records() as log:
            return "desk-phrase" if note and phrases_in(note, log.cases.articles()) else ""
    except StorageError:
        return ""


def _done(said: str = "") -> Answer:
    """Where one was; without a page for a script that stays where it is."""
    if "X-Quiet" in request.headers:
        return Response(status=204)
    return redirect(url_for(".show", said=said or None), code=303)


def _page(problem: str = "", problems: dict[str, str] | None = None) -> str:
    status, settings = the_box().status(), the_box().settings()
    agent = own(status, g.account)
    bodies = Desk().parts(status, PARTS)
    call = call_at_desk(status, agent, g.account)
    problems = problems or {}
    if problems and request.method == "POST":
        asked = request.form.get("call", "") or call
        queue = agent.queue if agent is not None and agent.call else ""
        values = work_values(asked, topics_of(settings, queue), request.form, problems)
        bodies["work"] = render_template(
            "desk/work.html", agent=agent, status=status, settings=settings, **values
        )
    said = request.args.get("said", "")
    return render_template(
        "desk/show.html",
        parts=bodies,
        problem=problem or problems.get("", ""),
        said=t(said) if said in {"desk-phrase", "desk-promised", "desk-sent"} else "",
        articles=_found(request.args.get("find", "").strip()),
        find=request.args.get("find", ""),
        live=not problems,
    )
