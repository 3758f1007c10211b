"""Whether the office is open: by the week, by the calendar, by a code from a handset.

Pure: the wall clock comes in, with its zone; the answer is a mode, and where callers go in it.
Daylight saving is the zone's affair (``zoneinfo``): the schedule is in the time of the wall clock
in the office, so 09:00 is nine o'clock on every day of the year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from firmware.core.calendars import ZONES, CalendarDay, statutory
from firmware.core.settings import Hours, Line, Mode, Notice, Settings, Weekday

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PREVIEW_DAYS: Final = 30

_FALLS_BACK: Final[dict[Mode, Mode]] = {"holiday": "night"}
"""Where a mode has no destination of its own, that of the other counts; in the end the day's."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The mode in force, until when, and why.

    Attributes:
        mode: What counts now.
        until: When it changes next, in the office's zone; None when nothing will change it.
        reason: ``schedule``, ``holiday``, ``made_up``, ``own_day`` or ``handset``.
        day: The calendar's day, if it is one.
    """

    mode: Mode
    until: datetime | None
    reason: str
    day: CalendarDay | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one mode within the preview; ``begins`` and ``ends`` in the office's zone."""

    begins: datetime
    ends: datetime
    mode: Mode
    reason: str
    day: CalendarDay | None = None


def zone_of(settings: Settings) -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(settings.hours.zone or ZONES.get(settings.country, "UTC"))


def opening(settings: Settings, wall: datetime) -> Opening:
    """What counts at ``wall`` (aware of its zone).

    A mode forced from a handset holds until its time, or until the schedule's next change when it
    has none.
    """
    zone = zone_of(settings)
    local = wall.astimezone(zone)
    hours = settings.hours
    if hours.forced and (end := _moment(hours.forced_until, zone)) is not None and local < end:
        return Opening(mode=hours.forced, until=end, reason="handset")
    if hours.forced and not hours.forced_until:
        return Opening(mode=hours.forced, until=None, reason="handset")
    if not hours.week:
        return Opening(mode="day", until=None, reason="schedule")
    today = _spans(settings, local.date(), zone)
    now = next(span for span in today if span.begins <= local < span.ends)
    until = now.ends
    for span in _following(settings, local.date(), zone):
        if span.begins >= until:
            if span.mode != now.mode:
                break
            until = span.ends
    return Opening(mode=now.mode, until=until, reason=now.reason, day=now.day)


def preview(settings: Settings, wall: datetime, days: int = PREVIEW_DAYS) -> tuple[Span, ...]:
    """The modes of the next ``days`` days by schedule and calendar, from the day of ``wall`` on.

    A mode forced from a handset is not foreseen: it is an exception of the moment.
    """
    zone = zone_of(settings)
    first = wall.astimezone(zone).date()
    return tuple(
        span for n in range(days) for span in _spans(settings, first + timedelta(days=n), zone)
    )


def notice(settings: Settings, wall: datetime) -> Notice | None:
    """The temporary message that callers hear now, None if there is none or it has expired."""
    wanted = settings.hours.notice
    if not wanted.prompt:
        return None
    zone = zone_of(settings)
    begin, end = _moment(wanted.since, zone), _moment(wanted.until, zone)
    local = wall.astimezone(zone)
    too_early = begin is not None and local < begin
    over = end is not None and local >= end
    return None if too_early or over else wanted


def with_notice(settings: Settings, prompt: str, hours: int, wall: datetime) -> Settings:
    """The settings with a message that callers hear first, from ``wall`` on for ``hours``."""
    until = (wall.astimezone(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")
    wanted = Notice(prompt=prompt, until=until)
    return msgspec.structs.replace(
        settings, hours=msgspec.structs.replace(settings.hours, notice=wanted)
    )


def place(settings: Settings, line: Line | None, mode: Mode) -> str:
    """Where callers of a line go in this mode: ``flow:NAME``, an extension's or group's number.

    The line's word comes before the office's, a mode's before that of the day.
    """
    wanted: Mode | None = mode
    while wanted is not None and wanted != "day":
        for table in ((line.inbound_modes if line else {}), settings.inbound_modes):
            if wanted in table:
                return table[wanted]
        wanted = _FALLS_BACK.get(wanted)
    return (line.inbound if line else "") or settings.inbound


def forced(settings: Settings, mode: Mode | None, wall: datetime) -> Settings:
    """The settings after a code from a handset: ``mode`` now, or the schedule again (None).

    A forced mode ends with the schedule's next change, so nobody has to remember it; in an office
    without a schedule it stays.
    """
    plain = msgspec.structs.replace(settings.hours, forced="", forced_until="")
    free = msgspec.structs.replace(settings, hours=plain)
    if mode is None:
        return free
    until = opening(free, wall).until
    text = "" if until is None else until.astimezone(UTC).isoformat(timespec="minutes")
    hours = msgspec.structs.replace(plain, forced=mode, forced_until=text)
    return msgspec.structs.replace(settings, hours=hours)


# --- a day ----------------------------------------------------------------------------------------


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A point in time as written in the settings; without a zone it is the office's."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _kind(settings: Settings, day: date) -> tuple[str, CalendarDay | None]:
    """What kind of day it is (``work``, ``closed`` or empty for its weekday), and by what."""
    hours = settings.hours
    own = hours.days.get(day.isoformat())
    if own is not None:
        return own, None
    found = statutory(settings.country).get(day) if hours.statutory else None
    return (found.kind if found else ""), found


def _periods(hours: Hours, weekday: Weekday) -> list[tuple[time, time]]:
    return [parse_period(text) for text in hours.week.get(weekday, ())]


def parse_period(text: str) -> tuple[time, time]:
    """``09:00-18:00`` as two times; the end may be ``24:00``, given as 00:00.

    Raises:
        ValueError: It is not of that form.
    """
    first, _, last = text.partition("-")
    end = time.min if last == "24:00" else time.fromisoformat(last)
    return time.fromisoformat(first), end


def _spans(settings: Settings, day: date, zone: ZoneInfo) -> list[Span]:
    """The modes of one day, without gaps, from midnight to midnight."""
    hours = settings.hours
    kind, found = _kind(settings, day)
    reason = "schedule"
    weekday = WEEKDAYS[day.weekday()]
    if kind:
        reason = "own_day" if found is None else {"closed": "holiday"}.get(kind, "made_up")
    if kind == "work" and not hours.week.get(weekday):
        weekday = hours.made_up_like
    midnight = datetime.combine(day, time.min, zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time.min, zone)

    def at(clock: time, *, end: bool = False) -> datetime:
        return next_midnight if end and clock == time.min else datetime.combine(day, clock, zone)

    def make(begins: datetime, ends: datetime, mode: Mode) -> Span:
        return Span(begins=begins, ends=ends, mode=mode, reason=reason, day=found)

    if kind == "closed":
        return [make(midnight, next_midnight, "holiday")]
    lunch = parse_period(hours.lunch) if hours.lunch else None
    marks = {midnight, next_midnight}
    opens = [(at(first), at(last, end=True)) for first, last in _periods(hours, weekday)]
    pause = (at(lunch[0]), at(lunch[1], end=True)) if lunch else None
    for begins, ends in [*opens, *([pause] if pause else [])]:
        marks |= {begins, ends}
    edges = sorted(marks)
    spans: list[Span] = []
    for begins, ends in pairwise(edges):
        is_open = any(first <= begins < last for first, last in opens)
        # A pause between two openings of a day is lunch as well when it is within the lunch hour.
        resting = pause is not None and bool(opens) and pause[0] <= begins < pause[1]
        mode: Mode = "lunch" if resting else "day" if is_open else "night"
        if spans and spans[-1].mode == mode:
            spans[-1] = make(spans[-1].begins, ends, mode)
        else:
            spans.append(make(begins, ends, mode))
    return spans


def _following(settings: Settings, first: date, zone: ZoneInfo) -> Iterator[Span]:
    for n in range(PREVIEW_DAYS):
        yield from _spans(settings, first + timedelta(days=n), zone)
