"""Pages without sockets: a box whose settings lie on a real desk, and people signed in to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from flask.testing import FlaskClient

from firmware.call.hours import zone_of
from firmware.control.messages import (
    Answer,
    AskCard,
    AskHistory,
    AskHours,
    AskSettings,
    AskWhatIf,
    Claim,
    Refused,
    RestoreSettings,
    SaveSettings,
    SeenDamage,
    WhatIfAnswer,
)
from firmware.core.accounts import Role
from firmware.core.settings import Settings, line_at
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.hours_ahead import hours_ahead
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.what_if import what_if
from firmware.storage.settings import SettingsStore, mark_new
from web.box import Box
from web.gate import SESSION_COOKIE
from web.passwords import hashed

WALL = datetime(2026, 3, 2, 9, tzinfo=UTC)
CODE = "123456"
PASSWORD = "three rings at most"  # noqa: S105  # of a box that lives for one test
HASH = hashed(PASSWORD)


class DeskBox(Box):
    """A box that is asked without a socket; what it knows is as real as in the daemon."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        store = folder / "settings"
        mark_new(store)
        self.store = SettingsStore(store)
        self.desk = SettingsDesk(self.store, "CN", ClaimWindow(lambda: CODE))
        self.asked: list[object] = []
        self.now_ms = 0

    def _answer(self, request: Any, answer_ms: int) -> Answer:
        assert answer_ms > 0
        self.asked.append(request)
        desk = self.desk
        done: Refused | None
        match request:
            case AskSettings():
                return desk.shown(request)
            case AskCard():
                return desk.card(request.language)
            case AskHours():
                return hours_ahead(desk.settings, WALL, request.language)
            case AskHistory(language=language):
                return desk.history(language)
            case SeenDamage():
                desk.seen()
                return desk.history()
            case SaveSettings():
                done = desk.save(request, WALL)
            case RestoreSettings():
                done = desk.restore(request, WALL)
            case Claim():
                done = desk.claim_box(request, self.now_ms, WALL)
            case AskWhatIf():
                return self._what_if(request)
            case _:
                return Refused(id="unknown-request", message="not known here")
        return done or desk.answer()

    def _what_if(self, request: AskWhatIf) -> Answer:
        """As call control answers it, with the rehearsal itself."""
        wanted = request.settings
        settings = self.desk.settings if wanted is None else msgspec.convert(wanted, Settings)
        if line_at(settings, request.line) is None:
            return Refused(id="what-if-invalid", message=f"there is no line {request.line}")
        at = datetime.fromisoformat(request.at) if request.at else WALL
        steps = what_if(
            settings,
            number=request.number,
            line=request.line,
            at=at if at.tzinfo else at.replace(tzinfo=zone_of(settings)),
            keys=request.keys,
            lifted=request.lifted,
        )
        return WhatIfAnswer(steps=steps)

    def owned_by(self, name: str = "owner", roles: Iterable[Role] = ("owner",)) -> None:
        """Somebody owns the box, or one more person has an account."""
        account = {"name": name, "roles": list(roles), "password": HASH}
        accounts = [*self.desk.document.get("accounts", []), account]
        document = dict(self.desk.document, accounts=accounts)
        save = SaveSettings(base=self.desk.version, who="test", why="", settings=document)
        refused = self.desk.save(save, WALL)
        assert refused is None, refused
        self._settings = None


def signed_in(app: Flask, name: str = "owner") -> FlaskClient:
    """A browser in which somebody is signed in; what it sends carries the key of his forms."""
    key, session = app.extensions["visitors"].begin(name, datetime.now(UTC))
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, key)
    browser.environ_base["HTTP_X_FORM_KEY"] = session.form_key
    return browser
