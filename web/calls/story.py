"""One call as a story: its ribbon, what happened when, what is kept of it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, render_template
from werkzeug.exceptions import NotFound

from firmware.storage.errors import StorageError
from web.asking import records
from web.calls.ribbon import marks, ribbon
from web.desk.caller import collected_of, notes_of
from web.gate import open_to, the_box
from web.messages.present import item_row
from web.status.present import call_row, names_of
from web.words import t

blueprint = Blueprint("stories", __name__, url_prefix="/calls")

KINDS: Final = ("ring", "menu", "wait", "talk", "hold", "wrap")


@blueprint.get("/<call>")
@open_to("owner", "supervisor", "reviewer", "agent")
def show(call: str) -> str:
    """The story of one call."""
    try:
        with records() as log:
            record = log.call(call)
            entries = [event.entry for event in log.events(call)]
            tickets = log.cases.tickets_of_call(call)
            review = log.cases.review_of(call)
            messages = [item_row(item, g.language) for item in log.items_of(call)]
            faxes = log.faxes.of_call(call)
    except StorageError:
        record = None
    if record is None:
        raise NotFound
    pieces = ribbon(record, entries)
    return render_template(
        "calls/story.html",
        record=record,
        row=call_row(record, names_of(the_box().status(), g.language), g.language),
        pieces=pieces,
        kinds=[kind for kind in KINDS if any(piece.kind == kind for piece in pieces)],
        marks=marks(entries),
        collected=collected_of(entries),
        notes=notes_of(entries),
        tickets=tickets,
        review=review,
        messages=messages,
        faxes=faxes,
        title=t("story"),
    )
