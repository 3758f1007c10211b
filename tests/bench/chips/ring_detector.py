"""The ring detector of an Si3050: one-shot, or validated by frequency.

Without validation (RNGV=0) RDT rises with the first crossing of the threshold and falls five
seconds after the last. With it RDT is the envelope of a ring whose crossings come in time.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.chips.loop_detector import NEVER

ONE_SHOT_MS = 5000.0


@dataclass(frozen=True, slots=True)
class Validation:
    """Registers 22 to 24, decoded."""

    enabled: bool
    slowest_hz: float
    fastest_hz: float
    confirm_ms: float
    timeout_ms: float
    delay_ms: float

    @classmethod
    def of(cls, first: int, second: int, third: int, confirm: tuple[int, ...]) -> Validation:
        """From the bytes of registers 22, 23 and 24 and the table behind RCC.

        RAS = 1/(2 fmin) and RMX = RAS - 1/(2 fmax), both in units of 2 ms.
        """
        longest = third & 0x3F
        window = longest - (first & 0x3F)
        return cls(
            enabled=bool(third & 0x80),
            slowest_hz=250.0 / longest if longest else NEVER,
            fastest_hz=250.0 / window if window > 0 else NEVER,
            confirm_ms=confirm[second & 7],
            timeout_ms=128.0 * (second >> 3 & 0xF),
            delay_ms=256.0 * (first >> 6 | (second >> 7) << 2),
        )

    def fits(self, hertz: float) -> bool:
        """Whether a ring of this frequency is believed."""
        return self.slowest_hz <= hertz <= self.fastest_hz


class RingDetector:
    """RDT over time. Times are float milliseconds."""

    def __init__(self) -> None:
        self.ringing = False  # RDT
        self.validation = Validation(False, 10.0, 83.0, 512.0, 640.0, 512.0)
        self.wakes_at = NEVER
        self._rises_at = NEVER
        self._falls_at = NEVER
        self._believed_at = NEVER

    def ring(self, now_ms: float, hertz: float) -> None:
        """Ring voltage beyond the threshold began."""
        rule = self.validation
        if not rule.enabled:
            self._rises_at = now_ms if not self.ringing else NEVER
            self._falls_at = NEVER
        elif rule.fits(hertz):
            self._falls_at = NEVER
            if not self.ringing and self._rises_at == NEVER:
                self._believed_at = now_ms + rule.confirm_ms
                self._rises_at = self._believed_at + rule.delay_ms
        self._plan()

    def quiet(self, now_ms: float) -> None:
        """Ring voltage ended."""
        rule = self.validation
        if not rule.enabled:
            if self.ringing or self._rises_at != NEVER:
                self._falls_at = now_ms + ONE_SHOT_MS
        elif not self.ringing and now_ms < self._believed_at:
            self._rises_at = self._believed_at = NEVER
        elif self.ringing or self._rises_at != NEVER:
            ready = now_ms if self._rises_at == NEVER else self._rises_at
            self._falls_at = max(now_ms + rule.timeout_ms, ready)
        self._plan()

    def crossing(self, now_ms: float) -> None:
        """A single step, as a polarity reversal makes: only the one-shot believes it."""
        if not self.validation.enabled:
            self._rises_at = now_ms if not self.ringing else NEVER
            self._falls_at = now_ms + ONE_SHOT_MS
            self._plan()

    def clear(self) -> None:
        """Off-hook, or no line side."""
        self.ringing = False
        self._rises_at = self._falls_at = self._believed_at = NEVER
        self._plan()

    def settle(self, now_ms: float) -> list[bool]:
        """Changes of RDT until ``now_ms``, in order: True for up."""
        changes = []
        while self.wakes_at <= now_ms:
            if self._rises_at <= self._falls_at:
                self.ringing, self._rises_at = True, NEVER
            else:
                self.ringing, self._falls_at = False, NEVER
            changes.append(self.ringing)
            self._plan()
        return changes

    def _plan(self) -> None:
        self.wakes_at = min(self._rises_at, self._falls_at)
