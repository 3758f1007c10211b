"""Questions that only lined can answer: readings, registers, an exchange line measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from firmware.control.messages import (
    DumpRegisters,
    LinesAnswer,
    Measure,
    MeasuredAnswer,
    Readings,
    Refused,
    RegisterDump,
)
from firmware.core.events import LineMeasured
from firmware.daemons.desks.reply import Reply, lines_away
from firmware.daemons.execution import Execution, ToLinedMessage
from firmware.daemons.office import Effect, Office


def _nobody(_answer: msgspec.Struct) -> None:
    """The doctors have read it on its way."""


class LineInquiry:
    """Passes questions on and remembers who asked.

    Args:
        execution: Knows whether lined is there.
        office: Its doctors judge what was read.
    """

    def __init__(self, execution: Execution, office: Office) -> None:
        self._execution = execution
        self._office = office
        self._asked: dict[int, Reply] = {}
        self._next = 1
        self._measuring: dict[str, Reply] = {}

    def look(self) -> list[ToLinedMessage]:
        """Readings of all ports, for the doctors alone."""
        return self._ask(_nobody, lambda ask: Measure(ask=ask))

    def lines(self, language: str, reply: Reply, now_ms: int) -> list[ToLinedMessage]:
        """Readings, answered with what the doctors of their lines and telephones say.

        Args:
            language: Of whoever asks.
            reply: Told the answer.
            now_ms: Monotonic time of the question.
        """

        def tell(answer: msgspec.Struct) -> None:
            if isinstance(answer, LinesAnswer):
                ports = [reading.port for reading in answer.readings]
                said = {port: self._office.jack_verdict(port, language, now_ms) for port in ports}
                spoken = {port: words for port, words in said.items() if words}
                answer = msgspec.structs.replace(answer, verdicts=spoken)
            reply(answer)

        return self._ask(tell, lambda ask: Measure(ask=ask))

    def registers(self, port: str, reply: Reply) -> list[ToLinedMessage]:
        """What a port's chip holds."""
        return self._ask(reply, lambda ask: DumpRegisters(ask=ask, port=port))

    def measure(self, port: str, reply: Reply, now_ms: int, wall: datetime) -> list[ToLinedMessage]:
        """An exchange line is measured, if it is free."""
        if not self._execution.connected:
            reply(lines_away())
            return []
        effects: list[Effect] = []
        state = self._office.line_desk.begin(port, now_ms, effects)
        if state:
            reply(Refused(id=f"line-{state}", message=f"{port} is not free: {state}"))
            return []
        self._measuring[port] = reply
        return self._execution.carry_out(effects, now_ms, wall)

    # --- what lined says --------------------------------------------------------------------------

    def read(self, message: Readings) -> None:
        """Readings have come."""
        for reading in message.readings:
            self._office.read_phone(reading)
        if reply := self._asked.pop(message.ask, None):
            reply(LinesAnswer(readings=message.readings))

    def dumped(self, message: RegisterDump) -> None:
        """Registers have come."""
        if reply := self._asked.pop(message.ask, None):
            reply(message)

    def measured(self, measured: LineMeasured) -> None:
        """A line's measurement is over."""
        if reply := self._measuring.pop(measured.port, None):
            reply(MeasuredAnswer(name=self._office.line_name(measured.port), measured=measured))

    def away(self) -> None:
        """Lined is gone, and nothing of it will come."""
        for reply in (*self._asked.values(), *self._measuring.values()):
            reply(lines_away())
        self._asked.clear()
        self._measuring.clear()

    def _ask(self, reply: Reply, message: Callable[[int], ToLinedMessage]) -> list[ToLinedMessage]:
        if not self._execution.connected:
            reply(lines_away())
            return []
        ask = self._next
        self._next += 1
        self._asked[ask] = reply
        return [message(ask)]
