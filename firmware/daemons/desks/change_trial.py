"""A change of lines or network on trial: what was before comes back unless it is confirmed. Pure.

An owner who sets a line wrongly may not notice before he needs it, and with a wrong address he
does not reach the box any more. So the page asks him to try and confirm; without that, the guarded
parts of the settings become what they were before the first unconfirmed change, and everything
else that was changed meanwhile stays.
"""

from __future__ import annotations

import logging

import msgspec

from firmware.core.page_settings import ON_TRIAL
from firmware.core.settings import Settings

log = logging.getLogger(__name__)


class OnTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a trial over a restart.

    Attributes:
        before: The guarded parts as they were.
        trial_ms: How long it is given; a restart gives it anew, for nobody could confirm meanwhile.
    """

    before: dict[str, object]
    trial_ms: int


class ChangeTrial:
    """The one trial that may run; further changes join it and begin its time anew."""

    def __init__(self) -> None:
        self._on: OnTrial | None = None
        self._ends_ms = 0
        self.changed = False

    def know(self, kept: str, now_ms: int) -> None:
        """What a document of before says; unreadable ones are as none."""
        if kept:
            try:
                self._on = msgspec.json.decode(kept, type=OnTrial | None)
            except msgspec.DecodeError as problem:
                log.error("which change was on trial cannot be read: %s", problem)
                self._on = None
        if self._on is not None:
            self._ends_ms = now_ms + self._on.trial_ms

    def document(self) -> str:
        """What is to be kept."""
        return msgspec.json.encode(self._on).decode()

    def begin(self, before: Settings, after: Settings, trial_ms: int, now_ms: int) -> bool:
        """A change came into force; whether it is on trial now.

        Args:
            before: The settings until now.
            after: Those in force from now on.
            trial_ms: How long the page asked for; 0 for no trial.
            now_ms: Monotonic time.
        """
        if trial_ms <= 0 or _guarded(before) == _guarded(after):
            return False
        kept = self._on.before if self._on is not None else _guarded(before)
        if kept == _guarded(after):
            self.end()  # it is as it was: nothing left to try
            return False
        self._on = OnTrial(before=kept, trial_ms=trial_ms)
        self._ends_ms = now_ms + trial_ms
        self.changed = True
        return True

    def end(self) -> bool:
        """Confirmed, or taken back; False when nothing was on trial."""
        ended = self._on is not None
        self._on = None
        self.changed = self.changed or ended
        return ended

    def left_ms(self, now_ms: int) -> int:
        """How long it still has, 0 for no trial."""
        return max(1, self._ends_ms - now_ms) if self._on is not None else 0

    @property
    def deadlines(self) -> tuple[int, ...]:
        """When :meth:`due` wants to be asked."""
        return (self._ends_ms,) if self._on is not None else ()

    def due(self, now_ms: int) -> bool:
        """Whether its time is over without a word."""
        return self._on is not None and now_ms >= self._ends_ms

    def undone(self, now: Settings) -> Settings:
        """The settings with the guarded parts as they were before the trial."""
        if self._on is None:
            return now
        document = {**msgspec.to_builtins(now), **self._on.before}
        return msgspec.convert(document, Settings)


def trial_why(language: str) -> str:
    """Why the settings changed back, for their history."""
    if language.startswith("zh"):
        return "线路或网络的更改没有确认，已撤回"
    return "the change of lines or network was not confirmed and is taken back"


def _guarded(settings: Settings) -> dict[str, object]:
    return {name: msgspec.to_builtins(getattr(settings, name)) for name in ON_TRIAL}
