"""The overview page, its live parts and the call log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import BoundedSemaphore

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import BadRequest

from firmware.control.messages import Status
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from web.gate import open_to, the_box
from web.status.present import CallRow, call_row, live_call, names_of, port_card

blueprint = Blueprint("status", __name__)

PAGE_ROWS = 50
OVERVIEW_ROWS = 10
STREAMS = 24  # of the server's 32 threads
HEARTBEAT_S = 15.0  # finds sockets whose browser is gone
LOG_S = 5.0  # the log is read again when a call ends, and after so long at the latest
streams = BoundedSemaphore(STREAMS)

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
def calls() -> str:
    """The call log, page by page."""
    before = request.args.get("before", "")
    if before and not before.isalnum():
        raise BadRequest
    rows = newest_calls(the_box().status(), PAGE_ROWS, before=before or None)
    return render_template("status/call_log.html", rows=rows, full=len(rows) == PAGE_ROWS)


@blueprint.get("/live")
@open_to()
def live() -> Response:
    """Parts of the overview as server-sent events, each whenever it changed."""
    if not streams.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "10"})
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way to hand the app to a generator
    language = g.language
    source = the_box()

    def events() -> Iterator[bytes]:
        seen = -1
        shown: dict[str, str] = {}
        up: tuple[str, ...] = ()
        read_s = -LOG_S
        while not source.ended:
            number, status = source.wait(seen, HEARTBEAT_S)
            if number == seen:
                yield b": still here\n\n"
                continue
            seen = number
            calls_up = () if status is None else tuple(call.call for call in status.calls)
            stale = calls_up != up or time.monotonic() - read_s > LOG_S
            up = calls_up
            if stale:
                read_s = time.monotonic()
            wanted = [part for part in PARTS if stale or part != "log"]
            # Rendered before anything is handed out: a context may not stay open over a yield.
            with app.test_request_context():
                g.language = language
                bodies = {part: render_part(part, status) for part in wanted}
            for part, body in bodies.items():
                if shown.get(part) != body:
                    shown[part] = body
                    yield _event(part, body)

    response = Response(events(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    # Also when the browser went away before the first event, and no generator ever began.
    response.call_on_close(streams.release)
    return response


def render_part(part: str, status: Status | None) -> str:
    """One part of the overview as HTML."""
    language = g.language
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


def _event(part: str, body: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in body.splitlines()) or "data:\n"
    return f"event: {part}\n{lines}\n".encode()
