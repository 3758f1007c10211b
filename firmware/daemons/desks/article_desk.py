"""Articles of the office: found by code and words, kept, used."""

from __future__ import annotations

import msgspec

from firmware.control.case_messages import (
    ArticlesAnswer,
    CaseRequest,
    FindArticles,
    RemoveArticle,
    SaveArticle,
    UseArticle,
)
from firmware.daemons.desks.case_keeper import CaseKeeper
from firmware.daemons.desks.case_words import CaseError
from firmware.knowledge.article import Article, problems
from firmware.knowledge.article import sentence as article_sentence


class ArticleDesk(CaseKeeper):
    """What is asked about articles."""

    def answer(self, request: CaseRequest) -> tuple[msgspec.Struct, tuple[str, str, str] | None]:
        """Find, keep, remove or use one."""
        language = request.language
        match request:
            case FindArticles(text=text):
                return ArticlesAnswer(articles=self.find(text.strip())), None
            case SaveArticle(article=article):
                wrong = problems(article)
                if wrong:
                    fields = {
                        path: article_sentence(key, language, **values)
                        for path, (key, values) in wrong.items()
                    }
                    raise CaseError("article-wrong", language, fields)
                with self._records.changing():
                    self._cases.keep_article(article)
                code, action = article.code, "article_saved"
            case RemoveArticle(code=code):
                self.known(code, language)
                with self._records.changing():
                    self._cases.remove_article(code)
                return ArticlesAnswer(articles=()), ("article_removed", f"article/{code}", "")
            case UseArticle(code=code, call=call):
                self.known(code, language)
                self.known_call(call, language)
                with self._records.changing():
                    self._cases.use_article(code, call)
                action = "article_used"
            case _:
                raise CaseError("unknown-request", language)
        kept = self._cases.article(code)
        assert kept is not None  # noqa: S101  # it was kept just now
        return ArticlesAnswer(articles=(kept,)), (action, f"article/{code}", "")

    def known(self, code: str, language: str) -> None:
        """The article is there; CaseError if it is not."""
        if self._cases.article(code) is None:
            raise CaseError("no-article", language, value=code)

    def find(self, text: str) -> tuple[Article, ...]:
        """By code, by words, or all of them, the most used first."""
        if not text:
            return tuple(self._cases.articles())
        by_code = self._cases.article(text)
        if by_code is not None:
            return (by_code,)
        names = (name for _, name in self._cases.found(text, "article"))
        return tuple(a for name in names if (a := self._cases.article(name)) is not None)
