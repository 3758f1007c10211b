"""From the log of a call to its record: a pure step per entry, so the record can be made anew."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from firmware.core.acd_entries import AcdEntry
from firmware.core.desk_entries import DeskEntry
from firmware.core.fax_entries import FaxEntry
from firmware.core.log_entries import (
    AccountBooked,
    AnsweredBy,
    AnyLogEntry,
    CallAdopted,
    CallClosed,
    CallDialled,
    CallerKnown,
    CallForwarded,
    CallHeld,
    CallMarked,
    CallOffered,
    CallParked,
    CallRetrieved,
    Cleared,
    ClearedBy,
    Direction,
    FarSideAnswered,
    LimitReached,
    LineAnswered,
    LineReleased,
    LineSeized,
    MenuLeft,
    Outcome,
    PartyLeft,
    PartyMoved,
    RecordingEnded,
    RecordingStarted,
    RingingEnded,
    ServiceUsed,
    Side,
    TelephoneAnswered,
    TelephoneRings,
    VoicesConnected,
)
from firmware.core.menu_entries import MenuEntry
from firmware.core.trunk_entries import TrunkMeasured

OUTSIDE = frozenset({"outside", "emergency"})
"""Kinds of destination, as an entry names them, that make a dialled call go out."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands in the log, and the clock on the wall then.

    Attributes:
        seq: Number of the entry, counted from 1.
        boot: The boot whose monotonic clock the entry's ``at_ms`` is of.
        wall: UTC, ISO 8601 with milliseconds.
        offset_min: The office's clock minus UTC.
        trusted: Whether the wall clock was known to be right.
    """

    seq: int
    boot: str
    wall: str
    offset_min: int
    trusted: bool

    @classmethod
    def of(cls, seq: int, boot: str, wall: datetime, *, trusted: bool) -> Stamp:
        """The stamp for a wall time that knows its zone; ``ValueError`` if it does not."""
        offset = wall.utcoffset()
        if offset is None:
            raise ValueError(f"wall time {wall} has no zone; UTC or the office's zone is needed")
        return cls(
            seq=seq,
            boot=boot,
            wall=wall.astimezone(UTC).isoformat(timespec="milliseconds"),
            offset_min=int(offset.total_seconds()) // 60,
            trusted=trusted,
        )


class RingAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """t3[i] and t3e[i]: one telephone that rang for the call; ``result`` is empty while it does."""

    port: str
    extension: str
    started_ms: int
    ended_ms: int | None = None
    result: str = ""


class RecordingOfCall(msgspec.Struct, frozen=True, kw_only=True):
    """One recording; without a duration its end was not seen."""

    recording: str
    port: str
    path: str
    duration_ms: int | None = None


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Marks ``t0_ms`` to ``t7_ms`` are those of ``firmware.core.log_entries``.

    Marks are monotonic milliseconds of ``boot``: their differences are durations whatever the
    wall clock did. ``t0_wall`` with ``offset_min`` is for people. ``outcome`` is None while open.
    """

    call: str
    first_seq: int
    last_seq: int
    boot: str
    direction: Direction
    origin: str
    line: str = ""
    caller_kind: str = ""
    caller_number: str = ""
    caller_name: str = ""
    caller_method: str = ""
    dialled: str = ""
    destination: str = ""
    choice: str = ""
    t0_wall: str
    offset_min: int
    trusted: bool
    t0_ms: int
    t1_ms: int | None = None
    t2_ms: int | None = None
    t3_ms: int | None = None
    t4_ms: int | None = None
    t5_ms: int | None = None
    t6_ms: int | None = None
    t7_ms: int | None = None
    extension: str = ""
    telephone: str = ""
    answered_by: AnsweredBy | None = None
    answer_estimate: bool = False
    cleared_first: Side | None = None
    cleared_by: ClearedBy | None = None
    cleared_detail: str = ""
    outcome: Outcome | None = None
    outcome_detail: str = ""
    adopted: int = 0
    rings: tuple[RingAttempt, ...] = ()
    recordings: tuple[RecordingOfCall, ...] = ()
    parties: tuple[str, ...] = ()
    account: str = ""
    marks: tuple[str, ...] = ()
    legs: tuple[TrunkMeasured, ...] = ()

    @property
    def talk_ms(self) -> int | None:
        """t6 - t5, how long voices were connected; None when they never were, or still are."""
        if self.t5_ms is None or self.t6_ms is None:
            return None
        return self.t6_ms - self.t5_ms

    @property
    def wait_ms(self) -> int | None:
        """t4 - t2, from the menu's end to the answer; from t0 where there was no menu."""
        if self.t4_ms is None:
            return None
        return self.t4_ms - (self.t0_ms if self.t2_ms is None else self.t2_ms)


def project(record: CallRecord | None, entry: AnyLogEntry, stamp: Stamp) -> CallRecord | None:
    """The record after one more entry.

    Only ``CallOffered`` makes a record; an entry of a call that never began stays in the log
    alone. Of a mark that is set twice the first time counts.

    Args:
        record: The record so far; None before the first entry.
        entry: What happened.
        stamp: Where the entry stands in the log.
    """
    if record is None:
        if not isinstance(entry, CallOffered):
            return None
        return CallRecord(
            call=entry.call,
            first_seq=stamp.seq,
            last_seq=stamp.seq,
            boot=stamp.boot,
            direction=entry.direction,
            origin=entry.origin,
            line=entry.origin if entry.direction is Direction.INBOUND else "",
            t0_wall=stamp.wall,
            offset_min=stamp.offset_min,
            trusted=stamp.trusted,
            t0_ms=entry.at_ms,
        )
    return msgspec.structs.replace(record, last_seq=stamp.seq, **_changes(record, entry))


def _changes(record: CallRecord, entry: AnyLogEntry) -> dict[str, object]:  # one case per kind
    match entry:
        case CallerKnown():
            return {
                "caller_kind": entry.kind,
                "caller_number": entry.number,
                "caller_name": entry.name,
                "caller_method": entry.method,
            }
        case CallDialled():
            changes: dict[str, object] = {
                "dialled": entry.digits,
                "destination": entry.destination,
            }
            if entry.destination.partition(" ")[0] in OUTSIDE:
                changes["direction"] = Direction.OUTBOUND  # a code came before the number
            return changes
        case LineSeized():
            return {"line": record.line or entry.port}
        case LineAnswered():
            return {"line": entry.port, "t1_ms": _first(record.t1_ms, entry.at_ms)}
        case MenuLeft():
            return {
                "destination": entry.destination,
                "choice": entry.choice,
                "t2_ms": _first(record.t2_ms, entry.at_ms),
            }
        case TelephoneRings():
            ring = RingAttempt(port=entry.port, extension=entry.extension, started_ms=entry.at_ms)
            return {"rings": (*record.rings, ring), "t3_ms": _first(record.t3_ms, entry.at_ms)}
        case RingingEnded():
            return {"rings": _ring_ended(record.rings, entry)}
        case TelephoneAnswered():
            if record.t4_ms is not None:
                return {}
            return {"t4_ms": entry.at_ms, "telephone": entry.port, "extension": entry.extension}
        case FarSideAnswered():
            if record.t4_ms is not None:
                return {}
            return {
                "t4_ms": entry.at_ms,
                "answered_by": entry.by,
                "answer_estimate": entry.estimate,
            }
        case VoicesConnected():
            return {
                "t5_ms": _first(record.t5_ms, entry.at_ms),
                "parties": _with(record.parties, entry.parties),
            }
        case RecordingStarted():
            recording = RecordingOfCall(recording=entry.recording, port=entry.port, path=entry.path)
            return {"recordings": (*record.recordings, recording)}
        case RecordingEnded():
            return {
                "recordings": tuple(
                    msgspec.structs.replace(kept, duration_ms=entry.duration_ms)
                    if kept.recording == entry.recording
                    else kept
                    for kept in record.recordings
                )
            }
        case Cleared():
            if record.t6_ms is not None:
                return {}
            return {
                "t6_ms": entry.at_ms,
                "cleared_first": entry.side,
                "cleared_by": entry.by,
                "cleared_detail": entry.detail,
            }
        case CallAdopted():
            return {
                "adopted": record.adopted + 1,
                "parties": _with(record.parties, entry.parties),
            }
        case CallClosed():
            if record.outcome is not None:
                return {}
            return {
                "t7_ms": entry.at_ms,
                "outcome": entry.outcome,
                "outcome_detail": entry.detail,
            }
        case AccountBooked(account=account):
            return {"account": account}
        case CallMarked(mark=mark):
            return {"marks": _with(record.marks, (mark,))}
        case TrunkMeasured():
            return {"legs": (*record.legs, entry)}
        case PartyMoved():
            return {"parties": _with(record.parties, (entry.port,))}
        case (
            CallOffered()
            | LimitReached()
            | LineReleased()
            | CallForwarded()
            | CallHeld()
            | CallRetrieved()
            | PartyLeft()
            | CallParked()
            | ServiceUsed()
            | AcdEntry()
            | DeskEntry()
            | FaxEntry()
            | MenuEntry()
        ):
            return {}


def _first(so_far: int | None, at_ms: int) -> int:
    return at_ms if so_far is None else so_far


def _with(parties: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*parties, *(party for party in more if party not in parties))


def _ring_ended(rings: tuple[RingAttempt, ...], entry: RingingEnded) -> tuple[RingAttempt, ...]:
    """The youngest attempt on that port that still rings is the one that ended."""
    for place in range(len(rings) - 1, -1, -1):
        ring = rings[place]
        if ring.port == entry.port and ring.ended_ms is None:
            ended = msgspec.structs.replace(ring, ended_ms=entry.at_ms, result=entry.result)
            return (*rings[:place], ended, *rings[place + 1 :])
    return rings
