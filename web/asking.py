"""Asking call control in somebody's name, and what to tell him when it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from flask import current_app, g, request
from werkzeug.exceptions import NotFound

from firmware.control.messages import Refused
from firmware.core.countries import country as country_of
from firmware.core.numbering import place_of
from firmware.storage.errors import StorageError
from firmware.storage.masks import SEES_PEOPLE
from firmware.storage.record_reader import ReadRecords
from web.box import ANSWER_MS
from web.gate import the_box
from web.numbers import seen, written
from web.words import t

A = TypeVar("A", bound=msgspec.Struct)
Row = TypeVar("Row")


class RefusedError(Exception):
    """It was not done: the sentence, and sentences by field."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.key = refused.id
        self.sentence = refused.message
        self.fields = refused.fields

    @property
    def problems(self) -> dict[str, str]:
        """Sentences by field; what belongs to no field stands over the form."""
        return dict(self.fields) or {"": self.sentence}


def asker() -> dict[str, Any]:
    """Who asks, from where, in which language: what every request about people carries."""
    return {
        "who": g.account.name,
        "origin": f"page {request.remote_addr or ''}".strip(),
        "language": g.language,
    }


def ask(wanted: msgspec.Struct, answer: type[A], *, answer_ms: int = ANSWER_MS) -> A:
    """One request and its answer.

    Args:
        wanted: The request.
        answer: What it is answered by.
        answer_ms: How long that may take.

    Raises:
        RefusedError: with the sentence that says why.
    """
    found = the_box().ask(wanted, answer_ms=answer_ms)
    if isinstance(found, answer):
        return found
    if isinstance(found, Refused):
        if found.id == "calld-away":
            found = msgspec.structs.replace(found, message=t("calld-away"))
        raise RefusedError(found)
    raise RefusedError(Refused(id="failed", message=t("failed")))


def records() -> ReadRecords:
    """The records, as whoever looks may see them; close them by ``with``.

    Raises:
        RecordsUnavailable: there are none yet.
    """
    opened = ReadRecords.open(current_app.extensions["records"])
    opened.show_to(g.account.roles if g.account else ())
    return opened


def kept(look: Callable[[ReadRecords], Row | None]) -> Row:
    """What somebody's address names, as the records have it.

    Raises:
        NotFound: there is none, or there are no records yet.
    """
    try:
        with records() as log:
            found = look(log)
    except StorageError:
        found = None
    if found is None:
        raise NotFound
    return found


def country() -> str:
    """The office's country, for how numbers are written."""
    known = the_box().settings()
    return known.country if known is not None else "CN"


def place(number: str) -> str:
    """Where a number is from, in the reader's language; empty for roles that do not see people."""
    if g.account is None or not SEES_PEOPLE & set(g.account.roles):
        return ""
    return place_of(number, country_of(country()), g.language)


def phone(number: str, whole: bool = False) -> str:
    """A number as people write it, masked for roles that do not see people, unless ``whole``."""
    if whole or g.account is None:
        return written(number, country())
    return seen(number, country(), g.account.roles)
