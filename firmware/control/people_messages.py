"""What is asked of calld about people's data."""

from __future__ import annotations

import msgspec


class ErasePerson(msgspec.Struct, frozen=True, kw_only=True, tag="erase_person"):
    """Take a number out of everything the box keeps. ``origin`` is where the request came from."""

    number: str
    who: str
    why: str = ""
    origin: str = ""


class ErasedAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="erased"):
    """Answer to ``ErasePerson``: the receipt.

    Attributes:
        calls: How many calls were of that number.
        entries: How many entries of the log lost what they said.
        what: Rows by table, changed settings, removed files.
        kept_back: Files under a legal hold, which stay.
        remains: Files that still hold the number, and how often; empty when all is gone.
        older: Copies elsewhere that are not touched: when they leave by themselves.
        proof: Stands in the log.
        salt: With the number it gives the proof; it stands on the receipt alone.
    """

    calls: int
    entries: int
    what: dict[str, int]
    kept_back: tuple[str, ...] = ()
    remains: dict[str, int] = {}
    older: tuple[str, ...] = ()
    proof: str
    salt: str
