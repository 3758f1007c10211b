"""What is to leave the box: made with the entry it follows from, erased with the number."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from firmware.core.desk_entries import TextCame
from firmware.core.menu_entries import SmsWanted
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, offered, wall

NUMBER = "13800138002"


def wanted(at_ms: int = 30_000, number: str = NUMBER) -> SmsWanted:
    return SmsWanted(
        call="00000001",
        at_ms=at_ms,
        template="queue_wait",
        number=number,
        language="zh-CN",
        values={"place": "2"},
        text="您的来电正在排队，现在是第2位。",
    )


def kept(folder: Path) -> Records:
    records = Records.open(folder / "records.sqlite")
    records.append([offered("00000001")], boot=BOOT, wall=wall(10_000), trusted=True)
    return records


def test_an_item_stands_in_the_outbox_with_its_words(tmp_path: Path) -> None:
    records = kept(tmp_path)
    records.append([wanted()], boot=BOOT, wall=wall(30_000), trusted=True)
    records.close()
    with ReadRecords.open(tmp_path / "records.sqlite") as read:
        (item,) = read.outbox()
        assert read.outbox("sent") == []
    assert (item.kind, item.number, item.language, item.call) == (
        "sms",
        NUMBER,
        "zh-CN",
        "00000001",
    )
    assert "第2位" in item.text
    assert item.created_ms == 1_772_323_230_000  # 2026-03-01 00:00:30 UTC


def test_entry_and_item_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    records = kept(tmp_path)
    other = sqlite3.connect(tmp_path / "records.sqlite")
    other.execute(
        "CREATE TRIGGER no_more BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    other.commit()
    with pytest.raises(StorageError):
        records.append([wanted()], boot=BOOT, wall=wall(30_000), trusted=True)
    other.execute("DROP TRIGGER no_more")
    other.commit()
    other.close()
    assert len(records.events("00000001")) == 1
    records.append([wanted()], boot=BOOT, wall=wall(30_000), trusted=True)
    assert len(records.outbox()) == 1


def test_erasing_a_number_leaves_nothing_to_be_sent_to_it(tmp_path: Path) -> None:
    records = kept(tmp_path)
    records.append([wanted()], boot=BOOT, wall=wall(30_000), trusted=True)
    records.erase_number(
        NUMBER, who="owner", boot=BOOT, wall=wall(60_000), trusted=True, now_ms=60_000
    )
    assert records.outbox() == []
    assert [(i.number, i.text, i.why) for i in records.outbox("dropped")] == [("", "", "erased")]


def came(key: str = "k1", at_ms: int = 40_000, **more: Any) -> TextCame:
    return TextCame(at_ms=at_ms, key=key, number=f"+86{NUMBER}", text="5 分", **more)


def test_a_text_that_came_is_kept_with_its_number_and_erased_with_it(tmp_path: Path) -> None:
    records = kept(tmp_path)
    assert not records.post.knows("k1")
    records.append([came(customer=3, call="00000001")], boot=BOOT, wall=wall(40_000), trusted=True)
    assert records.post.knows("k1")
    (text,) = records.arrived(tail=NUMBER[-9:])
    assert (text.number, text.text, text.customer, text.call) == (
        f"+86{NUMBER}",
        "5 分",
        3,
        "00000001",
    )
    assert records.arrived(tail="000000000") == []
    records.erase_number(
        NUMBER, who="owner", boot=BOOT, wall=wall(60_000), trusted=True, now_ms=60_000
    )
    assert [(t.number, t.text) for t in records.arrived()] == [("", "")]


def test_a_report_finds_the_text_it_is_about(tmp_path: Path) -> None:
    records = kept(tmp_path)
    records.append([wanted(), wanted(31_000)], boot=BOOT, wall=wall(31_000), trusted=True)
    one, two = records.outbox()
    now_ms = two.created_ms
    records.post.change(one.item, state="sent", parts="[7, 8]", changed_ms=now_ms)
    records.post.change(two.item, state="sent", parts="[9]", changed_ms=now_ms)
    found = records.post.reported(8, f"+86{NUMBER}", now_ms)
    assert found is not None
    assert found.item == one.item
    assert records.post.reported(8, "13900139000", now_ms) is None
    assert records.post.reported(8, NUMBER, now_ms + 49 * 3_600_000) is None
    assert records.item_counts() == {"sent": 2}


def test_programs_are_told_of_an_entry_in_its_own_transaction(tmp_path: Path) -> None:
    records = kept(tmp_path)
    records.outgoing = lambda entry, _record: [
        {"kind": "hook", "number": name, "template": "call_ended", "data": "{}"}
        for name in ("crm", "robot")
        if isinstance(entry, SmsWanted)
    ]
    records.append([wanted(), wanted(31_000)], boot=BOOT, wall=wall(31_000), trusted=True)
    assert [(i.kind, i.number) for i in records.outbox()] == [
        ("sms", NUMBER),
        ("hook", "crm"),
        ("hook", "robot"),
    ] * 2
