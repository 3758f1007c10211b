"""What this firmware is, for people: its version, and how long it is looked after."""

from __future__ import annotations

from datetime import date
from typing import Final

VERSION: Final = "0.1.0"
"""The same as in ``pyproject.toml``; a test compares."""

SUPPORT_UNTIL: Final = date(2031, 12, 31)
"""Until then faults that endanger an office are mended (ETSI EN 303 645, 5.3-13)."""
