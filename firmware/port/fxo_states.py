"""The states of an exchange line's jack, as a table: what may happen in each, and where it leads.

The handlers named here are methods of :class:`firmware.port.fxo_port.FxoPort`.
"""

from __future__ import annotations

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    ChipReset,
    LineFree,
    LineInUse,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    PortFailed,
    PortReady,
    PulsesSent,
    RingStarted,
    RingStopped,
)
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
from firmware.core.fsm import STAY, Moves, State, Table, choose
from firmware.core.port_events import AnswerLine, Attend, Dial, ReleaseLine, TakeLine, TestLine
from firmware.core.ring_window import RingsWanted

_LOST: Moves = {
    PortFailed: choose("_lost", "out_of_service"),
    ChipReset: choose("_lost", "out_of_service"),
}
_RELEASE: Moves = {ReleaseLine: "guarding"}
_LEFT: Moves = {ReleaseLine: choose("_left", "guarding")}
_BROKEN: Moves = {LoopCurrentLost: choose("_current_lost", "loop_lost")}
_ATTEND: Moves = {Attend: choose("_attend", STAY)}
_RINGS: Moves = {RingStarted: choose("_rings", "ring_on")}
_WHILE_RINGING: Moves = {
    RingsWanted: choose("_rings_wanted", STAY),
    CallerIdHeard: choose("_identity", STAY),
    AnswerLine: choose("_answer", "connected"),
    **_LOST,
}
_UNANSWERED: Moves = {
    ToneHeard: choose("_tone_in_progress", "ringback", "refused", STAY),
    PolarityReversed: choose("_reversal_answers", "connected", STAY),
    FaxToneHeard: choose("_machine_answers", "connected", STAY),
    **_BROKEN,
    **_ATTEND,
    **_RELEASE,
    **_LOST,
}
_BACK: Moves = {
    LoopCurrentReturned: choose(
        "_current_back",
        "ready",
        "await_digits",
        "dialling",
        "progress",
        "ringback",
        "maybe_answered",
        "connected",
        "clear_heard",
        "cleared",
    ),
    ToneHeard: choose("_tone_without_current", "cleared", STAY),
    Dial: choose("_dial_without_current", STAY),
    DigitsSent: choose("_sent_without_current", STAY),
    PulsesSent: choose("_sent_without_current", STAY),
    DigitHeard: choose("_key", STAY),
    **_ATTEND,
    **_LEFT,
    **_LOST,
}

FXO_PORT = Table(
    "fxo_port",
    State("out_of_service", {PortReady: "idle", PortFailed: choose("_lost", "out_of_service")}),
    State(
        "idle",
        {
            PortReady: "idle",
            CallerIdHeard: choose("_identity_before_ring", STAY),
            TakeLine: choose("_take", "seizing"),
            TestLine: choose("_test", "testing"),
            BatteryLost: "no_battery",
            LineInUse: "in_use",
            **_RINGS,
            **_LOST,
        },
        enter="_listen_idle",
    ),
    State(
        "testing",
        {LineMeasured: choose("_measured", "guarding"), **_RELEASE, **_LOST},
        timer="line_test",
        expired="guarding",
    ),
    State("no_battery", {BatteryReturned: "idle", **_RINGS, **_LOST}),
    State("in_use", {LineFree: "idle", BatteryLost: "no_battery", **_RINGS, **_LOST}),
    # --- incoming, not answered
    State(
        "ring_on",
        {RingStopped: "ring_gap", **_WHILE_RINGING},
        timer="ring_ceased",
        expired=choose("_ceased", "idle"),
    ),
    State(
        "ring_gap",
        {RingStarted: "ring_on", **_WHILE_RINGING},
        timer="ring_join",
        expired=choose("_ring_counted", "ring_pause"),
    ),
    State(
        "ring_pause",
        {RingStarted: "ring_on", **_WHILE_RINGING},
        timer="ring_ceased",
        expired=choose("_ceased", "idle"),
    ),
    # --- outgoing
    State(
        "seizing",
        {
            ToneHeard: choose("_tone_while_seizing", "ready", "refused", STAY),
            SpeechHeard: choose("_voice_while_seizing", STAY),
            RingStarted: choose("_glare", "connected"),
            **_RELEASE,
            **_LOST,
        },
        timer="dial_tone_wait",
        expired=choose("_no_dial_tone", "ready", "refused", "connected"),
    ),
    State(
        "ready",
        {RingStarted: choose("_glare", "connected"), **_BROKEN, **_RELEASE, **_LOST},
        timer="dial_settle",
        expired=choose("_ready", "await_digits"),
    ),
    State(
        "await_digits",
        {
            Dial: choose("_dial", "dialling"),
            RingStarted: choose("_glare", "connected"),
            **_BROKEN,
            **_RELEASE,
            **_LOST,
        },
    ),
    State(
        "dialling",
        {
            DigitsSent: choose("_dialled", "progress"),
            PulsesSent: choose("_dialled", "progress"),
            **_BROKEN,
            **_RELEASE,
            **_LOST,
        },
        timer="dialling_limit",
        expired=choose("_not_dialled", "refused"),
    ),
    State(
        "progress",
        {**_UNANSWERED},
        timer="answer_assumed",
        expired=choose("_answer_assumed", "connected"),
        enter="_listen_progress",
    ),
    State(
        "ringback",
        {ToneEnded: choose("_ringback_ended", "maybe_answered", STAY), **_UNANSWERED},
        timer="ringback_limit",
        expired=choose("_rang_too_long", "refused"),
    ),
    State(
        "maybe_answered",
        {SpeechHeard: choose("_voice_answers", "connected"), **_UNANSWERED},
        timer="ringback_ended",
        expired=choose("_silence_answers", "connected"),
        enter="_listen_progress",
    ),
    State("refused", {**_ATTEND, **_RELEASE, **_LOST}),
    # --- both
    State(
        "connected",
        {
            ToneHeard: choose("_tone_in_call", "clear_heard", STAY),
            ToneEnded: choose("_tone_over", STAY),
            PolarityReversed: choose("_reversal_clears", "cleared", STAY),
            SpeechHeard: choose("_sound", STAY),
            FaxToneHeard: choose("_sound", STAY),
            DigitHeard: choose("_key", STAY),
            CallerIdHeard: choose("_identity", STAY),
            **_BROKEN,
            **_ATTEND,
            **_LEFT,
            **_LOST,
        },
        timer="silence_look",
        expired=choose("_look_for_sound", "connected", "cleared"),
        enter="_listen_connected",
    ),
    State(
        "clear_heard",
        {
            SpeechHeard: choose("_false_alarm", "connected"),
            ToneEnded: choose("_tone_over", "connected", STAY),
            ToneHeard: choose("_tone_goes_on", STAY),
            PolarityReversed: choose("_reversal_clears", "cleared", STAY),
            DigitHeard: choose("_key_behind_sign", "connected"),
            CallerIdHeard: choose("_identity", STAY),
            **_BROKEN,
            **_ATTEND,
            **_LEFT,
            **_LOST,
        },
        timer="clear_confirm",
        expired=choose("_confirmed", "cleared"),
        enter="_confirm",
    ),
    State(
        "loop_lost",
        {**_BACK},
        timer="loop_break",
        expired=choose("_loop_broken", "cleared", "without_current"),
    ),
    State(
        "without_current",
        {**_BACK},
        timer="loop_gone",
        expired=choose("_loop_gone", "cleared", STAY),
    ),
    State("cleared", {**_ATTEND, **_RELEASE, **_LOST}),
    State(
        "guarding",
        {BatteryLost: "no_battery", LineInUse: "in_use", **_RINGS, **_LOST},
        timer="line_guard",
        expired="idle",
        enter="_release",
    ),
)
