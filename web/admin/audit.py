"""Who did what on these pages, into the log of calls and deeds."""

from __future__ import annotations

from flask import g

from firmware.control.office_messages import NoteAudit
from web.gate import the_box, whence


def origin() -> str:
    """Where somebody sits who asks for this page."""
    return f"page {whence()}"


def noted(action: str, what: str, detail: str = "") -> None:
    """What the person who asks has done."""
    note = NoteAudit(who=g.account.name, origin=origin(), action=action, what=what, detail=detail)
    the_box().ask(note)
