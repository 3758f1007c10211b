"""Rules of passwords: length, reuse, who must change, by what date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import SaveSettings
from firmware.core.accounts import Account
from firmware.core.page_settings import PageSettings
from firmware.storage.visitors import Visitors
from tests.web.desk import PASSWORD, WALL, DeskBox, signed_in
from web import password_rules
from web.app import create_app
from web.passwords import hashed

ENGLISH = {"Accept-Language": "en"}
OTHER = "seven quiet rings"


@pytest.fixture
def box(tmp_path: Path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    made.owned_by("lin", ("supervisor",))
    return made


@pytest.fixture
def app(box: DeskBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


def ruled(box: DeskBox, **page: int) -> None:
    document = dict(box.desk.document, page=page)
    refused = box.desk.save(
        SaveSettings(base=box.desk.version, who="t", why="", settings=document), WALL
    )
    assert refused is None, refused
    box._settings = None


def change(browser: FlaskClient, old: str, new: str) -> tuple[int, str]:
    typed = {"old": old, "new": new, "again": new}
    answer = browser.post("/me", data=typed, headers=ENGLISH)
    return answer.status_code, answer.text


def give(browser: FlaskClient, password: str) -> int:
    """The owner sets lin's password on the settings' page."""
    page = browser.get("/settings/people/accounts/1", headers=ENGLISH)
    assert page.status_code == 200
    typed = {"base": _base(page.text), "name": "lin", "roles": "supervisor", "password": password}
    return browser.post("/settings/people/accounts/1", data=typed, headers=ENGLISH).status_code


def _base(page: str) -> str:
    return page.split('name="base" value="')[1].split('"', maxsplit=1)[0]


def test_what_was_used_before_is_refused_and_so_is_what_is_too_short(
    app: Flask, box: DeskBox
) -> None:
    ruled(box, password_length=12, password_former=2)
    lin = signed_in(app, "lin")
    assert "at least 12 characters" in change(lin, PASSWORD, "eight ri")[1]
    status, page = change(lin, PASSWORD, PASSWORD)
    assert status == 422
    assert "One of the last 2 passwords cannot be used again" in page
    assert change(lin, PASSWORD, OTHER)[0] == 303
    assert "cannot be used again" in change(lin, OTHER, PASSWORD)[1]
    assert change(lin, OTHER, "nine quiet rings")[0] == 303
    assert change(lin, "nine quiet rings", PASSWORD)[0] == 303, "two are remembered, not three"


def test_a_password_from_somebody_else_is_changed_before_anything_else(app: Flask) -> None:
    owner, lin = signed_in(app), signed_in(app, "lin")
    assert lin.get("/reports/").status_code == 200
    assert give(owner, OTHER) == 303
    answer = lin.get("/reports/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me")
    assert lin.post("/incidents/", headers=ENGLISH).status_code == 403
    assert "Somebody else chose this password." in lin.get("/me", headers=ENGLISH).text
    assert change(lin, OTHER, "only lin knows this")[0] == 303
    assert lin.get("/reports/").status_code == 200
    # Who sets his own on the same page knows it alone.
    assert owner.get("/reports/").status_code == 200


def test_by_date_only_where_the_office_asks_for_it(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path / "page")
    account, day = Account(name="Lin", password=hashed(PASSWORD)), date(2026, 3, 2)
    never, yearly = PageSettings(), PageSettings(password_days=365)
    assert password_rules.to_change(visitors, account, never, day) == ""
    assert password_rules.to_change(visitors, account, yearly, day) == "", "counted from now"
    late = day + timedelta(days=364)
    assert password_rules.to_change(visitors, account, yearly, late) == ""
    late += timedelta(days=1)
    assert password_rules.to_change(visitors, account, yearly, late) == password_rules.OLD
    password_rules.changed(visitors, account, yearly, late, handed=False)
    assert password_rules.to_change(visitors, account, yearly, late) == ""
    visitors.close()


def test_guesses_are_locked_out(app: Flask) -> None:
    """As before: five wrong ones and whoever comes next waits."""
    visitors = app.extensions["visitors"]
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for _ in range(12):
        visitors.wrong("account lin", now)
    assert visitors.wait_s("account lin", now) > 0
