"""Flows in which the peer calls: set-up, giving up, refusals, what belongs to no call."""

from __future__ import annotations

from typing import Final

from tests.sip.steps import (
    AT,
    GIVEN_UP,
    HEAD,
    OVER,
    RANG,
    RINGS,
    SOUND,
    TALKED,
    UP,
    Flow,
    Get,
    Give,
    Hear,
    Pause,
    Say,
    Silence,
    call,
    refused,
)

_CALL: Final = (*UP, Pause(200), *OVER)
_STRANGE = SOUND.replace("RTP/AVP 8 101", "RTP/AVP 97").replace("8 PCMA", "97 nothing")
_VIDEO = HEAD + AT + "t=0 0\nm=video [media_port] RTP/AVP 31\n"
_RELIABLE = "Supported: 100rel\nRequire: 100rel"
_LONG = "\n".join(f"X-Long-{n}: {'x' * 100}" for n in range(18))

INCOMING: Final[dict[str, Flow]] = {
    "a call, cleared by the caller": Flow(_CALL, TALKED),
    "two calls, one after the other's end": Flow((*UP, *OVER), TALKED, calls=3),
    "sound goes out and comes back": Flow(
        (*UP, Pause(1_800), *OVER), (*TALKED[:2], "sound", TALKED[2]), echo=True, calls=1
    ),
    # clause 17.2.1: a repeated request is answered again and begins no second call
    "an INVITE that came twice": Flow(
        (
            RINGS[0],
            RINGS[1],
            RINGS[2],
            Say("INVITE", "200", body=SOUND, again=True, same=True),
            Pause(300),
            GIVEN_UP[0],
            Hear(180, maybe=True),
            *GIVEN_UP[1:],
        ),
        RANG,
        over=("udp",),
    ),
    "a call longer than one retransmission": Flow((*UP, Pause(1_500), *OVER), TALKED),
    # clause 17.1: what is lost is sent again, by both sides
    "a network that loses a fifth": Flow(
        (*UP, Pause(2_500), *OVER), TALKED, calls=5, lost=20, over=("udp",)
    ),
    "a network that loses a third while it rings": Flow(
        (*RINGS, Pause(200), GIVEN_UP[0], Hear(200, maybe=True), *GIVEN_UP[2:]),
        RANG,
        calls=4,
        lost=33,
        over=("udp",),
    ),
    # clause 13.3.1.4: whoever does not acknowledge within 64*T1 is no longer there
    "an answer that is never acknowledged": Flow(
        (*UP[:-1], Pause(30_000), Get("BYE"), Give(200)),
        ("rings 100 from 13800138000 to flow:main", "over 408"),
        calls=1,
        over=("udp",),
        most_s=45,
    ),
    # --- the caller gives up: clause 9.1
    "given up while it rings": Flow((*RINGS, *GIVEN_UP), RANG),
    "given up at once": Flow((RINGS[0], *RINGS[1:], *GIVEN_UP), RANG, calls=4),
    "given up by the wrong request, then by the right one": Flow(
        (
            *RINGS,
            Say("CANCEL", "200", cseq=1, tag=""),
            Hear(481),
            Pause(100),
            Say("BYE", "200", cseq=2),
            Hear(200),
            Hear(487),
            Say("ACK", "200", same=True, cseq=1),
        ),
        (RANG[0], "over 200"),
    ),
    # clause 15: a caller may end a call that rings by BYE as well
    "ended by BYE while it rings": Flow(
        (
            *RINGS,
            Say("BYE", "200", cseq=2),
            Hear(200),
            Hear(487),
            Say("ACK", "200", same=True, cseq=1),
        ),
        (RANG[0], "over 200"),
    ),
    # clause 9.2: too late, and the conversation goes on
    "given up just after it was answered": Flow(
        (*UP, Say("CANCEL", cseq=1), Hear(481), Pause(300), *OVER), TALKED
    ),
    # --- what the caller must be told
    "an extension of the protocol nobody knows": Flow(
        refused(420, extra="Require: nosuchthing", has="Unsupported: *nosuchthing")
    ),
    "a codec nobody knows": Flow(refused(488, body=_STRANGE)),
    "video alone": Flow(refused(488, body=_VIDEO)),
    "a number that the trunk does not have": Flow(refused(404, to="999")),
    # RFC 4028, clause 9: a session that would expire too soon
    "a session of ten seconds": Flow(
        refused(
            422,
            extra="Supported: timer\nSession-Expires: 10\nMin-SE: 10",
            has="Min-SE: *90",
        ),
        (TALKED[0], "over 422"),
    ),
    # clause 21.4.13
    "an offer in a language nobody speaks": Flow(
        refused(415, body="hello\n", kind="text/plain", has="Accept: .*application/sdp")
    ),
    "an offer that is none": Flow(refused(400, body="v=0\nthis is no description\n")),
    "more calls than the trunk has legs": Flow(
        refused(486, to="200"), beside=8, calls=1, gate=True
    ),
    "one leg is left": Flow((*RINGS, *GIVEN_UP), RANG, beside=7, calls=1, gate=True),
    "a header of 2 kB": Flow(call(extra=_LONG), TALKED),
    # RFC 3262: ringing that is told reliably, and acknowledged
    "ringing that must be acknowledged": Flow(
        (
            Say("INVITE", "200", _RELIABLE, SOUND),
            Hear(100, maybe=True),
            Hear(180, has="Require:.*100rel", keeps="rseq"),
            Say("PRACK", "200", "RAck: [$rseq] 1 INVITE", cseq=2),
            Hear(200),
            Say("BYE", "200", cseq=3),
            Hear(200),
            Hear(487),
            Say("ACK", "200", same=True, cseq=1),
        ),
        (RANG[0], "over 200"),
    ),
    "ringing that may be acknowledged": Flow(
        (Say("INVITE", "200", "Supported: 100rel", SOUND), *RINGS[1:], *GIVEN_UP), RANG
    ),
    # RFC 3891: Replaces of a dialog that is not there
    "INVITE with Replaces": Flow(
        refused(481, extra="Require: replaces\nReplaces: nobody@here;to-tag=1;from-tag=2")
    ),
    # RFC 3911: nobody joins a conversation unasked
    "INVITE with Join": Flow(refused(420, extra="Require: join\nJoin: a@b;to-tag=1;from-tag=2")),
    # --- what belongs to no call
    # Nobody is told whether there is such a call, or that we are no registrar.
    "BYE of a call that is not there": Flow((Say("BYE"), Silence(1_000))),
    # clause 9.2
    "CANCEL of a call that is not there": Flow((Say("CANCEL"), Hear(481))),
    "REGISTER": Flow((Say("REGISTER"), Silence(1_000))),
    # RFC 6665, clause 4.1.3.2: nobody watches who is here
    "SUBSCRIBE": Flow((Say("SUBSCRIBE", extra="Event: presence\nExpires: 60"), Hear(489))),
    "SUBSCRIBE to dialogs": Flow((Say("SUBSCRIBE", extra="Event: dialog\nExpires: 60"), Hear(489))),
    "PUBLISH": Flow((Say("PUBLISH", extra="Event: presence\nExpires: 60"), Silence(1_000))),
    "NOTIFY unasked": Flow(
        (Say("NOTIFY", extra="Event: message-summary\nSubscription-State: active"), Silence(800))
    ),
    # RFC 3428, clause 7: whoever would not read a text does not say that he took it
    "MESSAGE": Flow((Say("MESSAGE", body="hello\n", kind="text/plain"), Hear(403)), gate=True),
    "a method nobody knows": Flow((Say("FLY"), Silence(800))),
    # RFC 3515: nobody makes us dial
    "REFER out of any call": Flow(
        (Say("REFER", extra="Refer-To: <sip:9001@[local_ip]>"), Silence(1_000))
    ),
    # clause 11.2: a peer asks whether we are there
    "OPTIONS": Flow((Say("OPTIONS"), Hear(200))),
}
