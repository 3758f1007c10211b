"""calld's link to faxd: faxes are begun and stopped, what became of them comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from firmware.control.fax_messages import FROM_FAXD, SOCKET_NAME, FaxdGone, FromFaxd
from firmware.control.link import LinkClosed
from firmware.daemons.neighbour import Neighbour
from firmware.daemons.wires.line_loop import monotonic_ms

log = logging.getLogger(__name__)


def fax_link(run_folder: Path, happened: Callable[[msgspec.Struct], None]) -> Neighbour[FromFaxd]:
    """The link to faxd; an office without it only has no fax of its own.

    Args:
        run_folder: Of the sockets.
        happened: Told each message of faxd, and that it is gone.
    """

    def heard(messages: Sequence[FromFaxd]) -> None:
        for message in messages:
            happened(message)

    def lost(end: LinkClosed) -> None:
        log.error("the fax daemon is away: %s", end)
        happened(FaxdGone(at_ms=monotonic_ms()))

    path = run_folder / SOCKET_NAME
    return Neighbour(path, FROM_FAXD, name="faxd", own="calld", heard=heard, lost=lost)
