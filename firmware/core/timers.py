"""Every timer of call control, in one table: name, default, range, and why that number.

A state names its timer; no number is passed at a transition. Values that come from the country
profile (hook flash, hang-up, pulses) are not timers and stand there. An office may change a value
within its range through the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec


class TimerError(ValueError):
    """A timer was given a value outside its range, or a name that is not in the table."""


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """One timer. All values in milliseconds.

    ``source`` names the standard, or begins with ``chosen:`` and gives the reason.
    """

    name: str
    default_ms: int
    low_ms: int
    high_ms: int
    source: str


_ROWS: Final = (
    # name, default, low, high, source
    # --- telephones
    ("first_digit", 15_000, 5_000, 60_000, "Q.543 / Bell practice: 10 to 20 s of dial tone"),
    ("inter_digit", 4_000, 2_000, 20_000, "Bell practice: 3 to 5 s critical, 16 s partial dial"),
    (
        "emergency_pause",
        1_500,
        0,
        4_000,
        "chosen: an emergency number that may go on as another number waits no longer than this",
    ),
    ("lockout_tone", 20_000, 5_000, 120_000, "chosen: congestion heard before the howler"),
    ("howler", 60_000, 5_000, 300_000, "chosen: Bell practice sends receiver-off-hook for 40 s"),
    (
        "chip_return",
        3_000,
        1_000,
        10_000,
        "chosen: a chip that lost its registers is back in 2 s; the conversation waits so long",
    ),
    (
        "loop_return",
        600,
        200,
        2_000,
        "chosen: a chip that is back reports the loop of a lifted handset within two polls",
    ),
    # --- exchange lines
    (
        "ring_join",
        600,
        250,
        900,
        "chosen: bursts of one ring lie 0.2 s apart (GB, AU, HK, IN, SG), rings at least 2 s",
    ),
    (
        "ring_ceased",
        6_000,
        4_500,
        10_000,
        "E.180: the longest pause between rings is 5 s; one lost burst may not end a call",
    ),
    (
        "answer_settle",
        450,
        0,
        1_000,
        "Si3050 data sheet: 128 ms settling, 17 and 256 ms calibration before sound passes",
    ),
    (
        "line_test",
        20_000,
        10_000,
        60_000,
        "chosen: a measurement takes 6 to 8 s; a line daemon that says nothing may not keep a line",
    ),
    (
        "line_guard",
        800,
        400,
        3_000,
        "chosen: on-hook at least so long before a line is taken again; exchanges need 0.4 s",
    ),
    ("dial_tone_wait", 3_000, 1_000, 15_000, "Q.543: dial tone within 0.6 s mean, 3 s at worst"),
    ("dial_settle", 250, 0, 2_000, "chosen: the exchange's receiver is joined as its tone begins"),
    ("dialling_limit", 60_000, 20_000, 120_000, "chosen: 20 digits by pulse take 36 s at worst"),
    (
        "answer_assumed",
        25_000,
        10_000,
        90_000,
        "chosen: no tone of the network since dialling; somebody is taken to have answered",
    ),
    (
        "ringback_ended",
        3_000,
        1_000,
        8_000,
        "chosen: ringback stopped and neither busy nor a voice came; an answer that listens",
    ),
    (
        "ringback_limit",
        240_000,
        60_000,
        600_000,
        "E.180 / national practice: exchanges stop ringing after 1 to 3 minutes",
    ),
    (
        "loop_break",
        250,
        120,
        1_000,
        "calling party control is 250 to 500 ms; gaps of 20 to 50 ms after seizing do not count",
    ),
    (
        "reversal_guard",
        600,
        100,
        2_000,
        "practice of open-source exchanges: a reversal within 600 ms of the answer is the answer",
    ),
    (
        "silence_look",
        60_000,
        10_000,
        600_000,
        "chosen: how often a connected line is listened to for any sound at all",
    ),
    (
        "silence_clear",
        900_000,
        120_000,
        7_200_000,
        "chosen: so long without any sound the far side is taken to have gone",
    ),
    (
        "clear_confirm",
        3_000,
        600,
        15_000,
        "chosen: a tone or a doubtful loop break is believed when nobody speaks for so long",
    ),
    (
        "loop_gone",
        1_000,
        300,
        5_000,
        "exchanges that clear open the loop for 250 to 900 ms; longer is no fault of a moment",
    ),
    (
        "line_watchdog",
        900_000,
        120_000,
        14_400_000,
        "chosen: a line held so long without any sound of the far side is freed, whatever is set",
    ),
    # --- calls
    ("ring_no_answer", 30_000, 10_000, 300_000, "chosen: six rings of the CN cadence"),
    ("hunt_step", 15_000, 5_000, 60_000, "chosen: three rings, then the next one of the group"),
    ("internal_no_answer", 60_000, 10_000, 300_000, "chosen: a colleague is given a minute"),
    (
        "forward_no_answer",
        20_000,
        5_000,
        120_000,
        "chosen: four rings, then the call goes to the number set for no answer",
    ),
    ("warm_line", 5_000, 1_000, 15_000, "domestic exchanges: the hot line dials after 5 s"),
    (
        "recall_choice",
        2_000,
        500,
        5_000,
        "chosen: after a recall with two calls, a key says what is meant; without one, the usual",
    ),
    (
        "hold_comfort",
        20_000,
        10_000,
        300_000,
        "chosen: a caller on hold is spoken to three times a minute",
    ),
    (
        "hold_reminder",
        45_000,
        10_000,
        600_000,
        "chosen: whoever holds a caller is reminded before the minute is over",
    ),
    (
        "hold_limit",
        60_000,
        20_000,
        900_000,
        "service practice: nobody waits on a line over a minute",
    ),
    ("silent_pause", 3_000, 1_000, 15_000, "chosen: who was greeted is given time to speak"),
    (
        "silent_clear",
        5_000,
        2_000,
        30_000,
        "service practice: a silent call is cleared 5 s after it was said that nothing is heard",
    ),
    (
        "talk_silence",
        15_000,
        5_000,
        600_000,
        "chosen: whoever looks something up says so before the caller wonders",
    ),
    (
        "talk_reminder",
        150_000,
        10_000,
        7_200_000,
        "service practice: 30 s before a conversation should be finished",
    ),
    (
        "talk_limit",
        180_000,
        10_000,
        7_200_000,
        "service practice: a simple enquiry is finished within 3 minutes",
    ),
    ("transfer_return", 20_000, 5_000, 120_000, "chosen: four rings, then back to who sent it"),
    ("park_return", 120_000, 10_000, 900_000, "chosen: a parked caller is not forgotten for long"),
    ("return_limit", 60_000, 10_000, 300_000, "chosen: a returned caller rings the sender so long"),
    ("summon_limit", 40_000, 10_000, 180_000, "chosen: eight rings of a callback or wake-up call"),
    (
        "announce_limit",
        10_000,
        2_000,
        30_000,
        "chosen: whoever takes a call over hears who sends it; a sentence lasts 5 s",
    ),
    ("paging_limit", 120_000, 10_000, 600_000, "chosen: an announcement is over after two minutes"),
    (
        "callback_expires",
        1_800_000,
        60_000,
        7_200_000,
        "chosen: EN 300 359 lets a callback on busy stand for 15 to 45 minutes",
    ),
    ("callback_pause", 3_000, 0, 30_000, "chosen: who has just hung up may want to dial himself"),
    ("wake_again", 300_000, 60_000, 1_800_000, "chosen: an unheard wake-up call rings again"),
    ("wake_snooze", 600_000, 60_000, 3_600_000, "chosen: ten minutes, as alarm clocks do"),
    ("service_limit", 20_000, 2_000, 60_000, "chosen: above the longest spoken confirmation"),
    (
        "whisper_limit",
        3_000,
        0,
        10_000,
        "practice of service centres: the agent knows who calls within 3 s of lifting",
    ),
    ("parting", 8_000, 3_000, 60_000, "chosen: goodbye takes 3 s, busy tone is known within 5 s"),
    (
        "refusal_limit",
        12_000,
        3_000,
        60_000,
        "chosen: the longest sentence of a refusal takes 8 s",
    ),
    (
        "make_room",
        1_000,
        500,
        5_000,
        "chosen: line_guard and a poll; then the line that was taken away can be seized",
    ),
    (
        "seize_limit",
        20_000,
        5_000,
        60_000,
        "chosen: above dial_tone_wait; a line machine that never answers may not hold a call",
    ),
    (
        "recording_close",
        3_000,
        500,
        30_000,
        "chosen: a recording file is closed within a second; a card at its worst takes two",
    ),
    # --- lined alone
    # --- trunks
    (
        "sip_take",
        1,
        1,
        100,
        "chosen: a leg is ready at once, but nobody is answered in the middle of his own sentence",
    ),
    (
        "sip_setup",
        4_000,
        1_000,
        30_000,
        "chosen: a provider that says nothing for so long is passed over, within 5 s in all",
    ),
    (
        "sip_progress",
        20_000,
        5_000,
        60_000,
        "E.721: post-dialling delay of international calls, 95 % within 11 s; doubled",
    ),
    ("sip_ringing", 180_000, 60_000, 600_000, "RFC 3261 clause 16.6: Timer C, 3 minutes and more"),
    ("sip_confirm", 32_000, 4_000, 32_000, "RFC 3261 clause 13.3.1.4: 64*T1 without ACK"),
    ("sip_guard", 1_000, 200, 10_000, "chosen: a leg that was given back is over in a round trip"),
    (
        "sip_register_back",
        30_000,
        5_000,
        1_800_000,
        "RFC 5626 clause 4.5: base of the waits after a refusal, doubled each time",
    ),
    (
        "sip_register_answer",
        32_000,
        4_000,
        60_000,
        "RFC 3261 clause 17.1.2.2: Timer F, 64*T1",
    ),
    (
        "sip_register_again",
        1_800_000,
        60_000,
        3_600_000,
        "RFC 3261 clause 10.2.1.1 leaves it to the registrar, commonly an hour; half of it",
    ),
    (
        "emergency_service",
        20_000,
        5_000,
        120_000,
        "the design: call control away for so long, lined serves by itself",
    ),
)

TIMERS: Final[Mapping[str, Timer]] = {
    name: Timer(name=name, default_ms=default, low_ms=low, high_ms=high, source=source)
    for name, default, low, high, source in _ROWS
}


class Times(Mapping[str, int]):
    """Values in force: the defaults, and what an office changed. Immutable.

    Raises:
        TimerError: An unknown name, or a value outside the range of its timer.
    """

    __slots__ = ("_values",)

    def __init__(self, changed: Mapping[str, int] | None = None) -> None:
        for name, value in (changed or {}).items():
            timer = TIMERS.get(name)
            if timer is None:
                raise TimerError(f"timer {name!r} is not in the table")
            if not timer.low_ms <= value <= timer.high_ms:
                raise TimerError(
                    f"timer {name}: {value} ms is outside {timer.low_ms} to {timer.high_ms} ms"
                )
        self._values = {name: timer.default_ms for name, timer in TIMERS.items()} | dict(
            changed or {}
        )

    def __getitem__(self, name: str) -> int:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


DEFAULT_TIMES: Final = Times()
