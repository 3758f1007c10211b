"""The states of a trunk's leg, as a table: what may happen in each, and where it leads.

The handlers named here are methods of :class:`firmware.port.sip_port.SipPort`.
"""

from __future__ import annotations

from drivers.line import PortFailed, PortReady
from firmware.core.events import DigitHeard
from firmware.core.fsm import STAY, Moves, State, Table, choose
from firmware.core.port_events import AnswerLine, Attend, Dial, ReleaseLine, TakeLine
from firmware.core.sip_events import (
    SipAnswered,
    SipEnded,
    SipKey,
    SipOffered,
    SipRings,
)

_LOST: Moves = {PortFailed: choose("_lost", "out_of_service")}
_STILL: Moves = {PortReady: choose("_still", STAY), **_LOST}
_RELEASE: Moves = {ReleaseLine: choose("_release", "guarding")}
_ATTEND: Moves = {Attend: choose("_attend", STAY)}
_KEYS: Moves = {SipKey: choose("_key", STAY), DigitHeard: choose("_sounded_key", STAY)}
_UNDER_WAY: Moves = {
    SipAnswered: choose("_answers_at_once", "connected"),
    SipEnded: choose("_refused", "refused"),
    **_RELEASE,
    **_STILL,
}

SIP_PORT = Table(
    "sip_port",
    State(
        "out_of_service",
        {PortReady: "idle", SipAnswered: choose("_stray", STAY), **_LOST},
    ),
    State(
        "idle",
        {
            PortReady: "idle",
            SipAnswered: choose("_stray", STAY),
            SipOffered: choose("_offered", "offered"),
            TakeLine: choose("_take", "taken"),
            **_LOST,
        },
        enter="_rest",
    ),
    # --- incoming
    State(
        "offered",
        {
            AnswerLine: choose("_answer", "answering"),
            SipEnded: choose("_given_up", "idle"),
            **_RELEASE,
            **_STILL,
        },
        timer="sip_ringing",
        expired=choose("_rang_too_long", "guarding"),
    ),
    State(
        "answering",
        {
            SipAnswered: choose("_sound_flows", "connected"),
            SipEnded: choose("_cleared", "cleared"),
            **_KEYS,
            **_ATTEND,
            **_RELEASE,
            **_STILL,
        },
        timer="sip_confirm",
        expired=choose("_not_confirmed", "cleared"),
    ),
    # --- outgoing
    State(
        "taken",
        {**_RELEASE, **_STILL},
        timer="sip_take",
        expired=choose("_ready", "await_digits"),
    ),
    State("await_digits", {Dial: choose("_dial", "inviting"), **_RELEASE, **_STILL}),
    State(
        "inviting",
        {
            SipRings: choose("_rings", "trying", "ringing"),
            **_UNDER_WAY,
        },
        timer="sip_setup",
        expired=choose("_no_word", "refused"),
    ),
    State(
        "trying",
        {SipRings: choose("_rings", STAY, "ringing"), **_UNDER_WAY},
        timer="sip_progress",
        expired=choose("_no_word", "refused"),
    ),
    State(
        "ringing",
        {
            SipRings: choose("_still", STAY),
            SipAnswered: choose("_answers", "connected"),
            SipEnded: choose("_refused_late", "refused"),
            **_ATTEND,
            **_RELEASE,
            **_STILL,
        },
        timer="ringback_limit",
        expired=choose("_nobody_answers", "refused"),
    ),
    State("refused", {**_ATTEND, **_RELEASE, **_STILL}),
    # --- both
    State(
        "connected",
        {
            SipAnswered: choose("_sound_changes", STAY),
            SipEnded: choose("_cleared", "cleared"),
            **_KEYS,
            **_ATTEND,
            **_RELEASE,
            **_STILL,
        },
    ),
    State("cleared", {**_ATTEND, **_RELEASE, **_STILL}),
    State(
        "guarding",
        {
            SipEnded: "idle",
            # sipd puts a call on a leg only when it was given back: this one is behind us.
            SipOffered: choose("_offered", "offered"),
            **_STILL,
        },
        timer="sip_guard",
        expired="idle",
    ),
)
