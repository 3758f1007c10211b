"""The overview page, its live parts and the call log."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import BadRequest

from firmware.control.messages import Status
from firmware.core.log_entries import Direction, Outcome
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from web.calls import search
from web.gate import open_to, the_box
from web.messages.present import modem_row
from web.status.present import CallRow, call_row, live_call, names_of, port_card
from web.status.seen import seen_by, spoken
from web.stream import live as live_parts
from web.table import arranged, shown

blueprint = Blueprint("status", __name__)

PAGE_ROWS = 50
OVERVIEW_ROWS = 10

PARTS = ("notices", "ports", "calls", "log", "footer")
"""What changes on the overview, each a template of its own and an event of its own."""


@blueprint.get("/")
@open_to()
def overview() -> str:
    """Everything at a glance, live."""
    status = the_box().status()
    bodies = {part: render_part(part, status) for part in PARTS}
    return render_template("status/overview.html", parts=bodies)


@blueprint.get("/calls")
@open_to()
def calls() -> str | Response:
    """The call log, page by page; or what is searched in it, as a table."""
    if search.asked(request.args):
        rows_found, more = search.found(request.args)
        return shown(
            "status/call_search.html",
            "calls",
            search.COLUMNS,
            rows_found,
            more=more,
            every=lambda: search.everything(request.args),
            directions=[str(one) for one in Direction],
            outcomes=[str(one) for one in Outcome],
        )
    before = request.args.get("before", "")
    if before and not before.isalnum():
        raise BadRequest
    rows = newest_calls(the_box().status(), PAGE_ROWS, before=before or None)
    return render_template(
        "status/call_log.html",
        rows=rows,
        full=len(rows) == PAGE_ROWS,
        table=arranged(search.COLUMNS, (), {}, path=request.path),
        directions=[str(one) for one in Direction],
        outcomes=[str(one) for one in Outcome],
    )


@blueprint.get("/live")
@open_to()
def live() -> Response:
    """Parts of the overview as server-sent events, each whenever it changed."""
    return live_parts("overview", PARTS, _parts, slow=("log",))


def _parts(status: Status | None, names: Sequence[str]) -> dict[str, str]:
    return {name: render_part(name, status) for name in names}


def render_part(part: str, status: Status | None) -> str:
    """One part of the overview as HTML."""
    language = g.language
    if status is not None:
        status = spoken(seen_by(status, g.account.roles if g.account else ()), language)
    values: dict[str, object] = {"status": status}
    match part:
        case "ports":
            ports = () if status is None else status.ports
            values["telephones"] = [
                port_card(p, language) for p in ports if p.port.startswith("fxs/")
            ]
            values["lines"] = [
                port_card(p, language) for p in ports if not p.port.startswith("fxs/")
            ]
        case "calls":
            up = () if status is None else status.calls
            names = names_of(status, language)
            values["calls"] = [live_call(c, names, the_box().began(c.call), language) for c in up]
        case "log":
            values["rows"] = newest_calls(status, OVERVIEW_ROWS, over=True)
        case "footer":
            texts = None if status is None else status.texts
            roles = g.account.roles if g.account else ()
            values["texts"] = None if texts is None else modem_row(texts, roles, language)
        case _:
            pass
    return render_template(f"status/{part}.html", **values)


def newest_calls(
    status: Status | None, most: int, *, before: str | None = None, over: bool = False
) -> list[CallRow]:
    """Rows of the log; empty while the records are not there yet.

    Args:
        status: names the ports.
        most: at most so many rows.
        before: only calls older than this one.
        over: leave out calls that are up.
    """
    names = names_of(status, g.language)
    extra = len(status.calls) if over and status is not None else 0
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            records.show_to(g.account.roles if g.account else ())
            found = records.calls(limit=most + extra, before=before)
    except StorageError:
        return []
    rows = [call_row(r, names, g.language) for r in found if r.outcome or not over]
    return rows[:most]
