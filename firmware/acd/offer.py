"""Offer, accept, withdraw; and the reason that is kept with every offer.

An offer belongs to one visit and rings one or several agents until it ends: the first to lift has
the caller and the others are withdrawn; nobody lifts in time and it was missed; the caller goes
and all are withdrawn. An agent is in one offer at most, a visit has one offer at most.
"""

from __future__ import annotations

import msgspec


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Why these agents are rung for this caller.

    Attributes:
        rule: Key into ``strategy.REASONS``.
        floor: The level that was asked for.
        considered: Free agents that could have served, first choice first, eight at most, each
            with the value the rule looked at.
        skipped: Why the others were not asked: reason to how many.
        named: The same by person, in a queue of at most ``NAMED`` agents.
        wait_ms: How long the caller had waited.
        ahead: How many wait before him in the queue (passed by skill or wish).
    """

    rule: str
    floor: int
    considered: tuple[tuple[str, int], ...]
    skipped: dict[str, int]
    named: dict[str, str]
    wait_ms: int
    ahead: int


NAMED = 12
"""So many people of a queue are named one by one; a small office sees everybody."""


class Offer(msgspec.Struct, kw_only=True):
    """A ringing offer, as it can be kept."""

    visit: str
    agents: list[str]
    made_ms: int
    until_ms: int
