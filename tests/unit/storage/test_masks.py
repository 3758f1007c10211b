"""Who sees whom in the call records, applied where they are read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from firmware.customers.customer import Customer
from firmware.storage.cases import Cases
from firmware.storage.masks import masked_number
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from firmware.tickets.ticket import Ticket, TicketStep
from tests.unit.storage.stories import BOOT, inbound, outbound, wall


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13800138000", "138****8000"), ("62345678", "6****78"), ("201", "201"), ("", "")],
)
def test_a_number_is_masked_as_on_a_bill(number: str, shown: str) -> None:
    assert masked_number(number) == shown


def test_an_agent_reads_no_number_and_a_supervisor_reads_all(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    for story in (inbound("00000001"), outbound("00000002")):
        now_ms = story[-1].at_ms
        records.append(story, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)
    whole = {r.call: (r.caller_number, r.dialled, r.destination) for r in records.calls()}
    assert any(len(number) > 6 for numbers in whole.values() for number in numbers)
    with ReadRecords.open(tmp_path / "records.sqlite") as reader:
        assert {
            r.call: (r.caller_number, r.dialled, r.destination) for r in reader.calls()
        } == whole
        for roles in (("agent",), ("installer",), ()):
            reader.show_to(roles)
            told = [*reader.calls(), reader.call("00000001"), reader.call("00000002")]
            for record in told:
                said = f"{record.caller_number} {record.dialled} {record.destination}"
                for number in whole[record.call]:
                    for word in number.split():
                        assert len(word) < 5 or not word.isdigit() or word not in said
        reader.show_to(("agent", "supervisor"))
        assert {
            r.call: (r.caller_number, r.dialled, r.destination) for r in reader.calls()
        } == whole
    records.close()


def test_the_log_of_a_call_says_no_more_than_its_record(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    for story in (inbound("00000001"), outbound("00000002")):
        now_ms = story[-1].at_ms
        records.append(story, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)
    numbers = {r.caller_number for r in records.calls()} | {r.dialled for r in records.calls()}
    long = [number for number in numbers if len(number) > 4]
    assert long
    with ReadRecords.open(tmp_path / "records.sqlite") as reader:

        def said() -> str:
            told = [e.entry for call in ("00000001", "00000002") for e in reader.events(call)]
            told += [e.entry for e in reader.all_events()]
            told += reader.entries_of("caller_known")
            return msgspec.json.encode(told).decode()

        assert all(number in said() for number in long)
        reader.show_to(("installer",))
        assert not any(number in said() for number in long)
        assert "138****8000" in said()
    records.close()


def test_of_cards_and_tickets_a_role_sees_what_its_work_needs(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    writer = Cases(records._connection)
    card = writer.keep_customer(
        Customer(name="王小明", numbers=("13800138000",), note="怕狗", fields={"flat": "3B"}), 0
    )
    opened = writer.open_ticket(
        Ticket(customer=card.customer, number="13800138000", summary="噪音"),
        TicketStep(at_ms=0, who="201", what="opened", note="很急"),
    )
    writer.add_voice(opened.ticket, "voicemail/n1.wav")
    with ReadRecords.open(tmp_path / "records.sqlite") as reader:
        cases = reader.cases

        def seen() -> tuple[object, ...]:
            found, ticket = cases.customer(card.customer), cases.ticket(opened.ticket)
            assert found is not None
            assert ticket is not None
            assert [t.ticket for t in cases.tickets_of(found)] == [opened.ticket]
            voices = len(cases.voices_of(opened.ticket))
            words = (found.name, found.note, found.fields.get("flat", ""), ticket.summary)
            return (
                found.numbers[0],
                ticket.number,
                *words,
                cases.steps(opened.ticket)[0].note,
                voices,
            )

        whole, hidden = "13800138000", "138****8000"
        assert seen() == (whole, whole, "王小明", "怕狗", "3B", "噪音", "很急", 1)
        reader.show_to(("agent",))
        assert seen() == (hidden, hidden, "王小明", "怕狗", "", "噪音", "很急", 0)
        reader.show_to(("installer",))
        assert seen() == (hidden, hidden, "王*", "", "", "", "", 0)
    records.close()
