"""Lines and lost calls: Erlang B, and the calls that nobody saw (A. K. Erlang, 1917)."""

from __future__ import annotations


def blocking(load: float, lines: int) -> float:
    """Erlang B: share of calls that find all lines busy.

    Args:
        load: Offered load in erlangs.
        lines: Number of lines, at least 0.
    """
    share = 1.0
    for line in range(1, lines + 1):
        share = load * share / (line + load * share)
    return share


def offered_for(carried: float, lines: int) -> float:
    """The offered load of which ``lines`` carry ``carried`` erlangs, by halving.

    Raises:
        ValueError: as many erlangs as lines, or more, cannot be carried.
    """
    if carried <= 0:
        return 0.0
    if carried >= lines:
        raise ValueError(f"{carried:.2f} erlangs on {lines} lines: less than {lines} are possible")
    low, high = carried, carried + 1.0
    while high * (1 - blocking(high, lines)) < carried:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if middle * (1 - blocking(middle, lines)) < carried:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def lost_calls(seen: int, carried: float, lines: int) -> float:
    """Estimate of the calls that found all lines busy, beside ``seen`` that did not."""
    share = blocking(offered_for(carried, lines), lines)
    return seen * share / (1 - share)
