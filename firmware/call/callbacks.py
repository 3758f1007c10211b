"""Who waits for whom to become free, and who is to be woken when. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Literal

import msgspec

from firmware.core.settings import Extension, Settings

Kind = Literal["wake_up", "reminder"]

STALE = timedelta(minutes=10)
"""Chosen: what fell due while the box was off rings so late at most; after that it is reported."""


class Waiting(msgspec.Struct, kw_only=True):
    """One extension waits for another; ``free_ms`` is since when both are free."""

    caller: str
    target: str
    since_ms: int
    free_ms: int | None = None


class Callbacks:
    """Automatic callbacks on busy, oldest first."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []

    def wait_for(self, caller: str, target: str, now_ms: int) -> None:
        """The caller wants to be rung when both are free; the same wish counts once."""
        self.waiting = [w for w in self.waiting if (w.caller, w.target) != (caller, target)]
        self.waiting.append(Waiting(caller=caller, target=target, since_ms=now_ms))

    def cancel(self, caller: str) -> None:
        """The caller wants none of them any more."""
        self.waiting = [w for w in self.waiting if w.caller != caller]

    def look(self, free: Collection[str], now_ms: int, expires_ms: int) -> None:
        """Which extensions are free now."""
        self.waiting = [w for w in self.waiting if now_ms - w.since_ms < expires_ms]
        for w in self.waiting:
            if w.caller in free and w.target in free:
                w.free_ms = now_ms if w.free_ms is None else w.free_ms
            else:
                w.free_ms = None

    def next_deadline(self, pause_ms: int) -> int | None:
        """When the first pair has been free long enough."""
        free = [w.free_ms for w in self.waiting if w.free_ms is not None]
        return min(free) + pause_ms if free else None

    def take_due(self, now_ms: int, pause_ms: int) -> Waiting | None:
        """The first whose pause is over; it is forgotten."""
        for w in self.waiting:
            if w.free_ms is not None and now_ms - w.free_ms >= pause_ms:
                self.waiting.remove(w)
                return w
        return None


class Bell(msgspec.Struct, frozen=True, kw_only=True):
    """One moment at which an extension is to be rung; ``moment`` is the office's clock, naive."""

    extension: str
    kind: Kind
    moment: datetime
    once: bool

    def stale(self, now: datetime) -> bool:
        """Whether it is too late to ring."""
        return now - self.moment > STALE


def bells(settings: Settings, done: Mapping[str, datetime]) -> Iterator[Bell]:
    """Every bell of the settings, past or to come: once at its moment, daily at the next.

    Args:
        settings: With what telephones' users have set.
        done: Up to which moment daily bells are dealt with, by extension, naive; an extension that
            is missing has none.
    """
    for extension in settings.extensions:
        yield from _once(extension)
        if extension.services.wake_daily and extension.number in done:
            after = done[extension.number]
            moment = last_daily(extension.services.wake_daily, after) + timedelta(days=1)
            yield Bell(extension=extension.number, kind="wake_up", moment=moment, once=False)


def last_daily(at: str, now: datetime) -> datetime:
    """The last moment up to ``now`` at which a daily bell was due."""
    moment = datetime.combine(now.date(), time.fromisoformat(at))
    return moment if moment <= now else moment - timedelta(days=1)


def _once(extension: Extension) -> Iterator[Bell]:
    services = extension.services
    wishes: tuple[tuple[Kind, str], ...] = (
        ("wake_up", services.wake_up),
        ("reminder", services.reminder),
    )
    for kind, text in wishes:
        if text:
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
            yield Bell(extension=extension.number, kind=kind, moment=moment, once=True)
