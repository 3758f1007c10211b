"""What a change of the settings changed, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from firmware.control.messages import HistoryItem
from firmware.core.calendars import ZONES
from firmware.core.settings import Settings
from web.settings.shape import Field, settings_fields
from web.words import t

SECRET: Final = frozenset({"password", "pin", "voicemail_pin", "pin_hash", "secret", "secret_url"})
"""Fields of which only is said that they changed."""

KEYS: Final = ("number", "name", "port", "trunk")
"""How people tell the rows of a table apart, the first that a row has."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that differs: where, what it was, what it is."""

    where: str
    was: str
    now: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in the order of the document."""
    return list(_differences(settings_fields(), before, after, ()))


def day_begins(settings: Settings, now: datetime) -> datetime:
    """Midnight of today where the office is."""
    zone = ZoneInfo(settings.hours.zone or ZONES.get(settings.country, "UTC"))
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def version_at(items: Sequence[HistoryItem], moment: datetime) -> int | None:
    """The version that was in force at a moment; None where none so old is kept."""
    older = [i for i in items if datetime.fromisoformat(i.written_at) < moment]
    return max((i.version for i in older), default=None)


def label_of(field: Field) -> str:
    """A setting's name in the reader's language."""
    return t(f"setting.{field.word}")


def row_name(row: Mapping[str, Any]) -> str:
    """What people call a row."""
    return next((str(row[key]) for key in KEYS if row.get(key)), "")


def _differences(
    fields: Sequence[Field],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    path: tuple[str, ...],
) -> Iterator[Change]:
    for field in fields:
        was, now = before.get(field.name, field.default), after.get(field.name, field.default)
        if was == now:
            continue
        here = (*path, label_of(field))
        if field.kind == "part":
            yield from _differences(field.fields, was or {}, now or {}, here)
        elif field.kind == "rows":
            yield from _rows(field, was or (), now or (), here)
        elif field.name in SECRET:
            yield Change(where=" › ".join(here), was="•••", now="•••")
        else:
            yield Change(where=" › ".join(here), was=_words(field, was), now=_words(field, now))


def _rows(
    field: Field,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    path: tuple[str, ...],
) -> Iterator[Change]:
    old = {row_name(row): row for row in before}
    new = {row_name(row): row for row in after}
    for name in [*old, *(name for name in new if name not in old)]:
        here = (*path, name)
        if name not in new:
            yield Change(where=" › ".join(here), was=t("there"), now=t("removed"))
        elif name not in old:
            yield Change(where=" › ".join(here), was="", now=t("added"))
        else:
            yield from _differences(field.fields, old[name], new[name], here)


def _words(field: Field, value: Any) -> str:
    if value in (None, "", [], (), {}):
        return t("nothing")
    if field.kind == "switch":
        return t("yes") if value else t("no")
    if field.kind == "choice":
        return choice_word(field, str(value))
    if field.kind == "choices":
        return ", ".join(choice_word(field, str(v)) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_behind_name(to)}" for name, to in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def _behind_name(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(inner) for inner in value.values())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def choice_word(field: Field, value: str) -> str:
    """One of the few values of a setting, in words."""
    from web.words import WORDS

    for key in (f"choice.{field.word}.{value}", f"choice.{value}", f"country.{value}"):
        if key in WORDS:
            return t(key)
    return value or t("nothing")
