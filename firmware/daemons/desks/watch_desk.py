"""Alarms ring who looks after the office; once a day what went out is told.

What stands in the counters outlives a restart: an alarm that nobody confirmed rings again after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Final

from firmware.call.fraud import Alarm, Digest
from firmware.call.hours import zone_of
from firmware.call.orders import Summon
from firmware.core.desk_entries import OutsideDigest
from firmware.core.fsm import earliest
from firmware.core.settings import Extension, Settings
from firmware.core.timers import Times
from firmware.daemons.handset.ask import read_out
from firmware.daemons.handset.front import Front
from firmware.dialogs.alarm import AlarmDialog
from ivr.speech import say_duration, say_money, say_number

FLOW: Final = "alarm"
CADENCE: Final = "alarm"
MOST_RINGS: Final = 3
"""As with a wake-up call: then it stands on the page and in the status."""

_SENTENCES: Final = {
    "first_abroad": "alarm-abroad",
    "night_call": "alarm-night",
    "routes_changed": "alarm-rules-changed",
    "second_dialling": "call-not-allowed",
    "pin_failed": "alarm-pin",
}
"""Any other alarm is a limit that was reached."""

_CURRENCIES: Final = {"CN": "CNY", "HK": "HKD", "US": "USD"}
"""That can be read out; where another is paid in, the cost stands in the status only."""

_ELSEWHERE: Final = ("wake_up_unheard", "wake_up_missed", "reminder_missed")
"""Alarms that are no business of whoever pays for calls."""


class WatchDesk:
    """What the telephone named in ``watch.support`` is told."""

    def __init__(self, office: Front) -> None:
        self._office = office
        self.has: Callable[[str], bool] = lambda _name: True  # whether a prompt is there
        self._call = ""  # that rings it, or talks with it
        self._tries = 0
        self._due_ms: int | None = None
        self._saying: tuple[Alarm, ...] = ()
        self._digest: Digest | None = None  # still to be told
        self._rung_for = 0  # so many alarms were untold when it was rung for them
        self._since: datetime | None = None  # digests up to here are dealt with

    # --- time -------------------------------------------------------------------------------------

    def settle(self, settings: Settings, times: Times, now_ms: int) -> None:
        """Whether there is something to tell, and what became of the last call."""
        self._since = self._since or self._clock(now_ms, settings)
        if self._call:
            if self._call in self._office.calls_by_id:
                return
            self._call = ""
            if self._wanted():
                self._again(now_ms + times["wake_again"])
        untold = len(self._untold())
        if not self._wanted() or _support(settings) is None:
            self._due_ms, self._tries = None, 0
        elif self._due_ms is None or untold > self._rung_for:
            self._due_ms, self._tries = now_ms, 0  # what is new does not wait for a second try
        self._rung_for = untold

    def next_deadline(self, settings: Settings) -> int | None:
        """When :meth:`advance` wants to be called."""
        support = _support(settings)
        idle = support is not None and support.port in self._office.idle_phones()
        return earliest(
            self._due_ms if idle and not self._call else None, self._report_ms(settings)
        )

    def advance(self, settings: Settings, now_ms: int, out: list[Any]) -> None:
        """Ring, or write the figures of the day."""
        moment = self._moment(settings)
        clock = self._clock(now_ms, settings)
        if moment is not None and clock is not None and moment <= clock:
            self._report(settings, now_ms, out)
        self._since = clock or self._since
        support = _support(settings)
        due = self._due_ms is not None and self._due_ms <= now_ms and not self._call
        if due and support is not None and support.port in self._office.idle_phones():
            call = self._office.open_call(now_ms)
            self._call, self._due_ms = call.call, None
            order = Summon(
                port=support.port, at_ms=now_ms, purpose=FLOW, flow=FLOW, cadence=CADENCE
            )
            self._office.carry_out(call.handle(order, now_ms), now_ms, out)

    # --- the conversation -------------------------------------------------------------------------

    def dialog(self, flow: str, settings: Settings) -> AlarmDialog | None:
        """What is said when the telephone is lifted; None for any other flow."""
        support = _support(settings)
        if flow != FLOW or support is None:
            return None
        language = support.language or settings.language
        self._saying = self._untold()
        said = [*read_out(_spoken(self._saying, settings, language))]
        if self._digest is not None:
            said += figures(self._digest, settings, language, self.has)
        return AlarmDialog(support.number, language, tuple(said), confirm=bool(self._saying))

    def known(self) -> None:
        """It was heard."""
        self._office.outside.fraud.were_told(self._saying)
        self._saying, self._digest, self._tries = (), None, 0

    # --- within -----------------------------------------------------------------------------------

    def _untold(self) -> tuple[Alarm, ...]:
        untold = self._office.outside.fraud.untold()
        return tuple(alarm for alarm in untold if alarm.what not in _ELSEWHERE)

    def _wanted(self) -> bool:
        return self._digest is not None or bool(self._untold())

    def _again(self, due_ms: int) -> None:
        self._tries += 1
        self._due_ms = due_ms
        if self._tries >= MOST_RINGS:
            self._saying = self._untold()
            self.known()

    def _report(self, settings: Settings, now_ms: int, out: list[Any]) -> None:
        fraud = self._office.outside.fraud
        digest = fraud.digest()
        fraud.keep_digest(digest)
        entry = OutsideDigest(
            at_ms=now_ms,
            calls=digest.calls,
            minutes=digest.minutes,
            cost=digest.money,
            refused=digest.refused,
            night=digest.night,
        )
        self._office.carry_out([entry], now_ms, out)
        if _support(settings) is not None and (digest.calls or digest.refused):
            self._digest, self._due_ms = digest, None

    def _clock(self, now_ms: int, settings: Settings) -> datetime | None:
        wall = self._office.wall(now_ms)
        return None if wall is None else wall.astimezone(zone_of(settings)).replace(tzinfo=None)

    def _moment(self, settings: Settings) -> datetime | None:
        """The next report on the office's clock."""
        if self._since is None or not settings.watch.digest_at:
            return None
        at = time.fromisoformat(settings.watch.digest_at)
        moment = datetime.combine(self._since.date(), at)
        return moment if moment > self._since else moment + timedelta(days=1)

    def _report_ms(self, settings: Settings) -> int | None:
        moment, start = self._moment(settings), self._clock(0, settings)
        if moment is None or start is None:
            return None
        # Rounded up: a clock between two milliseconds would not be there yet.
        return max(0, -((start - moment) // timedelta(milliseconds=1)))


def _support(settings: Settings) -> Extension | None:
    number = settings.watch.support
    return next((e for e in settings.extensions if number and e.number == number), None)


def _spoken(alarms: tuple[Alarm, ...], settings: Settings, language: str) -> list[str]:
    """That outside calls are unusual, then what happened, and at which telephone; each once."""
    said: list[str] = ["alarm-outside-calls"] if alarms else []
    numbers = {extension.number for extension in settings.extensions}
    for what, also in dict.fromkeys((alarm.what, alarm.also) for alarm in alarms):
        key = _SENTENCES.get(what, "limit-reached")
        where = ["phone-extension-before", f"digits:{also}"] if also in numbers else []
        said += [key, *where]
    return [f"{language}/{key}" for key in said]


def figures(
    digest: Digest, settings: Settings, language: str, has: Callable[[str], bool]
) -> list[str]:
    """The day's calls, minutes and cost; tries that were refused and calls at night if any."""
    keys = [
        "day-made-before",
        *say_number(digest.calls, language),
        "day-talk-before",
        *say_duration(60 * digest.minutes, language),
    ]
    if currency := _CURRENCIES.get(settings.country):
        keys += ["day-cost-before", *say_money(digest.money, language, currency)]
    for key, count in (("day-refused-before", digest.refused), ("day-night-before", digest.night)):
        if count and has(f"{language}/{key}"):
            keys += [key, *say_number(count, language)]
    return [f"{language}/{key}" for key in keys]
