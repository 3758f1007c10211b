"""The office's clock: every process of the box tells local time as the office does.

A card's system keeps UTC, and a machine of one's own whatever it was set up with; what people read
and hear is the office's time. Call control knows its zone from the settings and leaves the name in
the folder of the sockets; whoever tells time to people looks there now and then.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Final

from firmware.core.calendars import ZONES

FILE: Final = "zone"


class OfficeClock:
    """Keeps this process in the office's zone (tzset(3)).

    Args:
        run_folder: Of the sockets.
        country: Of the machine, whose zone counts until call control has said more; empty for none.
    """

    def __init__(self, run_folder: Path, country: str = "") -> None:
        self._file = run_folder / FILE
        self._zone = ""
        self._read_ns = 0
        self._live_in(ZONES.get(country, ""))
        self.look()

    def look(self) -> None:
        """Follow what call control left."""
        with contextlib.suppress(OSError, ValueError):  # not yet there
            written_ns = self._file.stat().st_mtime_ns
            if written_ns != self._read_ns:
                self._read_ns = written_ns
                self._live_in(self._file.read_text(encoding="ascii"))

    def leave(self, zone: str) -> None:
        """Follow a zone (IANA) of the settings and leave it for the others, whole or not at all.

        Raises:
            OSError: the folder takes nothing; this process follows all the same.
        """
        if zone == self._zone and self._read_ns:
            return
        self._live_in(zone)
        self._read_ns = -1
        new = self._file.with_suffix(".new")
        new.write_text(zone, encoding="ascii")
        new.chmod(0o640)  # the others are of the folder's group
        new.replace(self._file)

    def _live_in(self, zone: str) -> None:
        if zone and zone != self._zone:
            self._zone = os.environ["TZ"] = zone
            time.tzset()
