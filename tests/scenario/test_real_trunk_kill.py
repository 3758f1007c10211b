"""Daemons are killed under a call over a trunk: what goes on, what ends, and what is told of it.

Condition: where no pjsua2 fits the machine there is no SIP, and nothing to be killed.
"""

from __future__ import annotations

import pytest

from tests.bench.real_box import RealBox
from tests.bench.sip_peer import SipPeer
from tests.scenario.test_real_trunk import (
    CALLER,
    HERE,
    finished,
    hears_each_other,
    office,
    own_port,
    up,
)

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(120)]

BACK_S = 5.0
"""What is promised of the trunk daemon; how long it took is printed."""


def talking(box: RealBox) -> bool:
    status = box.status()
    return status is not None and any(call.state == "talking" for call in status.calls)


def call_in(box: RealBox, peer: SipPeer, at: tuple[str, int]) -> None:
    """The peer calls 201, who lifts."""
    peer.call(at, "02161234501", "x", f"P-Asserted-Identity: <sip:{CALLER}@carrier.example>")
    box.wait(lambda: box.party("telephone 201")["ringing"], 10)
    box.act("lift", "telephone 201")
    box.wait(lambda: talking(box), 5)


def test_daemons_are_killed_under_a_trunk_call():
    if not HERE:
        return  # what the box says then is tried in test_real_trunk
    with SipPeer() as peer, SipPeer() as registrar, SipPeer() as other:
        registrar.realm = "other.example"
        port = own_port()
        at = ("127.0.0.1", port)
        with RealBox(wanted=("world", "lined", "calld", "sipd"), patient=True) as box:
            box.change_settings(office(peer, registrar, port))
            box.wait(lambda: up(box), 15)
            call_in(box, peer, at)

            # --- call control dies: they talk on; the new one takes the call over, by its record
            box.kill("calld")
            box.wait(lambda: talking(box), 20)
            (call,) = box.status().calls
            assert set(call.parties) == {"sip/1", "fxs/1"}
            hears_each_other(box, peer, "telephone 201")
            peer.bye()
            record = finished(box, 1)
            assert record["call"] == call.call
            assert (record["outcome"], record["adopted"]) == ("answered", 1)
            assert (record["cleared_first"], record["cleared_by"]) == ("customer", "signal")
            assert record["legs"][0]["codec"] == "PCMA"
            box.act("replace", "telephone 201")

            # --- the trunk daemon dies: its call ends with a record, the others go on
            box.wait(lambda: up(box), 10)
            call_in(box, other, at)
            box.act("lift", "telephone 202")
            box.let_pass(0.6)
            box.act("press", "telephone 202", keys="203")
            box.wait(lambda: box.party("telephone 203")["ringing"], 10)
            box.act("lift", "telephone 203")
            box.wait(lambda: sum(c.state == "talking" for c in box.status().calls) == 2, 5)
            box.kill("sipd")
            record = finished(box, 2)
            assert (record["outcome"], record["cleared_by"]) == ("answered", "fault")
            assert [c.state for c in box.status().calls if "fxs/2" in c.parties] == ["talking"]
            took_s = box.wait(lambda: up(box), 30)
            print(f"trunks were back {took_s:.1f} s after sipd was killed (goal: {BACK_S} s)")
            assert talking(box)
