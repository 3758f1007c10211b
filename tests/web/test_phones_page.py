"""The page of telephones: its addresses, and what a stranger can do with them."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.bench.phones.serve import create_app
from tests.bench.phones.town_link import TownLink


@pytest.fixture
def browser(tmp_path: Path) -> FlaskClient:
    """A page without its town."""
    return create_app(TownLink(tmp_path / "world.sock"), ["201", "202"], [1]).test_client()


@pytest.mark.parametrize("path", ["/", "/static/phones.js", "/vendor/pico-2.1.1.min.css", "/no"])
def test_headers_are_the_box_s_own_but_for_the_microphone(browser: FlaskClient, path: str) -> None:
    headers = browser.get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_telephone_and_line_is_there_without_inline_script(
    browser: FlaskClient, language: str
) -> None:
    page = browser.get("/", headers={"Accept-Language": language}).text
    assert re.findall(r'data-party="([^"]+)"', page) == ["telephone 201", "telephone 202", "line 1"]
    assert page.count("data-key=") == 3 * 12
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", page, re.DOTALL):
        assert not script.strip()
    assert not re.search(r"\son\w+=|\sstyle=|javascript:|<style", page)


def test_every_control_has_a_name(browser: FlaskClient) -> None:
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    for words in re.findall(r"<button\b[^>]*>(.*?)</button>", page, re.DOTALL):
        assert words.strip()
    unlabelled = re.sub(r'<label.*?</label>|<input type="hidden"[^>]*>', "", page, flags=re.DOTALL)
    assert not re.findall(r"<(?:input|select)\b[^>]*>", unlabelled)


@pytest.mark.parametrize("path", ["/act", "/speak/telephone 201", "/language/en"])
def test_another_site_can_neither_act_nor_speak(browser: FlaskClient, path: str) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.post(path, headers=headers).status_code == 403
    assert browser.post(path, headers={"Host": "evil.example"}).status_code == 400
    if not path.startswith("/language"):
        assert browser.get(path).status_code == 405


def test_without_its_town_the_page_says_so(browser: FlaskClient) -> None:
    answer = browser.post("/act", json={"do": "lift", "who": "telephone 201"})
    assert answer.status_code == 409
    assert answer.get_json()["id"] == "town-away"
    assert browser.get("/listen/telephone 201").status_code == 503
    assert browser.post("/speak/telephone 201", data=b"\0\0").status_code == 503


def test_nobody_listens_to_what_is_not_there(browser: FlaskClient) -> None:
    assert browser.get("/listen/telephone 999").status_code == 404
    assert browser.post("/speak/line 9", data=b"\0\0").status_code == 404


def test_a_chunk_is_whole_samples_and_no_more_than_a_second(browser: FlaskClient) -> None:
    assert browser.post("/speak/line 1", data=b"\0").status_code == 413
    assert browser.post("/speak/line 1", data=bytes(16_002)).status_code == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{"])
def test_an_act_is_an_object(browser: FlaskClient, body: bytes) -> None:
    answer = browser.post("/act", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_the_words_for_the_scripts_are_the_reader_s(browser: FlaskClient) -> None:
    for language, word in (("en", "Lift"), ("zh-CN", "摘机")):
        page = browser.get("/", headers={"Accept-Language": language})
        found = re.search(r'data-words="([^"]+)"', page.text)
        assert found is not None
        words = json.loads(found.group(1).replace("&#34;", '"').replace("&#39;", "'"))
        assert words["lift"] == word
