"""Which question deserves a key: by hand, from what agents keyed after forty calls."""

from __future__ import annotations

from firmware.core.acd_entries import WrapUpBy, WrapUpEnded
from ivr.document import FlowDocument
from ivr.nodes import HangUp, Menu, Tag
from ivr.questions import questions

NAMES = {("300", "11"): "invoice", ("300", "12"): "password", ("300", "13"): "address"}


def _keyed(*topics: tuple[str, int]) -> list[object]:
    said = [topic for topic, times in topics for _ in range(times)]
    return [
        WrapUpEnded(
            call=f"{n:08}", at_ms=n, queue="300", visit=1, agent="1001", by=WrapUpBy.RESULT,
            topic=topic,
        )
        for n, topic in enumerate(said)
    ]  # fmt: skip


def test_a_tenth_of_the_calls_deserves_a_key() -> None:
    # 40 calls with a topic: 26 invoice, 10 password, 3 address, 1 nameless; 9 without a topic.
    log = _keyed(("11", 26), ("12", 10), ("13", 3), ("99", 1), ("", 9))
    found = questions(log, NAMES, ())
    told = [(q.name or q.topic, q.calls, round(q.share, 3), q.deserves) for q in found]
    assert told == [
        ("invoice", 26, 0.65, True),
        ("password", 10, 0.25, True),
        ("address", 3, 0.075, False),
        ("99", 1, 0.025, False),
    ]


def test_what_has_a_key_needs_no_other() -> None:
    menu = Menu(
        say=("menu-main",), choices={"1": "bills", "2": "bye"}, no_input="bye", failed="bye"
    )
    flow = FlowDocument(
        name="own",
        start="menu",
        exhausted="bye",
        nodes={"menu": menu, "bills": Tag(tag="invoice", next="bye"), "bye": HangUp()},
    )
    first, second = questions(_keyed(("11", 8), ("12", 8)), NAMES, (flow,))
    assert (first.name, first.has_key, first.deserves) == ("invoice", True, False)
    assert (second.name, second.has_key, second.deserves) == ("password", False, True)


def test_few_calls_propose_nothing_and_no_more_than_ten_are_told() -> None:
    assert not any(q.deserves for q in questions(_keyed(("11", 9)), NAMES, ()))
    many = questions(_keyed(*((str(n), 30 - n) for n in range(11, 26))), NAMES, ())
    assert [q.topic for q in many] == [str(n) for n in range(11, 21)]
    assert questions([], NAMES, ()) == ()
