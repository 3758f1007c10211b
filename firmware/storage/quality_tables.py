"""Scores and incidents over a connection of the records.

Scores are derived from the log (``fact_tables``) and only read here; an incident is kept by its
desk, and what was done with it stands in the log.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import msgspec

from firmware.quality.incident import Incident
from firmware.quality.score import Score

_INCIDENT: Final = tuple(Incident.__struct_fields__)
_SCORE: Final = tuple(Score.__struct_fields__)
MOST: Final = 500


class ReadQuality:
    """What was listened to, and what went wrong."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def scores(self, from_ms: int = 0, until_ms: int = 1 << 62, call: str = "") -> list[Score]:
        """Scores of a span of wall time, newest first; of one call, if it is named."""
        rows = self._connection.execute(
            f"SELECT {', '.join(_SCORE)} FROM score WHERE at_ms >= ?1 AND at_ms < ?2 "  # noqa: S608 - our own names
            "AND (?3 = '' OR call = ?3) ORDER BY at_ms DESC, call LIMIT ?4",
            (from_ms, until_ms, call, MOST),
        ).fetchall()
        return [self._score(row) for row in rows]

    @staticmethod
    def _score(row: tuple[Any, ...]) -> Score:
        values = dict(zip(_SCORE, row, strict=True))
        values["marks"] = msgspec.json.decode(values["marks"])
        return msgspec.convert(values, Score)

    def incident(self, incident: int) -> Incident | None:
        """An incident by its number."""
        found = self._incidents("incident = ?", incident)
        return found[0] if found else None

    def incidents(self) -> list[Incident]:
        """Those that are not closed first, the most urgent first; then the newest."""
        order = "1 ORDER BY state = 'closed', iif(state = 'closed', -opened_ms, due_ms), incident"
        return self._incidents(f"{order} LIMIT {MOST}")

    def _incidents(self, where: str, *values: Any) -> list[Incident]:
        rows = self._connection.execute(
            f"SELECT {', '.join(_INCIDENT)} FROM incident WHERE {where}",  # noqa: S608 - our own names
            values,
        ).fetchall()
        return [
            msgspec.convert(dict(zip(_INCIDENT, row, strict=True)), Incident, strict=False)
            for row in rows
        ]


class Quality(ReadQuality):
    """The same for the one writer, inside a transaction of the records."""

    def keep(self, incident: Incident) -> Incident:
        """Keep an incident, new or changed; it comes back with its number."""
        values = [getattr(incident, name) for name in _INCIDENT]
        values[0] = incident.incident or None
        cursor = self._connection.execute(
            f"INSERT OR REPLACE INTO incident ({', '.join(_INCIDENT)}) "  # noqa: S608 - our own names
            f"VALUES ({', '.join('?' * len(_INCIDENT))})",
            values,
        )
        return msgspec.structs.replace(incident, incident=int(cursor.lastrowid or 0))
