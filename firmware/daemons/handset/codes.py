"""Codes dialled at a handset: what each does, and what the handset hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from firmware.call.call import Call
from firmware.call.feature_codes import Asked, patterns
from firmware.call.hours import forced, opening
from firmware.call.orders import ChangeSettings, Dissolve, PickUp, Served, UseService
from firmware.call.services import change, with_services
from firmware.call.session import ParkHeld
from firmware.core.country import Country
from firmware.core.settings import Extension, Mode, Settings, extension_at, validate
from firmware.daemons.desks.line_desk import LineDesk
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.bells import Bells
from firmware.daemons.handset.call_codes import CallCodes
from firmware.daemons.handset.front import Front
from firmware.daemons.handset.handsets import Handsets
from firmware.daemons.handset.key_codes import KeyCodes
from firmware.daemons.handset.premises import Premises
from firmware.daemons.handset.time_codes import TimeCodes
from firmware.daemons.handset.trunk_codes import TrunkCodes
from ivr.speech import say_digits

PLACES: Final = tuple("12345678")
MODES: Final[Mapping[str, Mode | None]] = {
    "mode_day": "day",
    "mode_night": "night",
    "mode_schedule": None,
}


class Codes:
    """Carries out :class:`firmware.call.orders.UseService`."""

    def __init__(
        self, office: Front, handsets: Handsets, lines: LineDesk, premises: Premises
    ) -> None:
        self._office = office
        self._premises = premises
        self._lines = lines
        self._handsets = handsets
        self.bells = Bells(office)
        self._table: dict[str, Answer] = {
            **CallCodes(handsets, self.bells).table(),
            **KeyCodes(handsets).table(),
            **TimeCodes().table(),
            **TrunkCodes(handsets).table(),
        }

    def add(self, table: Mapping[str, Answer]) -> None:
        """More services, each with what carries it out."""
        self._table.update(table)

    def serve(
        self, order: UseService, settings: Settings, country: Country, now_ms: int, out: list[Any]
    ) -> None:
        """A code was dialled: do it, and let the handset hear what came of it."""
        asking = self._office.calls_by_id[order.call]
        extension = extension_at(settings, order.port)
        if extension is None:
            self._say(asking, settings, None, ("feature-unknown",), "", now_ms, out, done=False)
            return
        if answer := self._table.get(order.service):
            answer(Ask(self._office, order, settings, country, now_ms, out))
            return
        match order.service:
            case "pick_up" | "pick_up_from" | "fetch":
                self._pick_up(order, asking, extension, settings, now_ms, out)
                return
            case "park":
                self._park(order, asking, extension, settings, now_ms, out)
                return
            case "emergency_mode":
                who = f"handset {extension.number}"
                turned, prompt = self._premises.turn(settings, who, asking.journal.digits)
                self._office.put_in_force(turned.settings, now_ms)
                out.append(turned)
                self._say(asking, settings, extension, (prompt,), "", now_ms, out)
                return
            case "line_test":
                place = order.arguments[0]
                self._lines.serve(order.call, place, settings, now_ms, out)
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
        if order.port in self._handsets.sessions:
            self._handsets.sessions[order.port].active = found
        detail = f"picked up call {found.call}"
        self._office.carry_out(asking.handle(Dissolve(detail=detail), now_ms), now_ms, out)
        pick = PickUp(port=order.port, extension=extension.number, at_ms=now_ms)
        self._office.carry_out(found.handle(pick, now_ms), now_ms, out)

    def _wanted(self, order: UseService) -> Call | None:
        if order.service == "fetch":
            call = self._office.calls_by_id.get(self._handsets.parked.get(order.arguments[0], ""))
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
        session = self._handsets.sessions.get(order.port)
        place = next((place for place in PLACES if place not in self._handsets.parked), None)
        if session is None or session.held is None or session.state != "pair" or place is None:
            self._say(
                asking, settings, extension, ("feature-unknown",), "", now_ms, out, done=False
            )
            return
        self._handsets.parked[place] = session.held.call
        self._office.carry_out(session.handle(ParkHeld(place=place), now_ms), now_ms, out)
        code = patterns(settings).get("fetch", "P").replace("P", place)
        self._say(asking, settings, extension, ("parked-at-before",), code, now_ms, out)
