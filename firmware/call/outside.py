"""Calls to the outside as an office sees them together: who may, by which line, how much.

One object, owned by the office and asked by every call. What it is told (a line was taken, given
back, minutes pass) changes the counters only; what follows for a call comes back as values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec

from firmware.call.fraud import Alarm, Counters, Fraud
from firmware.call.offices import office_way
from firmware.call.permission import Refusal, refusal, slips_out
from firmware.call.routing import Ports
from firmware.call.trunks import Way, way_out, within
from firmware.core.country import Country
from firmware.core.destinations import ToOutside
from firmware.core.numbering import kind_of, listed
from firmware.core.settings import Extension, Settings

# Per alarm the sentence in zh-CN and in en; {also} is a telephone or a line.
_ALARMS: Final[dict[str, tuple[str, str]]] = {
    "stop": ("有人在停止外呼期间拨打外线", "Somebody called out while outside calls are off."),
    "closed": (
        "有人在禁止外呼的时段拨打外线",
        "Somebody called out at an hour closed for outside calls.",
    ),
    "at_once_extension": (
        "分机 {also} 同时外呼过多",
        "Extension {also} made too many calls to the outside at once.",
    ),
    "wake_up_missed": (
        "分机 {also} 的叫醒时间到时设备没有运行，未能叫醒",
        "The wake-up call of extension {also} fell due while the box was off, and did not ring.",
    ),
    "reminder_missed": (
        "分机 {also} 的提醒时间到时设备没有运行，未能提醒",
        "A reminder of extension {also} fell due while the box was off, and did not ring.",
    ),
    "wake_up_unheard": (
        "分机 {also} 的叫醒电话无人接听",
        "Nobody answered the wake-up call of extension {also}.",
    ),
    "at_once": ("同时外呼过多", "Too many calls to the outside at once."),
    "calls_extension": (
        "分机 {also} 十分钟内外呼过多",
        "Extension {also} made too many calls to the outside within ten minutes.",
    ),
    "calls": ("十分钟内外呼过多", "Too many calls to the outside within ten minutes."),
    "minutes_extension": (
        "分机 {also} 当日外呼分钟数已用完",
        "Extension {also} has used its minutes of the day to the outside.",
    ),
    "minutes_line": (
        "线路 {also} 当日外呼分钟数已用完",
        "Line {also} has used its minutes of the day.",
    ),
    "minutes": ("当日外呼分钟数已用完", "The minutes of the day to the outside are used up."),
    "money_day": (
        "当日外呼费用估计已达上限",
        "The estimated cost of a day's calls has reached its limit.",
    ),
    "money_month": (
        "当月外呼费用估计已达上限",
        "The estimated cost of a month's calls has reached its limit.",
    ),
    "longest_min": (
        "分机 {also} 的外呼达到最长时间，已结束",
        "A call of extension {also} reached the longest time and was ended.",
    ),
    "longest_international_min": (
        "分机 {also} 的国际电话达到最长时间，已结束",
        "A call abroad of extension {also} reached the longest time and was ended.",
    ),
    "first_abroad": (
        "分机 {also} 拨打了第一个国际电话",
        "Extension {also} made the first call abroad.",
    ),
    "pin_failed": (
        "分机 {also} 连续输错密码",
        "Wrong PINs were entered several times at extension {also}.",
    ),
    "night_call": (
        "分机 {also} 在夜间拨打外线",
        "Extension {also} called out at night.",
    ),
    "routes_changed": (
        "外呼路由、权限或限额已被修改（{also}）",
        "Routes, rights or limits of calls to the outside were changed ({also}).",
    ),
    "disa_pin": (
        "有人在外线再拨出时连续输错密码",
        "A caller from outside entered wrong PINs several times.",
    ),
    "second_dialling": (
        "分机 {also} 试图在通话中续拨受限号码",
        "Extension {also} tried to go on dialling to a forbidden number within a call.",
    ),
}

_DIGEST: Final = (
    "最近一天外呼 {calls} 次，{minutes} 分钟，费用约 {money}，被拒 {refused} 次，夜间 {night} 次。",
    "Calls out, last day: {calls}, {minutes} min, cost {money}, refused {refused}, night {night}.",
)

WATCHED: Final = ("routes", "trunks", "limits", "outside_prefixes", "disa", "extensions")
"""Parts of the settings whose change is told; of extensions what they may call."""

DISA_PIN: Final = "disa"  # whose PIN it is, in the counters


class Outside:
    """Permission, lines and limits of calls to the outside.

    Args:
        settings: The office's settings; renewed by :meth:`retune`.
        country: How numbers are read.
        counters: What an earlier call control kept.
    """

    __slots__ = ("_country", "_minute", "_settings", "_told", "_used_ms", "fraud")

    def __init__(
        self, settings: Settings, country: Country, counters: Counters | None = None
    ) -> None:
        self._settings = settings
        self._country = country
        self._used_ms: dict[str, int] = {}
        self._minute = 12 * 60  # of the day; noon while nobody has told the time
        self._told = False
        self.fraud = Fraud(settings.limits, counters)

    def retune(self, settings: Settings, country: Country) -> None:
        """New settings; what was counted stays counted."""
        before = self._settings
        changed = tuple(name for name in WATCHED if _of(settings, name) != _of(before, name))
        if changed:
            self.fraud.alarm("routes_changed", ", ".join(changed))
        self._settings = settings
        self._country = country
        self.fraud.limits = settings.limits

    def tell_time(self, local: datetime) -> None:
        """The office's clock, by which hours are read."""
        self._minute = local.hour * 60 + local.minute
        self._told = True

    # --- asked by a call --------------------------------------------------------------------------

    def refusal(
        self, extension: Extension | None, number: str, *, forwarded: bool = False
    ) -> Refusal | None:
        """Why the telephone may not call the number now; not asked for emergency numbers.

        ``forwarded`` says that it sends somebody else's call there, which an owner must have
        allowed: the dearest thefts at small offices went by forwarding.
        """
        found = refusal(extension, number, self._country)
        if found is None and forwarded and extension and not extension.forward_outside:
            found = Refusal(reason=f"extension {extension.number} may not forward to the outside")
        if found is not None:
            return found
        limits = self._settings.limits
        closed = bool(limits.closed) and within(limits.closed, self._minute)
        kind = kind_of(number, self._country)
        own = extension.number if extension else ""
        return self.fraud.refusal(own, kind, self.fraud.price_of(kind), closed=closed)

    def slips_out(self, extension: Extension | None, number: str, keys: str) -> Refusal | None:
        """Whether keys pressed behind the number make another, forbidden one."""
        found = slips_out(extension, number, keys, self._country)
        if found is None:
            return None
        also = extension.number if extension else ""
        return Refusal(reason=found.reason, limit="second_dialling", also=also)

    def way(
        self, ports: Ports, number: str, *, not_again: Collection[str], emergency: bool
    ) -> Way | None:
        """The line to take, and what to dial on it."""
        spent = () if emergency else self._spent_lines()
        return way_out(
            self._settings,
            ports,
            number,
            minute_of_day=self._minute,
            used_ms=self._used_ms,
            not_again=not_again,
            spent=spent,
            emergency=emergency,
        )

    def office(
        self, ports: Ports, destination: ToOutside, *, not_again: Collection[str]
    ) -> Way | None:
        """The trunk's call to take for an extension of another office."""
        return office_way(self._settings, ports, destination, not_again)

    def blocked(self, number: str, kind: str) -> bool:
        """Whether this caller is not to be put through."""
        settings, country = self._settings, self._country
        if listed(number, kind, settings.allowed_callers, country):
            return False
        return listed(number, kind, settings.blocked_callers, country)

    # --- callers who may call out again -----------------------------------------------------------

    def may_call_again(self, number: str, kind: str) -> bool:
        """Whether a caller is asked for the PIN at all."""
        disa = self._settings.disa
        if not disa.extension or not disa.pin:
            return False
        if disa.hours and not within(disa.hours, self._minute):
            return False
        return not disa.callers or listed(number, kind, disa.callers, self._country)

    def disa_pin(self, pin: str) -> bool:
        """Whether a PIN counts; every one is counted, and guessing is told."""
        good = pin == self._settings.disa.pin
        return self.fraud.pin_tried(DISA_PIN, good=good)

    def _spent_lines(self) -> list[str]:
        return [line.port for line in self._settings.lines if self.fraud.line_refused(line.port)]

    # --- told by the office -----------------------------------------------------------------------

    def began(
        self, call: str, extension: str, port: str, number: str, price: int | None, now_ms: int
    ) -> None:
        """A call that is no emergency took a line."""
        self.fraud.tick(now_ms)
        hours = self._settings.watch.night
        night = bool(hours) and self._told and within(hours, self._minute)
        if night:
            self.fraud.alarm("night_call", extension)
        kind = kind_of(number, self._country)
        price = self.fraud.price_of(kind) if price is None else price
        self.fraud.began(call, extension, port, kind, price, night=night)

    def moved(self, port: str, call: str) -> None:
        """A transfer took a party into another call."""
        self.fraud.moved(port, call)

    def gave_back(self, port: str, now_ms: int) -> None:
        """A line is on-hook again."""
        self._used_ms[port] = now_ms
        self.fraud.tick(now_ms)
        self.fraud.ended(port)

    def reached(self, limit: str, also: str) -> None:
        """A call was refused or ended by a limit."""
        self.fraud.alarm(limit, also)

    def due(self, now_ms: int) -> list[tuple[str, Refusal]]:
        """Calls that may not go on, and why."""
        self.fraud.tick(now_ms)
        return self.fraud.due()

    def next_deadline(self) -> int | None:
        """When :meth:`due` wants to be asked."""
        return self.fraud.next_ms()

    def alarms(self, language: str = "") -> tuple[str, ...]:
        """What people must know, the day's figures last; in the office's language unless told."""
        chinese = (language or self._settings.language).startswith("zh")
        said = [_sentence(alarm, chinese=chinese) for alarm in self.fraud.standing()]
        digest = self.fraud.counters.digest
        if digest.calls or digest.refused:
            zh, en = _DIGEST
            money = f"{digest.money / 100:.2f}"
            figures = msgspec.structs.asdict(digest) | {"money": money}
            said.append((zh if chinese else en).format(**figures))
        return tuple(said)

    def keep_only(self, calls: Iterable[str]) -> None:
        """After a restart: these calls are up, no others."""
        self.fraud.keep_only(calls)


def _of(settings: Settings, name: str) -> object:
    if name != "extensions":
        return getattr(settings, name)
    return tuple(
        (e.number, e.calls, e.allow, e.deny, e.forward_outside) for e in settings.extensions
    )


def _sentence(alarm: Alarm, *, chinese: bool) -> str:
    what = "disa_pin" if (alarm.what, alarm.also) == ("pin_failed", DISA_PIN) else alarm.what
    zh, en = _ALARMS.get(what, (what, what))
    return (zh if chinese else en).format(also=alarm.also)
