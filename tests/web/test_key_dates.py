"""A customer's day: written on the page, on the morning it is a task or a ticket, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.core.countries import country
from firmware.customers.customer import Customer, dialled
from firmware.customers.key_date import KeyDate
from firmware.customers.occasions import days_since, month_days, occasions
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def boss(box: OfficeBox, tmp_path: Path) -> FlaskClient:
    app: Flask = create_app(box, tmp_path)
    return signed_in(app, "boss")


def page(browser: FlaskClient, path: str, language: str = "en") -> str:
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return answer.text


def card(boss: FlaskClient, **typed: Any) -> None:
    assert boss.post("/customers/save", data=typed).status_code == 303


def test_on_the_day_there_is_a_task_or_a_ticket_and_only_one(
    box: OfficeBox, boss: FlaskClient
) -> None:
    box.set(language="en")
    card(boss, name="Wang", numbers="13800138000", agent="1001", dates="birthday 1980-03-02 yearly")
    card(boss, name="Li", numbers="13800138001", channel="text", dates="birthday 1980-03-02 yearly")
    card(boss, name="Zhao", numbers="13800138002", dates="renewal 2026-03-03 once")
    box.pass_ms(80_000)
    tasks = page(boss, "/tasks/")
    assert "Key date" in tasks
    assert "Wang" in tasks
    assert ">1001<" in tasks
    assert "Zhao" not in tasks
    assert "重要日期" in page(boss, "/tasks/", "zh-CN")
    tickets = page(boss, "/tickets/")
    assert "Li: birthday (2026-03-02): he prefers a text message" in tickets
    assert "Wang: birthday" not in tickets
    card(boss, name="Qian", numbers="13800138003", dates="contract 2026-03-02 once")
    box.pass_ms(130_000)
    assert page(boss, "/tasks/").count("Wang") == 1
    assert "Qian" in page(boss, "/tasks/"), "what is written on the day counts on the day"
    assert page(boss, "/tickets/").count("he prefers a text message") == 1


def test_whoever_must_not_be_called_has_a_ticket(box: OfficeBox, boss: FlaskClient) -> None:
    box.set(language="zh-CN")
    acd = box.settings().acd  # type: ignore[union-attr]  # there are some
    box.set(acd={"do_not_call": ["13800138000"], **_kept(acd)})
    card(boss, name="Wang", numbers="13800138000", dates="生日 1980-03-02 每年")
    box.pass_ms(80_000)
    assert "Wang: 生日（2026-03-02），请联系客户" in page(boss, "/tickets/")


def _kept(acd: Any) -> dict[str, Any]:
    return {k: v for k, v in msgspec.to_builtins(acd).items() if k in {"queues", "agents"}}


# --- the calendar alone ---------------------------------------------------------------------------

WANG = Customer(
    customer=1, name="Wang", dates=(KeyDate(name="birthday", day="1980-02-29"),), agent="1001"
)


def test_a_box_that_was_off_tells_what_it_missed_and_no_more_than_a_week_of_it() -> None:
    today = date(2026, 3, 2)
    days = days_since(date(2026, 2, 27), today)
    assert [str(day) for day in days] == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert days_since(date(2025, 1, 1), today)[0] == date(2026, 2, 23)
    assert days_since(None, today) == [today]
    assert month_days(days) == {"-02-27", "-02-28", "-02-29", "-03-01", "-03-02"}
    (one,) = occasions([WANG], days, set())
    assert (one.day, one.key) == (date(2026, 2, 28), "1/birthday/2026-02-28")
    assert occasions([WANG], days, {one.key}) == []


@pytest.mark.parametrize(
    ("kept", "keys"),
    [
        ("+8613800138000", "13800138000"),
        ("+861065529988", "01065529988"),
        ("+12125550123", "0012125550123"),
        ("95588", "95588"),
    ],
)
def test_numbers_of_cards_are_dialled_as_people_dial_them(kept: str, keys: str) -> None:
    assert dialled(kept, country("CN")) == keys
