"""The states of a call, as a table: what may happen in each, and where it leads.

The handlers named here are methods of :class:`firmware.call.call.Call` and the layers below it.
"""

from __future__ import annotations

from firmware.call.orders import (
    Broadcast,
    Dissolve,
    DropLast,
    Enquire,
    GoBack,
    GoOn,
    Hold,
    Interrupt,
    Join,
    LeaveQueue,
    LetGo,
    Oversee,
    Park,
    PauseRecording,
    PickUp,
    Receive,
    RecordNow,
    Retrieve,
    RingAgain,
    RingAgent,
    SendAway,
    SendOn,
    Served,
    StopAgent,
    Summon,
    TakeOver,
    Whisper,
)
from firmware.call.room import GiveWay
from firmware.core.destinations import FlowGoto, FlowHangsUp, FlowLearned
from firmware.core.events import PlayFinished, RecordingFinished
from firmware.core.fsm import STAY, Moves, State, Table, choose
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
    PhoneFree,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
)

_END = ("closing", "closed")
_CUT: Moves = {
    Interrupt: choose("_interrupted", "closed"),
    Dissolve: choose("_dissolved", *_END),
}
_KEYS = choose(
    "_digit",
    "collecting",
    "emergency_pause",
    "calling",
    "seizing",
    "making_room",
    "refusing",
    "serving",
    "menu",
    *_END,
)
_DIALLED = choose(
    "_dialled", "calling", "seizing", "making_room", "refusing", "serving", "menu", *_END
)
_ONWARD = ("calling", "seizing", "making_room", "refusing", "menu", *_END)
_AWAY = ("menu", "offering", "seizing", "making_room", "refusing", *_END)
_CALLER: Moves = {CallerIdentified: choose("_identity", STAY)}
_ROOM: Moves = {GiveWay: choose("_give_way", "refusing", *_END, STAY)}
_PARTY_GONE: Moves = {
    OnHook: choose("_on_hook", *_END),
    FarSideCleared: choose("_far_side_cleared", *_END),
    PortLost: choose("_port_lost", *_END, STAY),
    **_ROOM,
    **_CUT,
}
_PICKED: Moves = {PickUp: choose("_picked_up", "talking")}
_LEAVING: Moves = {
    OnHook: choose("_on_hook", *_END, STAY),
    FarSideCleared: choose("_far_side_cleared", *_END, STAY),
    FarSideBusy: choose("_far_side_busy_in_talk", *_END, STAY),
    PortLost: choose("_port_lost", *_END, STAY),
    **_ROOM,
    **_CUT,
}
_OTHERS: Moves = {
    FarSideAnswers: choose("_answer_known_better", STAY),
    RecordingFinished: choose("_recording_ended", STAY),
}
_BESIDE: Moves = {Oversee: choose("_oversee", STAY), LetGo: choose("_dismiss", STAY)}
_LISTENERS: Moves = {
    PhoneAnswered: choose("_listens", STAY),
    Join: choose("_join", STAY),
    PlayFinished: choose("_ignore", STAY),
}
_LISTENER_GONE: Moves = {
    OnHook: choose("_listener_gone", *_END, STAY),
    PortLost: choose("_listener_gone", *_END, STAY),
}
_IGNORED: Moves = {HookFlash: choose("_ignore", STAY), Digit: choose("_ignore", STAY)}

CALL = Table(
    "call",
    State(
        "new",
        {
            Lifted: choose(
                "_lifted",
                "lifted",
                "warm",
                "calling",
                "seizing",
                "making_room",
                "refusing",
                "menu",
                *_END,
            ),
            Enquire: choose("_enquire", "lifted"),
            Summon: choose("_summon", "summoning"),
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
        "warm",
        {Digit: _KEYS, HookFlash: choose("_ignore", STAY), **_PARTY_GONE},
        timer="warm_line",
        expired=choose(
            "_warm_line", "calling", "seizing", "making_room", "refusing", "menu", *_END
        ),
    ),
    State(
        "serving",
        {
            Served: choose("_served", STAY, *_END),
            GoOn: choose("_go_on", *_ONWARD),
            Broadcast: choose("_broadcast", "paging", "room"),
            PlayFinished: choose("_said", *_END),
            **_IGNORED,
            **_PARTY_GONE,
        },
        timer="service_limit",
        expired=choose("_said", *_END),
    ),
    State(
        "summoning",
        {PhoneAnswered: choose("_summoned", *_ONWARD), **_PARTY_GONE},
        timer="summon_limit",
        expired=choose("_not_come", *_END),
        enter="_ring_summoned",
    ),
    # --- one speaks, others listen
    State(
        "paging",
        {**_LISTENERS, **_IGNORED, **_PARTY_GONE, **_LISTENER_GONE},
        timer="paging_limit",
        expired=choose("_paging_over", *_END),
    ),
    State("room", {**_LISTENERS, **_IGNORED, **_PARTY_GONE, **_LISTENER_GONE}),
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
        {
            PhoneAnswered: choose("_phone_answered", "talking"),
            PhoneFree: choose("_member_free", STAY),
            RingAgain: choose("_ring_again", STAY),
            **_PICKED,
            **_IGNORED,
            **_PARTY_GONE,
        },
        timer="internal_no_answer",
        expired=choose(
            "_colleague_silent", "calling", "seizing", "making_room", "refusing", "menu", *_END
        ),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    State(
        "seizing",
        {
            ReadyToDial: choose("_dial", "dialling"),
            Glare: choose("_another_line", "seizing", "making_room", "refusing", *_END),
            SeizureFailed: choose("_another_line", "seizing", "making_room", "refusing", *_END),
            **_IGNORED,
            **_PARTY_GONE,
            PortLost: choose(
                "_line_lost_while_seizing", "seizing", "making_room", "refusing", *_END, STAY
            ),
        },
        timer="seize_limit",
        expired=choose("_another_line", "seizing", "making_room", "refusing", *_END),
    ),
    State(
        "dialling",
        {
            DigitsOut: "progress",
            SeizureFailed: choose("_line_failed", "seizing", "making_room", "refusing", *_END),
            **_IGNORED,
            **_PARTY_GONE,
        },
    ),
    State(
        "progress",
        {
            FarSideAnswers: choose("_far_side_answers", "talking"),
            FarSideBusy: choose("_far_side_busy", *_END),
            **_IGNORED,
            **_PARTY_GONE,
        },
        enter="_early_audio",
    ),
    State(
        "making_room",
        {**_IGNORED, **_PARTY_GONE},
        timer="make_room",
        expired=choose("_room_made", "seizing", "making_room", "refusing", *_END),
        enter="_ask_for_room",
    ),
    State(
        "refusing",
        {
            PlayFinished: choose("_refusal_said", *_END),
            OnHook: choose("_left_refused", *_END, STAY),
            FarSideCleared: choose("_left_refused", *_END, STAY),
            PortLost: choose("_left_refused", *_END, STAY),
            RecordingFinished: choose("_recording_ended", STAY),
            **_IGNORED,
            **_CUT,
        },
        timer="refusal_limit",
        expired=choose("_refusal_said", *_END),
    ),
    # --- an exchange line calls
    State(
        "alerted",
        {
            AnswerDue: choose(
                "_answer_due", "menu", "offering", "seizing", "making_room", "refusing", *_END, STAY
            ),
            PhoneFree: choose("_member_free", "offering", STAY),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_CALLER,
            **_PARTY_GONE,
        },
    ),
    State(
        "menu",
        {
            FlowGoto: choose(
                "_goto", "offering", "calling", "seizing", "making_room", "refusing", "menu", *_END
            ),
            FlowHangsUp: choose("_flow_hangs_up", *_END),
            FlowLearned: choose("_learned", STAY),
            RingAgent: choose("_ring_agent", STAY),
            StopAgent: choose("_stop_agent", STAY),
            PhoneAnswered: choose("_agent_lifted", "whispering"),
            LeaveQueue: choose(
                "_leave_queue",
                "offering",
                "calling",
                "seizing",
                "making_room",
                "refusing",
                "menu",
                *_END,
            ),
            Digit: choose("_ignore", STAY),
            **_CALLER,
            **_PARTY_GONE,
        },
        enter="_enter_menu",
        leave="_leave_menu",
    ),
    State(
        "whispering",
        {
            Whisper: choose("_whisper_agent", "talking", STAY),
            PlayFinished: choose("_agent_whispered", "talking", STAY),
            **_CALLER,
            **_IGNORED,
            **_PARTY_GONE,
            OnHook: choose("_agent_gone", "menu", *_END),
            PortLost: choose("_agent_gone", "menu", *_END, STAY),
        },
        timer="whisper_limit",
        expired="talking",
        leave="_agent_whisper_over",
    ),
    State(
        "offering",
        {
            PhoneAnswered: choose("_phone_answered", "talking"),
            PhoneFree: choose("_member_free", STAY),
            RingAgain: choose("_ring_again", STAY),
            RingingCeased: choose("_ringing_ceased", *_END),
            **_PICKED,
            **_CALLER,
            **_IGNORED,
            **_PARTY_GONE,
        },
        timer="ring_no_answer",
        expired=choose(
            "_nobody_answers", "menu", "offering", "seizing", "making_room", "refusing", *_END
        ),
        enter="_sound_ringback",
        leave="_stop_ringback",
    ),
    # --- both
    State(
        "talking",
        {
            Digit: choose("_key_in_talk", *_END, STAY),
            HookFlash: choose("_ignore", STAY),
            Hold: choose("_hold", "held"),
            DropLast: choose("_drop_last", STAY),
            Join: choose("_join", STAY),
            RecordNow: choose("_record_now", STAY),
            PauseRecording: choose("_pause_recording", STAY),
            PlayFinished: choose("_notice_heard", STAY),
            TakeOver: choose("_take_over", STAY),
            **_BESIDE,
            **_OTHERS,
            **_CALLER,
            **_LEAVING,
            OnHook: choose("_on_hook_in_talk", "menu", "parting", *_END, STAY),
        },
        enter="_connect",
    ),
    State(
        "parting",
        {
            PlayFinished: choose("_ignore", STAY),
            FarSideCleared: choose("_left_refused", *_END, STAY),
            FarSideBusy: choose("_left_refused", *_END, STAY),
            PortLost: choose("_left_refused", *_END, STAY),
            RecordingFinished: choose("_recording_ended", STAY),
            **_IGNORED,
            **_CUT,
        },
        timer="parting",
        expired=choose("_refusal_said", *_END),
    ),
    # --- a conversation whose telephone is elsewhere
    State(
        "held",
        {
            Retrieve: choose("_retrieve", "talking"),
            Receive: choose("_receive", "talking", "transferring"),
            GoBack: choose("_go_back", "returning"),
            SendAway: choose("_send_away", "returning", "menu"),
            SendOn: choose("_send_on", *_AWAY),
            Park: choose("_park", "parked"),
            RecordNow: choose("_record_now", STAY),
            PauseRecording: choose("_pause_recording", STAY),
            PlayFinished: choose("_notice_heard", STAY),
            **_BESIDE,
            **_OTHERS,
            **_CALLER,
            **_IGNORED,
            **_LEAVING,
        },
        enter="_hold_music",
        leave="_stop_music",
    ),
    State(
        "transferring",
        {
            PhoneAnswered: choose("_transfer_answered", "talking", "announcing"),
            PlayFinished: choose("_target_told", STAY),
            RingAgain: choose("_ring_again", STAY),
            **_PICKED,
            **_OTHERS,
            **_CALLER,
            **_IGNORED,
            **_LEAVING,
        },
        timer="transfer_return",
        expired=choose("_not_taken", "returning", "menu"),
        enter="_sound_transfer",
        leave="_stop_transfer",
    ),
    State(
        "announcing",
        {
            PlayFinished: "talking",
            **_OTHERS,
            **_CALLER,
            **_IGNORED,
            **_LEAVING,
            OnHook: choose("_left_untold", "returning", *_END, STAY),
        },
        timer="announce_limit",
        expired="talking",
        enter="_whisper",
        leave="_stop_whisper",
    ),
    State(
        "parked",
        {
            GoBack: choose("_go_back", "returning"),
            **_PICKED,
            **_OTHERS,
            **_CALLER,
            **_IGNORED,
            **_LEAVING,
        },
        timer="park_return",
        expired="returning",
        enter="_hold_music",
        leave="_stop_music",
    ),
    State(
        "returning",
        {
            PhoneAnswered: choose("_return_answered", "talking", "announcing"),
            PhoneFree: choose("_sender_free", STAY),
            RingAgain: choose("_ring_again", STAY),
            **_PICKED,
            **_OTHERS,
            **_CALLER,
            **_IGNORED,
            **_LEAVING,
        },
        timer="return_limit",
        expired=choose("_nobody_takes_back", *_END),
        enter="_ring_sender",
        leave="_stop_ringback",
    ),
    State(
        "closing",
        {RecordingFinished: choose("_recording_ended", "closed"), **_CUT},
        timer="recording_close",
        expired="closed",
    ),
    State("closed", enter="_close", final=True),
)
