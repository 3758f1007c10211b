"""Call lines on a serial cable: from the records, as fast as the reader takes them.

What was printed is the number of an entry that calld keeps, so the records themselves are the
spool: a reader that is off for a week gets the week. Lines count as printed when they have left
the machine; after a kill the last ones may come twice and none is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import serial

from firmware.control.outbox_messages import OutboxNews
from firmware.core.outbox_settings import CallLines
from firmware.daemons.outbox.call_lines import lines_after
from firmware.daemons.outbox.wire import Wire
from firmware.storage.errors import StorageError

AT_ONCE: Final = 16
LOOK_S: Final = 0.1
RETRY_S: Final = 5.0


class Printer:
    """The cable.

    Args:
        device: Its port.
        data: Folder of the records.
        tell: Told the number of the last entry that is printed, for calld to keep.
    """

    def __init__(self, device: str, data: Path, tell: Callable[[int], None]) -> None:
        self._device, self._data, self._tell = device, data, tell
        self._wire: Wire | None = None
        self._settings = CallLines()
        self._zone = "UTC"
        self._printed = 0
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def follow(self, news: OutboxNews) -> None:
        """Settings and what is printed, as calld says."""
        settings = news.settings.call_lines
        self._zone = news.zone
        self._printed = max(self._printed, news.printed)
        if settings != self._settings or (self._wire is None and settings.form != "nothing"):
            self._settings = settings
            if self._wire is not None:
                self._wire.close()
            self._wire = None
            if settings.form != "nothing":
                self._wire = Wire(
                    self._device,
                    heard=lambda _data: None,
                    here=lambda _here: self._wanted.set(),
                    open_port=self._open,
                )
                self._wire.seek()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())
        self._wanted.set()

    def close(self) -> None:
        """Let go of the port."""
        if self._task is not None:
            self._task.cancel()
        if self._wire is not None:
            self._wire.close()

    def _open(self, device: str) -> serial.Serial:
        return serial.Serial(
            device,
            int(self._settings.baud),
            timeout=0,
            write_timeout=0,
            rtscts=self._settings.flow == "rts_cts",
            xonxoff=self._settings.flow == "xon_xoff",
        )

    async def _work(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                while await self._some():
                    pass
            except StorageError:
                await asyncio.sleep(RETRY_S)
                self._wanted.set()

    async def _some(self) -> bool:
        """Print a few; False when there are none, or nobody to print for."""
        wire, form = self._wire, self._settings.form
        if wire is None or not wire.open or form == "nothing":
            return False
        found = await asyncio.to_thread(
            lines_after, self._data, self._printed, AT_ONCE, form, self._zone
        )
        for seq, line in found:
            if line:
                wire.write(line)
                while wire.left and wire.open:  # noqa: ASYNC110  # a port says nowhere that it is empty
                    await asyncio.sleep(LOOK_S)
                if self._wire is not wire or wire.left:
                    return False
            self._printed = seq
        if found:
            self._tell(self._printed)
        return bool(found)
