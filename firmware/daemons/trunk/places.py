"""Where a leg stands on the library's bridge, and how it is joined to a call.

With our own build of the library every leg has its place from the start to the end, and frames are
copied by ``image/pjproject/legs.c`` without a word of Python. A wheel has no such code: there a
leg's place is an object of its Python face, made when sound flows, whose callbacks copy.
"""

from __future__ import annotations

import ctypes
import logging
from typing import Any, Protocol

from firmware.daemons.trunk.bridge import leg_port_class
from firmware.daemons.trunk.leg_wire import FRAME_SAMPLES, LegWire

log = logging.getLogger(__name__)


class Places(Protocol):
    """Joins legs and calls; a leg is counted from 0."""

    def join(self, leg: int, media: Any) -> None:
        """A leg and the sound of its call hear each other from the next frame on."""
        ...

    def part(self, leg: int) -> None:
        """The leg's call is over."""
        ...


class NativePlaces:
    """Places that the library's C face fills and empties.

    Args:
        library: The C face; ``tipring_leg_place`` is there.
        wire: Whose rows are the frames; kept, for the library writes into them.
        legs: How many places there are.

    Raises:
        RuntimeError: the bridge has no room for so many.
    """

    def __init__(self, library: ctypes.CDLL, wire: LegWire, legs: int) -> None:
        self._library = library
        self._wire = wire
        place = library.tipring_leg_place
        place.argtypes = (ctypes.c_int, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p)
        place.restype = ctypes.c_int
        self._places = [
            place(
                leg + 1, FRAME_SAMPLES, wire.to_far[leg].ctypes.data, wire.from_far[leg].ctypes.data
            )
            for leg in range(legs)
        ]
        if -1 in self._places:
            raise RuntimeError(f"the library's bridge has no place for leg sip/{legs}")

    def join(self, leg: int, media: Any) -> None:
        """See :class:`Places`."""
        if self._library.tipring_leg_join(self._places[leg], int(media.getPortId())):
            log.error("sip/%d cannot be joined to its call", leg + 1)

    def part(self, leg: int) -> None:
        """Nothing to do: the library takes a call from the bridge with all its connections."""


class CallbackPlaces:
    """Places by the library's Python face.

    Args:
        module: ``pjsua2``.
        wire: Whose rows are the frames.
    """

    def __init__(self, module: Any, wire: LegWire) -> None:
        self._wire = wire
        self._port_class = leg_port_class(module)
        self._sounds: dict[int, tuple[Any, Any]] = {}  # a leg's port, and the media it is joined to

    def join(self, leg: int, media: Any) -> None:
        """See :class:`Places`."""
        sound = self._sounds.get(leg)
        port = sound[0] if sound else self._port_class(self._wire, leg)
        media.startTransmit(port)
        port.startTransmit(media)
        self._sounds[leg] = (port, media)

    def part(self, leg: int) -> None:
        """The port ends on the thread that works the bridge: :attr:`LegWire.parted`."""
        self._wire.parted.append(self._sounds.pop(leg))


def places_of(module: Any, library: ctypes.CDLL, wire: LegWire, legs: int) -> Places:
    """The places that this build can have; the library has been started."""
    if hasattr(library, "tipring_leg_place"):
        return NativePlaces(library, wire, legs)
    return CallbackPlaces(module, wire)
