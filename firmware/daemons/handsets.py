"""What handsets do beyond one call: sessions, codes, parked calls, and numbers remembered.

The office hands in what concerns a telephone; effects are carried out by the office. What is
remembered here (last numbers, places of parked calls) is gone with the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from firmware.call.call import Call
from firmware.call.feature_codes import Asked, patterns
from firmware.call.hours import forced, opening
from firmware.call.orders import ChangeSettings, Dissolve, Enquire, PickUp, Served, UseService
from firmware.call.services import change, with_services
from firmware.call.session import CallOver, Knock, OpenEnquiry, ParkHeld, Session
from firmware.core.country import Country
from firmware.core.fsm import earliest
from firmware.core.log_entries import CallDialled, LogEntry, TelephoneRings
from firmware.core.port_events import (
    Digit,
    HookFlash,
    KnockPhone,
    OnHook,
    PhoneFree,
    PortEvent,
    PortLost,
)
from firmware.core.settings import Extension, Mode, Settings, extension_at, validate
from firmware.core.timers import Times
from ivr.speech import say_digits

PLACES: Final = tuple("12345678")
MODES: Final[Mapping[str, Mode | None]] = {
    "mode_day": "day",
    "mode_night": "night",
    "mode_schedule": None,
}

CarryOut = Callable[[Sequence[Any], int, list[Any]], None]


class Front(Protocol):
    """What handsets need of the office."""

    @property
    def calls_by_id(self) -> dict[str, Call]:
        """Calls that are up."""
        ...

    def call_at(self, port: str) -> Call | None:
        """The call that the telephone's user is in."""
        ...

    def carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """Pass effects on."""
        ...

    def open_call(self, now_ms: int) -> Call:
        """A new call."""
        ...

    def put_in_force(self, settings: Settings, now_ms: int) -> None:
        """New settings."""
        ...

    def wall(self, now_ms: int) -> datetime | None:
        """UTC at a monotonic time, None while nobody has told it."""
        ...

    def idle_phones(self) -> set[str]:
        """Telephones that can ring now."""
        ...


class Handsets:
    """Sessions of telephones and what is remembered of them."""

    def __init__(self, office: Front) -> None:
        self._office = office
        self.sessions: dict[str, Session] = {}
        self.last_dialled: dict[str, str] = {}
        self.last_caller: dict[str, str] = {}
        self._parked: dict[str, str] = {}  # place to call
        self._idle: set[str] = set()

    def forget(self) -> None:
        """The line daemon is gone, or begins anew: nobody is in a session."""
        self.sessions.clear()
        self._parked.clear()
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
        for place, call_id in list(self._parked.items()):
            parked = self._office.calls_by_id.get(call_id)
            if parked is None or parked.state != "parked":
                del self._parked[place]

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
            case TelephoneRings(port=port):
                caller = extension_at(settings, call.origin)
                known = call.journal.caller
                if caller is not None:
                    self.last_caller[port] = caller.number
                elif known is not None and known.number:
                    prefix = settings.outside_prefixes[0] if settings.outside_prefixes else ""
                    self.last_caller[port] = prefix + known.number

    # --- codes ------------------------------------------------------------------------------------

    def serve(
        self, order: UseService, settings: Settings, country: Country, now_ms: int, out: list[Any]
    ) -> None:
        """A code was dialled: do it, and let the handset hear what came of it."""
        asking = self._office.calls_by_id[order.call]
        extension = extension_at(settings, order.port)
        if extension is None:
            self._say(asking, settings, None, ("feature-unknown",), "", now_ms, out, done=False)
            return
        match order.service:
            case "pick_up" | "pick_up_from" | "fetch":
                self._pick_up(order, asking, extension, settings, now_ms, out)
                return
            case "park":
                self._park(order, asking, extension, settings, now_ms, out)
                return
            case "say_number":
                said = ("your-extension-before",)
                self._say(asking, settings, extension, said, extension.number, now_ms, out)
                return
        if order.service in MODES:
            self._force_mode(order, asking, extension, settings, now_ms, out)
            return
        asked = Asked(service=order.service, arguments=order.arguments)
        changed = change(asked, extension, settings, country.emergency)
        if changed is None or changed.services is None:
            prompts = changed.prompts if changed else ("feature-unknown",)
            self._say(asking, settings, extension, prompts, "", now_ms, out, done=False)
            return
        wanted = with_services(settings, extension.number, changed.services)
        if set(validate(wanted)) - set(validate(settings)):
            self._say(asking, settings, extension, ("number-wrong",), "", now_ms, out, done=False)
            return
        self._office.put_in_force(wanted, now_ms)
        why = asking.journal.digits
        out.append(ChangeSettings(settings=wanted, who=f"handset {extension.number}", why=why))
        self._say(asking, settings, extension, changed.prompts, changed.number, now_ms, out)

    def _force_mode(
        self,
        order: UseService,
        asking: Call,
        extension: Extension,
        settings: Settings,
        now_ms: int,
        out: list[Any],
    ) -> None:
        wall = self._office.wall(now_ms)
        if wall is None:
            self._say(asking, settings, extension, ("system-error",), "", now_ms, out, done=False)
            return
        wanted = forced(settings, MODES[order.service], wall)
        self._office.put_in_force(wanted, now_ms)
        why = asking.journal.digits
        out.append(ChangeSettings(settings=wanted, who=f"handset {extension.number}", why=why))
        now = opening(wanted, wall).mode
        said = "mode-day" if now == "day" else "mode-night"
        self._say(asking, settings, extension, (said,), "", now_ms, out)

    def _say(
        self,
        asking: Call,
        settings: Settings,
        extension: Extension | None,
        prompts: tuple[str, ...],
        number: str,
        now_ms: int,
        out: list[Any],
        *,
        done: bool = True,
    ) -> None:
        language = (extension.language if extension else "") or settings.language
        digits = "".join(key for key in number if key.isdigit())
        keys = (*prompts, *(say_digits(digits, language) if digits else ()))
        named = tuple(f"{language}/{key}" for key in keys)
        served = Served(prompts=named, done=done)
        self._office.carry_out(asking.handle(served, now_ms), now_ms, out)

    def _pick_up(
        self,
        order: UseService,
        asking: Call,
        extension: Extension,
        settings: Settings,
        now_ms: int,
        out: list[Any],
    ) -> None:
        found = self._wanted(order)
        if found is None:
            said = ("parked-none",) if order.service == "fetch" else ("pickup-none",)
            self._say(asking, settings, extension, said, "", now_ms, out, done=False)
            return
        if order.port in self.sessions:
            self.sessions[order.port].active = found
        detail = f"picked up call {found.call}"
        self._office.carry_out(asking.handle(Dissolve(detail=detail), now_ms), now_ms, out)
        pick = PickUp(port=order.port, extension=extension.number, at_ms=now_ms)
        self._office.carry_out(found.handle(pick, now_ms), now_ms, out)

    def _wanted(self, order: UseService) -> Call | None:
        if order.service == "fetch":
            call = self._office.calls_by_id.get(self._parked.get(order.arguments[0], ""))
            return call if call is not None and call.state == "parked" else None
        for call in self._office.calls_by_id.values():
            if PickUp not in call.TABLE.states[call.state].on or order.port in call.parties.legs:
                continue
            ringing = [call.parties.legs[port].extension for port in call.parties.ringing()]
            if ringing and (order.service == "pick_up" or order.arguments[0] in ringing):
                return call
        return None

    def _park(
        self,
        order: UseService,
        asking: Call,
        extension: Extension,
        settings: Settings,
        now_ms: int,
        out: list[Any],
    ) -> None:
        session = self.sessions.get(order.port)
        place = next((place for place in PLACES if place not in self._parked), None)
        if session is None or session.held is None or session.state != "pair" or place is None:
            self._say(
                asking, settings, extension, ("feature-unknown",), "", now_ms, out, done=False
            )
            return
        self._parked[place] = session.held.call
        self._office.carry_out(session.handle(ParkHeld(place=place), now_ms), now_ms, out)
        code = patterns(settings).get("fetch", "P").replace("P", place)
        self._say(asking, settings, extension, ("parked-at-before",), code, now_ms, out)
