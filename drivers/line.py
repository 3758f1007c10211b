"""The contract between electricity and telephony.

Above this file nobody knows a chip; below it nobody knows a call. A driver reports what a
pair of wires did as *events* and is told what to do as *commands*. Both are plain values that
travel between processes, so they are msgspec structs; nothing here performs input or output.

Rules that hold for every event and command:

* ``port`` names a jack by what is soldered behind it, never by the signalling of the far side:
  ``fxs/1`` feeds a telephone, ``fxo/1`` goes to the exchange. Numbers start at 1 per kind.
* ``at_ms`` is monotonic time of observation in milliseconds. A late message is judged by when
  the thing happened, not by when it arrived.
* Events are past, commands are imperative. Misbehaviour of a line is an event, never an
  exception; a driver that fails raises ``drivers.errors.DriverError`` only towards its owner.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class PortKind(StrEnum):
    """What is soldered behind a jack."""

    FXS = "fxs"  # feeds a telephone
    FXO = "fxo"  # goes to the exchange
    SIP = "sip"  # no jack: one call at a time over a trunk to a provider, carried by sipd
    FAX = "fax"  # no jack: a fax machine of the box's own, carried by faxd


def port_id(kind: PortKind, number: int) -> str:
    """Name of the ``number``-th jack of its kind, counted from 1: ``fxs/1``."""
    return f"{kind.value}/{number}"


def port_kind(port: str) -> PortKind:
    """Kind of a port by its name; ``ValueError`` if the name is none of ours."""
    kind, _, number = port.partition("/")
    if not number.isdigit() or int(number) < 1:
        raise ValueError(
            f"port {port!r}: a port is named fxs/N, fxo/N, sip/N or fax/N, N counted from 1"
        )
    return PortKind(kind)


class LineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a pair of wires, or the chip behind it, did."""

    port: str
    at_ms: int


# --- any port ---------------------------------------------------------------------------------


class PortReady(LineEvent, frozen=True, tag="port_ready"):
    """Bring-up ended well; the port is idle and on-hook. ``detail`` names chip and revision."""

    detail: str = ""


class PortFailed(LineEvent, frozen=True, tag="port_failed"):
    """The port cannot be used. ``reason`` is one sentence naming thing, value and limit."""

    reason: str


class ChipReset(LineEvent, frozen=True, tag="chip_reset"):
    """The chip lost its registers. The port is out of service until ``PortReady``."""


class BusFault(LineEvent, frozen=True, tag="bus_fault"):
    """A transfer was refused by a read-back or plausibility check; ``count`` is the total."""

    count: int


# --- FXS: a telephone ---------------------------------------------------------------------------


class LoopClosed(LineEvent, frozen=True, tag="loop_closed"):
    """Loop current flows. ``ring_trip`` tells that it began during a ring burst."""

    ring_trip: bool = False


class LoopOpened(LineEvent, frozen=True, tag="loop_opened"):
    """Loop current stopped: on-hook, a hook flash or the break of a dial pulse; by length only."""


class PowerAlarm(LineEvent, frozen=True, tag="power_alarm"):
    """Over-power: short, foreign voltage, too many ringers. The chip opened the pair."""

    count: int


# --- FXO: the exchange --------------------------------------------------------------------------


class RingStarted(LineEvent, frozen=True, tag="ring_started"):
    """Ring voltage of one burst is on the line, validated by frequency."""


class RingStopped(LineEvent, frozen=True, tag="ring_stopped"):
    """The burst ended; ``duration_ms`` is the length of the burst."""

    duration_ms: int


class PolarityReversed(LineEvent, frozen=True, tag="polarity_reversed"):
    """The battery changed sides and stayed so for the debounce time."""

    reversed: bool


class BatteryLost(LineEvent, frozen=True, tag="battery_lost"):
    """No battery on an on-hook line: unplugged, or the exchange opened it."""


class BatteryReturned(LineEvent, frozen=True, tag="battery_returned"):
    """Battery is back on an on-hook line."""


class LoopCurrentLost(LineEvent, frozen=True, tag="loop_current_lost"):
    """Current stopped while the line is seized: a loop break (CPC), or the wire fell out."""


class LoopCurrentReturned(LineEvent, frozen=True, tag="loop_current_returned"):
    """Current flows again; ``gap_ms`` is how long it was away."""

    gap_ms: int


class LineInUse(LineEvent, frozen=True, tag="line_in_use"):
    """Another telephone on the same pair is off-hook."""


class LineFree(LineEvent, frozen=True, tag="line_free"):
    """The other telephone went back on-hook."""


class FlashDone(LineEvent, frozen=True, tag="flash_done"):
    """A recall towards the exchange was sent."""


class PulsesSent(LineEvent, frozen=True, tag="pulses_sent"):
    """All digits of a ``DialPulses`` are on the line."""


AnyLineEvent = (
    PortReady
    | PortFailed
    | ChipReset
    | BusFault
    | LoopClosed
    | LoopOpened
    | PowerAlarm
    | RingStarted
    | RingStopped
    | PolarityReversed
    | BatteryLost
    | BatteryReturned
    | LoopCurrentLost
    | LoopCurrentReturned
    | LineInUse
    | LineFree
    | FlashDone
    | PulsesSent
)


class LineCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Something a pair of wires shall do."""

    port: str


# --- FXS ----------------------------------------------------------------------------------------


class LineState(StrEnum):
    """What an FXS port puts on its pair. Names are product names, not register values."""

    OPEN = "open"  # no battery: disconnect signal to the telephone, or out of service
    ACTIVE = "active"  # battery, audio once the telephone is off-hook
    ON_HOOK_TRANSMISSION = "on_hook_transmission"  # battery and audio while on-hook
    RINGING = "ringing"  # ring voltage now
    REVERSED = "reversed"  # as active, wires swapped
    REVERSED_ON_HOOK_TRANSMISSION = "reversed_on_hook_transmission"


class SetLineState(LineCommand, frozen=True, tag="set_line_state"):
    """Put this on the pair now. The ring cadence is the owner's: RINGING is one burst."""

    state: LineState


# --- FXO ----------------------------------------------------------------------------------------


class Seize(LineCommand, frozen=True, tag="seize"):
    """Close the loop towards the exchange."""


class Release(LineCommand, frozen=True, tag="release"):
    """Open the loop; the line is on-hook."""


class Flash(LineCommand, frozen=True, tag="flash"):
    """Open the loop for ``break_ms`` while seized: register recall. Ends with ``FlashDone``."""

    break_ms: int


class DialPulses(LineCommand, frozen=True, tag="dial_pulses"):
    """Dial by loop breaks. ``digits`` of 0-9; ends with ``PulsesSent``."""

    digits: str
    break_ms: int = 60
    make_ms: int = 40
    inter_digit_ms: int = 800


class TuneLine(LineCommand, frozen=True, tag="tune_line"):
    """Fit the port to its line. An empty ``hybrid`` is the country's own setting of both.

    ``termination`` counts the impedances of the chip (0 to 15), ``hybrid`` are eight taps of the
    echo that the chip takes away itself, -128 to 127 each, 64 for all of what was sent.
    """

    termination: int = 0
    hybrid: tuple[int, ...] = ()


class LoopBack(LineCommand, frozen=True, tag="loop_back"):
    """A free exchange line's chip gives back what it is sent, and the line hears nothing of it."""

    on: bool


AnyLineCommand = SetLineState | Seize | Release | Flash | DialPulses | TuneLine | LoopBack


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the chip of one port measures, for people. None where the chip cannot tell."""

    port: str
    at_ms: int
    chip: str
    state: str
    line_v: float | None = None
    loop_ma: float | None = None
    battery_v: float | None = None
    off_hook: bool = False
    faults: int = 0
    detail: str = ""
    echo_db: float | None = (
        None  # how much of a line's echo is taken away, noted by whoever cancels
    )
