"""Daemons killed for real, with SIGKILL, while people talk. The town lives in another process."""

from __future__ import annotations

import time

import pytest

from tests.bench.real_box import RealBox

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(120)]

CALLER = "13800138000"


def direct(document: dict) -> dict:
    """Line N rings extension 200 + N, without a menu."""
    lines = [dict(line, inbound=str(201 + n)) for n, line in enumerate(document["lines"])]
    return dict(document, lines=lines)


def in_conversation(box: RealBox) -> None:
    """Line 1 talks to telephone 201."""
    box.change_settings(direct)
    box.act("call", "line 1", number=CALLER)
    box.wait(lambda: box.party("telephone 201")["ringing"], 20)
    box.act("lift", "telephone 201")
    box.wait(lambda: box.party("line 1")["state"] == "talking", 3)
    box.let_pass(0.8)


def passes(box: RealBox, source: str, sink: str) -> bool:
    """A test tone of one arrives at the other."""
    box.act("tone", source, hz=1004, ms=900, dbm0=-15)
    box.let_pass(0.7)
    level = box.act("hears", sink, hz=1004, ms=300)["dbm0"]
    box.let_pass(0.5)
    return level > -25


def test_calld_killed_in_a_conversation():
    with RealBox(patient=True) as box:
        in_conversation(box)
        assert passes(box, "line 1", "telephone 201")
        before = box.pid("calld")
        box.kill("calld")
        assert passes(box, "line 1", "telephone 201"), "the conversation stopped with calld"
        assert passes(box, "telephone 201", "line 1")
        box.wait(lambda: box.pid("calld") != before and box.status() is not None, 10)
        box.wait(lambda: len(box.status().calls) == 1, 5)
        assert passes(box, "line 1", "telephone 201"), "adopting the call broke it"
        box.act("hang_up", "line 1", by="busy tone")
        released = box.wait(lambda: not box.party("line 1")["seized"], 6)
        assert released <= 6
        box.act("replace", "telephone 201")
        box.wait(lambda: len(box.records()) == 1, 5)
        (record,) = box.records()
        assert record["outcome"] == "answered"
        assert record["adopted"] == 1
        assert (record["cleared_first"], record["cleared_by"]) == ("customer", "tone")
        assert None not in [record[f"t{n}_ms"] for n in (0, 1, 3, 4, 5, 6, 7)]


def test_lined_killed_in_a_conversation():
    with RealBox(patient=True) as box:
        in_conversation(box)
        killed = box.kill("lined")
        box.wait(lambda: not box.party("line 1")["seized"], 3)
        on_hook = time.monotonic() - killed
        assert on_hook <= 1.0, f"the exchange line was held for {on_hook:.2f} s"
        box.act("lift", "telephone 202")
        box.wait(lambda: box.act("hears", "telephone 202", hz=450, ms=200)["dbm0"] > -20, 8)
        dial_tone = time.monotonic() - killed
        assert dial_tone <= 5.0, f"dial tone after {dial_tone:.2f} s"
        box.wait(lambda: len(box.records()) == 1, 5)
        assert box.records()[0]["cleared_by"] == "fault"
