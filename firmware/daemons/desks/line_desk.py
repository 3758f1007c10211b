"""What the office does for its exchange lines: measuring, tuning, the go-live checklist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from drivers.line import TuneLine
from firmware.call.fraud import Counters
from firmware.call.orders import Served
from firmware.core.commands import Play
from firmware.core.events import LineMeasured
from firmware.core.port_events import TestLine
from firmware.core.settings import Settings, extension_at
from firmware.daemons.handset.front import Front
from firmware.port.fxo_port import FxoPort
from firmware.port.line_doctor import LineDoctor
from firmware.port.line_measure import Measure, measure_of, spoken
from ivr.speech import say_digits

BUSY_PROMPT: Final = {
    "no_battery": "line-no-voltage",
    "in_use": "line-in-use-elsewhere",
    "out_of_service": "line-unknown",
}
DEAD: Final = frozenset({"out_of_service", "no_battery"})
FREE: Final = frozenset({"idle", "testing", "guarding"})
CHECKS: Final = ("seize", "dial", "caller_id", "clear")
"""In the order in which a line proves itself."""


class LineFront(Front, Protocol):
    """What is needed of the office beside what handsets need."""

    def line_machine(self, port: str) -> FxoPort | None:
        """The machine of a line, None if there is no such line."""
        ...

    def line_doctors(self) -> Mapping[str, LineDoctor]:
        """The doctor of each line."""
        ...


class LineDesk:
    """One office's lines."""

    def __init__(self, office: LineFront) -> None:
        self._office = office
        self._asking: dict[str, str] = {}  # port to the call of the handset that waits
        self._all_busy_since: int | None = None

    def tunings(self) -> list[TuneLine]:
        """Settings found by measuring; a line daemon that begins anew knows none of them."""
        return [
            TuneLine(port=port, termination=doctor.fit.termination, hybrid=doctor.fit.hybrid)
            for port, doctor in self._office.line_doctors().items()
            if doctor.fit.hybrid
        ]

    def begin(self, port: str, now_ms: int, out: list[Any]) -> str:
        """Begin to measure; otherwise the state that the line is in, ``unknown`` for no line."""
        machine = self._office.line_machine(port)
        if machine is None:
            return "unknown"
        if machine.state != "idle":
            return machine.state
        self._office.carry_out([TestLine(port=port)], now_ms, out)
        return ""

    def measured(
        self, event: LineMeasured, settings: Settings, now_ms: int, out: list[Any]
    ) -> None:
        """A measurement has ended: keep it, and tell the handset that waits for it."""
        doctor = self._office.line_doctors().get(event.port)
        wall = self._office.wall(now_ms)
        measure = measure_of(event, wall.isoformat(timespec="seconds") if wall else "")
        if doctor is not None and event.fault != "broken_off":
            doctor.measured(measure, settings.country)
        call_id = self._asking.pop(event.port, "")
        call = self._office.calls_by_id.get(call_id)
        if call is not None and call.state == "serving":
            self._tell(call_id, event.port, measure, settings, now_ms, out)

    # --- from a handset ---------------------------------------------------------------------------

    def serve(
        self, call_id: str, place: str, settings: Settings, now_ms: int, out: list[Any]
    ) -> None:
        """The code was dialled: line ``place`` is measured while the handset waits."""
        port = f"fxo/{place}"
        state = self.begin(port, now_ms, out)
        call = self._office.calls_by_id[call_id]
        language = self._language(call.origin, settings)
        if not state:
            self._asking[port] = call_id
            prompts = (f"{language}/line-test-running",)
            out.append(Play(port=call.origin, play=f"test-{port}", prompts=prompts))
            return
        key = "line-unknown" if state == "unknown" else BUSY_PROMPT.get(state, "line-in-use")
        served = Served(prompts=_sentence(place, (key,), language), done=False)
        self._office.carry_out(call.handle(served, now_ms), now_ms, out)

    def _tell(
        self,
        call_id: str,
        port: str,
        measure: Measure,
        settings: Settings,
        now_ms: int,
        out: list[Any],
    ) -> None:
        call = self._office.calls_by_id[call_id]
        language = self._language(call.origin, settings)
        said = _sentence(port.rpartition("/")[2], spoken(measure), language)
        done = Served(prompts=said, done=not measure.fault)
        self._office.carry_out(call.handle(done, now_ms), now_ms, out)

    def _language(self, port: str, settings: Settings) -> str:
        extension = extension_at(settings, port)
        return (extension.language if extension else "") or settings.language

    # --- all lines taken --------------------------------------------------------------------------

    def look(self, counters: Counters, now_ms: int) -> bool:
        """Count how often and how long nobody could have called in or out; whether that changed."""
        machines = [self._office.line_machine(port) for port in self._office.line_doctors()]
        lines = [m for m in machines if m is not None and m.state not in DEAD]
        busy = bool(lines) and all(m.state not in FREE for m in lines)
        if busy == (self._all_busy_since is not None):
            return False
        if busy:
            self._all_busy_since = now_ms
            counters.all_busy += 1
        else:
            counters.all_busy_ms += now_ms - (self._all_busy_since or now_ms)
            self._all_busy_since = None
        return True

    # --- before opening ---------------------------------------------------------------------------

    def checklist(self) -> dict[str, dict[str, str]]:
        """Per line what has been seen to work, and how; an empty text is not seen yet."""
        found: dict[str, dict[str, str]] = {}
        for port, doctor in self._office.line_doctors().items():
            proved = doctor.profile.proved
            signs = ", ".join(sign.example.kind for sign in doctor.signs)
            found[port] = {what: proved.get(what, "") for what in CHECKS} | {"clear": signs}
        return found


def _sentence(place: str, prompts: tuple[str, ...], language: str) -> tuple[str, ...]:
    keys = ("line-number-before", *say_digits(place, language), *prompts)
    return tuple(f"{language}/{key}" for key in keys)
