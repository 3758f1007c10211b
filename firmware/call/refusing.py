"""A call that is refused, or gives way, with a sentence that says why."""

from __future__ import annotations

from typing import Any

from firmware.call.ending import Ending
from firmware.call.leg import LegEnd
from firmware.call.permission import Refusal
from firmware.call.room import GiveWay, held_line
from firmware.core.commands import Play, StopRecording
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.log_entries import ClearedBy, LimitReached, Outcome, Side
from firmware.core.port_events import FarSideBusy, FarSideCleared
from firmware.core.settings import Extension, extension_at


class Refusing(Ending):
    """A call that is refused, or gives way, with a sentence that says why."""

    __slots__ = ()

    @property
    def payer(self) -> Extension | None:
        """The telephone whose class and limits count."""
        if number := self.forwarder or self.walker:
            return next((e for e in self.settings.extensions if e.number == number), None)
        return extension_at(self.settings, self.origin)

    def _note_limit(self, refusal: Refusal, now_ms: int) -> None:
        if refusal.limit:
            self.do(
                LimitReached(
                    call=self.call,
                    at_ms=now_ms,
                    limit=refusal.limit,
                    also=refusal.also,
                    detail=refusal.reason,
                )
            )

    def _refuse(self, refusal: Refusal, now_ms: int) -> str:
        """Say why to whoever called, then end."""
        self._note_limit(refusal, now_ms)
        leg = self.parties.legs.get(self.origin)
        if leg is None or (leg.kind == "line" and not self.journal.line_answered):
            return self._end(
                Outcome.REFUSED, Side.SYSTEM, ClearedBy.ROUTING, now_ms, detail=refusal.reason
            )
        return self._say_why(refusal, Outcome.REFUSED, self.origin, now_ms)

    def _say_why(self, refusal: Refusal, outcome: Outcome, port: str, now_ms: int) -> str:
        """The call is over; one party hears why before he hears a tone."""
        extension = extension_at(self.settings, port)
        language = extension.language or self.settings.language if extension else self.language
        self._plays += 1
        self.do(
            *self.journal.ended(
                outcome, Side.SYSTEM, ClearedBy.ROUTING, now_ms, "", refusal.reason
            ),
            Play(
                port=port,
                play=play_id(self.call, self._plays),
                prompts=(f"{language}/{refusal.prompt}",),
            ),
        )
        return "refusing"

    def _refusal_said(self, _event: Any, now_ms: int) -> str:
        return self._let_go(now_ms)

    def _left_refused(self, event: Any, now_ms: int) -> str:
        if event.port not in self.parties.legs:
            return STAY
        # A line whose far side has cleared is still ours to release.
        cleared = isinstance(event, FarSideCleared | FarSideBusy)
        return self._let_go(now_ms, gone="" if cleared else event.port)

    def _give_way(self, order: GiveWay, now_ms: int) -> str:
        """The line is taken from this call; a telephone of ours hears why."""
        line = held_line(self)
        if not line:
            return STAY
        refusal = Refusal(reason=order.reason, prompt=order.prompt)
        outcome = Outcome.ANSWERED if self.journal.connected else Outcome.REFUSED
        phones = [port for port in self.parties.here() if self.parties.legs[port].kind != "line"]
        if not phones:
            return self._end(outcome, Side.SYSTEM, ClearedBy.ROUTING, now_ms, line, order.reason)
        self.do(*self.parties.bridge.clear())
        if self.journal.recording:
            self.do(StopRecording(recording=self.journal.recording))
        for port in tuple(self.parties.legs):
            if port != phones[0]:
                self.do(*self.parties.end(port, LegEnd.CLEARED, now_ms))
        return self._say_why(refusal, outcome, phones[0], now_ms)
