"""What an office sets about its reports: what it wants to reach, and who gets them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final, Literal

import msgspec

Say = Callable[..., None]

ADDRESS: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Target(_Part, frozen=True, kw_only=True):
    """What a figure is to reach from a day on, until another target of the same figure begins.

    Attributes:
        figure: The figure's code, as ``tipring report --formulas`` lists them.
        value: In the figure's own unit; shares in percent.
        reach: Whether it is to be at least or at most that.
        since: First day it holds (``2026-01-01``); empty for ever.
        until: Last day it holds; empty for ever.
        whose: A queue or an agent, by number; empty for the whole office.
    """

    figure: str
    value: float
    reach: Literal["least", "most"] = "least"
    since: str = ""
    until: str = ""
    whose: str = ""


class ChangeNote(_Part, frozen=True, kw_only=True):
    """Something that was changed outside of the settings, on a day, for whoever reads a trend."""

    day: str
    text: str


class Reports(_Part, frozen=True, kw_only=True):
    """Reports that the box makes by itself.

    Attributes:
        office: Its name, printed on them.
        mail_to: Addresses; empty for none.
        daily: Each morning, of the day before.
        weekly: On Mondays, of the week before.
        monthly: On the first, of the month before.
        at: Time of day by the office's clock.
        targets: What figures are to reach.
        notes: What was changed when, beside changes of the settings.
    """

    office: str = ""
    mail_to: tuple[str, ...] = ()
    daily: bool = True
    weekly: bool = True
    monthly: bool = True
    at: str = "07:30"
    targets: tuple[Target, ...] = (
        Target(figure="sl", value=80),
        Target(figure="abandon", value=5, reach="most"),
        Target(figure="promise_ok", value=95),
    )
    notes: tuple[ChangeNote, ...] = ()


REPORT_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "report-address": ("{value} 不是邮件地址", "{value} is no mail address."),
    "report-at": (
        "报表时刻 {value} 须为 00:00 至 23:59",
        "The time of reports, {value}, must be from 00:00 to 23:59.",
    ),
    "report-figure": (
        "没有数据 {value}；tipring report --formulas 列出全部",
        "There is no figure {value}; tipring report --formulas lists them.",
    ),
    "report-since": (
        "日期 {value} 须如 2026-01-01",
        "{value} is no day; one such as 2026-01-01 is needed.",
    ),
    "report-until": (
        "目标的最后一天 {value} 早于第一天 {limit}",
        "The last day of a target, {value}, is before its first, {limit}.",
    ),
    "report-whose": (
        "没有队列或坐席 {value}",
        "There is no queue or agent {value}.",
    ),
    "report-note": ("说明不能为空", "A note must say something."),
}


def check_reports(reports: Reports, say: Say, known: Collection[str] | None = None) -> None:
    """Addresses, the time and days have their form; who has a target exists.

    Args:
        reports: To be checked.
        say: Told (field, sentence, value, limit).
        known: Numbers of queues and agents; None does not ask.
    """
    for at, address in enumerate(reports.mail_to):
        if not ADDRESS.fullmatch(address):
            say(f"reports.mail_to.{at}", "report-address", address)
    if not TIME.fullmatch(reports.at):
        say("reports.at", "report-at", reports.at)
    for at, target in enumerate(reports.targets):
        if not CODE.fullmatch(target.figure):
            say(f"reports.targets.{at}.figure", "report-figure", target.figure)
        for field in ("since", "until"):
            given = getattr(target, field)
            if given and _day(given) is None:
                say(f"reports.targets.{at}.{field}", "report-since", given)
        if target.until and target.since and target.until < target.since:
            say(f"reports.targets.{at}.until", "report-until", target.until, target.since)
        if target.whose and known is not None and target.whose not in known:
            say(f"reports.targets.{at}.whose", "report-whose", target.whose)
    for at, note in enumerate(reports.notes):
        if _day(note.day) is None:
            say(f"reports.notes.{at}.day", "report-since", note.day)
        if not note.text.strip():
            say(f"reports.notes.{at}.text", "report-note")


def target_of(targets: Iterable[Target], figure: str, day: date, whose: str = "") -> Target | None:
    """The target of a figure that holds on a day: the one that began last.

    Args:
        targets: All there are.
        figure: The figure's code.
        day: On which it is to hold.
        whose: A queue's or an agent's own; empty for the office's.
    """
    held = [
        target
        for target in targets
        if target.figure == figure
        and target.whose == whose
        and (_day(target.since) or date.min) <= day <= (_day(target.until) or date.max)
    ]
    return max(held, key=lambda target: target.since, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
