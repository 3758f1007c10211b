"""A handset of the office dials: a number, a code, or nothing."""

from __future__ import annotations

from typing import Any, Final

from firmware.call.dial_plan import (
    Complete,
    Invalid,
    MayBeComplete,
    NeedMore,
    Service,
    outside_first,
    read,
)
from firmware.call.feature_codes import SECRET, Asked
from firmware.call.leg import LegEnd
from firmware.call.orders import Enquire, Served, UseService
from firmware.call.queueing import Queueing
from firmware.call.routing import may_become_free
from firmware.core.commands import Play, StopPlay
from firmware.core.destinations import Destination, EndFlow, FlowGoto, ToFlow, ToOutside, spoken
from firmware.core.events import PlayFinished
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.log_entries import (
    AccountBooked,
    ClearedBy,
    Direction,
    Outcome,
    ServiceUsed,
    Side,
)
from firmware.core.port_events import Digit, Lifted, TakePhone
from firmware.core.settings import Extension, extension_at

STAYS: Final = {"hold_minutes", "reference"}
"""Codes after which a caller on hold is not taken back at once: he is still being spoken to."""


class Dialling(Queueing):
    """A handset of the office dials: a number, a code, or nothing."""

    __slots__ = ()

    def _lifted(self, event: Lifted, now_ms: int) -> str:
        extension = self._begin_at(event.port, event.at_ms, now_ms)
        if extension is None or not extension.services.hot_line:
            return "lifted"
        return "warm" if extension.services.hot_line_pause else self._warm_line(event, now_ms)

    def _enquire(self, order: Enquire, now_ms: int) -> str:
        self._begin_at(order.port, order.at_ms, now_ms)
        return "lifted"

    def _begin_at(self, port: str, at_ms: int, now_ms: int) -> Extension | None:
        self.journal.begin(port, at_ms)
        extension = extension_at(self.settings, port)
        number = extension.number if extension else ""
        self.do(*self.parties.attach(port, "telephone", number, now_ms))
        return extension

    def _warm_line(self, _event: Any, now_ms: int) -> str:
        extension = extension_at(self.settings, self.origin)
        return self._place_number(extension.services.hot_line if extension else "", now_ms)

    def _digit(self, event: Digit, now_ms: int) -> str:
        self.journal.digits += event.digit
        match read(self.journal.digits, self.settings, self._emergency):
            case NeedMore():
                return "collecting"
            case MayBeComplete(wait=wait):
                return "collecting" if wait == "inter_digit" else "emergency_pause"
            case Complete(destination=destination):
                return self._place(destination, now_ms)
            case Service(asked=asked):
                return self._serve(asked, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)

    def _place_number(self, number: str, now_ms: int) -> str:
        """Go where a stored number leads, as if it had been dialled to its end."""
        self.journal.digits = number
        match read(number, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._place(destination, now_ms)
            case _:
                return self._refuse_dialled(f"{number or 'nothing'} cannot be dialled", now_ms)

    def _dialled(self, _event: Any, now_ms: int) -> str:
        """The pause behind the last digit is over."""
        match read(self.journal.digits, self.settings, self._emergency):
            case MayBeComplete(destination=destination) | Complete(destination=destination):
                return self._place(destination, now_ms)
            case Invalid(reason=reason):
                return self._refuse_dialled(reason, now_ms)
            case Service(asked=asked):
                return self._serve(asked, now_ms)
            case NeedMore():
                return self._refuse_dialled("the number is incomplete", now_ms)

    def _place(self, destination: Destination, now_ms: int) -> str:
        """The number is complete: go there."""
        self.destination, hops = self._divert(destination)
        outside = isinstance(self.destination, ToOutside)
        if isinstance(self.destination, ToOutside) and self._needs_account(self.destination):
            self.do(*self.journal.offer(Direction.OUTBOUND), TakePhone(port=self.origin))
            self._start_flow(ToFlow(flow=f"account:{self.destination.number}"))
            return "menu"
        self.do(
            *self.journal.offer(Direction.OUTBOUND if outside else Direction.INTERNAL),
            self.journal.dialled(spoken(destination), now_ms),
            *self._forwarded(hops, now_ms),
            TakePhone(port=self.origin),
        )
        if outside:
            return self._seize(now_ms)
        queue = self._queue_of(self.destination)
        if queue is not None:
            self._start_flow(ToFlow(flow=f"queue:{queue.number}"))
            return "menu"
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "calling"
        onward = self._forward_unanswered(now_ms) if self._onward[1] else None
        if onward is not None:
            return onward
        message = self._leave_message("busy", now_ms)
        if message is not None:
            return message
        return self._end(Outcome.BUSY, Side.SYSTEM, ClearedBy.ROUTING, now_ms, tone=LegEnd.BUSY)

    def _goto(self, event: FlowGoto, now_ms: int) -> str:
        if self._flow.startswith("mailbox:"):
            # The owner calls back who left a message: a call of his own, from here on.
            self.do(EndFlow(call=self.call))
            self._flow = ""
            return self._place(event.destination, now_ms)
        if self._flow.startswith("account:"):
            self.do(EndFlow(call=self.call))
            self._flow = ""
            self._book(event.choice, now_ms)
            return self._place(event.destination, now_ms)
        if self._flow.startswith("task:") and self._summons is not None:
            # What was owed was announced: now it is dialled, as by whoever lifted.
            self.do(EndFlow(call=self.call))
            self._flow = ""
            return self._place_number(self._summons.number, now_ms)
        self.forwarder = event.payer or self.forwarder
        return self._offer_to(event.destination, event.choice, now_ms)

    def _needs_account(self, destination: ToOutside) -> bool:
        payer = self.payer
        needed = payer is not None and payer.account_needed and not destination.emergency
        return needed and not self.account and not self.forwarder

    def _book(self, account: str, now_ms: int) -> None:
        self.account = account
        name = self.settings.account_codes.get(account, "")
        self.do(AccountBooked(call=self.call, at_ms=now_ms, account=account, name=name))

    def _keep_half_dialled(self, at_ms: int) -> None:
        outside = outside_first(self.journal.digits, self.settings)
        self.do(
            *self.journal.offer(Direction.OUTBOUND if outside else Direction.INTERNAL),
            self.journal.dialled("", at_ms),
        )

    def _refuse_dialled(self, reason: str, now_ms: int) -> str:
        self._keep_half_dialled(now_ms)
        return self._end(Outcome.REFUSED, Side.SYSTEM, ClearedBy.ROUTING, now_ms, detail=reason)

    def _nothing_dialled(self, _event: Any, now_ms: int) -> str:
        return self._end(Outcome.ABANDONED, Side.SYSTEM, ClearedBy.TIMER, now_ms)

    def _serve(self, asked: Asked, now_ms: int) -> str:
        """A code was dialled; the office knows what comes of it and tells :class:`Served`."""
        if asked.service in SECRET:
            self.journal.digits = f"{self.journal.digits[:3]}..."
        number = self._number_asked(asked)
        if number is not None:
            return self._place_number(number, now_ms)
        extension = extension_at(self.settings, self.origin)
        if asked.service == "voicemail" and extension is not None:
            return self._visit_mailbox(extension.number, now_ms)
        self._asked = asked
        self.do(
            *self.journal.offer(Direction.INTERNAL),
            self.journal.dialled(f"service {asked.service}", now_ms),
            TakePhone(port=self.origin),
            UseService(
                call=self.call, port=self.origin, service=asked.service, arguments=asked.arguments
            ),
        )
        return "serving"

    def _visit_mailbox(self, number: str, now_ms: int) -> str:
        """The owner listens to what was left for him."""
        self.do(
            *self.journal.offer(Direction.INTERNAL),
            self.journal.dialled(f"voicemail {number}", now_ms),
            TakePhone(port=self.origin),
        )
        self._start_flow(ToFlow(flow=f"mailbox:{number}"))
        return "menu"

    def _number_asked(self, asked: Asked) -> str | None:
        """The number behind a code that only dials; None for any other code."""
        extension = extension_at(self.settings, self.origin)
        match asked.service:
            case "redial":
                return self._ports.last_dialled(self.origin)
            case "call_return":
                return self._ports.last_caller(self.origin)
            case "speed_dial":
                own = extension.services.speed_dials if extension else {}
                short = asked.arguments[0]
                return own.get(short) or self.settings.speed_dials.get(short, "")
            case _:
                return None

    def _served(self, order: Served, now_ms: int) -> str:
        self._plays += 1
        self.do(
            ServiceUsed(
                call=self.call,
                at_ms=now_ms,
                service=self._asked.service,
                argument="" if self._asked.service in SECRET else " ".join(self._asked.arguments),
                done=order.done,
            ),
            Play(port=self.origin, play=play_id(self.call, self._plays), prompts=order.prompts),
        )
        return STAY

    def _said(self, event: Any, now_ms: int) -> str:
        if not isinstance(event, PlayFinished):
            self.do(StopPlay(port=self.origin))
        self.goes_back = self._asked.service not in STAYS
        return self._end(Outcome.SERVICE, Side.SYSTEM, ClearedBy.FLOW, now_ms)
