"""What a trunk's leg says and is told, beside the events and commands of any line.

A leg is a port ``sip/N``: one call at a time. It is answered with ``Seize`` and given back with
``Release`` like an exchange line; what a line cannot say stands here. ``PortReady`` and
``PortFailed`` tell whether its trunk can be used. Codes are those of RFC 3261, clause 21.
"""

from __future__ import annotations

from firmware.core.commands import MediaCommand
from firmware.core.events import IdentityKind, MediaEvent


class SipOffered(MediaEvent, frozen=True, kw_only=True, tag="sip_offered"):
    """A call came in from a peer that may send us calls; it hears ringing.

    Attributes:
        kind: Whether the caller's number is known, hidden or missing.
        number: As the peer asserted it, without a leading ``+`` replaced.
        name: As shown by the peer; text of a stranger.
        called: The number that was dialled, digits and ``+`` only.
        to: Where calls to that number go by the trunk's table; empty follows the line.
        peer: Address it came from, for the record.
    """

    kind: IdentityKind
    number: str = ""
    name: str = ""
    called: str = ""
    to: str = ""
    peer: str = ""


class SipRings(MediaEvent, frozen=True, kw_only=True, tag="sip_rings"):
    """Our call is on its way: it was taken note of (100), rings, or its network speaks (18x)."""

    code: int


class SipAnswered(MediaEvent, frozen=True, kw_only=True, tag="sip_answered"):
    """Sound flows: the far side answered our call, or took note that we answered its.

    Attributes:
        codec: As SDP names it.
        keys: Keys come as events of their own (RFC 4733) and not as sound.
        secured: Sound is encrypted (SRTP).
    """

    codec: str = ""
    keys: bool = True
    secured: bool = False


class SipKey(MediaEvent, frozen=True, kw_only=True, tag="sip_key"):
    """A key of the far side, as an event (RFC 4733, clause 3.2); ``digit`` is 0-9 * # A-D."""

    digit: str


class SipQuality(MediaEvent, frozen=True, kw_only=True, tag="sip_quality"):
    """How a leg's sound travels; told every few seconds, and once more before its end.

    ``over`` says that it is the last time; the other fields are those of
    :class:`firmware.core.trunk_entries.TrunkMeasured`.
    """

    over: bool = False
    codec: str = ""
    transport: str = ""
    secured: bool = False
    packets: int = 0
    lost: int = 0
    late: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    mos: float = 0.0
    sent: int = 0
    far_lost: int = 0
    far_jitter_ms: float = 0.0
    far_mos: float = 0.0


class SipEnded(MediaEvent, frozen=True, kw_only=True, tag="sip_ended"):
    """The leg is over: refused, given up, or cleared by the far side.

    ``code`` is the final answer that our call got, 487 when a caller gave up, 200 for a BYE, and
    408 when nobody answered at all; ``reason`` is the peer's phrase.
    """

    code: int
    reason: str = ""


class Invite(MediaCommand, frozen=True, kw_only=True, tag="sip_invite"):
    """Call ``number`` by the trunk of this leg.

    ``caller`` is the number to be shown, empty for the trunk's own; ``withheld`` hides it.
    """

    port: str
    number: str
    caller: str = ""
    withheld: bool = False


AnySipEvent = SipOffered | SipRings | SipAnswered | SipKey | SipQuality | SipEnded
