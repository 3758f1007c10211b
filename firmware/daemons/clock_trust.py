"""Whether the wall clock was confirmed since the machine started.

A board has no clock of its own: until the network has told the time it goes on from where it was.
What is written meanwhile says so, and people are told when it lasts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SYNCED: Final = Path("/run/systemd/timesync")
"""systemd-timesyncd(8): ``synchronized`` is in there as soon as a server has answered."""

PATIENCE_MS: Final = 600_000
"""An office's router may start minutes after the box when the mains come back."""

SENTENCES: Final = (
    "时间自启动以来没有得到网络确认，记录上会注明。",
    "Nobody has confirmed the time since the box started; records say so.",
)


def confirmed(folder: Path = SYNCED) -> bool:
    """Whether it was; a machine without that service has another one, or a clock."""
    return not folder.is_dir() or (folder / "synchronized").exists()


class ClockTrust:
    """Whether it was, and since when it was not.

    Args:
        trusted: At the start.
    """

    def __init__(self, *, trusted: bool) -> None:
        self.trusted = trusted
        self._since_ms: int | None = None
        self._now_ms = 0

    def know(self, now_ms: int, *, trusted: bool) -> bool:
        """How it is now; whether what people are told may have changed."""
        before = self._told()
        self.trusted, self._now_ms = trusted, now_ms
        if trusted:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        return before != self._told()

    def alarms(self, language: str) -> tuple[str, ...]:
        """What people are told."""
        return (SENTENCES[0 if language.startswith("zh") else 1],) if self._told() else ()

    def _told(self) -> bool:
        return self._since_ms is not None and self._now_ms - self._since_ms >= PATIENCE_MS
