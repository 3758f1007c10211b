"""What the sound path tells call control. Line events are in ``drivers.line``.

``port`` is a jack (``fxs/1``) or, later, a slot of another kind; ``at_ms`` as in the line
contract: monotonic time of observation.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class MediaEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something heard or finished on one port."""

    port: str
    at_ms: int


class DigitHeard(MediaEvent, frozen=True, tag="digit_heard"):
    """A DTMF digit, reported while it still sounds. ``digit`` is one of 0-9 * # A B C D."""

    digit: str


class DigitEnded(MediaEvent, frozen=True, tag="digit_ended"):
    """The digit reported before went silent after ``duration_ms``."""

    digit: str
    duration_ms: int


class IdentityKind(StrEnum):
    """Why a caller has a number or has none; privacy and unavailability are kept apart."""

    NUMBER = "number"
    PRIVATE = "private"
    UNAVAILABLE = "unavailable"


class CallerIdHeard(MediaEvent, frozen=True, tag="caller_id_heard"):
    """A complete caller identity came down the line. ``method`` names how it was sent."""

    kind: IdentityKind
    number: str = ""
    name: str = ""
    method: str = ""  # fsk_bell202, fsk_v23, dtmf


class ToneHeard(MediaEvent, frozen=True, tag="tone_heard"):
    """A call-progress tone with its cadence was recognised.

    ``tone`` is busy, congestion, ringback, dial, special_information or fax; ``frequency_hz`` and
    ``cadence_ms`` are what was measured, ``cycles`` how many full cycles were seen.
    """

    tone: str
    frequency_hz: tuple[float, ...] = ()
    cadence_ms: tuple[int, ...] = ()
    cycles: int = 0


class ToneEnded(MediaEvent, frozen=True, tag="tone_ended"):
    """The tone that was recognised is no longer there."""

    tone: str


class SpeechHeard(MediaEvent, frozen=True, tag="speech_heard"):
    """Sound that is no tone of the network began; reported once per ``Listen``."""


class ConversationSilent(MediaEvent, frozen=True, tag="conversation_silent"):
    """Nobody in the bridge of this port has said anything for ``lasted_ms``; told every 5 s."""

    lasted_ms: int


class FaintRaised(MediaEvent, frozen=True, tag="faint_raised"):
    """Speech from this line is faint: telephones hear it ``gain_db`` louder from now on.

    Told at every half decibel of change. ``level_dbm0`` is its active speech level as it came.
    """

    gain_db: float
    level_dbm0: float


class PlayFinished(MediaEvent, frozen=True, tag="play_finished"):
    """A play-out ended. ``completed`` is False when a prompt file was missing or broken."""

    play: str
    completed: bool = True
    reason: str = ""


class DigitsSent(MediaEvent, frozen=True, tag="digits_sent"):
    """All DTMF digits of a ``SendDigits`` are on the line."""


class CallerIdSent(MediaEvent, frozen=True, tag="caller_id_sent"):
    """The identity is on the pair; ringing may go on."""


class RecordingFinished(MediaEvent, frozen=True, tag="recording_finished"):
    """A recording file is closed and complete.

    ``level_dbm0`` is that of what the port said, pauses left out; None when it said nothing.
    """

    recording: str
    path: str
    duration_ms: int
    reason: str = ""
    level_dbm0: float | None = None


class RecordingHushed(MediaEvent, frozen=True, tag="recording_hushed"):
    """Keys were pressed in a recorded conversation: silence is kept, or sound again."""

    recording: str
    hush: bool


class FaxToneHeard(MediaEvent, frozen=True, tag="fax_tone_heard"):
    """A fax machine sounds on this port (ITU-T T.30): told once per sounding.

    ``kind`` is ``cng`` (it calls), ``ced`` (it has answered) or ``v21`` (it talks already).
    ``clear`` says that the conversation it is in passes untouched from now on.
    """

    kind: str
    clear: bool = False


class LineMeasured(MediaEvent, frozen=True, tag="line_measured"):
    """What a measurement of an exchange line came to.

    Attributes:
        fault: ``dead`` (no battery), ``no_loop`` (no current when seized), ``no_dial_tone``,
            ``broken_off``, or empty.
        idle_v, seized_v: Volts between the wires, signed.
        loop_ma: When seized.
        dial_hz: Frequencies of the dial tone; empty when none was heard.
        dial_dbm0: Its level.
        noise_dbm0: 300 to 3400 Hz, nobody speaking.
        echo_before_db: Echo return loss with the country's setting.
        echo_db: With the setting that is in force now.
        termination, hybrid: That setting, as in ``drivers.line.TuneLine``.
    """

    fault: str = ""
    idle_v: float | None = None
    seized_v: float | None = None
    loop_ma: float | None = None
    dial_hz: tuple[float, ...] = ()
    dial_dbm0: float | None = None
    noise_dbm0: float | None = None
    echo_before_db: float | None = None
    echo_db: float | None = None
    termination: int = 0
    hybrid: tuple[int, ...] = ()


class LoopTested(MediaEvent, frozen=True, tag="loop_tested"):
    """What came back through the chip of a port.

    Attributes:
        heard: Whether it was what was sent.
        share: How much of it was: 0 to 1.
    """

    heard: bool
    share: float


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat"):
    """Counters of the sound path, once a second."""

    at_ms: int
    ticks: int
    late_ticks: int
    longest_tick_us: int
    under_runs: int
    bus_faults: int


AnyMediaEvent = (
    DigitHeard
    | DigitEnded
    | CallerIdHeard
    | ToneHeard
    | ToneEnded
    | SpeechHeard
    | ConversationSilent
    | FaintRaised
    | PlayFinished
    | DigitsSent
    | CallerIdSent
    | RecordingFinished
    | RecordingHushed
    | FaxToneHeard
    | LineMeasured
    | LoopTested
)
