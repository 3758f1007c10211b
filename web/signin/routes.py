"""Signing in and out, taking possession of a new box, one's own password and language."""

from __future__ import annotations

import msgspec
from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.messages import Claim, Refused, SaveSettings, SettingsAnswer
from firmware.core.accounts import Account, account_named
from web import gate, password_rules
from web.gate import open_to, open_to_anyone, the_box, utc_now, visitors, whence
from web.passwords import LONGEST, SHORTEST, CrowdedError, hashed, matches, too_weak
from web.words import LANGUAGES, t

blueprint = Blueprint("signin", __name__)

Answer = str | Response | tuple[str, int]
FIRST_STEPS = "first-steps"  # note of the page that ``web.setup`` follows


@blueprint.get("/sign-in")
@open_to_anyone
def show() -> Answer:
    """The form."""
    known = the_box().settings()
    if known is not None and not known.accounts:
        return redirect(url_for(".welcome"))
    return _form()


@blueprint.post("/sign-in")
@open_to_anyone
def enter() -> Answer:
    """Name and password. Both wrong answers read the same, and take as long."""
    known = the_box().settings()
    if known is None:
        return _form(t("calld-away"), 503)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    account = account_named(known.accounts, name)
    keys = (f"account {name.strip().casefold()[:80]}", f"from {whence()}")
    wait_s = max(visitors().wait_s(key, utc_now()) for key in keys)
    if wait_s:
        return _form(t("sign-in-wait", n=wait_s), 429)
    try:
        right = matches(account.password if account else "", password[: LONGEST + 1])
    except CrowdedError:
        return _form(t("sign-in-crowded"), 429)
    if account is None or not right or account.off:
        for key in keys:
            visitors().wrong(key, utc_now())
        return _form(t("sign-in-wrong"), 403)
    visitors().right(keys[0])
    response = redirect(gate.own_path(request.form.get("back", "")), code=303)
    gate.sign_in(response, account)
    return response


@blueprint.post("/sign-out")
@open_to()
def leave() -> Answer:
    """Out, here and in the store."""
    response = redirect(url_for(".show"), code=303)
    gate.sign_out(response)
    return response


@blueprint.get("/welcome")
@open_to_anyone
def welcome() -> Answer:
    """A box without an owner: how to get the six digits, and the form for them."""
    known = the_box().settings()
    if known is not None and known.accounts:
        return redirect(url_for(".show"))
    return _welcome()


@blueprint.post("/welcome")
@open_to_anyone
def claim() -> Answer:
    """Become the owner."""
    name = request.form.get("name", "").strip()
    password = request.form.get("password", "")
    problems: dict[str, str] = {}
    if weak := too_weak(password, name):
        problems["password"] = t(weak, n=SHORTEST)
    elif password != request.form.get("again", ""):
        problems["again"] = t("password-differs")
    if not name:
        problems["name"] = t("field-needed")
    if problems:
        return _welcome(problems, status=422)
    try:
        kept = hashed(password)
    except CrowdedError:
        return _welcome({"": t("sign-in-crowded")}, status=429)
    code = "".join(c for c in request.form.get("code", "") if c.isdigit())
    answer = the_box().ask(Claim(code=code, name=name, password=kept, language=g.language))
    if isinstance(answer, Refused):
        where = {"claim-code": "code", "settings-invalid": "name"}.get(answer.id, "")
        sentence = answer.fields.get("accounts.0.name", answer.message)
        return _welcome({where: sentence}, status=403)
    if not isinstance(answer, SettingsAnswer):
        return _welcome({"": t("failed")}, status=500)
    visitors().keep_note(FIRST_STEPS, "office")
    response = redirect(url_for("setup.index"), code=303)
    gate.sign_in(response, Account(name=name))
    return response


@blueprint.get("/me")
@open_to()
def me() -> Answer:
    """One's own password and language."""
    return _me()


@blueprint.post("/me")
@open_to()
def change_me() -> Answer:
    """A new password, a language; other browsers of the account are signed out."""
    account: Account = g.account
    fields = request.form
    changed = account
    if fields.get("language", "") in {"", *LANGUAGES}:
        changed = msgspec.structs.replace(changed, language=fields.get("language", ""))
    new = fields.get("new", "")
    if new:
        try:
            problems = _password_problems(account, new)
            if problems:
                return _me(problems, status=422)
            changed = msgspec.structs.replace(changed, password=hashed(new))
        except CrowdedError:
            return _me({"": t("sign-in-crowded")}, status=429)
    known = the_box().settings()
    if known is None:
        return _me({"": t("calld-away")}, status=503)
    accounts = tuple(changed if a.name == account.name else a for a in known.accounts)
    document = msgspec.to_builtins(msgspec.structs.replace(known, accounts=accounts))
    answer = the_box().ask(
        SaveSettings(
            base=the_box().settings_version,
            who=account.name,
            why=t("own-account"),
            settings=document,
            language=g.language,
        )
    )
    if isinstance(answer, Refused):
        return _me({"": answer.message}, status=409)
    if new:
        password_rules.changed(
            visitors(), account, gate.page_rules(), utc_now().date(), handed=False
        )
        visitors().end_all(account.name, keep=request.cookies.get(gate.SESSION_COOKIE, ""))
    return redirect(url_for(".me", done=1), code=303)


def _password_problems(account: Account, new: str) -> dict[str, str]:
    key = f"account {account.name.casefold()}"
    if wait_s := visitors().wait_s(key, utc_now()):
        return {"old": t("sign-in-wait", n=wait_s)}
    if not matches(account.password, request.form.get("old", "")[: LONGEST + 1]):
        visitors().wrong(key, utc_now())
        return {"old": t("password-old-wrong")}
    said, limit = password_rules.wrong(visitors(), account, new, gate.page_rules())
    if said:
        return {"new": t(said, n=limit)}
    if new != request.form.get("again", ""):
        return {"again": t("password-differs")}
    return {}


def _form(problem: str = "", status: int = 200) -> tuple[str, int]:
    back = gate.own_path(request.values.get("back", "") or "/")
    page = render_template(
        "signin/sign_in.html", problem=problem, name=request.form.get("name", ""), back=back
    )
    return page, status


def _welcome(problems: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    now = the_box().status()
    page = render_template(
        "signin/welcome.html",
        problems=problems or {},
        typed=request.form,
        dial=(now.claim_dial if now else "") or "*00#",
    )
    return page, status


def _me(problems: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    page = render_template(
        "signin/me.html",
        problems=problems or {},
        done="done" in request.args,
        shortest=gate.page_rules().password_length,
        must=gate.must_change(),
    )
    return page, status
