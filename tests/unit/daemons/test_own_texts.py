"""Texts that the box sends by itself, and events for a broker, from the records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.core.acd_entries import SurveyOffered, SurveyWay
from firmware.core.log_entries import (
    CallClosed,
    CallerKnown,
    CallOffered,
    Cleared,
    ClearedBy,
    Direction,
    MenuLeft,
    Outcome,
    Side,
    VoicesConnected,
)
from tests.unit.daemons.test_outboxd import MAX, Office

QUEUES = {"queues": [{"number": "300"}]}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.set_all(acd=QUEUES)
    made.let(9_000)
    yield made
    made.close()


def a_call(office: Office, name: str, outcome: Outcome, *during: Any, talk_ms: int = 0) -> None:
    """An inbound call to queue 300 from beginning to end, as its log."""
    at = office.now
    log: list[Any] = [
        CallOffered(call=name, at_ms=at, direction=Direction.INBOUND, origin="fxo/1"),
        CallerKnown(call=name, at_ms=at, kind="number", number=MAX),
        MenuLeft(call=name, at_ms=at, destination="queue 300"),
    ]
    if talk_ms:
        ended = at + talk_ms
        log += [
            VoicesConnected(call=name, at_ms=at, parties=("fxo/1", "fxs/1")),
            *during,
            Cleared(call=name, at_ms=ended, side=Side.CUSTOMER, by=ClearedBy.LOOP_BREAK),
        ]
    log.append(CallClosed(call=name, at_ms=at + talk_ms, outcome=outcome))
    assert office.calld is not None
    office.calld.execution.enter(log, office.now)
    office.calld.execution.commit(office.now, office.wall)
    office.let(60_000)


def test_a_caller_who_was_asked_in_the_call_is_not_asked_again_by_text(office: Office) -> None:
    office.set(texts={"survey": True})
    asked = SurveyOffered(call="00000001", at_ms=office.now, way=SurveyWay.SENT, scale=2)
    a_call(office, "00000001", Outcome.ANSWERED, asked, talk_ms=60_000)
    assert [(item.template, item.state, item.why) for item in office.items()] == [
        ("survey", "dropped", "asked")
    ]
    a_call(office, "00000002", Outcome.ANSWERED, talk_ms=60_000)
    assert len(office.postman.network.texts()) == 1


@pytest.mark.parametrize(
    ("outcome", "talk_ms"),
    [(Outcome.ANSWERED, 9_000), (Outcome.FAILED, 0), (Outcome.INTERRUPTED, 0)],
)
def test_a_short_word_and_a_call_that_broke_are_worth_no_text(
    office: Office, outcome: Outcome, talk_ms: int
) -> None:
    office.set(texts={"survey": True, "missed_call": True})
    a_call(office, "00000001", outcome, talk_ms=talk_ms)
    assert office.items() == []


def test_nothing_goes_by_itself_unless_somebody_wants_it(office: Office) -> None:
    a_call(office, "00000001", Outcome.ABANDONED)
    a_call(office, "00000002", Outcome.ANSWERED, talk_ms=60_000)
    assert office.items() == []


def test_events_wait_for_the_broker_and_go_in_their_order(office: Office) -> None:
    """A broker that is away costs no event and no try; the modem's texts do not wait for it."""
    office.set(mqtt={"server": "broker.example", "events": ["call_offered", "call_ended"]})
    office.postman.outcome = lambda _what: ("the broker is away", "channel")
    for n in range(1, 6):
        a_call(office, f"0000000{n}", Outcome.ABANDONED)
    office.send("meanwhile")
    office.let(60_000)
    assert [words for _, words in office.postman.network.texts()] == ["meanwhile"]
    assert office.calld is not None
    office.let(240_000)
    assert any("MQTT" in alarm for alarm in office.calld.status(office.now).alarms)
    assert {item.state for item in office.items() if item.kind == "mqtt"} == {"waiting"}
    before = len(office.postman.published)
    office.postman.outcome = lambda _what: ("", "item")
    office.let(400_000)
    told = [msgspec.json.decode(p.item.data) for p in office.postman.published[before:]]
    assert [(one["event"], one["call"]) for one in told] == [
        (event, f"0000000{n}") for n in range(1, 6) for event in ("call_offered", "call_ended")
    ]
    assert {p.item.to for p in office.postman.published} == {
        "tipring/call_offered",
        "tipring/call_ended",
    }
    assert {item.state for item in office.items()} == {"delivered"}
    assert not any("MQTT" in alarm for alarm in office.calld.status(office.now).alarms)


def test_events_survive_a_kill_of_both(office: Office) -> None:
    office.set(mqtt={"server": "broker.example", "events": ["call_ended"]})
    office.postman.kill()
    a_call(office, "00000001", Outcome.ABANDONED)
    office.kill_calld()
    office.start_calld()
    office.postman.start()
    office.let(30_000)
    assert [p.item.call for p in office.postman.published] == ["00000001"]


def test_a_text_of_something_new_opens_a_ticket_and_the_next_one_is_put_to_it(
    office: Office,
) -> None:
    """Not a carrier's, not a mark of a survey; each text once."""
    far = office.postman.far
    far.arrive(MAX, "before it was wanted", office.now)
    office.let(5_000)
    office.set(texts={"open_ticket": True})
    far.arrive(MAX, "冰箱不制冷", office.now)
    office.let(5_000)
    far.arrive(MAX, "急", office.now)
    far.arrive("10086", "尊敬的客户", office.now)
    office.let(5_000)
    assert office.calld is not None
    records = office.calld._records
    (ticket,) = records.cases.tickets()
    assert (ticket.origin, ticket.number) == ("text", records.follower.key_of(MAX))
    assert [step.note for step in records.cases.steps(ticket.ticket)] == ["冰箱不制冷", "急"]
    came = {text.text: text.ticket for text in records.arrived()}
    assert came == {"before it was wanted": 0, "冰箱不制冷": 1, "急": 1, "尊敬的客户": 0}
