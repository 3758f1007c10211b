"""Each daemon is killed under calls over trunks, in and out at once: what is lost, what is told.

Long, for it needs the real processes again and again; the figures stand in tests/soak.md.
Condition: where no pjsua2 fits the machine there is no SIP, and nothing to be killed.
"""

from __future__ import annotations

import os
import time

import pytest

from tests.bench.real_box import RealBox
from tests.bench.sip_peer import SipPeer
from tests.scenario.test_real_trunk import (
    CALLER,
    HERE,
    hears_each_other,
    office,
    own_port,
    up,
)

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

BACK_S = 5.0  # the goal, on a machine that has nothing else to do
TIMES = 3
IN, OUT = "telephone 201", "telephone 202"


class Calls:
    """A box with a call from a trunk and one to a trunk, again and again."""

    def __init__(self, box: RealBox, caller: SipPeer, called: SipPeer, at: tuple[str, int]) -> None:
        self.box = box
        self.caller, self.called = caller, called
        self._at = at

    def talking(self) -> int:
        status = self.box.status()
        return 0 if status is None else sum(call.state == "talking" for call in status.calls)

    def nobody(self) -> bool:
        status = self.box.status()
        return status is not None and not status.calls

    def begin(self) -> None:
        """201 is called and lifts; 202 calls out."""
        box = self.box
        box.wait(lambda: up(box) and up(box, "sip/2") and box.ready(), 30)
        self.caller.seen.clear()
        self.called.seen.clear()
        self.call_in()
        box.act("lift", OUT)
        box.let_pass(0.6)
        box.act("press", OUT, keys="902155550100")
        box.wait(lambda: self.talking() == 2, 20)
        box.let_pass(0.3)
        self.heard()

    def call_in(self) -> None:
        extra = f"P-Asserted-Identity: <sip:{CALLER}@carrier.example>"
        self.caller.call(self._at, "02161234501", "x", extra)
        self.box.wait(lambda: self.box.party(IN)["ringing"], 10)
        self.box.act("lift", IN)

    def heard(self) -> None:
        """Both conversations, both ways."""
        hears_each_other(self.box, self.caller, IN)
        hears_each_other(self.box, self.called, OUT)

    def hang_up(self) -> None:
        for phone in (IN, OUT):
            self.box.act("replace", phone)
        self.box.wait(self.nobody, 20)

    def records(self, how_many: int) -> list[dict]:
        """The last two of calls that are over."""
        self.box.wait(lambda: len(self.box.records()) >= how_many, 20)
        return self.box.records()[-2:]


@pytest.mark.parametrize("daemon", ["lined", "sipd", "calld"])
def test_a_daemon_is_killed_under_calls_both_ways(daemon: str) -> None:
    if not HERE:
        return  # what the box says then is tried in test_real_trunk
    with SipPeer() as called, SipPeer() as registrar, SipPeer() as caller:
        registrar.realm = "other.example"
        port = own_port()
        with RealBox(wanted=("world", "lined", "calld", "sipd"), patient=True) as box:
            box.change_settings(office(called, registrar, port))
            calls = Calls(box, caller, called, ("127.0.0.1", port))
            for turn in range(TIMES):
                calls.begin()
                killed_s = box.kill(daemon)
                if daemon == "calld":
                    # --- nobody notices: the new one takes both calls over by their records
                    box.wait(lambda: calls.talking() == 2, 20)
                    took_s = time.monotonic() - killed_s
                    calls.heard()
                    calls.hang_up()
                    records = calls.records(2 * turn + 2)
                    assert [r["adopted"] for r in records] == [1, 1]
                    assert {r["cleared_by"] for r in records} == {"on_hook"}
                else:
                    # --- the calls are over, both far sides are told, and both have a record
                    records = calls.records(2 * turn + 2)
                    # A lined that is back at once finds them over, as a restart does.
                    how = {r["cleared_by"] for r in records}
                    assert how == {"fault"} or (daemon == "lined" and how == {"restart"}), records
                    if daemon == "lined":
                        for peer in (caller, called):
                            assert peer.wait(lambda p=peer: p.requests("BYE") != [], 10)
                    box.wait(lambda: up(box) and up(box, "sip/2"), 30)
                    took_s = time.monotonic() - killed_s
                    for phone in (IN, OUT):
                        box.act("replace", phone)
                assert {r["outcome"] for r in records} == {"answered"}
                assert {r["direction"] for r in records} == {"inbound", "outbound"}
                load = os.getloadavg()[0]
                print(f"{daemon} killed: calls again after {took_s:.1f} s, load {load:.1f}")
                # A goal is a figure; who waits for ten other processes is not judged by it.
                assert took_s <= (BACK_S if load < os.cpu_count() else 4 * BACK_S)
                box.wait(calls.nobody, 20)
