"""calld's link to faxd: faxes are begun and stopped, what became of them comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from firmware.control.fax_messages import FROM_FAXD, SOCKET_NAME, FaxdGone, FromFaxd
from firmware.control.link import Link, LinkClosed, LinkError, check_hello, connect
from firmware.control.messages import Hello
from firmware.daemons.wires.line_loop import monotonic_ms

log = logging.getLogger(__name__)

RECONNECT_S: Final = 0.5


class FaxLink:
    """The link, sought again and again; an office without faxd only has no fax of its own.

    Args:
        run_folder: Of the sockets.
        happened: Told each message of faxd, and that it is gone.
    """

    def __init__(self, run_folder: Path, happened: Callable[[msgspec.Struct], None]) -> None:
        self._path = run_folder / SOCKET_NAME
        self._happened = happened
        self._link: Link[FromFaxd] | None = None
        self._greeted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    def seek(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look for faxd, from now on until :meth:`stop`."""
        self._loop = loop
        if self._stopped:
            return
        try:
            link = connect(self._path, FROM_FAXD, name="faxd")
        except LinkError:
            loop.call_later(RECONNECT_S, self.seek, loop)
            return
        self._link, self._greeted = link, False
        link.watch(loop, self._hear, self._gone)
        self.send(Hello(program="calld"))

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True
        if self._link is not None:
            self._link.close()
            self._link = None

    def send(self, message: msgspec.Struct) -> None:
        """Tell faxd; nothing happens while it is away, its faxes are over then."""
        if self._link is None:
            return
        try:
            self._link.send(message)
        except LinkClosed:
            return  # the watcher tells

    def _hear(self, messages: list[FromFaxd]) -> None:
        for message in messages:
            if self._greeted:
                self._happened(message)
                continue
            try:
                check_hello(message, own_program="calld")
            except LinkClosed as end:
                if self._link is not None:
                    self._link.close()
                self._gone(end)
                return
            self._greeted = True

    def _gone(self, end: LinkClosed) -> None:
        log.error("the fax daemon is away: %s", end)
        self._link = None
        self._happened(FaxdGone(at_ms=monotonic_ms()))
        if self._loop is not None and not self._stopped:
            self._loop.call_later(RECONNECT_S, self.seek, self._loop)
