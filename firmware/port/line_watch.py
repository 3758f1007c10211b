"""What is seen of an exchange line without a conversation: battery, wires, dial tone.

Everything here is for people; nothing of it decides about a call.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    LineFree,
    LineInUse,
    PolarityReversed,
    PortReady,
)
from firmware.core.countries import COUNTRIES
from firmware.core.events import ToneHeard

DIAL_FIT: Final = 0.04  # exchanges keep dial tone within 4 %
TREND_MS: Final = 86_400_000  # a day
DIPS_OF_A_SICK_LINE: Final = 3
UNPLUGGED_MS: Final = 10_000
REVERSED_MS: Final = 60_000  # identities before the ring reverse a line for some seconds


class Finding:
    """One thing about a line: what, and the figures for its sentence."""

    __slots__ = ("more", "value", "what")

    def __init__(self, what: str, *, value: str = "", more: str = "") -> None:
        self.what = what
        self.value = value
        self.more = more


class LineWatch:
    """What one line looked like lately."""

    __slots__ = ("_battery_lost_at", "_dial_hz", "_dips", "_in_use_at", "_reversed_at")

    def __init__(self) -> None:
        self._dips: deque[tuple[int, int]] = deque(maxlen=64)  # when, how long
        self._battery_lost_at: int | None = None
        self._in_use_at: int | None = None
        self._reversed_at: int | None = None
        self._dial_hz: tuple[float, ...] = ()

    def dip(self, at_ms: int, length_ms: int) -> None:
        """The line was without battery for a moment that ended no call."""
        self._dips.append((at_ms, length_ms))

    def see(self, event: Any) -> None:
        """Anything the jack reports; most of it is not the doctor's."""
        at_ms = getattr(event, "at_ms", 0)
        match event:
            case BatteryLost():
                self._battery_lost_at = at_ms
            case BatteryReturned():
                lost_at, self._battery_lost_at = self._battery_lost_at, None
                self._reversed_at = None
                if lost_at is not None and at_ms - lost_at < UNPLUGGED_MS:
                    self.dip(at_ms, at_ms - lost_at)
            case LineInUse():
                self._in_use_at = at_ms
            case LineFree():
                self._in_use_at = None
            case PolarityReversed():
                self._reversed_at = at_ms if event.reversed else None
            case PortReady():
                self._battery_lost_at = self._in_use_at = self._reversed_at = None

    def dial_tone(self, event: ToneHeard) -> None:
        """What sounds on the line just seized."""
        if event.tone == "dial":
            self._dial_hz = ()
        elif event.tone == "unknown" and not event.cadence_ms:
            self._dial_hz = event.frequency_hz

    def dial_found(self, frequency_hz: tuple[float, ...], country: str) -> None:
        """The dial tone that a measurement found; the country's own is no finding."""
        codes = guess(frequency_hz) if frequency_hz else ()
        self._dial_hz = () if not frequency_hz or country in codes else frequency_hz

    def findings(self, now_ms: int) -> tuple[Finding, ...]:
        """What a person should know, the worst first; nothing when all is well."""
        found: list[Finding] = []
        lost = self._battery_lost_at
        if lost is not None and now_ms - lost >= UNPLUGGED_MS:
            found.append(Finding("unplugged"))
        dips = [length for at, length in self._dips if now_ms - at <= TREND_MS]
        if len(dips) >= DIPS_OF_A_SICK_LINE:
            middle = sorted(dips)[len(dips) // 2]
            found.append(Finding("dips", value=f"{middle / 1000:.1f}", more=str(len(dips))))
        if self._in_use_at is not None:
            found.append(Finding("in_use"))
        if self._reversed_at is not None and now_ms - self._reversed_at >= REVERSED_MS:
            found.append(Finding("reversed"))
        if self._dial_hz:
            hertz = "+".join(f"{hz:.0f}" for hz in self._dial_hz)
            guesses = guess(self._dial_hz)
            kind = "dial_tone" if guesses else "strange_dial_tone"
            found.append(Finding(kind, value=hertz, more=", ".join(guesses)))
        return tuple(found)


def guess(frequency_hz: tuple[float, ...]) -> tuple[str, ...]:
    """Countries whose dial tone has these frequencies, nearest first.

    Tones that beat are measured as their middle, and so are the country's compared.
    """
    near: list[tuple[float, str]] = []
    for code, country in COUNTRIES.items():
        wanted = sorted(country.tones["dial"].frequencies_hz)
        if len(wanted) > 1 and wanted[-1] - wanted[0] <= 60:
            wanted = [sum(wanted) / len(wanted)]
        if len(wanted) != len(frequency_hz):
            continue
        off = max(abs(m / w - 1) for m, w in zip(sorted(frequency_hz), wanted, strict=True))
        if off <= DIAL_FIT:
            near.append((off, code))
    return tuple(code for _, code in sorted(near))
