"""What handsets do beyond one call: sessions, parked calls, and numbers remembered.

The office hands in what concerns a telephone; effects are carried out by the office. What is
remembered here (last numbers, places of parked calls) is gone with the process.
"""

from __future__ import annotations

from typing import Any

from firmware.call.call import Call
from firmware.call.orders import Enquire
from firmware.call.session import CallOver, Knock, OpenEnquiry, Session
from firmware.core.fsm import earliest
from firmware.core.log_entries import (
    CallDialled,
    LogEntry,
    RecordingStarted,
    TelephoneRings,
    VoicesConnected,
)
from firmware.core.port_events import (
    Digit,
    HookFlash,
    KnockPhone,
    OnHook,
    PhoneFree,
    PortEvent,
    PortLost,
)
from firmware.core.settings import Settings, extension_at
from firmware.core.timers import Times
from firmware.daemons.handset.front import Front


class Handsets:
    """Sessions of telephones and what is remembered of them."""

    def __init__(self, office: Front) -> None:
        self._office = office
        self.sessions: dict[str, Session] = {}
        self.last_dialled: dict[str, str] = {}
        self.last_caller: dict[str, str] = {}
        self.last_call: dict[str, str] = {}  # the last conversation, by telephone
        self.last_recording: dict[str, str] = {}  # the file of the last recorded one
        self.parked: dict[str, str] = {}  # place to call
        self._idle: set[str] = set()

    def forget(self) -> None:
        """The line daemon is gone, or begins anew: nobody is in a session."""
        self.sessions.clear()
        self.parked.clear()
        self._idle.clear()

    def next_deadline(self) -> int | None:
        """The earliest of the sessions'."""
        return earliest(*(session.next_deadline() for session in self.sessions.values()))

    # --- sessions ---------------------------------------------------------------------------------

    def take(self, event: PortEvent, times: Times, now_ms: int, out: list[Any]) -> bool:
        """Whether a session deals with what a telephone did."""
        session = self.sessions.get(event.port)
        call = self._office.call_at(event.port)
        if session is None:
            talks = call is not None and call.state == "talking"
            if not isinstance(event, HookFlash) or call is None or not talks:
                return False
            session = self.sessions[event.port] = Session(event.port, call, times)
        elif isinstance(event, Digit):
            if session.state != "choosing":
                return False
        elif not isinstance(event, HookFlash | OnHook | PortLost):
            return False
        self._office.carry_out(session.handle(event, now_ms), now_ms, out)
        return True

    def enquiry(self, order: OpenEnquiry, now_ms: int, out: list[Any]) -> None:
        """A second call for a telephone."""
        call = self._office.open_call(now_ms)
        self.sessions[order.port].active = call
        self._office.carry_out(
            call.handle(Enquire(port=order.port, at_ms=order.at_ms), now_ms), now_ms, out
        )

    def knocked(self, order: KnockPhone, times: Times, now_ms: int) -> None:
        """A call waits for a telephone in conversation."""
        waiting = self._office.calls_by_id.get(order.call)
        active = self._office.call_at(order.port)
        if waiting is None or active is None:
            return
        session = self.sessions[order.port] = Session(order.port, active, times)
        session.handle(Knock(call=waiting), now_ms)

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """Tell sessions of calls that are over, and waiting calls of telephones that are free."""
        for port, session in list(self.sessions.items()):
            for call in session.calls:
                if not session.ended and (call.ended or port not in call.parties.legs):
                    self._moved_or_over(session, call, now_ms, out)
            if session.ended:
                self.sessions.pop(port, None)
        idle = self._office.idle_phones()
        new, self._idle = idle - self._idle, idle
        for port in sorted(new):
            for call in list(self._office.calls_by_id.values()):
                if PhoneFree in call.TABLE.states[call.state].on:
                    free = PhoneFree(port=port, at_ms=now_ms)
                    self._office.carry_out(call.handle(free, now_ms), now_ms, out)
        for place, call_id in list(self.parked.items()):
            parked = self._office.calls_by_id.get(call_id)
            if parked is None or parked.state != "parked":
                del self.parked[place]

    def _moved_or_over(self, session: Session, call: Call, now_ms: int, out: list[Any]) -> None:
        if call is session.waiting:
            for other in self._office.calls_by_id.values():
                leg = other.parties.legs.get(session.port)
                if leg is not None and leg.knocking:
                    session.waiting = other  # who waits was handed to another call
                    return
        self._office.carry_out(session.handle(CallOver(call=call), now_ms), now_ms, out)

    # --- memory -----------------------------------------------------------------------------------

    def note(self, entry: LogEntry, settings: Settings) -> None:
        """Remember what redial and call return need."""
        call = self._office.calls_by_id.get(entry.call)
        if call is None:
            return
        match entry:
            case CallDialled(digits=digits, destination=destination):
                if destination and not destination.startswith("service "):
                    self.last_dialled[call.origin] = digits.removesuffix("#")
            case VoicesConnected(parties=parties):
                self.last_call.update(dict.fromkeys(parties, entry.call))
            case RecordingStarted(path=path):
                self.last_recording.update(dict.fromkeys(call.parties.here(), path))
            case TelephoneRings(port=port):
                caller = extension_at(settings, call.origin)
                known = call.journal.caller
                if caller is not None:
                    self.last_caller[port] = caller.number
                elif known is not None and known.number:
                    prefix = settings.outside_prefixes[0] if settings.outside_prefixes else ""
                    self.last_caller[port] = prefix + known.number
