"""A fax from the page: written, printed, looked at, ordered to be sent."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final, TypeVar, get_args

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.fax_desk_messages import PART_BYTES, FaxAnswer, FaxPart
from firmware.control.fax_desk_messages import SendFax as SendFaxRequest
from firmware.core.phone_numbers import outside_number
from firmware.core.settings import Settings
from firmware.paper.errors import PaperError
from firmware.paper.order import MOST_PAGES, Cover, Detail, Look, PrintOrder, Source
from firmware.paper.press import print_out
from firmware.storage.errors import StorageError
from firmware.storage.faxes import FaxRow
from firmware.tickets.ticket import Ticket
from web.asking import RefusedError, ask, asker, phone, records
from web.fax.drafts import Draft, Drafts
from web.fax.present import party
from web.fax.sheets import ROLES, pages_of, png, row_of, settings_in_force
from web.gate import open_to
from web.words import t

blueprint = Blueprint("faxing", __name__, url_prefix="/fax")

MOST_NUMBERS: Final = 20
MOST_FILES: Final = 10
LONGEST_TEXT: Final = 20_000
LONGEST_SUBJECT: Final = 80

T = TypeVar("T")
Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/new")
@open_to(*ROLES)
def new() -> Answer:
    """A form; ``reply``, ``forward`` and ``ticket`` say what it follows from."""
    return _form({})


@blueprint.post("/new")
@open_to(*ROLES)
def print_one() -> Answer:
    """Print it, for a look before it is sent."""
    typed, settings = request.form, settings_in_force()
    problems: dict[str, str] = {}
    reply, forward, ticket = (_whole(name) for name in ("reply", "forward", "ticket"))
    numbers = _numbers(typed.get("numbers", ""), problems, optional=bool(reply))
    at_ms = _moment(typed.get("at", ""), problems)
    sources = _sources(forward, problems)
    if problems:
        return _form(problems), 422
    covers = tuple(_cover(number, settings) for number in numbers) if "cover" in typed else ()
    order = PrintOrder(
        covers=covers,
        text="" if covers else typed.get("text", "")[:LONGEST_TEXT],
        sources=sources,
        detail=_one(Detail, typed.get("detail", ""), "fine"),
        look=_one(Look, typed.get("look", ""), "text"),
    )
    try:
        made = print_out(order)
    except PaperError as wrong:
        return _form({"files": wrong.sentence(g.language)}), 422
    copies = made.tiffs if covers else made.tiffs * len(numbers)
    draft = Draft(
        who=g.account.name,
        numbers=numbers,
        copies=copies,
        pages=made.pages,
        subject=typed.get("subject", "").strip()[:LONGEST_SUBJECT],
        at_ms=at_ms,
        reply=reply,
        ticket=ticket,
    )
    return redirect(url_for(".look", token=_drafts().keep(draft)), code=303)


@blueprint.get("/draft/<token>")
@open_to(*ROLES)
def look(token: str) -> Answer:
    """What was printed, before it is sent."""
    draft = _drafts().find(token, g.account.name)
    if draft is None:
        return _form({"": t("fax-draft-gone")}), 404
    return _shown(token, draft)


@blueprint.get("/draft/<token>/<int:page>.png")
@open_to(*ROLES)
def draft_picture(token: str, page: int) -> Response:
    """A page of what was printed."""
    draft = _drafts().find(token, g.account.name)
    if draft is None:
        raise NotFound
    return png(draft.copies[0], page)


@blueprint.post("/draft/<token>")
@open_to(*ROLES)
def send(token: str) -> Answer:
    """Send it to everybody it is for, or leave it."""
    draft = _drafts().find(token, g.account.name)
    if draft is None:
        return _form({"": t("fax-draft-gone")}), 404
    if request.form.get("act") != "send":
        _drafts().drop(token)
        return redirect(url_for("fax.index"), code=303)
    last = 0
    for at, (number, copy) in enumerate(zip(draft.numbers, draft.copies, strict=True)):
        try:
            last = _ordered(draft, number, copy)
        except RefusedError as refused:
            rest = Draft(
                who=draft.who,
                numbers=draft.numbers[at:],
                copies=draft.copies[at:],
                pages=draft.pages,
                subject=draft.subject,
                at_ms=draft.at_ms,
                reply=draft.reply,
                ticket=draft.ticket,
            )
            _drafts().drop(token)
            return _shown(_drafts().keep(rest), rest, refused.sentence), 409
    _drafts().drop(token)
    if len(draft.numbers) == 1:
        return redirect(url_for("fax.show", fax=last), code=303)
    return redirect(url_for("fax.index", direction="send"), code=303)


def _ordered(draft: Draft, number: str, copy: bytes) -> int:
    """Hand the pages over in parts and order them to be sent."""
    upload = secrets.token_hex(8)
    for at in range(0, len(copy), PART_BYTES):
        ask(FaxPart(upload=upload, at=at, data=copy[at : at + PART_BYTES], **asker()), FaxAnswer)
    wanted = SendFaxRequest(
        upload=upload,
        number=number,
        reply=draft.reply,
        ticket=draft.ticket,
        subject=draft.subject,
        at_ms=draft.at_ms,
        **asker(),
    )
    return ask(wanted, FaxAnswer).fax


def _shown(token: str, draft: Draft, problem: str = "") -> str:
    return render_template(
        "fax/draft.html",
        token=token,
        draft=draft,
        to=[phone(number) if number else t("fax-sender") for number in draft.numbers],
        problem=problem,
    )


def _numbers(text: str, problems: dict[str, str], *, optional: bool) -> tuple[str, ...]:
    """Numbers as people write them, one a line or between commas."""
    parts = [part.strip() for part in text.replace("，", ",").replace("\n", ",").split(",")]
    found = tuple(dict.fromkeys(part for part in parts if part))
    if not found:
        if not optional:
            problems["numbers"] = t("fax-number-needed")
        return ("",)
    if len(found) > MOST_NUMBERS:
        problems["numbers"] = t("fax-numbers-many", limit=MOST_NUMBERS)
    for number in found:
        if not outside_number(number):
            problems.setdefault("numbers", t("fax-number-form", value=number))
    return found


def _moment(text: str, problems: dict[str, str]) -> int:
    """A moment of the box's clock as UTC milliseconds; 0 for now."""
    if not text.strip():
        return 0
    try:
        return round(datetime.fromisoformat(text.strip()).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        problems["at"] = t("fax-at-form", value=text)
        return 0


def _sources(forward: int, problems: dict[str, str]) -> tuple[Source, ...]:
    found: list[Source] = []
    if forward:
        found.append(Source(name=f"fax-{forward}.tif", data=pages_of(row_of(forward))))
    for file in request.files.getlist("files"):
        data = file.read()
        if data:
            found.append(Source(name=(file.filename or "?")[-60:], data=data))
    if len(found) > MOST_FILES:
        problems["files"] = t("fax-files-many", limit=MOST_FILES)
    return tuple(found)


def _cover(number: str, settings: Settings) -> Cover:
    typed = request.form
    rows = (
        ("fax-cover-to", ", ".join(x for x in (typed.get("to", "").strip(), phone(number)) if x)),
        ("fax-cover-from", _sender(settings)),
        ("fax-cover-subject", typed.get("subject", "").strip()[:LONGEST_SUBJECT]),
        ("fax-cover-date", datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")),
    )
    return Cover(
        title=t("fax-cover-title"),
        rows=tuple((t(word), value) for word, value in rows),
        text=typed.get("text", "")[:LONGEST_TEXT],
    )


def _sender(settings: Settings) -> str:
    return ", ".join(part for part in (settings.reports.office, settings.fax.station) if part)


def _form(problems: dict[str, str]) -> str:
    values = request.form or request.args
    settings = settings_in_force()
    ticket: Ticket | None = None
    reply: FaxRow | None = None
    try:
        with records() as log:
            if number := _whole("ticket"):
                ticket = log.cases.ticket(number)
            if number := _whole("reply"):
                row = log.faxes.fax(number)
                reply = log.shown_faxes([row])[0] if row is not None else None
    except StorageError:
        pass
    return render_template(
        "fax/form.html",
        problems=problems,
        typed=values,
        cover="cover" in values if request.form else settings.fax.cover,
        on=settings.fax.on,
        ticket=ticket,
        reply=reply,
        reply_to=party(reply) if reply is not None else "",
        forward=_whole("forward"),
        most=MOST_PAGES,
        details=get_args(Detail),
        looks=get_args(Look),
    )


def _whole(name: str) -> int:
    text = request.values.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _one(kind: object, text: str, usual: T) -> T:
    return next((one for one in get_args(kind) if one == text), usual)


def _drafts() -> Drafts:
    found: Drafts = current_app.extensions.setdefault("fax-drafts", Drafts())
    return found
