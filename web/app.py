"""The page: an application factory without globals. Views parse, call one function, render."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from pathlib import Path

from flask import Flask, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from web.box import Box
from web.status import routes as status
from web.words import LANGUAGES, chosen_language, t

log = logging.getLogger(__name__)

YEAR_S = 365 * 24 * 3600

# No inline script, nothing from elsewhere, no frame around us: an appliance has no internet and
# shares its network with machines it does not know.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


PROBLEMS = {404: "not-found", 403: "foreign"}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def from_ourselves() -> bool:
    """Whether an unsafe request comes from our own page and not from a foreign one."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site in {"same-origin", "none"} and origin in {None, request.host_url.rstrip("/")}


def own_name(host: str) -> bool:
    """Whether a Host header can mean this box: an address, localhost or a name in ``.local``.

    Any other name belongs to somebody who made it point here (DNS rebinding).
    """
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 else host.strip("[]").split("]")[0]
    if name == "localhost" or name.endswith(".local"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_path(path: str) -> str:
    """Where to go back to: a path of this page and nothing else."""
    if path.startswith("/") and not path.startswith(("//", "/\\")):
        return path
    return url_for("status.overview")


def create_app(box: Box, data_folder: Path) -> Flask:
    """Make the application.

    Args:
        box: connection to call control, started or not.
        data_folder: where the records are; they are only ever read here.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        MAX_CONTENT_LENGTH=10_000_000,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.extensions["box"] = box
    app.extensions["records"] = data_folder / "records.sqlite"
    app.jinja_env.globals["t"] = t
    app.register_blueprint(status.blueprint)

    @app.before_request
    def choose_language() -> None:
        g.language = chosen_language()
        if not own_name(request.host):
            abort(400)
        if request.method not in SAFE_METHODS and not from_ourselves():
            abort(403)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/health")
    def health() -> tuple[str, int]:
        now = box.status()
        up = (
            now is not None
            and now.lines_connected
            and any(port.state != "out_of_service" for port in now.ports)
        )
        return ("up\n", 200) if up else ("not up\n", 503)

    @app.post("/language/<language>")
    def set_language(language: str) -> BaseResponse:
        response = redirect(_own_path(request.form.get("back", "")), code=303)
        if language in LANGUAGES:
            response.set_cookie(
                "language", language, max_age=YEAR_S, samesite="Strict", httponly=True
            )
        return response

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> tuple[str, int]:
        if "language" not in g:
            g.language = chosen_language()
        code = problem.code or 500
        if code == 400 and not own_name(request.host):
            key = "bad-host"
        else:
            key = PROBLEMS.get(code, "bad-request" if code < 500 else "failed")
        return render_template("problem.html", sentence=t(key)), code

    return app
