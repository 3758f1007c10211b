"""A call from its first ring to the end of its work, as pieces of a ribbon. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from firmware.core.acd_entries import AgentLegEnded, OfferStarted, QueueEntered, WrapUpEnded
from firmware.core.log_entries import (
    AnyLogEntry,
    CallHeld,
    CallMarked,
    CallParked,
    CallRetrieved,
    RecordingStarted,
    TelephoneAnswered,
)
from firmware.core.menu_entries import EntryTaken, NodePassed
from firmware.reports.offers import HINT
from firmware.storage.projection import CallRecord

NOTED: Final = frozenset(
    {
        "care",
        "not_business",
        "malicious",
        "silence",
        "silent",
        "faint",
        "faint_raised",
        "held_long",
        "talked_long",
    }
)
"""Marks of a call that have words of their own; any other is shown as it is."""

WIDTH: Final = 1_000
Kind = Literal["ring", "menu", "wait", "talk", "hold", "wrap"]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the call; ``x`` and ``width`` are of a view that is 1000 wide."""

    kind: Kind
    from_ms: int
    until_ms: int
    x: float
    width: float


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A point of the call: ``word`` finds its name, ``detail`` what it was about."""

    at_ms: int
    word: str
    detail: str = ""


def ribbon(record: CallRecord, entries: Sequence[AnyLogEntry]) -> list[Piece]:
    """Its pieces in order; a call that is up ends where its log ends."""
    wrapped = [e.at_ms for e in entries if isinstance(e, WrapUpEnded)]
    last_ms = max((e.at_ms for e in entries), default=record.t0_ms)
    talk_end_ms = record.t6_ms if record.t6_ms is not None else last_ms
    spans: list[tuple[Kind, int, int]] = []
    answered_ms = record.t4_ms if record.t4_ms is not None else talk_end_ms
    menu_ms = record.t1_ms if record.t1_ms is not None else record.t2_ms
    begin_ms = record.t0_ms
    if menu_ms is not None and record.t2_ms is not None:
        spans.append(("ring", begin_ms, menu_ms))
        spans.append(("menu", menu_ms, record.t2_ms))
        begin_ms = record.t2_ms
        spans.append(("wait", begin_ms, answered_ms))
    elif menu_ms is not None:
        spans.append(("ring", begin_ms, menu_ms))
        spans.append(("menu", menu_ms, answered_ms))
    else:
        spans.append(("ring", begin_ms, answered_ms))
    if record.t5_ms is not None:
        spans.append(("talk", record.t5_ms, talk_end_ms))
        spans += [("hold", a, b) for a, b in holds(entries, talk_end_ms)]
    if wrapped and max(wrapped) > talk_end_ms:
        spans.append(("wrap", talk_end_ms, max(wrapped)))
    end_ms = max((until for _, _, until in spans), default=last_ms)
    whole_ms = max(end_ms - record.t0_ms, 1)
    return [
        Piece(
            kind=kind,
            from_ms=from_ms - record.t0_ms,
            until_ms=until_ms - record.t0_ms,
            x=round((from_ms - record.t0_ms) * WIDTH / whole_ms, 1),
            width=max(round((until_ms - from_ms) * WIDTH / whole_ms, 1), 2.0),
        )
        for kind, from_ms, until_ms in spans
        if until_ms > from_ms
    ]


def holds(entries: Iterable[AnyLogEntry], end_ms: int) -> list[tuple[int, int]]:
    """When somebody was on hold or parked."""
    found: list[tuple[int, int]] = []
    began: int | None = None
    for entry in entries:
        if isinstance(entry, CallHeld | CallParked):
            began = entry.at_ms if began is None else began
        elif isinstance(entry, CallRetrieved) and began is not None:
            found.append((began, entry.at_ms))
            began = None
    if began is not None and began < end_ms:
        found.append((began, end_ms))
    return found


def marks(entries: Sequence[AnyLogEntry], recording: str = "") -> list[Mark]:
    """Points that somebody who listens may want to go to; within a recording, from its beginning.

    Args:
        entries: The log of a call.
        recording: Id of a recording; empty counts from the call's beginning.
    """
    begin_ms = entries[0].at_ms if entries else 0
    for entry in entries:
        if isinstance(entry, RecordingStarted) and entry.recording == recording:
            begin_ms = entry.at_ms
    found = []
    for entry in entries:
        named = _mark(entry)
        if named is not None and entry.at_ms >= begin_ms:
            found.append(Mark(at_ms=entry.at_ms - begin_ms, word=named[0], detail=named[1]))
    return found


def _mark(entry: AnyLogEntry) -> tuple[str, str] | None:
    match entry:
        case NodePassed(node=node, exit=out):
            return "mark-node", f"{node} {out}".strip()
        case EntryTaken(name=name, secret=secret, digits=digits):
            return "mark-entry", name if secret else f"{name} {digits}"
        case QueueEntered(queue=queue):
            return "mark-queue", queue
        case OfferStarted(agent=agent):
            return "mark-offer", agent
        case TelephoneAnswered(extension=extension):
            return "mark-answered", extension
        case CallHeld():
            return "mark-held", ""
        case CallRetrieved():
            return "mark-back", ""
        case CallParked(place=place):
            return "mark-parked", place
        case AgentLegEnded(agent=agent):
            return "mark-over", agent
        case WrapUpEnded(result=result):
            return "mark-wrapped", result
        case CallMarked(mark=mark) if mark.startswith(HINT):
            return "noted.hint", mark.removeprefix(HINT)
        case CallMarked(mark=mark):
            return (f"noted.{mark}", "") if mark in NOTED else ("noted.other", mark)
        case _:
            return None
