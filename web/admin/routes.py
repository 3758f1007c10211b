"""Pages that look after the box: security, backups, updates, logs, what was done, programs."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.backup_messages import (
    AskBackups,
    BackupsAnswer,
)
from firmware.control.messages import AskLines, LinesAnswer
from firmware.core.desk_entries import Audited
from firmware.core.product import VERSION
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from web.admin.audit import noted
from web.admin.backups import (
    LAST_BACKUP,
    backup_now,
    backups,
    bring,
    download,
    look,
    protect,
    restore_whole,
)
from web.admin.checks import UNUSED_DAYS, Facts, checks
from web.admin.logs import Log, logs
from web.admin.masking import masked_document
from web.admin.updates import order_update, take_update, updates
from web.api.operation import SCOPES
from web.export import taken_away
from web.gate import open_to, open_to_anyone, the_box, utc_now, visitors
from web.saving import current
from web.tls.keeper import Keeper
from web.words import t

blueprint = Blueprint("admin", __name__, url_prefix="/box")

Answer = str | Response | tuple[str, int]

DONE_SHOWN: Final = 200
DONE_DAYS: Final = 90
LONGEST_NAME: Final = 40

PAGES: Final = (
    "security",
    "trust",
    "backups",
    "updates",
    "messages",
    "journal",
    "support",
    "done",
    "programs",
)
"""Endpoints of these pages, in the order of their list."""


@blueprint.get("/")
@open_to("owner", "installer")
def index() -> Answer:
    """All of them."""
    return render_template("admin/index.html", shown=PAGES)


# --- security -------------------------------------------------------------------------------------


@blueprint.get("/security")
@open_to("owner", "installer")
def security() -> Answer:
    """Every point with its verdict and the place where it is mended."""
    known = the_box().settings()
    if known is None:
        abort(503)
    now, status = utc_now(), the_box().status()
    old = (now - timedelta(days=UNUSED_DAYS)).isoformat()
    last = visitors().note(LAST_BACKUP)
    runs = the_box().ask(AskBackups())
    made = [r.at for r in runs.runs if not r.failed] if isinstance(runs, BackupsAnswer) else []
    moments = [datetime.fromisoformat(at) for at in (*made, last) if at]
    facts = Facts(
        today=now.astimezone().date(),
        secure=request.is_secure,
        last_backup=max((m.astimezone(UTC) for m in moments), default=None),
        sessions=visitors().counts(now),
        unused_tokens=tuple(k.name for k in visitors().tokens() if max(k.made, k.seen) < old),
        alarms=status.alarms if status else (),
    )
    found = checks(known, facts)
    return render_template("admin/security.html", checks=found, me=g.account.name)


@blueprint.post("/security/sign-out")
@open_to("owner", "installer")
def sign_out_elsewhere() -> Answer:
    """End all other sessions of whoever asks."""
    from web.gate import SESSION_COOKIE

    visitors().end_all(g.account.name, keep=request.cookies.get(SESSION_COOKIE, ""))
    return redirect(url_for(".security"), code=303)


@blueprint.get("/trust")
@open_to("owner", "installer")
def trust() -> Answer:
    """Whether this page came encrypted, and how a computer comes to trust the box."""
    keeper: Keeper | None = current_app.extensions["keeper"]
    host = request.host.rsplit(":", 1)[0] if request.host.count(":") == 1 else request.host
    return render_template(
        "admin/trust.html",
        secure=request.is_secure,
        fingerprint=keeper.fingerprint if keeper else "",
        address=f"https://{host}/",
    )


@blueprint.get("/tipring-ca.crt")
@open_to_anyone
def authority() -> Answer:
    """The certificate of the box's authority: no secret, and wanted before anybody signs in."""
    keeper: Keeper | None = current_app.extensions["keeper"]
    if keeper is None or not keeper.authority:
        abort(404)
    return taken_away(keeper.authority, "tipring-ca.crt", "application/x-x509-ca-cert")


# --- backups, updates -----------------------------------------------------------------------------


blueprint.get("/backups")(backups)
blueprint.post("/backups")(backup_now)
blueprint.post("/backups/protect")(protect)
blueprint.post("/backups/download")(download)
blueprint.post("/backups/look")(look)
blueprint.post("/backups/bring")(bring)
blueprint.post("/backups/restore")(restore_whole)
blueprint.get("/updates")(updates)
blueprint.post("/updates/file")(take_update)
blueprint.post("/updates/order")(order_update)


# --- logs, support --------------------------------------------------------------------------------


@blueprint.get("/logs")
@open_to("owner", "installer")
def journal() -> Answer:
    """What the programs said, without secrets and numbers."""
    found = _logs()
    chosen = request.args.get("of", "")
    wanted = next((log for log in found if log.name == chosen), found[0] if found else None)
    return render_template("admin/logs.html", logs=found, shown=wanted)


@blueprint.get("/support")
@open_to("owner", "installer")
def support() -> Answer:
    """Every file that a support bundle would hold, to be read before it is saved."""
    return render_template("admin/support.html", files=_bundle())


@blueprint.post("/support")
@open_to("owner", "installer")
def support_bundle() -> Answer:
    """The same files as one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _bundle():
            archive.writestr(name, text)
    noted("export", "support bundle")
    return taken_away(packed.getvalue(), f"tipring-{utc_now():%Y%m%d}.zip", "application/zip")


@blueprint.get("/done")
@open_to("owner")
def done() -> Answer:
    """Who looked at, played, changed, exported or removed what."""
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            found = records.newest_of("audited", DONE_SHOWN)
    except StorageError:
        found = []
    rows = [(event.stamp.wall, event.entry) for event in found if isinstance(event.entry, Audited)]
    return render_template("admin/done.html", rows=rows, most=DONE_SHOWN)


# --- programs -------------------------------------------------------------------------------------


@blueprint.get("/programs")
@open_to("owner")
def programs() -> Answer:
    """Programs with a key, and how to give one."""
    return _programs()


@blueprint.post("/programs")
@open_to("owner")
def give_key() -> Answer:
    """A key for a program. It is shown in this answer and never again."""
    name = request.form.get("name", "").strip()
    scopes = tuple(scope for scope in SCOPES if scope in request.form.getlist("scopes"))
    problems = {}
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = t("field-needed")
    if not scopes:
        problems["scopes"] = t("scopes-needed")
    if problems:
        return _programs(problems, status=422)
    key = visitors().give_token(name, g.account.name, scopes, utc_now())
    noted("change", f"key for {name}", " ".join(scopes))
    return _programs(key=key)


@blueprint.post("/programs/<int:token>/remove")
@open_to("owner")
def take_key(token: int) -> Answer:
    """A key is worth nothing from now on."""
    visitors().take_token(token)
    noted("change", f"key {token} taken away")
    return redirect(url_for(".programs"), code=303)


# --- what they have in common ---------------------------------------------------------------------


def _programs(problems: dict[str, str] | None = None, key: str = "", status: int = 200) -> Answer:
    page = render_template(
        "admin/programs.html",
        tokens=visitors().tokens(),
        scopes=SCOPES,
        problems=problems or {},
        typed=request.form if problems else None,
        key_given=key,
    )
    return page, status


def _logs() -> list[Log]:
    return logs(current_app.extensions["logs"])


def _bundle() -> list[tuple[str, str]]:
    """Names and contents of a support bundle: nothing in it is a secret or a whole number."""
    status, answer = the_box().status(), the_box().ask(AskLines())
    _, document = current()
    readings = answer.readings if isinstance(answer, LinesAnswer) else ()

    def text(value: Any) -> str:
        made = masked_document(msgspec.to_builtins(value))
        return msgspec.json.format(msgspec.json.encode(made), indent=1).decode()

    about = f"tipring {VERSION}\n{utc_now().isoformat(timespec='seconds')}\n"
    files = [
        ("about.txt", about),
        ("settings.json", text(document)),
        ("lines.json", text(readings)),
    ]
    if status is not None:
        files.append(("status.json", text(status)))
    return files + [(f"logs/{log.name}.txt", "\n".join(log.lines) + "\n") for log in _logs()]
