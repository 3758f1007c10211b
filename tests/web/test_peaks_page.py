"""Peak waits by half-hour with the marks of changes: what a supervisor sees, against a pencil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import SaveSettings
from firmware.core import acd_entries as acd
from firmware.core import log_entries as log
from firmware.reports.waits import Change, HalfHour
from firmware.storage.records import Records
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.reports.peak_chart import BASE, TOP, WIDTH, peak_chart

ENGLISH = {"Accept-Language": "en"}
NINE = datetime(2026, 3, 2, 9).astimezone()
CALLERS = (
    (timedelta(minutes=5), "601", 240),
    (timedelta(minutes=20), "602", 12),
    (timedelta(minutes=70), "601", 58),
)
"""How long after nine, queue, wait in seconds."""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[FlaskClient]:
    """Four minutes at nine; at ten somebody is added; 58 seconds afterwards."""
    box = DeskBox(tmp_path)
    box.owned_by()
    box.owned_by("agent", ("agent",))
    queues = [{"number": "601", "name": "sales"}, {"number": "602", "name": "service"}]
    document = dict(box.desk.document, acd={"queues": queues, "agents": []})
    save = SaveSettings(base=box.desk.version, who="anna", why="one more agent", settings=document)
    assert box.desk.save(save, NINE + timedelta(minutes=60)) is None
    box._settings = None
    records = Records.open(tmp_path / "records.sqlite")
    for number, (after, queue, wait_s) in enumerate(CALLERS, 1):
        name, head = f"{number:08d}", {"call": f"{number:08d}", "queue": queue, "visit": 1}
        at_ms = number * 900_000
        up = at_ms + wait_s * 1_000
        entries = [
            log.CallOffered(
                call=name, at_ms=at_ms, direction=log.Direction.INBOUND, origin="fxo/1"
            ),
            log.LineAnswered(call=name, at_ms=at_ms, port="fxo/1"),
            acd.QueueEntered(at_ms=at_ms, **head),
            acd.QueueAnswered(at_ms=up, agent="1001", **head),
            acd.AgentJoined(at_ms=up, agent="1001", **head),
            acd.AgentLegEnded(at_ms=up + 60_000, agent="1001", first="customer", **head),
            log.CallClosed(call=name, at_ms=up + 60_000, outcome=log.Outcome.ANSWERED),
        ]
        for entry in entries:
            wall = NINE + after + timedelta(milliseconds=entry.at_ms - at_ms)
            records.append([entry], boot="test", wall=wall, trusted=True, now_ms=entry.at_ms)
    records.close()
    app: Flask = create_app(box, tmp_path)
    yield signed_in(app)
    assert signed_in(app, "agent").get("/reports/waits/").status_code == 403


def text(browser: FlaskClient, query: str) -> str:
    answer = browser.get(f"/reports/waits/?{query}", headers=ENGLISH)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_waits_before_and_after_a_change_stand_beside_it(owner: FlaskClient) -> None:
    page = text(owner, "day=2026-03-02")
    assert "2026-03-02 09:00 2 2 240 s 126 s" in page
    assert "2026-03-02 10:00 1 1 58 s 58 s 03-02 10:00 one more agent settings, version" in page
    chinese = owner.get("/reports/waits/?day=2026-03-02", headers={"Accept-Language": "zh"})
    assert "每半小时最长等候时间，最高 240 s" in chinese.text


def test_one_queue_by_itself_and_a_week(owner: FlaskClient) -> None:
    page = text(owner, "day=2026-03-04&period=week&queue=602")
    assert "2026-03-02 09:00 1 1 12 s 12 s" in page
    assert "240 s" not in page


def test_what_is_asked_wrongly_is_told(owner: FlaskClient) -> None:
    assert "is no date" in owner.get("/reports/waits/?day=x", headers=ENGLISH).text
    assert owner.get("/reports/waits/?period=month").status_code == 422
    assert owner.get("/reports/waits/?queue=999").status_code == 422
    assert "Nobody waited in this time." in text(owner, "day=2020-01-01")


def test_the_picture_is_as_wide_as_the_span_and_as_high_as_the_longest_wait() -> None:
    """Two hours, four slots of 240: 100 s in the second, 50 s in the fourth with a change."""
    begin = datetime.fromisoformat("2026-03-02T00:00+00:00")
    begin_ms = round(begin.timestamp() * 1_000)
    change = Change(at_ms=begin_ms + 5_400_000, version=7, who="anna")
    rows = [
        HalfHour(begins="2026-03-02 00:30+00:00", callers=2, longest_s=100),
        HalfHour(begins="2026-03-02 01:30+00:00", callers=1, longest_s=50, changes=(change,)),
    ]
    chart = peak_chart(rows, begin_ms, begin_ms + 7_200_000)
    assert [(bar.x, bar.width, bar.height, bar.y) for bar in chart.bars] == [
        (240.0, 239.0, BASE - TOP, TOP),
        (720.0, 239.0, (BASE - TOP) / 2, (BASE + TOP) / 2),
    ]
    assert [(mark.x, mark.version) for mark in chart.marks] == [(WIDTH * 0.75, 7)]
    assert (chart.most_s, chart.ticks[4].label) == (100, "01:00")


def test_an_empty_span_is_no_picture() -> None:
    chart = peak_chart([], 0, 86_400_000)
    assert (chart.bars, chart.marks, chart.ticks, chart.most_s) == ((), (), (), 0)
