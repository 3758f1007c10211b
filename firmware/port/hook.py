"""What an opening and closing loop means: lifted, on-hook, a recall, a pulse digit, or bounce.

Pure arithmetic on times. The windows come from the country's :class:`HookTiming`: a break within
the pulse window is a pulse, within the flash window a recall, from the hang-up time on the handset
lies on its hook. What falls between the windows is no signal and counts as noise.

Two guards come with a mechanical hook: for ``LIFT_SETTLE_MS`` after the lift breaks are bounce, and
a make shorter than the shortest pulse make does not end a break (the hook bounces when it drops).
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.country import HookTiming
from firmware.core.fsm import earliest

LIFT_SETTLE_MS: Final = 100
"""Chosen: hook contacts bounce up to 50 ms after the lift; nobody dials in the first tenth."""


class HookSign(msgspec.Struct, frozen=True, kw_only=True):
    """What the hook said, with the time it began."""

    at_ms: int


class OffHookSign(HookSign, frozen=True, kw_only=True):
    """The handset was lifted."""


class OnHookSign(HookSign, frozen=True, kw_only=True):
    """The handset lies on its hook; ``at_ms`` is when the loop opened."""


class FlashSign(HookSign, frozen=True, kw_only=True):
    """A recall of ``break_ms``."""

    break_ms: int


class PulseDigitSign(HookSign, frozen=True, kw_only=True):
    """A digit dialled with the hook or a dial: ten pulses are ``0``."""

    digit: str


class Hook:
    """The hook of one telephone. Feed it openings and closings in order of time."""

    __slots__ = (
        "_closed_at",
        "_lifted_at",
        "_open_at",
        "_pulses",
        "_short_make",
        "noise",
        "off_hook",
        "timing",
    )

    def __init__(self, timing: HookTiming, *, off_hook: bool = False, at_ms: int = 0) -> None:
        self.timing = timing
        self.off_hook = off_hook
        self.noise = 0
        self._lifted_at = at_ms
        self._open_at: int | None = None  # start of the break that runs
        self._closed_at = at_ms  # start of the last make
        self._short_make: int | None = None  # a break began here before the last short make
        self._pulses = 0

    def closed(self, at_ms: int) -> list[HookSign]:
        """Loop current flows since ``at_ms``."""
        due = self.advance(at_ms)
        if not self.off_hook:
            self.off_hook = True
            self._lifted_at = self._closed_at = at_ms
            self._open_at = self._short_make = None
            self._pulses = 0
            return [*due, OffHookSign(at_ms=at_ms)]
        if self._open_at is None:
            return due
        began, self._open_at = self._open_at, None
        self._closed_at = at_ms
        self._short_make = None
        gap_ms = at_ms - began
        if began - self._lifted_at < LIFT_SETTLE_MS:
            self.noise += 1
            return due
        shortest, longest = self.timing.pulse_break_ms
        flash_low, flash_high = self.timing.flash_ms
        if shortest <= gap_ms <= longest:
            self._pulses += 1
            self._short_make = began
            return due
        if flash_low <= gap_ms <= flash_high and self._pulses == 0:
            return [*due, FlashSign(at_ms=began, break_ms=gap_ms)]
        self._short_make = began
        self.noise += 1
        return due

    def opened(self, at_ms: int) -> list[HookSign]:
        """Loop current stopped at ``at_ms``."""
        due = self.advance(at_ms)
        if not self.off_hook or self._open_at is not None:
            return due
        if self._short_make is not None and at_ms - self._closed_at < self.timing.pulse_make_ms[0]:
            # The make was bounce within one longer break, which goes on.
            self._open_at = self._short_make
            self._pulses = max(0, self._pulses - 1)
        else:
            self._open_at = at_ms
        self._short_make = None
        return due

    def next_deadline(self) -> int | None:
        """When :meth:`advance` would have something to say."""
        if not self.off_hook:
            return None
        if self._open_at is not None:
            return self._open_at + self.timing.hang_up_ms
        digit_at = self._closed_at + self.timing.inter_digit_ms if self._pulses else None
        return earliest(digit_at)

    def advance(self, now_ms: int) -> list[HookSign]:
        """A break may have become a hang-up, a pause the end of a digit."""
        deadline = self.next_deadline()
        if deadline is None or now_ms < deadline:
            return []
        if self._open_at is not None:
            opened_at, self._open_at = self._open_at, None
            self.off_hook = False
            self._pulses = 0
            self._short_make = None
            return [OnHookSign(at_ms=opened_at)]
        pulses, self._pulses = self._pulses, 0
        if pulses > 10:
            self.noise += pulses
            return []
        return [PulseDigitSign(at_ms=self._closed_at, digit=str(pulses % 10))]

    @property
    def pulsing(self) -> bool:
        """Pulses of a digit are being counted."""
        return self._pulses > 0
