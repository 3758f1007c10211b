"""Somebody whom the box may call."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.world.copper import Samples


@dataclass(slots=True)
class FarEnd:
    """Who is at the other end of a dialled number and what he does."""

    number: str = ""  # empty: any number
    answer_after_ms: float | None = 4000.0  # from the first ringback; None: never
    reversal: bool = False  # the exchange tells the answer by reversing the battery
    busy: bool = False
    greeting: Samples | None = field(default=None, repr=False)
