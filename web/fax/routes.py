"""Faxes on the page: all of them, one with its pages."""

from __future__ import annotations

import io
from typing import Final, get_args

from flask import (
    Blueprint,
    Response,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.fax_desk_messages import ChangeFax, FaxAct, FaxAnswer
from firmware.control.office_messages import NoteAudit, NotedAnswer
from firmware.fax.tries import sentence_of
from firmware.paper.errors import PaperError
from firmware.paper.order import MOST_PAGES
from firmware.paper.portable import pdf_of
from firmware.storage.errors import StorageError
from firmware.storage.faxes import STATES
from firmware.tickets.ticket import Ticket
from web.asking import RefusedError, ask, asker, records
from web.fax.present import COLUMNS, acts, cells, next_words, pages_words, party
from web.fax.sheets import ROLES, pages_of, png, row_of, settings_in_force
from web.gate import may_see, open_to
from web.table import MOST_ROWS, shown
from web.words import t

blueprint = Blueprint("fax", __name__, url_prefix="/fax")

LONGEST_WHY: Final = 80
DELETE: Final = ("owner", "supervisor")

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """All of them, newest first."""
    direction, state = request.args.get("direction", ""), request.args.get("state", "")
    try:
        with records() as log:
            found = log.faxes.newest(MOST_ROWS + 1, direction)
            found = log.shown_faxes(found)
    except StorageError:
        found = []
    more = len(found) > MOST_ROWS
    found = [row for row in found[:MOST_ROWS] if not state or row.state == state]
    return shown(
        "fax/index.html",
        "faxes",
        COLUMNS,
        [cells(row) for row in found],
        more=more,
        states=STATES,
        on=settings_in_force().fax.on,
    )


# --- one fax --------------------------------------------------------------------------------------


@blueprint.get("/<int:fax>")
@open_to(*ROLES)
def show(fax: int) -> Answer:
    """One, with its pages."""
    return _page(fax)


@blueprint.post("/<int:fax>")
@open_to(*ROLES)
def change(fax: int) -> Answer:
    """Cancel it, send it again, take its pages away, say that it was seen."""
    act = next((a for a in get_args(FaxAct) if a == request.form.get("act")), None)
    if act is None:
        return _page(fax, t("bad-request")), 422
    if act == "delete" and not may_see(*DELETE):
        return _page(fax, t("not-yours")), 403
    why = request.form.get("why", "").strip()[:LONGEST_WHY]
    try:
        ask(ChangeFax(fax=fax, act=act, why=why, **asker()), FaxAnswer)
    except RefusedError as refused:
        return _page(fax, refused.sentence), 409
    return redirect(url_for(".show", fax=fax), code=303)


@blueprint.get("/<int:fax>/<int:page>.png")
@open_to(*ROLES)
def picture(fax: int, page: int) -> Response:
    """One page as a picture."""
    row = row_of(fax)
    return png(pages_of(row), page)


@blueprint.post("/<int:fax>/pdf")
@open_to(*ROLES)
def take(fax: int) -> Answer:
    """The whole fax as PDF; whoever takes it out is put down before he gets it."""
    row = row_of(fax)
    try:
        noted = NoteAudit(
            action="fax_export",
            what=f"fax/{fax}",
            who=g.account.name,
            origin=f"page {request.remote_addr or ''}".strip(),
        )
        ask(noted, NotedAnswer)
        made = pdf_of(pages_of(row), f"Fax {fax}")
    except RefusedError as refused:
        return _page(fax, refused.sentence), 409
    except PaperError as wrong:
        return _page(fax, wrong.sentence(g.language)), 409
    return send_file(
        io.BytesIO(made),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"fax-{fax}.pdf",
    )


def _page(fax: int, problem: str = "") -> str:
    ticket: Ticket | None = None
    try:
        with records() as log:
            found = log.faxes.fax(fax)
            row = log.shown_faxes([found])[0] if found is not None else None
            if row is not None:
                card = log.cases.customer(row.customer) if row.customer else None
                ticket = log.cases.ticket(row.ticket) if row.ticket else None
    except StorageError:
        row = None
    if row is None:
        raise NotFound
    return render_template(
        "fax/show.html",
        row=row,
        party=party(row),
        page_words=pages_words(row),
        count=row.pages if row.direction == "receive" else row.pages_in_file,
        why=sentence_of(row.result, g.language),
        due=next_words(row),
        card=card,
        ticket=ticket,
        acts=acts(row),
        problem=problem,
        on=settings_in_force().fax.on,
        most=MOST_PAGES,
    )
