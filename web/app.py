"""The page: an application factory without globals. Views parse, call one function, render."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path

from flask import Flask, Response, g, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from firmware.storage.visitors import Visitors
from web import gate, people
from web.admin import routes as admin
from web.api import routes as api
from web.api.operation import API_PREFIX, api_problem
from web.arriving import Arriving, updates_folder
from web.box import Box
from web.flows import routes as flows
from web.jacks import routes as jacks
from web.manual import routes as manual
from web.messages import routes as _messages  # noqa: F401  # adds its pages to those of the box
from web.prompts import routes as prompts
from web.reports import comparing, peaks
from web.reports import routes as reports
from web.settings import routes as settings
from web.setup import routes as setup
from web.signin import routes as signin
from web.status import routes as status
from web.status.present import local_time
from web.stream import Renderings
from web.tls.keeper import Keeper
from web.trunks import routes as trunks
from web.ways import ways
from web.words import LANGUAGES, WORDS, chosen_language, t

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
    # With no-referrer Chromium sends "Origin: null" with our own forms, which we would refuse.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


PROBLEMS = {
    401: "sign-in-first",
    403: "not-yours",
    404: "not-found",
    413: "too-big",
}


def create_app(
    box: Box, data_folder: Path, *, logs: Path | None = None, keeper: Keeper | None = None
) -> Flask:
    """Make the application.

    Args:
        box: connection to call control, started or not.
        data_folder: where the records are; they are only ever read here.
        logs: where the daemons keep what they said; None shows nothing of it.
        keeper: the certificate that the page is reached by; None where it comes unencrypted only.
    """
    app = Flask(__name__)
    app.request_class = Arriving
    app.config.update(
        MAX_CONTENT_LENGTH=10_000_000,
        # A flow of 200 nodes that is worked on, with the steps back, travels in its form.
        MAX_FORM_MEMORY_SIZE=2_000_000,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.extensions["box"] = box
    app.extensions["renderings"] = Renderings()
    app.extensions["measured"] = {}
    app.extensions["held-settings"] = OrderedDict()
    app.extensions["logs"] = logs
    app.extensions["keeper"] = keeper
    app.extensions["visitors"] = Visitors(data_folder / "page")
    app.extensions["prompts"] = data_folder / "prompts"
    app.extensions["updates"] = updates_folder(data_folder)
    app.extensions["records"] = data_folder / "records.sqlite"
    app.jinja_env.globals["t"] = t
    app.register_blueprint(status.blueprint)
    app.register_blueprint(signin.blueprint)
    app.register_blueprint(settings.blueprint)
    app.register_blueprint(flows.blueprint)
    app.register_blueprint(jacks.blueprint)
    app.register_blueprint(trunks.blueprint)
    app.register_blueprint(reports.blueprint)
    app.register_blueprint(comparing.blueprint)
    app.register_blueprint(peaks.blueprint)
    app.register_blueprint(prompts.blueprint)
    app.register_blueprint(setup.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(admin.blueprint)
    app.register_blueprint(manual.blueprint)
    people.register(app)

    app.jinja_env.globals["form_key"] = gate.form_key
    app.jinja_env.globals["has_word"] = WORDS.__contains__
    app.jinja_env.globals["local_time"] = local_time
    app.jinja_env.globals["pages"] = gate.pages
    app.jinja_env.globals["ways"] = ways
    app.jinja_env.globals["may_see"] = gate.may_see
    app.jinja_env.globals["help_here"] = manual.help_here
    app.jinja_env.globals["may_open"] = gate.may_open
    app.jinja_env.globals["trial_left"] = gate.trial_left
    app.jinja_env.globals["trial_place"] = gate.trial_place
    app.jinja_env.globals["first_steps"] = setup.unfinished
    app.before_request(gate.guard)
    app.after_request(gate.keep_visit)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/health")
    @gate.open_to_anyone
    def health() -> tuple[str, int]:
        now = box.status()
        up = (
            now is not None
            and now.lines_connected
            and any(port.state != "out_of_service" for port in now.ports)
        )
        return ("up\n", 200) if up else ("not up\n", 503)

    @app.post("/language/<language>")
    @gate.open_to_anyone
    def set_language(language: str) -> BaseResponse:
        response = redirect(gate.own_path(request.form.get("back", "")), code=303)
        if language in LANGUAGES:
            response.set_cookie(
                "language", language, max_age=YEAR_S, samesite="Strict", httponly=True
            )
        return response

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> tuple[str, int] | Response:
        if "language" not in g:
            g.language = chosen_language()
        code = problem.code or 500
        if request.path.startswith(API_PREFIX):
            return api_problem(problem)
        if code == 400 and not gate.own_name(request.host):
            key = "bad-host"
        elif problem.description in WORDS:
            key = problem.description
        else:
            key = PROBLEMS.get(code, "bad-request" if code < 500 else "failed")
        return render_template("problem.html", sentence=t(key)), code

    return app
