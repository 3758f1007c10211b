"""The manual: both languages, every page leads to a place that is there, texts are text."""

import re

import pytest
from flask import Flask
from markdown_it import MarkdownIt

from tests.web.desk import DeskBox, signed_in
from tests.web.test_words import HAN
from web.app import create_app
from web.manual.routes import ENDPOINTS, FOLDER, PLACES, TOPICS, place_of, topic

NO_PAGE = {"static", "health", "set_language"}


@pytest.fixture
def app(tmp_path) -> Flask:
    box = DeskBox(tmp_path)
    box.owned_by()
    return create_app(box, tmp_path)


@pytest.mark.parametrize("name", TOPICS)
def test_both_languages_have_the_same_places(name: str) -> None:
    chinese, english = topic(name, "zh-CN"), topic(name, "en")
    assert list(chinese.headings) == list(english.headings)
    assert len(english.headings) >= 3
    for text in chinese.headings.values():
        assert HAN.search(text)
    assert not HAN.search(english.html)
    for anchor in english.headings:
        assert f'id="{anchor}"' in english.html
        assert f'id="{anchor}"' in chinese.html


def test_no_text_lies_there_unread() -> None:
    there = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}
    assert there == {f"{name}.{language}.md" for name in TOPICS for language in ("zh-CN", "en")}


def test_every_page_leads_to_a_place_that_is_there(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in NO_PAGE:
            continue
        place = place_of(rule.endpoint)
        found = re.fullmatch(r"/manual/(\w+)#([a-z-]+)", place)
        assert found, f"{rule.endpoint} leads nowhere"
        assert found[2] in topic(found[1], "en").headings, rule.endpoint
    endpoints = set(app.view_functions)
    assert set(PLACES) <= {endpoint.partition(".")[0] for endpoint in endpoints}
    assert set(ENDPOINTS) <= endpoints


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "帮助"), ("en", "Help")])
def test_the_way_there_stands_on_the_page(app: Flask, language: str, word: str) -> None:
    browser = signed_in(app)
    page = browser.get("/box/backups", headers={"Accept-Language": language}).text
    assert f'href="/manual/care#backup">{word}</a>' in page
    text = browser.get("/manual/care", headers={"Accept-Language": language}).text
    assert '<h2 id="backup">' in text
    assert browser.get("/manual/", headers={"Accept-Language": language}).status_code == 200
    assert browser.get("/manual/nothing").status_code == 404


def test_addresses_that_the_manual_names_are_there(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for name in TOPICS:
        for language in ("zh-CN", "en"):
            text = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8")
            for address in re.findall(r"/api/v1/[a-z./]+", text):
                assert address.rstrip("./") in {rule.rstrip("/") for rule in rules}, address


def test_raw_html_stays_text() -> None:
    made = MarkdownIt("commonmark", {"html": False}).render("<script>alert(1)</script>")
    assert "<script" not in made
