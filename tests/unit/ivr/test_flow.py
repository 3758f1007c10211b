"""A flow run by hand: prompts end, keys come or do not, destinations fail."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from firmware.core.destinations import FlowGoto, FlowHangsUp, ToExtension, ToGroup
from firmware.core.log_entry import LogEntry
from ivr.check import Office, problems
from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.flow import Flow as WholeFlow
from ivr.nodes import Dial, Group, HangUp, Menu, Play
from ivr.orders import Hush, Say
from ivr.shipped import SHIPPED

NOW = 1_000

MAIN = FlowDocument(
    name="main",
    start="welcome",
    nodes={
        "welcome": Play(say=("welcome",), next="menu"),
        "menu": Menu(
            say=("menu-main",),
            choices={"1": "sales", "2": "second", "0": "everyone"},
            silences=1,
            no_input="everyone",
            failed="everyone",
        ),
        "sales": Dial(number="201", no_answer="unanswered", busy="engaged"),
        "second": Dial(number="202", no_answer="unanswered", busy="engaged"),
        "everyone": Group(number="200", no_answer="unanswered", busy="engaged"),
        "unanswered": Play(say=("no-answer",), next="again"),
        "engaged": Play(say=("all-busy",), next="again"),
        "again": Menu(
            say=("menu-main",),
            choices={"1": "sales", "2": "second", "0": "everyone"},
            tries=2,
            silences=1,
            no_input="goodbye",
            failed="goodbye",
        ),
        "goodbye": HangUp(),
    },
    operator="everyone",
    exhausted="goodbye",
)


class Flow(WholeFlow):
    """A flow whose log is left out: these stories are about what a caller hears."""

    def start(self, now_ms: int) -> list[Any]:
        return _heard(super().start(now_ms))

    def key(self, key: str, now_ms: int) -> list[Any]:
        return _heard(super().key(key, now_ms))

    def played(self, now_ms: int) -> list[Any]:
        return _heard(super().played(now_ms))

    def returned(self, result: Any, now_ms: int) -> list[Any]:
        return _heard(super().returned(result, now_ms))

    def advance(self, now_ms: int) -> list[Any]:
        return _heard(super().advance(now_ms))


def _heard(effects: list[Any]) -> list[Any]:
    return [effect for effect in effects if not isinstance(effect, LogEntry)]


SALES = ToExtension(number="201")
ALL = ToGroup(number="200")


def _run(document: FlowDocument = MAIN, languages: tuple[str, ...] = ("zh-CN",)) -> Flow:
    return Flow(document, languages)


def _at_menu() -> Flow:
    flow = _run()
    flow.start(NOW)
    flow.played(NOW)
    return flow


def test_the_shipped_flows_have_no_problems() -> None:
    office = Office(flows=SHIPPED, extensions={"201", "202", "203", "204"}, groups={"200"})
    for flow in SHIPPED.values():
        assert problems(flow, office) == ()


def test_welcome_menu_and_a_key_lead_to_sales() -> None:
    flow = _run()
    assert flow.start(NOW) == [Say(prompts=("zh-CN/welcome",))]
    assert flow.played(NOW) == [Say(prompts=("zh-CN/menu-main",))]
    assert flow.played(NOW) == []
    assert flow.key("1", NOW) == [Say(prompts=("zh-CN/connecting",))]
    assert flow.played(9_000) == [FlowGoto(at_ms=9_000, destination=SALES, choice="1")]
    assert flow.away


def test_a_flow_of_the_first_edition_is_read_and_one_of_a_later_is_refused() -> None:
    old = {
        "schema": 1,
        "name": "old",
        "start": "menu",
        "nodes": {
            "menu": {
                "kind": "menu",
                "prompts": ["menu-main"],
                "choices": {"1": "sales", "0": "all"},
                "no_input": "all",
                "failed": "all",
            },
            "sales": {"kind": "dial", "extension": "201", "no_answer": "all", "busy": "all"},
            "all": {"kind": "group", "group": "200", "no_answer": "bye", "busy": "bye"},
            "bye": {"kind": "hang_up", "prompts": ["goodbye"]},
        },
        "exhausted": "bye",
    }
    flow = read_flow(old)
    assert flow.nodes["sales"] == Dial(number="201", no_answer="all", busy="all")
    assert flow.nodes["all"] == Group(number="200", no_answer="bye", busy="bye")
    assert old["schema"] == 1, "the document that was read stays as it is"
    run = Flow(flow)
    assert run.start(NOW) == [Say(prompts=("zh-CN/menu-main",))]
    for wrong in ({**old, "schema": 3}, {**old, "schema": "x"}, {"schema": 1}, {**old, "rest": 1}):
        with pytest.raises(FlowRefused):
            read_flow(wrong)


def test_a_key_cuts_the_menu_short() -> None:
    assert _at_menu().key("2", NOW) == [Hush(), Say(prompts=("zh-CN/connecting",))]


def test_a_key_during_the_welcome_counts_in_the_menu() -> None:
    flow = _run()
    flow.start(NOW)
    assert flow.key("1", NOW) == [Hush(), Say(prompts=("zh-CN/connecting",))]


def test_silence_leads_to_everybody() -> None:
    flow = _at_menu()
    flow.played(NOW)
    assert flow.next_deadline() == NOW + 5_000
    assert flow.advance(NOW + 4_999) == []
    assert flow.advance(NOW + 5_000) == [Say(prompts=("zh-CN/connecting",))]
    assert flow.played(NOW) == [FlowGoto(at_ms=NOW, destination=ALL, choice="")]


def test_wrong_keys_are_said_and_after_the_third_everybody_rings() -> None:
    flow = _at_menu()
    again = Say(prompts=("zh-CN/wrong-choice", "zh-CN/menu-main"))
    assert flow.key("7", NOW) == [Hush(), again]
    assert flow.key("8", NOW) == [Hush(), again]
    assert flow.key("9", NOW) == [Hush(), Say(prompts=("zh-CN/connecting",))]
    assert flow.played(NOW) == [FlowGoto(at_ms=NOW, destination=ALL)]


def test_nobody_answers_another_try_and_goodbye() -> None:
    flow = _at_menu()
    flow.key("1", NOW)
    flow.played(NOW)
    assert flow.returned("no_answer", NOW) == [Say(prompts=("zh-CN/no-answer",))]
    assert flow.played(NOW) == [Say(prompts=("zh-CN/menu-main",))]
    flow.key("2", NOW)
    flow.played(NOW)
    assert flow.returned("busy", NOW) == [Say(prompts=("zh-CN/goodbye",))]
    assert flow.played(NOW) == [FlowHangsUp(at_ms=NOW)]
    assert flow.ended
    assert flow.key("1", NOW) == []


def test_keys_while_he_is_being_connected_change_nothing() -> None:
    flow = _at_menu()
    flow.key("1", NOW)
    assert flow.key("2", NOW) == []
    assert flow.played(NOW) == [FlowGoto(at_ms=NOW, destination=SALES, choice="1")]
    assert flow.key("2", NOW) == []


def test_two_languages_are_said_one_after_the_other() -> None:
    flow = _run(languages=("zh-CN", "en"))
    assert flow.start(NOW) == [Say(prompts=("zh-CN/welcome", "en/welcome"))]


def test_an_owners_recording_has_no_language() -> None:
    document = msgspec.structs.replace(
        MAIN, nodes=MAIN.nodes | {"welcome": Play(say=("/data/hello.wav",), next="menu")}
    )
    assert _run(document).start(NOW) == [Say(prompts=("/data/hello.wav",))]


def test_nobody_stays_in_a_menu_for_ever() -> None:
    flow = _at_menu()
    assert flow.next_deadline() == NOW + 300_000, "while the prompt plays, only the limit counts"
    goodbye = Say(prompts=("zh-CN/goodbye",))
    assert flow.advance(NOW + 300_000) == [Hush(), goodbye]


def test_a_flow_comes_back_from_its_text_as_it_was() -> None:
    assert msgspec.json.decode(msgspec.json.encode(MAIN), type=FlowDocument) == MAIN


@pytest.mark.parametrize(
    ("nodes", "path"),
    [
        ({"a": Play(say=("x",), next="nowhere"), "bye": HangUp()}, "nodes.a.next"),
        (
            {
                "a": Menu(say=("x",), choices={"12": "bye"}, no_input="bye", failed="bye"),
                "bye": HangUp(),
            },
            "nodes.a.choices.12",
        ),
        ({"a": HangUp(), "b": HangUp(), "bye": HangUp()}, "nodes.b"),
        (
            {
                "a": Play(say=("x",), next="b"),
                "b": Play(say=("y",), next="a"),
                "bye": HangUp(),
            },
            "nodes.a",
        ),
        (
            {"a": Dial(number="201", no_answer="gone", busy="bye"), "bye": HangUp()},
            "nodes.a.no_answer",
        ),
        ({"a": HangUp()}, "exhausted"),
    ],
)
def test_a_flow_that_cannot_run_is_found_before_it_does(nodes: dict[str, Any], path: str) -> None:
    document = FlowDocument(name="test", start="a", nodes=nodes, exhausted="bye")
    found = problems(document)
    assert path in {problem.path for problem in found}
    for problem in found:
        assert problem.sentence("zh-CN") != problem.sentence("en")


def _any_flow(chance: random.Random) -> FlowDocument:
    """A flow without problems, of random shape."""
    names = [f"n{n}" for n in range(8)]

    def to() -> str:
        return chance.choice([*names, "bye"])

    nodes: dict[str, Any] = {"bye": HangUp()}
    for at, name in enumerate(names):
        kind = chance.choice(["play", "menu", "menu", "dial", "group", "quiet"])
        if kind == "play":
            # Only forwards, so that prompts cannot follow each other in a circle.
            nodes[name] = Play(say=("x",), next=chance.choice([*names[at + 1 :], "bye"]))
        elif kind == "menu":
            nodes[name] = Menu(
                say=("x",),
                choices={key: to() for key in chance.sample("0123456789*#", 4)},
                tries=chance.randint(1, 3),
                silences=chance.randint(1, 3),
                no_input=to(),
                failed=to(),
            )
        else:
            say = () if kind == "quiet" else ("x",)
            nodes[name] = Group(number="200", say=say, no_answer=to(), busy=to())
    return FlowDocument(
        name="any",
        start="n0",
        nodes=nodes,
        exhausted="bye",
        attempts=chance.randint(1, 4),
        limit_ms=60_000,
    )


@pytest.mark.parametrize("seed", range(60))
def test_any_flow_lets_go_of_any_caller(seed: int) -> None:
    chance = random.Random(seed)
    flow = Flow(_any_flow(chance), ("en",))
    now_ms = 0
    flow.start(now_ms)
    for _ in range(600):
        if flow.ended:
            break
        now_ms += chance.choice([0, 100, 2_000, 6_000])
        if flow.away:
            flow.returned(chance.choice(["no_answer", "busy", "unknown"]), now_ms)
        elif chance.random() < 0.3:
            flow.key(chance.choice("0123456789*#"), now_ms)
        else:
            flow.advance(now_ms)
            flow.played(now_ms)
    assert flow.ended, f"seed {seed}: still at {flow.node_id} after {now_ms} ms"
    assert flow.next_deadline() is None
