"""Reports that leave the box: each once, of what is over, to everybody who is to have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from firmware.core.report_settings import Reports
from firmware.core.settings import Settings
from firmware.daemons.desks.report_desk import ReportDesk
from firmware.storage import outbox
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, wall

SHANGHAI = ZoneInfo("Asia/Shanghai")


def desk(kept: str = "", **wanted: object) -> ReportDesk:
    reports = Reports(mail_to=("a@example.com", "b@example.com"), **wanted)
    return ReportDesk(lambda: Settings(language="en", reports=reports), kept)


def run(made: ReportDesk, first: datetime, hours: int) -> list[tuple[str, str, str, str]]:
    found = []
    for hour in range(hours):
        at = first + timedelta(hours=hour)
        found += [
            (f"{at:%d %H:%M}", due.period, due.day, due.to)
            for due in made.look(0, at.astimezone(UTC))
        ]
    return found


def test_each_morning_the_day_before_on_mondays_the_week_and_on_the_first_the_month() -> None:
    made = desk()
    # From Friday the 27th of February 2026, 0:00, to Tuesday the 3rd of March, 0:00.
    found = run(made, datetime(2026, 2, 27, tzinfo=SHANGHAI), 96)
    to_a = [(at, period, day) for at, period, day, to in found if to == "a@example.com"]
    assert to_a == [
        ("28 08:00", "day", "2026-02-27"),
        ("01 08:00", "day", "2026-02-28"),
        ("01 08:00", "month", "2026-02-01"),
        ("02 08:00", "day", "2026-03-01"),
        ("02 08:00", "week", "2026-02-23"),
    ]
    assert len(found) == 2 * len(to_a)


def test_after_a_restart_nothing_is_sent_twice_and_of_days_off_only_the_newest() -> None:
    first = desk()
    run(first, datetime(2026, 3, 2, tzinfo=SHANGHAI), 48)
    again = desk(first.document())
    assert run(again, datetime(2026, 3, 3, 23, tzinfo=SHANGHAI), 1) == []
    found = run(again, datetime(2026, 3, 7, 9, tzinfo=SHANGHAI), 2)
    assert {(period, day) for _, period, day, _ in found} == {("day", "2026-03-06")}


def test_what_is_not_wished_is_not_made() -> None:
    made = desk(daily=False, weekly=False)
    found = run(made, datetime(2026, 2, 27, tzinfo=SHANGHAI), 96)
    assert {period for _, period, _, _ in found} == {"month"}
    assert run(ReportDesk(Settings, ""), datetime(2026, 2, 27, tzinfo=SHANGHAI), 96) == []


def test_it_waits_in_the_records_until_it_is_delivered(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    made = desk()
    made.look(0, datetime(2026, 3, 2, 9, tzinfo=SHANGHAI))
    due = made.look(90_000, datetime(2026, 3, 3, 9, tzinfo=SHANGHAI))
    records.append(due, boot=BOOT, wall=wall(90_000), trusted=True, now_ms=90_000)
    waiting = outbox.items(records._connection)
    assert [(item.kind, item.number, item.template) for item in waiting] == [
        ("mail", "a@example.com", "report:day:2026-03-02"),
        ("mail", "b@example.com", "report:day:2026-03-02"),
    ]
    records.close()
