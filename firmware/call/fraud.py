"""What went out and what it is taken to cost, against the office's limits. Pure state.

Windows do not follow the wall clock but an age of their own: within a boot it grows with the
monotonic clock, from one boot to the next with the wall clock if that went forward. So nobody gets
a fresh day by setting a clock or pulling a plug.

A minute is charged as it begins, and a call that could not pay its next one is ended before it:
what the estimate says stays at or below the limit in every window. Hours are counted whole, so a
day is 24 to 25 hours long and never shorter than 24.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from firmware.call.permission import Refusal
from firmware.core.numbering import NumberKind
from firmware.core.outside_settings import Limits

MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_BURST_MS: Final = 600_000  # "calls per 10 minutes"
DAY_H: Final = 24
MONTH_H: Final = 720
PIN_TRIES: Final = 3
PIN_BLOCK_MS: Final = 900_000  # doubled with every further failure
PIN_BLOCK_MOST_MS: Final = 86_400_000
OFFICE: Final = ""


class Spent(msgspec.Struct, kw_only=True):
    """Of one telephone, one line or the office, within one hour."""

    minutes: int = 0
    money: int = 0
    calls: int = 0
    refused: int = 0
    night: int = 0  # calls at hours that are watched


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What went out within a day. ``money`` in hundredths, ``refused`` tries, ``night`` calls."""

    calls: int = 0
    minutes: int = 0
    money: int = 0
    refused: int = 0
    night: int = 0


class Running(msgspec.Struct, kw_only=True):
    """A line that is out. Ages in milliseconds; ``minutes`` are those begun and charged.

    ``call`` is the call it talks in now: a transfer takes it into another one.
    """

    call: str = ""
    extension: str
    line: str
    kind: NumberKind
    price: int
    since_age_ms: int
    minutes: int = 0


class PinState(msgspec.Struct, kw_only=True):
    """Failures in a row, and until which age no PIN is heard."""

    failed: int = 0
    until_age_ms: int = 0


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something people must know. ``also`` is the telephone or line concerned.

    ``told`` says that somebody has heard it at a telephone.
    """

    what: str
    also: str = ""
    age_ms: int
    told: bool = False


class Counters(msgspec.Struct, kw_only=True):
    """Everything that is counted, as one document that can be kept and read back."""

    age_ms: int = 0
    boot: str = ""
    wall_ms: int = 0
    mono_ms: int = 0
    begun: list[tuple[int, str]] = []  # age and extension of the last ten minutes' calls
    hours: dict[int, dict[str, Spent]] = {}  # hour of age, then whose
    running: dict[str, Running] = {}  # by line
    pins: dict[str, PinState] = {}
    alarms: list[Alarm] = []
    digest: Digest = Digest()  # as it was told last
    went_abroad: bool = False
    all_busy: int = 0  # how often every line of the office was taken, and for how long in all
    all_busy_ms: int = 0


class Fraud:
    """Counts calls to the outside and knows the limits.

    Args:
        counters: What an earlier call control kept.
    """

    __slots__ = ("_at_ms", "changed", "counters", "limits")

    def __init__(self, limits: Limits, counters: Counters | None = None) -> None:
        self.limits = limits
        self.counters = counters or Counters()
        # An earlier version kept them by call.
        kept = self.counters.running.items()
        self.counters.running = {
            r.line: msgspec.structs.replace(r, call=r.call or key) for key, r in kept
        }
        self._at_ms: int | None = None  # monotonic time at which ``age_ms`` was right
        self.changed = False

    # --- time -------------------------------------------------------------------------------------

    def begin(self, now_ms: int, wall_ms: int, boot: str) -> None:
        """A call control starts: the time since the counters were kept has passed."""
        kept = self.counters
        if kept.boot == boot:
            kept.age_ms += max(now_ms - kept.mono_ms, 0)
        elif kept.boot:
            kept.age_ms += max(wall_ms - kept.wall_ms, 0)
        kept.boot, kept.wall_ms, kept.mono_ms = boot, wall_ms, now_ms
        self._at_ms = now_ms

    def tick(self, now_ms: int, wall_ms: int | None = None) -> None:
        """Monotonic time has passed; ``wall_ms`` is noted for the next boot."""
        if self._at_ms is not None:
            self.counters.age_ms += max(now_ms - self._at_ms, 0)
        self._at_ms = self.counters.mono_ms = now_ms
        if wall_ms is not None:
            self.counters.wall_ms = wall_ms

    # --- asking -----------------------------------------------------------------------------------

    def refusal(
        self, extension: str, kind: NumberKind, price: int, *, closed: bool = False
    ) -> Refusal | None:
        """Why no further call may go out now; emergency calls are never asked for."""
        limits = self.limits
        if limits.stop:
            return _reached("stop", "calls to the outside are switched off")
        if closed:
            return _reached("closed", "calls to the outside are closed at this hour")
        counters = self.counters
        own = sum(r.extension == extension for r in counters.running.values())
        recent = [who for age, who in counters.begun if age > counters.age_ms - _BURST_MS]
        checks = (
            ("at_once_extension", own + 1, extension),
            ("at_once", len(counters.running) + 1, OFFICE),
            ("calls_extension", recent.count(extension) + 1, extension),
            ("calls", len(recent) + 1, OFFICE),
            ("minutes_extension", self.minutes(extension) + 1, extension),
            ("minutes", self.minutes(OFFICE) + 1, OFFICE),
            ("money_day", self.money(DAY_H) + price, OFFICE),
            ("money_month", self.money(MONTH_H) + price, OFFICE),
        )
        for name, wanted, whose in checks:
            most: int = getattr(limits, name)
            if most and wanted > most:
                return _reached(name, f"{wanted} of {most}, a {kind.value} call", whose)
        return None

    def line_refused(self, line: str) -> bool:
        """Whether the line has had its minutes of the day."""
        most = self.limits.minutes_line
        return bool(most) and self.minutes(line) + 1 > most

    def price_of(self, kind: NumberKind) -> int:
        """Estimated cost of a minute begun."""
        found: int = getattr(self.limits.prices, kind.value)
        return found

    def minutes(self, whose: str) -> int:
        """Minutes begun in the last day, of a telephone, a line or the office."""
        return sum(s.minutes for s in self._last(DAY_H, whose))

    def money(self, hours: int) -> int:
        """What calls of so many hours are taken to cost."""
        return sum(s.money for s in self._last(hours, OFFICE))

    def _last(self, hours: int, whose: str) -> Iterable[Spent]:
        oldest = self.counters.age_ms // _HOUR_MS - hours
        return (
            by[whose] for hour, by in self.counters.hours.items() if hour >= oldest and whose in by
        )

    # --- counting ---------------------------------------------------------------------------------

    def began(
        self,
        call: str,
        extension: str,
        line: str,
        kind: NumberKind,
        price: int,
        *,
        night: bool = False,
    ) -> None:
        """A line was seized for a call; ``night`` says that it is an hour that is watched."""
        counters = self.counters
        counters.begun = [one for one in counters.begun if one[0] > counters.age_ms - _BURST_MS]
        counters.begun.append((counters.age_ms, extension))
        running = Running(
            call=call,
            extension=extension,
            line=line,
            kind=kind,
            price=price,
            since_age_ms=counters.age_ms,
        )
        counters.running[line] = running
        self._charge(running)
        spent = self._now_spent()
        spent.calls += 1
        spent.night += night
        if kind is NumberKind.INTERNATIONAL and not counters.went_abroad:
            counters.went_abroad = True
            self.alarm("first_abroad", extension)

    def moved(self, line: str, call: str) -> None:
        """A line talks in another call from now on; whoever sent it out goes on paying."""
        running = self.counters.running.get(line)
        if running is not None:
            running.call = call
            self.changed = True

    def ended(self, line: str) -> None:
        """It was given back."""
        if self.counters.running.pop(line, None) is not None:
            self.changed = True

    def keep_only(self, calls: Iterable[str]) -> None:
        """After a restart: whatever is not up any more has ended."""
        up = set(calls)
        for line in [line for line, r in self.counters.running.items() if r.call not in up]:
            self.ended(line)

    def due(self) -> list[tuple[str, Refusal]]:
        """Charge minutes that begin now; calls that may not go on, and why."""
        over: list[tuple[str, Refusal]] = []
        gone: list[str] = []
        for line, running in self.counters.running.items():
            while self.counters.age_ms >= running.since_age_ms + running.minutes * MINUTE_MS:
                why = self._over(running)
                if why is not None:
                    over.append((running.call, why))
                    gone.append(line)
                    break
                self._charge(running)
        for line in gone:
            self.ended(line)
        return over

    def next_ms(self) -> int | None:
        """When the next minute of any call begins, monotonic."""
        if self._at_ms is None or not self.counters.running:
            return None
        next_age = min(
            r.since_age_ms + r.minutes * MINUTE_MS for r in self.counters.running.values()
        )
        return self._at_ms + max(next_age - self.counters.age_ms, 0)

    def _over(self, running: Running) -> Refusal | None:
        limits = self.limits
        abroad = running.kind in {NumberKind.INTERNATIONAL, NumberKind.PREMIUM}
        longest = limits.longest_international_min if abroad else limits.longest_min
        if longest and running.minutes >= longest:
            name = "longest_international_min" if abroad else "longest_min"
            return _reached(name, f"{longest} min", running.extension)
        for name, hours in (("money_day", DAY_H), ("money_month", MONTH_H)):
            most: int = getattr(limits, name)
            if most and self.money(hours) + running.price > most:
                return _reached(name, f"{self.money(hours)} of {most}")
        return None

    def refused(self) -> None:
        """A try to call out was refused."""
        self._now_spent().refused += 1
        self.changed = True

    def digest(self) -> Digest:
        """What went out in the last day."""
        spent = list(self._last(DAY_H, OFFICE))
        return Digest(
            calls=sum(s.calls for s in spent),
            minutes=sum(s.minutes for s in spent),
            money=sum(s.money for s in spent),
            refused=sum(s.refused for s in spent),
            night=sum(s.night for s in spent),
        )

    def _here(self) -> dict[str, Spent]:
        hour = self.counters.age_ms // _HOUR_MS
        for old in [h for h in self.counters.hours if h < hour - MONTH_H]:
            del self.counters.hours[old]
        return self.counters.hours.setdefault(hour, {})

    def _now_spent(self) -> Spent:
        return self._here().setdefault(OFFICE, Spent())

    def _charge(self, running: Running) -> None:
        running.minutes += 1
        here = self._here()
        for whose in {running.extension, running.line, OFFICE}:
            spent = here.setdefault(whose, Spent())
            spent.minutes += 1
            spent.money += running.price
        self.changed = True

    # --- PINs -------------------------------------------------------------------------------------

    def pin_blocked(self, extension: str) -> bool:
        """Whether PINs of the telephone are not even looked at for now."""
        state = self.counters.pins.get(extension)
        return state is not None and self.counters.age_ms < state.until_age_ms

    def pin_tried(self, extension: str, *, good: bool) -> bool:
        """A PIN was entered; whether it counts. Three wrong ones block and raise an alarm."""
        if self.pin_blocked(extension):
            return False
        self.changed = True
        if good:
            self.counters.pins.pop(extension, None)
            return True
        state = self.counters.pins.setdefault(extension, PinState())
        state.failed += 1
        if state.failed >= PIN_TRIES:
            block = PIN_BLOCK_MS << min(state.failed - PIN_TRIES, 10)
            state.until_age_ms = self.counters.age_ms + min(block, PIN_BLOCK_MOST_MS)
            self.alarm("pin_failed", extension)
        return False

    # --- alarms -----------------------------------------------------------------------------------

    def alarm(self, what: str, also: str = "") -> None:
        """Raise an alarm; it stands for a day, and the same one is not raised twice in it."""
        if not any((a.what, a.also) == (what, also) for a in self.standing()):
            self.counters.alarms.append(Alarm(what=what, also=also, age_ms=self.counters.age_ms))
            self.changed = True

    def untold(self) -> tuple[Alarm, ...]:
        """Alarms of the last day that nobody has heard at a telephone."""
        return tuple(alarm for alarm in self.standing() if not alarm.told)

    def were_told(self, alarms: Collection[Alarm]) -> None:
        """Somebody has heard these."""
        self.counters.alarms = [
            msgspec.structs.replace(alarm, told=True) if alarm in alarms else alarm
            for alarm in self.counters.alarms
        ]
        self.changed = True

    def keep_digest(self, digest: Digest) -> None:
        """What was told of the day."""
        self.counters.digest = digest
        self.changed = True

    def standing(self) -> tuple[Alarm, ...]:
        """Alarms of the last day."""
        since = self.counters.age_ms - DAY_H * _HOUR_MS
        kept = self.counters.alarms
        if any(alarm.age_ms <= since for alarm in kept):
            self.counters.alarms = kept = [alarm for alarm in kept if alarm.age_ms > since]
        return tuple(kept)

    def take_change(self) -> bool:
        """Whether there is something to keep since the last time this was asked."""
        changed, self.changed = self.changed, False
        return changed


def _reached(name: str, detail: str, whose: str = OFFICE) -> Refusal:
    who = f" of {whose}" if whose else ""
    return Refusal(reason=f"limit {name}{who}: {detail}", limit=name, also=whose)
