"""Articles of the office: answers by short code, quick replies, phrases to use and not to use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

ArticleKind = Literal["article", "reply", "standard", "forbidden"]
KINDS: Final = ("article", "reply", "standard", "forbidden")
CODE_DIGITS: Final = (2, 4)
"""Keys of a code: an agent has it in his head and under his thumb."""

LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 20_000
LONGEST_REPLY: Final = 670
"""Characters of a quick reply: ten parts of a short message of 67 each (3GPP TS 23.040, 9.2.3.24.1,
UCS-2 with a header of parts)."""


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article. ``uses`` counts the conversations it was keyed for."""

    code: str
    kind: ArticleKind = "article"
    title: str = ""
    body: str = ""
    uses: int = 0


SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "article-code": (
        "编号 {value} 须为 2 至 4 位数字",
        "Code {value}: it must be 2 to 4 digits.",
    ),
    "article-title": (
        "标题须为 1 至 120 个字符（现为 {value}）",
        "The title must have 1 to 120 characters; it has {value}.",
    ),
    "article-body": (
        "内容须为 1 至 {limit} 个字符（现为 {value}）",
        "The text must have 1 to {limit} characters; it has {value}.",
    ),
}


def sentence(key: str, language: str, **values: object) -> str:
    """A sentence of this table."""
    return SENTENCES[key][0 if language == "zh-CN" else 1].format(**values)


def problems(article: Article) -> dict[str, tuple[str, dict[str, object]]]:
    """What is wrong with an article: field to key of a sentence and its values."""
    wrong: dict[str, tuple[str, dict[str, object]]] = {}
    fewest, most = CODE_DIGITS
    plain = article.code.isascii() and article.code.isdecimal()
    if not plain or not fewest <= len(article.code) <= most:
        wrong["code"] = ("article-code", {"value": article.code or "-"})
    if not 1 <= len(article.title) <= LONGEST_TITLE:
        wrong["title"] = ("article-title", {"value": len(article.title)})
    limit = LONGEST_REPLY if article.kind == "reply" else LONGEST_BODY
    if not 1 <= len(article.body) <= limit:
        wrong["body"] = ("article-body", {"value": len(article.body), "limit": limit})
    return wrong


def phrases_in(text: str, articles: Iterable[Article]) -> list[Article]:
    """Forbidden phrases that a text holds: a note or a reply is told of them."""
    low = text.casefold()
    return [a for a in articles if a.kind == "forbidden" and a.body.casefold() in low]
