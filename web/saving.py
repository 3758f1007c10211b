"""Settings read and saved for a page: one way for all of them."""

from __future__ import annotations

from typing import Any

from flask import abort, g

from firmware.control.messages import AskSettings, Refused, SaveSettings, SettingsAnswer
from web.gate import the_box
from web.words import t

WHY_CHARACTERS = 200


def current() -> tuple[int, dict[str, Any]]:
    """The settings in force with their version; 503 while call control is away."""
    answer = the_box().ask(AskSettings())
    if not isinstance(answer, SettingsAnswer):
        abort(503)
    return answer.version, dict(answer.settings)


def keep(wanted: dict[str, Any], *, base: int, why: str) -> dict[str, str]:
    """Have settings saved: sentences by path when they were refused, else nothing.

    Args:
        wanted: The whole document.
        base: The version that the reader's page was made from.
        why: For the history.
    """
    answer = the_box().ask(
        SaveSettings(
            base=base,
            who=g.account.name,
            why=why.strip()[:WHY_CHARACTERS],
            settings=wanted,
            language=g.language,
        )
    )
    if not isinstance(answer, Refused):
        return {}
    if answer.id == "settings-conflict":
        return {"": t("settings-conflict")}
    return dict(answer.fields) or {"": answer.message}
