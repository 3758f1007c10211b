"""How sure a share is that was counted on few calls: an interval instead of a bare per cent.

Score interval of one share: E. B. Wilson, "Probable inference, the law of succession, and
statistical inference", J. Am. Stat. Assoc. 22 (1927) 209-212; it stays within 0 and 1 and holds for
small counts, where the usual formula does not (L. D. Brown, T. T. Cai, A. DasGupta, "Interval
estimation for a binomial proportion", Statistical Science 16 (2001) 101-133). Difference of two
shares from their Wilson limits: R. G. Newcombe, "Interval estimation for the difference between
independent proportions", Statistics in Medicine 17 (1998) 873-890, method 10. Both at 95 %.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import Final

Z: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""

Z_POWER: Final = 0.841621
"""One-sided 80 %: how often a difference that is there shall be seen."""

FEW: Final = 20
"""Chosen: below so many calls the interval of a middling share is over 40 points wide, and nobody
should be praised or blamed by it."""


def wilson(top: float, bottom: float) -> tuple[float, float] | None:
    """The 95 % interval of ``top`` out of ``bottom``; None without anything to divide by.

    Args:
        top: How many have it, 0 to ``bottom``.
        bottom: Of how many.
    """
    if bottom <= 0:
        return None
    share = top / bottom
    square = Z * Z / bottom
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * sqrt(share * (1 - share) / bottom + square / (4 * bottom))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(
    top: float, bottom: float, other_top: float, other_bottom: float
) -> tuple[float, float] | None:
    """The 95 % interval of the first share minus the second; None if one of them is missing."""
    first, second = wilson(top, bottom), wilson(other_top, other_bottom)
    if first is None or second is None:
        return None
    one, two = top / bottom, other_top / other_bottom
    low = one - two - sqrt((one - first[0]) ** 2 + (second[1] - two) ** 2)
    high = one - two + sqrt((first[1] - one) ** 2 + (two - second[0]) ** 2)
    return low, high


def needed(share: float, apart: float) -> int:
    """Calls that each of two variants needs before a difference can be told from chance.

    Usual formula for two shares (J. L. Fleiss, "Statistical Methods for Rates and Proportions",
    ch. 4), without correction for continuity: 5 % error, 80 % power.

    Args:
        share: About how many of the calls have it.
        apart: The difference that would matter, e.g. 0.1 for ten points.
    """
    return ceil(2 * (Z + Z_POWER) ** 2 * share * (1 - share) / apart**2)
