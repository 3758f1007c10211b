"""Tables taken away: all of their rows, however many there are, and a few of them in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask, g

from firmware.core.log_entries import CallClosed, CallerKnown, CallOffered, Direction, Outcome
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, BOOT_WALL
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.export import BATCH, streamed
from web.table import MOST_ROWS, Cell, Column

CALLS = MOST_ROWS + 120
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A box with more calls than a page of the search shows; every hundredth from one number."""
    folder: Path = tmp_path_factory.mktemp("box")
    box = DeskBox(folder)
    box.owned_by()
    box.owned_by("boss", ("owner", "supervisor"))
    records = Records.open(folder / "records.sqlite")
    entries = []
    for nth in range(1, CALLS + 1):
        call, at_ms = f"{nth:08d}", nth * 1_000
        number = "13800138000" if nth % 100 == 0 else f"139{nth:08d}"
        entries += [
            CallOffered(call=call, at_ms=at_ms, direction=Direction.INBOUND, origin="fxo/1"),
            CallerKnown(call=call, at_ms=at_ms, kind="number", number=number),
            CallClosed(call=call, at_ms=at_ms + 500, outcome=Outcome.ABANDONED),
        ]
    wall = BOOT_WALL + timedelta(milliseconds=entries[-1].at_ms)
    records.append(entries, boot=BOOT, wall=wall, trusted=True, now_ms=entries[-1].at_ms)
    records.close()
    return create_app(box, folder)


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_call_is_in_the_file(app: Flask) -> None:
    head, *rows = table(signed_in(app, "boss").get("/calls?as=csv", headers=ENGLISH).text)
    assert head[:3] == ["Started", "Direction", "Caller"]
    assert len(rows) == CALLS
    assert [row[2] for row in rows[:2]] == ["139 0000 2120", "139 0000 2119"]
    assert len({row[2] for row in rows}) == CALLS - CALLS // 100 + 1
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)


def test_a_file_holds_what_was_searched_for_among_all(app: Flask) -> None:
    boss = signed_in(app, "boss")
    for query in ("q=13800138000", "number=13800138000"):
        _, *rows = table(boss.get(f"/calls?{query}&as=csv", headers=ENGLISH).text)
        assert len(rows) == CALLS // 100, query
        assert {row[2] for row in rows} == {"138 0013 8000"}, query


def test_rows_are_read_as_they_are_sent(app: Flask) -> None:
    read = 0

    def rows() -> Iterator[dict[str, Cell]]:
        nonlocal read
        while True:  # a table without end
            read += 1
            yield {"n": Cell(f"={read}")}

    with app.test_request_context("/", headers=ENGLISH):
        g.language = "en"
        answer = streamed("n", (Column("n", "name"),), rows())
        _, first = islice(answer.response, 2)
        assert read == BATCH
        assert "Content-Length" not in answer.headers
        assert first.splitlines()[0] == "'=1", "nothing that a spreadsheet would run"
        answer.close()
