"""Serve the page of telephones: buttons, live state, and sound both ways."""

from __future__ import annotations

import json
import logging
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore
from types import FrameType
from typing import Any

import waitress
from flask import (
    Flask,
    Response,
    abort,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

import web
from firmware.daemons.start import read_configuration, set_up_logging
from tests.bench.phones.town_link import TownLink
from tests.bench.phones.words import all_words, say
from tests.bench.remote import SOCKET_NAME, RemoteEar
from tests.bench.world.exchange_line import CLEAR_BY
from web.app import HEADERS
from web.gate import SAFE_METHODS, from_ourselves, own_name
from web.words import LANGUAGES, chosen_language

THREADS = 40
STREAMS = 32  # the rest is for requests
HEARTBEAT_S = 10.0
MOST_CHUNK_BYTES = 16_000  # a second of sound
COOKIE_S = 365 * 24 * 3600
KEYS = "123456789*0#"
VENDOR = Path(web.__file__).parent / "static" / "vendor"  # one copy of the style sheet

PAGE_HEADERS = {
    **HEADERS,
    # The one difference from the box's own page: people speak here.
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(self)",
}


def create_app(town: TownLink, extensions: list[str], lines: list[int]) -> Flask:
    """The application.

    Args:
        town: connection to the town.
        extensions: what stands on the telephones, in order.
        lines: numbers of the exchange lines.
    """
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=64_000)
    app.jinja_env.globals["t"] = lambda key, **values: say(key, g.language, **values)
    streams = BoundedSemaphore(STREAMS)
    parties = {f"telephone {e}" for e in extensions} | {f"line {n}" for n in lines}

    @app.before_request
    def admit() -> None:
        g.language = chosen_language()
        if not own_name(request.host):
            abort(400)
        if request.method not in SAFE_METHODS and not from_ourselves():
            abort(403)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(PAGE_HEADERS)
        if request.endpoint not in {"static", "vendor"}:
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> tuple[str, int]:
        return say("foreign", g.get("language", LANGUAGES[0])), problem.code or 500

    @app.get("/")
    def page() -> str:
        return render_template(
            "phones.html",
            extensions=extensions,
            lines=lines,
            keys=KEYS,
            ways=CLEAR_BY,
            words=json.dumps(all_words(g.language), ensure_ascii=False),
        )

    @app.get("/vendor/<path:name>")
    def vendor(name: str) -> Response:
        return send_from_directory(VENDOR, name, max_age=3600)

    @app.post("/language/<language>")
    def set_language(language: str) -> BaseResponse:
        response = redirect(url_for("page"), code=303)
        if language in LANGUAGES:
            response.set_cookie(
                "language", language, max_age=COOKIE_S, samesite="Strict", httponly=True
            )
        return response

    @app.get("/live")
    def live() -> Response:
        return stream(states(town), "text/event-stream")

    @app.post("/act")
    def act() -> tuple[dict[str, Any], int]:
        wanted = request.get_json(silent=True)
        if not isinstance(wanted, dict):
            abort(400)
        answer = town.ask(wanted)
        return answer, 409 if "refused" in answer else 200

    @app.get("/listen/<party>")
    def listen(party: str) -> Response:
        if party not in parties:
            abort(404)
        try:
            ear = RemoteEar(town.world, party)
        except OSError:
            abort(503)
        return stream(sounds(town, ear), "application/octet-stream")

    @app.post("/speak/<party>")
    def speak(party: str) -> tuple[str, int]:
        if party not in parties:
            abort(404)
        chunk = request.get_data()
        if len(chunk) > MOST_CHUNK_BYTES or len(chunk) % 2:
            abort(413)
        return "", 204 if town.say(party, chunk) else 503

    def stream(parts: Iterator[bytes], mimetype: str) -> Response:
        if not streams.acquire(blocking=False):
            abort(503)
        response = Response(parts, mimetype=mimetype, headers={"X-Accel-Buffering": "no"})
        response.call_on_close(streams.release)
        return response

    return app


def states(town: TownLink) -> Iterator[bytes]:
    """The town's state as server-sent events, whenever it changed."""
    seen = -1
    with town.watching():
        while not town.ended:
            number, state = town.wait(seen, HEARTBEAT_S)
            if number == seen or not state:
                yield b": still here\n\n"
                seen = number
                continue
            seen = number
            yield f"data: {state}\n\n".encode()


def sounds(town: TownLink, ear: RemoteEar) -> Iterator[bytes]:
    """What a party hears, as long as somebody takes it: s16le at 8 kHz."""
    try:
        while not town.ended:
            readable, _, _ = select.select([ear], [], [], 1.0)
            if not readable:
                continue
            chunk = ear.read()
            if not chunk:
                return
            yield chunk
    finally:
        ear.close()


def serve_phones(config: Path, port: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    set_up_logging("phones")
    machine = read_configuration(config)
    counts = {chain.kind: chain.count for chain in machine.chains}
    town = TownLink(Path(machine.folders.run) / SOCKET_NAME)
    app = create_app(
        town,
        [str(201 + n) for n in range(counts.get("fxs", 0))],
        list(range(1, counts.get("fxo", 0) + 1)),
    )
    try:
        server = waitress.create_server(
            app, listen=f"127.0.0.1:{port}", threads=THREADS, ident=None
        )
    except OSError as problem:
        logging.getLogger(__name__).error("port %d cannot be used: %s", port, problem)
        return 1
    town.start()

    def end(_number: int, _frame: FrameType | None) -> None:
        town.stop()
        raise SystemExit(0)

    logging.getLogger("waitress").setLevel(logging.WARNING)  # a browser that leaves is no news
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.run()
    return 0
