"""How often a line rings before it is answered, where whoever answers wants it so.

A line has its own number of rings. A queue may want more: the courtesy of some offices answers
after the second ring and before the third, and an identity that comes between rings one and two is
never lost that way.
"""

from __future__ import annotations

from firmware.core.port_events import PortOrder


class RingsWanted(PortOrder, frozen=True, kw_only=True):
    """Do not say that an answer is due before so many bursts have ended."""

    bursts: int
