"""What an office sets about its reports: what it wants to reach, and who gets them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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
    """

    figure: str
    value: float
    reach: Literal["least", "most"] = "least"
    since: str = ""


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
}


def check_reports(reports: Reports, say: Say) -> None:
    """Addresses, the time and days have their form."""
    for at, address in enumerate(reports.mail_to):
        if not ADDRESS.fullmatch(address):
            say(f"reports.mail_to.{at}", "report-address", address)
    if not TIME.fullmatch(reports.at):
        say("reports.at", "report-at", reports.at)
    for at, target in enumerate(reports.targets):
        if not CODE.fullmatch(target.figure):
            say(f"reports.targets.{at}.figure", "report-figure", target.figure)
        if target.since and _day(target.since) is None:
            say(f"reports.targets.{at}.since", "report-since", target.since)


def target_of(targets: Iterable[Target], figure: str, day: date) -> Target | None:
    """The target of a figure that holds on a day: the one that began last."""
    held = [
        target
        for target in targets
        if target.figure == figure and (_day(target.since) or date.min) <= day
    ]
    return max(held, key=lambda target: target.since, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
