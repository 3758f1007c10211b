"""Wall-clock moments as text in records and as milliseconds since 1970 in figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MS: Final = timedelta(milliseconds=1)


def moment_ms(text: str) -> int:
    """ISO 8601 with its offset, as milliseconds since 1970; ``ValueError`` without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} does not say its offset from UTC")
    return (moment - EPOCH) // MS


def moment_text(ms: int) -> str:
    """The same as UTC text, as records have it."""
    return (EPOCH + ms * MS).isoformat(timespec="milliseconds")
