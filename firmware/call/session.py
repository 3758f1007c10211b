"""One telephone with two calls: the one its user talks in, and one that is held or that waits.

A session begins with a recall (hook flash) in a conversation, or with a call that waits; it ends
when the telephone has one call or none. It tells its calls what to do and the telephone what to
sound; calls know nothing of each other.

With two calls a recall asks for a key: 1 lets the present call go, 2 changes between the calls,
3 joins them; without a key an enquiry is joined and a waiting call is changed to. After a code
dialled as an enquiry the held call is back by itself when its sentence is over. On-hook hands
the held call to whoever the enquiry reached; an enquiry that reached nobody gives it back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from firmware.call.call import Call
from firmware.call.orders import (
    Dissolve,
    DropLast,
    GoBack,
    Hold,
    Park,
    Receive,
    Retrieve,
    RingAgain,
    SendAway,
    SendOn,
)
from firmware.core.destinations import ToQueue
from firmware.core.fsm import STAY, Machine, Moves, Order, State, Table, choose
from firmware.core.log_entries import Direction
from firmware.core.port_events import (
    Digit,
    HookFlash,
    OnHook,
    PhoneAnswered,
    PortEvent,
    PortLost,
    RecallPhone,
    StopPhone,
    TakePhone,
)
from firmware.core.settings import extension_at
from firmware.core.timers import Times

HELD_BY_PHONE = ("talking", "progress")
"""States of the present call in which there is somebody to talk with."""


class OpenEnquiry(Order, frozen=True, kw_only=True):
    """What a session asks of the office: a second call for this telephone."""

    port: str
    at_ms: int


class Knock(Order, frozen=True, kw_only=True):
    """A call waits for the telephone."""

    call: Call


class CallOver(Order, frozen=True, kw_only=True):
    """The telephone is no longer a party of this call."""

    call: Call


class ParkHeld(Order, frozen=True, kw_only=True):
    """The code for parking was dialled as an enquiry."""

    place: str


_GONE: Moves = {
    OnHook: choose("_on_hook", "ended"),
    PortLost: choose("_lost", "ended"),
}

SESSION = Table(
    "session",
    State(
        "new",
        {
            HookFlash: choose("_begin", "pair", "ended"),
            Knock: choose("_knock", "waiting"),
            CallOver: choose("_over", "ended", STAY),
            **_GONE,
        },
    ),
    State(
        "waiting",
        {
            HookFlash: choose("_take_waiting", "pair", "ended", STAY),
            CallOver: choose("_over", "ended", STAY),
            **_GONE,
        },
    ),
    State(
        "pair",
        {
            HookFlash: choose("_flash", "choosing", "ended"),
            ParkHeld: choose("_park", "ended"),
            CallOver: choose("_over", "ended", STAY),
            **_GONE,
        },
    ),
    State(
        "choosing",
        {
            Digit: choose("_key", "pair", "ended"),
            HookFlash: choose("_usual", "pair", "ended"),
            CallOver: choose("_over", "ended", "pair"),
            **_GONE,
        },
        timer="recall_choice",
        expired=choose("_usual", "pair", "ended"),
    ),
    State("ended", final=True),
)


class Session(Machine):
    """One telephone's two calls.

    Args:
        port: The telephone's jack.
        active: The call its user is in.
        times: Timers in force.
    """

    __slots__ = ("active", "enquired", "held", "port", "refused_by", "waiting")
    TABLE: ClassVar[Table] = SESSION

    def __init__(self, port: str, active: Call, times: Times | None = None) -> None:
        super().__init__(times)
        self.port = port
        self.active: Call | None = active
        self.held: Call | None = None
        self.waiting: Call | None = None
        self.enquired = False
        self.refused_by = ""  # the extension that an enquiry found to want no calls

    @property
    def label(self) -> str:
        """The telephone's name in the log of transitions."""
        return f"session {self.port}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call of the session."""
        return tuple(c for c in (self.active, self.held, self.waiting) if c is not None)

    def _tell(self, call: Call, event: Any, now_ms: int) -> None:
        self.do(*call.handle(event, now_ms))

    # --- beginning --------------------------------------------------------------------------------

    def _begin(self, event: HookFlash, now_ms: int) -> str:
        call = self.active
        if call is None or call.state != "talking" or self.port in call.parties.beside:
            return "ended"
        if len(call.parties.here()) > 2:
            self._tell(call, DropLast(), now_ms)
            return "ended"
        self._tell(call, Hold(port=self.port), now_ms)
        self.held, self.active, self.enquired = call, None, True
        self.do(RecallPhone(port=self.port), OpenEnquiry(port=self.port, at_ms=event.at_ms))
        return "pair"

    def _knock(self, order: Knock, _now_ms: int) -> str:
        self.waiting = order.call
        return "waiting"

    # --- a call waits -----------------------------------------------------------------------------

    def _take_waiting(self, event: HookFlash, now_ms: int) -> str:
        waiting, call = self.waiting, self.active
        if waiting is None:
            return "ended"
        if call is not None:
            if call.state != "talking":
                return STAY
            self._tell(call, Hold(port=self.port), now_ms)
        self.do(StopPhone(port=self.port), TakePhone(port=self.port))
        self._tell(waiting, PhoneAnswered(port=self.port, at_ms=event.at_ms), now_ms)
        self.held, self.active, self.waiting = call, waiting, None
        return "pair" if call is not None else "ended"

    # --- two calls --------------------------------------------------------------------------------

    def _flash(self, _event: HookFlash, now_ms: int) -> str:
        if self.active is not None and self.active.state in HELD_BY_PHONE:
            self.do(RecallPhone(port=self.port, tone="confirm"))
            return "choosing"
        return self._back(now_ms)

    def _key(self, event: Digit, now_ms: int) -> str:
        match event.digit:
            case "1":
                return self._back(now_ms)
            case "2":
                return self._change(now_ms)
            case "3":
                return self._join(now_ms)
            case _:
                return self._usual(event, now_ms)

    def _usual(self, _event: Any, now_ms: int) -> str:
        return self._join(now_ms) if self.enquired else self._change(now_ms)

    def _back(self, now_ms: int) -> str:
        """Let the present call go and return to the held one."""
        if self.active is not None:
            self._tell(self.active, OnHook(port=self.port, at_ms=now_ms), now_ms)
        self.do(TakePhone(port=self.port))
        if self.held is not None:
            self._tell(self.held, Retrieve(port=self.port), now_ms)
        return "ended"

    def _change(self, now_ms: int) -> str:
        if self.active is None or self.held is None or self.active.state != "talking":
            return self._back(now_ms)
        self._tell(self.active, Hold(port=self.port), now_ms)
        self.do(TakePhone(port=self.port))
        self._tell(self.held, Retrieve(port=self.port), now_ms)
        self.active, self.held = self.held, self.active
        return "pair"

    def _join(self, now_ms: int) -> str:
        self.do(TakePhone(port=self.port))
        self._merge(now_ms, leaving=False)
        return "ended"

    def _merge(self, now_ms: int, *, leaving: bool) -> None:
        """The parties of the present call become parties of the held one."""
        if self.active is None or self.held is None:
            return
        parties = self.active.parties
        legs = tuple(parties.give_away(port) for port in tuple(parties.legs) if port != self.port)
        other = self.active.call
        self._tell(self.active, Dissolve(detail=f"joined to call {self.held.call}"), now_ms)
        order = Receive(legs=legs, port=self.port, other=other, leaving=leaving)
        self._tell(self.held, order, now_ms)

    # --- the telephone is put down ----------------------------------------------------------------

    def _on_hook(self, event: OnHook, now_ms: int) -> str:
        reached = self.active is not None and (
            self.active.state in HELD_BY_PHONE
            or (self._may_leave_ringing and bool(self.active.parties.ringing()))
        )
        passed = self.held is not None and self.enquired and reached
        absent = self._absent
        if self._sends_into_queue(now_ms):
            return "ended"
        if passed and self.held is not None and self.held.may_be_passed_on(self.port):
            self._merge(now_ms, leaving=True)
            return "ended"
        if self.active is not None:
            self._tell(self.active, event, now_ms)
        if self.held is not None:
            self._tell(self.held, self._without_us(absent), now_ms)
        if self.waiting is not None:
            self._tell(self.waiting, RingAgain(port=self.port), now_ms)
        return "ended"

    def _sends_into_queue(self, now_ms: int) -> bool:
        """Whether the enquiry stands in a queue, where the held caller takes its place."""
        active, held = self.active, self.held
        if active is None or held is None or not (self.enquired and self._may_hand_on):
            return False
        queue = active.destination if active.state == "menu" else None
        if not isinstance(queue, ToQueue) or SendOn not in held.TABLE.states[held.state].on:
            return False
        if held.journal.direction is not Direction.INBOUND or not held.may_be_passed_on(self.port):
            return False
        self._tell(held, SendOn(port=self.port, destination=queue), now_ms)
        self._tell(active, OnHook(port=self.port, at_ms=now_ms), now_ms)
        return True

    def _without_us(self, absent: str) -> GoBack | SendAway:
        """What becomes of the held call when its telephone is put down."""
        held = self.held
        if absent and held is not None and self._may_hand_on and held.may_be_passed_on(self.port):
            return SendAway(port=self.port, absent=absent)
        return GoBack(port=self.port)

    @property
    def _absent(self) -> str:
        """The extension that was asked last and wants no calls; empty for none."""
        active = self.active
        return active.absent if self.enquired and active is not None else self.refused_by

    @property
    def _may_hand_on(self) -> bool:
        """Whether this telephone may hand a caller to somebody who has not answered."""
        extension = extension_at(self.held.settings, self.port) if self.held is not None else None
        return extension is None or extension.blind_transfer

    @property
    def _may_leave_ringing(self) -> bool:
        """Whether the enquiry only rings and this telephone may hand a caller over all the same."""
        return self._may_hand_on and self.active is not None and self.active.state == "calling"

    def _park(self, order: ParkHeld, now_ms: int) -> str:
        if self.held is not None:
            self._tell(self.held, Park(port=self.port, place=order.place), now_ms)
        return "ended"

    def _lost(self, event: PortEvent, now_ms: int) -> str:
        for call in self.calls:
            self._tell(call, event, now_ms)
        return "ended"

    def _over(self, order: CallOver, now_ms: int) -> str:
        """One of the calls is over without us; after a code the user is back with his caller."""
        if order.call is self.active:
            self.active, self.refused_by = None, order.call.absent
            if self.held is not None and self.enquired and order.call.goes_back:
                return self._back(now_ms)
        elif order.call is self.held:
            self.held = None
        elif order.call is self.waiting:
            self.waiting = None
        second = self.held if self.state != "waiting" else self.waiting
        if second is None:
            return "ended"
        return "pair" if self.state == "choosing" else STAY
