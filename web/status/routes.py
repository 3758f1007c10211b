"""The overview page, its live part and the call log."""

from __future__ import annotations

from collections.abc import Iterator
from threading import BoundedSemaphore

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import BadRequest

from firmware.control.messages import Status
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from web.box import Box
from web.status.present import CallRow, call_row

blueprint = Blueprint("status", __name__)

PAGE_ROWS = 50
STREAMS = 24  # of the server's 32 threads
HEARTBEAT_S = 15.0  # finds sockets whose browser is gone
streams = BoundedSemaphore(STREAMS)


@blueprint.get("/")
def overview() -> str:
    """Everything at a glance, live."""
    status = box().status()
    rows = newest_calls()
    return render_template("status/overview.html", status=status, rows=rows)


@blueprint.get("/calls")
def calls() -> str:
    """The call log, page by page."""
    before = request.args.get("before", "")
    if before and not before.isalnum():
        raise BadRequest
    rows = newest_calls(before=before or None)
    return render_template("status/calls.html", rows=rows, full=len(rows) == PAGE_ROWS)


@blueprint.get("/live")
def live() -> Response:
    """Fragments of the overview as server-sent events, whenever something changed."""
    if not streams.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "10"})
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way to hand the app to a generator
    language = g.language
    source = box()

    def events() -> Iterator[bytes]:
        seen = -1
        try:
            while True:
                number, status = source.wait(seen, HEARTBEAT_S)
                if number == seen:
                    yield b": still here\n\n"
                    continue
                seen = number
                with app.test_request_context(headers={"Cookie": f"language={language}"}):
                    g.language = language
                    body = live_part(status)
                yield _event(body)
        finally:
            streams.release()

    return Response(events(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def live_part(status: Status | None) -> str:
    """The part of the overview that changes, as HTML."""
    return render_template("status/live.html", status=status, rows=newest_calls())


def box() -> Box:
    """The connection to call control of this application."""
    found: Box = current_app.extensions["box"]
    return found


def newest_calls(before: str | None = None) -> list[CallRow]:
    """Rows of the log; empty while the records are not there yet."""
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            return [call_row(r, g.language) for r in records.calls(limit=PAGE_ROWS, before=before)]
    except StorageError:
        return []


def _event(body: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in body.splitlines())
    return f"event: overview\n{lines}\n".encode()
