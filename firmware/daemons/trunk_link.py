"""calld's link to sipd: trunks are told, what happens on their legs comes back as of any line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from drivers.line import LineEvent, PortFailed
from firmware.control.link import LinkClosed
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, TellLegs
from firmware.control.trunk_messages import TrunkProbed, TrunksSeen
from firmware.core.events import MediaEvent
from firmware.daemons.desks.trunk_desk import TrunkDesk
from firmware.daemons.neighbour import Neighbour
from firmware.daemons.wires.line_loop import monotonic_ms
from firmware.sip.sources import Stranger

log = logging.getLogger(__name__)


class TrunkLink:
    """The link to sipd; an office without it only lacks its trunks.

    Args:
        desk: What is known of trunks.
        run_folder: Of the sockets.
        happened: Told each event of a leg.
    """

    def __init__(
        self, desk: TrunkDesk, run_folder: Path, happened: Callable[[msgspec.Struct], None]
    ) -> None:
        self._desk = desk
        self._happened = happened
        self._sipd: Neighbour[FromSipd] = Neighbour(
            run_folder / SOCKET_NAME,
            FROM_SIPD,
            name="sipd",
            own="calld",
            first=self._first,
            greeted=self._greeted,
            heard=self._hear,
            lost=self._lost,
        )

    def ports_made(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ports were made anew from lined's snapshot, conversations taken over with them.

        Not before the first time sipd is looked for: a leg that is up and belongs to nobody is
        released, and what was not taken over yet belongs to nobody.
        """
        if self._sipd.sought:
            self.send(TellLegs())
        else:
            self._sipd.seek(loop)

    def stop(self) -> None:
        """No more of it."""
        self._sipd.stop()

    def send(self, message: msgspec.Struct) -> None:
        """Tell sipd; nothing happens while it is away, its ports are out of service then."""
        self._sipd.send(message)

    def look(self) -> None:
        """After anything happened: tell sipd of trunks that were set otherwise."""
        if self._sipd.found and (said := self._desk.to_say()) is not None:
            self.send(said)

    def _first(self) -> list[msgspec.Struct]:
        said = self._desk.to_say(anew=True)
        return [Hello(program="calld"), *([said] if said is not None else [])]

    def _greeted(self) -> None:
        self._desk.here = True

    def _hear(self, messages: Sequence[FromSipd]) -> None:
        for message in messages:
            if isinstance(message, TrunksSeen | Stranger | TrunkProbed):
                self._desk.hear(message)
            elif isinstance(message, LineEvent | MediaEvent):
                self._happened(message)

    def _lost(self, end: LinkClosed) -> None:
        log.error("the trunk daemon is away: %s", end)
        self._desk.away()
        for port in self._desk.ports():
            reason = "the trunk daemon was lost"
            self._happened(PortFailed(port=port, at_ms=monotonic_ms(), reason=reason))
