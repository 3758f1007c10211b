"""calld's link to sipd: trunks are told, what happens on their legs comes back as of any line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from drivers.line import LineEvent, PortFailed
from firmware.control.link import Link, LinkClosed, LinkError, connect
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, TellLegs
from firmware.control.trunk_messages import TrunkProbed, TrunksSeen
from firmware.core.events import MediaEvent
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.daemons.greeting import greets
from firmware.daemons.wires.line_loop import monotonic_ms
from firmware.sip.sources import Stranger

log = logging.getLogger(__name__)

RECONNECT_S: Final = 0.5


class TrunkLink:
    """The link, sought again and again; an office without sipd only lacks its trunks.

    Args:
        desk: What is known of trunks.
        run_folder: Of the sockets.
        happened: Told each event of a leg.
    """

    def __init__(
        self, desk: TrunkDesk, run_folder: Path, happened: Callable[[msgspec.Struct], None]
    ) -> None:
        self._desk = desk
        self._path = run_folder / SOCKET_NAME
        self._happened = happened
        self._link: Link[FromSipd] | None = None
        self._greeted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    def ports_made(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ports were made anew from lined's snapshot, conversations taken over with them.

        Not before the first time sipd is looked for: a leg that is up and belongs to nobody is
        released, and what was not taken over yet belongs to nobody.
        """
        if self._loop is None:
            self.seek(loop)
        else:
            self.send(TellLegs())

    def seek(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look for sipd, from now on until :meth:`stop`."""
        self._loop = loop
        if self._stopped:
            return
        try:
            link = connect(self._path, FROM_SIPD, name="sipd")
        except LinkError:
            loop.call_later(RECONNECT_S, self.seek, loop)
            return
        self._link, self._greeted = link, False
        link.watch(loop, self._hear, self._gone)
        self.send(Hello(program="calld"))
        said = self._desk.to_say(anew=True)
        if said is not None:
            self.send(said)

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True
        if self._link is not None:
            self._link.close()
            self._link = None

    def send(self, message: msgspec.Struct) -> None:
        """Tell sipd; nothing happens while it is away, its ports are out of service then."""
        if self._link is None:
            return
        try:
            self._link.send(message)
        except LinkClosed:
            return  # the watcher tells

    def look(self) -> None:
        """After anything happened: tell sipd of trunks that were set otherwise."""
        if self._link is not None and (said := self._desk.to_say()) is not None:
            self.send(said)

    def _hear(self, messages: list[FromSipd]) -> None:
        for message in messages:
            if not self._greeted:
                self._greeted = self._desk.here = greets(message, self._link, self._gone)
                if not self._greeted:
                    return
            elif isinstance(message, TrunksSeen | Stranger | TrunkProbed):
                self._desk.hear(message)
            elif isinstance(message, LineEvent | MediaEvent):
                self._happened(message)

    def _gone(self, end: LinkClosed) -> None:
        log.error("the trunk daemon is away: %s", end)
        self._link = None
        self._desk.away()
        for port in self._desk.ports():
            reason = "the trunk daemon was lost"
            self._happened(PortFailed(port=port, at_ms=monotonic_ms(), reason=reason))
        if self._loop is not None and not self._stopped:
            self._loop.call_later(RECONNECT_S, self.seek, self._loop)
