"""Menus on the page: drawn, changed by forms, checked as one types, tried, saved without faults."""

import io
import re
import wave
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.datastructures import MultiDict

from firmware.core.log_entries import CallClosed, CallOffered
from firmware.core.menu_entries import NodePassed
from firmware.storage.records import Records
from ivr.document import edition, read_flow
from ivr.nodes import Menu, Said, Span, Times
from ivr.shipped import MAIN
from tests.unit.storage.stories import BOOT, inbound
from tests.web.conftest import RunningBox
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.flows import draft as work
from web.flows.drawing import HEIGHT, WIDTH, drawing
from web.flows.node_form import fields, read_node, values
from web.settings.form import shown
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


def typed_in(page: str) -> MultiDict[str, str]:
    """What a browser would send of the editor's form, without a button."""
    form = page[page.index('id="flow"') :]
    form = form[: form.index("</form>")]
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
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(
            r'value="([^"]*)"', inner
        )
        sent.add(name, unescape(chosen[1]) if chosen else "")
    return sent


class Editor:
    """Somebody who works on a flow, one button after the other."""

    def __init__(self, owner: FlaskClient, name: str = "main", step: str = "") -> None:
        self._owner, self._name = owner, name
        answer = owner.get(f"/menus/flow/{name}?step={step}", headers=ENGLISH)
        assert answer.status_code == 200
        self.page, self.status = answer.text, 200

    def press(self, button: str, **typed: str) -> str:
        """Press a button after typing; the page that comes."""
        sent = typed_in(self.page)
        for name, value in typed.items():
            sent[name.replace("__", ".")] = value
        sent["do"] = button
        answer = self._owner.post(f"/menus/flow/{self._name}", data=sent, headers=ENGLISH)
        self.status, self.location = answer.status_code, answer.headers.get("Location", "")
        if answer.status_code != 303:
            self.page = answer.text
        return unescape(answer.text)


def checks(page: str) -> str:
    return page[page.index('id="checks"') :].partition("</div>")[0]


def test_the_list_says_which_menus_there_are_and_who_meets_them(owner) -> None:
    page = owner.get("/menus/", headers=ENGLISH).text
    assert "all callers" in page
    for name in ("main", "closed", "holiday"):
        assert f'href="/menus/flow/{name}"' in page
    assert owner.get("/menus/flow/nothing").status_code == 404


def test_a_flow_saved_as_it_stands_is_the_same_flow(owner, box) -> None:
    work_on = Editor(owner)
    work_on.press("save")
    assert work_on.status == 303
    assert work_on.location == "/menus/flow/main?done=1"
    assert edition(read_flow(dict(box.desk.settings.flows["main"]))) == edition(MAIN)


def test_every_kind_of_step_has_a_form_with_words(owner) -> None:
    """Added, opened, and taken over as it stands, one after the other: no word is raw."""
    page = Editor(owner)
    for kind in work.KINDS:
        page.press("add", kind=kind)
        assert page.status == 200, kind
        assert f'name="node" value="{kind}' in page.page
        node = work.new_node(kind)
        for field in fields(node, (*MAIN.nodes, kind)):
            assert field.kind != "json", f"{kind}.{field.name} is asked for as JSON"
            assert f"node.{kind}.{field.name}" in WORDS or f"node.{field.name}" in WORDS
        assert f"step.{kind}" in WORDS
        assert f"about.step.{kind}" in WORDS
    page.press("put")
    assert page.status == 200


def test_every_field_of_every_kind_survives_its_form(app) -> None:
    nodes = {
        "hours": Times(
            spans=(
                Span(days=("mon", "fri"), time="09:00-12:00"),
                Span(since="2026-10-01", until="2026-10-07"),
            ),
            match="hours",
            other="hours",
        ),
        "menu": Menu(
            say=(
                "welcome",
                Said(kind="money", value="{due}", currency="HKD"),
                Said(kind="text", text={"zh-CN": "您好", "en": "Hello"}),
            ),
            choices={"1": "hours"},
            no_input="menu",
            failed="menu",
        ),
        **MAIN.nodes,
    }
    with app.test_request_context("/sign-in", headers=ENGLISH):
        app.preprocess_request()
        for node in nodes.values():
            typed: MultiDict[str, str] = MultiDict()
            for field in fields(node, tuple(nodes)):
                value = shown(field, values(node)[field.name])
                if field.kind != "switch":
                    typed[f"n.{field.name}"] = str(value)
                elif value:
                    typed[f"n.{field.name}"] = "yes"
            problems: dict[str, str] = {}
            assert read_node(node, tuple(nodes), typed, problems) == node, problems


def test_a_step_is_added_wired_and_saved_and_only_then_counts(owner, box) -> None:
    page = Editor(owner)
    said = page.press("add", kind="play")
    assert "“play”" in checks(said), "a step that nobody comes to is told"
    page.press("put", n__id="address", n__say="welcome\nnumber: 12", n__next="menu")
    page.press("open:menu")
    said = page.press(
        "put", n__choices="1 = sales\n2 = second\n3 = address\n0 = everyone\n8 = other"
    )
    assert "Nothing is wrong" in checks(said)
    assert "flows" not in box.desk.document or not box.desk.document["flows"]
    page.press("save", why="an address")
    assert page.status == 303
    kept = box.desk.settings.flows["main"]["nodes"]
    assert kept["address"]["say"][0] == "welcome"
    assert kept["menu"]["choices"]["3"] == "address"
    assert box.desk.history().versions[0].why == "an address"


def test_a_renamed_step_takes_its_ways_along_and_a_removed_one_is_missed(owner) -> None:
    page = Editor(owner, step="everyone")
    said = page.press("put", n__id="全体")
    assert "Nothing is wrong" in checks(said)
    draft = work.read_draft(typed_in(page.page)["draft"])
    assert (draft.operator, draft.nodes["menu"].no_input) == ("全体", "全体")
    said = page.press("remove")
    assert "leads nowhere" in checks(said)
    said = page.press("save")
    assert page.status == 422
    assert "Not saved" in said
    said = page.press("undo")
    assert "Nothing is wrong" in checks(said)


def test_a_name_that_is_taken_or_none_is_told_at_its_field(owner) -> None:
    page = Editor(owner, step="sales")
    for name, sentence in (("menu", "There is a step “menu” already"), ("x" * 31, "1 to 30")):
        said = page.press("put", n__id=name)
        assert page.status == 422
        assert sentence in said
        assert f'value="{name}"' in said, "what was typed is gone"
        page.press("put", n__id="sales")


@pytest.mark.parametrize(
    ("step", "field", "typed", "sentence"),
    [
        ("menu", "n.say", "hello there", "cannot be read: write a prompt"),
        ("menu", "n.say", "text: hello", "write text: en=Hello"),
        ("menu", "n.tries", "many", "“many” is no number"),
        ("menu", "n.tries", "10", "10 is not within 1 to 9"),
        ("menu", "n.choices", "1 sales", "write it as name = value"),
        ("menu", "n.choices", "1 = sales\n1 = menu", "1 stands there twice"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(owner, step, field, typed, sentence) -> None:
    page = Editor(owner, step=step)
    said = page.press("put", **{field.replace(".", "__"): typed})
    assert page.status == 422
    assert sentence in said
    assert typed.splitlines()[0] in said


def test_what_is_typed_is_checked_at_once_in_the_reader_s_language(owner) -> None:
    sent = typed_in(owner.get("/menus/flow/main?step=sales").text)
    sent["n.number"] = "299"
    answer = owner.post("/menus/flow/main/check", data=sent, headers=ENGLISH)
    assert "“sales” leads to extension 299, which does not exist." in unescape(answer.text)
    answer = owner.post("/menus/flow/main/check", data=sent)
    assert "没有这个分机" in answer.text
    sent["n.number"] = "203"
    answer = owner.post("/menus/flow/main/check", data=sent, headers=ENGLISH)
    assert "Nothing is wrong" in answer.text


def test_of_two_who_work_at_once_the_second_is_told_and_loses_nothing(owner, box) -> None:
    first, second = Editor(owner, step="sales"), Editor(owner, step="sales")
    first.press("save", n__number="203")
    assert first.status == 303
    said = second.press("save", n__number="204")
    assert second.status == 422
    assert "Somebody changed the settings meanwhile" in said
    assert box.desk.settings.flows["main"]["nodes"]["sales"]["number"] == "203"
    second.press("save")
    assert second.status == 303
    assert box.desk.settings.flows["main"]["nodes"]["sales"]["number"] == "204"


def test_a_new_menu_begins_as_a_copy_and_can_be_taken_away(owner, box) -> None:
    answer = owner.post(
        "/menus/", data={"name": "spring-festival", "from": "closed"}, headers=ENGLISH
    )
    assert answer.status_code == 200
    sent = typed_in(answer.text)
    sent["do"] = "save"
    assert owner.post("/menus/flow/spring-festival", data=sent).status_code == 303
    assert box.desk.settings.flows["spring-festival"]["start"] == "closed"
    sent = typed_in(owner.get("/menus/flow/spring-festival").text)
    sent["do"] = "drop"
    assert owner.post("/menus/flow/spring-festival", data=sent).status_code == 303
    assert box.desk.settings.flows == {}
    for name, sentence in (("main", "already"), ("a/b", "cannot be a name"), ("", "cannot be")):
        answer = owner.post("/menus/", data={"name": name, "from": "main"}, headers=ENGLISH)
        assert answer.status_code == 422
        assert sentence in answer.text


def test_boxes_stay_where_somebody_put_them(owner, box) -> None:
    page = Editor(owner)
    page.press("save", places='{"menu": [30, 7]}')
    assert box.desk.settings.flows["main"]["places"]["menu"] == [30, 7]
    seen = owner.get("/menus/flow/main").text
    assert re.search(r'data-node="menu" transform="translate\(600 140\)"', seen)
    page = Editor(owner)
    page.press("tidy", places='{"menu": ["x", 7]}')
    assert page.status == 422, "a place that is none is refused"


def test_no_box_covers_another_and_every_line_is_drawn() -> None:
    for flow in (MAIN, work.add(MAIN, "play")[0]):
        drawn = drawing(flow)
        assert {one.node for one in drawn.boxes} == set(flow.nodes)
        for at, one in enumerate(drawn.boxes):
            for other in drawn.boxes[:at]:
                apart = abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
                assert apart, (one, other)
        assert len(drawn.lines) == len(work.ways(flow))


def test_the_drawing_says_how_many_came_and_where_they_hung_up(app, tmp_path: Path) -> None:
    ours, now = edition(MAIN), datetime.now(UTC)
    entries = inbound("00000001")
    passed = [
        ("welcome", "next"), ("menu", "1"), ("menu", "hung_up"), ("menu", "hung_up")
    ]  # fmt: skip
    offered = [entry for entry in entries if isinstance(entry, CallOffered)]
    closed = [entry for entry in entries if isinstance(entry, CallClosed)]
    log = [
        *offered,
        *(
            NodePassed(
                call="00000001", at_ms=offered[0].at_ms + 9, flow="main", edition=ours,
                node=node, entered_ms=offered[0].at_ms, exit=way,
            )
            for node, way in passed
        ),
        *closed,
    ]  # fmt: skip
    records = Records.open(tmp_path / "records.sqlite")
    try:
        for entry in log:
            records.append([entry], boot=BOOT, wall=now, trusted=True)
        found = signed_in(app).get("/menus/flow/main", headers=ENGLISH).text
    finally:
        records.close()
    assert 'aria-label="Menu menu, 3 (2 hung up)"' in found
    assert 'aria-label="Say welcome, 1 (0 hung up)"' in found
    assert re.search(r'data-from="menu" data-to="sales".*?>1 · 1<', found, re.DOTALL)
    assert "· 1" not in found[: found.index('data-from="welcome"')]


def test_a_call_is_rehearsed_with_words_and_sound(owner) -> None:
    asked = {"w.line": "fxo/1", "w.at": "2026-03-02T10:00", "w.keys": "1", "w.lifted": "201"}
    page = unescape(owner.post("/menus/what-if", data=asked, headers=ENGLISH).text)
    assert "says: Hello, and thank you for calling." in page or "says: 您好，欢迎致电。" in page
    assert "extension 201 rings" in page
    token = re.search(r'src="(/menus/sound/[^"]+)"', page)
    assert token is not None
    answer = owner.get(token[1])
    with wave.open(io.BytesIO(answer.data)) as heard:
        assert heard.getframerate() == 8_000
        assert heard.getnframes() > 8_000
    assert owner.get("/menus/sound/other").status_code == 404
    page = owner.post("/menus/what-if", data=dict(asked, **{"w.line": "fxo/9"}), headers=ENGLISH)
    assert "It could not be tried" in page.text


def test_a_draft_is_tried_before_it_counts(owner, box) -> None:
    page = Editor(owner, step="sales")
    said = page.press("what-if", n__number="204", w__keys="1", w__at="2026-03-02T10:00")
    assert "extension 204 rings" in said
    assert box.desk.settings.flows == {}


def test_menus_are_for_owners_and_installers(app) -> None:
    assert signed_in(app, "installer").get("/menus/").status_code == 200
    for path in ("/menus/", "/menus/flow/main", "/menus/sound/x"):
        assert signed_in(app, "agent").get(path).status_code == 403
    assert signed_in(app, "agent").post("/menus/flow/main/check").status_code == 403
    assert 'href="/menus/"' not in signed_in(app, "agent").get("/").text


@pytest.mark.parametrize("draft", ["", "{", "[]", '{"schema": 99}', '{"name": 1}'])
def test_a_form_that_carries_no_flow_is_refused(owner, draft) -> None:
    assert owner.post("/menus/flow/main", data={"draft": draft}).status_code == 400


@pytest.mark.slow
@pytest.mark.real
def test_a_menu_is_changed_by_mouse_and_by_keyboard(
    running_box: RunningBox, chromium: Browser
) -> None:
    context = running_box.owner(chromium, locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(f"{running_box.page}menus/flow/main")

    # A box is moved by the keyboard, and by the mouse; its lines follow.
    menu = page.locator('.step[data-node="menu"]')
    before = menu.get_attribute("transform")
    line = page.locator('.way[data-from="welcome"] path')
    path = line.get_attribute("d")
    menu.focus()
    page.keyboard.press("ArrowRight")
    assert menu.get_attribute("transform") != before
    assert line.get_attribute("d") != path
    before = menu.get_attribute("transform")
    spot = menu.bounding_box()
    assert spot is not None
    page.mouse.move(spot["x"] + 20, spot["y"] + 20)
    page.mouse.down()
    page.mouse.move(spot["x"] + 140, spot["y"] + 60, steps=4)
    page.mouse.up()
    moved = menu.get_attribute("transform")
    assert moved != before

    # It is opened, and what is wrong is said while one types.
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#step")).to_be_visible()
    expect(page.locator('.step[data-node="menu"]')).to_have_attribute("transform", str(moved))
    choices = page.get_by_label("Key → step")
    choices.fill("1 = nobody\n0 = everyone\n8 = other\n2 = second")
    expect(page.locator("#checks")).to_contain_text("there is no such step")
    choices.fill("1 = second\n0 = everyone\n8 = other\n2 = sales")
    expect(page.locator("#checks")).to_contain_text("Nothing is wrong")

    # It is tried before it counts, then saved.
    page.locator("#what-if summary").click()
    page.get_by_label("Keys (- presses nothing)").fill("1")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".rehearsal")).to_contain_text("extension 202 rings")
    expect(page.locator(".rehearsal audio")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved")

    # As it was, for whoever walks here next; on a telephone nothing is wider than the screen.
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_text("The menu as a whole").click()
    page.get_by_role("button", name="Back to the menu as shipped").click()
    expect(page.get_by_role("heading", name="Menus", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert not complaints
    context.close()
