"""What people ask of calld about the office's memory: figures of now, audit, erasing."""

from __future__ import annotations

import msgspec


class OfficeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the memory of the office answers. ``who`` asks, from ``origin``."""

    who: str = ""
    origin: str = ""


class ErasePerson(OfficeRequest, frozen=True, kw_only=True, tag="erase_person"):
    """Take a number out of everything the box keeps."""

    number: str
    why: str = ""


class ErasedAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="erased"):
    """Answer to ``ErasePerson``: the receipt.

    Attributes:
        calls: How many calls were of that number.
        entries: How many entries of the log lost what they said.
        what: Rows by table, changed settings, removed files.
        kept_back: Files under a legal hold, which stay.
        remains: Files that still hold the number, and how often; empty when all is gone.
        older: Backups that are not touched: they leave by themselves when their time comes.
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


class NoteAudit(OfficeRequest, frozen=True, kw_only=True, tag="note_audit"):
    """Somebody looked at, played, changed or exported something; it goes into the log at once."""

    action: str
    what: str
    detail: str = ""


class AskFigures(OfficeRequest, frozen=True, kw_only=True, tag="ask_figures"):
    """Live figures of today, from the same definitions as the reports."""

    by: str = "whole"
    codes: tuple[str, ...] = ()


class FigureValue(msgspec.Struct, frozen=True, kw_only=True):
    """One figure; None where there is nothing to divide by."""

    value: float | None
    top: float
    bottom: float | None = None


class FiguresAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="figures"):
    """Answer to ``AskFigures``: part, code, figure."""

    from_ms: int
    parts: dict[str, dict[str, FigureValue]]


class NotedAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="noted"):
    """It is kept."""


AnyOfficeRequest = ErasePerson | NoteAudit | AskFigures
AnyOfficeAnswer = ErasedAnswer | FiguresAnswer | NotedAnswer
