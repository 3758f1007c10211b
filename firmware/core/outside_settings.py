"""What an office sets about calls to the outside: trunk groups, routes, limits, refused callers.

Part of the settings document (``firmware.core.settings``), which checks shape and sentences.
Money is counted in hundredths of the country's currency.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Final, Literal

import msgspec

CallClass = Literal["internal", "local", "national", "international", "custom"]
Hunting = Literal["linear", "least_recent"]
Reserve = Literal["", "outgoing", "emergency"]

HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
WITHHELD: Final = "withheld"
"""Stands in a list of callers for everybody who hides his number."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Trunk(_Part, frozen=True, kw_only=True):
    """Exchange lines that are taken for one another.

    ``linear`` hunts from the first jack on; ``least_recent`` begins with the line that has rested
    longest, so that all of them are used and a dead one is noticed.
    """

    name: str
    lines: tuple[str, ...] = ()
    hunting: Hunting = "linear"


class Route(_Part, frozen=True, kw_only=True):
    """One way for some numbers, and what it costs; the cheapest with a free line is taken.

    Attributes:
        trunk: Name of a trunk group.
        prefixes: Beginnings of numbers without the outside prefix; none is every number.
        hours: ``18:00-08:00``, the office's clock; empty is always.
        strip: So many leading digits are left out.
        insert: Digits sent first: a carrier's prefix.
        price: Per minute begun; None is the price of the number's kind in :class:`Limits`.
    """

    trunk: str
    prefixes: tuple[str, ...] = ()
    hours: str = ""
    strip: Annotated[int, msgspec.Meta(ge=0, le=24)] = 0
    insert: str = ""
    price: _Count | None = None


class Prices(_Part, frozen=True, kw_only=True):
    """Estimated cost of a minute begun, by kind of number."""

    service: _Count = 10
    local: _Count = 10
    national: _Count = 30
    international: _Count = 300
    premium: _Count = 1_000


class Limits(_Part, frozen=True, kw_only=True):
    """How much may go out before the box refuses and reports. 0 means no such limit.

    A day is the last 24 hours and a month the last 30 days, so that no clock can renew them.

    Attributes:
        stop: Nothing goes out but emergency calls.
        closed: ``20:00-07:00``: the same within these hours; empty is never.
        at_once_extension: Calls of one telephone at the same time.
        at_once: Calls of the office at the same time.
        calls_extension: Calls of one telephone within ten minutes.
        calls: Calls of the office within ten minutes.
        minutes_extension: Minutes of one telephone in a day.
        minutes_line: Minutes of one line in a day.
        minutes: Minutes of the office in a day.
        money_day: Estimated cost in a day; a call that would pass it is ended.
        money_month: The same in a month.
        longest_min: Longest call.
        longest_international_min: Longest call abroad.
        prices: What a minute is taken to cost.
    """

    stop: bool = False
    closed: str = ""
    at_once_extension: _Count = 2
    at_once: _Count = 0
    calls_extension: _Count = 20
    calls: _Count = 60
    minutes_extension: _Count = 300
    minutes_line: _Count = 600
    minutes: _Count = 1_200
    money_day: _Count = 10_000
    money_month: _Count = 100_000
    longest_min: _Count = 240
    longest_international_min: _Count = 60
    prices: Prices = Prices()


# Per id the sentence in zh-CN and in en.
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "trunk-twice": ("中继组 {value} 用了两次", "Trunk group {value} is there twice."),
    "trunk-name": ("中继组须有名称", "A trunk group needs a name."),
    "trunk-empty": ("中继组 {value} 没有线路", "Trunk group {value} has no lines."),
    "trunk-line": (
        "中继组里的 {value} 不是已设置的线路",
        "{value} in a trunk group is no line of this office.",
    ),
    "route-trunk": ("没有中继组 {value}", "There is no trunk group {value}."),
    "hours-form": (
        "时段 {value} 须写作 18:00-08:00 的形式",
        "Hours {value}: write them like 18:00-08:00.",
    ),
    "digits-form": ("{value} 只能含数字", "{value}: only digits are allowed here."),
    "caller-form": (
        "号码 {value} 须为数字，可以 + 开头、以 * 结尾，或写 withheld",
        "Caller {value}: digits are needed, with + before or * behind if wanted, or withheld.",
    ),
    "longest-over": (
        "最长通话时间 {value} 分钟超过 {limit} 分钟",
        "The longest call of {value} min is above {limit} min.",
    ),
    "no-line-out": (
        "所有线路都留作紧急呼叫，普通外呼无线可用",
        "Every line is kept for emergency calls; nothing else could go out.",
    ),
}

_CALLER = re.compile(r"\+?\d{1,20}\*?")
_LONGEST_MIN = 1_440
Say = Callable[..., None]


def check_callers(path: str, callers: Iterable[str], say: Say) -> None:
    """Every entry of a list of callers has a form that can be compared."""
    for at, caller in enumerate(callers):
        if caller != WITHHELD and not _CALLER.fullmatch(caller):
            say(f"{path}.{at}", "caller-form", caller)


def check_prefixes(path: str, prefixes: Iterable[str], say: Say) -> None:
    """Every entry is the beginning of a number."""
    for at, prefix in enumerate(prefixes):
        if not (prefix.isascii() and prefix.isdigit()):
            say(f"{path}.{at}", "digits-form", prefix)


def check_trunks(
    trunks: Iterable[Trunk], routes: Iterable[Route], ports: Iterable[str], say: Say
) -> None:
    """Groups have lines of this office, routes have groups."""
    names: set[str] = set()
    known = set(ports)
    for at, trunk in enumerate(trunks):
        if not trunk.name:
            say(f"trunks.{at}.name", "trunk-name")
        if trunk.name in names:
            say(f"trunks.{at}.name", "trunk-twice", trunk.name)
        names.add(trunk.name)
        if not trunk.lines:
            say(f"trunks.{at}.lines", "trunk-empty", trunk.name)
        for line_at, port in enumerate(trunk.lines):
            if port not in known:
                say(f"trunks.{at}.lines.{line_at}", "trunk-line", port)
    for at, route in enumerate(routes):
        if route.trunk not in names:
            say(f"routes.{at}.trunk", "route-trunk", route.trunk)
        if route.hours and not HOURS.fullmatch(route.hours):
            say(f"routes.{at}.hours", "hours-form", route.hours)
        check_prefixes(f"routes.{at}.prefixes", route.prefixes, say)
        if route.insert:
            check_prefixes(f"routes.{at}.insert", (route.insert,), say)


def check_limits(limits: Limits, say: Say) -> None:
    """Hours have a form, and no call lasts longer than a day."""
    if limits.closed and not HOURS.fullmatch(limits.closed):
        say("limits.closed", "hours-form", limits.closed)
    for name in ("longest_min", "longest_international_min"):
        if getattr(limits, name) > _LONGEST_MIN:
            say(f"limits.{name}", "longest-over", getattr(limits, name), _LONGEST_MIN)
