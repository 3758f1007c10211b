"""Backups on the page: made, carried away, looked into, and brought back from a stick."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.backup_messages import (
    AskBackups,
    BackupsAnswer,
    MakeBackup,
    ProtectBackups,
)
from firmware.control.messages import Refused
from firmware.control.update_messages import OrderUpdate
from firmware.storage.backup import BackupError, backup, restore
from firmware.storage.errors import StorageError
from firmware.storage.sealed import LEAST_PASSPHRASE
from firmware.storage.settings import SettingsStore
from firmware.storage.troubles import said, trouble
from web.admin.audit import noted, origin
from web.admin.sticks import on_sticks, stick_folder, unreadable
from web.export import taken_away
from web.gate import open_to, the_box, utc_now, visitors
from web.saving import current, keep
from web.settings.history import changes
from web.words import t

Answer = str | Response | tuple[str, int]

MAKE_MS: Final = 120_000
UPLOAD_BYTES: Final = 64 << 20
"""The longest backup that is looked at on the page: settings, or records of some years."""
MOST_HELD: Final = 4
"""Uploaded settings that wait for a yes."""
LAST_BACKUP: Final = "last-backup"


@open_to("owner", "installer")
def backups() -> Answer:
    """How the last ones went; one now; one to carry away; one looked into and brought back."""
    return show_backups()


@open_to("owner", "installer")
def backup_now() -> Answer:
    """One now, in the folder of the settings."""
    wanted = MakeBackup(who=g.account.name, origin=origin(), language=g.language)
    answer = the_box().ask(wanted, answer_ms=MAKE_MS)
    if isinstance(answer, Refused):
        return show_backups({"": answer.message}, 409)
    return redirect(url_for(".backups", done=1), code=303)


@open_to("owner")
def protect() -> Answer:
    """A pass-phrase for the backups that the box makes by itself."""
    phrase = request.form.get("passphrase", "")
    if problem := _weak(phrase, request.form.get("again", "")):
        return show_backups({"protect": problem}, 422)
    answer = the_box().ask(
        ProtectBackups(who=g.account.name, origin=origin(), passphrase=phrase), answer_ms=MAKE_MS
    )
    if isinstance(answer, Refused):
        return show_backups({"protect": answer.message}, 409)
    return redirect(url_for(".backups", done=1), code=303)


@open_to("owner")
def download() -> Answer:
    """A sealed file of the settings, or of settings and records, to be carried away."""
    phrase = request.form.get("passphrase", "")
    what = "records" if request.form.get("what") == "records" else "settings"
    if problem := _weak(phrase, phrase):
        return show_backups({"download": problem}, 422)
    now = utc_now()
    with tempfile.TemporaryDirectory(dir=_page_folder()) as folder:
        file = Path(folder) / "backup"
        try:
            backup(_data(), file, phrase, what=what, now=now)  # type: ignore[arg-type]  # one of the two
            data = file.read_bytes()
        except (BackupError, OSError) as wrong:
            return show_backups({"download": trouble(wrong, g.language)}, 503)
    visitors().keep_note(LAST_BACKUP, now.isoformat(timespec="seconds"))
    noted("export", f"backup {what}")
    name = f"tipring-{now.astimezone():%Y%m%d-%H%M}-{what}.backup"
    return taken_away(data, name, "application/octet-stream")


@open_to("owner")
def look() -> Answer:
    """What is in a backup, restored into a scratch place; nothing of the box is touched."""
    request.max_content_length = UPLOAD_BYTES
    file, phrase = request.files.get("file"), request.form.get("passphrase", "")
    if file is None or not file.filename:
        return show_backups({"file": t("backup-needed")}, 422)
    if problem := _weak(phrase, phrase):
        return show_backups({"look": problem}, 422)
    with tempfile.TemporaryDirectory(dir=_page_folder()) as folder:
        given, data = Path(folder) / "given", Path(folder) / "data"
        file.save(given)
        try:
            found = restore(given, data, phrase)
            document = _settings_in(data)
        except (StorageError, OSError, ValueError) as wrong:
            why = trouble(wrong, g.language)
            return show_backups({"look": t("backup-unreadable", why=why)}, 422)
    token = ""
    version, now = current()
    if document:
        token = secrets.token_hex(8)
        held = _held()
        held[token] = dict(document, accounts=now.get("accounts", ()))
        while len(held) > MOST_HELD:
            held.popitem(last=False)
    page = render_template(
        "admin/backup_seen.html",
        found=found,
        token=token,
        version=version,
        back=changes(now, _held()[token]) if token else [],
    )
    return page, 200


@open_to("owner")
def bring() -> Answer:
    """Put the settings of a backup that was looked at into force; accounts stay as they are."""
    wanted = _held().pop(request.form.get("token", ""), None)
    base = request.form.get("base", "")
    if wanted is None or not base.isdigit():
        return show_backups({"look": t("backup-gone")}, 409)
    problems = keep(wanted, base=int(base), why=t("backup-why"))
    if problems:
        return show_backups({"look": " ".join(problems.values())}, 409)
    return redirect(url_for("settings.history"), code=303)


@open_to("owner")
def restore_whole() -> str | Response | tuple[str, int]:
    """Unseal it; the box restarts as soon as no call is up."""
    name = request.form.get("stick", "")
    if name not in on_sticks():
        return show_backups({"": t("restore-no-stick", name=name)}, 422)
    if request.form.get("sure") != "yes":
        return show_backups({"": t("restore-tick")}, 422)
    folder: Path = current_app.extensions["updates"]
    part = folder / "restored.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        restore(stick_folder() / name, part, request.form.get("passphrase", ""))
        shutil.rmtree(folder / "restored", ignore_errors=True)
        part.rename(folder / "restored")
    except (BackupError, OSError, ValueError) as problem:
        shutil.rmtree(part, ignore_errors=True)
        return show_backups({"": t("restore-cannot", why=trouble(problem, g.language))}, 422)
    answer = the_box().ask(
        OrderUpdate(
            act="restart",
            who=g.account.name,
            origin=origin(),
            language=g.language,
        )
    )
    if isinstance(answer, Refused):
        shutil.rmtree(folder / "restored", ignore_errors=True)
        return show_backups({"": answer.message}, 409)
    return redirect(url_for("admin.updates"), code=303)


def show_backups(problems: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    """The page of backups, with what went wrong."""
    answer = the_box().ask(AskBackups())
    page = render_template(
        "admin/backups.html",
        runs=answer if isinstance(answer, BackupsAnswer) else BackupsAnswer(),
        problems=problems or {},
        least=LEAST_PASSPHRASE,
        sticks=on_sticks(),
        unreadable=unreadable(),
        said=said,
        done="done" in request.args,
    )
    return page, status


def _weak(phrase: str, again: str) -> str:
    if len(phrase) < LEAST_PASSPHRASE:
        return t("passphrase-short", n=LEAST_PASSPHRASE)
    return t("password-differs") if phrase != again else ""


def _settings_in(data: Path) -> dict[str, Any]:
    if not (data / "settings").exists():
        return {}
    store = SettingsStore(data / "settings")
    try:
        return dict(store.current()[1])
    finally:
        store.close()


def _held() -> OrderedDict[str, dict[str, Any]]:
    found: OrderedDict[str, dict[str, Any]] = current_app.extensions["held-settings"]
    return found


def _data() -> Path:
    found: Path = current_app.extensions["records"].parent
    return found


def _page_folder() -> Path:
    return _data() / "page"
