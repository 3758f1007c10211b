"""One exchange line's jack: ringing and caller identity, seizing, dialling, answer and clear.

Told line and sound events and a call's orders, it answers with commands for lined and events for
calls. What an analog line says is mostly guesswork, so every guess is named as one: an answer by
reversal is a fact, any other an estimate; a clear carries the sign by which it was known.

Glare, the incoming call on a line we are seizing, is seen in two ways: ring voltage reported while
seizing, or a voice where dial tone should be. The caller is on the line already, so he comes
first: the line goes on as his answered call and the outgoing one looks for another.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from drivers.line import (
    ChipReset,
    DialPulses,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    PortFailed,
    PulsesSent,
    Release,
    RingStarted,
    Seize,
)
from firmware.core.commands import Listen, MeasureLine, SendDigits
from firmware.core.country import Country
from firmware.core.events import (
    CallerIdHeard,
    DigitHeard,
    DigitsSent,
    FaxToneHeard,
    LineMeasured,
    SpeechHeard,
    ToneEnded,
    ToneHeard,
)
from firmware.core.fsm import STAY, Machine, Table
from firmware.core.log_entries import AnsweredBy, ClearedBy
from firmware.core.port_events import (
    AnswerDue,
    AnswerLine,
    Attend,
    CallerIdentified,
    Dial,
    Digit,
    DigitsOut,
    FarSideAnswers,
    FarSideBusy,
    FarSideCleared,
    Glare,
    LineRings,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
    TakeLine,
    TestLine,
)
from firmware.core.ring_window import RingsWanted
from firmware.core.settings import Line
from firmware.core.timers import Times
from firmware.port.fxo_states import FXO_PORT
from firmware.port.line_doctor import CLEAR_TONES, GAP_CONFIRM_MS, LineDoctor

__all__ = ["CLEAR_TONES", "FxoPort"]

REFUSAL_TONES: Final = frozenset({"busy", "congestion", "special_information"})
IDENTITY_VALID_MS: Final = 10_000
"""An identity sent before the ring belongs to a ring within this time. EN 300 659-1 clause 6.2.2
puts the first ring 200 to 500 ms behind the data; DTMF senders take up to some seconds."""


class FxoPort(Machine):
    """One exchange line. ``line`` is how the office set it; a change counts from the next event."""

    __slots__ = (
        "_answered_by",
        "_attending",
        "_before",
        "_bursts",
        "_confirm_ms",
        "_due",
        "_identity_kept",
        "_outgoing",
        "_quiet_ms",
        "_sign",
        "_sign_detail",
        "_since_ms",
        "_sounds",
        "_voice",
        "_wanted",
        "country",
        "doctor",
        "line",
        "lost_because",
        "port",
    )
    TABLE: ClassVar[Table] = FXO_PORT

    def __init__(
        self,
        line: Line,
        country: Country,
        times: Times | None = None,
        doctor: LineDoctor | None = None,
    ) -> None:
        super().__init__(times)
        self.doctor = doctor or LineDoctor()
        self.port = line.port
        self.line = line
        self.country = country
        self.lost_because = "the port has not reported yet"
        self._bursts = 0
        self._wanted = 0  # rings that whoever answers wants to hear first
        self._due = False
        self._identity_kept: CallerIdHeard | None = None
        self._attending = False
        self._outgoing = False
        self._answered_by: AnsweredBy | None = None
        self._since_ms = 0  # start of the connection, for the guard against early reversals
        self._quiet_ms = 0
        self._voice = False
        self._sounds = 0  # beginnings of sound while dial tone is waited for
        self._before = "connected"  # where the line was when its current stopped
        self._sign = ClearedBy.TONE  # what is to be confirmed, and how it is called in the record
        self._sign_detail = ""
        self._confirm_ms = 0

    @property
    def label(self) -> str:
        """The jack's name."""
        return self.port

    @property
    def free(self) -> bool:
        """A call to the outside may take the line now."""
        return self.state == "idle"

    def place(
        self,
        state: str,
        now_ms: int,
        *,
        outgoing: bool = False,
        answered_by: AnsweredBy | None = None,
    ) -> list[Any]:
        """Put the port into the state a snapshot shows; what it listens for comes back."""
        self._outgoing = outgoing
        self._answered_by = answered_by
        self._since_ms = now_ms
        self._quiet_ms = 0
        self._attending = False
        self.doctor.begin(now_ms)
        self.resume(state, now_ms)
        if self._state.enter is not None and self._state.enter.startswith("_listen"):
            self._run(self._state.enter, now_ms)
        return self._taken()

    def handle(self, event: Any, now_ms: int) -> list[Any]:
        """Deal with one event; the line's doctor sees it first."""
        self.doctor.watch.see(event)
        return super().handle(event, now_ms)

    def rings_found(self, now_ms: int) -> list[Any]:
        """A burst was on the line when the box began to look."""
        return self.handle(RingStarted(port=self.port, at_ms=now_ms), now_ms)

    # --- entering ---------------------------------------------------------------------------------

    def _listen_idle(self, _now_ms: int) -> None:
        self._attending = False
        self.do(Listen(port=self.port, caller_id=self._before_ring()))

    def _listen_progress(self, _now_ms: int) -> None:
        self.do(Listen(port=self.port, progress=True, speech=True))

    def _listen_connected(self, _now_ms: int) -> None:
        self.do(Listen(port=self.port, digits=self._attending, progress=True, speech=True))

    def _release(self, _now_ms: int) -> None:
        self.do(Release(port=self.port), Listen(port=self.port))

    # --- idle and ringing -------------------------------------------------------------------------

    def _before_ring(self) -> bool:
        return any(scheme.endswith("before_ring") for scheme in self.country.caller_id_in)

    def _between_rings(self) -> bool:
        return any(scheme.endswith("between_rings") for scheme in self.country.caller_id_in)

    def _identity_before_ring(self, event: CallerIdHeard, _now_ms: int) -> str:
        self._identity_kept = event
        return STAY

    def _rings(self, event: RingStarted, _now_ms: int) -> str:
        self._bursts = self._wanted = 0
        self._due = False
        self._outgoing = False
        self.do(LineRings(port=self.port, at_ms=event.at_ms))
        kept, self._identity_kept = self._identity_kept, None
        if kept is not None and event.at_ms - kept.at_ms <= IDENTITY_VALID_MS:
            self._say_identity(kept)
        self.do(Listen(port=self.port, caller_id=True))
        return "ring_on"

    def _identity(self, event: CallerIdHeard, _now_ms: int) -> str:
        self._say_identity(event)
        if self.state == "ring_pause":
            self._answer_if_due(event.at_ms, identity=True)
        return STAY

    def _say_identity(self, event: CallerIdHeard) -> None:
        self.doctor.prove("caller_id", event.method)
        self._identity_kept = event
        self.do(
            CallerIdentified(
                port=self.port,
                at_ms=event.at_ms,
                kind=event.kind.value,
                number=event.number,
                name=event.name,
                method=event.method,
            )
        )

    def _rings_wanted(self, order: RingsWanted, _now_ms: int) -> str:
        self._wanted = order.bursts
        return STAY

    def _ring_counted(self, _event: Any, now_ms: int) -> str:
        self._bursts += 1
        self._answer_if_due(now_ms, identity=self._identity_kept is not None)
        return "ring_pause"

    def _answer_if_due(self, at_ms: int, *, identity: bool) -> None:
        chance_over = identity or self._bursts > 1 or not self._between_rings()
        enough = self._bursts >= max(self.line.answer_after_bursts, self._wanted)
        if not self._due and enough and chance_over:
            self._due = True
            self.do(AnswerDue(port=self.port, at_ms=at_ms))

    def _ceased(self, _event: Any, now_ms: int) -> str:
        self._identity_kept = None
        self.do(RingingCeased(port=self.port, at_ms=now_ms))
        return "idle"

    def _answer(self, _order: AnswerLine, now_ms: int) -> str:
        self._attending = False
        self._begin(now_ms)
        self.do(Seize(port=self.port))
        return "connected"

    def _begin(self, now_ms: int) -> None:
        self._identity_kept = None
        self._since_ms = now_ms
        self._quiet_ms = 0
        self._voice = True  # the watchdog's time begins with the next look
        self.doctor.begin(now_ms)

    # --- seizing and dialling ---------------------------------------------------------------------

    def _take(self, _order: TakeLine, _now_ms: int) -> str:
        self._outgoing = True
        self._answered_by = None
        self._attending = False
        self._voice = False
        self._sounds = 0
        self._identity_kept = None
        self.do(Seize(port=self.port), Listen(port=self.port, progress=True, speech=True))
        return "seizing"

    def _test(self, _order: TestLine, _now_ms: int) -> str:
        pulse = self.line.dialling == "pulse"
        fit = self.doctor.fit
        self.do(
            MeasureLine(port=self.port, pulse=pulse, termination=fit.termination, hybrid=fit.hybrid)
        )
        return "testing"

    def _measured(self, _event: LineMeasured, _now_ms: int) -> str:
        return "guarding"

    def _tone_while_seizing(self, event: ToneHeard, _now_ms: int) -> str:
        self.doctor.watch.dial_tone(event)
        if event.tone == "dial":
            self.doctor.prove("seize", event.tone)
            self._voice = False
            return "ready"
        if event.tone in REFUSAL_TONES:
            reason = f"{self.port} gives {event.tone} instead of dial tone"
            self.do(SeizureFailed(port=self.port, at_ms=event.at_ms, reason=reason))
            return "refused"
        return STAY

    def _voice_while_seizing(self, _event: SpeechHeard, now_ms: int) -> str:
        # A dial tone that the profile does not know begins once and then is steady; listening
        # anew takes it for the floor. A voice comes again.
        self._sounds += 1
        self._voice = self._sounds > 1
        if not self._voice:
            self._listen_progress(now_ms)
        return STAY

    def _no_dial_tone(self, _event: Any, now_ms: int) -> str:
        if self._voice:
            return self._give_way(now_ms)
        if not self.line.wait_for_dial_tone:
            return "ready"
        reason = f"{self.port} gave no dial tone within {self.times['dial_tone_wait']} ms"
        self.do(SeizureFailed(port=self.port, at_ms=now_ms, reason=reason))
        return "refused"

    def _glare(self, event: RingStarted, _now_ms: int) -> str:
        return self._give_way(event.at_ms)

    def _give_way(self, at_ms: int) -> str:
        self._outgoing = False
        self._begin(at_ms)
        self.do(Glare(port=self.port, at_ms=at_ms))
        return "connected"

    def _ready(self, _event: Any, now_ms: int) -> str:
        self.do(ReadyToDial(port=self.port, at_ms=now_ms))
        return "await_digits"

    def _dial(self, order: Dial, _now_ms: int) -> str:
        if self.line.dialling == "pulse":
            pulses = "".join(digit for digit in order.digits if digit.isdigit())
            hook = self.country.hook
            self.do(
                DialPulses(
                    port=self.port,
                    digits=pulses,
                    break_ms=hook.pulse_out_ms[0],
                    make_ms=hook.pulse_out_ms[1],
                    inter_digit_ms=hook.inter_digit_out_ms,
                )
            )
        else:
            self.do(SendDigits(port=self.port, digits=order.digits))
        return "dialling"

    def _dialled(self, event: DigitsSent | PulsesSent, _now_ms: int) -> str:
        self.do(DigitsOut(port=self.port, at_ms=event.at_ms))
        return "progress"

    def _not_dialled(self, _event: Any, now_ms: int) -> str:
        reason = f"{self.port} was not dialled within {self.times['dialling_limit']} ms"
        self.do(SeizureFailed(port=self.port, at_ms=now_ms, reason=reason))
        return "refused"

    # --- waiting for the answer -------------------------------------------------------------------

    def _tone_in_progress(self, event: ToneHeard, _now_ms: int) -> str:
        if event.tone == "ringback":
            return STAY if self.state == "ringback" else "ringback"
        if event.tone in REFUSAL_TONES:
            self.do(FarSideBusy(port=self.port, at_ms=event.at_ms, tone=event.tone))
            return "refused"
        return STAY

    def _reversal_answers(self, event: PolarityReversed, _now_ms: int) -> str:
        if not self.line.answer_by_reversal:
            return STAY
        return self._answered(AnsweredBy.REVERSAL, event.at_ms)

    def _ringback_ended(self, event: ToneEnded, _now_ms: int) -> str:
        return "maybe_answered" if event.tone == "ringback" else STAY

    def _voice_answers(self, event: SpeechHeard, _now_ms: int) -> str:
        return self._answered(AnsweredBy.SPEECH, event.at_ms)

    def _machine_answers(self, event: FaxToneHeard, _now_ms: int) -> str:
        if event.kind == "cng":
            return STAY  # somebody else's caller
        return self._answered(AnsweredBy.MACHINE, event.at_ms)

    def _silence_answers(self, _event: Any, now_ms: int) -> str:
        return self._answered(AnsweredBy.TONE_ENDED, now_ms)

    def _answer_assumed(self, _event: Any, now_ms: int) -> str:
        return self._answered(AnsweredBy.TIMER, now_ms)

    def _answered(self, by: AnsweredBy, at_ms: int) -> str:
        self._answered_by = by
        self._begin(at_ms)
        self.doctor.prove("dial", by.value)
        self.do(FarSideAnswers(port=self.port, at_ms=at_ms, by=by))
        return "connected"

    def _rang_too_long(self, _event: Any, now_ms: int) -> str:
        return self._cleared(ClearedBy.TIMER, now_ms, "nobody answered", "refused")

    # --- connected --------------------------------------------------------------------------------

    def _attend(self, order: Attend, now_ms: int) -> str:
        self._attending = order.digits
        if self.state == "connected":
            self._listen_connected(now_ms)
        return STAY

    def _key(self, event: DigitHeard, _now_ms: int) -> str:
        self.do(Digit(port=self.port, at_ms=event.at_ms, digit=event.digit))
        return STAY

    def _tone_in_call(self, event: ToneHeard, now_ms: int) -> str:
        if "tone" not in self.line.clear:
            return STAY
        confirm_ms = self.doctor.tone(event)
        if confirm_ms is None:
            # Learned or not, whether anybody speaks after it is worth knowing.
            self._listen_connected(now_ms)
            return STAY
        hertz = "+".join(f"{f:.0f}" for f in event.frequency_hz)
        cadence = "/".join(str(ms) for ms in event.cadence_ms)
        detail = " ".join(part for part in (event.tone, hertz, cadence) if part)
        self._doubt(ClearedBy.TONE, detail, confirm_ms)
        return "clear_heard"

    def _doubt(self, sign: ClearedBy, detail: str, confirm_ms: int) -> None:
        self._sign = sign
        self._sign_detail = detail
        self._confirm_ms = confirm_ms

    def _confirm(self, now_ms: int) -> None:
        self._deadline = now_ms + self._confirm_ms
        self._listen_connected(now_ms)

    def _tone_goes_on(self, _event: ToneHeard, _now_ms: int) -> str:
        return STAY

    def _tone_over(self, event: ToneEnded, _now_ms: int) -> str:
        self.doctor.tone_over(event)
        waits = self.state == "clear_heard" and self._sign is ClearedBy.TONE
        return "connected" if waits else STAY

    def _false_alarm(self, event: SpeechHeard | DigitHeard, _now_ms: int) -> str:
        self._sound(event, event.at_ms)
        # Disarmed and armed again, so that a tone that goes on is reported anew.
        self.do(Listen(port=self.port))
        return "connected"

    def _key_behind_sign(self, event: DigitHeard, now_ms: int) -> str:
        self._key(event, now_ms)
        return self._false_alarm(event, now_ms)

    def _confirmed(self, _event: Any, now_ms: int) -> str:
        return self._cleared(self._sign, now_ms, self._sign_detail)

    def _left(self, _order: Any, _now_ms: int) -> str:
        self.doctor.left()
        return "guarding"

    def _reversal_clears(self, event: PolarityReversed, _now_ms: int) -> str:
        if (
            self._outgoing
            and self.line.answer_by_reversal
            and self._answered_by is not AnsweredBy.REVERSAL
        ):
            # What was taken for the answer was an estimate; this is the answer itself.
            self._answered(AnsweredBy.REVERSAL, event.at_ms)
            return STAY
        early = event.at_ms - self._since_ms < self.times["reversal_guard"]
        if early or "reversal" not in self.line.clear:
            return STAY
        return self._cleared(ClearedBy.REVERSAL, event.at_ms)

    def _sound(self, event: SpeechHeard | DigitHeard | FaxToneHeard, _now_ms: int) -> str:
        self._quiet_ms = 0
        self._voice = True
        self.doctor.spoke(event.at_ms)
        return STAY

    def _look_for_sound(self, _event: Any, now_ms: int) -> str:
        look_ms = self.times["silence_look"]
        self._quiet_ms = 0 if self._voice else self._quiet_ms + look_ms
        self._voice = False
        if "silence" in self.line.clear and self._quiet_ms >= self.times["silence_clear"]:
            return self._cleared(ClearedBy.SILENCE, now_ms, f"{self._quiet_ms} ms of silence")
        # A voice may have been heard at the beginning of its look: the line is free in time.
        if self._quiet_ms + 2 * look_ms > self.times["line_watchdog"]:
            detail = f"nobody was heard for {self._quiet_ms} ms: freed by the watchdog"
            return self._cleared(ClearedBy.TIMER, now_ms, detail)
        self._listen_connected(now_ms)
        return "connected"

    # --- loop current -----------------------------------------------------------------------------

    def _current_lost(self, _event: LoopCurrentLost, _now_ms: int) -> str:
        self._before = "connected" if self.state == "clear_heard" else self.state
        return "loop_lost"

    def _current_back(self, event: LoopCurrentReturned, _now_ms: int) -> str:
        if "loop_break" not in self.line.clear:
            return self._before
        usual_ms = self.times["loop_break"]
        if self._before != "connected":
            over = event.gap_ms >= usual_ms and self.state == "loop_lost"
            return self._broken(event.gap_ms, event.at_ms) if over else self._before
        match self.doctor.gap(event.gap_ms, usual_ms, event.at_ms):
            case "clear":
                return self._broken(event.gap_ms, event.at_ms)
            case "confirm":
                self._doubt(ClearedBy.LOOP_BREAK, f"{event.gap_ms} ms", GAP_CONFIRM_MS)
                return "clear_heard"
            case "ignore":
                return self._before

    def _loop_broken(self, _event: Any, now_ms: int) -> str:
        gap_ms = self.times["loop_break"]
        if "loop_break" not in self.line.clear:
            return "without_current"
        if self._before == "connected" and self.doctor.gap(gap_ms, gap_ms, now_ms) != "clear":
            return "without_current"  # such breaks have ended no call here; a long one will
        return self._broken(gap_ms, now_ms, detail="")

    def _loop_gone(self, _event: Any, now_ms: int) -> str:
        if "loop_break" not in self.line.clear:
            return STAY
        return self._broken(self.times["loop_gone"], now_ms)

    def _broken(self, gap_ms: int, at_ms: int, detail: str | None = None) -> str:
        said = f"{gap_ms} ms" if detail is None else detail
        return self._cleared(ClearedBy.LOOP_BREAK, at_ms, said)

    def _tone_without_current(self, event: ToneHeard, _now_ms: int) -> str:
        # A line without current carries no voice: nothing is to be waited for.
        if self._before != "connected" or "tone" not in self.line.clear:
            return STAY
        if event.tone not in CLEAR_TONES:
            return STAY
        return self._cleared(ClearedBy.TONE, event.at_ms, event.tone)

    def _dial_without_current(self, order: Dial, now_ms: int) -> str:
        self._before = self._dial(order, now_ms)
        return STAY

    def _sent_without_current(self, event: DigitsSent | PulsesSent, now_ms: int) -> str:
        if self._before == "dialling":
            self._before = self._dialled(event, now_ms)
        return STAY

    # --- the end ----------------------------------------------------------------------------------

    def _cleared(self, by: ClearedBy, at_ms: int, detail: str = "", state: str = "cleared") -> str:
        if state == "cleared":
            self.doctor.cleared(by, at_ms)
        self.do(FarSideCleared(port=self.port, at_ms=at_ms, by=by, detail=detail))
        return state

    def _lost(self, event: PortFailed | ChipReset, _now_ms: int) -> str:
        self.lost_because = "the chip was reset"
        if isinstance(event, PortFailed):
            self.lost_because = event.reason
        self._identity_kept = None
        self.do(PortLost(port=self.port, at_ms=event.at_ms, reason=self.lost_because))
        return "out_of_service"
