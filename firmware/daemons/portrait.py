"""How the office is at a moment: its ports, its calls, what its lines have been seen to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware.call.call import Call
from firmware.control.messages import (
    CallStatus,
    ChecklistAnswer,
    LineCheck,
    PortStatus,
    Status,
)
from firmware.core.destinations import spoken
from firmware.core.settings import LANGUAGES, extension_at, line_at
from firmware.port.fxo_port import FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.sip_port import SipPort

if TYPE_CHECKING:
    from firmware.daemons.office import Office


class Portrait:
    """Read from the office, for page and command line.

    Args:
        office: That is looked at.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    def status(self, now_ms: int) -> Status:
        """The state of the box, for page and command line."""
        ports: list[PortStatus] = []
        for port in self._office.ports:
            machine = self._office.machine_at(port)
            call = self._office.call_at(port)
            extension = extension_at(self._office.settings, port)
            line = line_at(self._office.settings, port)
            label = extension.number if extension else (line.name if line else "")
            ports.append(
                PortStatus(
                    port=port,
                    label=label,
                    state=machine.state,
                    call=call.call if call else "",
                    detail=self._said_of(machine, now_ms),
                    detail_in=self._said_elsewhere(machine, now_ms),
                )
            )
        return Status(
            at_ms=now_ms,
            lines_connected=self._office.connected,
            country=self._office.country.code,
            ports=tuple(ports),
            calls=tuple(self._call_status(call) for call in self._office.calls),
            alarms=self._office.alarms_in(self._office.settings.language),
            mode=self._office.mode(now_ms),
        )

    def checklist(self) -> ChecklistAnswer:
        """What each line has been seen to do, and how often all were taken."""
        counters = self._office.outside.fraud.counters
        return ChecklistAnswer(
            lines=tuple(
                LineCheck(port=port, name=self._office.line_name(port), checks=checks)
                for port, checks in sorted(self._office.line_desk.checklist().items())
            ),
            all_busy=counters.all_busy,
            all_busy_ms=counters.all_busy_ms,
        )

    def _said_of(
        self, machine: FxsPort | FxoPort | SipPort, now_ms: int, language: str = ""
    ) -> str:
        said = self._office.detail(machine, now_ms, language)
        return said or self._office.butler.detail(machine.port, language)

    def _said_elsewhere(self, machine: FxsPort | FxoPort | SipPort, now_ms: int) -> dict[str, str]:
        """The same in the languages that are not the office's; nothing when nothing is said."""
        if not self._said_of(machine, now_ms):
            return {}
        others = [one for one in LANGUAGES if one != self._office.settings.language]
        return {one: self._said_of(machine, now_ms, one) for one in others}

    def _call_status(self, call: Call) -> CallStatus:
        extension = extension_at(self._office.settings, call.origin)
        caller = (
            call.journal.caller.number
            if call.journal.caller
            else (extension.number if extension else "")
        )
        return CallStatus(
            call=call.call,
            direction=call.journal.direction.value,
            state=call.state,
            caller=caller,
            destination=spoken(call.destination) if call.destination else call.journal.digits,
            since_ms=call.journal.since_ms,
            parties=tuple(call.parties.legs),
        )
