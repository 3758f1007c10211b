"""Waits by half-hour and handling by kind of call, against what a pencil gives."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from firmware.reports.facts import Facts, Leg, Visit, VisitEnd
from firmware.reports.handling import handling
from firmware.reports.moments import moment_ms
from firmware.reports.waits import Change, waits

CHINA = timezone(timedelta(hours=8))
INDIA = timezone(timedelta(hours=5, minutes=30))
DAY = "2026-03-02T{}:00+08:00"
BEGIN = moment_ms("2026-03-02T00:00:00+08:00")
END = BEGIN + 86_400_000


def visit(at: str, wait_s: float, end: VisitEnd = VisitEnd.ANSWERED, **more: Any) -> Visit:
    return Visit(
        call=at,
        visit=1,
        queue="300",
        arrived_ms=moment_ms(DAY.format(at)),
        offset_min=480,
        entered_ms=0,
        ended_ms=round(wait_s * 1_000),
        end=end,
        **more,
    )


def test_each_half_hour_has_its_callers_and_the_longest_wait() -> None:
    """From 09:00 waits of 240, 61.9 (61 whole) and 20 s; from 09:30 of 58 s, and one flowed out."""
    facts = Facts(
        visits=(
            visit("09:00", 240),
            visit("09:12", 61.9, VisitEnd.ABANDONED),
            visit("09:29", 20),
            visit("09:30", 58),
            visit("09:41", 5, VisitEnd.FLOWED_OUT),
            visit("09:45", 300, callback=True),
            visit("14:59", 0),
        )
    )
    rows = waits(facts, (), BEGIN, END, CHINA)
    assert [(r.begins, r.callers, r.answered, r.longest_s, r.mean_s) for r in rows] == [
        ("2026-03-02 09:00+08:00", 3, 2, 240, 107.0),
        ("2026-03-02 09:30+08:00", 2, 1, 58, 31.5),
        ("2026-03-02 14:30+08:00", 1, 1, 0, 0.0),
    ]


def test_changes_of_settings_stand_in_their_half_hour() -> None:
    def change(at: str, version: int) -> Change:
        return Change(at_ms=moment_ms(at), version=version, who="anna", why="one more agent")

    changes = (
        change("2026-03-02T03:05:00+00:00", 7),
        change("2026-03-02T01:29:59+00:00", 6),
        change("2026-03-01T15:59:59+00:00", 5),
        change("2026-03-02T16:00:00+00:00", 8),
    )
    rows = waits(Facts(visits=(visit("09:10", 30),)), changes, BEGIN, END, CHINA)
    assert [(r.begins, r.callers, [c.version for c in r.changes]) for r in rows] == [
        ("2026-03-02 09:00+08:00", 1, [6]),
        ("2026-03-02 11:00+08:00", 0, [7]),
    ]


def test_half_hours_are_those_of_the_offices_clock() -> None:
    """09:10 in China is 06:40 in India."""
    (row,) = waits(Facts(visits=(visit("09:10", 30),)), (), BEGIN, END, INDIA)
    assert row.begins == "2026-03-02 06:30+05:30"


def handled(talk_s: int, hold_s: int, wrap_s: int, topic: str) -> Visit:
    ended_ms = (talk_s + hold_s) * 1_000
    leg = Leg(
        agent="1001",
        started_ms=0,
        ended_ms=ended_ms,
        holds=((0, hold_s * 1_000),),
        wrapped_ms=ended_ms + wrap_s * 1_000,
        topic=topic,
    )
    return visit("10:00", 1, legs=(leg,))


def test_like_is_compared_with_like() -> None:
    """Topic 11: 150 and 210 s of 180. Topic 23: 600, 900, 1,200 s of 900. One keyed nothing."""
    visits = (
        handled(100, 20, 30, "11"),
        handled(180, 0, 30, "11"),
        handled(500, 60, 40, "23"),
        handled(900, 0, 0, "23"),
        handled(1_000, 100, 100, "23"),
        handled(90, 0, 0, ""),
        visit("10:00", 5, VisitEnd.ABANDONED),
    )
    rows = handling(Facts(visits=visits), {"23": 900}, {"11": "prices", "23": "repair"})
    assert [
        (r.topic, r.name, r.calls, r.mean_s, r.longest_s, r.target_s, round(r.within, 3))
        for r in rows
    ] == [
        ("", "", 1, 90.0, 90, 180, 1.0),
        ("11", "prices", 2, 180.0, 210, 180, 0.5),
        ("23", "repair", 3, 900.0, 1_200, 900, 0.667),
    ]
