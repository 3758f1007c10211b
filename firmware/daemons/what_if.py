"""A call that never was: what a caller would hear and who would ring, at any time of any day.

The rehearsal is played by the office itself, a second one that has the same settings and no wires,
on a clock of its own: so what it tells is what would happen. Nobody lifts a telephone unless it is
said who; other machines are not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from drivers.line import LoopClosed, LoopCurrentLost, RingStarted, RingStopped, Seize, port_kind
from firmware.call.hours import zone_of
from firmware.control.messages import (
    AskWhatIf,
    PortSnapshot,
    Refused,
    RehearsalStep,
    Snapshot,
    WhatIfAnswer,
)
from firmware.core.commands import Play, Ring, SetBridge, StartRecording, StopPlay, StopRecording
from firmware.core.countries import country as country_of
from firmware.core.events import (
    CallerIdHeard,
    DigitHeard,
    IdentityKind,
    PlayFinished,
    RecordingFinished,
)
from firmware.core.fsm import earliest
from firmware.core.ids import counting
from firmware.core.log_entries import CallClosed, MenuLeft
from firmware.core.menu_entries import NodePassed
from firmware.core.settings import Settings, line_at
from firmware.daemons.lobby import OutsideLookUp, Prompts
from firmware.daemons.office import Office
from ivr.orders import LookedUp

BURST_MS: Final = 1_000
PAUSE_MS: Final = 4_000
MOST_BURSTS: Final = 12
"""A caller who is not answered gives up after a minute."""

LIFT_MS: Final = 5_000
MESSAGE_MS: Final = 6_000
KEY_MS: Final = 200
LONGEST_MS: Final = 900_000
WAIT: Final = "-"
"""In the keys: let one wait for a key pass."""


class Rehearsal:
    """One call.

    Args:
        settings: Of the office, in force or not yet.
        number: Who calls, empty for unknown.
        line: The jack he comes in by.
        at: When, aware of its zone.
        keys: What he presses, one after the other, each when he is waited for; ``-`` waits.
        lifted: The extension that answers if it rings, empty for nobody.
        prompts: Which prompts there are.
        length_ms: How long each is.
        calls_before: How often he has called before.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        number: str,
        line: str,
        at: datetime,
        keys: str = "",
        lifted: str = "",
        prompts: Prompts | None = None,
        length_ms: Callable[[str], int] = lambda _name: 2_000,
        calls_before: int = 0,
    ) -> None:
        self._settings = settings
        self._number = number
        self._line = line
        self._keys = list(keys)
        self._lifted = lifted
        self._length_ms = length_ms
        self._calls_before = calls_before
        self._office = Office(settings, country_of(settings.country), counting(), prompts=prompts)
        self._begin_ms = self.now_ms = 1_000_000
        self._due: list[tuple[int, Any]] = []
        self._playing = ""
        self._key_at: int | None = None
        self._skip: int | None = None
        self._recording: dict[str, tuple[StartRecording, int]] = {}
        self.steps: list[RehearsalStep] = []
        self.ended = False
        self._office.tell_time(at, self.now_ms)

    def run(self) -> tuple[RehearsalStep, ...]:
        """From the first ring to the end."""
        ports = [e.port for e in self._settings.extensions]
        ports += [line.port for line in self._settings.lines]
        seen = tuple(
            PortSnapshot(
                port=port, ready=True, chip="si3210" if port_kind(port).value == "fxs" else "si3050"
            )
            for port in ports
        )
        self._take(
            self._office.adopt(
                Snapshot(at_ms=self.now_ms, boot="rehearsal", alone_ms=0, ports=seen),
                (),
                self.now_ms,
            )
        )
        self._ring()
        while not self.ended and self.now_ms < self._begin_ms + LONGEST_MS:
            self._next()
        return tuple(self.steps)

    # --- the world --------------------------------------------------------------------------------

    def _ring(self) -> None:
        self._note("line_rings", self._line)
        for burst in range(MOST_BURSTS):
            begins = self.now_ms + burst * (BURST_MS + PAUSE_MS)
            self._at(begins, RingStarted(port=self._line, at_ms=begins))
            ends = begins + BURST_MS
            self._at(ends, RingStopped(port=self._line, at_ms=ends, duration_ms=BURST_MS))
        kind = IdentityKind.NUMBER if self._number else IdentityKind.UNAVAILABLE
        heard = self.now_ms + BURST_MS + 1_500
        known = CallerIdHeard(port=self._line, at_ms=heard, kind=kind, number=self._number)
        self._at(heard, known)

    def _at(self, due_ms: int, event: Any) -> None:
        self._due.append((due_ms, event))
        self._due.sort(key=lambda due: due[0])

    def _next(self) -> None:
        """The next thing that happens."""
        self._plan_key()
        event_ms = self._due[0][0] if self._due else None
        due_ms = earliest(self._office.next_deadline(), event_ms, self._key_at)
        if due_ms is None:
            self.ended = True
            return
        self.now_ms = max(self.now_ms, due_ms)
        if event_ms is not None and event_ms <= self.now_ms:
            self._happen(self._due.pop(0)[1])
        elif self._key_at is not None and self._key_at <= self.now_ms:
            self._key_at = None
            self._press(self._keys.pop(0))
        else:
            self._take(self._office.advance(self.now_ms))

    def _plan_key(self) -> None:
        """He presses his next key when nothing is said and he is waited for."""
        waits = self._office.waits_for_key()
        if self._skip is not None and waits != self._skip:
            self._skip = None
        if self._key_at is not None or not self._keys or self._playing:
            return
        if waits is None or waits == self._skip or self._recording:
            return
        if self._keys[0] == WAIT:
            self._keys.pop(0)
            self._skip = waits
            self._note("waits", "")
            return
        self._key_at = self.now_ms + KEY_MS

    def _press(self, key: str) -> None:
        self._note("key", key)
        self._happen(DigitHeard(port=self._line, at_ms=self.now_ms, digit=key))

    def _happen(self, event: Any) -> None:
        if isinstance(event, LookedUp):
            call = next(iter(self._office.calls_by_id), "")
            self._take(self._office.looked_up(call, event, self.now_ms))
            return
        if isinstance(event, PlayFinished):
            self._playing = ""
        self._take(self._office.handle(event, self.now_ms))

    # --- what the office does ---------------------------------------------------------------------

    def _take(self, effects: list[Any]) -> None:
        for effect in effects:
            self._see(effect)

    def _see(self, effect: Any) -> None:
        match effect:
            case Seize(port=port) if port == self._line:
                self._due = [
                    d for d in self._due if not isinstance(d[1], RingStarted | RingStopped)
                ]
                self._note("answered", port)
            case Seize(port=port):
                self._note("goes_out", port)
                self.ended = True
            case Play(port=port, play=play, prompts=prompts) if port == self._line:
                self._forget_play()
                self._note("says", "", prompts)
                if effect.loop:
                    return
                self._playing = play
                length_ms = effect.after_ms + sum(self._length_ms(name) for name in prompts)
                over = self.now_ms + length_ms
                self._at(over, PlayFinished(port=port, at_ms=over, play=play))
            case StopPlay(port=port) if port == self._line:
                self._forget_play()
                self._note("stops", "")
            case Ring(port=port):
                number = next((e.number for e in self._settings.extensions if e.port == port), port)
                self._note("rings", number)
                if number == self._lifted:
                    lifts = self.now_ms + LIFT_MS
                    self._at(lifts, LoopClosed(port=port, at_ms=lifts, ring_trip=True))
            case StartRecording(recording=recording) if "-rec" not in recording:
                self._note("records", "")
                self._recording[recording] = (effect, self.now_ms)
                gone = self.now_ms + MESSAGE_MS
                self._at(gone, LoopCurrentLost(port=self._line, at_ms=gone))
            case StopRecording(recording=recording) if recording in self._recording:
                started, since = self._recording.pop(recording)
                over = self.now_ms + 100
                closed = RecordingFinished(
                    port=self._line,
                    at_ms=over,
                    recording=recording,
                    path=started.path,
                    duration_ms=self.now_ms - since,
                )
                self._at(over, closed)
            case SetBridge(parties=parties) if len(parties) > 1:
                self._note("talks", ", ".join(p.port for p in parties if p.port != self._line))
                self.ended = True
            case OutsideLookUp(order=order):
                count = str(self._calls_before)
                row = {"count": count} if order.source == "calls" and self._calls_before else None
                failed = "" if order.source == "calls" else "not asked in a rehearsal"
                self._at(self.now_ms, LookedUp(ask=order.ask, row=row, failed=failed))
            case _:
                self._see_entry(effect)

    def _see_entry(self, effect: Any) -> None:
        match effect:
            case NodePassed(flow=flow, node=node, exit=way):
                self._note("passes", f"{flow}/{node} → {way}")
            case MenuLeft(destination=destination):
                self._note("goes", destination)
            case CallClosed(outcome=outcome):
                self._note("ends", outcome.value)
                self.ended = True
            case _:
                pass

    def _forget_play(self) -> None:
        self._playing = ""
        self._due = [due for due in self._due if not isinstance(due[1], PlayFinished)]

    def _note(self, what: str, detail: str, prompts: tuple[str, ...] = ()) -> None:
        at_ms = self.now_ms - self._begin_ms
        self.steps.append(RehearsalStep(at_ms=at_ms, what=what, detail=detail, prompts=prompts))


def what_if(settings: Settings, **call: Any) -> tuple[RehearsalStep, ...]:
    """The steps of a call that never was; arguments as those of :class:`Rehearsal`."""
    return Rehearsal(settings, **call).run()


def rehearsed(
    request: AskWhatIf,
    settings: Settings,
    wall: datetime,
    prompts: Prompts | None,
    calls_of: Callable[[str, str], int],
) -> WhatIfAnswer | Refused:
    """Rehearse the call that somebody asks for.

    Args:
        request: Number, line, moment and keys; other settings than those in force, if it has any.
        settings: In force.
        wall: UTC now, where no moment is asked for.
        prompts: Which there are, and how long; None where nobody knows.
        calls_of: How often a number has called before, not counting this call.
    """
    try:
        if request.settings is not None:
            settings = msgspec.convert(request.settings, Settings)
        at = datetime.fromisoformat(request.at) if request.at else wall
    except (msgspec.ValidationError, ValueError) as problem:
        return Refused(id="what-if-invalid", message=str(problem))
    if line_at(settings, request.line) is None:
        known = ", ".join(line.port for line in settings.lines)
        message = f"there is no line {request.line}; there are {known}"
        return Refused(id="what-if-invalid", message=message)
    steps = what_if(
        settings,
        number=request.number,
        line=request.line,
        at=at if at.tzinfo else at.replace(tzinfo=zone_of(settings)),
        keys=request.keys,
        lifted=request.lifted,
        prompts=prompts,
        length_ms=prompts.length_ms if prompts else lambda _name: 2_000,
        calls_before=calls_of(request.number, "") if request.number else 0,
    )
    return WhatIfAnswer(steps=steps)
