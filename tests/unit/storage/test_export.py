"""Exports as other programs read them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec

from firmware.core.log_entries import CallerKnown
from firmware.reports import example
from firmware.storage.export import calls_csv, cdr_csv, queue_log
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, outbound, wall


def records_with(folder: Path, *stories: list[object]) -> Records:
    records = Records.open(folder / "records.sqlite")
    for story in stories:
        now_ms = story[-1].at_ms
        records.append(story, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)
    return records


def test_calls_as_csv_have_a_header_and_seconds(tmp_path: Path) -> None:
    records = records_with(tmp_path, inbound("00000001"), outbound("00000002"))
    text = "".join(calls_csv(records.stream()))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["call"] for row in rows] == ["00000002", "00000001"]
    row = rows[1]
    assert (row["caller_number"], row["outcome"], row["line"]) == (
        "13800138000",
        "answered",
        "fxo/2",
    )
    assert (row["begin_utc"], row["offset_min"]) == ("2026-03-01T00:00:10.000+00:00", "480")
    assert (row["answered_s"], row["wait_s"], row["talk_s"]) == ("6.000", "8.500", "60.000")


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    evil = ("=1+1", "+CMD|x", "-2", "@SUM(A1)", "\tx")
    stories = []
    for place, name in enumerate(evil):
        story = inbound(f"{place + 1:08d}")
        story[1] = CallerKnown(call=story[0].call, at_ms=12_000, kind="number", name=name)
        stories.append(story)
    records = records_with(tmp_path, *stories)
    for writer in (calls_csv, cdr_csv):
        for row in csv.reader(io.StringIO("".join(writer(records.stream())))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_asterisk_s_columns_in_asterisk_s_order(tmp_path: Path) -> None:
    records = records_with(tmp_path, inbound("00000001"))
    (row,) = csv.reader(io.StringIO("".join(cdr_csv(records.stream()))))
    assert len(row) == 18
    assert row[1:3] == ["13800138000", "202"]
    # Beijing: 08:00:10 first ring, 08:00:30 answered, 08:01:30 over; 80 s, of these 60 with voices.
    assert row[9:12] == ["2026-03-01 08:00:10", "2026-03-01 08:00:30", "2026-03-01 08:01:30"]
    assert row[12:15] == ["80", "60", "ANSWERED"]
    assert row[16] == "00000001"


def test_the_queue_log_has_asterisk_s_events(tmp_path: Path) -> None:
    records = records_with(tmp_path, example.entries())
    lines = [line.strip().split("|") for line in queue_log(records.all_events())]
    of = {kind: [line for line in lines if line[4] == kind] for kind in {row[4] for row in lines}}
    assert len(of["ENTERQUEUE"]) == 15
    assert len(of["CONNECT"]) == 10
    assert len(of["ABANDON"]) == 3
    assert len(of["EXITWITHTIMEOUT"]) == len(of["EXITWITHKEY"]) == 1
    assert [line[5] for line in of["CONNECT"]][:3] == ["8", "15", "20"]
    (fifth,) = [line for line in of["COMPLETECALLER"] if line[1] == "00000005"]
    assert fifth[5:7] == ["42", "365"]  # waited, then 310 s of talk and 55 s of hold
    assert len(of["PAUSEALL"]) == len(of["UNPAUSEALL"]) == 1


def test_what_is_exported_can_be_read_line_by_line(tmp_path: Path) -> None:
    records = records_with(tmp_path, inbound("00000001"))
    lines = calls_csv(records.stream())
    assert next(lines).startswith("\ufeffcall,")
    assert msgspec.json.encode(next(lines))
