"""Current, low pass, comparator, debounce: how a chip decides that a loop is closed.

The current is a staircase (it changes when the world changes), so the low pass is solved instead
of stepped: the instant at which the comparator turns is computed, which makes the detector exact
to the microsecond and free while nothing changes.
"""

from __future__ import annotations

import math

NEVER = math.inf


class LoopDetector:
    """One comparator with its filter in front and its debounce behind.

    ``closed`` is the debounced answer, ``raw`` the comparator's. Times are float milliseconds.
    """

    def __init__(self) -> None:
        self.closed = False
        self.raw = False
        self.tau_ms = 0.0
        self.on_ma = 10.0
        self.off_ma = 10.0
        self.debounce_ms = 12.5
        self._level = 0.0  # filter output at _since
        self._target = 0.0
        self._since = 0.0
        self._raw_since = -NEVER
        self._turns_at = NEVER
        self.wakes_at = NEVER
        """When :meth:`settle` must be called next."""

    def level(self, now_ms: float) -> float:
        """Filter output in mA."""
        if self.tau_ms <= 0.0 or self._level == self._target:
            return self._target
        gone = math.exp(-(now_ms - self._since) / self.tau_ms)
        return self._target + (self._level - self._target) * gone

    def tune(
        self,
        now_ms: float,
        *,
        tau_ms: float,
        on_ma: float,
        off_ma: float,
        debounce_ms: float,
    ) -> None:
        """Take new register settings."""
        self.settle(now_ms)
        self._rebase(now_ms)
        self.tau_ms, self.on_ma, self.off_ma = tau_ms, on_ma, min(on_ma, off_ma)
        self.debounce_ms = debounce_ms
        self._plan(now_ms)

    def sense(self, now_ms: float, current_ma: float) -> None:
        """The current is ``current_ma`` from now on."""
        if current_ma == self._target:
            return
        self.settle(now_ms)
        self._rebase(now_ms)
        self._target = current_ma
        self._plan(now_ms)

    def clear(self, now_ms: float) -> None:
        """Start over with an open loop, as when the line feed takes another state."""
        self.closed = self.raw = False
        self._level = self._target = 0.0
        self._since = now_ms
        self._raw_since = -NEVER
        self._turns_at = self.wakes_at = NEVER

    def settle(self, now_ms: float) -> bool:
        """Bring the answer up to ``now_ms``.

        Returns:
            Whether ``closed`` changed.
        """
        before = self.closed
        while self.wakes_at <= now_ms:
            due = self._raw_since + self.debounce_ms if self.raw != self.closed else NEVER
            if due <= self._turns_at:
                self.closed = self.raw
            else:
                self.raw = not self.raw
                self._raw_since = self._turns_at
                self._turns_at = NEVER
            self._wake()
        return self.closed != before

    def _rebase(self, now_ms: float) -> None:
        self._level = self.level(now_ms)
        self._since = now_ms

    def _plan(self, now_ms: float) -> None:
        threshold = self.off_ma if self.raw else self.on_ma
        if (self._target > threshold) == self.raw:
            self._turns_at = NEVER
        elif self.tau_ms <= 0.0 or (self._level > threshold) != self.raw:
            self._turns_at = now_ms
        else:
            ratio = (self._target - self._level) / (self._target - threshold)
            self._turns_at = now_ms + self.tau_ms * math.log(ratio)
        self._wake()
        self.settle(now_ms)

    def _wake(self) -> None:
        due = self._raw_since + self.debounce_ms if self.raw != self.closed else NEVER
        self.wakes_at = min(due, self._turns_at)
