"""Registration, step by step."""

from __future__ import annotations

from firmware.core.sip_settings import SipTrunk
from firmware.sip.trunk import (
    Answered,
    Close,
    Moved,
    Open,
    Register,
    Trunk,
    TrunkDown,
    TrunkUp,
    Unregister,
)
from firmware.sip.why import told

SECRET = "made-up-and-long"  # noqa: S105 - of nobody
CARRIER = SipTrunk(
    name="carrier", lines=("sip/1",), host="carrier.example", user="021", password=SECRET
)


def begun(trunk: SipTrunk = CARRIER, draw: float = 1.0) -> Trunk:
    return Trunk(trunk, None, lambda: draw)


def test_the_password_is_for_the_realm_that_the_registrar_names() -> None:
    trunk = begun()
    assert trunk.handle(Open(), 0) == [Register(trunk="carrier", realm="")]
    asked = Answered(code=401, reason="Unauthorized", realm="carrier.example")
    assert trunk.handle(asked, 50) == [Register(trunk="carrier", realm="carrier.example")]
    assert trunk.handle(Answered(code=200, again_s=3_600), 100) == [TrunkUp(trunk="carrier")]
    assert trunk.up
    # RFC 3261, 10.2.4: renewed before it ends; half of what was granted.
    assert trunk.next_deadline() == 100 + 1_800_000
    assert trunk.advance(1_800_100) == [Register(trunk="carrier", realm="carrier.example")]
    assert trunk.up, "calls go on while it is renewed"


def test_a_set_realm_is_the_only_one() -> None:
    strict = SipTrunk(
        name="carrier",
        lines=("sip/1",),
        host="h.example",
        user="u",
        password="x" * 20,
        realm="mine",
    )
    trunk = begun(strict)
    assert trunk.handle(Open(), 0) == [Register(trunk="carrier", realm="mine")]
    (down,) = trunk.handle(Answered(code=401, reason="Unauthorized", realm="evil"), 10)
    assert isinstance(down, TrunkDown)
    assert trunk.state == "waiting"


def test_a_registrar_that_asks_for_ever_is_left_alone() -> None:
    """AST-2020-002: a loop of challenges. Two questions at most, then the wait."""
    trunk = begun()
    trunk.handle(Open(), 0)
    asked = 0
    for n in range(10):
        done = trunk.handle(Answered(code=401, realm="carrier.example"), n)
        asked += sum(isinstance(effect, Register) for effect in done)
    assert asked == 1
    assert trunk.state == "waiting"


def test_waits_double_to_half_an_hour_and_are_spread() -> None:
    waits = []
    trunk = begun()
    now = 0
    trunk.handle(Open(), now)
    for _ in range(9):
        (down,) = trunk.handle(Answered(code=503, reason="Service Unavailable"), now)
        waits.append(down.again_ms - now)
        now = down.again_ms
        assert trunk.advance(now) == [Register(trunk="carrier", realm="")]
    # RFC 5626, 4.5: base 30 s doubled each time, at most 30 minutes; the draw is 1.0 here.
    assert waits == [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, *[1_800_000] * 3]
    low = begun(draw=0.0)
    low.handle(Open(), 0)
    (down,) = low.handle(Answered(code=503), 0)
    assert down.again_ms == 15_000


def test_silence_is_a_refusal_and_said_in_a_sentence() -> None:
    trunk = begun()
    trunk.handle(Open(), 0)
    (down,) = trunk.advance(32_000)
    assert told(down.reason, "en") == "carrier.example did not answer"
    assert told(down.reason, "zh-CN") == "carrier.example 没有回应"
    assert not trunk.up


def test_the_box_moved() -> None:
    trunk = begun()
    trunk.handle(Open(), 0)
    trunk.handle(Answered(code=200, again_s=600), 10)
    assert trunk.handle(Moved(), 20) == [Register(trunk="carrier", realm="")]


def test_closing_takes_the_binding_away() -> None:
    trunk = begun()
    trunk.handle(Open(), 0)
    trunk.handle(Answered(code=200, again_s=600), 10)
    assert trunk.handle(Close(), 20) == [Unregister(trunk="carrier")]
    assert not trunk.up
    assert trunk.next_deadline() is None


def test_a_fixed_peer_is_up_at_once() -> None:
    peer = SipTrunk(name="branch", lines=("sip/1",), host="192.0.2.7", register=False)
    trunk = begun(peer)
    assert trunk.handle(Open(), 0) == [TrunkUp(trunk="branch")]
    assert trunk.next_deadline() is None


def test_a_certificate_that_proves_nothing_is_said_to_be_that() -> None:
    trunk = begun()
    trunk.handle(Open(), 0)
    said = Answered(code=503, reason="SSL certificate verification error (PJSIP_TLS_ECERTVERIF)")
    (down,) = trunk.handle(said, 10)
    assert isinstance(down, TrunkDown)
    words = told(down.reason, "en")
    assert "certificate" in words
    assert CARRIER.host in words
    assert "PJSIP" not in words


def test_a_registration_is_renewed_in_its_time_and_not_all_at_once() -> None:
    times = []
    for draw in (0.0, 0.5, 1.0):
        trunk = begun(draw=draw)
        trunk.handle(Open(), 0)
        trunk.handle(Answered(code=200, again_s=600), 0)
        times.append(trunk.next_deadline())
    assert times == [150_000, 225_000, 300_000]  # half of it at the latest, a quarter at the least
