"""The log of one call as it is written, and what it says so far. A restart reads it back."""

from __future__ import annotations

from collections.abc import Sequence

from firmware.core.log_entries import (
    AnsweredBy,
    AnyLogEntry,
    CallAdopted,
    CallClosed,
    CallDialled,
    CallerKnown,
    CallOffered,
    Cleared,
    ClearedBy,
    Direction,
    FarSideAnswered,
    LineAnswered,
    LineSeized,
    MenuLeft,
    Outcome,
    RecordingEnded,
    RecordingStarted,
    Side,
    TelephoneAnswered,
    VoicesConnected,
)
from firmware.core.port_events import CallerIdentified, FarSideAnswers

FACTS = frozenset({AnsweredBy.REVERSAL, AnsweredBy.SIGNAL, AnsweredBy.MACHINE})
"""Signs of an answer that are no estimates."""


class Journal:
    """Writes entries and remembers their gist. Every writer returns the entries to be kept.

    A handset that was lifted and put down without a key leaves no entry: the call is *offered*,
    and so recorded, when its first digits mean something or it is put down half dialled.
    """

    __slots__ = (
        "answered_by",
        "call",
        "caller",
        "cleared",
        "connected",
        "digits",
        "direction",
        "line_answered",
        "offered",
        "origin",
        "outcome",
        "outcome_detail",
        "recording",
        "recordings",
        "since_ms",
        "talked",
    )

    def __init__(self, call: str) -> None:
        self.call = call
        self.origin = ""
        self.since_ms = 0
        self.talked: tuple[str, ...] = ()  # the parties when voices were connected last
        self.direction = Direction.INTERNAL
        self.offered = False
        self.caller: CallerIdentified | None = None
        self.digits = ""
        self.line_answered = False
        self.answered_by: AnsweredBy | None = None
        self.connected = False
        self.cleared = False
        self.recording = ""
        self.recordings = 0
        self.outcome = Outcome.FAILED
        self.outcome_detail = ""

    # --- writing ----------------------------------------------------------------------------------

    def begin(self, origin: str, at_ms: int) -> None:
        """t0 is known; what kind of call it becomes may not be."""
        self.origin = origin
        self.since_ms = at_ms

    def offer(self, direction: Direction) -> list[AnyLogEntry]:
        """t0, once."""
        self.direction = direction
        if self.offered:
            return []
        self.offered = True
        return [
            CallOffered(
                call=self.call, at_ms=self.since_ms, direction=direction, origin=self.origin
            )
        ]

    def identified(self, event: CallerIdentified) -> AnyLogEntry:
        """Who calls."""
        self.caller = event
        return CallerKnown(
            call=self.call,
            at_ms=event.at_ms,
            kind=event.kind,
            number=event.number,
            name=event.name,
            method=event.method,
        )

    def dialled(self, destination: str, at_ms: int) -> AnyLogEntry:
        """The digits so far are all there will be."""
        return CallDialled(call=self.call, at_ms=at_ms, digits=self.digits, destination=destination)

    def line_taken(self, port: str, at_ms: int) -> AnyLogEntry:
        """A line is seized for a call to the outside."""
        return LineSeized(call=self.call, at_ms=at_ms, port=port)

    def answered_line(self, port: str, at_ms: int) -> AnyLogEntry:
        """t1."""
        self.line_answered = True
        return LineAnswered(call=self.call, at_ms=at_ms, port=port)

    def left_menu(self, destination: str, choice: str, at_ms: int) -> AnyLogEntry:
        """t2."""
        return MenuLeft(call=self.call, at_ms=at_ms, destination=destination, choice=choice)

    def telephone_answered(self, port: str, extension: str, at_ms: int) -> AnyLogEntry:
        """t4 of a call to a telephone."""
        return TelephoneAnswered(call=self.call, at_ms=at_ms, port=port, extension=extension)

    def far_side_answered(self, event: FarSideAnswers) -> AnyLogEntry:
        """t4 of a call to the outside; only a reversal is a fact."""
        self.answered_by = event.by
        return FarSideAnswered(
            call=self.call,
            at_ms=event.at_ms,
            port=event.port,
            by=event.by,
            estimate=event.by not in FACTS,
        )

    def voices(self, parties: tuple[str, ...], at_ms: int) -> AnyLogEntry:
        """t5."""
        self.connected = True
        return VoicesConnected(call=self.call, at_ms=at_ms, parties=parties)

    def recording_started(self, recording: str, port: str, path: str, at_ms: int) -> AnyLogEntry:
        """A recording is about to run."""
        self.recording = recording
        self.recordings += 1
        return RecordingStarted(
            call=self.call, at_ms=at_ms, recording=recording, port=port, path=path
        )

    def recording_ended(self, recording: str, duration_ms: int, at_ms: int) -> AnyLogEntry:
        """The file is closed."""
        self.recording = ""
        return RecordingEnded(
            call=self.call, at_ms=at_ms, recording=recording, duration_ms=duration_ms
        )

    def adopted(self, parties: tuple[str, ...], at_ms: int) -> AnyLogEntry:
        """A new call control goes on with this call."""
        return CallAdopted(call=self.call, at_ms=at_ms, parties=parties)

    def ended(
        self,
        outcome: Outcome,
        side: Side,
        by: ClearedBy,
        at_ms: int,
        port: str,
        detail: str,
    ) -> list[AnyLogEntry]:
        """t6, and the outcome for :meth:`closed`."""
        self.outcome = outcome
        self.outcome_detail = detail if outcome is not Outcome.ANSWERED else ""
        if not self.offered:
            return []
        return [Cleared(call=self.call, at_ms=at_ms, side=side, by=by, port=port, detail=detail)]

    def closed(self, at_ms: int) -> list[AnyLogEntry]:
        """t7: the last entry."""
        if not self.offered:
            return []
        return [
            CallClosed(
                call=self.call, at_ms=at_ms, outcome=self.outcome, detail=self.outcome_detail
            )
        ]

    # --- reading ----------------------------------------------------------------------------------

    def read(self, entries: Sequence[AnyLogEntry]) -> None:
        """Remember what an earlier call control wrote."""
        for entry in entries:
            match entry:
                case CallOffered():
                    self.begin(entry.origin, entry.at_ms)
                    self.direction = entry.direction
                    self.offered = True
                case CallerKnown():
                    self.caller = CallerIdentified(
                        port=self.origin,
                        at_ms=entry.at_ms,
                        kind=entry.kind,
                        number=entry.number,
                        name=entry.name,
                        method=entry.method,
                    )
                case CallDialled():
                    self.digits = entry.digits
                    if entry.destination.partition(" ")[0] in {"outside", "emergency"}:
                        self.direction = Direction.OUTBOUND
                case LineAnswered():
                    self.line_answered = True
                case FarSideAnswered():
                    self.answered_by = entry.by
                case VoicesConnected(parties=parties):
                    self.connected = True
                    self.talked = parties
                case RecordingStarted():
                    self.recording = entry.recording
                    self.recordings += 1
                case RecordingEnded():
                    self.recording = ""
                case Cleared():
                    self.cleared = True
                    self.outcome = Outcome.ANSWERED if self.connected else Outcome.INTERRUPTED
                case _:
                    pass
