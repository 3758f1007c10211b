"""The states of a call, as a table: what may happen in each, and where it leads.

The handlers named here are methods of :class:`firmware.call.call.Call`.
"""

from __future__ import annotations

from firmware.core.destinations import FlowGoto, FlowHangsUp
from firmware.core.events import RecordingFinished
from firmware.core.fsm import STAY, Moves, Order, State, Table, choose
from firmware.core.log_entries import ClearedBy, Side
from firmware.core.port_events import (
    AnswerDue,
    CallerIdentified,
    Digit,
    DigitsOut,
    FarSideAnswers,
    FarSideBusy,
    FarSideCleared,
    Glare,
    HookFlash,
    Lifted,
    LineRings,
    OnHook,
    PhoneAnswered,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
)


class Interrupt(Order, frozen=True, kw_only=True):
    """The call was cut by something outside it: lined is gone, or call control began anew."""

    at_ms: int
    side: Side = Side.SYSTEM
    by: ClearedBy = ClearedBy.FAULT
    port: str = ""
    detail: str = ""


_END = ("closing", "closed")
_CUT: Moves = {Interrupt: choose("_interrupted", "closed")}
_KEYS = choose("_digit", "collecting", "emergency_pause", "calling", "seizing", *_END)
_DIALLED = choose("_dialled", "calling", "seizing", *_END)
_CALLER: Moves = {CallerIdentified: choose("_identity", STAY)}
_PARTY_GONE: Moves = {
    OnHook: choose("_on_hook", *_END),
    FarSideCleared: choose("_far_side_cleared", *_END),
    PortLost: choose("_port_lost", *_END, STAY),
    **_CUT,
}
_IGNORED: Moves = {HookFlash: choose("_ignore", STAY), Digit: choose("_ignore", STAY)}

CALL = Table(
    "call",
    State(
        "new",
        {
            Lifted: choose("_lifted", "lifted"),
            LineRings: choose("_line_rings", "alerted"),
            Glare: choose("_answered_by_glare", "menu", "offering", *_END),
            **_CUT,
        },
    ),
    # --- a handset of ours calls
    State(
        "lifted",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="first_digit",
        expired=choose("_nothing_dialled", *_END),
    ),
    State(
        "collecting",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="inter_digit",
        expired=_DIALLED,
    ),
    State(
        "emergency_pause",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="emergency_pause",
        expired=_DIALLED,
    ),
    State(
        "calling",
        {PhoneAnswered: choose("_phone_answered", "talking"), **_IGNORED, **_PARTY_GONE},
        timer="internal_no_answer",
        expired=choose("_colleague_silent", *_END),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    State(
        "seizing",
        {
            ReadyToDial: choose("_dial", "dialling"),
            Glare: choose("_another_line", "seizing", *_END),
            SeizureFailed: choose("_another_line", "seizing", *_END),
            **_IGNORED,
            **_PARTY_GONE,
            PortLost: choose("_line_lost_while_seizing", "seizing", *_END, STAY),
        },
        timer="seize_limit",
        expired=choose("_another_line", "seizing", *_END),
    ),
    State(
        "dialling",
        {
            DigitsOut: "progress",
            SeizureFailed: choose("_line_failed", *_END),
            **_IGNORED,
            **_PARTY_GONE,
        },
    ),
    State(
        "progress",
        {
            FarSideAnswers: choose("_far_side_answers", "talking"),
            FarSideBusy: choose("_far_side_busy", *_END),
            HookFlash: choose("_ignore", STAY),
            Digit: choose("_pass_pulse", STAY),
            **_PARTY_GONE,
        },
        enter="_early_audio",
    ),
    # --- an exchange line calls
    State(
        "alerted",
        {
            AnswerDue: choose("_answer_due", "menu", "offering", *_END, STAY),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_CALLER,
            **_PARTY_GONE,
        },
    ),
    State(
        "menu",
        {
            FlowGoto: choose("_goto", "offering", "menu", *_END),
            FlowHangsUp: choose("_flow_hangs_up", *_END),
            Digit: choose("_ignore", STAY),
            **_CALLER,
            **_PARTY_GONE,
        },
        enter="_enter_menu",
        leave="_leave_menu",
    ),
    State(
        "offering",
        {
            PhoneAnswered: choose("_phone_answered", "talking"),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_CALLER,
            **_IGNORED,
            **_PARTY_GONE,
        },
        timer="ring_no_answer",
        expired=choose("_nobody_answers", "menu", "offering", *_END),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    # --- both
    State(
        "talking",
        {
            FarSideAnswers: choose("_answer_known_better", STAY),
            Digit: choose("_pass_pulse", STAY),
            HookFlash: choose("_ignore", STAY),
            RecordingFinished: choose("_recording_ended", STAY),
            **_CALLER,
            **_PARTY_GONE,
        },
        enter="_connect",
    ),
    State(
        "closing",
        {RecordingFinished: choose("_recording_ended", "closed"), **_CUT},
        timer="recording_close",
        expired="closed",
    ),
    State("closed", enter="_close", final=True),
)
