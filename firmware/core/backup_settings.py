"""What an office sets about backups, and when the next one is due. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Final, Literal

import msgspec

Say = Callable[..., None]

RETRY: Final = timedelta(hours=1)
"""After a failure: the stick may have been out for a moment."""

LATE: Final = timedelta(hours=12)
"""So long after its moment a backup that was not made is told as an alarm."""


class Backups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Backups that the box makes by itself.

    Attributes:
        folder: Where to, an absolute path on a stick or a share; empty for none.
        every: Each day, or each Monday.
        at: Time of day by the office's clock.
        what: Everything, all but sound, or the settings alone.
        keep: So many stay; the oldest beyond them are removed.
    """

    folder: str = ""
    every: Literal["day", "week"] = "day"
    at: str = "03:30"
    what: Literal["all", "records", "settings"] = "all"
    keep: Annotated[int, msgspec.Meta(ge=1, le=400)] = 7


BACKUP_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "backup-folder": (
        "备份位置 {value} 须为绝对路径，例如 /media/backup",
        "The place of backups, {value}, must be an absolute path such as /media/backup.",
    ),
    "backup-at": (
        "备份时刻 {value} 须为 00:00 至 23:59",
        "The time of backups, {value}, must be from 00:00 to 23:59.",
    ),
}


def check_backups(backups: Backups, say: Say) -> None:
    """The folder is absolute and leads nowhere else, the time is one of the day."""
    parts = backups.folder.split("/")
    if backups.folder and (parts[0] or ".." in parts or len(parts) < 2 or not parts[1]):
        say("backups.folder", "backup-folder", backups.folder)
    if _time(backups.at) is None:
        say("backups.at", "backup-at", backups.at)


def moment(backups: Backups, now: datetime) -> datetime:
    """The newest moment, by the office's clock, at which a backup was to be made."""
    at = datetime.combine(now.date(), _time(backups.at) or time(), now.tzinfo)
    if at > now:
        at -= timedelta(days=1)
    return at - timedelta(days=at.weekday()) if backups.every == "week" else at


def is_due(backups: Backups, last: datetime | None, *, good: bool, now: datetime) -> bool:
    """Whether one is to be made now.

    Args:
        backups: The settings.
        last: When the last one began, None for none.
        good: Whether it was made.
        now: By the office's clock.
    """
    if not backups.folder:
        return False
    if last is None or last < moment(backups, now):
        return True
    return not good and now >= last + RETRY


def _time(text: str) -> time | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found if len(text) == len("03:30") and found.tzinfo is None else None
