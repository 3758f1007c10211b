"""The manual in the reader's language."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Final

import msgspec
from flask import Blueprint, abort, g, render_template, request
from markdown_it import MarkdownIt

from web.gate import open_to

blueprint = Blueprint("manual", __name__, url_prefix="/manual")

FOLDER: Final = Path(__file__).parent
TOPICS: Final = ("begin", "calls", "people", "messages", "care", "programs")
"""In the order of reading."""

PLACES: Final = {
    "status": "begin#overview",
    "signin": "begin#sign-in",
    "setup": "begin#first-steps",
    "settings": "care#settings",
    "jacks": "care#lines",
    "trunks": "calls#trunks",
    "prompts": "calls#prompts",
    "flows": "calls#menus",
    "reports": "people#reports",
    "comparing": "people#comparing",
    "peaks": "people#reports",
    "scores": "people#scores",
    "incidents": "care#incidents",
    "desk": "people#desk",
    "board": "people#board",
    "customers": "people#customers",
    "tickets": "people#tickets",
    "casefigures": "people#tickets",
    "tasks": "people#tickets",
    "fax": "people#fax",
    "faxing": "people#fax",
    "knowledge": "people#tickets",
    "reviews": "people#recordings",
    "recordings": "people#recordings",
    "stories": "calls#log",
    "admin": "care#security",
    "api": "programs#api",
    "manual": "begin#manual",
}
"""Area of the page (its blueprint) to topic and heading."""

ENDPOINTS: Final = {
    "status.calls": "calls#log",
    "settings.history": "care#history",
    "settings.look_back": "care#history",
    "settings.damage_seen": "care#history",
    "admin.trust": "care#encryption",
    "admin.backups": "care#backup",
    "admin.journal": "care#logs",
    "admin.support": "care#logs",
    "admin.done": "care#logs",
    "admin.messages": "messages#messages",
    "admin.change_message": "messages#messages",
    "admin.send_text": "messages#texts",
    "admin.send_mail": "messages#mail",
    "admin.ask_balance": "messages#modem",
    "admin.updates": "care#updates",
    "admin.programs": "programs#keys",
}
"""Single pages with a place of their own."""

AREAS: Final = {"messages": "messages#messages"}
"""Areas of the settings with a place of their own."""

_HEADING = re.compile(r"^(#{1,3}) (.+?) \{#([a-z-]+)\}$", re.MULTILINE)


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One text: its title, its headings by anchor, its HTML."""

    title: str
    headings: dict[str, str]
    html: str


@functools.cache
def topic(name: str, language: str) -> Topic:
    """A topic in a language."""
    text = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")
    headings = {found[3]: found[2] for found in _HEADING.finditer(text)}
    plain = _HEADING.sub(lambda found: f"{found[1]} {found[2]}", text)
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(plain)
    for anchor, words in headings.items():
        html = re.sub(
            rf"<h([1-3])>{re.escape(words)}</h",
            rf'<h\1 id="{anchor}">{words}</h',
            html,
            count=1,
        )
    return Topic(title=next(iter(headings.values())), headings=headings, html=html)


def place_of(endpoint: str | None) -> str:
    """Address of the manual's place for a page, empty for none."""
    area = (endpoint or "").partition(".")[0]
    found = ENDPOINTS.get(endpoint or "") or PLACES.get(area, "")
    name, _, anchor = found.partition("#")
    return f"/manual/{name}#{anchor}" if name else ""


def help_here() -> str:
    """The same for the page that is being made."""
    area = (request.view_args or {}).get("area", "")
    return f"/manual/{AREAS[area]}" if area in AREAS else place_of(request.endpoint)


@blueprint.get("/")
@open_to()
def index() -> str:
    """Every topic with its headings."""
    return render_template(
        "manual/index.html", topics=[(name, topic(name, g.language)) for name in TOPICS]
    )


@blueprint.get("/<name>")
@open_to()
def show(name: str) -> str:
    """One topic."""
    if name not in TOPICS:
        abort(404)
    topics = [(one, topic(one, g.language)) for one in TOPICS]
    return render_template(
        "manual/topic.html", name=name, text=topic(name, g.language), topics=topics
    )
