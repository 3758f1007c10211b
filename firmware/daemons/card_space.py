"""How much room the card has left: recordings stop before calls' records have none. Pure.

Of a card that is nearly full the last part belongs to the log of calls, settings and messages.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

LOOK_MS: Final = 10_000
"""Eight recordings of two sides write 2.6 MB in this time (8 x 2 x 16 kB/s)."""

LOW_BYTES: Final = 500_000_000
LOW_PART: Final = 10
"""Recording stops below 500 MB, or below a tenth of a card that is smaller than 5 GB. Chosen: what
is left then keeps the log of some years (46 MB a day are written, 0.1 MB a day stay)."""

BACK: Final = 1.2
"""And begins again above so many times of it, so that it does not come and go with every call."""


class CardSpace:
    """Whether recordings may be made."""

    def __init__(self) -> None:
        self.low = False

    def told(self, free: int, total: int) -> bool:
        """So many bytes are free of so many; whether that changed what may be done."""
        limit = min(LOW_BYTES, total // LOW_PART)
        low = free < (limit * BACK if self.low else limit)
        changed, self.low = low != self.low, low
        return changed


def space_of(folder: Path) -> tuple[int, int]:
    """Free and all bytes of the card that a folder is on; (1, 1) while it cannot be asked."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return 1, 1
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
