"""Flows in which the peer is a registrar: RFC 3261, clause 10, and RFC 5626, clause 4.5."""

from __future__ import annotations

from typing import Any, Final

from tests.sip.steps import Flow, Get, Give, Pause

_ACCOUNT: Final[dict[str, Any]] = {
    "register": True,
    "user": "02161234500",
    "password": "made-up-and-long-123",
    "realm": "peer.example",
}
_GRANTED: Final = Give(200, extra="[last_Contact:];expires=600")


def _ask(realm: str = "peer.example", nonce: str = "n1", more: str = "") -> Give:
    return Give(
        401, extra=f'WWW-Authenticate: Digest realm="{realm}", nonce="{nonce}", algorithm=MD5{more}'
    )


def _flow(*steps: Any, noticed: tuple[str, ...] = ("trunk registered",), **more: Any) -> Flow:
    trunk = {**_ACCOUNT, **more.pop("trunk", {})}
    return Flow(steps, noticed, calls=1, trunk=trunk, **more)


def _down(said: str) -> tuple[str, ...]:
    return (f"trunk waiting: 127.0.0.1 answered {said}",)


REGISTERING: Final[dict[str, Flow]] = {
    "registered without a question": _flow(Get("REGISTER", has="Expires: *3600"), _GRANTED),
    "registered with the password": _flow(
        Get("REGISTER"),
        _ask(),
        Get("REGISTER", has='Authorization:.*realm="peer.example".*nonce="n1"'),
        _GRANTED,
    ),
    "registered after a question that was out of date": _flow(
        Get("REGISTER"),
        _ask(),
        Get("REGISTER", has='nonce="n1"'),
        _ask(nonce="n2", more=", stale=true"),
        Get("REGISTER", has='nonce="n2"'),
        _GRANTED,
    ),
    "the account's password is wrong": _flow(
        Get("REGISTER"),
        _ask(),
        Get("REGISTER", has='nonce="n1"'),
        _ask(nonce="n2"),
        Get("REGISTER", has='nonce="n2"'),
        _ask(nonce="n3"),
        Get("REGISTER", has='nonce="n3"'),
        _ask(nonce="n4"),
        Pause(300),
        noticed=_down("401 Said By The Peer"),
    ),
    "another realm than the account's asks": _flow(
        Get("REGISTER"),
        _ask(realm="elsewhere.example"),
        Pause(300),
        noticed=_down("401 Said By The Peer"),
    ),
    "the account is forbidden": _flow(
        Get("REGISTER"), Give(403), Pause(300), noticed=_down("403 Said By The Peer")
    ),
    "the account is not there": _flow(
        Get("REGISTER"), Give(404), Pause(300), noticed=_down("404 Said By The Peer")
    ),
    "the registrar is out of service": _flow(
        Get("REGISTER"),
        Give(503, extra="Retry-After: 60"),
        Pause(300),
        noticed=_down("503 Said By The Peer"),
    ),
    # clause 10.2.8: it wants to hear from us less often
    "registered for too short a time": _flow(
        Get("REGISTER"),
        Give(423, extra="Min-Expires: 7200"),
        Get("REGISTER", has="Expires: *7200"),
        _GRANTED,
    ),
    # clause 10.2.4: before what was granted has run out
    "granted for four seconds only": _flow(
        Get("REGISTER"),
        Give(200, extra="[last_Contact:];expires=4"),
        Get("REGISTER"),
        _GRANTED,
    ),
    # clause 10.2.2
    "the way elsewhere is not followed": _flow(
        Get("REGISTER"),
        Give(302, extra="Contact: <sip:[local_ip]:9>"),
        Pause(300),
        noticed=_down("302 Said By The Peer"),
    ),
}
