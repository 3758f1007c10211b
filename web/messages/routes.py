"""Messages: what waits, what failed, what came; sent again, dropped, written by hand."""

from __future__ import annotations

from typing import Final

import msgspec
from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.outbox_messages import (
    AskBalance,
    AskMessages,
    ChangeItem,
    MessagesAnswer,
    SendTestMail,
    SendText,
)
from firmware.outbox.segments import cut
from firmware.storage.errors import StorageError
from web.admin.routes import blueprint
from web.asking import RefusedError, ask, asker, records
from web.gate import open_to
from web.messages.present import arrived_row, channel_row, item_row

ROLES: Final = ("owner", "supervisor", "installer")
SHOWN: Final = 200
LONGEST: Final = 1_000

Answer = str | Response | tuple[str, int]


@blueprint.get("/messages")
@open_to(*ROLES)
def messages() -> Answer:
    """All of it."""
    return _shown()


@blueprint.post("/messages/<int:item>")
@open_to("owner", "supervisor")
def change_message(item: int) -> Answer:
    """Send one again, or drop it."""
    act = "drop" if request.form.get("act") == "drop" else "again"
    return _done(ChangeItem(item=item, act=act, **asker()))  # type: ignore[arg-type]  # one of the two


@blueprint.post("/messages/send")
@open_to("owner", "supervisor")
def send_text() -> Answer:
    """Write a text by hand."""
    text = request.form.get("text", "")[:LONGEST]
    return _done(SendText(number=request.form.get("number", ""), text=text, **asker()))


@blueprint.post("/messages/balance")
@open_to(*ROLES)
def ask_balance() -> Answer:
    """Ask the carrier for the balance."""
    return _done(AskBalance(**asker()))


@blueprint.post("/messages/mail")
@open_to("owner", "installer")
def send_mail() -> Answer:
    """Send a mail that says that mail works."""
    return _done(SendTestMail(to=request.form.get("to", "").strip(), **asker()))


def _done(wanted: msgspec.Struct) -> Answer:
    try:
        ask(wanted, MessagesAnswer)
    except RefusedError as refused:
        return _shown(refused.sentence, 409)
    return redirect(url_for(".messages", done=1), code=303)


def _shown(problem: str = "", status: int = 200) -> Answer:
    try:
        known = ask(AskMessages(**_nobody()), MessagesAnswer)
    except RefusedError as refused:
        known, problem = MessagesAnswer(), problem or refused.sentence
    state = request.args.get("state", "")
    try:
        with records() as log:
            items = log.newest_items(SHOWN, state)
            came = log.arrived(SHOWN)
            counts = log.item_counts()
    except StorageError:
        items, came, counts = [], [], {}
    typed = request.form.get("text", "")
    return (
        render_template(
            "admin/messages.html",
            channels=[channel_row(c, g.language) for c in known.channels],
            items=[item_row(item, g.language) for item in items],
            came=[arrived_row(text) for text in came],
            counts=counts,
            state=state,
            problem=problem,
            done=request.args.get("done"),
            typed=typed,
            typed_number=request.form.get("number", ""),
            parts=len(cut(typed)) if typed else 0,
        ),
        status,
    )


def _nobody() -> dict[str, str]:
    return {"who": g.account.name}
