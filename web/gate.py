"""Who may do what on the page: sessions, roles and form keys, asked before every view.

A view says to whom it is open, by :func:`open_to` or :func:`open_to_anyone`; one that says nothing
is open to nobody. The gate finds the session, then the account in the settings in force, so that
somebody who was taken off is out with his next click.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from firmware.core.accounts import ROLES, Account, Role, account_named
from firmware.core.page_settings import PageSettings
from firmware.storage.visitors import LONGEST, Session, Visitors
from web.box import Box
from web.password_rules import to_change
from web.settings.network import place
from web.words import LANGUAGES, chosen_language

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
SESSION_COOKIE: Final = "session"
VISIT_COOKIE: Final = "visit"
FORM_FIELD: Final = "form_key"
FORM_HEADER: Final = "X-Form-Key"

NOT_YOURS: Final = "not-yours"
OLD_FORM: Final = "old-form"
FOREIGN: Final = "foreign"
"""Why a request is refused, by the word that says so to whoever sent it."""

ANYONE: Final = frozenset({"anyone"})
View = TypeVar("View", bound=Callable[..., Any])


def open_to(*roles: Role) -> Callable[[View], View]:
    """The view is open to people with one of the roles; without any, to everybody signed in."""

    def mark(view: View) -> View:
        view.open_to = frozenset(roles or ROLES)  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def open_to_anyone(view: View) -> View:
    """The view is open without signing in, on a box without an owner too."""
    view.open_to = ANYONE  # type: ignore[attr-defined]  # functions take attributes
    return view


def scope_of(app: Flask, endpoint: str) -> str:
    """What a program's key must be good for to open a view; empty where no key opens it."""
    found: str = getattr(app.view_functions.get(endpoint), "scope", "")
    return found


def who_may(app: Flask, endpoint: str) -> frozenset[str]:
    """To whom a view is open: roles, or ``ANYONE``; to nobody when it forgot to say."""
    if endpoint == "static":
        return ANYONE
    found: frozenset[str] = getattr(app.view_functions[endpoint], "open_to", frozenset())
    return found


def visitors() -> Visitors:
    """Sessions and waiting times of this application."""
    found: Visitors = current_app.extensions["visitors"]
    return found


def the_box() -> Box:
    """The connection to call control of this application."""
    found: Box = current_app.extensions["box"]
    return found


def utc_now() -> datetime:
    """UTC; one place to read the clock for everything that sessions do."""
    return datetime.now(UTC)


def whence() -> str:
    """Where a request comes from, as wide as one household: /24 of IPv4, /64 of IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "elsewhere"
    width = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{width}", strict=False))


def own_name(host: str) -> bool:
    """Whether a Host header can mean this box: an address, localhost or a name in ``.local``.

    Any other name belongs to somebody who made it point here (DNS rebinding).
    """
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 else host.strip("[]").split("]")[0]
    if name == "localhost" or name.endswith(".local"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def plain_refused() -> bool:
    """Whether this request came unencrypted where the settings want it encrypted.

    Not from the box itself, which looks whether its page lives, nor where there is no other way.
    """
    if request.is_secure or current_app.extensions["keeper"] is None:
        return False
    known = the_box().settings()
    local = ipaddress.ip_address(request.remote_addr or "127.0.0.1").is_loopback
    return known is not None and known.page.secure_only and not local


def from_ourselves() -> bool:
    """Whether an unsafe request comes from our own page and not from a foreign one."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site in {"same-origin", "none"} and origin in {None, request.host_url.rstrip("/")}


def guard() -> BaseResponse | None:
    """Before every request: who asks, and whether he may. None lets him through."""
    g.session, g.account, g.token = None, None, None
    g.language = chosen_language()
    g.form_key = request.cookies.get(VISIT_COOKIE, "")
    if not own_name(request.host):
        abort(400)
    if plain_refused():
        if request.method in SAFE_METHODS:
            return redirect(request.url.replace("http://", "https://", 1), code=308)
        abort(403, "secure-only")
    if request.endpoint is None:
        _recognise()
        return None  # no such address; the answer says so
    may = who_may(current_app, request.endpoint)
    if (scope := scope_of(current_app, request.endpoint)) and "Authorization" in request.headers:
        _recognise_program(scope, may)
        return None
    if request.endpoint != "static":
        _recognise()
    if request.method not in SAFE_METHODS:
        if not from_ourselves():
            abort(403, FOREIGN)
        _check_form_key()
    if may == ANYONE:
        return None
    if not may:
        abort(403, NOT_YOURS)
    if g.account is None:
        return _show_the_door()
    if not may & frozenset(g.account.roles):
        abort(403, NOT_YOURS)
    if request.endpoint not in WITHOUT_CHANGE and (why := must_change()):
        if request.method == "GET":
            return redirect(url_for("signin.me"))
        abort(403, why)
    return None


WITHOUT_CHANGE: Final = frozenset({"signin.me", "signin.change_me", "signin.leave"})
"""What somebody may do who has to choose another password first."""


def page_rules() -> PageSettings:
    """What the office asks of passwords; the defaults while call control does not answer."""
    known = the_box().settings()
    return known.page if known is not None else PageSettings()


def must_change() -> str:
    """The word that says why whoever looks has to choose another password; empty if he need not."""
    if g.account is None:
        return ""
    return to_change(visitors(), g.account, page_rules(), utc_now().date())


def still_welcome(app: Flask, session_key: str, endpoint: str) -> bool:
    """Whether whoever opened a stream may see more of it: signed in yet, and in a role for it."""
    may = who_may(app, endpoint)
    if may == ANYONE:
        return True
    found: Session | None = app.extensions["visitors"].find(session_key, utc_now())
    known = app.extensions["box"].settings()
    account = account_named(known.accounts, found.account) if known and found else None
    return account is not None and not account.off and bool(may & frozenset(account.roles))


def going_on() -> Callable[[], bool]:
    """A question for a stream of this request: may whoever opened it see more of it.

    By the browser's session, or by the program's key that the request came with.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way to hand the app to a generator
    endpoint = request.endpoint or ""
    session_key = request.cookies.get(SESSION_COOKIE, "")
    given = request.headers.get("Authorization", "") if g.get("token") else ""

    def answer() -> bool:
        if not given:
            return still_welcome(app, session_key, endpoint)
        token = app.extensions["visitors"].find_token(given.partition(" ")[2].strip(), utc_now())
        known = app.extensions["box"].settings()
        account = account_named(known.accounts, token.account) if known and token else None
        may = who_may(app, endpoint)
        return account is not None and not account.off and bool(may & frozenset(account.roles))

    return answer


def keep_visit(response: Response) -> Response:
    """After every request: a browser without a session keeps the key of its forms in a cookie."""
    fresh = g.get("new_visit", "")
    if fresh:
        response.set_cookie(
            VISIT_COOKIE, fresh, httponly=True, samesite="Strict", secure=request.is_secure
        )
    return response


def form_key() -> str:
    """What a form of this answer carries in the field ``form_key``."""
    if not g.form_key:
        g.form_key = g.new_visit = secrets.token_urlsafe(24)
    key: str = g.form_key
    return key


def sign_in(response: BaseResponse, account: Account) -> None:
    """Give the browser a new session; the old key, if it had one, is worth nothing from now on."""
    visitors().end(request.cookies.get(SESSION_COOKIE, ""))
    key, _ = visitors().begin(account.name, utc_now())
    response.set_cookie(
        SESSION_COOKIE,
        key,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )


def sign_out(response: BaseResponse) -> None:
    """End the session here and in the store."""
    visitors().end(request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")


def own_path(path: str) -> str:
    """Where to go on to: a path of this page and nothing else."""
    if path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path:
        return path
    return url_for("status.overview")


def may_see(*roles: Role) -> bool:
    """Whether whoever looks has one of the roles; for what a template shows."""
    account: Account | None = g.get("account")
    return account is not None and bool(frozenset(account.roles) & frozenset(roles or ROLES))


PAGES: Final[tuple[tuple[str, str], ...]] = (
    ("status.overview", "overview"),
    ("desk.show", "desk"),
    ("board.show", "board"),
    ("status.calls", "call-log"),
    ("recordings.index", "recordings"),
    ("customers.index", "customers"),
    ("tickets.index", "tickets"),
    ("fax.index", "faxes"),
    ("tasks.index", "tasks"),
    ("knowledge.index", "knowledge"),
    ("reviews.index", "reviews"),
    ("scores.index", "scores"),
    ("reports.show", "reports"),
    ("incidents.index", "incidents"),
    ("jacks.show", "jacks"),
    ("flows.index", "menus"),
    ("prompts.show", "prompts"),
    ("settings.index", "settings"),
    ("admin.index", "the-box"),
)
"""What the head of every page leads to: endpoint and word."""


def may_open(endpoint: str) -> bool:
    """Whether whoever looks may open a page; for what a template leads to."""
    account: Account | None = g.get("account")
    roles = frozenset(account.roles) if account else frozenset()
    may = who_may(current_app, endpoint)
    return may == ANYONE or bool(roles & may)


def trial_left() -> int:
    """Minutes, rounded up, for which a change of lines still waits to be confirmed; 0 for none."""
    status = the_box().status()
    return -(-status.trial_left_ms // 60_000) if status is not None else 0


def trial_place() -> str:
    """Where the page is by a fixed address, for whoever came by another; else empty."""
    known = the_box().settings()
    return place(known.network, request.scheme, request.host) if known is not None else ""


def pages() -> list[tuple[str, str]]:
    """Those of :data:`PAGES` that whoever looks may open."""
    roles = frozenset(g.account.roles) if g.account else frozenset()
    shown = []
    for endpoint, word in PAGES:
        may = who_may(current_app, endpoint)
        if may == ANYONE or roles & may:
            shown.append((endpoint, word))
    return shown


def _recognise() -> None:
    session: Session | None = visitors().find(request.cookies.get(SESSION_COOKIE, ""), utc_now())
    if session is None:
        return
    known = the_box().settings()
    account = account_named(known.accounts, session.account) if known else None
    if account is None or account.off:
        return
    g.session, g.account, g.form_key = session, account, session.form_key
    if account.language in LANGUAGES:
        g.language = account.language


def _recognise_program(scope: str, may: frozenset[str]) -> None:
    """A program shows its key. It does no more than its account may, and no more than its scopes.

    A key is sent by nobody but who holds it, so there is no form key and no look at the origin.
    """
    kind, _, key = request.headers["Authorization"].partition(" ")
    token = visitors().find_token(key.strip(), utc_now()) if kind.lower() == "bearer" else None
    known = the_box().settings()
    account = account_named(known.accounts, token.account) if known and token else None
    if token is None or account is None or account.off:
        abort(401, "token-unknown")
    if scope not in token.scopes or not may & frozenset(account.roles):
        abort(403, "token-scope")
    g.token, g.account = token, account


def _check_form_key() -> None:
    given = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
    if not g.form_key or not secrets.compare_digest(given.encode(), g.form_key.encode()):
        abort(403, OLD_FORM)


def _show_the_door() -> BaseResponse:
    """To the sign-in, or to the claim when nobody owns the box yet."""
    wants_page = request.method == "GET" and request.accept_mimetypes.accept_html
    if not wants_page:
        abort(401)
    known = the_box().settings()
    if known is not None and not known.accounts:
        return redirect(url_for("signin.welcome"))
    back = request.full_path.rstrip("?")
    return redirect(url_for("signin.show", back=None if back == "/" else back))
