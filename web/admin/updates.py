"""The page of updates: what runs, what is offered, when it is installed, what became of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.messages import Refused
from firmware.control.update_messages import AskUpdate, OrderUpdate, UpdateAnswer
from firmware.core.desk_entries import Audited
from firmware.core.product import SUPPORT_UNTIL, VERSION
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from web.admin.sticks import unreadable
from web.arriving import PART, SPARE_BYTES
from web.gate import open_to, the_box, whence
from web.words import t

Answer = str | Response | tuple[str, int]

ACTS: Final = ("now", "tonight", "cancel", "drop")
MOVES: Final = frozenset({"checking", "installing", "installed", "trying"})
"""Steps in which the page looks again by itself."""

LOOKED_THROUGH: Final = 400
SHOWN: Final = 20


@open_to("owner", "installer")
def updates() -> Answer:
    """What runs, until when it is looked after, what is offered."""
    return _page()


@open_to("owner", "installer")
def take_update() -> Answer:
    """A bundle arrives. It lies on the card already; what is in it is looked at by whoever may."""
    folder: Path = current_app.extensions["updates"]
    state = the_box().ask(AskUpdate(language=g.language))
    if isinstance(state, UpdateAnswer) and not state.possible:
        return _page({"file": state.sentence}, 409)
    given = request.files.get("file")
    part = folder / PART
    if given is None or not given.filename or not part.is_file():
        return _page({"file": t("update-needed")}, 422)
    given.close()
    free = shutil.disk_usage(folder).free
    if free < SPARE_BYTES:
        part.unlink(missing_ok=True)
        return _page({"file": t("update-no-room", free=free // 1_000_000)}, 422)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(folder / "incoming.raucb")
    return _order("check")


@open_to("owner", "installer")
def order_update() -> Answer:
    """Install it now or tonight, cancel that, or forget it."""
    act = request.form.get("act", "")
    if act not in ACTS:
        return _page({"": t("update-act")}, 422)
    return _order(act)


def _order(act: str) -> Answer:
    wanted = OrderUpdate(
        act=act,  # type: ignore[arg-type]  # one of ACTS, or check
        older=request.form.get("older") == "yes",
        who=g.account.name,
        origin=f"page {whence()}",
        language=g.language,
    )
    answer = the_box().ask(wanted)
    if isinstance(answer, Refused):
        return _page({"": answer.message}, 409)
    return redirect(url_for("admin.updates"), code=303)


def _page(problems: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    answer = the_box().ask(AskUpdate(language=g.language))
    known = answer if isinstance(answer, UpdateAnswer) else None
    away = answer.message if isinstance(answer, Refused) else ""
    moves = known is not None and (bool(known.wanted) or known.state.step in MOVES)
    page = render_template(
        "admin/updates.html",
        version=VERSION,
        until=SUPPORT_UNTIL,
        update=known,
        away=away,
        moves=moves and not problems,
        problems=problems or {},
        past=_past(),
        unreadable=unreadable(),
    )
    return page, status


def _past() -> list[tuple[str, Audited]]:
    """What was done about updates, newest first: moment and entry."""
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            found = records.newest_of("audited", LOOKED_THROUGH)
    except StorageError:
        return []
    rows = [(event.stamp.wall, event.entry) for event in found if isinstance(event.entry, Audited)]
    return [row for row in rows if row[1].action.startswith("update_")][:SHOWN]
