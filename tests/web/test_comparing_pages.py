"""Pages that compare: what a supervisor reads there, against a pencil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import SaveSettings
from firmware.core import acd_entries as acd
from firmware.core import log_entries as log
from firmware.core.menu_entries import NodePassed
from firmware.storage.records import Records
from tests.web.desk import WALL, DeskBox, signed_in
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NIGHT_MS = 8 * 3_600_000
TRIED = {
    "name": "tried",
    "schema": 2,
    "start": "toss",
    "exhausted": "end",
    "nodes": {
        "toss": {"kind": "split", "ways": {"short": "end", "long": "end"}},
        "end": {"kind": "hang_up"},
    },
}


def call(number: int, at_ms: int, *, queue: str, solved: bool, topic: str, talk_s: int) -> list:
    """An answered call of a queue; what was keyed after it."""
    name, head = f"{number:08d}", {"call": f"{number:08d}", "queue": queue, "visit": 1}
    up = at_ms + 5_000
    down = up + talk_s * 1_000
    return [
        log.CallOffered(call=name, at_ms=at_ms, direction=log.Direction.INBOUND, origin="fxo/1"),
        log.LineAnswered(call=name, at_ms=at_ms, port="fxo/1"),
        NodePassed(
            call=name,
            at_ms=at_ms,
            flow="tried",
            edition="e1",
            node="toss",
            entered_ms=at_ms,
            exit="short" if number % 2 else "long",
        ),
        acd.QueueEntered(at_ms=at_ms, **head),
        acd.QueueAnswered(at_ms=up, agent="1001", **head),
        acd.AgentJoined(at_ms=up, agent="1001", **head),
        acd.AgentLegEnded(at_ms=down, agent="1001", first="customer", **head),
        log.CallClosed(call=name, at_ms=down, outcome=log.Outcome.ANSWERED),
        acd.WrapUpEnded(
            at_ms=down,
            agent="1001",
            by=acd.WrapUpBy.RESULT,
            result="solved" if solved else "not_solved",
            solved=solved,
            topic=topic,
            **head,
        ),
    ]


@pytest.fixture
def box(tmp_path: Path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    queues = [{"number": "601", "name": "sales", "topics": {"11": "late delivery"}}]
    reports = {"notes": [{"day": "2026-03-03", "text": "two new colleagues"}]}
    document = dict(
        made.desk.document,
        acd={"queues": queues, "agents": []},
        reports=reports,
        flows={"tried": TRIED},
    )
    save = SaveSettings(base=made.desk.version, who="t", why="shorter menu", settings=document)
    refused = made.desk.save(save, WALL)
    assert refused is None, refused
    made._settings = None
    return made


@pytest.fixture
def owner(box: DeskBox, tmp_path: Path) -> Iterator[FlaskClient]:
    """Last week 24 of 30 solved in 100 s each; this week 12 of 30 in 50 s."""
    records = Records.open(tmp_path / "records.sqlite")
    number = 0
    for begin, solved, talk_s in ((MONDAY - timedelta(weeks=1), 24, 100), (MONDAY, 12, 50)):
        for n in range(30):
            number += 1
            entries = call(
                number,
                number * 600_000,
                queue="601",
                solved=n < solved,
                topic="11" if n < 15 else "12" if n < 20 else "",
                talk_s=talk_s,
            )
            lasted_ms = entries[-1].at_ms - entries[0].at_ms
            wall = begin + timedelta(minutes=n, milliseconds=lasted_ms)
            now_ms = entries[-1].at_ms
            records.append(entries, boot="test", wall=wall, trusted=True, now_ms=now_ms)
    records.close()
    app: Flask = create_app(box, tmp_path)
    yield signed_in(app)
    assert signed_in(app, "agent").get("/reports/compare/pairs").status_code == 403


def text(browser: FlaskClient, path: str) -> str:
    answer = browser.get(f"/reports/compare/{path}", headers=ENGLISH)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_shorter_calls_that_solve_less_are_warned_of(owner: FlaskClient) -> None:
    page = text(owner, "pairs?day=2026-03-04")
    assert "Careful: only “Handle time” improved" in page
    assert "100 s 50 s better" in page
    assert "80.0 % 40.0 % worse" in page
    chinese = owner.get("/reports/compare/pairs?day=2026-03-04", headers={"Accept-Language": "zh"})
    assert "注意：只有“平均处理时长”变好了" in chinese.text


def test_a_week_without_one_before_it_is_compared_with_nothing(owner: FlaskClient) -> None:
    assert "There is no span before" in text(owner, "pairs?day=2026-02-25")
    assert "Nothing to compare" in text(owner, "pairs?day=2020-01-01")


def test_groups_say_how_sure_they_are(owner: FlaskClient) -> None:
    """12 of 30: the interval after Wilson is 0.2459 to 0.5768."""
    page = text(owner, "groups?day=2026-03-04&by=queue&figure=fcr_key")
    assert "sales 601 40.0 % 12 / 30 24.6 % – 57.7 % no other group" in page
    assert owner.get("/reports/compare/groups?figure=aht").status_code == 422
    assert "is no date" in owner.get("/reports/compare/groups?day=x", headers=ENGLISH).text


def test_topics_stand_in_order_with_the_blanks(owner: FlaskClient) -> None:
    """15 of 20 keyed: 75 %; 10 of 30 blank: 33.3 %."""
    page = text(owner, "topics?day=2026-03-04")
    assert "late delivery 11 15 75.0 % 75.0 %" in page
    assert "12 5 25.0 % 100.0 %" in page
    assert "10 of 30 calls have no topic (33.3 %)" in page


def test_weeks_show_what_was_changed_in_them(owner: FlaskClient) -> None:
    page = text(owner, "weeks?day=2026-03-04&figure=fcr_key")
    assert "2026-02-23 80.0 %" in page
    assert "2026-03-02 40.0 % 2026-03-02 shorter menu settings, version" in page
    assert "2026-03-03 two new colleagues" in page


def test_a_trial_says_that_it_needs_more_calls(owner: FlaskClient) -> None:
    page = text(owner, "trials?day=2026-03-04")
    assert "“toss” of the menu “tried”" in page
    assert "long 15 100.0 %" in page
    assert "Answered: not enough calls yet. Each way needs 75; the one with fewest has 15." in page
    assert "Satisfied: not enough calls yet" in page
    assert "No trial is running" not in page
