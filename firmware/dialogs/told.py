"""What a dialog found out that others must know."""

from __future__ import annotations

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Root of them."""


class Heard(Told, frozen=True, kw_only=True):
    """Somebody has lifted and listens."""


class Snoozed(Told, frozen=True, kw_only=True):
    """Who was woken wants to be woken again."""

    extension: str
    kind: str


class RingTest(Told, frozen=True, kw_only=True):
    """The ringer of this telephone is to be tried."""

    extension: str


class SelfTested(Told, frozen=True, kw_only=True):
    """A telephone was tested; ``found`` is for the record, such as ``level -18.2 dBm0``."""

    extension: str
    found: str
    good: bool


class AlarmsKnown(Told, frozen=True, kw_only=True):
    """Who looks after the office has heard what is wrong."""


class JudgeTake(Told, frozen=True, kw_only=True):
    """A recording of a prompt is to be judged and made fit to be played."""

    take: str
    path: str


class KeepTake(Told, frozen=True, kw_only=True):
    """A judged recording is to be the prompt ``language/key`` from now on."""

    take: str
    language: str
    key: str


class DropPrompt(Told, frozen=True, kw_only=True):
    """The system's own prompt of this name is to be heard again."""

    language: str
    key: str


class NoticeRecorded(Told, frozen=True, kw_only=True):
    """Callers are to hear the owner's prompt ``key`` first, for so many hours from now."""

    extension: str
    key: str
    hours: int


class StudioOrder(Told, frozen=True, kw_only=True):
    """One of these three, with the call and the extension it comes from."""

    call: str
    extension: str
    order: JudgeTake | KeepTake | DropPrompt


class CallBackWanted(Told, frozen=True, kw_only=True):
    """A caller wants to be called back by the extension he was passed to."""

    extension: str
    number: str
