"""Who sees whom in the call records, applied where they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.storage.masks import masked_number
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
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
