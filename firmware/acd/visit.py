"""One visit of one queue: a caller, a callback that keeps its place, or a task that is due."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.core.acd_settings import CallerClass

Kind = Literal["caller", "callback", "task"]
VisitState = Literal["waiting", "offered", "talking"]
Rank = tuple[int, int, int, str]
"""Place in a line: group (VIP 0, caller 1, task 2), time of entry less the bonus, number, id."""

BONUS_MS: Final[dict[str, int]] = {"vip": 0, "high": 240_000, "medium": 120_000, "low": 0}
"""What a class is worth in waiting time: a caller of high priority goes before one of medium who
has waited up to 2 min longer. So everybody ages alike and nobody is passed for ever. Chosen: the
seeds name three priorities and no figures. A VIP needs none, he has a group of his own."""


class LegTime(msgspec.Struct, kw_only=True):
    """One agent's part of a conversation. ``hold_ms`` lies within it; talk is the rest."""

    agent: str
    from_ms: int
    to_ms: int = -1
    hold_ms: int = 0


class Visit(msgspec.Struct, kw_only=True):
    """What is known of it; everything else is derived, so that it can be kept and read back.

    Attributes:
        entered_ms: Entry into this queue (t2); waits are counted from it.
        since_ms: The first wait of this caller, for his place after an overflow or a transfer.
        order_ms: ``since_ms`` less the class's bonus, or an old place after calling again.
        floor: The lowest level that may be asked now.
        wants: The agent he waits for before others are asked.
        missed: Agents who let this one ring.
        been: Queues he came through.
    """

    id: str
    queue: str
    kind: Kind = "caller"
    caller_class: CallerClass = "medium"
    number: str = ""  # as presented; empty when withheld
    name: str = ""
    language: str = ""
    skills: tuple[str, ...] = ()
    entered_ms: int
    since_ms: int
    order_ms: int
    seq: int
    floor: int = 0
    wants: str = ""
    state: VisitState = "waiting"
    agent: str = ""
    missed: list[str] = []
    been: tuple[str, ...] = ()
    first_position: int = 0
    position_said: int = 0
    band_said: int = -1
    callback_said: bool = False
    last_said_ms: int = 0
    place_then: int = 0  # his place when he was last told, for the trend
    comforts: int = 0
    legs: list[LegTime] = []
    hops: tuple[str, ...] = ()  # what earlier people noted for the next
    task: str = ""

    @property
    def vip(self) -> bool:
        """Whether a wait is promised to him."""
        return self.caller_class == "vip" and self.kind != "task"

    @property
    def rank(self) -> Rank:
        """His place; the lowest is next."""
        group = 2 if self.kind == "task" else 0 if self.vip else 1
        return (group, self.order_ms, self.seq, self.id)
