"""Tickets: what is owed to customers, by when, by whom, and what was done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import msgspec
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.case_messages import ChangeTicket, OpenTicket, TicketAct, TicketAnswer
from firmware.core.case_settings import CaseSettings
from firmware.storage.errors import StorageError
from firmware.tickets.ticket import ENDED, HOUR_MS, STATES, Priority, Ticket
from web.asking import RefusedError, ask, asker, phone, records
from web.export import BATCH
from web.gate import open_to, the_box
from web.numbers import moment
from web.table import MOST_ROWS, Cell, Column, shown
from web.words import WORDS, t

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets")

ROLES: Final = ("agent", "supervisor", "owner")
COLUMNS: Final = (
    Column("reference", "ticket-reference"),
    Column("state", "state"),
    Column("priority", "ticket-priority"),
    Column("kind", "ticket-kind"),
    Column("summary", "ticket-summary"),
    Column("owner", "ticket-owner"),
    Column("number", "desk-number"),
    Column("due", "ticket-due"),
    Column("origin", "ticket-origin"),
)
PRIORITIES: Final[tuple[Priority, ...]] = ("high", "medium", "low")
BY_HAND: Final[tuple[TicketAct, ...]] = (
    "take",
    "wait",
    "solve",
    "close",
    "reopen",
    "note",
    "assign",
    "verify",
)
WAYS: Final = ("phone", "fax", "text", "mail", "chat", "social", "letter", "visit")
"""How a request came that somebody enters by hand; with fax itself a ticket opens by itself."""
ACTS: Final = {
    "open": ("take", "wait", "solve"),
    "working": ("wait", "solve"),
    "waiting": ("take", "solve"),
    "solved": ("close", "reopen"),
    "closed": ("reopen",),
}
"""What can be done with a ticket of each state (``firmware.tickets.states``)."""

Answer = str | BaseResponse | tuple[str, int]


def now_ms() -> int:
    """Wall clock, UTC, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """What is owed, the most urgent first; others when somebody asks for them."""
    state = request.args.get("state", "")
    try:
        with records() as log:
            if state in {"all", *ENDED}:
                found = log.cases.tickets(MOST_ROWS + 1)
            else:
                found = log.cases.open_tickets(limit=MOST_ROWS + 1)
    except StorageError:
        found = []
    more = len(found) > MOST_ROWS
    now = now_ms()
    return shown(
        "cases/tickets.html",
        "tickets",
        COLUMNS,
        [_row(one, now) for one in found[:MOST_ROWS] if _asked_for(one, state)],
        more=more,
        every=lambda: _everything(state, now),
        states=STATES,
    )


def _asked_for(ticket: Ticket, state: str) -> bool:
    mine = "mine" not in request.args or ticket.owner == (g.account.agent or g.account.name)
    return mine and (state in {"", "all"} or ticket.state == state)


def _everything(state: str, now: int) -> Iterator[dict[str, Cell]]:
    """All that was asked for: those that are owed at once, since nobody owes a great many."""
    last = 1 << 62
    while True:
        with records() as log:
            if state not in {"all", *ENDED}:
                found = log.cases.open_tickets()
            else:
                found = log.cases.tickets(BATCH, last)
        yield from (_row(one, now) for one in found if _asked_for(one, state))
        if state not in {"all", *ENDED} or len(found) < BATCH:
            return
        last = found[-1].ticket


def _row(ticket: Ticket, now: int) -> dict[str, Cell]:
    late = ticket.state not in ENDED and ticket.due_ms < now
    return {
        "reference": Cell(ticket.reference, href=url_for("tickets.show", ticket=ticket.ticket)),
        "state": Cell(t(f"ticket.{ticket.state}"), STATES.index(ticket.state)),
        "priority": Cell(t(f"priority.{ticket.priority}"), PRIORITIES.index(ticket.priority)),
        "kind": Cell(kind_word(ticket.kind)),
        "summary": Cell(ticket.summary),
        "owner": Cell(ticket.owner or ticket.group),
        "number": Cell(phone(ticket.number)),
        "due": Cell(
            moment(ticket.due_ms),
            ticket.due_ms,
            mood="bad" if late else "",
            small=due_words(ticket, now),
        ),
        "origin": Cell(origin_word(ticket.origin)),
    }


def kind_word(kind: str) -> str:
    """A kind that we know in the reader's language; the office's own as they are."""
    return t(f"kind.{kind}") if f"kind.{kind}" in WORDS else kind


def origin_word(origin: str) -> str:
    """How the request came."""
    return t(f"origin.{origin}") if f"origin.{origin}" in WORDS else origin


def due_words(ticket: Ticket, now: int) -> str:
    """How long until it is due, or since, and how far it has been escalated."""
    if ticket.state in ENDED:
        return ""
    left = ticket.due_ms - now
    hours, minutes = divmod(abs(left) // 60_000, 60)
    key = "ticket-left" if left >= 0 else "ticket-late"
    words = t(key, h=hours, m=f"{minutes:02d}")
    return f"{words} · {t('ticket-reminded', n=ticket.step)}" if ticket.step else words


@blueprint.get("/new")
@open_to(*ROLES)
def new() -> Answer:
    """A form."""
    return _form({})


@blueprint.post("/new")
@open_to(*ROLES)
def open_one() -> Answer:
    """Open one."""
    typed = request.form
    hours = typed.get("hours", "").strip()
    if hours and not (hours.isdecimal() and len(hours) < 5):
        return _form({"hours": t("desk-hours", value=hours)}), 422
    wanted = OpenTicket(
        kind=typed.get("kind", ""),
        summary=typed.get("summary", ""),
        number=typed.get("number", "").strip(),
        owner=typed.get("owner", "").strip(),
        priority=next((p for p in PRIORITIES if p == typed.get("priority")), ""),
        hours=int(hours or 0),
        **asker() | {"origin": next((w for w in WAYS if w == typed.get("way")), "page")},
    )
    try:
        opened = ask(wanted, TicketAnswer).ticket
    except RefusedError as refused:
        field = {
            "ticket-summary": "summary",
            "ticket-number": "number",
            "ticket-hours": "hours",
            "no-kind": "kind",
        }.get(refused.key, "")
        return _form({field: refused.sentence}), 422
    return redirect(url_for(".show", ticket=opened.ticket), code=303)


def _form(problems: dict[str, str]) -> str:
    known = the_box().settings()
    return render_template(
        "cases/ticket_form.html",
        problems=problems,
        typed=request.form,
        cases=known.cases if known is not None else CaseSettings(),
        agents=known.acd.agents if known is not None else (),
        priorities=PRIORITIES,
        came_by=WAYS,
        kind_word=kind_word,
    )


@blueprint.get("/<int:ticket>")
@open_to(*ROLES)
def show(ticket: int) -> Answer:
    """One ticket: its state, its steps, its calls, what may be done with it."""
    return _page(ticket)


@blueprint.post("/<int:ticket>")
@open_to(*ROLES)
def change(ticket: int) -> Answer:
    """Take it, wait, solve, close, open again, note something, give it to somebody."""
    typed = request.form
    note = typed.get("note", "")
    act = next((a for a in BY_HAND if a == typed.get("act")), None)
    if act is None:
        return _page(ticket, {"": t("bad-request")}), 422
    if act == "assign":
        note = typed.get("owner", "")
    wanted = ChangeTicket(ticket=f"#{ticket}", act=act, note=note, **asker())
    if act == "take" and g.account.agent:
        wanted = msgspec.structs.replace(wanted, who=g.account.agent)
    try:
        ask(wanted, TicketAnswer)
    except RefusedError as refused:
        field = "owner" if act == "assign" else "note"
        problems = refused.fields or {field: refused.sentence}
        return _page(ticket, problems), 422
    return redirect(url_for(".show", ticket=ticket), code=303)


def _page(number: int, problems: dict[str, str] | None = None) -> str:
    try:
        with records() as log:
            ticket = log.cases.ticket(number)
            steps = log.cases.steps(number) if ticket else []
            calls = log.cases.calls_of(number) if ticket else []
            voices = log.cases.voices_of(number) if ticket else []
            faxes = log.shown_faxes(log.faxes.of_ticket(number)) if ticket else []
            card = log.cases.customer(ticket.customer) if ticket and ticket.customer else None
    except StorageError:
        ticket = None
    if ticket is None:
        raise NotFound
    known = the_box().settings()
    kinds = known.cases.kinds if known is not None else ()
    kind = next((one for one in kinds if one.name == ticket.kind), None)
    return render_template(
        "cases/ticket.html",
        ticket=ticket,
        steps=steps,
        calls=calls,
        voices=voices,
        card=card,
        faxes=faxes,
        fax_on=known is not None and known.fax.on,
        fax_reply=next((one.fax for one in faxes if one.direction == "receive"), 0),
        fax_number=ticket.number if "*" not in ticket.number else "",
        acts=ACTS.get(ticket.state, ()),
        verify=kind is not None and kind.verify and not ticket.verified,
        kind=kind_word(ticket.kind),
        origin=origin_word(ticket.origin),
        due=due_words(ticket, now_ms()),
        late=ticket.state not in ENDED and ticket.due_ms < now_ms(),
        agents=known.acd.agents if known is not None else (),
        typed=request.form,
        problems=problems or {},
        hour_ms=HOUR_MS,
    )
