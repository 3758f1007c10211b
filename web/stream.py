"""Live parts of a page: server-sent events whose data is the part's HTML, sent when it differs.

Fifty pages that follow one box show the same: what was rendered for a status is kept for the next
reader of the same language and roles, so that a page more costs a comparison and no rendering.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from flask import Response, current_app, g, request

from firmware.control.messages import Status
from web.gate import SESSION_COOKIE, still_welcome, the_box
from web.seats import EACH, SEATS, seats
from web.words import t

Render = Callable[[Status | None, Sequence[str]], Mapping[str, str]]
"""Given a status and names of parts, their HTML in the reader's language."""

Make = Callable[[Sequence[str]], Mapping[str, str]]

HEARTBEAT_S = 15.0  # finds sockets whose browser is gone
SLOW_S = 5.0  # parts read from the records are made anew when a call ends, or after so long
KEPT = 64  # renderings in memory
AGAIN_MS = 10_000  # so long a page waits that found no place


class Renderings:
    """What was rendered for the newest statuses, shared by every stream of the application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[object, ...], str] = {}

    def get(self, key: tuple[object, ...], names: Sequence[str], make: Make) -> dict[str, str]:
        """Parts of this key, those that nobody asked for yet made by the first; others wait."""
        with self._lock:
            if lacking := [name for name in names if (*key, name) not in self._made]:
                for name, made in make(lacking).items():
                    self._made[(*key, name)] = made
            found = {name: self._made[(*key, name)] for name in names}
            while len(self._made) > KEPT:
                del self._made[next(iter(self._made))]
            return found


def event(name: str, body: str) -> bytes:
    """One event as it travels (WHATWG HTML, 9.2.5)."""
    lines = "".join(f"data: {line}\n" for line in body.splitlines()) or "data:\n"
    return f"event: {name}\n{lines}\n".encode()


def timeless(status: Status | None) -> Status | None:
    """What a status says besides that time goes by."""
    return status and msgspec.structs.replace(status, at_ms=0, counters=None)


def live(
    page: str,
    names: Sequence[str],
    render: Render,
    slow: Sequence[str] = (),
    *,
    own: bool = False,
    matters: Callable[[Status | None], object] = timeless,
) -> Response:
    """Follow the box's status: each part that changed is sent, while its reader may see it.

    Args:
        page: Name of the page, for what readers share.
        names: Of the parts, in the order they are sent.
        render: Makes their HTML.
        slow: Parts that cost a look into the records.
        own: The parts are this reader's alone and shared with nobody.
        matters: What of a status parts of one's own follow; without news in it none is made.
    """
    who = g.account.name if g.get("account") else ""
    if why := seats.take(who):
        # Told as an event: of a refusal's status and words a browser's stream shows nothing.
        told = f"retry: {AGAIN_MS}\n".encode() + event("full", t(why, n=EACH, all=SEATS))
        return Response(told, mimetype="text/event-stream")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way to hand the app to a generator
    language, account, source = g.language, g.get("account"), the_box()
    roles = tuple(account.roles) if account else ()
    shared: Renderings = app.extensions["renderings"]
    session_key, endpoint = request.cookies.get(SESSION_COOKIE, ""), request.endpoint or ""

    environ = {n: v for n, v in request.environ.items() if not n.startswith("werkzeug.")}

    def bodies(wanted: Sequence[str], number: int, status: Status | None) -> Mapping[str, str]:
        def make(lacking: Sequence[str]) -> Mapping[str, str]:
            # Rendered before anything is handed out: a context may not stay open over a yield.
            with app.request_context(dict(environ)):
                g.language, g.account = language, account
                return render(status, lacking)

        return make(wanted) if own else shared.get((page, number, language, roles), wanted, make)

    def events() -> Iterator[bytes]:
        seen = -1
        shown: dict[str, str] = {}
        up: tuple[str, ...] = ()
        last: object = None
        read_s = -SLOW_S
        while not source.ended:
            number, status = source.wait(seen, HEARTBEAT_S)
            if number == seen:
                yield b": still here\n\n"
                continue
            seen = number
            if not still_welcome(app, session_key, endpoint):
                return
            calls_up = () if status is None else tuple(call.call for call in status.calls)
            stale = calls_up != up or time.monotonic() - read_s > SLOW_S
            up, before, last = calls_up, last, matters(status) if own else None
            if stale:
                read_s = time.monotonic()
            elif own and last == before:
                continue  # what is one reader's alone is not made for every tick of a clock
            for name, made in bodies(
                [name for name in names if stale or name not in slow], number, status
            ).items():
                if shown.get(name) != made:
                    shown[name] = made
                    yield event(name, made)

    response = Response(events(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    # Also when the browser went away before the first event, and no generator ever began.
    response.call_on_close(lambda: seats.leave(who))
    return response
