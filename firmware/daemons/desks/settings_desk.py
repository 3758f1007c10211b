"""Where people change what the office set: saving, looking back, restoring, and the first owner.

The desk knows the stored versions and what is allowed; the office learns of a change from whoever
asked the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from firmware.call.emergency_card import emergency_card
from firmware.call.feature_codes import code_problems, patterns
from firmware.control.messages import (
    AskSettings,
    CardAnswer,
    Claim,
    ClaimAnswer,
    HistoryAnswer,
    HistoryItem,
    Refused,
    RestoreSettings,
    SaveSettings,
    SettingsAnswer,
)
from firmware.core.accounts import Account
from firmware.core.countries import COUNTRIES
from firmware.core.settings import Settings, validate
from firmware.daemons.desks.claim import SENTENCES, ClaimWindow
from firmware.daemons.lobby import flow_problems
from firmware.daemons.upkeep.starts import SafeMode
from firmware.storage.errors import SettingsConflictError, UnknownVersionError
from firmware.storage.settings import SettingsStore


class SettingsDesk:
    """The settings in force and everything that people ask of them.

    Args:
        store: Open; calld is the only program that has it.
        country: The machine's profile; a new office begins with it.
        claim: The window through which a new box is taken possession of.
        has_prompt: Which prompts there are; flows that say others are refused.
        safe: What is in force after too many starts that failed; None for what was set.
    """

    def __init__(
        self,
        store: SettingsStore,
        country: str,
        claim: ClaimWindow,
        *,
        has_prompt: Callable[[str], bool] | None = None,
        safe: SafeMode | None = None,
    ) -> None:
        self._store = store
        self._safe = safe
        self._has_prompt = has_prompt
        self._country = country
        self.claim = claim
        self.version = 0
        self.document: dict[str, object] = {}
        self.settings = Settings(country=country)
        self.reload()

    def reload(self) -> Settings:
        """What counts now, read from the store."""
        self.version, document = self._store.current()
        if self._safe is not None:
            self.settings = self._safe.settings(self.version, self._store.version, self._country)
            self.document = document or msgspec.to_builtins(self.settings)
        elif document:
            self.document = document
            self.settings = msgspec.convert(document, Settings)
        else:
            self.settings = Settings(country=self._country)
            self.document = msgspec.to_builtins(self.settings)
        return self.settings

    @property
    def claimed(self) -> bool:
        """Somebody owns the box."""
        return bool(self.settings.accounts)

    @property
    def claim_dial(self) -> str:
        """What a telephone dials to hear the digits; empty where the office took the code away."""
        return patterns(self.settings).get("claim", "")

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """What the store has to say, and that not everything is in force."""
        said = tuple(damage.sentence(language) for damage in self._store.alarms)
        return said if self._safe is None else (*said, self._safe.sentence(language))

    def answer(self) -> SettingsAnswer:
        """The settings in force, as an answer."""
        return SettingsAnswer(version=self.version, settings=self.document)

    def shown(self, request: AskSettings) -> SettingsAnswer | Refused:
        """The settings in force, or those of an earlier version."""
        if not request.version or request.version == self.version:
            return self.answer()
        try:
            document = self._store.version(request.version)
        except UnknownVersionError as problem:
            return Refused(id="settings-unknown-version", message=str(problem))
        return SettingsAnswer(version=request.version, settings=document)

    def history(self, language: str = "") -> HistoryAnswer:
        """The versions kept, newest first, and what was found damaged."""
        wanted = language or self.settings.language
        return HistoryAnswer(
            damage=tuple(damage.sentence(wanted) for damage in self._store.alarms),
            versions=tuple(
                HistoryItem(
                    version=item.version, written_at=item.written_at, who=item.who, why=item.why
                )
                for item in self._store.history()
            ),
        )

    def seen(self) -> tuple[str, ...]:
        """Somebody knows what was found damaged; the files that were, which stay."""
        kept = tuple(damage.kept for damage in self._store.alarms)
        self._store.acknowledge()
        return kept

    def save(self, request: SaveSettings, wall: datetime) -> Refused | None:
        """Write a new version. None when it is written and in force from now on."""
        try:
            wanted = msgspec.convert(request.settings, Settings, strict=True)
        except msgspec.ValidationError as problem:
            return Refused(id="settings-invalid", message=str(problem))
        return self._write(
            wanted,
            request.base,
            request.who,
            request.why,
            wall,
            request.language or wanted.language,
        )

    def keep(self, settings: Settings, who: str, why: str, wall: datetime) -> str:
        """Keep what is in force already, as a handset's code set it; why not when it failed."""
        try:
            document = msgspec.to_builtins(settings)
            self._store.save(document, base=self.version, who=who, why=why, now=wall)
        except (OSError, SettingsConflictError) as problem:
            return str(problem)
        finally:
            self.reload()
        return ""

    def restore(self, request: RestoreSettings, wall: datetime) -> Refused | None:
        """Make an earlier version the newest. Who may use the page stays as it is now.

        An old version would bring back old passwords, or a box without an owner.
        """
        try:
            document = self._store.version(request.version)
        except UnknownVersionError as problem:
            return Refused(id="settings-unknown-version", message=str(problem))
        earlier = msgspec.convert(document, Settings)
        wanted = msgspec.structs.replace(earlier, accounts=self.settings.accounts)
        return self._write(
            wanted, self.version, request.who, request.why, wall, self.settings.language
        )

    def card(self, language: str) -> CardAnswer:
        """The card beside the telephone."""
        country = COUNTRIES[self.settings.country]
        lines = emergency_card(self.settings, country, language)
        return CardAnswer(lines=lines, codes=patterns(self.settings))

    # --- the first owner --------------------------------------------------------------------------

    def open_claim(self, language: str, now_ms: int) -> ClaimAnswer | Refused:
        """Let the first owner come: the code that he has to bring to the page."""
        if self.claimed:
            return _refused("already-claimed", language)
        code, open_ms = self.claim.open(now_ms)
        return ClaimAnswer(code=code, open_ms=open_ms)

    def claim_box(self, request: Claim, now_ms: int, wall: datetime) -> Refused | None:
        """Make whoever brings the code the owner. Of many who bring it at once, the first."""
        if self.claimed:
            return _refused("already-claimed", request.language)
        verdict = self.claim.check(request.code, now_ms)
        if verdict != "claimed":
            return _refused(verdict, request.language)
        owner = Account(name=request.name, roles=("owner",), password=request.password)
        wanted = msgspec.structs.replace(self.settings, accounts=(owner,))
        refused = self._write(wanted, self.version, request.name, "claimed", wall, request.language)
        if refused is None:
            self.claim.close()
        return refused

    def _write(
        self, wanted: Settings, base: int, who: str, why: str, wall: datetime, language: str
    ) -> Refused | None:
        problems = validate(wanted, language) | code_problems(wanted, language)
        problems |= flow_problems(wanted, language, has_prompt=self._has_prompt, today=wall.date())
        if problems:
            first = next(iter(problems.values()))
            return Refused(id="settings-invalid", message=first, fields=problems)
        try:
            self._store.save(msgspec.to_builtins(wanted), base=base, who=who, why=why, now=wall)
        except SettingsConflictError as problem:
            return Refused(id="settings-conflict", message=str(problem))
        except OSError as problem:
            return Refused(id="settings-not-saved", message=unsaved(problem))
        self.reload()
        return None


def unsaved(why: object) -> str:
    """What the asker is told when the card took no new version."""
    return f"the settings were not saved: {why}"


def _refused(which: str, language: str) -> Refused:
    chinese, english = SENTENCES[which]
    return Refused(id=which, message=chinese if language.startswith("zh") else english)
