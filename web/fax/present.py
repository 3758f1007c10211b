"""Faxes as words and cells."""

from __future__ import annotations

from typing import Final

from flask import g, url_for

from firmware.fax.tries import sentence_of
from firmware.storage.faxes import FAILED, OPEN, PARTIAL, RECEIVED, SENT, FaxRow
from web.asking import phone
from web.numbers import moment
from web.table import Cell, Column
from web.words import t

COLUMNS: Final = (
    Column("when", "when"),
    Column("direction", "fax-direction"),
    Column("number", "desk-number"),
    Column("subject", "fax-subject"),
    Column("pages", "fax-pages", number=True),
    Column("state", "state"),
    Column("who", "who"),
)
MOODS: Final = {RECEIVED: "good", SENT: "good", PARTIAL: "bad", FAILED: "bad"}


def cells(row: FaxRow) -> dict[str, Cell]:
    """One fax of the list."""
    why = "" if row.state in (RECEIVED, SENT) else sentence_of(row.result, g.language)
    return {
        "when": Cell(
            moment(row.created_ms),
            row.created_ms,
            href=url_for("fax.show", fax=row.fax),
            small=f"#{row.fax}",
        ),
        "direction": Cell(t(f"fax-{row.direction}")),
        "number": Cell(party(row)),
        "subject": Cell(row.subject),
        "pages": Cell(pages_words(row), row.pages),
        "state": Cell(
            t(f"fax-state.{row.state}"), mood=MOODS.get(row.state, ""), small=why or next_words(row)
        ),
        "who": Cell(row.who),
    }


def party(row: FaxRow) -> str:
    """From whom, or to whom: a number, else what the machine said."""
    return phone(row.number) if row.number else phone(row.station) or t("fax-unknown")


def pages_words(row: FaxRow) -> str:
    """Pages that arrived, of those to be sent."""
    return str(row.pages) if row.direction == "receive" else f"{row.pages} / {row.pages_in_file}"


def next_words(row: FaxRow) -> str:
    """When it is dialled next."""
    if row.state != "waiting" or not row.due_ms:
        return ""
    return t("fax-next", at=moment(row.due_ms))


def acts(row: FaxRow) -> tuple[str, ...]:
    """What may be done with it now (``ChangeFax``)."""
    found = []
    if row.state == "waiting":
        found.append("cancel")
    if row.direction == "send" and row.file and row.state not in OPEN:
        found.append("again")
    if row.state in (PARTIAL, FAILED) and (row.pages or row.direction == "send"):
        found.append("seen")
    return tuple(found)
