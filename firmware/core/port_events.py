"""What port machines and calls say to each other: events upward, orders downward.

Calls never see a chip, a loop or a detector. A port machine turns line and sound events into the
events below and carries out the orders; both sides import only this file. ``at_ms`` is when the
thing was observed, monotonic.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.core.commands import Caller
from firmware.core.fsm import Order
from firmware.core.log_entries import AnsweredBy, ClearedBy


class PortEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something a call may want to know about one port."""

    port: str
    at_ms: int


# --- telephones ---------------------------------------------------------------------------------


class Lifted(PortEvent, frozen=True, kw_only=True):
    """An idle handset was lifted and hears dial tone."""


class PhoneAnswered(PortEvent, frozen=True, kw_only=True):
    """A ringing telephone was lifted."""


class OnHook(PortEvent, frozen=True, kw_only=True):
    """The handset lies on its hook again."""


class HookFlash(PortEvent, frozen=True, kw_only=True):
    """A recall: the hook was tapped, for ``break_ms``."""

    break_ms: int = 0


class Digit(PortEvent, frozen=True, kw_only=True):
    """A key, heard as DTMF or counted as pulses (``pulse``)."""

    digit: str
    pulse: bool = False


class PortLost(PortEvent, frozen=True, kw_only=True):
    """The port is out of service; whatever it carried is over. ``reason`` is one sentence."""

    reason: str


# --- exchange lines -----------------------------------------------------------------------------


class LineRings(PortEvent, frozen=True, kw_only=True):
    """t0 of an incoming call: the first burst of a ring, or a trunk's offer.

    ``called`` is the number that was dialled where a trunk tells it, ``to`` where calls to it go;
    empty leaves that to the line.
    """

    called: str = ""
    to: str = ""


class CallerIdentified(PortEvent, frozen=True, kw_only=True):
    """Who calls, or why that is not known."""

    kind: str
    number: str = ""
    name: str = ""
    method: str = ""


class PhoneFree(PortEvent, frozen=True, kw_only=True):
    """A telephone is idle again; a call that waits for it may ring it."""


class AnswerDue(PortEvent, frozen=True, kw_only=True):
    """The line rang often enough, and the caller's identity has had its chance."""


class RingingCeased(PortEvent, frozen=True, kw_only=True):
    """The line stopped ringing before anyone answered."""


class ReadyToDial(PortEvent, frozen=True, kw_only=True):
    """The seized line waits for digits."""


class DigitsOut(PortEvent, frozen=True, kw_only=True):
    """All digits are on the line."""


class Glare(PortEvent, frozen=True, kw_only=True):
    """The line we seized carried an incoming call. That call is answered now and comes first."""


class SeizureFailed(PortEvent, frozen=True, kw_only=True):
    """The line cannot be used for this call. ``reason`` is one sentence.

    ``another_way`` tells that nobody was reached, so that the next line may be tried.
    """

    reason: str
    another_way: bool = False


class FarSideBusy(PortEvent, frozen=True, kw_only=True):
    """Instead of an answer the exchange sends ``tone`` (busy, congestion, special_information).

    A trunk says it in words: ``by`` signal, ``detail`` its code and phrase, and besides these
    tones ``no_answer``.
    """

    tone: str
    by: ClearedBy = ClearedBy.TONE
    detail: str = ""


class FarSideAnswers(PortEvent, frozen=True, kw_only=True):
    """The far side answered; a fact only when ``by`` is reversal."""

    by: AnsweredBy


class FarSideCleared(PortEvent, frozen=True, kw_only=True):
    """The far side, or the exchange for it, has cleared."""

    by: ClearedBy
    detail: str = ""


AnyPortEvent = (
    Lifted
    | PhoneAnswered
    | OnHook
    | HookFlash
    | Digit
    | PortLost
    | PhoneFree
    | LineRings
    | CallerIdentified
    | AnswerDue
    | RingingCeased
    | ReadyToDial
    | DigitsOut
    | Glare
    | SeizureFailed
    | FarSideBusy
    | FarSideAnswers
    | FarSideCleared
)


class PortOrder(Order, frozen=True, kw_only=True):
    """Something a call wants of one port."""

    port: str


# --- telephones ---------------------------------------------------------------------------------


class RingPhone(PortOrder, frozen=True, kw_only=True):
    """Ring an idle telephone and send it ``caller`` where the country can."""

    caller: Caller | None = None
    cadence: str = "normal"


class KnockPhone(PortOrder, frozen=True, kw_only=True):
    """Let a telephone in conversation hear that ``call`` waits for it, and show ``caller``."""

    call: str
    caller: Caller | None = None


class RecallPhone(PortOrder, frozen=True, kw_only=True):
    """A telephone in a call hears ``tone`` and its keys count again: enquiry, or a choice."""

    tone: Literal["dial", "confirm"] = "dial"


class StopPhone(PortOrder, frozen=True, kw_only=True):
    """Stop ringing; the call is no longer for this telephone."""


class TakePhone(PortOrder, frozen=True, kw_only=True):
    """The lifted telephone belongs to a call now: no dial tone, no key of its own."""


class DismissPhone(PortOrder, frozen=True, kw_only=True):
    """The call is over or refused while the handset is lifted: let it hear ``tone``."""

    tone: Literal["busy", "congestion"] = "congestion"


# --- exchange lines -----------------------------------------------------------------------------


class AnswerLine(PortOrder, frozen=True, kw_only=True):
    """Close the loop on the incoming call."""


class TakeLine(PortOrder, frozen=True, kw_only=True):
    """Seize an idle line for a call to the outside."""


class Dial(PortOrder, frozen=True, kw_only=True):
    """Send these digits in the way the line is set to.

    ``caller`` is shown where the line can show another number than its own; empty is its own.
    """

    digits: str
    caller: str = ""


class Attend(PortOrder, frozen=True, kw_only=True):
    """Say whether keys from the far side are listened for."""

    digits: bool


class TestLine(PortOrder, frozen=True, kw_only=True):
    """Measure a free line, see ``firmware.core.commands.MeasureLine``."""


class ReleaseLine(PortOrder, frozen=True, kw_only=True):
    """Give the line back."""
