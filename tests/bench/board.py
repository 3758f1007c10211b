"""The board beside the chips: door openers, the power-fail relay, mains and battery. Bench's own.

The power-fail relay is energised only while its line is fed; it drops out 1 s after the last feed.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.world.copper import FeedState, PairState, Samples, TerminalState

DROP_OUT_MS = 1_000


class BenchBoard:
    """``now_ms`` is the town's clock."""

    def __init__(self, now_ms: Callable[[], int], *, has_relay: bool = False) -> None:
        self._now_ms = now_ms
        self.has_relay = has_relay
        self._fed_ms: int | None = None
        self.on_mains = True
        self.low = False
        self.pressed = False
        self.doors: dict[int, bool] = {}
        self.openings: list[tuple[int, int, int]] = []  # relay, from, to
        self._closed_at: dict[int, int] = {}

    @property
    def energised(self) -> bool:
        """The ports belong to the box."""
        fed = self._fed_ms
        return not self.has_relay or (fed is not None and self._now_ms() - fed < DROP_OUT_MS)

    def supply(self, *, mains: bool, low: bool) -> None:
        """What the supply's lines say from now on."""
        self.on_mains, self.low = mains, low

    def button_pressed(self) -> bool:
        """See ``board_keeper.Board``."""
        return self.pressed

    def feed_relay(self) -> None:
        """See ``board_keeper.Board``."""
        self._fed_ms = self._now_ms()

    def relay(self, energised: bool) -> None:
        """See ``board_keeper.Board``."""
        self._fed_ms = self._now_ms() if energised else None

    def door(self, relay: int, closed: bool) -> None:
        """See ``board_keeper.Board``."""
        if closed and not self.doors.get(relay):
            self._closed_at[relay] = self._now_ms()
        if not closed and self.doors.get(relay):
            self.openings.append((relay, self._closed_at[relay], self._now_ms()))
        self.doors[relay] = closed

    def mains(self) -> bool:
        """See ``board_keeper.Board``."""
        return self.on_mains

    def battery_low(self) -> bool:
        """See ``board_keeper.Board``."""
        return self.low


class Nothing:
    """The far end of a jack whose wires the relay has taken away."""

    def feed(self, samples: int) -> FeedState:  # noqa: ARG002  # the copper's contract
        """See ``copper.Feed``."""
        return FeedState(open=True)

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """See ``copper.Feed``."""

    def terminal(self, samples: int) -> TerminalState:  # noqa: ARG002  # the copper's contract
        """See ``copper.Terminal``."""
        return TerminalState(ren=0.0)

    def terminal_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """See ``copper.Terminal``."""
