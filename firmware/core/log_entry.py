"""What every entry of the event log has; the kinds are in ``log_entries`` and its neighbours."""

from __future__ import annotations

import msgspec


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened in one call. ``at_ms`` is monotonic time of observation."""

    call: str
    at_ms: int
