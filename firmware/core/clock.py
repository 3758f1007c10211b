"""The three kinds of time and the one constant of the sound path.

* ``now_ms``: monotonic milliseconds, integer, for logic. Always an argument.
* wall time: UTC, for people and records; passed in by the shell that owns the clock.
* sample counts, for sound.
"""

from __future__ import annotations

from typing import Final

SAMPLE_RATE_HZ: Final = 8000

BLOCK_SAMPLES: Final = 40
"""Samples per tick. The one place that says 5 ms; all else asks here or takes an argument."""

BLOCK_MS: Final = BLOCK_SAMPLES * 1000 // SAMPLE_RATE_HZ
