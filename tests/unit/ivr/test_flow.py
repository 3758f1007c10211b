"""A flow run by hand: prompts end, keys come or do not, destinations fail."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from firmware.core.destinations import FlowGoto, FlowHangsUp, ToExtension, ToGroup
from ivr.flow import Flow, Hush, Say
from ivr.nodes import MAIN, Dial, FlowDocument, Group, HangUp, Menu, Play, problems

NOW = 1_000
SALES = ToExtension(number="201")
ALL = ToGroup(number="200")


def _run(document: FlowDocument = MAIN, languages: tuple[str, ...] = ("zh-CN",)) -> Flow:
    return Flow(document, languages)


def _at_menu() -> Flow:
    flow = _run()
    flow.start(NOW)
    flow.played(NOW)
    return flow


def test_the_shipped_flow_has_no_problems() -> None:
    assert problems(MAIN) == {}


def test_welcome_menu_and_a_key_lead_to_sales() -> None:
    flow = _run()
    assert flow.start(NOW) == [Say(prompts=("zh-CN/welcome",))]
    assert flow.played(NOW) == [Say(prompts=("zh-CN/menu-main",))]
    assert flow.played(NOW) == []
    assert flow.key("1", NOW) == [Say(prompts=("zh-CN/connecting",))]
    assert flow.played(9_000) == [FlowGoto(at_ms=9_000, destination=SALES, choice="1")]
    assert flow.away


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
        MAIN, nodes=MAIN.nodes | {"welcome": Play(prompts=("/data/hello.wav",), next="menu")}
    )
    assert _run(document).start(NOW) == [Say(prompts=("/data/hello.wav",))]


def test_nobody_stays_in_a_menu_for_ever() -> None:
    flow = _at_menu()
    assert flow.next_deadline() == NOW + 300_000, "while the prompt plays, only the limit counts"
    assert flow.advance(NOW + 300_000) == [Say(prompts=("zh-CN/goodbye",))]


def test_a_flow_comes_back_from_its_text_as_it_was() -> None:
    assert msgspec.json.decode(msgspec.json.encode(MAIN), type=FlowDocument) == MAIN


@pytest.mark.parametrize(
    ("nodes", "path"),
    [
        ({"a": Play(prompts=("x",), next="nowhere"), "bye": HangUp()}, "nodes.a.next"),
        (
            {
                "a": Menu(prompts=("x",), choices={"12": "bye"}, no_input="bye", failed="bye"),
                "bye": HangUp(),
            },
            "nodes.a.choices.12",
        ),
        ({"a": HangUp(), "b": HangUp(), "bye": HangUp()}, "nodes.b"),
        (
            {
                "a": Play(prompts=("x",), next="b"),
                "b": Play(prompts=("y",), next="a"),
                "bye": HangUp(),
            },
            "nodes.a.next",
        ),
        (
            {"a": Dial(extension="201", no_answer="gone", busy="bye"), "bye": HangUp()},
            "nodes.a.no_answer",
        ),
        ({"a": HangUp()}, "exhausted"),
    ],
)
def test_a_flow_that_cannot_run_is_found_before_it_does(nodes: dict[str, Any], path: str) -> None:
    document = FlowDocument(name="test", start="a", nodes=nodes, exhausted="bye")
    assert path in problems(document)


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
            nodes[name] = Play(prompts=("x",), next=chance.choice([*names[at + 1 :], "bye"]))
        elif kind == "menu":
            nodes[name] = Menu(
                prompts=("x",),
                choices={key: to() for key in chance.sample("0123456789*#", 4)},
                tries=chance.randint(1, 3),
                silences=chance.randint(1, 3),
                no_input=to(),
                failed=to(),
            )
        else:
            prompts = () if kind == "quiet" else ("x",)
            nodes[name] = Group(group="200", prompts=prompts, no_answer=to(), busy=to())
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
