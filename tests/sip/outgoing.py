"""Flows in which the box calls: answers, forks, early sound, giving up, passwords."""

from __future__ import annotations

from typing import Final

from tests.sip.steps import (
    AT,
    CALLED,
    HEAD,
    REACHED,
    SOUND,
    Flow,
    Get,
    Give,
    Hear,
    Pause,
    Say,
    Step,
    again,
)

_TWO_CODECS = (
    HEAD
    + AT
    + "t=0 0\nm=audio [media_port] RTP/AVP 8 0 101\na=rtpmap:8 PCMA/8000\n"
    + "a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n"
)
_ENDED: Final[tuple[Step, ...]] = (Get("BYE"), Give(200))
_CLEARED: Final[tuple[Step, ...]] = (Pause(200), Say("BYE"), Hear(200))
_SECRET: Final = {
    "user": "02161234500",
    "password": "made-up-and-long-123",
    "realm": "peer.example",
}


def _ask(code: int, realm: str = "peer.example", nonce: str = "n1", more: str = "") -> Give:
    header = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
    return Give(
        code, extra=f'{header}: Digest realm="{realm}", nonce="{nonce}", algorithm=MD5{more}'
    )


OUTGOING: Final[dict[str, Flow]] = {
    "we call and we clear": Flow((*CALLED, *_ENDED), REACHED, dials="2155550100", clears_ms=100),
    "we call and the far side clears": Flow((*CALLED, *_CLEARED), REACHED, dials="2155550100"),
    "answered at once": Flow(
        (Get("INVITE"), Give(200, SOUND), Get("ACK"), *_ENDED),
        ("talks", "over 200"),
        dials="2155550100",
        clears_ms=100,
    ),
    "taken note of, then answered": Flow(
        (Get("INVITE"), Give(100), Pause(600), *CALLED[1:], *_ENDED),
        REACHED,
        dials="2155550100",
        clears_ms=100,
    ),
    # clause 13.3.1.1: the far side's network speaks before anybody answers
    "early sound, then answered": Flow(
        (Get("INVITE"), Give(183, SOUND), Pause(400), Give(200, SOUND), Get("ACK"), *_ENDED),
        ("far side rings 183", "talks", "over 200"),
        dials="2155550100",
        clears_ms=100,
    ),
    "our sound comes back to us": Flow(
        (*CALLED, *_ENDED),
        (*REACHED[:2], "sound", REACHED[2]),
        dials="2155550100",
        clears_ms=1_800,
        echo=True,
        calls=1,
    ),
    # clause 19.3: several telephones ring, one answers
    "two telephones ring and the second answers": Flow(
        (
            Get("INVITE"),
            Give(180, tag="first"),
            Give(180, tag="second"),
            Pause(100),
            Give(200, SOUND, tag="second"),
            Get("ACK", has="To:.*tag=second"),
            Get("BYE", has="To:.*tag=second"),
            Give(200),
        ),
        REACHED,
        dials="2155550100",
        clears_ms=100,
    ),
    "two telephones ring and the first answers": Flow(
        (
            Get("INVITE"),
            Give(180, tag="first"),
            Give(183, SOUND, tag="second"),
            Give(180, tag="third"),
            Give(200, SOUND, tag="first"),
            Get("ACK", has="To:.*tag=first"),
            Get("BYE", has="To:.*tag=first"),
            Give(200),
        ),
        ("far side rings 180", "far side rings 183", "far side rings 180", *REACHED[1:]),
        dials="2155550100",
        clears_ms=100,
    ),
    # clause 13.2.2.4: a repeated 200 is acknowledged again
    "an answer that came twice": Flow(
        (
            Get("INVITE"),
            Give(180),
            Give(200, SOUND),
            Get("ACK"),
            Give(200, SOUND, invite=True),
            Pause(200),
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=600,
        over=("udp",),
    ),
    # RFC 3262: ringing that must be acknowledged
    "the far side wants its ringing acknowledged": Flow(
        (
            Get("INVITE", has="Supported:.*100rel"),
            Give(180, extra="Require: 100rel\nRSeq: 7"),
            Get("PRACK", has="RAck: *7 [0-9]+ INVITE"),
            Give(200),
            Give(200, SOUND, invite=True),
            Get("ACK"),
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=100,
    ),
    # RFC 3264, clause 10.1: an answer with two codecs is settled to one by another offer
    "an answer with two codecs": Flow(
        (
            Get("INVITE"),
            Give(180),
            Give(200, _TWO_CODECS),
            Get("ACK"),
            Get("INVITE", has="RTP/AVP 8 "),
            Give(200, SOUND),
            Get("ACK"),
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=1_000,
    ),
    # clause 14.1: the far side has an offer of its own under way; nobody hears of it
    "our offer meets one of the far side": Flow(
        (
            Get("INVITE"),
            Give(180),
            Give(200, _TWO_CODECS),
            Get("ACK"),
            Get("INVITE"),
            Give(491),
            Get("ACK"),
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=1_000,
        calls=1,
    ),
    # --- giving up: clause 9.1
    "we give up while it rings": Flow(
        (
            Get("INVITE"),
            Give(180),
            Get("CANCEL"),
            Give(200),
            Give(487, invite=True),
            Get("ACK"),
        ),
        ("far side rings 180", "over 487, no_answer"),
        dials="2155550100",
        gives_up_ms=300,
    ),
    # clause 9.1: nothing is cancelled before anybody took note of the call
    "we give up before anybody took note": Flow(
        (
            Get("INVITE"),
            Pause(250),
            Give(180),
            Get("CANCEL"),
            Give(200),
            Give(487, invite=True),
            Get("ACK"),
        ),
        ("over 487, no_answer",),
        dials="2155550100",
        gives_up_ms=100,
    ),
    # clause 15: the answer and our giving up cross; whoever answered hears that nobody is there
    "we give up as it is answered": Flow(
        (
            Get("INVITE"),
            Give(180),
            Get("CANCEL"),
            Give(200),
            Give(200, SOUND, invite=True),
            Get("ACK"),
            Get("BYE"),
            Give(200),
        ),
        ("far side rings 180", "over 487, no_answer"),
        dials="2155550100",
        gives_up_ms=300,
    ),
    # --- within the call
    "the far side holds and takes back": Flow(
        (
            *CALLED,
            *again(SOUND + "a=sendonly\n", has="a=recvonly"),
            Pause(100),
            *again(),
            *_CLEARED,
        ),
        REACHED,
        dials="2155550100",
    ),
    "both clear at once": Flow(
        (*CALLED, Pause(200), Say("BYE"), Hear(200)), REACHED, dials="2155550100"
    ),
    # --- who we say we are
    "our number is asserted": Flow(
        (
            Get("INVITE", has="P-Asserted-Identity: *<sip:02161234500@"),
            *CALLED[1:],
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=50,
        trunk={"caller": "02161234500"},
        calls=1,
    ),
    "our number is hidden": Flow(
        (
            Get("INVITE", has="Privacy: *id"),
            *CALLED[1:],
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        withheld=True,
        clears_ms=50,
        trunk={"caller": "02161234500"},
        calls=1,
    ),
    "codecs in our order": Flow(
        (Get("INVITE", has="m=audio [0-9]+ RTP/AVP 0 8 "), *CALLED[1:], *_ENDED),
        REACHED,
        dials="2155550100",
        clears_ms=50,
        trunk={"codecs": ("PCMU", "PCMA")},
        calls=1,
    ),
    # --- passwords: clause 22
    "asked for the password by 407": Flow(
        (
            Get("INVITE"),
            _ask(407),
            Get("ACK"),
            Get("INVITE", has='Proxy-Authorization:.*realm="peer.example".*nonce="n1"'),
            *CALLED[1:],
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=50,
        trunk=_SECRET,
    ),
    "asked for the password by 401": Flow(
        (
            Get("INVITE"),
            _ask(401),
            Get("ACK"),
            Get("INVITE", has='Authorization:.*realm="peer.example".*nonce="n1"'),
            *CALLED[1:],
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=50,
        trunk=_SECRET,
    ),
    # RFC 2617, clause 3.2.1: the password was right, the number of the question is old
    "a question that is out of date": Flow(
        (
            Get("INVITE"),
            _ask(407),
            Get("ACK"),
            Get("INVITE", has='nonce="n1"'),
            _ask(407, nonce="n2", more=", stale=true"),
            Get("ACK"),
            Get("INVITE", has='nonce="n2"'),
            *CALLED[1:],
            *_ENDED,
        ),
        REACHED,
        dials="2155550100",
        clears_ms=50,
        trunk=_SECRET,
        calls=1,
    ),
    # AST-2020-002: a far side that asks without end is not answered without end
    "the password is wrong": Flow(
        (
            Get("INVITE"),
            _ask(407),
            Get("ACK"),
            Get("INVITE", has="Proxy-Authorization"),
            _ask(407, nonce="n2"),
            Get("ACK"),
            Get("INVITE", has='nonce="n2"'),
            _ask(407, nonce="n3"),
            Get("ACK"),
            Get("INVITE", has='nonce="n3"'),
            _ask(407, nonce="n4"),
            Get("ACK"),
            Pause(800),
        ),
        ("over 407, congestion",),
        dials="2155550100",
        trunk=_SECRET,
    ),
    # Whoever asks for another realm gets nothing to guess the password from.
    "asked for the password by somebody else": Flow(
        (Get("INVITE"), _ask(407, realm="elsewhere.example"), Get("ACK"), Pause(300)),
        ("over 407, congestion",),
        dials="2155550100",
        trunk=_SECRET,
    ),
    "asked for a password that we do not have": Flow(
        (Get("INVITE"), _ask(401), Get("ACK"), Pause(200)),
        ("over 401, congestion",),
        dials="2155550100",
    ),
    # digest leak: a callee asks for the password as we clear
    "asked for the password as we clear, by somebody else": Flow(
        (*CALLED, Get("BYE"), _ask(407, realm="elsewhere.example"), Pause(300)),
        REACHED,
        dials="2155550100",
        clears_ms=100,
        trunk=_SECRET,
    ),
    "asked for the password as we clear": Flow(
        (
            *CALLED,
            Get("BYE"),
            _ask(407),
            Get("BYE", has='Proxy-Authorization:.*realm="peer.example"'),
            Give(200),
        ),
        REACHED,
        dials="2155550100",
        clears_ms=100,
        trunk=_SECRET,
    ),
    # --- answers that are none
    "an answer without any description": Flow(
        (Get("INVITE"), Give(180), Give(200), Get("ACK"), Get("BYE"), Give(200)),
        ("far side rings 180", "over 406, congestion"),
        dials="2155550100",
    ),
}
