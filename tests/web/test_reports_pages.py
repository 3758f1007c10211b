"""Reports on the page: the hour that was worked out by hand reads there as it does on paper."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from firmware.reports.example import EXPECTED, entries
from firmware.storage.records import Records
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.reports.present import plain, value_words

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def box(tmp_path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    made.owned_by("judge", ("reviewer",))
    return made


@pytest.fixture
def app(box: DeskBox, tmp_path) -> Flask:
    records = Records.open(tmp_path / "records.sqlite")
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for entry in entries():
        wall = start + timedelta(milliseconds=entry.at_ms)
        records.append([entry], boot="test", wall=wall, trusted=True)
    records.close()
    return create_app(box, tmp_path)


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("share", 0.8, "80.0 %"),
        ("seconds", 95.0, "95 s"),
        ("mean", 12.25, "12.25"),
        ("count", 7.0, "7"),
        ("erlang", 1.256, "1.26"),
        ("share", None, "\u2013"),
    ],
)
def test_values_as_people_read_them(unit: str, value: float | None, words: str) -> None:
    assert value_words(unit, value) == words


def test_numbers_without_needless_zeros() -> None:
    assert [plain(v) for v in (0.0, 12.0, 0.125)] == ["0", "12", "0.12"]


def test_a_day_without_calls_says_so_and_a_wrong_day_is_told(app: Flask) -> None:
    owner = signed_in(app)
    page = owner.get("/reports/?day=2020-01-01", headers=ENGLISH)
    assert page.status_code == 200
    answer = owner.get("/reports/?day=yesterday", headers=ENGLISH)
    assert answer.status_code == 422
    assert "yesterday is no date." in answer.text
    assert owner.get("/reports/?by=mood").status_code == 422


def test_every_figure_stands_with_its_formula(app: Flask) -> None:
    page = signed_in(app, "judge").get("/reports/?day=2026-03-02", headers=ENGLISH).text
    assert "How it is counted" in page
    assert "calls x Pb / (1 - Pb)" in page
    assert "Calls lost to busy lines" in page
    # The hour of the worked example: 12 calls offered, 8 answered within its definitions.
    assert re.search(r"Offered</td><td[^>]*>\d+", page), page[:2000]


def test_the_same_for_a_spreadsheet(app: Flask) -> None:
    answer = signed_in(app).get("/reports/figures.csv?day=2026-03-02&period=month", headers=ENGLISH)
    assert answer.headers["Content-Disposition"].endswith("figures-2026-03-02-month.csv")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0] == ["Part", "Code", "Figure", "Value", "Above the line", "Below the line"]
    assert {"n", "sl", "asa"} <= {row[1] for row in rows[1:]}


def test_the_hour_worked_out_by_hand_reads_as_on_paper(app: Flask) -> None:
    answer = signed_in(app).get("/reports/figures.csv?day=2026-03-02", headers=ENGLISH)
    table = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    found = {row[1]: row[3] for row in table}
    by_hand = {code: words for code, agent, words in EXPECTED if not agent}
    for code in ("n", "a", "b", "f"):
        assert float(found[code]) == float(by_hand[code]), code
    assert f"{100 * float(found['csat_2']):.1f}%" == by_hand["csat_2"] == "80.0%"


def test_the_same_on_paper_with_its_target(app: Flask) -> None:
    page = signed_in(app, "judge").get("/reports/?day=2026-03-02", headers=ENGLISH).text
    assert "at least 80.0 %" in page
    answer = signed_in(app, "judge").get("/reports/report.pdf?day=2026-03-02", headers=ENGLISH)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert signed_in(app).get("/reports/report.pdf?day=x", headers=ENGLISH).status_code == 422


def test_agents_do_not_see_reports(app: Flask) -> None:
    assert signed_in(app, "agent").get("/reports/report.pdf").status_code == 403
    assert signed_in(app, "agent").get("/reports/").status_code == 403
