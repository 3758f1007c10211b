"""A backup from a stick, brought back whole: unsealed beside the data, in force at the restart."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from flask import current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from firmware.control.messages import Refused
from firmware.control.update_messages import OrderUpdate
from firmware.storage.backup import BackupError, restore
from web.gate import open_to, the_box, whence
from web.words import t

STICK: Final = Path("/media/backup")
ENDINGS: Final = (".tipring", ".backup")
MOST_SHOWN: Final = 40


def stick_folder() -> Path:
    """Where sticks are mounted; another place in a trial."""
    found: Path = current_app.config.get("STICK", STICK)
    return found


def on_sticks() -> list[str]:
    """Names of the backups on the stick that is in, newest first."""
    try:
        found = [p for p in stick_folder().iterdir() if p.suffix in ENDINGS and p.is_file()]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [path.name for path in found[:MOST_SHOWN]]


@open_to("owner")
def restore_whole() -> str | Response | tuple[str, int]:
    """Unseal it; the box restarts as soon as no call is up."""
    from web.admin.routes import show_backups

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
        return show_backups({"": t("restore-cannot", why=problem)}, 422)
    answer = the_box().ask(
        OrderUpdate(
            act="restart",
            who=g.account.name,
            origin=f"page {whence()}",
            language=g.language,
        )
    )
    if isinstance(answer, Refused):
        shutil.rmtree(folder / "restored", ignore_errors=True)
        return show_backups({"": answer.message}, 409)
    return redirect(url_for("admin.updates"), code=303)
