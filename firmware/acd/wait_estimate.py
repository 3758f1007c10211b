"""What a caller is told about his wait: honest ranges, from position, agents and recent service.

The estimate is (callers ahead + 1) x mean service time of the last calls / agents at work. It is
not less than what his own wait so far says: the time each place has taken him, times the places
that are left. He hears a range, not minutes; a range that grew comes with an apology; a position
is only said when it is better than the last one said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

LAST_CALLS: Final = 20
FIRST_SERVICE_MS: Final = 180_000
"""Assumed until a call was served: the seeds' reference for handling time."""

BANDS_MS: Final = (60_000, 180_000, 300_000)
"""Ends of the ranges: under 1 min, 1 to 3, 3 to 5, more than 5."""

BAND_NAMES: Final = ("under_1", "from_1_to_3", "from_3_to_5", "over_5")

CALLBACK_BY_LINES: Final = ((0, 0), (1, 0), (2, 30_000))
"""Free exchange lines to the expected wait from which a callback is offered: callers who wait are
what fills a small office's lines. With more lines free the queue's own limit counts."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What to say: 0 for no position, -1 for no range."""

    position: int = 0
    band: int = -1
    apology: bool = False
    callback: bool = False


def mean_service_ms(served_ms: Sequence[int]) -> float:
    """Mean of the last calls' talk, hold and wrap-up."""
    return sum(served_ms) / len(served_ms) if served_ms else FIRST_SERVICE_MS


def expected_ms(
    ahead: int,
    service_ms: float,
    staffed: int,
    *,
    waited_ms: int = 0,
    gained: int = 0,
) -> int | None:
    """The rest of a wait; None while nobody is at work and every number would be a lie.

    Args:
        ahead: Callers before him.
        service_ms: Mean service time.
        staffed: Agents logged in and not paused.
        waited_ms: Time since his place was last looked at.
        gained: Places he gained in that time.
    """
    if staffed <= 0:
        return None
    computed = (ahead + 1) * service_ms / staffed
    trend = (ahead + 1) * waited_ms / gained if gained > 0 else 0.0
    if gained <= 0 and waited_ms > service_ms / staffed:
        trend = (ahead + 1) * float(waited_ms)  # nobody moved for longer than one should take
    return int(max(computed, trend))


def band_of(wait_ms: int) -> int:
    """Index of the range; a wait equal to a limit lies in the lower one."""
    return next((at for at, end_ms in enumerate(BANDS_MS) if wait_ms <= end_ms), len(BANDS_MS))


def callback_due(
    wait_ms: int | None, free_lines: int | None, usual_ms: int, *, offered: bool
) -> bool:
    """Whether to offer a callback now: once a visit, the earlier the fewer lines are free."""
    if offered:
        return False
    limit_ms = usual_ms
    for lines, at_ms in CALLBACK_BY_LINES:
        if free_lines is not None and free_lines == lines:
            limit_ms = min(usual_ms, at_ms)
    return wait_ms is None or wait_ms >= limit_ms


def tell(
    position: int,
    wait_ms: int | None,
    *,
    said_position: int,
    said_band: int,
    callback: bool,
) -> Told:
    """What may be said now, given what was said before (0 and -1 for nothing)."""
    better = not said_position or position < said_position
    band = -1 if wait_ms is None else band_of(wait_ms)
    grown = band > said_band >= 0
    say_band = band >= 0 and (said_band < 0 or better or grown or band < said_band)
    return Told(
        position=position if better else 0,
        band=band if say_band else -1,
        apology=grown,
        callback=callback,
    )
