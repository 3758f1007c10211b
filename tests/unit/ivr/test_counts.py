"""Counts per node come from the log; a flow that is changed does not move who is in it."""

from __future__ import annotations

from typing import Any

import msgspec

from drivers.line import LoopCurrentLost
from firmware.core.menu_entries import NodePassed
from firmware.core.settings import Settings
from ivr.counts import Place, count, notice_heard
from ivr.document import edition, read_flow
from tests.unit.desk import PROMPT_MS, Desk

NODES: dict[str, Any] = {
    "menu": {
        "kind": "menu",
        "say": ["menu-main"],
        "choices": {"1": "sales"},
        "no_input": "all",
        "failed": "all",
    },
    "sales": {"kind": "extension", "number": "201", "no_answer": "all", "busy": "all"},
    "all": {"kind": "ring_group", "number": "200", "no_answer": "bye", "busy": "bye"},
    "bye": {"kind": "hang_up"},
}
FLOW: dict[str, Any] = {
    "schema": 2,
    "name": "own",
    "start": "menu",
    "nodes": NODES,
    "operator": "all",
    "exhausted": "bye",
}
OFFICE = msgspec.structs.replace(Settings(), flows={"own": FLOW}, inbound="flow:own")
EDITION = edition(read_flow(FLOW))


def test_two_callers_one_chooses_and_one_hangs_up() -> None:
    desk = Desk.ready(OFFICE)
    desk.call_in("fxo/1")
    desk.wait(PROMPT_MS)
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS + 500)
    desk.call_in("fxo/2")
    desk.wait(1_000)
    desk.tell(LoopCurrentLost(port="fxo/2", at_ms=desk.now_ms))
    desk.wait(5_000)
    menu = count(desk.log)[Place("own", EDITION, "menu")]
    assert (menu.visits, menu.hang_ups, dict(menu.exits)) == (2, 1, {"1": 1})


def test_a_flow_that_is_changed_does_not_move_who_is_in_it() -> None:
    desk = Desk.ready(OFFICE)
    desk.call_in("fxo/1")
    desk.wait(PROMPT_MS)
    other = {**FLOW, "nodes": {**NODES, "menu": {**NODES["menu"], "choices": {"1": "all"}}}}
    desk.office.apply_settings(msgspec.structs.replace(OFFICE, flows={"own": other}), desk.now_ms)
    desk.key("fxo/1", "1")
    desk.wait(PROMPT_MS + 500)
    assert set(desk.ringing) == {"fxs/1"}, "the old choice still holds for him"
    desk.call_in("fxo/2")
    desk.wait(PROMPT_MS)
    desk.key("fxo/2", "1")
    desk.wait(PROMPT_MS + 500)
    assert {"fxs/2", "fxs/3", "fxs/4"} <= set(desk.ringing), "who came later has the new one"
    editions = {place.edition for place in count(desk.log)}
    assert editions == {EDITION, edition(read_flow(other))}


def test_a_node_moved_in_the_drawing_is_counted_on() -> None:
    moved = dict(FLOW, places={"menu": [3, 4]})
    assert edition(read_flow(moved)) == EDITION


def test_callers_who_heard_a_notice_and_then_hung_up_are_counted_once_each() -> None:
    passed = [  # call, node, exit
        ("1", "announcement", "next"), ("1", "menu", "hung_up"),
        ("2", "announcement", "hung_up"),
        ("3", "announcement", "next"), ("3", "menu", "1"),
        ("4", "menu", "hung_up"),
    ]  # fmt: skip
    log = [
        NodePassed(call=call, at_ms=9, flow="main", edition="e", node=node, entered_ms=1, exit=way)
        for call, node, way in passed
    ]
    assert notice_heard(log) == (3, 2)
