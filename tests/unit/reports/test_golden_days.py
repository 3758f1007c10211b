"""Days whose figures were worked out apart from the firmware, told as events, read back."""

# ruff: noqa: E501  # a table of calls: one line each

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from firmware.core.acd_entries import AgentChanged, AgentJoined, AgentState, QueueEntered
from firmware.core.log_entries import (
    AnyLogEntry,
    CallHeld,
    CallOffered,
    CallRetrieved,
    Direction,
)
from firmware.reports import example
from firmware.reports.facts import Facts
from firmware.reports.live import facts_of
from firmware.reports.measures import figure
from firmware.reports.report import By, Period, parts, report, span
from firmware.storage.records import Records
from tests.unit.reports.pencil import Day, Part, Stay, count, tell

OFFICE = timezone(timedelta(hours=8))


def kept(
    folder: Path, entries: list[AnyLogEntry], begin: datetime, *, boot: str = "boot-a"
) -> Records:
    """The entries in the records; ``begin`` is the wall clock at monotonic 0."""
    records = Records.open(folder / "records.sqlite")
    for entry in entries:
        records.append(
            [entry],
            boot=boot,
            wall=(begin.astimezone(UTC) + timedelta(milliseconds=entry.at_ms)).astimezone(
                begin.tzinfo
            ),
            trusted=True,
            now_ms=entry.at_ms,
        )
    return records


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def compare(facts: Facts, wanted: dict[str, Fraction | None]) -> None:
    for code, value in wanted.items():
        found = figure(code, facts).value
        if value is None:
            assert found is None, code
        else:
            assert found == pytest.approx(float(value), abs=1e-9), code


def test_the_hour_worked_out_with_a_pencil_gives_every_result() -> None:
    lines = example.check(facts_of)
    assert len(lines) == 52
    assert [line for line in lines if not line.holds] == []


def test_the_same_hour_through_the_records_gives_every_result(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=OFFICE)

    def through(entries: list[AnyLogEntry]) -> Facts:
        records = kept(tmp_path, entries, begin)
        return records.facts(ms(begin), ms(begin) + 2 * example.HOUR_MS)

    assert [line for line in example.check(through) if not line.holds] == []


# --- transfers ------------------------------------------------------------------------------------

TRANSFERS = [
    Day(1, 0, "13800000001", [Stay("sales", 10, [Part("A", 60, 20, passed_on="blind"), Part("B", 90, 30)])]),
    Day(2, 300, "13800000002", [Stay("sales", 25, [Part("B", 40, 10, (30,), "attended"), Part("A", 200, 60)])]),
    Day(3, 700, "13800000003", [Stay("sales", 4, [Part("A", 100, 15, (20, 70))])]),
    Day(4, 800, "13800000004", [Stay("sales", 19, left="abandoned")]),
    Day(5, 900, "13800000005", [Stay("sales", 2, left="abandoned")]),
]  # fmt: skip
"""By hand: A = 3, B = 2; both gave up within 20 s, so SL-c = 2/(3 + 2 - 2); talk 60+90+40+200+100 = 490; hold 30+20+70 = 120;
wrap 20+30+10+60+15 = 135; AHT = 745/3; transferred 2 of 3; holds within 60 s 2 of 3."""


def test_transfers(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 3, 9, tzinfo=OFFICE)
    facts = kept(tmp_path, tell(TRANSFERS), begin).facts(ms(begin), ms(begin) + 3_600_000)
    compare(facts, count(TRANSFERS))
    assert figure("talk", facts).value == 490
    assert figure("aht", facts).value == pytest.approx(745 / 3)
    assert figure("transfer", facts).value == pytest.approx(2 / 3)
    assert figure("transfer_blind", facts).value == pytest.approx(1 / 3)
    assert figure("sl_c", facts).value == pytest.approx(2 / 3)
    rows = {row.key: row.figures for row in report(facts, by=By.AGENT, codes=["talk", "wrap"])}
    assert rows["A"]["talk"].value == 60 + 200 + 100
    assert rows["B"]["wrap"].value == 30 + 10
    assert figure("transfer", facts).calls == ("00000001", "00000002")


# --- callbacks ------------------------------------------------------------------------------------

CALLBACKS = [
    Day(1, 0, "13800000001", [Stay("sales", 33, left="callback")]),
    Day(2, 60, "13800000002", [Stay("sales", 41, left="callback")]),
    Day(3, 120, "13800000003", [Stay("sales", 12, [Part("A", 55, 5)])]),
    Day(4, 900, "13800000001", [Stay("sales", 0, [Part("A", 80, 20)])], called_back=True),
    Day(5, 1200, "13800000002", [Stay("sales", 0, left="withdrawn")], called_back=True),
]
"""By hand: N = 3, A = 1, F = 2; answer rate 1/3, with callbacks 2/3; AHT 60, with callbacks 80."""


def test_callbacks(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 4, 9, tzinfo=OFFICE)
    facts = kept(tmp_path, tell(CALLBACKS), begin).facts(ms(begin), ms(begin) + 3_600_000)
    compare(facts, count(CALLBACKS))
    assert figure("answer_callback", facts).value == pytest.approx(2 / 3)
    assert figure("aht_callback", facts).value == 80
    assert figure("fcr_repeat", facts).value == 1


# --- overflow -------------------------------------------------------------------------------------

OVERFLOW = [
    Day(1, 0, "13800000001", [Stay("sales", 30, left="overflow"), Stay("office", 8, [Part("C", 70, 10)])]),
    Day(2, 10, "13800000002", [Stay("sales", 30, left="overflow"), Stay("office", 15, left="abandoned")]),
    Day(3, 20, "13800000003", [Stay("sales", 6, [Part("A", 45, 5)])]),
    Day(4, 400, "13800000004", [Stay("sales", 14, vip=True, parts=[Part("A", 45, 5)])]),
    Day(5, 500, "13800000005", [Stay("sales", 16, vip=True, left="abandoned")]),
]  # fmt: skip
"""By hand: sales N = 5, A = 2, B = 1, F = 2; office N = 2, A = 1, B = 1; VIPs 1 of 2 in time."""


def test_overflow_is_one_visit_of_each_queue(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 5, 9, tzinfo=OFFICE)
    facts = kept(tmp_path, tell(OVERFLOW), begin).facts(ms(begin), ms(begin) + 3_600_000)
    compare(facts, count(OVERFLOW))
    rows = report(facts, by=By.QUEUE, codes=["n", "a", "b", "f"])
    counted = {row.key: [figure.value for figure in row.figures.values()] for row in rows}
    assert counted == {"sales": [5, 2, 1, 2], "office": [2, 1, 1, 0]}
    assert len({visit.call for visit in facts.visits}) == 5
    assert figure("vip_ok", facts).value == pytest.approx(1 / 2)


# --- midnight -------------------------------------------------------------------------------------

MIDNIGHT = [
    Day(1, 86_390, "13800000001", [Stay("sales", 15, [Part("A", 100, 10)])]),  # 23:59:50
    Day(2, 86_399, "13800000002", [Stay("sales", 30, left="abandoned")]),  # 23:59:59
    Day(3, 86_400, "13800000003", [Stay("sales", 3, [Part("A", 50, 5)])]),  # 00:00:00
]


def test_a_call_over_midnight_belongs_to_the_day_on_which_it_arrived(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 6, tzinfo=OFFICE)
    entries = tell(MIDNIGHT)
    for at_s, state in ((86_000, AgentState.READY), (87_000, AgentState.LOGGED_OUT)):
        entries.append(AgentChanged(at_ms=at_s * 1000, agent="A", state=state))
    entries.sort(key=lambda entry: entry.at_ms)
    records = kept(tmp_path, entries, begin)
    friday = records.facts(*span(Period.DAY, date(2026, 3, 6), OFFICE))
    saturday = records.facts(*span(Period.DAY, date(2026, 3, 7), OFFICE))
    compare(friday, count(MIDNIGHT[:2]))
    compare(saturday, count(MIDNIGHT[2:]))
    assert figure("login", friday).value == 400  # 23:53:20 to midnight
    assert figure("login", saturday).value == 600


# --- daylight saving ------------------------------------------------------------------------------


def test_the_hour_that_comes_twice_is_two_hours_and_the_day_has_25(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")  # clocks go back at 03:00 on 2026-10-25
    begin = datetime(2026, 10, 25, 0, 0, tzinfo=berlin)
    rows = [
        Day(1, 2 * 3600 + 1800, "4930000001", [Stay("sales", 10, [Part("A", 60, 5)])]),
        Day(2, 3 * 3600 - 5, "4930000002", [Stay("sales", 12, [Part("A", 90, 5)])]),
        Day(3, 3 * 3600 + 1800, "4930000003", [Stay("sales", 7, left="abandoned")]),
        Day(4, 25 * 3600 - 1, "4930000004", [Stay("sales", 20, [Part("A", 30, 5)])]),
        Day(5, 25 * 3600, "4930000005", [Stay("sales", 20, [Part("A", 30, 5)])]),
    ]
    records = kept(tmp_path, tell(rows), begin)
    from_ms, until_ms = span(Period.DAY, date(2026, 10, 25), berlin)
    assert until_ms - from_ms == 25 * 3_600_000
    facts = records.facts(from_ms, until_ms)
    compare(facts, count(rows[:4]))
    hours = [(key, len(part.visits)) for key, part in parts(facts, By.HOUR)]
    assert hours == [
        ("2026-10-25 02:00+01:00", 1),
        ("2026-10-25 02:00+02:00", 2),
        ("2026-10-25 23:00+01:00", 1),
    ]
    # Call 2 waited 12 s although the clock on the wall went back an hour in the middle.
    assert figure("asa", facts).value == pytest.approx((10 + 12 + 20) / 3)


# --- a crash in the middle ------------------------------------------------------------------------


def test_after_a_crash_nobody_is_abandoned_and_nobody_worked_on(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 8, 9, tzinfo=OFFICE)
    rows = [
        Day(1, 0, "13800000001", [Stay("sales", 10, [Part("A", 60, 20)])]),
        Day(2, 200, "13800000002", [Stay("sales", 3, left="abandoned")]),
    ]
    entries = tell(rows)
    entries.append(AgentChanged(at_ms=0, agent="A", state=AgentState.READY))
    waiting = [
        CallOffered(call="00000003", at_ms=240_000, direction=Direction.INBOUND, origin="fxo/1"),
        QueueEntered(call="00000003", at_ms=250_000, queue="sales", visit=1),
    ]
    entries = sorted([*entries, *waiting], key=lambda entry: entry.at_ms)
    records = kept(tmp_path, entries, begin)
    records.heartbeat(300_000, boot="boot-a", wall=begin + timedelta(seconds=300))
    records.close()  # the power goes at some time after the last sign of life, 300 s
    records = Records.open(tmp_path / "records.sqlite")
    back = begin + timedelta(seconds=900)
    assert records.close_interrupted(boot="boot-b", wall=back, now_ms=5_000) == ["00000003"]
    again = [AgentChanged(at_ms=10_000, agent="A", state=AgentState.READY)]
    records.append(again, boot="boot-b", wall=back + timedelta(seconds=5), trusted=True)
    more = [AgentChanged(at_ms=110_000, agent="A", state=AgentState.LOGGED_OUT)]
    records.append(more, boot="boot-b", wall=back + timedelta(seconds=105), trusted=True)
    facts = records.facts(ms(begin), ms(begin) + 3_600_000)
    # By hand: N = 3, A = 1, B = 1, F = 1 (interrupted after 50 s); logged in 300 s and 100 s.
    assert [figure(code, facts).value for code in ("n", "a", "b", "f")] == [3, 1, 1, 1]
    (lost,) = [visit for visit in facts.visits if visit.call == "00000003"]
    assert (lost.reason, lost.wait_ms) == ("interrupted", 50_000)
    assert figure("login", facts).value == 400


def test_a_hold_at_the_telephone_is_a_hold_of_the_agent_s_leg() -> None:
    rows = [Day(1, 0, "13800000001", [Stay("sales", 5, [Part("A", 100)])])]
    entries = [
        msgspec.structs.replace(entry, port="fxs/1") if isinstance(entry, AgentJoined) else entry
        for entry in tell(rows)
    ]
    held = [
        CallHeld(call="00000001", at_ms=20_000, port="fxs/1"),
        CallRetrieved(call="00000001", at_ms=50_000, port="fxs/1"),
        CallHeld(call="00000001", at_ms=60_000, port="fxs/2"),  # somebody else's
    ]
    facts = facts_of(sorted([*entries, *held], key=lambda entry: entry.at_ms))
    assert figure("hold", facts).value == 30
    assert figure("talk", facts).value == 70
