"""One party's part of a call: a telephone that rings or talks, a line that was answered or taken.

The call owns its legs and ends each with a cause; whatever a leg began (ringing, a seized line, a
lifted handset) is given back as it ends, however the call ended.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Literal

from firmware.core.commands import Caller
from firmware.core.fsm import Machine, Order, State, Table, choose
from firmware.core.log_entries import LineReleased, RingingEnded, TelephoneRings
from firmware.core.port_events import (
    DismissPhone,
    KnockPhone,
    ReleaseLine,
    RingPhone,
    StopPhone,
)

Kind = Literal["telephone", "line"]


class LegEnd(StrEnum):
    """Why a leg ended."""

    GONE = "gone"  # the party hung up, or its port is lost: nothing to give back
    CLEARED = "cleared"  # the call is over while the party is still there
    BUSY = "busy"  # the same, and the party hears busy tone
    NO_ANSWER = "no_answer"
    WITHDRAWN = "withdrawn"  # somebody else answered, or the caller cleared
    FAILED = "failed"
    HANDED_OVER = "handed_over"  # glare: the line goes on in another call


class OfferLeg(Order, frozen=True, kw_only=True):
    """Ring this telephone."""

    caller: Caller | None = None
    cadence: str = "normal"


class KnockLeg(Order, frozen=True, kw_only=True):
    """Tell this telephone, which is in a conversation, that somebody waits for it."""

    caller: Caller | None = None


class RingAfterAll(Order, frozen=True, kw_only=True):
    """The telephone that was knocked at lies on its hook: ring it."""


class AttachLeg(Order, frozen=True, kw_only=True):
    """The party is there already."""


class AnswerLeg(Order, frozen=True, kw_only=True):
    """The ringing telephone was lifted."""


class EndLeg(Order, frozen=True, kw_only=True):
    """This party's part is over."""

    cause: LegEnd


LEG = Table(
    "leg",
    State(
        "new",
        {
            OfferLeg: choose("_offer", "ringing"),
            KnockLeg: choose("_offer_knock", "knocking"),
            AttachLeg: "present",
        },
    ),
    State(
        "ringing",
        {AnswerLeg: choose("_answer", "present"), EndLeg: choose("_end_ringing", "ended")},
        enter="_ring",
    ),
    State(
        "knocking",
        {
            AnswerLeg: choose("_answer", "present"),
            RingAfterAll: "ringing",
            EndLeg: choose("_end_ringing", "ended"),
        },
        enter="_knock",
    ),
    State("present", {EndLeg: choose("_end_present", "ended")}),
    State("ended", final=True),
)

_RESULTS = {
    LegEnd.NO_ANSWER: "no_answer",
    LegEnd.WITHDRAWN: "withdrawn",
    LegEnd.CLEARED: "withdrawn",
    LegEnd.BUSY: "withdrawn",
}


class Leg(Machine):
    """One party. ``extension`` is a telephone's number, empty for a line."""

    __slots__ = ("_cadence", "_caller", "_said", "call", "extension", "kind", "port")
    TABLE: ClassVar[Table] = LEG

    def __init__(self, call: str, port: str, kind: Kind, extension: str = "") -> None:
        super().__init__()
        self.call = call
        self.port = port
        self.kind = kind
        self.extension = extension
        self._caller: Caller | None = None
        self._cadence = "normal"
        self._said = False

    @property
    def label(self) -> str:
        """Call and jack, as the log of transitions names it."""
        return f"call {self.call} leg {self.port}"

    @property
    def ringing(self) -> bool:
        """The telephone rings, or is knocked at, for the call."""
        return self.state in {"ringing", "knocking"}

    @property
    def knocking(self) -> bool:
        """The telephone hears that the call waits."""
        return self.state == "knocking"

    @property
    def present(self) -> bool:
        """The party is there."""
        return self.state == "present"

    def _offer(self, order: OfferLeg, _now_ms: int) -> str:
        self._caller, self._cadence = order.caller, order.cadence
        return "ringing"

    def _offer_knock(self, order: KnockLeg, _now_ms: int) -> str:
        self._caller = order.caller
        return "knocking"

    def _ring(self, now_ms: int) -> None:
        if not self._said:
            self._said = True
            self.do(self._rings(now_ms))
        self.do(RingPhone(port=self.port, caller=self._caller, cadence=self._cadence))

    def _knock(self, now_ms: int) -> None:
        self._said = True
        self.do(
            self._rings(now_ms), KnockPhone(port=self.port, call=self.call, caller=self._caller)
        )

    def _rings(self, now_ms: int) -> TelephoneRings:
        return TelephoneRings(
            call=self.call, at_ms=now_ms, port=self.port, extension=self.extension
        )

    def _answer(self, _order: AnswerLeg, now_ms: int) -> str:
        self.do(RingingEnded(call=self.call, at_ms=now_ms, port=self.port, result="answered"))
        return "present"

    def _end_ringing(self, order: EndLeg, now_ms: int) -> str:
        result = _RESULTS.get(order.cause, "failed")
        self.do(RingingEnded(call=self.call, at_ms=now_ms, port=self.port, result=result))
        if order.cause not in {LegEnd.GONE, LegEnd.FAILED}:
            self.do(StopPhone(port=self.port))
        return "ended"

    def _end_present(self, order: EndLeg, now_ms: int) -> str:
        if order.cause is LegEnd.HANDED_OVER:
            return "ended"
        gone = order.cause in {LegEnd.GONE, LegEnd.FAILED}
        if self.kind == "line":
            if not gone:
                self.do(ReleaseLine(port=self.port))
            self.do(LineReleased(call=self.call, at_ms=now_ms, port=self.port))
        elif not gone:
            tone: Literal["busy", "congestion"] = (
                "busy" if order.cause is LegEnd.BUSY else "congestion"
            )
            self.do(DismissPhone(port=self.port, tone=tone))
        return "ended"

    def effects(self, order: Order, now_ms: int) -> list[Any]:
        """Carry out an order unless the leg has ended."""
        return [] if self.ended else self.handle(order, now_ms)
