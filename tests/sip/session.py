"""Flows within a call, and what its offers look like: RFC 3264, 3311, 3515, 4028, 4566, 6086."""

from __future__ import annotations

from typing import Final

from tests.sip.steps import (
    AT,
    AUDIO,
    HEAD,
    HELD,
    OVER,
    SOUND,
    TALKED,
    UP,
    Flow,
    Hear,
    Pause,
    Say,
    Step,
    again,
    call,
    refused,
)

_T = "t=0 0\n"
_OTHER_CODEC = SOUND.replace("RTP/AVP 8 101", "RTP/AVP 97").replace("8 PCMA", "97 nothing")
_VIDEO = "m=video 40000 RTP/AVP 31\n"
_MIXED = (
    "--middle\nContent-Type: application/sdp\n\n"
    + SOUND
    + "\n--middle\nContent-Type: text/plain\n\nhello\n--middle--\n"
)
_NO_KEYS = HEAD + AT + _T + "m=audio [media_port] RTP/AVP 8\na=rtpmap:8 PCMA/8000\n"
_INFO = "application/dtmf-relay"


def _held(hold: str) -> tuple[Step, ...]:
    return (*again(SOUND + hold), Pause(200), *again())


def _key(digit: str) -> Say:
    return Say("INFO", body=f"Signal={digit}\nDuration=160\n", kind=_INFO)


def _within(*steps: Step) -> tuple[Step, ...]:
    return (*UP, *steps, Pause(100), *OVER)


SESSION: Final[dict[str, Flow]] = {
    # --- offers
    # clause 13.2.1: the offer comes with the answer, ours in ACK
    "an INVITE without an offer": Flow(
        (
            Say("INVITE"),
            Hear(100, maybe=True),
            Hear(180, maybe=True),
            Hear(200, has="m=audio [1-9]"),
            Say("ACK", body=SOUND),
            *OVER,
        ),
        TALKED,
    ),
    "the address stands with the sound": Flow(call(HEAD + _T + AUDIO + AT), TALKED),
    # RFC 3264, clause 5.1: sound in one direction is answered with the other
    "a call that begins held": Flow(call(HELD, has="a=recvonly"), TALKED),
    "a call that only listens": Flow(call(SOUND + "a=recvonly\n", has="a=sendonly"), TALKED),
    "a call without any sound yet": Flow(call(SOUND + "a=inactive\n", has="a=inactive"), TALKED),
    # RFC 2543, appendix B.5: how hold was said of old
    "hold as it was said of old": Flow(call(SOUND.replace(AT, "c=IN IP4 0.0.0.0\n")), TALKED),
    # RFC 3264, clause 6: what is not wanted is answered with port 0, at its place
    "sound and video": Flow(call(SOUND + _VIDEO, has="m=video 0"), TALKED),
    "video and sound": Flow(call(HEAD + AT + _T + _VIDEO + AUDIO, has="m=video 0"), TALKED),
    "two sounds": Flow(call(SOUND + AUDIO, has="m=audio 0"), TALKED),
    "a picture by fax beside the sound": Flow(
        call(SOUND + "m=image 40000 udptl t38\n", has="m=image 0"), TALKED
    ),
    "sound on port 0": Flow(refused(488, body=SOUND.replace("[media_port]", "0"))),
    "a hundred sounds": Flow(
        call(HEAD + AT + _T + "m=audio 40000 RTP/AVP 8\n" * 100, has="m=audio 0"),
        (TALKED[0], "talks, keys as sound", TALKED[2]),
        calls=1,
    ),
    # RFC 3261, clause 7.4.1; RFC 2046
    "an offer among other parts": Flow(
        call(_MIXED, kind="multipart/mixed;boundary=middle"), TALKED
    ),
    "packets of 40 ms": Flow(call(SOUND + "a=ptime:40\n"), TALKED),
    "packets of minus 20 ms": Flow(call(SOUND + "a=ptime:-20\n"), TALKED),
    "packets of 0 ms": Flow(call(SOUND + "a=ptime:0\n"), TALKED),
    "a payload type beyond all numbers": Flow(
        refused(400, body=SOUND.replace("RTP/AVP 8 101", "RTP/AVP 99999"))
    ),
    # RFC 4566, clause 6: a number from 96 on means nothing without its name
    "a payload type without a name": Flow(
        refused(400, body=SOUND.replace("RTP/AVP 8 101", "RTP/AVP 8 101 120"))
    ),
    "codecs by number alone": Flow(
        call(
            HEAD
            + AT
            + _T
            + "m=audio [media_port] RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\n"
        ),
        TALKED,
    ),
    # RFC 4733 is not there: keys can only be heard
    "no keys as events": Flow(call(_NO_KEYS), (TALKED[0], "talks, keys as sound", TALKED[2])),
    "sound for somebody else": Flow(call(SOUND.replace(AT, "c=IN IP4 127.0.0.99\n")), TALKED),
    # --- hold: RFC 3264, clause 8.4
    "held and taken back": Flow(_within(*_held("a=sendonly\n")), TALKED),
    "held both ways and taken back": Flow(_within(*_held("a=inactive\n")), TALKED),
    "held by somebody who only sends": Flow(
        _within(*again(HELD, has="a=recvonly"), *again(SOUND, has="m=audio [1-9]")), TALKED
    ),
    "the sound moves to another port": Flow(
        _within(*again(SOUND.replace("[media_port]", "40002"))), TALKED
    ),
    # clause 14.2: an offer that cannot be met changes nothing; the clause has 488, the library 500
    "an offer in the call that nobody can meet": Flow(
        _within(*again(_OTHER_CODEC, code=500), *again()), TALKED
    ),
    "video is wanted in the call": Flow(_within(*again(SOUND + _VIDEO, has="m=video 0")), TALKED),
    "our offer is asked for in the call": Flow(
        _within(
            Say("INVITE"),
            Hear(100, maybe=True),
            Hear(200, has="m=audio [1-9]"),
            Say("ACK", body=SOUND),
        ),
        TALKED,
    ),
    # RFC 3311: the same by UPDATE
    "an UPDATE of the session": Flow(_within(Say("UPDATE", body=SOUND), Hear(200)), TALKED),
    "held by UPDATE": Flow(_within(Say("UPDATE", body=HELD), Hear(200, has="a=recvonly")), TALKED),
    # --- session timers: RFC 4028
    "a session of 90 seconds, kept alive by the caller": Flow(
        (
            Say(
                "INVITE",
                extra="Supported: timer\nSession-Expires: 90;refresher=uac\nMin-SE: 90",
                body=SOUND,
            ),
            *UP[1:3],
            Hear(200, has="Session-Expires: *90 *;refresher=uac"),
            Say("ACK"),
            Say("UPDATE", extra="Supported: timer\nSession-Expires: 90;refresher=uac\nMin-SE: 90"),
            Hear(200),
            *OVER,
        ),
        TALKED,
    ),
    "a session that we keep alive": Flow(
        call(
            SOUND,
            has="Session-Expires: *600 *;refresher=uas",
            extra="Supported: timer\nSession-Expires: 600;refresher=uas\nMin-SE: 90",
        ),
        TALKED,
    ),
    # --- keys as messages: RFC 6086, as the boxes of two makers send them
    "keys as messages": Flow(
        _within(_key("5"), Hear(200), _key("#"), Hear(200)),
        (*TALKED[:2], "key 5", "key #", TALKED[2]),
    ),
    # clause 4.2.2 has 469 or 415; the library's 500 refuses it as well, and the call goes on
    "a message that is no key": Flow(
        _within(Say("INFO", body="<x/>", kind="application/xml"), Hear(500)), TALKED
    ),
    # --- asked within a call
    # clause 11.2 has 200; the library's 500 tells a peer as well that we are there
    "OPTIONS in the call": Flow(_within(Say("OPTIONS"), Hear(500)), TALKED),
    # RFC 3515: nobody makes us dial
    "REFER within a call": Flow(
        _within(Say("REFER", extra="Refer-To: <sip:900861234567890@[local_ip]>"), Hear(403)),
        TALKED,
    ),
    "REFER with Replaces within a call": Flow(
        _within(
            Say(
                "REFER",
                extra="Refer-To: <sip:9@[local_ip]?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>",
            ),
            Hear(403),
        ),
        TALKED,
    ),
    "MESSAGE within a call": Flow(
        _within(Say("MESSAGE", body="hello\n", kind="text/plain"), Hear(403)), TALKED, gate=True
    ),
    # clause 12.2.2: not of this conversation
    "BYE with a tag that is not ours": Flow(
        (
            *UP[:3],
            Hear(200, keeps="far"),
            Say("ACK"),
            Say("BYE", tag="wrong"),
            Hear(481),
            Pause(200),
            Say("BYE", tag="[$far]"),
            Hear(200),
        ),
        TALKED,
    ),
    "BYE with a tag that is not the caller's": Flow(
        (*UP, Say("BYE", own="wrong"), Hear(481), Pause(200), *OVER), TALKED
    ),
    "a call after nothing was heard for three seconds": Flow(
        (*UP, Pause(3_000), *again(), *OVER), TALKED, calls=1
    ),
}
