"""Everything that can be set is set on a page, by whoever may; a refusal loses nothing typed."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from firmware.core.settings import Settings
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.storage.settings import SettingsStore
from tests.web.desk import PASSWORD, DeskBox, signed_in
from tests.web.test_gate import form_key
from web.app import create_app
from web.passwords import matches
from web.settings.areas import HIDDEN, areas, fields_in
from web.settings.history import changes
from web.settings.shape import Field, fields_of, settings_fields
from web.words import WORDS

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def box(tmp_path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    made.owned_by("installer", ("installer",))
    return made


@pytest.fixture
def app(box: DeskBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app)


def every_field(fields: tuple[Field, ...] | None = None) -> list[Field]:
    found = []
    for field in settings_fields() if fields is None else fields:
        found += [field, *every_field(field.fields)]
    return found


def typed_in(page: str) -> MultiDict[str, str]:
    """What a browser would send of a page's last form, as it stands."""
    form = page[page.rindex('<form method="post" action="/settings') :]
    sent: MultiDict[str, str] = MultiDict()
    for tag in re.findall(r"<input\b[^>]*>", form):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            sent.add(name[1], unescape(value[1]) if value else "")
    for name, inner in re.findall(
        r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        sent.add(name, unescape(inner))
    selects = r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>'
    for name, inner in re.findall(selects, form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        sent.add(name, unescape(chosen[1]) if chosen else "")
    return sent


def test_no_setting_is_out_of_reach() -> None:
    reached = {name for area in areas().values() for name in area.fields} | HIDDEN
    assert reached == set(Settings.__struct_fields__)
    assert [name for area in areas().values() for name in area.fields] == list(
        dict.fromkeys(name for area in areas().values() for name in area.fields)
    ), "a setting stands on two pages"


def test_every_setting_has_a_form_that_people_can_use() -> None:
    # Menus and what they look into have an editor of their own.
    drawn = {"Settings.flows", "Settings.tables"}
    assert {f.word for f in every_field() if f.kind == "json"} <= drawn


def test_every_setting_has_a_name_in_both_languages() -> None:
    missing = [f.word for f in every_field() if f"setting.{f.word}" not in WORDS]
    assert [word for word in missing if word != "Settings.schema"] == []


@pytest.mark.parametrize("area", sorted(areas()))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_saved_as_it_stands_changes_nothing(owner, box, area, language) -> None:
    page = owner.get(f"/settings/{area}", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f"<h1>{WORDS[f'area.{area}'][language == 'en']}</h1>" in page.text
    if all(field.kind == "rows" for field in fields_in(areas()[area])):
        return
    before = box.desk.settings
    answer = owner.post(f"/settings/{area}", data=typed_in(page.text))
    assert answer.status_code == 303, answer.text
    assert box.desk.settings == before


@pytest.mark.parametrize(
    "path",
    ["telephones/extensions/0", "lines/lines/1", "calls-in/ring_groups/0", "people/accounts/0"],
)
def test_a_row_saved_as_it_stands_changes_nothing(owner, box, path) -> None:
    page = owner.get(f"/settings/{path}", headers=ENGLISH)
    before = box.desk.settings
    answer = owner.post(f"/settings/{path}", data=typed_in(page.text))
    assert answer.status_code == 303, answer.text
    assert box.desk.settings == before


def test_a_telephone_is_named_and_the_change_has_an_author_and_a_reason(owner, box) -> None:
    page = owner.get("/settings/telephones/extensions/1", headers=ENGLISH).text
    typed = typed_in(page)
    typed["name"], typed["why"] = "前台 <b>", "new desk"
    typed["services.do_not_disturb"] = "yes"
    assert owner.post("/settings/telephones/extensions/1", data=typed).status_code == 303
    telephone = box.desk.settings.extensions[1]
    assert (telephone.name, telephone.services.do_not_disturb) == ("前台 <b>", True)
    newest = box.desk.history().versions[0]
    assert (newest.who, newest.why) == ("owner", "new desk")
    assert "前台 &lt;b&gt;" in owner.get("/settings/telephones").text
    seen = owner.get(f"/settings/history/{newest.version}", headers=ENGLISH).text
    assert "Telephones › 202 › Services › Do not disturb" in seen


def test_a_refused_change_says_why_at_its_field_and_keeps_what_was_typed(owner, box) -> None:
    page = owner.get("/settings/telephones/extensions/1", headers=ENGLISH).text
    before = box.desk.version
    for number, language, sentence in (
        ("20", "en", "Extension 20: a number of 3 digits is needed."),
        ("201", "en", "Number 201 is used twice."),
        ("119", "en", "emergency number"),
        ("999", "zh-CN", "以出局字冠 9 开头"),
    ):
        typed = typed_in(page)
        typed["number"], typed["name"] = number, "typed with care"
        headers = {"Accept-Language": language}
        answer = owner.post("/settings/telephones/extensions/1", data=typed, headers=headers)
        assert answer.status_code == 422
        assert sentence in unescape(answer.text)
        assert 'value="typed with care"' in answer.text
        assert f'value="{number}"' in answer.text
    assert box.desk.version == before


@pytest.mark.parametrize(
    ("area", "field", "value", "sentence"),
    [
        ("calls-out", "limits.money_day", "much", "“much” is no number."),
        ("calls-out", "limits.money_day", "-1", "-1 is not within 0 to 1"),
        ("codes", "speed_dials", "12 13800138000", "write it as name = value"),
        ("codes", "speed_dials", "12 = 1\n12 = 2", "12 stands there twice"),
        ("hours", "hours.week.mon", "9-18", "needed is a form such as 09:00-18:00"),
        ("timers", "timers.first_digit", "1", "1 is not within 5000 to 60000"),
        ("voicemail", "voicemail.longest_ms", "1", "1 is not within 10000 to 600000"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(owner, area, field, value, sentence) -> None:
    typed = typed_in(owner.get(f"/settings/{area}", headers=ENGLISH).text)
    typed[field] = value
    answer = owner.post(f"/settings/{area}", data=typed, headers=ENGLISH)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert unescape(answer.text).count(value.splitlines()[0]) >= 1, "what was typed is gone"


def test_hours_of_a_week_are_set_by_day(owner, box) -> None:
    typed = typed_in(owner.get("/settings/hours").text)
    typed["hours.week.mon"] = "09:00-12:00，13:00-18:00"  # as a Chinese keyboard types it
    typed["hours.days"] = "2026-06-01 = closed"
    assert owner.post("/settings/hours", data=typed).status_code == 303
    assert box.desk.settings.hours.week == {"mon": ("09:00-12:00", "13:00-18:00")}
    assert box.desk.settings.hours.days == {"2026-06-01": "closed"}


def test_the_next_thirty_days_are_shown_with_their_holidays(owner) -> None:
    typed = typed_in(owner.get("/settings/hours").text)
    typed["hours.week.mon"] = "09:00-18:00"
    owner.post("/settings/hours", data=typed)
    page = owner.get("/settings/hours", headers=ENGLISH).text
    rows = re.findall(r"<tr><td class=\"first\".*?</tr>", page, re.DOTALL)
    assert len(rows) == 30
    assert "2026-03-02" in rows[0]
    assert "Monday" in rows[0]
    assert "09:00–18:00" in rows[0]
    assert "closed" in rows[1]


def test_a_timer_is_changed_and_forgotten_again(owner, box) -> None:
    typed = typed_in(owner.get("/settings/timers").text)
    typed["timers.first_digit"] = "20000"
    owner.post("/settings/timers", data=typed)
    assert box.desk.settings.timers == {"first_digit": 20000}
    typed = typed_in(owner.get("/settings/timers").text)
    assert typed["timers.first_digit"] == "20000"
    typed["timers.first_digit"] = ""
    owner.post("/settings/timers", data=typed)
    assert box.desk.settings.timers == {}


def test_rows_are_added_and_removed(owner, box) -> None:
    typed = typed_in(owner.get("/settings/calls-out/trunks/new").text)
    typed["name"], typed["lines"] = "cheap", "fxo/1\nfxo/2"
    assert owner.post("/settings/calls-out/trunks/new", data=typed).status_code == 303
    assert [trunk.lines for trunk in box.desk.settings.trunks] == [("fxo/1", "fxo/2")]
    typed = typed_in(owner.get("/settings/calls-out/trunks/0").text)
    typed["remove"] = "yes"
    assert owner.post("/settings/calls-out/trunks/0", data=typed).status_code == 303
    assert box.desk.settings.trunks == ()


def test_a_person_gets_a_password_that_nobody_can_read(owner, box) -> None:
    typed = typed_in(owner.get("/settings/people/accounts/new").text)
    typed["name"], typed["password"] = "lin", "seven quiet rings"
    typed.setlist("roles", ["agent", "reviewer"])
    assert owner.post("/settings/people/accounts/new", data=typed).status_code == 303
    lin = box.desk.settings.accounts[-1]
    assert lin.roles == ("reviewer", "agent")
    assert matches(lin.password, "seven quiet rings")
    page = owner.get("/settings/people/accounts/3").text
    assert lin.password not in page
    typed = typed_in(page)
    typed["name"] = "lin2"
    owner.post("/settings/people/accounts/3", data=typed)
    assert box.desk.settings.accounts[-1].password == lin.password, "an empty field keeps it"
    without = typed_in(owner.get("/settings/people/accounts/new").text)
    without["name"] = "nobody"
    assert owner.post("/settings/people/accounts/new", data=without).status_code == 422
    assert PASSWORD not in str(box.desk.document)


def test_of_two_who_change_at_once_the_second_is_told(owner, box) -> None:
    first = typed_in(owner.get("/settings/office", headers=ENGLISH).text)
    second = first.copy()
    first["record"], second["country"] = "all", "GB"
    assert owner.post("/settings/office", data=first).status_code == 303
    answer = owner.post("/settings/office", data=second, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Somebody changed the settings meanwhile" in answer.text
    assert (box.desk.settings.record, box.desk.settings.country) == ("all", "CN")


def test_an_earlier_version_is_brought_back(owner, box) -> None:
    before = box.desk.version
    typed = typed_in(owner.get("/settings/office").text)
    typed["record"] = "all"
    owner.post("/settings/office", data=typed)
    seen = owner.get(f"/settings/history/{before}", headers=ENGLISH).text
    assert "Recording" in seen
    assert owner.post(f"/settings/history/{before}", data={"why": "as before"}).status_code == 303
    assert box.desk.settings.record == "none"
    assert box.desk.history().versions[0].why == "as before"


def test_people_are_the_owner_s_affair(app) -> None:
    installer = signed_in(app, "installer")
    assert installer.get("/settings/telephones").status_code == 200
    assert installer.get("/settings/people").status_code == 403
    assert installer.get("/settings/people/accounts/0").status_code == 403
    assert installer.post("/settings/people/accounts/new").status_code == 403
    assert "/settings/people" not in installer.get("/settings/").text
    assert signed_in(app, "agent").get("/settings/telephones").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "telephones/lines/0",
        "telephones/extensions/99",
        "telephones/extensions/-1",
        "history/999999999999",
    ],
)
def test_what_is_not_there_is_not_found_and_nothing_breaks(owner, path) -> None:
    assert owner.get(f"/settings/{path}").status_code in {200, 404}


def test_a_secret_is_not_shown_in_the_history(app) -> None:
    secrets = [[{"name": "lin", "password": word}] for word in ("one", "two")]
    with app.test_request_context("/sign-in"):
        app.preprocess_request()
        found = changes({"accounts": secrets[0]}, {"accounts": secrets[1]})
    assert [(change.was, change.now) for change in found] == [("•••", "•••")]


def test_lists_of_meaning_keep_their_order() -> None:
    roles = next(f for f in every_field() if f.word == "Account.roles")
    assert roles.choices == ("owner", "supervisor", "reviewer", "agent", "installer")
    week = next(f for f in every_field() if f.word == "Hours.week")
    assert week.choices == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    assert [f.name for f in fields_of(Settings)] == list(Settings.__struct_fields__)


def test_an_alarm_about_damaged_settings_is_put_away_by_whoever_has_seen_it(
    box: DeskBox, app: Flask, tmp_path
) -> None:
    file = tmp_path / "settings" / "settings.json"
    box.store.close()
    file.write_bytes(file.read_bytes()[:-20])
    box.desk = SettingsDesk(SettingsStore(file.parent), "CN", box.desk.claim)
    assert box.desk.alarms_in("en")
    owner = signed_in(app)
    assert "现在使用的是第" in owner.get("/settings/history").text
    page = owner.get("/settings/history", headers=ENGLISH).text
    assert "settings.json could not be read" in page
    answer = owner.post("/settings/history/seen", data={"form_key": form_key(page)})
    assert answer.status_code == 303
    assert box.desk.alarms_in("en") == ()
    assert "could not be read" not in owner.get("/settings/history", headers=ENGLISH).text
    assert list(file.parent.glob("settings.json.seen-*")), "kept for diagnosis"
