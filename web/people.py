"""The pages of people at work, put into the page: desk, board, customers, tickets, recordings."""

from __future__ import annotations

import time

from flask import Flask

from web.asking import phone, place
from web.board import routes as board
from web.calls import recordings, story
from web.cases import customers, figures, knowledge, reviews, tasks, tickets
from web.desk import routes as desk
from web.fax import routes as fax
from web.fax import sending
from web.gate import the_box
from web.numbers import clock, moment
from web.quality import incidents, scores


def register(app: Flask) -> None:
    """Their blueprints, and what their templates call."""
    for pages in (desk, board, customers, tickets, tasks, knowledge, reviews, recordings, story):
        app.register_blueprint(pages.blueprint)
    app.register_blueprint(fax.blueprint)
    app.register_blueprint(sending.blueprint)
    for quality in (scores, incidents):
        app.register_blueprint(quality.blueprint)
    app.register_blueprint(figures.blueprint)
    app.jinja_env.globals |= {
        "phone": phone,
        "place": place,
        "at_moment": moment,
        "length": clock,
        "now_ms": now_ms,
        "wall_s": wall_s,
    }


def now_ms() -> int:
    """Wall clock, UTC, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def wall_s(ms: int) -> int:
    """A monotonic time of the box as UTC seconds since 1970, for clocks that run in the browser."""
    return the_box().wall_s(ms)
