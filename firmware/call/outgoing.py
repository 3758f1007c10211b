"""The way outside: a line is taken, dialled, and heard until somebody answers."""

from __future__ import annotations

from typing import Any

from firmware.call.leg import Leg, LegEnd
from firmware.call.permission import Refusal
from firmware.call.refusing import Refusing
from firmware.call.room import MakeRoom, helps, watched
from firmware.core.commands import SendDigits
from firmware.core.destinations import ToOutside
from firmware.core.fsm import STAY
from firmware.core.log_entries import ClearedBy, Outcome, Side
from firmware.core.port_events import (
    Dial,
    Digit,
    FarSideAnswers,
    FarSideBusy,
    Glare,
    PortLost,
    ReadyToDial,
    SeizureFailed,
    TakeLine,
)

MOST_ROOMS = 10  # times an emergency call asks for a line before it gives up
MOST_KEYS = 24  # pressed in a conversation and still looked at
OUTCOMES = {
    "busy": Outcome.BUSY,
    "special_information": Outcome.REFUSED,
    "no_answer": Outcome.NO_ANSWER,
}


class Outgoing(Refusing):
    """The way outside: a line is taken, dialled, and heard until somebody answers."""

    __slots__ = ()

    def _seize(self, now_ms: int) -> str:
        emergency = helps(self)
        number = self.destination.number if isinstance(self.destination, ToOutside) else ""
        office = self.destination.office if isinstance(self.destination, ToOutside) else ""
        if not emergency and not office and not self._tried:
            refusal = self._outside.refusal(self.payer, number, forwarded=bool(self.forwarder))
            if refusal is not None:
                return self._refuse(refusal, now_ms)
        if office and isinstance(self.destination, ToOutside):
            way = self._outside.office(self._ports, self.destination, not_again=self._tried)
        else:
            way = self._outside.way(self._ports, number, not_again=self._tried, emergency=emergency)
        if way is None:
            if emergency and self._rooms < MOST_ROOMS:
                return "making_room"
            refusal = Refusal(reason="no line is free", prompt="line-unavailable")
            if office and self._tried:
                reason = f"the office behind {office} cannot be reached"
                refusal = Refusal(reason=reason, prompt="call-failed")
            return self._refuse(refusal, now_ms)
        port, self._dial_out, self.price = way.port, way.digits, way.price
        self._tried.add(port)
        self.do(
            *self.parties.attach(port, "line", "", now_ms),
            self.journal.line_taken(port, now_ms),
            TakeLine(port=port),
        )
        return "seizing"

    def _outgoing(self) -> Leg | None:
        """The line taken for the outside; not the one an incoming call came by."""
        lines = (leg for port, leg in self.parties.legs.items() if port != self.origin)
        return next((leg for leg in lines if leg.kind == "line"), None)

    def _another_line(self, event: Any, now_ms: int) -> str:
        line = self._outgoing()
        if line is not None:
            # In glare the line lives on as the other party's call and is not released.
            cause = LegEnd.HANDED_OVER if isinstance(event, Glare) else LegEnd.CLEARED
            self.do(*self.parties.end(line.port, cause, now_ms))
        return self._seize(now_ms)

    def _line_lost_while_seizing(self, event: PortLost, now_ms: int) -> str:
        if event.port == self.origin:
            return self._port_lost(event, now_ms)
        self.do(*self.parties.end(event.port, LegEnd.GONE, now_ms))
        return self._seize(now_ms)

    def _ask_for_room(self, _now_ms: int) -> None:
        self._rooms += 1
        self._tried.clear()  # a line that failed a moment ago is better than none
        self.do(MakeRoom(call=self.call))

    def _room_made(self, _event: Any, now_ms: int) -> str:
        went_to = self._seize(now_ms)
        if went_to == "making_room":  # the state goes on and is not entered anew
            self._ask_for_room(now_ms)
        return went_to

    def _dial(self, event: ReadyToDial, _now_ms: int) -> str:
        office = isinstance(self.destination, ToOutside) and self.destination.office
        shown = self.payer.number if office and self.payer is not None else ""
        self.do(Dial(port=event.port, digits=self._dial_out, caller=shown))
        return "dialling"

    def _line_failed(self, event: SeizureFailed, now_ms: int) -> str:
        if event.another_way:
            return self._another_line(event, now_ms)
        return self._end(
            Outcome.FAILED, Side.SYSTEM, ClearedBy.FAULT, now_ms, event.port, event.reason
        )

    def _early_audio(self, _now_ms: int) -> None:
        # The caller hears the exchange from here on: ringback, busy, an announcement. He is not
        # heard before somebody answers, or his keys could go on dialling; help hears him at once.
        line = self._outgoing()
        muted: tuple[str, ...] = ()
        if line is not None and not helps(self):
            muted = tuple(port for port in self.parties.here() if port != line.port)
        self.do(*self.parties.join(*muted))

    def _far_side_answers(self, event: FarSideAnswers, _now_ms: int) -> str:
        self.do(self.journal.far_side_answered(event))
        return "talking"

    def _answer_known_better(self, event: FarSideAnswers, _now_ms: int) -> str:
        self.do(self.journal.far_side_answered(event))
        return STAY

    def _far_side_busy(self, event: FarSideBusy, _now_ms: int) -> str:
        outcome = OUTCOMES.get(event.tone, Outcome.FAILED)
        return self._end(
            outcome,
            Side.CUSTOMER,
            event.by,
            event.at_ms,
            event.port,
            event.detail or event.tone,
            tone=LegEnd.BUSY if outcome is Outcome.BUSY else LegEnd.CLEARED,
        )

    def _key_in_talk(self, event: Digit, now_ms: int) -> str:
        """A key within a conversation; one that dials on to a forbidden number ends it."""
        line = self._outgoing()
        seen = watched(self) and len(self._keys) < MOST_KEYS
        if seen and line is not None and event.port != line.port:
            self._keys += event.digit
            refusal = self._outside.slips_out(self.payer, self._dial_out, self._keys)
            if refusal is not None:
                self._note_limit(refusal, now_ms)
                return self._end(
                    Outcome.ANSWERED,
                    Side.SYSTEM,
                    ClearedBy.ROUTING,
                    now_ms,
                    line.port,
                    refusal.reason,
                )
        return self._pass_pulse(event, now_ms)

    def _pass_pulse(self, event: Digit, _now_ms: int) -> str:
        # A DTMF key passes through the bridge as sound; the clicks of a dial do not, and a trunk
        # has events for keys (RFC 4733), which many machines at the far end hear alone.
        line = self.parties.line()
        told = line is not None and line.port.startswith("sip/")
        if (event.pulse or told) and line is not None and event.port != line.port:
            self.do(SendDigits(port=line.port, digits=event.digit))
        return STAY
