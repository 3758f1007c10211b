"""Settings and controls, both ways: each setting has its control, and each control changes the box.

A control that is moved and neither changes the settings nor is refused with a sentence is a dummy.
"""

import re
from html import unescape

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.web.desk import WALL, DeskBox, signed_in
from tests.web.test_settings_pages import typed_in
from web.app import create_app
from web.settings.areas import areas, fields_in
from web.settings.form import read, shown
from web.settings.shape import Field, tables_in

OF_THE_FORM = {"base", "why", "form_key", "remove"}
TRIED = ("1", "09:00-12:00", "21", "x1", "fxo/2", "202", "12 = 34", "2026-06-01 = closed")
TRIED += (
    "mon = 1",
    "x = https://a.example/{key}",
    "13:00",
    "flow:main",
    "Europe/Berlin",
    "/media/x",
)


@pytest.fixture
def box(tmp_path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    return made


@pytest.fixture
def owner(box: DeskBox, tmp_path) -> FlaskClient:
    return signed_in(create_app(box, tmp_path))


def names(fields: tuple[Field, ...], prefix: str = "") -> set[str]:
    """What the controls of some settings are called."""
    found: set[str] = set()
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.kind == "part":
            found |= names(field.fields, f"{path}.")
        elif field.kind == "named":
            found |= {f"{path}.{choice}" for choice in field.choices}
        elif field.kind != "rows":
            found.add(path)
    return found


def controls(page: str) -> dict[str, tuple[str, list[str]]]:
    """Name to kind and values of every control in a page's last form."""
    form = page[page.rindex('<form method="post" action="/settings') :]
    found: dict[str, tuple[str, list[str]]] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, kind = re.search(r'\bname="([^"]*)"', tag), re.search(r'\btype="(\w+)"', tag)
        if name and (kind is None or kind[1] != "hidden"):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            kept = found.setdefault(name[1], (kind[1] if kind else "text", []))
            kept[1].append(unescape(value[1]) if value else "")
    for name in re.findall(r'<textarea\b[^>]*name="([^"]*)"', form):
        found[name] = ("text", [])
    for name, inner in re.findall(
        r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        found[name] = ("select", [unescape(v) for v in re.findall(r'value="([^"]*)"', inner)])
    return {name: kept for name, kept in found.items() if name not in OF_THE_FORM}


def places() -> list[tuple[str, tuple[Field, ...]]]:
    """Every form of settings: its address and what it asks."""
    found: list[tuple[str, tuple[Field, ...]]] = []
    for name, area in areas().items():
        fields = fields_in(area)
        if names(fields):
            found.append((name, fields))
        found += [(f"{name}/{path}/new", table.fields) for path, table in tables_in(fields).items()]
    return found


@pytest.mark.parametrize(("place", "fields"), places(), ids=[place for place, _ in places()])
def test_every_setting_has_its_control_and_no_control_is_a_stranger(owner, place, fields) -> None:
    page = owner.get(f"/settings/{place}").text
    assert set(controls(page)) == names(fields)


@pytest.mark.slow
@pytest.mark.parametrize("place", [place for place, _ in places() if "/" not in place])
def test_every_control_changes_the_box_or_says_why_not(owner, box, place) -> None:
    before = dict(box.desk.document)
    page = owner.get(f"/settings/{place}").text
    changed, refused = [], []
    for name, (kind, values) in controls(page).items():
        for sent in moves(typed_in(page), name, kind, values):
            sent["base"] = str(box.desk.version)
            answer = owner.post(f"/settings/{place}", data=sent)
            if answer.status_code == 422:
                assert 'role="alert"' in answer.text, (name, sent.getlist(name))
                refused.append(name)
                break
            assert answer.status_code == 303, (name, sent.getlist(name))
            same = box.desk.document == before
            undo(box, before)
            if not same:
                changed.append(name)
                break
        else:
            pytest.fail(f"{place}: {name} changes nothing")
    assert len(changed) + len(refused) == len(controls(page))


def moves(typed: MultiDict, name: str, kind: str, values: list[str]) -> list[MultiDict]:
    """What a person could do with a control."""
    made = []
    now = typed.getlist(name)
    choices = values if kind in {"checkbox", "select"} else list(TRIED)
    for value in choices:
        sent = typed.copy()
        if kind == "checkbox":
            sent.setlist(name, [v for v in now if v != value] if value in now else [*now, value])
        elif [value] == now:
            continue
        else:
            sent[name] = value
        made.append(sent)
    if kind == "text" and now and re.fullmatch(r"\d+", now[0]):
        for other in (int(now[0]) + 1, int(now[0]) - 1):
            sent = typed.copy()
            sent[name] = str(other)
            made.insert(0, sent)
    return made


def undo(box: DeskBox, document: dict) -> None:
    from firmware.control.messages import SaveSettings

    save = SaveSettings(base=box.desk.version, who="test", why="", settings=document)
    assert box.desk.save(save, WALL) is None
    box._settings = None


def test_addresses_of_menus_have_a_form(owner, box) -> None:
    field = next(f for f in fields_in(areas()["menus"]) if f.name == "addresses")
    assert field.kind == "keyed"
    typed = typed_in(owner.get("/settings/menus", headers={"Accept-Language": "en"}).text)
    typed["addresses"] = "crm = https://crm.example/{key}\nstock = http://10.0.0.5/{key}; yes"
    assert owner.post("/settings/menus", data=typed).status_code == 303
    kept = box.desk.settings.addresses
    assert (kept["crm"].lan, kept["stock"].lan) == (False, True)
    page = owner.get("/settings/menus", headers={"Accept-Language": "zh-CN"}).text
    assert "stock = http://10.0.0.5/{key}; 是" in page
    typed = typed_in(page)
    assert owner.post("/settings/menus", data=typed).status_code == 303
    assert box.desk.settings.addresses == kept
    for wrong, sentence in (
        ("crm", "write it as name = value"),
        ("a = https://b.example; maybe", "write yes or no"),
        ("a = https://b.example; yes; x", "at most 2 values"),
        ("a = https://b.example\na = https://c.example", "stands there twice"),
    ):
        typed["addresses"], typed["base"] = wrong, str(box.desk.version)
        answer = owner.post("/settings/menus", data=typed, headers={"Accept-Language": "en"})
        assert answer.status_code == 422
        assert sentence in unescape(answer.text)
        assert wrong.splitlines()[0] in unescape(answer.text)


def test_what_is_shown_is_read_back(owner) -> None:
    app = owner.application
    with app.test_request_context("/sign-in"):
        app.preprocess_request()
        for _, fields in places():
            for field in fields:
                if field.kind in {"part", "rows", "switch", "choices", "named"}:
                    continue
                typed = MultiDict({field.name: str(shown(field, field.default))})
                problems: dict[str, str] = {}
                back = read((field,), typed, {}, problems)
                if field.default is not None and not problems:
                    again = shown(field, msgspec.to_builtins(back[field.name]))
                    assert str(again) == str(shown(field, field.default)), field.word
