"""The board over a whole calld: how it stands, what helps, what is decided over people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.floor_messages import AgentNow, Floor, QueueNow
from firmware.control.messages import PortStatus, Status
from firmware.core.acd_settings import Acd
from firmware.core.desk_entries import Audited
from firmware.reports.measures import Figure
from firmware.reports.report import Row
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app
from web.board.advice import advice
from web.board.load import BASE, bars
from web.words import WORDS, say

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return signed_in(app, "boss")


def agent(box: OfficeBox, number: str = "1001") -> AgentNow:
    status = box.status()
    assert status is not None
    assert status.floor is not None
    return next(a for a in status.floor.agents if a.agent == number)


def test_people_queues_lines_and_figures_stand_there(box: OfficeBox, app: Flask, boss) -> None:
    anna = signed_in(app, "anna")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    box.ring("13800138000")
    page = boss.get("/board/", headers=ENGLISH).text
    for words in ("Anna", "Ringing", "Extension 201", "sales", "Line 1", "Service level"):
        assert words in page, words
    assert "A(T) / (A + B - Bs)" in page or "title=" in page, "a figure shows its formula"
    assert 'data-source="/board/live"' in page
    wall = boss.get("/board/?wall=1", headers=ENGLISH).text
    assert 'class="board wall"' in wall
    assert "Decide over an agent" not in wall


def test_the_board_follows_without_reload(box: OfficeBox, app: Flask, boss) -> None:
    answer = boss.get("/board/live", buffered=False, headers=ENGLISH)
    stream = iter(answer.response)
    first = [next(stream).decode() for _ in range(6)]
    assert "Signed out" in first[2]
    anna = signed_in(app, "anna")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    seen = ""
    while "event: people" not in seen:
        seen = next(stream).decode()
    answer.close()
    assert "Ready" in seen
    assert agent(box).state == "ready"


def test_what_a_supervisor_decides_is_done_and_put_down(box: OfficeBox, app: Flask, boss) -> None:
    signed_in(app, "anna").post("/desk/state", data={"act": "sign_in", "extension": "201"})
    for act, state in (("pause:meeting", "paused"), ("ready", "ready"), ("sign_out", "logged_out")):
        answer = boss.post("/board/agent", data={"agent": "1001", "act": act})
        assert answer.status_code == 303, act
        assert agent(box).state == state
    boss.post("/board/agent", data={"agent": "1002", "act": "out_of:601"})
    assert agent(box, "1002").queues == {}
    boss.post("/board/agent", data={"agent": "1002", "act": "into:601"})
    assert agent(box, "1002").queues == {"601": 5}
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        noted = [e.entry for e in records.all_events() if isinstance(e.entry, Audited)]
    assert [(e.who, e.what) for e in noted if e.action == "agent_decided"] == [
        ("boss", "agent/1001")
    ] * 3 + [("boss", "agent/1002")] * 2
    refused = boss.post("/board/agent", data={"agent": "9", "act": "ready"}, headers=ENGLISH)
    assert refused.status_code == 409
    assert "There is no agent 9." in refused.text


def test_an_office_without_queues_is_told_what_to_do(box: OfficeBox, app: Flask) -> None:
    box.set(inbound="flow:main", acd={}, accounts=[dict(a, agent="") for a in box.accounts])
    page = signed_in(app).get("/board/", headers=ENGLISH).text
    assert "No queues yet." in page
    assert 'href="/settings/agents"' in page


def floor(*, waiting: int = 0, longest_ms: int = 0, logged_in: int = 1, free: int = 2) -> Floor:
    queue = QueueNow(
        queue="601",
        name="sales",
        waiting=waiting,
        longest_since_ms=longest_ms,
        logged_in=logged_in,
    )
    agents = (
        AgentNow(agent="1", name="Anna", state="talking", queues={"601": 5}),
        AgentNow(agent="2", name="Bo", state="paused", pause="lunch", queues={"601": 5}),
        AgentNow(agent="3", name="Cy", state="ready", queues={}),
        AgentNow(agent="4", name="Di", queues={"601": 5}),
    )
    return Floor(queues=(queue,), agents=agents, lines=4, free_lines=free)


def status_of(there: Floor | None, *, ports: tuple[PortStatus, ...] = ()) -> Status:
    return Status(
        at_ms=100_000, lines_connected=True, country="CN", ports=ports, calls=(), floor=there
    )


def keys(there: Floor | None, **more) -> list[str]:
    return [one.key for one in advice(status_of(there, **more), Acd())]


def test_what_is_beyond_its_threshold_is_told_with_what_helps() -> None:
    # Thresholds as the office has them from the first day: more than 3 wait, longer than 60 s.
    assert keys(floor(waiting=3, longest_ms=40_001)) == []
    assert keys(floor(waiting=4, longest_ms=90_000)) == ["waiting"]
    assert keys(floor(waiting=1, longest_ms=39_000)) == ["long-wait"]
    (found,) = advice(status_of(floor(waiting=4, longest_ms=90_000)), Acd())
    assert found.urgent
    assert [(act, values["agent"]) for act, values in found.acts] == [
        ("recall", "Bo"),
        ("move", "Cy"),
        ("sign-in", "Di"),
    ]
    assert keys(floor(waiting=1, longest_ms=99_000, logged_in=0)) == ["deserted"]
    assert keys(floor(free=0)) == ["lines"]
    broken = (PortStatus(port="fxo/1", label="line 1", state="no_battery"),)
    assert keys(floor(), ports=broken) == ["port"]
    assert keys(None) == []


def test_people_who_are_away_longer_than_they_should_are_told() -> None:
    over = AgentNow(agent="2", state="paused", pause="lunch", pauses_ms={"lunch": 3_780_000})
    (found,) = advice(status_of(Floor(agents=(over,))), Acd())
    assert (found.key, found.values["n"]) == ("over-budget", 3), "63 of 60 minutes"
    lifted = AgentNow(agent="3", state="ready", set_state="taken", since_ms=-300_000)
    lost = AgentNow(agent="4", state="ready", set_state="lost")
    missed = AgentNow(agent="5", state="paused", pause="missed")
    there = Floor(agents=(lifted, lost, missed))
    assert keys(there) == ["off-hook", "set-lost", "missed"]


def test_every_advice_has_words_that_fill_in() -> None:
    found = advice(status_of(floor(waiting=4, longest_ms=90_000, free=0)), Acd())
    for one in found:
        for language in ("zh-CN", "en"):
            assert "{" not in say(f"advice.{one.key}", language, **one.values)
            for act, values in one.acts:
                assert "{" not in say(f"act.{act}", language, **values)
    assert {"advice.deserted", "advice.off-hook", "act.finish"} <= set(WORDS)


def test_the_load_of_a_day_as_bars() -> None:
    def row(at: str, n: int, a: int, b: int) -> Row:
        counts = {"n": n, "a": a, "b": b}
        figures = {code: Figure(value=v, top=v) for code, v in counts.items()}
        return Row(key=f"2026-03-02 {at}+08:00", figures=figures)

    found, most = bars([row("09:00", 4, 3, 1), row("10:30", 2, 2, 0)])
    assert most == 4
    # 120 of the view's units for four calls: 30 a call; 120 units wide, eight places at least.
    assert [(one.answered, one.lost) for one in found] == [(90.0, 30.0), (60.0, 0.0)]
    assert found[0].answered_y == BASE - 90
    assert (found[0].x, found[1].x) == (12.0, 372.0)
    assert [one.label for one in found] == ["9", ""]
    assert bars([]) == ([], 0)
