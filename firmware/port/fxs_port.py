"""One telephone's jack: hook, ringing, dial tone, and the tones of a handset left off its hook.

Told line and sound events and a call's orders, it answers with commands for lined and events for
calls. What is dialled is judged elsewhere; here a key is a key.
"""

from __future__ import annotations

from typing import Any, ClassVar

from drivers.line import ChipReset, LoopClosed, LoopOpened, PortFailed, PortReady, PowerAlarm
from firmware.core.commands import (
    Listen,
    OfferWaiting,
    PlayTone,
    Ring,
    StopPlay,
    StopRinging,
    StopTone,
)
from firmware.core.country import HookTiming
from firmware.core.events import DigitHeard
from firmware.core.fsm import STAY, Machine, Moves, State, Table, choose, earliest
from firmware.core.port_events import (
    Digit,
    DismissPhone,
    HookFlash,
    KnockPhone,
    Lifted,
    OnHook,
    PhoneAnswered,
    PortLost,
    RecallPhone,
    RingPhone,
    StopPhone,
    TakePhone,
)
from firmware.core.timers import Times
from firmware.port.hook import FlashSign, Hook, HookSign, OffHookSign, OnHookSign, PulseDigitSign

_LOST: Moves = {PortFailed: choose("_lost", "out_of_service")}
_RESET: Moves = {ChipReset: choose("_lost", "out_of_service")}
_DROPPED: Moves = {OnHookSign: choose("_on_hook", "idle")}
_KEYS: Moves = {DigitHeard: choose("_key", "dialling"), PulseDigitSign: choose("_key", "dialling")}
_DISMISS: Moves = {DismissPhone: choose("_dismiss", "dismissed")}
_BACK: Moves = {FlashSign: choose("_flash", STAY), TakePhone: "in_call", RecallPhone: "dial_tone"}
_QUIET: Moves = {
    StopPhone: choose("_taken_already", STAY),
    DismissPhone: choose("_taken_already", STAY),
}
# A chip that is away hears nothing of a second call; the conversation it had comes first.
_UNHEARD: Moves = {
    FlashSign: choose("_taken_already", STAY),
    KnockPhone: choose("_taken_already", STAY),
    StopPhone: choose("_taken_already", STAY),
    RecallPhone: choose("_taken_already", STAY),
}
_AGAIN: Moves = {PortReady: "idle"}

FXS_PORT = Table(
    "fxs_port",
    State("out_of_service", {PortReady: "idle", **_LOST}),
    State(
        "idle",
        {
            OffHookSign: choose("_lifted", "dial_tone"),
            RingPhone: choose("_ring", "ringing"),
            **_AGAIN,
            **_LOST,
            **_RESET,
        },
    ),
    State(
        "ringing",
        {
            OffHookSign: choose("_answered", "in_call"),
            StopPhone: "idle",
            **_LOST,
            **_RESET,
        },
        enter="_start_ringing",
        leave="_stop_ringing",
    ),
    State(
        "dial_tone",
        {
            **_KEYS,
            FlashSign: choose("_flash", STAY),
            TakePhone: "in_call",
            RecallPhone: choose("_recall", "dial_tone"),
            StopPhone: choose("_taken_already", STAY),
            **_DISMISS,
            **_DROPPED,
            **_LOST,
            **_RESET,
        },
        enter="_sound_dial_tone",
        leave="_silence",
    ),
    State(
        "dialling",
        {
            **_KEYS,
            FlashSign: choose("_flash", STAY),
            TakePhone: "in_call",
            RecallPhone: choose("_recall", "dial_tone"),
            StopPhone: choose("_taken_already", STAY),
            **_DISMISS,
            **_DROPPED,
            **_LOST,
            **_RESET,
        },
    ),
    State(
        "in_call",
        {
            DigitHeard: choose("_key_in_call", STAY),
            PulseDigitSign: choose("_key_in_call", STAY),
            FlashSign: choose("_flash", STAY),
            TakePhone: choose("_taken_already", STAY),
            RecallPhone: choose("_recall", "dial_tone"),
            KnockPhone: choose("_knock", STAY),
            StopPhone: choose("_stop_knocking", STAY),
            **_DISMISS,
            **_DROPPED,
            **_LOST,
            ChipReset: "chip_lost",
        },
        enter="_attend",
        leave="_end_knocking",
    ),
    State(
        "chip_lost",
        {
            PortReady: "chip_back",
            TakePhone: choose("_taken_already", STAY),
            DismissPhone: choose("_drop_quietly", "out_of_service"),
            **_UNHEARD,
            **_LOST,
        },
        timer="chip_return",
        expired=choose("_lost", "out_of_service"),
    ),
    State(
        "chip_back",
        {
            OffHookSign: "in_call",
            TakePhone: choose("_taken_already", STAY),
            DismissPhone: choose("_drop_quietly", "idle"),
            **_UNHEARD,
            **_LOST,
            ChipReset: "chip_lost",
        },
        timer="loop_return",
        expired=choose("_gone_meanwhile", "idle"),
    ),
    State(
        "dismissed",
        {
            DigitHeard: choose("_key_in_call", STAY),
            PulseDigitSign: choose("_key_in_call", STAY),
            **_BACK,
            **_QUIET,
            **_DROPPED,
            **_LOST,
            **_RESET,
        },
        timer="lockout_tone",
        expired="howling",
        enter="_sound_dismissal",
        leave="_end_dismissal",
    ),
    State(
        "howling",
        {**_BACK, **_QUIET, **_DROPPED, **_LOST, **_RESET},
        timer="howler",
        expired="locked_out",
        enter="_howl",
        leave="_silence",
    ),
    State("locked_out", {**_BACK, **_QUIET, **_DROPPED, **_LOST, **_RESET}),
)


class FxsPort(Machine):
    """One telephone. ``recalls`` and ``alarms`` count what nothing acts on yet."""

    __slots__ = (
        "_caller",
        "_knocking",
        "_recalled",
        "_timing",
        "_tone",
        "alarms",
        "calls_elsewhere",
        "dismissed_by",
        "hook",
        "lost_because",
        "message_waits",
        "port",
    )
    TABLE: ClassVar[Table] = FXS_PORT

    def __init__(self, port: str, timing: HookTiming, times: Times | None = None) -> None:
        super().__init__(times)
        self.port = port
        self.hook = Hook(timing)
        self.alarms = 0
        self.calls_elsewhere = False  # forwarded, or not wanted: the dial tone reminds of it
        self.message_waits = False  # the next dial tone tells that a message waits
        self.lost_because = "the port has not reported yet"
        self._timing = timing
        self._caller: RingPhone | None = None
        self._tone = "congestion"
        self.dismissed_by = ""  # the tone it hears after its call
        self._recalled = "dial"
        self._knocking = False

    @property
    def label(self) -> str:
        """The jack's name."""
        return self.port

    def handle(self, event: Any, now_ms: int) -> list[Any]:
        """Deal with a line event, a heard digit or an order."""
        match event:
            case LoopClosed():
                return self._signs(self.hook.closed(event.at_ms), now_ms)
            case LoopOpened():
                return self._signs(self.hook.opened(event.at_ms), now_ms)
            case PowerAlarm():
                self.alarms += 1
                return []
            case PortReady() if self._begins_anew():
                # A chip that begins anew reports the loop afresh.
                self.hook = Hook(self._timing, at_ms=event.at_ms)
        return super().handle(event, now_ms)

    def advance(self, now_ms: int) -> list[Any]:
        """Let the hook and the state's timer go on."""
        done = self._signs(self.hook.advance(now_ms), now_ms)
        return done + super().advance(now_ms)

    def next_deadline(self) -> int | None:
        """The hook's or the state's, whichever comes first."""
        return earliest(super().next_deadline(), self.hook.next_deadline())

    def place(self, state: str, now_ms: int) -> None:
        """Put the port into the state a snapshot shows, with a hook to match."""
        self.hook = Hook(
            self._timing,
            off_hook=state not in {"idle", "ringing", "out_of_service", "chip_lost", "chip_back"},
            at_ms=now_ms,
        )
        self.resume(state, now_ms)

    def retune(self, timing: HookTiming, times: Times) -> None:
        """Other windows and timers from now on; what runs goes on."""
        self._timing = timing
        self.hook.timing = timing
        self.times = times

    def lift_found(self, now_ms: int) -> list[Any]:
        """A handset that was found lifted when the box came up gets dial tone as if lifted now."""
        return self._signs(self.hook.closed(now_ms), now_ms)

    def _begins_anew(self) -> bool:
        return self.state in {"out_of_service", "idle", "chip_lost"}

    def _signs(self, signs: list[HookSign], now_ms: int) -> list[Any]:
        return [effect for sign in signs for effect in super(FxsPort, self).handle(sign, now_ms)]

    # --- entering and leaving ---------------------------------------------------------------------

    def _start_ringing(self, _now_ms: int) -> None:
        order = self._caller
        cadence = order.cadence if order else "normal"
        caller = order.caller if order else None
        self.do(Ring(port=self.port, caller=caller, cadence=cadence))

    def _stop_ringing(self, _now_ms: int) -> None:
        self.do(StopRinging(port=self.port))

    def _sound_dial_tone(self, _now_ms: int) -> None:
        tone, self._recalled = self._recalled, "dial"
        if tone == "dial" and (self.message_waits or self.calls_elsewhere):
            tone = "stutter"
        self.do(PlayTone(port=self.port, tone=tone), Listen(port=self.port, digits=True))

    def _sound_dismissal(self, _now_ms: int) -> None:
        # On busy tone a key still asks for a callback.
        self.dismissed_by = self._tone
        keys = self._tone == "busy"
        self.do(Listen(port=self.port, digits=keys), PlayTone(port=self.port, tone=self._tone))

    def _end_dismissal(self, now_ms: int) -> None:
        self.dismissed_by = ""
        self.do(Listen(port=self.port))
        self._silence(now_ms)

    def _howl(self, _now_ms: int) -> None:
        self.do(PlayTone(port=self.port, tone="howler"))

    def _silence(self, _now_ms: int) -> None:
        self.do(StopTone(port=self.port))

    def _attend(self, _now_ms: int) -> None:
        # Keys pass through the bridge as sound; a detector here would only take speech for digits.
        self.do(Listen(port=self.port))

    # --- idle and ringing -------------------------------------------------------------------------

    def _lifted(self, event: OffHookSign, _now_ms: int) -> str:
        self.do(Lifted(port=self.port, at_ms=event.at_ms))
        return "dial_tone"

    def _ring(self, order: RingPhone, _now_ms: int) -> str:
        self._caller = order
        return "ringing"

    def _answered(self, event: OffHookSign, _now_ms: int) -> str:
        self.do(PhoneAnswered(port=self.port, at_ms=event.at_ms))
        return "in_call"

    # --- lifted -----------------------------------------------------------------------------------

    def _key(self, event: DigitHeard | PulseDigitSign, _now_ms: int) -> str:
        self._say_key(event)
        return "dialling"

    def _key_in_call(self, event: DigitHeard | PulseDigitSign, _now_ms: int) -> str:
        self._say_key(event)
        return STAY

    def _say_key(self, event: DigitHeard | PulseDigitSign) -> None:
        pulse = isinstance(event, PulseDigitSign)
        self.do(Digit(port=self.port, at_ms=event.at_ms, digit=event.digit, pulse=pulse))

    def _flash(self, event: FlashSign, _now_ms: int) -> str:
        self.do(HookFlash(port=self.port, at_ms=event.at_ms, break_ms=event.break_ms))
        return STAY

    def _recall(self, order: RecallPhone, _now_ms: int) -> str:
        self._recalled = order.tone
        return "dial_tone"

    def _knock(self, order: KnockPhone, _now_ms: int) -> str:
        self._knocking = True
        self.do(PlayTone(port=self.port, tone="call_waiting"))
        if order.caller is not None:
            self.do(OfferWaiting(port=self.port, caller=order.caller))
        return STAY

    def _end_knocking(self, now_ms: int) -> None:
        if self._knocking:
            self._knocking = False
            self._silence(now_ms)

    def _stop_knocking(self, _order: StopPhone, now_ms: int) -> str:
        self._end_knocking(now_ms)
        return STAY

    def _taken_already(self, _order: Any, _now_ms: int) -> str:
        return STAY

    def _dismiss(self, order: DismissPhone, _now_ms: int) -> str:
        self._tone = order.tone
        return "dismissed"

    def _on_hook(self, event: OnHookSign, _now_ms: int) -> str:
        # A sentence that was cut short by the user may not go on into his next dial tone.
        self.do(
            StopPlay(port=self.port),
            Listen(port=self.port),
            OnHook(port=self.port, at_ms=event.at_ms),
        )
        return "idle"

    # --- lost and back ----------------------------------------------------------------------------

    def _lost(self, event: Any, now_ms: int) -> str:
        match event:
            case PortFailed():
                self.lost_because = event.reason
            case ChipReset():
                self.lost_because = "the chip was reset"
            case _:
                self.lost_because = f"the chip was not back after {self.times['chip_return']} ms"
        self.hook = Hook(self._timing, at_ms=now_ms)
        self.do(PortLost(port=self.port, at_ms=now_ms, reason=self.lost_because))
        return "out_of_service"

    def _drop_quietly(self, _order: DismissPhone, _now_ms: int) -> str:
        return "idle" if self.state == "chip_back" else "out_of_service"

    def _gone_meanwhile(self, _event: Any, now_ms: int) -> str:
        self.do(OnHook(port=self.port, at_ms=now_ms))
        return "idle"
