"""Articles of the office: answers, quick replies, phrases to use and not to use."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.case_messages import ArticlesAnswer, RemoveArticle, SaveArticle
from firmware.knowledge.article import KINDS, Article, ArticleKind
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, records
from web.gate import open_to
from web.table import Cell, Column, shown
from web.words import t

blueprint = Blueprint("knowledge", __name__, url_prefix="/knowledge")

ROLES: Final = ("agent", "supervisor", "owner", "reviewer")
WRITE: Final = ("supervisor", "owner")
COLUMNS: Final = (
    Column("code", "article-code"),
    Column("title", "article-title"),
    Column("kind", "article-kind"),
    Column("body", "article-body"),
    Column("uses", "article-uses", number=True),
)
BEGINNING: Final = 120  # characters of an article in the list

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """All of them, the most used first."""
    try:
        with records() as log:
            found = log.cases.articles()
    except StorageError:
        found = []
    kind = request.args.get("kind", "")
    found = [one for one in found if kind in {"", one.kind}]
    rows = [
        {
            "code": Cell(one.code, href=url_for(".show", code=one.code)),
            "title": Cell(one.title),
            "kind": Cell(t(f"article.{one.kind}")),
            "body": Cell(one.body[:BEGINNING] + ("…" if len(one.body) > BEGINNING else "")),
            "uses": Cell(str(one.uses), one.uses),
        }
        for one in found
    ]
    return shown("cases/articles.html", "articles", COLUMNS, rows, kinds=KINDS)


@blueprint.get("/new")
@open_to(*WRITE)
def new() -> Answer:
    """A form."""
    return _form(Article(code=""), new=True)


@blueprint.get("/<code>")
@open_to(*ROLES)
def show(code: str) -> Answer:
    """One article."""
    return render_template("cases/article.html", article=_article(code))


@blueprint.get("/<code>/edit")
@open_to(*WRITE)
def edit(code: str) -> Answer:
    """Its form."""
    return _form(_article(code))


@blueprint.post("/save")
@open_to(*WRITE)
def save() -> Answer:
    """Keep one under its code."""
    typed = request.form
    kinds: tuple[ArticleKind, ...] = KINDS
    article = Article(
        code=typed.get("code", "").strip(),
        kind=next((k for k in kinds if k == typed.get("kind")), "article"),
        title=typed.get("title", "").strip(),
        body=typed.get("body", "").strip().replace("\r\n", "\n"),
    )
    new_one = bool(typed.get("new"))
    if new_one and _known(article.code) is not None:
        problems = {"code": t("article-taken", code=article.code)}
        return _form(article, problems, new=True), 422
    try:
        ask(SaveArticle(article=article, **asker()), ArticlesAnswer)
    except RefusedError as refused:
        return _form(article, refused.problems, new=new_one), 422
    return redirect(url_for(".show", code=article.code), code=303)


@blueprint.post("/<code>/remove")
@open_to(*WRITE)
def remove(code: str) -> Answer:
    """Take one away."""
    try:
        ask(RemoveArticle(code=code, **asker()), ArticlesAnswer)
    except RefusedError as refused:
        return render_template("problem.html", sentence=refused.sentence), 409
    return redirect(url_for(".index"), code=303)


def _known(code: str) -> Article | None:
    try:
        with records() as log:
            return log.cases.article(code)
    except StorageError:
        return None


def _article(code: str) -> Article:
    found = _known(code)
    if found is None:
        raise NotFound
    return found


def _form(article: Article, problems: dict[str, str] | None = None, *, new: bool = False) -> str:
    return render_template(
        "cases/article_form.html", article=article, problems=problems or {}, kinds=KINDS, new=new
    )
