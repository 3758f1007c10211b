"""Who gets in, and what he may do: every address is tried by people who may not use it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import AskSettings
from firmware.core.accounts import ROLES
from tests.web.desk import CODE, PASSWORD, DeskBox, signed_in
from web.app import create_app
from web.gate import ANYONE, SAFE_METHODS, SESSION_COOKIE, who_may
from web.passwords import hashed, matches

ENGLISH = {"Accept-Language": "en", "Accept": "text/html"}
NEW_PASSWORD = "queue of one"  # noqa: S105  # of a box that lives for one test


@pytest.fixture
def box(tmp_path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    for role in ROLES[1:]:
        made.owned_by(role, (role,))
    return made


@pytest.fixture
def app(box: DeskBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every rule."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:int:)?[^>]+>", "1", rule.rule)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def form_key(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found is not None, page
    return found.group(1)


def enter(browser: FlaskClient, name: str, password: str, back: str = "/"):
    key = form_key(browser.get("/sign-in", headers=ENGLISH).text)
    typed = {"form_key": key, "name": name, "password": password, "back": back}
    return browser.post("/sign-in", data=typed, headers=ENGLISH)


def test_every_address_says_to_whom_it_is_open(app: Flask) -> None:
    silent = [endpoint for endpoint, _, _ in addresses(app) if not who_may(app, endpoint)]
    assert not silent


def test_without_a_session_nothing_but_the_door_is_open(app: Flask, box: DeskBox) -> None:
    stranger = app.test_client()
    for endpoint, method, address in addresses(app):
        if who_may(app, endpoint) == ANYONE:
            continue
        answer = stranger.open(address, method=method, headers={"Accept": "text/html"})
        if method in SAFE_METHODS:
            assert answer.status_code == 302, address
            assert answer.location.startswith("/sign-in"), address
        else:
            assert answer.status_code == 403, address
        assert stranger.open(address, method=method).status_code in {401, 403}, address
    assert all(isinstance(request, AskSettings) for request in box.asked)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_should_and_nothing_else(app: Flask, role: str) -> None:
    browser = signed_in(app, role)
    for endpoint, method, address in addresses(app):
        may = who_may(app, endpoint)
        if may == ANYONE or role in may or endpoint == "signin.leave":
            continue
        assert browser.open(address, method=method).status_code == 403, (address, method)


def test_without_the_key_of_his_forms_nothing_is_done_for_anybody(app: Flask, box: DeskBox) -> None:
    browser = signed_in(app)
    before = box.desk.version
    for right in (None, "wrong", ""):
        browser.environ_base["HTTP_X_FORM_KEY"] = right or ""
        for _, method, address in addresses(app):
            if method not in SAFE_METHODS:
                answer = browser.open(address, method=method, data={"form_key": right or "x"})
                assert answer.status_code == 403, address
    assert box.desk.version == before
    assert browser.get("/").status_code == 200, "he is still signed in"


def test_a_refusal_says_which_of_the_three_it_is(app: Flask) -> None:
    agent = signed_in(app, "agent")
    assert "Your role does not open this page" in agent.get("/settings/lines", headers=ENGLISH).text
    abroad = {"Origin": "http://evil.example"} | ENGLISH
    assert "came from another site" in agent.post("/language/en", headers=abroad).text
    agent.environ_base["HTTP_X_FORM_KEY"] = "of yesterday"
    assert "This form is out of date" in agent.post("/language/en", headers=ENGLISH).text
    chinese = {"Accept-Language": "zh-CN"}
    assert "您的角色不能使用这一页" in agent.get("/settings/lines", headers=chinese).text


def test_a_key_in_the_form_counts_as_the_one_in_the_header(app: Flask) -> None:
    browser = signed_in(app)
    key = browser.environ_base.pop("HTTP_X_FORM_KEY")
    assert browser.post("/language/en", data={"form_key": key}).status_code == 303


@pytest.mark.parametrize("name", ["owner", "OWNER", " owner "])
def test_name_and_password_open_the_page_asked_for(app: Flask, name: str) -> None:
    browser = app.test_client()
    asked = browser.get("/calls?before=7", headers=ENGLISH)
    assert asked.location == "/sign-in?back=/calls?before%3D7"
    assert 'value="/calls?before=7"' in browser.get(asked.location, headers=ENGLISH).text
    answer = enter(browser, name, PASSWORD, back="/calls?before=7")
    assert (answer.status_code, answer.location) == (303, "/calls?before=7")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert browser.get("/").status_code == 200


def test_a_box_on_a_secure_address_keeps_its_cookie_off_the_other(app: Flask) -> None:
    browser = app.test_client()
    key = form_key(browser.get("/sign-in", base_url="https://tipring.local").text)
    typed = {"form_key": key, "name": "owner", "password": PASSWORD}
    answer = browser.post("/sign-in", data=typed, base_url="https://tipring.local")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_signing_in_does_not_take_over_a_key_that_was_planted(app: Flask) -> None:
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, "planted")
    enter(browser, "owner", PASSWORD)
    held = browser.get_cookie(SESSION_COOKIE)
    assert held is not None
    assert held.value != "planted"


def test_after_signing_out_the_old_key_opens_nothing(app: Flask) -> None:
    browser = signed_in(app)
    old = browser.get_cookie(SESSION_COOKIE)
    assert old is not None
    assert browser.post("/sign-out").location == "/sign-in"
    browser.set_cookie(SESSION_COOKIE, old.value)
    assert browser.get("/", headers=ENGLISH).status_code == 302


def test_a_wrong_name_and_a_wrong_password_read_the_same(app: Flask) -> None:
    browser = app.test_client()
    wrong = [enter(browser, *pair).text for pair in (("owner", "wrong"), ("nobody", PASSWORD))]
    for page in wrong:
        assert "Name or password is not right." in page
    assert "owner" in wrong[0], "what was typed stays, but for the password"
    assert PASSWORD not in wrong[1]


def test_guessing_is_slowed_down_and_pulling_the_plug_does_not_help(app, box, tmp_path) -> None:
    browser = app.test_client()
    for _ in range(5):
        answer = enter(browser, "owner", "wrong")
        app.extensions["visitors"].wrong("account owner", datetime.now(UTC))
    assert answer.status_code in {403, 429}
    app.extensions["visitors"].close()
    again = create_app(box, tmp_path).test_client()
    answer = enter(again, "owner", PASSWORD)
    assert answer.status_code == 429
    assert "Too many wrong tries; wait " in answer.text


def test_somebody_signed_in_is_not_locked_out_by_guesses_at_his_name(app: Flask) -> None:
    browser = signed_in(app)
    for _ in range(20):
        app.extensions["visitors"].wrong("account owner", datetime.now(UTC))
    assert browser.get("/").status_code == 200


def test_an_account_taken_off_is_out_with_the_next_click(app: Flask, box: DeskBox) -> None:
    browser = signed_in(app, "agent")
    assert browser.get("/").status_code == 200
    accounts = [dict(a, off=a["name"] == "agent") for a in box.desk.document["accounts"]]
    owner = signed_in(app)
    assert owner.get("/").status_code == 200
    document = dict(box.desk.document, accounts=accounts)
    from firmware.control.messages import SaveSettings

    box.ask(SaveSettings(base=box.desk.version, who="owner", why="", settings=document))
    assert browser.get("/", headers=ENGLISH).status_code == 302
    assert enter(app.test_client(), "agent", PASSWORD).status_code == 403


def test_one_s_own_password_is_changed_and_other_browsers_are_out(app, box) -> None:
    here, there = signed_in(app, "agent"), signed_in(app, "agent")
    typed = {"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD, "language": "en"}
    for change, sentence in (
        ({"old": "no"}, "This is not the present password."),
        ({"new": "short", "again": "short"}, "at least 8 characters"),
        ({"new": "aaaaaaaaaa", "again": "aaaaaaaaaa"}, "too easy to guess"),
        ({"again": "other"}, "The two passwords differ."),
    ):
        answer = here.post("/me", data=typed | change, headers=ENGLISH)
        assert answer.status_code == 422
        assert sentence in answer.text
        app.extensions["visitors"].right("account agent")
    assert here.post("/me", data=typed).location == "/me?done=1"
    assert "Saved" in here.get("/me?done=1").text
    assert there.get("/", headers=ENGLISH).status_code == 302
    assert enter(app.test_client(), "agent", PASSWORD).status_code == 403
    app.extensions["visitors"].right("account agent")
    assert enter(app.test_client(), "agent", NEW_PASSWORD).status_code == 303
    assert NEW_PASSWORD not in str(box.desk.document)


def test_a_new_box_shows_how_to_become_its_owner_and_the_code_does_it(tmp_path) -> None:
    box = DeskBox(tmp_path)
    browser = create_app(box, tmp_path).test_client()
    assert browser.get("/", headers=ENGLISH).location == "/welcome"
    page = browser.get("/welcome", headers=ENGLISH).text
    assert "*00#" in page
    typed = {
        "form_key": form_key(page),
        "code": CODE,
        "name": "陈",
        "password": NEW_PASSWORD,
        "again": NEW_PASSWORD,
    }
    closed = browser.post("/welcome", data=typed, headers=ENGLISH)
    assert closed.status_code == 403
    assert "dial the claim code" in closed.text
    box.desk.open_claim("en", 0)
    for change, sentence in (
        ({"code": "999999"}, "These are not the six digits"),
        ({"password": "x", "again": "x"}, "at least 8 characters"),
        ({"again": "y"}, "The two passwords differ."),
        ({"name": ""}, "This has to be filled in."),
        ({"name": "<b>"}, "letters and digits"),
    ):
        answer = browser.post("/welcome", data=typed | change, headers=ENGLISH)
        assert sentence in answer.text, change
        assert 'value="陈"' in answer.text or "name" in change, "what was typed stays"
    assert not box.desk.claimed
    assert browser.post("/welcome", data=typed).location == "/setup/"
    assert "<h1>Overview</h1>" in browser.get("/", headers=ENGLISH).text
    late = create_app(box, tmp_path).test_client()
    assert late.get("/welcome", headers=ENGLISH).location == "/sign-in"


def test_of_many_who_claim_at_once_one_wins(tmp_path) -> None:
    box = DeskBox(tmp_path)
    box.desk.open_claim("en", 0)
    app = create_app(box, tmp_path)
    won = []
    for n in range(8):
        browser = app.test_client()
        page = browser.get("/welcome", headers=ENGLISH)
        if page.status_code == 302:
            continue
        typed = {"form_key": form_key(page.text), "code": CODE, "name": f"p{n}"}
        typed |= {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
        if browser.post("/welcome", data=typed).status_code == 303:
            won.append(n)
    assert won == [0]
    assert [a.name for a in box.desk.settings.accounts] == ["p0"]


def test_a_password_is_known_again_and_nothing_else_is() -> None:
    kept = hashed(NEW_PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert matches(kept, NEW_PASSWORD)
    assert not matches(kept, NEW_PASSWORD + " ")
    assert not matches("", "")
    assert not matches("not a hash", NEW_PASSWORD)
