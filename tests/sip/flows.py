"""Flows of messages that a peer sends to the box, as tables, and the XML that SIPp runs.

A step is what the peer says (a method, or an answer) or what it expects (a code). Expectations
are from RFC 3261 and the documents named beside a flow; none was copied from what the box did.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape

SOUND = (
    "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n"
    "m=audio [media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
)
HELD = SOUND + "a=sendonly\n"
STRANGE = SOUND.replace("RTP/AVP 8 101", "RTP/AVP 97").replace("8 PCMA", "97 nothing")
VIDEO = SOUND.split("m=audio", maxsplit=1)[0] + "m=video [media_port] RTP/AVP 31\n"


class Say(NamedTuple):
    """A request; ``same`` repeats the branch of the last answer (CANCEL, ACK of a refusal)."""

    method: str
    to: str = "100"
    extra: str = ""
    body: str = ""
    same: bool = False
    cseq: int = 0  # 0: the next one; ACK and CANCEL repeat


class Hear(NamedTuple):
    """An answer that must come; ``maybe`` need not."""

    code: int
    maybe: bool = False


class Pause(NamedTuple):
    """Nothing for a while."""

    ms: int


class Silence(NamedTuple):
    """No answer may come for so long."""

    ms: int


Step = Say | Hear | Pause | Silence
UP: tuple[Step, ...] = (
    Say("INVITE", body=SOUND),
    Hear(100, maybe=True),
    Hear(180, maybe=True),
    Hear(200),
    Say("ACK"),
)
OVER: tuple[Step, ...] = (Say("BYE"), Hear(200))
RINGS: tuple[Step, ...] = (Say("INVITE", "200", body=SOUND), Hear(100, maybe=True), Hear(180))


def refused(code: int, *, to: str = "100", extra: str = "", body: str = SOUND) -> tuple[Step, ...]:
    """An INVITE that gets this answer."""
    invite = Say("INVITE", to, extra, body)
    return (invite, Hear(100, maybe=True), Hear(code), Say("ACK", to, same=True))


FLOWS: dict[str, tuple[Step, ...]] = {
    "a call, cleared by the caller": (*UP, Pause(200), *OVER),
    "two calls, one after the other's end": (*UP, *OVER),
    # RFC 3261, clause 9.1: the caller gives up
    "given up while it rings": (
        *RINGS,
        Say("CANCEL", "200", same=True, cseq=1),
        Hear(200),
        Hear(487),
        Say("ACK", "200", same=True, cseq=1),
    ),
    # clause 13.2.1: the offer comes with the answer, ours in ACK
    "an INVITE without an offer": (
        Say("INVITE"),
        Hear(100, maybe=True),
        Hear(180, maybe=True),
        Hear(200),
        Say("ACK", body=SOUND),
        *OVER,
    ),
    # clause 17.2.1: a repeated request is answered again and begins no second call
    "an INVITE that came twice": (*UP, Pause(300), *OVER),
    "a call longer than one retransmission": (*UP, Pause(1_500), *OVER),
    # RFC 3264, clause 8.4: hold and back
    "held and taken back": (
        *UP,
        Say("INVITE", body=HELD),
        Hear(100, maybe=True),
        Hear(200),
        Say("ACK"),
        Pause(200),
        Say("INVITE", body=SOUND),
        Hear(100, maybe=True),
        Hear(200),
        Say("ACK"),
        *OVER,
    ),
    # RFC 3311: the same by UPDATE
    "an UPDATE of the session": (*UP, Say("UPDATE", body=SOUND), Hear(200), *OVER),
    # RFC 3515: nobody makes us dial
    "REFER within a call": (
        *UP,
        Say("REFER", extra="Refer-To: <sip:900861234567890@[local_ip]>"),
        Hear(403),
        *OVER,
    ),
    "REFER out of any call": (
        Say("REFER", extra="Refer-To: <sip:9001@[local_ip]>"),
        Silence(1_000),
    ),
    # RFC 3891: Replaces of a dialog that is not there
    "INVITE with Replaces": refused(
        481, extra="Require: replaces\nReplaces: nobody@here;to-tag=1;from-tag=2"
    ),
    # clause 8.2.2.3
    "an extension nobody knows": refused(420, extra="Require: nosuchthing"),
    # clause 13.3.1.3: no common codec
    "a codec nobody knows": refused(488, body=STRANGE),
    "video alone": refused(488, body=VIDEO),
    "a number that the trunk does not have": refused(404, to="999"),
    # RFC 4028, clause 9: a session that would expire too soon
    "a session of ten seconds": refused(
        422, extra="Supported: timer\nSession-Expires: 10\nMin-SE: 10"
    ),
    # Nobody is told whether there is such a call, or that we are no registrar.
    "BYE of a call that is not there": (Say("BYE"), Silence(1_000)),
    # clause 9.2
    "CANCEL of a call that is not there": (Say("CANCEL"), Hear(481)),
    "REGISTER": (Say("REGISTER"), Silence(1_000)),
    # RFC 6665, clause 4.1.3.2: nobody watches who is here
    "SUBSCRIBE": (Say("SUBSCRIBE", extra="Event: presence\nExpires: 60"), Hear(489)),
    "PUBLISH": (
        Say("PUBLISH", extra="Event: presence\nExpires: 60"),
        Silence(1_000),
    ),
    "a caller with a script for a name": (
        Say("INVITE", extra='P-Asserted-Identity: "<script>" <sip:\';x@h>', body=SOUND),
        *UP[1:],
        *OVER,
    ),
    "a caller who hides": (
        Say("INVITE", extra="Privacy: id", body=SOUND),
        *UP[1:],
        *OVER,
    ),
}


def xml(name: str, steps: tuple[Step, ...]) -> str:
    """The flow as SIPp reads it."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{escape(name)}">']
    number, dialog = 0, False
    silent = any(isinstance(step, Silence) for step in steps)
    for step in steps:
        match step:
            case Say():
                again = step.method in {"ACK", "CANCEL"}
                number = step.cseq or (max(number, 1) if again else number + 1)
                retrans = "" if step.method == "ACK" or silent else ' retrans="500"'
                parts.append(
                    f"<send{retrans}><![CDATA[\n{_request(step, number, dialog)}]]></send>"
                )
            case Hear(code=code, maybe=maybe):
                optional = ' optional="true"' if maybe else ""
                parts.append(f'<recv response="{code}"{optional}/>')
                dialog = dialog or code >= 180
            case Pause(ms=ms) | Silence(ms=ms):
                parts.append(f'<pause milliseconds="{ms}"/>')
    return "\n".join([*parts, "</scenario>\n"])


def _request(step: Say, number: int, dialog: bool) -> str:
    via = (
        "[last_Via:]"
        if step.same
        else "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
    )
    tag = "[peer_tag_param]" if dialog and not (step.same and step.method == "CANCEL") else ""
    lines = [
        f"{step.method} sip:{step.to}@[remote_ip]:[remote_port] SIP/2.0",
        via,
        "From: <sip:13800138000@[local_ip]:[local_port]>;tag=[pid]t[call_number]",
        f"To: <sip:{step.to}@[remote_ip]:[remote_port]>{tag}",
        "Call-ID: [call_id]",
        f"CSeq: {number} {step.method}",
        "Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>",
        "Max-Forwards: 70",
        *step.extra.splitlines(),
    ]
    if step.body:
        lines.append("Content-Type: application/sdp")
    return "\n".join([*lines, "Content-Length: [len]", "", step.body])
