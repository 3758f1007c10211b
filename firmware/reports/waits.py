"""Waits by half-hour beside what was changed meanwhile: whether a change made waiting shorter.

A half-hour holds the callers who entered a queue in it, as in every report. Who flowed out waited
too; a call back by the office is no arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

import msgspec

from firmware.reports.facts import Facts, Visit
from firmware.reports.measures import arrivals, cut
from firmware.reports.moments import EPOCH, MS

HALF_HOUR_MS: Final = 1_800_000


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the settings: when it came into force (UTC, ms since 1970), by whom, why."""

    at_ms: int
    version: int
    who: str
    why: str = ""


class HalfHour(msgspec.Struct, frozen=True, kw_only=True):
    """One half-hour of the office's clock.

    Attributes:
        begins: Its begin, ``2026-03-02 09:30+08:00``.
        callers: Who entered a queue in it.
        answered: Of these.
        longest_s: The longest wait of them, whole seconds, cut; 0 without callers.
        mean_s: The mean of all waits.
        changes: Settings that came into force in it, oldest first.
    """

    begins: str
    callers: int = 0
    answered: int = 0
    longest_s: int = 0
    mean_s: float = 0.0
    changes: tuple[Change, ...] = ()


def waits(
    facts: Facts, changes: Sequence[Change], begin_ms: int, end_ms: int, zone: tzinfo
) -> list[HalfHour]:
    """Every half-hour of a span in which somebody came or something was changed.

    Args:
        facts: Of the span.
        changes: Versions of the settings, in any order.
        begin_ms: Begin of the span, UTC, ms since 1970.
        end_ms: Its end, not included.
        zone: Of the office; half-hours are those of its clock.
    """
    came: dict[int, list[Visit]] = {}
    for visit in arrivals(facts):
        came.setdefault(_half_hour(visit.arrived_ms, zone), []).append(visit)
    changed: dict[int, list[Change]] = {}
    for change in sorted(changes, key=lambda c: c.at_ms):
        if begin_ms <= change.at_ms < end_ms:
            changed.setdefault(_half_hour(change.at_ms, zone), []).append(change)
    return [
        _row(at_ms, came.get(at_ms, []), tuple(changed.get(at_ms, ())), zone)
        for at_ms in sorted(came.keys() | changed.keys())
    ]


def _row(
    at_ms: int, visits: Sequence[Visit], changes: tuple[Change, ...], zone: tzinfo
) -> HalfHour:
    seconds = [cut(visit.wait_ms) for visit in visits]
    return HalfHour(
        begins=(EPOCH + at_ms * MS).astimezone(zone).isoformat(" ", "minutes"),
        callers=len(visits),
        answered=sum(visit.end.value == "answered" for visit in visits),
        longest_s=max(seconds, default=0),
        mean_s=sum(seconds) / len(seconds) if seconds else 0.0,
        changes=changes,
    )


def _half_hour(moment_ms: int, zone: tzinfo) -> int:
    """The begin of the half-hour on the office's clock, UTC."""
    local: datetime = (EPOCH + moment_ms * MS).astimezone(zone)
    into = timedelta(
        minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond
    )
    return moment_ms - into // MS
