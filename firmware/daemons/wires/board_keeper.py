"""The board's own lines as lined keeps them: door relays, the power-fail relay, the supply.

The power-fail relay joins line 1 to telephone 1 while it is not energised. A relay that hangs on a
plain line keeps its state when a program dies, so a board may put a pulse detector before it: it is
energised only while its line is toggled, and whatever stops lined releases it.
"""

from __future__ import annotations

from typing import Final, Protocol

from firmware.control.messages import PowerSigns

FEED_MS: Final = 100  # between two edges; a detector of 1 s forgives a restart of a turn
LOOK_MS: Final = 500
HELD_MS: Final = 10_000
"""A button held from the start for so long begins the box anew; nobody leans on it so
long by chance, and it has to be down already as lined starts."""

BELIEVED: Final = 2  # looks that must agree: contacts bounce, and a supply that sags comes back


class Board(Protocol):
    """What is needed of the header lines; ``drivers.gpio.HeaderLines`` is one."""

    def feed_relay(self) -> None:
        """Toggle, or hold, the power-fail relay's line: lined is well."""
        ...

    def relay(self, energised: bool) -> None:
        """Energised: ports belong to the box. Released: line 1 goes straight to telephone 1."""
        ...

    def door(self, relay: int, closed: bool) -> None:
        """Close or open a door relay, counted from 1."""
        ...

    def mains(self) -> bool:
        """Whether the mains feed the box; True where the board cannot tell."""
        ...

    def battery_low(self) -> bool:
        """Whether the battery nears its end; False where the board cannot tell."""
        ...

    def button_pressed(self) -> bool:
        """Whether the button is held; False where the board has none."""
        ...


class BoardKeeper:
    """Turns of lined, as far as the board goes."""

    def __init__(self, board: Board | None) -> None:
        self._board = board
        self._open_at: dict[int, int] = {}
        self._feed_at = 0
        self._look_at = 0
        self._shown = (True, False)
        self._seen = (True, False)
        self._agreed = 0
        self._held_since: int | None = None
        self._may_reset = True
        self.reset_wanted = False

    def signs(self, now_ms: int) -> PowerSigns:
        """What is known of the supply."""
        mains, low = self._shown
        return PowerSigns(at_ms=now_ms, mains=mains, low=low)

    def turn(self, now_ms: int) -> PowerSigns | None:
        """Do what is due; signs of the supply when they have changed."""
        board = self._board
        if board is None:
            return None
        for relay, at in list(self._open_at.items()):
            if now_ms >= at:
                del self._open_at[relay]
                board.door(relay, closed=False)
        if now_ms >= self._feed_at:
            self._feed_at = now_ms + FEED_MS
            board.feed_relay()
        if now_ms < self._look_at:
            return None
        self._look_at = now_ms + LOOK_MS
        self._look_at_button(board, now_ms)
        seen = (board.mains(), board.battery_low())
        self._agreed = self._agreed + 1 if seen == self._seen else 1
        self._seen = seen
        if seen == self._shown or self._agreed < BELIEVED:
            return None
        self._shown = seen
        return self.signs(now_ms)

    def _look_at_button(self, board: Board, now_ms: int) -> None:
        """Held since the start without a break: everything is to begin anew."""
        if not self._may_reset:
            return
        if not board.button_pressed():
            self._may_reset = False
            return
        if self._held_since is None:
            self._held_since = now_ms
        if now_ms - self._held_since >= HELD_MS:
            self._may_reset, self.reset_wanted = False, True

    def close_relay(self, relay: int, hold_ms: int, now_ms: int) -> None:
        """Close it now and open it when its time is over; asked again it stays closed longer.

        Raises:
            ValueError: the board has no such relay.
        """
        if self._board is None:
            raise ValueError(f"relay {relay}: this board has no relays")
        self._board.door(relay, closed=True)
        self._open_at[relay] = now_ms + hold_ms

    def make_safe(self) -> None:
        """Doors shut, line 1 to telephone 1: lined ends."""
        if self._board is None:
            return
        for relay in self._open_at:
            self._board.door(relay, closed=False)
        self._open_at.clear()
        self._board.relay(energised=False)
