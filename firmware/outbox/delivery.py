"""Which item is tried when: a queue per channel, back-off, expiry, and what is given up.

A core: told what waits, what came of each try and the time, it answers with what to do. A channel
that fails is left alone for a while and costs its items no tries; it delays no other channel, and
an item that fails alone lets those behind it pass. What is not delivered in the end is given up
with a reason and never thrown away: whoever keeps the items keeps it as a dead letter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

BACK_OFF_MS: Final = (
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
)
"""Before the second try, the third and so on; the last one repeats. RFC 5321, 4.5.4.1 asks mail for
at least 30 minutes in the long run and some tries in the first hours; the first steps are chosen
for a text that a caller waits for."""

CHANNEL_MS: Final = (5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE)
"""A channel that failed as a whole (no modem, no server) rests so long; the last one repeats.
Chosen: a restarted server is found within a minute, a dead one is asked 12 times an hour."""

MINUTE_WINDOW: Final = MINUTE


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel's items are treated.

    Attributes:
        per_minute: At most so many tries begin in any 60 s.
        at_once: So many may be under way.
        expire_ms: An item as old as that is given up; it was true once and is not any more.
        most_tries: After so many it is given up.
        back_off_ms: Waits between tries.
    """

    per_minute: int = 20
    at_once: int = 1
    expire_ms: int = 72 * HOUR
    most_tries: int = 12
    back_off_ms: tuple[int, ...] = BACK_OFF_MS


class Try(msgspec.Struct, frozen=True):
    """Send this item now; it is its ``number``-th try, from 1."""

    channel: str
    item: int
    number: int


class GiveUp(msgspec.Struct, frozen=True):
    """It will not be tried again; ``why`` is ``expired``, ``tries`` or what the channel said."""

    channel: str
    item: int
    why: str


Do = Try | GiveUp
Fault = Literal["item", "channel", "lasting"]
"""Of whom a failure speaks: of this item for now, of the whole channel, of this item for ever."""


class _Waiting(msgspec.Struct):
    item: int
    tries: int
    expires_ms: int
    next_ms: int
    said: str = ""  # why the last try failed


class _Channel:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.waiting: dict[int, _Waiting] = {}  # in the order they came
        self.under_way: dict[int, _Waiting] = {}
        self.begun: deque[int] = deque()  # tries of the last minute
        self.ready = True
        self.rests_until_ms = 0
        self.faults = 0

    def starts_ms(self, now_ms: int) -> int | None:
        """When the channel itself may begin another try; None while something else must happen."""
        if not self.ready or len(self.under_way) >= self.policy.at_once:
            return None
        while self.begun and self.begun[0] <= now_ms - MINUTE_WINDOW:
            self.begun.popleft()
        full = len(self.begun) >= self.policy.per_minute
        return max(self.rests_until_ms, self.begun[0] + MINUTE_WINDOW if full else 0)


class Delivery:
    """All channels.

    Args:
        policies: How each is treated; a channel not named here gets the usual one.
    """

    def __init__(self, policies: Mapping[str, Policy] | None = None) -> None:
        self._policies = dict(policies or {})
        self._channels: dict[str, _Channel] = {}

    def set_policies(self, policies: Mapping[str, Policy]) -> None:
        """From now on these; what waits stays."""
        self._policies = dict(policies)
        for name, channel in self._channels.items():
            channel.policy = policies.get(name, Policy())

    # --- told -------------------------------------------------------------------------------------

    def offer(
        self,
        channel: str,
        item: int,
        now_ms: int,
        *,
        age_ms: int = 0,
        tries: int = 0,
        begun: bool = False,
    ) -> None:
        """An item is to be delivered; one that is known already stays as it is.

        Args:
            channel: By which way.
            item: Its number.
            now_ms: Monotonic.
            age_ms: Since it was made.
            tries: It was tried so often before, by a process that has ended.
            begun: The last of these tries may not have ended: it is under way.
        """
        queue = self._channel(channel)
        if item in queue.waiting or item in queue.under_way:
            return
        expires_ms = now_ms + queue.policy.expire_ms - age_ms
        place = queue.under_way if begun else queue.waiting
        place[item] = _Waiting(item, tries, expires_ms, now_ms)

    def withdraw(self, item: int) -> bool:
        """Somebody does not want it any more; False once it is under way, or was never here."""
        return any(queue.waiting.pop(item, None) for queue in self._channels.values())

    def ready(self, channel: str, now_ms: int, *, ready: bool) -> None:
        """The channel can be used, or cannot: a modem was plugged in, or lost its network."""
        queue = self._channel(channel)
        if ready and not queue.ready:
            queue.rests_until_ms = min(queue.rests_until_ms, now_ms)
            queue.faults = 0
        queue.ready = ready

    def delivered(self, item: int) -> None:
        """It is where it belongs, as far as the channel confirms."""
        for queue in self._channels.values():
            if queue.under_way.pop(item, None) is not None:
                queue.faults = 0

    def failed(
        self, item: int, why: str, fault: Fault, now_ms: int, *, after_ms: int = 0
    ) -> list[GiveUp]:
        """It was not delivered.

        Args:
            item: Its number.
            why: In the channel's words.
            fault: Whose fault that is.
            now_ms: Monotonic.
            after_ms: The far side asked not to be tried before.
        """
        for name, queue in self._channels.items():
            known = queue.under_way.pop(item, None)
            if known is None:
                continue
            known.said = why
            if fault == "lasting":
                return [GiveUp(name, item, why)]
            if fault == "channel":
                queue.rests_until_ms = now_ms + max(after_ms, _step(CHANNEL_MS, queue.faults))
                queue.faults += 1
                known.tries -= 1  # nobody has refused this item
                known.next_ms = now_ms
                # It keeps its place: what a caller was told first leaves first.
                queue.waiting = {item: known, **queue.waiting}
                return []
            queue.faults = 0
            if known.tries >= queue.policy.most_tries:
                return [GiveUp(name, item, f"tries: {why}")]
            wait_ms = _step(queue.policy.back_off_ms, known.tries - 1)
            known.next_ms = now_ms + max(after_ms, wait_ms)
            queue.waiting[item] = known
            return []
        return []

    # --- asked ------------------------------------------------------------------------------------

    def advance(self, now_ms: int) -> list[Do]:
        """What is to be done now."""
        out: list[Do] = []
        for name, queue in self._channels.items():
            for known in [w for w in queue.waiting.values() if w.expires_ms <= now_ms]:
                del queue.waiting[known.item]
                out.append(GiveUp(name, known.item, _expired(known)))
            while (start := queue.starts_ms(now_ms)) is not None and start <= now_ms:
                known_ = next((w for w in queue.waiting.values() if w.next_ms <= now_ms), None)
                if known_ is None:
                    break
                del queue.waiting[known_.item]
                known_.tries += 1
                queue.under_way[known_.item] = known_
                queue.begun.append(now_ms)
                out.append(Try(name, known_.item, known_.tries))
        return out

    def next_deadline(self, now_ms: int) -> int | None:
        """When :meth:`advance` will have something to do; None while nothing waits for time."""
        dates: list[int] = []
        for queue in self._channels.values():
            if not queue.waiting:
                continue
            dates.append(min(w.expires_ms for w in queue.waiting.values()))
            if (start := queue.starts_ms(now_ms)) is not None:
                dates.append(max(start, min(w.next_ms for w in queue.waiting.values())))
        return min(dates, default=None)

    def in_hand(self) -> frozenset[int]:
        """Items that are here, waiting or under way."""
        return frozenset(
            item for q in self._channels.values() for item in (*q.waiting, *q.under_way)
        )

    def under_way(self, channel: str) -> frozenset[int]:
        """Items of a channel whose try has not ended."""
        return frozenset(self._channel(channel).under_way)

    def tries(self, item: int) -> int:
        """How often an item in hand was tried."""
        for queue in self._channels.values():
            for known in (queue.waiting.get(item), queue.under_way.get(item)):
                if known is not None:
                    return known.tries
        return 0

    def _channel(self, name: str) -> _Channel:
        if name not in self._channels:
            self._channels[name] = _Channel(self._policies.get(name, Policy()))
        return self._channels[name]


def _step(table: tuple[int, ...], done: int) -> int:
    return table[min(max(done, 0), len(table) - 1)]


def _expired(known: _Waiting) -> str:
    return f"expired: {known.said}" if known.said else "expired"
