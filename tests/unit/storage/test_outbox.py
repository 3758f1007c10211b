"""What is to leave the box: made with the entry it follows from, erased with the number."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

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
    assert [item.number for item in records.outbox()] == [""]
