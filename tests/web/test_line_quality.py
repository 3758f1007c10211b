"""Quality of lines over time: what the records say of each day, and how it is drawn."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

from firmware.core.log_entries import CallClosed, CallMarked, CallOffered, Direction, Outcome
from firmware.storage.line_days import LineDay
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.jacks.quality import DAYS, HEIGHT, STEP, qualities

NOON = datetime.now().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)
CALLS = (
    # days ago, line, how it ended, what was noted
    (0, "fxo/1", Outcome.ANSWERED, ""),
    (0, "fxo/1", Outcome.FAILED, "faint"),  # counted once
    (0, "fxo/1", Outcome.ANSWERED, "silent"),
    (0, "fxo/1", Outcome.ABANDONED, "door_opened:201"),
    (2, "fxo/1", Outcome.INTERRUPTED, ""),
    (2, "fxo/2", Outcome.ANSWERED, "faint_raised"),
    (2, "fxs/1", Outcome.FAILED, ""),  # inside the office: no line
    (40, "fxo/2", Outcome.FAILED, ""),  # too long ago
)


def kept(folder: Path) -> None:
    records = Records.open(folder / "records.sqlite")
    for number, (ago, origin, outcome, mark) in enumerate(reversed(CALLS), 1):
        call, at_ms = f"{number:08d}", number * 10_000
        inbound = origin.startswith("fxo")
        entries = [
            CallOffered(
                call=call,
                at_ms=at_ms,
                direction=Direction.INBOUND if inbound else Direction.INTERNAL,
                origin=origin,
            ),
            *([CallMarked(call=call, at_ms=at_ms, mark=mark)] if mark else []),
            CallClosed(call=call, at_ms=at_ms + 5_000, outcome=outcome),
        ]
        wall = NOON - timedelta(days=ago) + timedelta(seconds=number)
        records.append(entries, boot="b", wall=wall, trusted=True, now_ms=at_ms + 5_000)
    records.close()


def test_days_of_lines_are_counted(tmp_path: Path) -> None:
    kept(tmp_path)
    with ReadRecords.open(tmp_path / "records.sqlite") as log:
        found = log.line_days(NOON - timedelta(days=30))
    today, before = (str((NOON - timedelta(days=n)).date()) for n in (0, 2))
    assert found == [
        LineDay(line="fxo/1", day=before, calls=1, failed=1, faint=0),
        LineDay(line="fxo/1", day=today, calls=4, failed=1, faint=1),
        LineDay(line="fxo/2", day=before, calls=1, failed=0, faint=1),
    ]


def test_a_day_is_a_column_and_its_troubled_part_is_on_top() -> None:
    today = date(2026, 3, 31)
    days = [
        LineDay(line="fxo/1", day="2026-03-31", calls=4, failed=1, faint=0),
        LineDay(line="fxo/1", day="2026-03-02", calls=8, failed=1, faint=3),
        LineDay(line="fxo/1", day="2026-03-01", calls=9, failed=9, faint=0),  # thirty days ago
    ]
    (line,) = qualities(days, today)
    assert (line.calls, line.troubled, round(line.percent, 1)) == (12, 5, 41.7)
    last, first = line.columns
    assert (last.height, last.y, last.bad) == (HEIGHT / 2, HEIGHT / 2, HEIGHT / 8)
    assert (first.height, first.y, first.bad) == (HEIGHT, 0, HEIGHT / 2)
    assert last.x - first.x == STEP * (DAYS - 1)


def test_the_page_shows_it_and_says_when_there_is_nothing(tmp_path: Path) -> None:
    box = DeskBox(tmp_path)
    box.owned_by()
    owner = signed_in(create_app(box, tmp_path))
    assert (
        "No calls went over a line yet"
        in owner.get("/jacks/", headers={"Accept-Language": "en"}).text
    )
    kept(tmp_path)
    page = owner.get("/jacks/", headers={"Accept-Language": "en"}).text
    assert "5 calls, 3 of them troubled (60.0 %)" in page
    assert "4 calls, 1 failed or cut, 1 silent or faint" in page
    assert len(re.findall(r'<rect class="bad"', page)) == 3
    assert (
        "5 通，其中 3 通有问题（60.0%）"
        in owner.get("/jacks/", headers={"Accept-Language": "zh"}).text
    )
