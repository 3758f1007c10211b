"""The dialog that a flow's name means: tests, wake-up calls, recordings, accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from firmware.core.settings import Extension, Settings
from firmware.dialogs.bell import BellDialog
from firmware.dialogs.booking import Booking
from firmware.dialogs.incident import Incident
from firmware.dialogs.playing import Playing
from firmware.dialogs.self_test import SelfTest
from firmware.dialogs.sentence import Sentence
from firmware.dialogs.studio import Studio
from firmware.voicemail.session import Session
from ivr.kit import Item, items


def dialog(
    flow: str,
    extension: Extension | None,
    settings: Settings,
    own_prompt: Callable[[str, str], bool],
) -> Session | None:
    """The dialog, None for a flow that is a menu; ``extension`` is whose handset it is.

    ``own_prompt`` says whether the owner recorded (language, key).
    """
    if extension is None:
        return None
    kind, _, value = flow.partition(":")
    language = extension.language or settings.language
    match kind:
        case "wake_up" | "reminder" | "ringtest":
            return BellDialog(kind, value, language)
        case "recording":
            return Playing(extension.number, language, value)
        case "selftest":
            return SelfTest(extension.number, language)
        case "studio":
            return Studio(extension.number, language, _script, own_prompt, pin=extension.pin)
        case "notice":
            own = settings.language
            return Incident(extension.number, language, own, pin=extension.pin)
        case "comfort":
            key, ask = comfort_key(value), "greeting-record"
            return Sentence(value, language, settings.language, key, ask=ask, kept="saved")
        case "account":
            return Booking(extension.number, language, value, settings.account_codes)
        case _:
            return None


@cache
def _script(language: str) -> tuple[Item, ...]:
    return items(language)


def comfort_key(extension: str) -> str:
    """The owner's prompt that callers hear from time to time while this extension holds them."""
    return f"hold-comfort-{extension}"


def shared_box(number: str, settings: Settings) -> Extension | None:
    """The mailbox that a ring group shares, in the form of an extension's."""
    group = next((g for g in settings.ring_groups if g.number == number and g.voicemail), None)
    return None if group is None else Extension(number=number, port="", name=group.name)


def shared_by(number: str, settings: Settings) -> tuple[str, ...]:
    """Groups whose mailbox this extension listens to."""
    groups = settings.ring_groups
    return tuple(g.number for g in groups if g.voicemail and number in g.members)
