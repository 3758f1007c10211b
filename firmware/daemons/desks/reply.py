"""How whoever asked is answered."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from firmware.control.messages import Refused

Reply = Callable[[msgspec.Struct], None]
"""Called once for a question, now or later."""


def lines_away() -> Refused:
    """Of what only lined could answer, while it is not there."""
    return Refused(id="lines-away", message="the line daemon is not connected; is lined running?")
