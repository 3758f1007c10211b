"""The append-only event log of calls, as values. Everything else about a call is derived from it.

Marks t0 to t7 are those of the office's definitions (one list for log, record and report):

====  =====================================================================================
t0    first ring burst seen on the line, or handset lifted for an outgoing or internal call
t1    line answered by the box (loop closed)
t2    menu left; the clock of waiting starts here
t3    a telephone starts to ring for this call; t3e when that ends, with its result
t4    that telephone went off-hook
t5    voices connected
t6    conversation ends, with the side that cleared first and how that was known
t7    everything about the call is done (wrap-up over; equals t6 where there is none)
====  =====================================================================================
"""

from __future__ import annotations

from enum import StrEnum

from firmware.core.acd_entries import AnyAcdEntry
from firmware.core.desk_entries import AnyDeskEntry
from firmware.core.fax_entries import AnyFaxEntry
from firmware.core.log_entry import LogEntry as LogEntry  # noqa: PLC0414  # others find it here
from firmware.core.menu_entries import AnyMenuEntry
from firmware.core.trunk_entries import TrunkMeasured


class Direction(StrEnum):
    """Where a call comes from and goes to."""

    INBOUND = "inbound"  # from the exchange
    OUTBOUND = "outbound"  # to the exchange
    INTERNAL = "internal"


class Side(StrEnum):
    """Who cleared first."""

    CUSTOMER = "customer"  # the far side of an exchange line; the calling telephone if internal
    AGENT = "agent"  # the telephone of the office; the called one if internal
    SYSTEM = "system"
    UNKNOWN = "unknown"


class ClearedBy(StrEnum):
    """How the end of a call was known."""

    ON_HOOK = "on_hook"  # a telephone of ours
    LOOP_BREAK = "loop_break"
    REVERSAL = "reversal"
    TONE = "tone"
    BATTERY_LOST = "battery_lost"
    SILENCE = "silence"
    SIGNAL = "signal"  # a message of a trunk: BYE, CANCEL or a refusal
    TIMER = "timer"
    FLOW = "flow"  # the menu hung up
    ROUTING = "routing"  # nothing to connect: busy, no line free, no such number
    RESTART = "restart"  # found open after a restart
    FAULT = "fault"


class AnsweredBy(StrEnum):
    """How the answer of a call going out was known. Estimates say so."""

    REVERSAL = "reversal"
    SIGNAL = "signal"  # a trunk's message: 200 OK
    TONE_ENDED = "tone_ended"  # ringback stopped: an estimate
    SPEECH = "speech"  # an estimate
    TIMER = "timer"  # an estimate
    MACHINE = "machine"  # a fax machine's or modem's tone: nothing else answers so


class Outcome(StrEnum):
    """One outcome per call."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # caller cleared before anyone answered
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"  # number not allowed, no line free, wrong number
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # the box stopped in the middle
    SERVICE = "service"  # a code, or an enquiry that was handed over before anybody answered


class CallOffered(LogEntry, frozen=True, tag="call_offered"):
    """t0. ``origin`` is the port where the call began."""

    direction: Direction
    origin: str


class CallerKnown(LogEntry, frozen=True, tag="caller_known"):
    """The caller's identity, or why there is none."""

    kind: str
    number: str = ""
    name: str = ""
    method: str = ""


class CallDialled(LogEntry, frozen=True, tag="call_dialled"):
    """What was dialled, complete, and what the dial plan made of it."""

    digits: str
    destination: str


class LineSeized(LogEntry, frozen=True, tag="line_seized"):
    """An exchange line was taken for this call."""

    port: str


class LineAnswered(LogEntry, frozen=True, tag="line_answered"):
    """t1: the box closed the loop on an incoming call."""

    port: str


class MenuLeft(LogEntry, frozen=True, tag="menu_left"):
    """t2: the caller left the menu for ``destination``, or fell out of it."""

    destination: str
    choice: str = ""


class TelephoneRings(LogEntry, frozen=True, tag="telephone_rings"):
    """t3[i]."""

    port: str
    extension: str


class RingingEnded(LogEntry, frozen=True, tag="ringing_ended"):
    """t3e[i]: ``result`` is answered, no_answer, withdrawn or failed."""

    port: str
    result: str


class TelephoneAnswered(LogEntry, frozen=True, tag="telephone_answered"):
    """t4: a telephone of ours went off-hook for this call."""

    port: str
    extension: str


class FarSideAnswered(LogEntry, frozen=True, tag="far_side_answered"):
    """t4 of a call going out. ``estimate`` unless the exchange said so by reversal."""

    port: str
    by: AnsweredBy
    estimate: bool


class VoicesConnected(LogEntry, frozen=True, tag="voices_connected"):
    """t5."""

    parties: tuple[str, ...]


class RecordingStarted(LogEntry, frozen=True, tag="recording_started"):
    """A recording of this call runs."""

    recording: str
    port: str
    path: str


class RecordingEnded(LogEntry, frozen=True, tag="recording_ended"):
    """The file is closed."""

    recording: str
    duration_ms: int


class Cleared(LogEntry, frozen=True, tag="cleared"):
    """t6: the first side to clear, and how that was known."""

    side: Side
    by: ClearedBy
    port: str = ""
    detail: str = ""


class LineReleased(LogEntry, frozen=True, tag="line_released"):
    """The exchange line is on-hook again."""

    port: str


class CallHeld(LogEntry, frozen=True, tag="call_held"):
    """The telephone put its call on hold; the others hear music."""

    port: str


class CallRetrieved(LogEntry, frozen=True, tag="call_retrieved"):
    """The telephone took its held call back."""

    port: str


class PartyMoved(LogEntry, frozen=True, tag="party_moved"):
    """A party came from another call: transfer, three-way or override."""

    port: str
    extension: str = ""
    other: str = ""  # the call it came from


class PartyLeft(LogEntry, frozen=True, tag="party_left"):
    """A party left while the others go on."""

    port: str


class CallParked(LogEntry, frozen=True, tag="call_parked"):
    """The call waits at a place where any telephone may fetch it."""

    place: str


class CallForwarded(LogEntry, frozen=True, tag="call_forwarded"):
    """The call goes to ``target``, not ``extension``; ``reason`` is all, busy or no_answer."""

    extension: str
    target: str
    reason: str


class ServiceUsed(LogEntry, frozen=True, tag="service_used"):
    """A code dialled at a handset, and whether it could be done."""

    service: str
    argument: str = ""
    done: bool = True


class AccountBooked(LogEntry, frozen=True, tag="account_booked"):
    """The call is booked to an account; ``name`` is what the office calls it."""

    account: str
    name: str = ""


class CallMarked(LogEntry, frozen=True, tag="call_marked"):
    """Somebody marked the call (``malicious``); may come when it is over."""

    mark: str
    extension: str = ""


class LimitReached(LogEntry, frozen=True, tag="limit_reached"):
    """A limit refused or ended the call; people are told. ``also`` is the telephone or line."""

    limit: str
    also: str = ""
    detail: str = ""


class CallAdopted(LogEntry, frozen=True, tag="call_adopted"):
    """Call control was started anew and found this conversation alive."""

    parties: tuple[str, ...]


class CallClosed(LogEntry, frozen=True, tag="call_closed"):
    """t7: nothing more will happen in this call."""

    outcome: Outcome
    detail: str = ""


AnyLogEntry = (
    CallOffered
    | CallerKnown
    | CallDialled
    | LineSeized
    | LineAnswered
    | MenuLeft
    | TelephoneRings
    | RingingEnded
    | TelephoneAnswered
    | FarSideAnswered
    | VoicesConnected
    | RecordingStarted
    | RecordingEnded
    | Cleared
    | LineReleased
    | CallHeld
    | CallRetrieved
    | PartyMoved
    | PartyLeft
    | CallParked
    | CallForwarded
    | ServiceUsed
    | AccountBooked
    | CallMarked
    | LimitReached
    | CallAdopted
    | TrunkMeasured
    | CallClosed
    | AnyAcdEntry
    | AnyMenuEntry
    | AnyDeskEntry
    | AnyFaxEntry
)
