"""Two Chinese characters are found, and so is the beginning of a word."""

from __future__ import annotations

import sqlite3

import pytest

from firmware.knowledge.article import Article, phrases_in, problems
from firmware.knowledge.words import indexed, question

TEXTS = {
    1: "客户要求退款，订单号 A1024",
    2: "发票已寄出",
    3: "Refund agreed with Mr. Smith",
    4: "要退",
    5: "款退",
}


@pytest.fixture
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE word USING fts5 (text, tokenize = 'unicode61')")
    for row, text in TEXTS.items():
        connection.execute("INSERT INTO word (rowid, text) VALUES (?, ?)", (row, indexed(text)))
    return connection


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("退款", [1]),
        ("要求退款", [1]),
        ("发票", [2]),
        ("退", [1, 4, 5]),
        ("refu", [3]),
        ("SMITH refund", [3]),
        ("a1024 退款", [1]),
        ("求款", []),
        ('退款" OR text:*', []),  # an expression of the index is no more than words here
    ],
)
def test_what_is_found(index: sqlite3.Connection, asked: str, rows: list[int]) -> None:
    found = index.execute(
        "SELECT rowid FROM word WHERE word MATCH ? ORDER BY rowid", (question(asked),)
    )
    assert [row for (row,) in found] == rows


def test_signs_alone_ask_for_nothing() -> None:
    assert question(" ?! ") == ""


def test_an_article_needs_a_code_a_thumb_can_key() -> None:
    assert set(problems(Article(code="12a", title="", body=""))) == {"code", "title", "body"}
    assert problems(Article(code="107", title="Refunds", body="1 to 3 working days")) == {}
    assert "body" in problems(Article(code="107", kind="reply", title="t", body="x" * 671))


def test_a_forbidden_phrase_is_seen_in_a_note() -> None:
    listed = [
        Article(code="90", kind="forbidden", title="not us", body="不归我们管"),
        Article(code="91", kind="standard", title="thanks", body="感谢来电"),
    ]
    assert [a.code for a in phrases_in("告诉他这不归我们管，感谢来电", listed)] == ["90"]
