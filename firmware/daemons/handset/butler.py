"""Looks after callers on hold, silent calls and the length of conversations; one for the office.

It watches calls from outside and speaks to ports; a call knows nothing of it. The timing of each
part is in ``firmware.call`` (hold_care, silent_call, talk_time).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from firmware.call.call import Call
from firmware.call.hold_care import Due, HoldCare
from firmware.call.orders import GoBack, Served, UseService
from firmware.call.room import GiveWay
from firmware.call.session import ParkHeld, Session
from firmware.call.silent_call import Act, Kind, SilentCall
from firmware.call.talk_time import TalkTime
from firmware.core.acd_entries import TaskKind, TaskOpened
from firmware.core.commands import Play, SetBridge
from firmware.core.desk_entries import TicketWanted
from firmware.core.events import FaintRaised
from firmware.core.fsm import earliest
from firmware.core.log_entries import CallMarked, ClearedBy
from firmware.core.port_events import Attend, Digit, FarSideCleared
from firmware.core.settings import Settings, extension_at
from firmware.core.timers import Times
from firmware.daemons.handset.dialogs import comfort_key
from firmware.daemons.handset.front import Front
from firmware.daemons.handset.handsets import Handsets
from ivr.speech import say_digits, say_duration

MUSIC: Final = "music/default"
BEEP: Final = "music/beep"
CODES: Final = ("hold_minutes", "silent_call", "faint_call", "reference")
LOUDER_DB: Final = (3.0, 6.0)  # what a faint caller gets first, for this call
SILENCE_STEP_MS: Final = 5_000  # how often a silence that goes on is told
RAISED: Final = (
    "对方声音小（{level:.0f} dBm0），已提高 {gain:.0f} dB",
    "the far side is faint ({level:.0f} dBm0), raised by {gain:.0f} dB",
)
QUIET_PHONE: Final = ("lifted", "calling", "progress", "talking")
"""States of the call a user is in where a beep disturbs no sentence."""


class _Routine:
    """A silent call under way."""

    __slots__ = ("call", "line", "steps", "user")

    def __init__(self, call: str, line: str, user: str, steps: SilentCall) -> None:
        self.call = call
        self.line = line
        self.user = user
        self.steps = steps


class Butler:
    """Holds, silent calls and talk time of all calls."""

    def __init__(self, office: Front, handsets: Handsets) -> None:
        self._office = office
        self._handsets = handsets
        self.own_prompt: Callable[[str, str], bool] = lambda _language, _key: False
        self.reference_of: Callable[[str], tuple[str, bool]] = lambda _call: ("", False)
        self.cared: Callable[[Call], bool] = lambda _call: False  # he needs care
        self.times_of: Callable[[Call, Times], Times] = lambda _call, times: times
        self._settings = Settings()
        self._times = self._settings.times()
        self._holds: dict[str, HoldCare] = {}
        self._talks: dict[str, TalkTime] = {}
        self._routines: dict[str, _Routine] = {}
        self._leaving: dict[str, str] = {}  # play-out behind which a call is cleared, to the call
        self._louder: dict[str, tuple[str, float]] = {}  # line to call and gain
        self._raised: dict[str, tuple[str, FaintRaised]] = {}  # line to call, and how much
        self._said = 0

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """The earliest of everything that is looked after."""
        holds = (care.next_deadline() for care in self._holds.values())
        talks = (talk.next_deadline() for talk in self._talks.values())
        routines = (routine.steps.next_deadline() for routine in self._routines.values())
        return earliest(*holds, *talks, *routines)

    def settle(self, settings: Settings, times: Times, now_ms: int) -> None:
        """See who is on hold, who talks, and who is gone."""
        self._settings, self._times = settings, times
        calls = self._office.calls_by_id
        self.forget_gone()
        self._louder = {line: what for line, what in self._louder.items() if what[0] in calls}
        self._raised = {line: what for line, what in self._raised.items() if what[0] in calls}
        self._leaving = {play: call for play, call in self._leaving.items() if call in calls}
        for call_id, call in calls.items():
            if call.state != "held" or not _waiting_line(call):
                self._holds.pop(call_id, None)
            elif call_id not in self._holds:
                self._holds[call_id] = HoldCare(now_ms, self.times_of(call, times))
            if call.state != "parked":
                self._routines.pop(call_id, None)
            talks = call.state == "talking" and call.parties.line() is not None
            wanted = settings.talk_tones and call_id not in self._talks
            if talks and wanted and not self.cared(call):
                self._talks[call_id] = TalkTime(now_ms, times)

    def forget_gone(self) -> None:
        """Look after no call that is not up any more."""
        calls = self._office.calls_by_id
        for kept in (self._holds, self._talks, self._routines):
            for call_id in [call_id for call_id in kept if call_id not in calls]:
                del kept[call_id]

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Do what is due."""
        calls = self._office.calls_by_id
        for call_id, care in list(self._holds.items()):
            for due in care.advance(now_ms) if care.next_deadline() <= now_ms else ():
                self._care(calls[call_id], due, now_ms, out)
        for call_id, talk in list(self._talks.items()):
            for name in talk.advance(now_ms):
                self._remind(calls[call_id], name, now_ms, out)
        for routine in list(self._routines.values()):
            self._step(routine, routine.steps.advance(now_ms), now_ms, out)

    # --- what is heard ----------------------------------------------------------------------------

    def played(self, play: str, now_ms: int, out: list[Any]) -> bool:
        """Whether a sentence of ours is over; behind it there is music, or an end."""
        call_id, _, name = play.rpartition("-")
        if not name.startswith("care"):
            return False
        call = self._office.calls_by_id.get(call_id)
        if call is None:
            return True
        if play in self._leaving:
            cleared = FarSideCleared(
                port=_waiting_line(call) or call.origin,
                at_ms=now_ms,
                by=ClearedBy.FLOW,
                detail="asked to be called back",
            )
            self._office.carry_out(call.handle(cleared, now_ms), now_ms, out)
        elif call_id in self._routines:
            routine = self._routines[call_id]
            self._step(routine, routine.steps.said(now_ms), now_ms, out)
        elif call_id in self._holds:
            self._play(call, _waiting_line(call), (MUSIC,), out, loop=True)
        return True

    def heard(self, port: str, now_ms: int, out: list[Any]) -> None:
        """Somebody speaks on a line."""
        for routine in list(self._routines.values()):
            if routine.line == port:
                self._step(routine, routine.steps.heard(), now_ms, out)

    def silent(self, port: str, lasted_ms: int, now_ms: int, out: list[Any]) -> None:
        """Nobody has spoken in a conversation for so long; told every few seconds of a silence."""
        call = self._office.call_at(port)
        wanted = self._settings.silence_tone and call is not None and call.state == "talking"
        late_ms = lasted_ms - self._times["talk_silence"]
        if not wanted or call is None or not 0 <= late_ms < SILENCE_STEP_MS:
            return
        phones = [port for port in call.parties.here() if call.parties.legs[port].kind != "line"]
        if call.parties.line() is not None and phones:
            self._mark(call, "silence", phones[0], now_ms, out)
            for phone in phones:
                self._beep(phone, out)

    def raised(self, event: FaintRaised, now_ms: int, out: list[Any]) -> None:
        """A faint far side was made louder by itself: people see it, the record is marked once."""
        call = self._office.call_at(event.port)
        if call is None:
            return
        before = self._raised.get(event.port)
        self._raised[event.port] = (call.call, event)
        if before is None or before[0] != call.call:
            self._mark(call, "faint_raised", event.port, now_ms, out)

    def detail(self, port: str, language: str = "") -> str:
        """What is done about the far side of a line at this moment, empty for nothing."""
        _, event = self._raised.get(port, ("", None))
        if event is None or event.gain_db <= 0.0:
            return ""
        chinese = (language or self._settings.language).startswith("zh")
        sentence = RAISED[0 if chinese else 1]
        return sentence.format(level=event.level_dbm0, gain=event.gain_db)

    def key(self, event: Digit, now_ms: int, out: list[Any]) -> bool:
        """Whether a caller on hold asked to be called back."""
        for call_id, care in self._holds.items():
            call = self._office.calls_by_id[call_id]
            if care.offered and event.digit == "1" and _waiting_line(call) == event.port:
                self._call_back(call, now_ms, out)
                return True
        return False

    def louder(self, bridge: SetBridge) -> SetBridge:
        """The bridge, with what a faint caller gets for his call."""
        parties = tuple(
            msgspec.structs.replace(party, gain_db=party.gain_db + self._gain_db(party.port))
            for party in bridge.parties
        )
        return msgspec.structs.replace(bridge, parties=parties)

    def _gain_db(self, line: str) -> float:
        return self._louder.get(line, ("", 0.0))[1]

    # --- codes ------------------------------------------------------------------------------------

    def asked(
        self, order: UseService, settings: Settings, times: Times, now_ms: int, out: list[Any]
    ) -> None:
        """A code of ``CODES`` was dialled; the handset hears what came of it."""
        self._settings, self._times = settings, times
        asking = self._office.calls_by_id[order.call]
        found = self._serve(order.port, order.service, order.arguments, now_ms, out)
        extension = extension_at(settings, order.port)
        language = (extension.language if extension else "") or settings.language
        said = tuple(f"{language}/{key}" for key in found or ("hold-none",))
        served = Served(prompts=said, done=found is not None)
        self._office.carry_out(asking.handle(served, now_ms), now_ms, out)

    def _serve(
        self, port: str, service: str, arguments: Sequence[str], now_ms: int, out: list[Any]
    ) -> tuple[str, ...] | None:
        """Do what a code asks; the sentences for the handset, None if nobody is held."""
        session = self._handsets.sessions.get(port)
        call = session.held if session is not None else None
        line = _waiting_line(call) if call is not None else ""
        if session is None or call is None or not line:
            return None
        if service == "hold_minutes":
            return self._offer(call, line, int(arguments[0]), now_ms, out)
        if service == "reference":
            return self._tell_reference(call, line, port, now_ms, out)
        if service == "faint_call" and (gain_db := self._next_gain(line)) is not None:
            self._louder[line] = (call.call, gain_db)
            self._mark(call, "faint", port, now_ms, out)
            return ("done",)
        self._mark(call, "silent" if service == "silent_call" else "faint", port, now_ms, out)
        kind: Kind = "silent" if service == "silent_call" else "faint"
        self._begin(
            session, call, line, SilentCall(kind, self.times_of(call, self._times)), now_ms, out
        )
        return ("done",)

    def _next_gain(self, line: str) -> float | None:
        now_db = self._gain_db(line)
        return next((db for db in LOUDER_DB if db > now_db), None)

    def _offer(
        self, call: Call, line: str, minutes: int, now_ms: int, out: list[Any]
    ) -> tuple[str, ...]:
        language = call.language
        keys = ("hold-minutes-before", *say_duration(60 * minutes, language), "hold-offer-callback")
        care = self._holds[call.call]
        care.offered = True
        care.spoken_to(now_ms)
        self._say(call, line, keys, out)
        self._office.carry_out([Attend(port=line, digits=True)], now_ms, out)
        return ("done",)

    def _tell_reference(
        self, call: Call, line: str, port: str, now_ms: int, out: list[Any]
    ) -> tuple[str, ...]:
        """The caller hears the number of his ticket twice; it is opened with that, if need be."""
        reference, is_new = self.reference_of(call.call)
        if not reference:
            return ("code-not-now",)
        if is_new:
            extension = extension_at(self._settings, port)
            number = extension.number if extension else ""
            out.append(TicketWanted(call=call.call, at_ms=now_ms, extension=number))
        digits = say_digits(reference, call.language)
        self._holds[call.call].spoken_to(now_ms)
        self._say(call, line, ("reference-before", *digits, "reference-repeat", *digits), out)
        return ("done",)

    def _begin(
        self,
        session: Session,
        call: Call,
        line: str,
        steps: SilentCall,
        now_ms: int,
        out: list[Any],
    ) -> None:
        parked = session.handle(ParkHeld(place="silent"), now_ms)
        self._office.carry_out(parked, now_ms, out)
        self._routines[call.call] = _Routine(call.call, line, session.port, steps)
        self._step(self._routines[call.call], steps.begin(now_ms), now_ms, out)

    # --- doing ------------------------------------------------------------------------------------

    def _care(self, call: Call, due: Due, now_ms: int, out: list[Any]) -> None:
        line = _waiting_line(call)
        if due is Due.REMIND:
            self._beep(self._holder(call), out)
            return
        if due is Due.APOLOGISE:
            self._mark(call, "held_long", self._holder(call), now_ms, out)
        comfort = due is Due.COMFORT
        self._say(call, line, (self._comfort(call) if comfort else "hold-apology",), out)

    def _comfort(self, call: Call) -> str:
        """The sentence of whoever holds the caller, where he has recorded one."""
        extension = extension_at(self._settings, self._holder(call))
        own = comfort_key(extension.number) if extension is not None else ""
        return own if own and self.own_prompt(call.language, own) else "hold-comfort"

    def _remind(self, call: Call, name: str, now_ms: int, out: list[Any]) -> None:
        phones = [port for port in call.parties.here() if call.parties.legs[port].kind != "line"]
        if name == "talk_limit":
            self._mark(call, "talked_long", next(iter(phones), ""), now_ms, out)
        if call.state == "talking":
            for port in phones:
                self._beep(port, out)

    def _step(self, routine: _Routine, step: str | Act | None, now_ms: int, out: list[Any]) -> None:
        call = self._office.calls_by_id.get(routine.call)
        if call is None or step is None:
            return
        match step:
            case str():
                self._say(call, routine.line, (step,), out)
            case Act.LISTEN:
                # The line listens anew from here: its own sentence is no speech.
                self._office.carry_out([Attend(port=routine.line, digits=False)], now_ms, out)
            case Act.BRING_BACK:
                back = call.handle(GoBack(port=routine.user), now_ms)
                self._office.carry_out(back, now_ms, out)
            case Act.CLEAR:
                order = GiveWay(reason="nothing was heard", prompt="silent-ended")
                self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    def _call_back(self, call: Call, now_ms: int, out: list[Any]) -> None:
        holder = self._holder(call)
        extension = extension_at(self._settings, holder)
        caller = call.journal.caller
        self._holds.pop(call.call)
        out.append(
            TaskOpened(
                call=call.call,
                at_ms=now_ms,
                task=f"{call.call}-callback",
                kind=TaskKind.CALLBACK,
                number=caller.number if caller else call.journal.digits,
                agent=extension.number if extension else "",
            )
        )
        play = self._say(call, _waiting_line(call), ("callback-booked",), out)
        self._leaving[play] = call.call
        if self._quiet(holder):
            language = self._settings.language
            said = (f"{language}/hold-callback-booked",)
            out.append(Play(port=holder, play=f"{call.call}-told", prompts=said))

    def _holder(self, call: Call) -> str:
        sessions = self._handsets.sessions.items()
        return next((port for port, session in sessions if session.held is call), "")

    def _quiet(self, port: str) -> bool:
        """Whether nothing is being said to a telephone that the box says."""
        session = self._handsets.sessions.get(port)
        active = session.active if session is not None else self._office.call_at(port)
        return bool(port) and (active is None or active.state in QUIET_PHONE)

    def _beep(self, port: str, out: list[Any]) -> None:
        if self._quiet(port):
            self._said += 1
            out.append(Play(port=port, play=f"beep-{self._said}", prompts=(BEEP,)))

    def _mark(self, call: Call, mark: str, port: str, now_ms: int, out: list[Any]) -> None:
        extension = extension_at(self._settings, port)
        number = extension.number if extension else ""
        entry = CallMarked(call=call.call, at_ms=now_ms, mark=mark, extension=number)
        self._office.carry_out([entry], now_ms, out)

    def _say(self, call: Call, port: str, keys: Sequence[str], out: list[Any]) -> str:
        """To a caller, in the language he chose."""
        return self._play(call, port, tuple(f"{call.language}/{key}" for key in keys), out)

    def _play(
        self, call: Call, port: str, prompts: tuple[str, ...], out: list[Any], *, loop: bool = False
    ) -> str:
        self._said += 1
        play = f"{call.call}-care{self._said}"
        out.append(Play(port=port, play=play, prompts=prompts, loop=loop))
        return play


def _waiting_line(call: Call) -> str:
    """The exchange line that waits alone in a call, empty if it is not so."""
    here = call.parties.here()
    return here[0] if len(here) == 1 and call.parties.legs[here[0]].kind == "line" else ""
