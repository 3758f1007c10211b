"""A SIP trunk for real: the library in its own process, a peer on loopback that shares no code.

Condition: where no pjsua2 fits the machine there is no SIP; the box says so, and that is tried.
"""

from __future__ import annotations

import importlib.util
import os
import socket

import numpy as np
import pytest

from firmware.control.trunk_messages import AskTrunks
from tests.bench.real_box import RealBox
from tests.bench.sip_peer import SipPeer, level_of

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(120)]

HERE = importlib.util.find_spec("pjsua2") is not None or "TIPRING_PJSUA2" in os.environ
CALLER, NUMBER = "13800138000", "02161234500"


def own_port() -> int:
    """A port for the box that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def office(peer: SipPeer, registrar: SipPeer, port: int):
    """One trunk of two calls to the peer, before the exchange's lines; key 2 of the menu is 202.

    Another one registers.
    """

    def wanted(document: dict) -> dict:
        first = document["lines"][0]
        legs = [dict(first, port=f"sip/{n}", name=f"trunk {n}") for n in (1, 2, 3)]
        trunk = {
            "name": "carrier",
            "lines": ["sip/1", "sip/2"],
            "host": "127.0.0.1",
            "port": peer.port,
            "register": False,
            "user": NUMBER,
            "numbers": {NUMBER: "flow:main", "02161234501": "201"},
            "codecs": ["PCMA"],
            "presentation": "hide",
        }
        registered = {
            "name": "other",
            "lines": ["sip/3"],
            "host": "127.0.0.1",
            "port": registrar.port,
            "user": "02161234599",
            "password": "made-up-and-long",
        }
        groups = [
            {"name": "carrier", "lines": ["sip/1", "sip/2"]},
            {"name": "exchange", "lines": ["fxo/1", "fxo/2"]},
        ]
        routes = [{"trunk": "carrier", "price": 1}, {"trunk": "exchange", "price": 10}]
        return dict(
            document,
            lines=[*document["lines"], *legs],
            sip={"trunks": [trunk, registered], "port": port, "address": "127.0.0.1"},
            trunks=groups,
            routes=routes,
            timers={"inter_digit": 2_000},
        )

    return wanted


def up(box: RealBox, port: str = "sip/1") -> bool:
    status = box.status()
    return status is not None and any(p.port == port and p.state == "idle" for p in status.ports)


def finished(box: RealBox, how_many: int) -> dict:
    box.wait(lambda: len(box.records()) >= how_many, 10)
    return box.records()[-1]


def hears_each_other(box: RealBox, peer: SipPeer, telephone: str) -> None:
    """A tone of each arrives at the other, and nothing of it comes back to who said it."""
    peer.tone(1_004, 1.0)
    box.let_pass(0.7)
    assert box.act("hears", telephone, hz=1004, ms=300)["dbm0"] > -25
    box.let_pass(0.4)
    peer.hear()
    box.act("tone", telephone, hz=1004, ms=900, dbm0=-15)
    box.let_pass(0.9)
    heard = peer.hear()
    middle = heard[heard.size // 2 : 3 * heard.size // 4]
    assert level_of(middle, 1_004) > -25, level_of(middle, 1_004)
    assert level_of(middle, 1_400) < -45


def test_a_trunk_call_in_and_out():
    with (
        SipPeer() as peer,
        SipPeer() as registrar,
        SipPeer(host="127.0.0.2") as stranger,
    ):
        registrar.realm = "other.example"
        port = own_port()
        at = ("127.0.0.1", port)
        with RealBox(wanted=("world", "lined", "calld", "sipd"), patient=True) as box:
            box.change_settings(office(peer, registrar, port))
            if not HERE:
                box.wait(lambda: any("SIP" in alarm for alarm in box.status().alarms), 10)
                return
            box.wait(lambda: up(box), 15)

            # --- it registers: first without a password, then for whom the registrar is
            box.wait(lambda: up(box, "sip/3"), 15)
            asked = [request.get("authorization") for request in registrar.requests("REGISTER")]
            assert asked[0] == ""
            assert 'realm="other.example"' in asked[-1]

            # --- a stranger gets no ring, no sound and no call
            stranger.call(at, NUMBER, "100")
            stranger.wait(lambda: any(code >= 300 for code in stranger.codes()), 1.5)
            assert not {180, 183, 200} & set(stranger.codes())
            assert box.status().calls == ()
            told = box.ask(AskTrunks())
            assert [(s.address, s.count) for s in told.strangers] == [("127.0.0.2", 1)]
            assert {trunk.state for trunk in told.trunks} == {"up", "registered"}

            # --- in: the menu, a key as an event, a telephone, both ways, cleared by the caller
            extra = f'P-Asserted-Identity: "Wang" <sip:{CALLER}@carrier.example>'
            peer.call(at, NUMBER, "anything", extra)
            assert peer.wait(lambda: 200 in peer.codes(), 30), peer.codes()
            assert peer.wait(lambda: np.abs(peer.hear()).max(initial=0.0) > 1_000, 40), "no prompt"
            peer.press("2")
            box.wait(lambda: box.party("telephone 202")["ringing"], 10)
            box.act("lift", "telephone 202")
            box.wait(lambda: any(c.state == "talking" for c in box.status().calls), 5)
            box.let_pass(0.3)
            hears_each_other(box, peer, "telephone 202")

            # --- whoever talks with us does not make us dial: the library would, by REFER
            peer.refer("sip:900861234567890@127.0.0.1")
            assert peer.wait(lambda: peer.answers("REFER") != [], 3)
            assert peer.answers("REFER")[-1] >= 400
            assert len(box.status().calls) == 1
            peer.bye()
            record = finished(box, 1)
            box.act("replace", "telephone 202")
            assert (record["outcome"], record["direction"]) == ("answered", "inbound")
            assert record["caller_number"] == CALLER
            assert (record["cleared_first"], record["cleared_by"]) == ("customer", "signal")
            # --- how its sound travelled is in the record: loopback loses nothing
            (leg,) = record["legs"]
            assert (leg["codec"], leg["transport"], leg["secured"]) == ("PCMA", "udp", False)
            assert leg["packets"] > 100
            assert leg["lost"] <= leg["packets"] // 50
            # How good it is tells how late the peer was, on a machine that others use as well.
            assert 1.0 <= leg["mos"] <= 4.5

            # --- out: by the cheaper way, heard both ways, cleared by ours
            box.wait(lambda: up(box), 5)
            box.act("lift", "telephone 201")
            box.let_pass(0.6)
            box.act("press", "telephone 201", keys="902155550100")
            assert peer.wait(lambda: peer.requests("INVITE") != [], 15)
            (invite,) = peer.requests("INVITE")[:1]
            assert invite.first.startswith("INVITE sip:02155550100@127.0.0.1")
            # RFC 3325, clause 9.3: the provider knows who calls, whoever is called does not.
            assert NUMBER in invite.get("p-asserted-identity")
            assert invite.get("privacy") == "id"
            assert NUMBER not in invite.get("from")
            # This trunk's codecs alone, though another has more; and nothing but sound.
            media = [line for line in invite.body.splitlines() if line.startswith("m=")]
            assert [line.split()[3] for line in media] == ["8"], media
            box.wait(lambda: any(c.state == "talking" for c in box.status().calls), 10)
            box.let_pass(0.3)
            hears_each_other(box, peer, "telephone 201")
            box.act("replace", "telephone 201")
            assert peer.wait(lambda: peer.requests("BYE") != [], 10)
            record = finished(box, 2)
            assert (record["outcome"], record["direction"]) == ("answered", "outbound")
            assert (record["answered_by"], record["cleared_by"]) == ("signal", "on_hook")
