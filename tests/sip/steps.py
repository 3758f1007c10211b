"""Steps of a flow, as the peer has them, and what must be noticed of it inside the box.

The peer says a request or an answer, hears a request or an answer, or waits. Expectations are
from RFC 3261 and the documents named beside a flow; none was copied from what the box did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Say(NamedTuple):
    """A request; ``same`` repeats the branch of the last answer (CANCEL, ACK of a refusal).

    ``caller`` replaces the address in From, ``uri`` the whole Request-URI, ``kind`` the type of
    the body; ``tag`` is another tag of the box than it has.
    """

    method: str
    to: str = "100"
    extra: str = ""
    body: str = ""
    same: bool = False
    cseq: int = 0  # 0: the next one; ACK and CANCEL repeat
    caller: str = ""
    uri: str = ""
    kind: str = "application/sdp"
    tag: str = ""
    own: str = ""  # another tag of the caller than he has
    again: bool = False  # the very INVITE a second time: branch and number of the first


class Hear(NamedTuple):
    """An answer that must come; ``maybe`` need not; ``has`` is a pattern that must be in it."""

    code: int
    maybe: bool = False
    has: str = ""
    keeps: str = ""  # "far": our tag, "rseq": of reliable ringing; said later as "[$far]"


class Get(NamedTuple):
    """A request of the box that must come; ``has`` is a pattern that must be in it."""

    method: str
    maybe: bool = False
    has: str = ""


class Give(NamedTuple):
    """An answer to the last request, or with ``invite`` to the INVITE before it.

    ``tag`` sets this branch of the far side apart from others (RFC 3261, clause 19.3).
    """

    code: int
    body: str = ""
    extra: str = ""
    tag: str = ""
    invite: bool = False


class Pause(NamedTuple):
    """Nothing for a while."""

    ms: int


class Silence(NamedTuple):
    """No answer may come for so long."""

    ms: int


Step = Say | Hear | Get | Give | Pause | Silence


class Flow(NamedTuple):
    """A flow and what the box makes of one call of it.

    Attributes:
        steps: Of the peer.
        noticed: What is noticed inside, in this order; see ``tests.bench.sip_notice``.
        calls: How many of them, one after the other.
        trunk: Fields of the trunk that differ from the runner's.
        timers: Of the box that differ.
        dials: The box begins: the number it calls. Empty: the peer begins.
        withheld: The box's call hides its number.
        clears_ms: The box clears so long after the answer; None leaves it to the peer.
        gives_up_ms: The box gives up so long after its INVITE.
        lost: Percent of packets that the network loses, both ways.
        over: Transports it is for.
        most_s: Longest that a call of it may take.
        echo: The peer gives back the sound it gets.
        beside: So many calls that ring are there already, from the same peer.
        gate: Only a build with a gate holds it (image/pjproject).
    """

    steps: tuple[Step, ...]
    noticed: tuple[str, ...] = ()
    calls: int = 2
    trunk: Mapping[str, Any] = {}
    timers: Mapping[str, int] = {}
    dials: str = ""
    withheld: bool = False
    clears_ms: int | None = None
    gives_up_ms: int | None = None
    lost: int = 0
    over: tuple[str, ...] = ("udp", "tcp")
    most_s: int = 20
    echo: bool = False
    beside: int = 0
    gate: bool = False


# --- bodies ---------------------------------------------------------------------------------------

HEAD = "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\n"
AT = "c=IN IP4 [local_ip]\n"
AUDIO = (
    "m=audio [media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
)
SOUND = HEAD + AT + "t=0 0\n" + AUDIO
HELD = SOUND + "a=sendonly\n"

# --- rows of steps --------------------------------------------------------------------------------

UP: tuple[Step, ...] = (
    Say("INVITE", body=SOUND),
    Hear(100, maybe=True),
    Hear(180, maybe=True),
    Hear(200),
    Say("ACK"),
)
OVER: tuple[Step, ...] = (Say("BYE"), Hear(200))
RINGS: tuple[Step, ...] = (Say("INVITE", "200", body=SOUND), Hear(100, maybe=True), Hear(180))
GIVEN_UP: tuple[Step, ...] = (
    Say("CANCEL", "200", same=True, cseq=1),
    Hear(200),
    Hear(487),
    Say("ACK", "200", same=True, cseq=1),
)
CALLED: tuple[Step, ...] = (Get("INVITE"), Give(180), Give(200, SOUND), Get("ACK"))

TALKED = ("rings 100 from 13800138000 to flow:main", "talks", "over 200")
RANG = ("rings 200 from 13800138000 to 201", "over 487")
REACHED = ("far side rings 180", "talks", "over 200")


def refused(
    code: int, *, to: str = "100", extra: str = "", body: str = SOUND, has: str = "", kind: str = ""
) -> tuple[Step, ...]:
    """An INVITE that gets this answer."""
    invite = Say("INVITE", to, extra, body, kind=kind or "application/sdp")
    return (invite, Hear(100, maybe=True), Hear(code, has=has), Say("ACK", to, same=True))


def again(body: str = SOUND, code: int = 200, has: str = "") -> tuple[Step, ...]:
    """A re-INVITE within the call, its answer, its ACK."""
    ack = Say("ACK") if code < 300 else Say("ACK", same=True)
    return (Say("INVITE", body=body), Hear(100, maybe=True), Hear(code, has=has), ack)


def call(body: str = SOUND, has: str = "", **more: Any) -> tuple[Step, ...]:
    """A call with this offer, answered and cleared; ``has`` is a pattern in the 200."""
    return (
        Say("INVITE", body=body, **more),
        Hear(100, maybe=True),
        Hear(180, maybe=True),
        Hear(200, has=has),
        Say("ACK", to=more.get("to", "100")),
        Pause(100),
        Say("BYE", to=more.get("to", "100")),
        Hear(200),
    )
