"""What is to ring, as one small document that outlives call control.

Moments are wall clock: monotonic time of one boot means nothing to the next.
"""

from __future__ import annotations

import logging

import msgspec

log = logging.getLogger(__name__)


class Daily(msgspec.Struct, frozen=True, kw_only=True):
    """A daily bell: its time of day, and the last moment that is dealt with (office's clock)."""

    at: str
    done: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone that is to ring, or rings; ``due`` is UTC, ISO 8601."""

    extension: str
    purpose: str
    flow: str
    due: str
    tries: int = 0
    number: str = ""


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """``caller`` waits for ``target`` to become free, ``since`` UTC, ISO 8601."""

    caller: str
    target: str
    since: str


class BellBook(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``daily`` is by extension."""

    daily: dict[str, Daily] = {}
    wishes: tuple[Wish, ...] = ()
    callbacks: tuple[Awaited, ...] = ()


def read(text: str) -> BellBook:
    """The book as it was kept; an empty one for none or one that cannot be read."""
    try:
        return msgspec.json.decode(text, type=BellBook) if text else BellBook()
    except msgspec.DecodeError as problem:
        log.error("what is to ring cannot be read: %s", problem)
        return BellBook()


def written(book: BellBook) -> str:
    """The book as it is kept."""
    return msgspec.json.encode(book).decode()
