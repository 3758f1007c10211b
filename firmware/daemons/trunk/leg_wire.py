"""sipd's end of the legs' sound: lined's blocks drive the library's conference bridge.

The thread here waits for a packet of lined, and for every second one lets the bridge work one
frame. So the sound of trunks runs on the clock of the telephone wires, and nowhere in the box are
there two clocks to be reconciled: what the far side's clock does is the jitter buffer's business.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.control.link import new_socket
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.sip_settings import MOST_LEGS
from firmware.daemons.wires.leg_sound import ANNOUNCE, HEAD, SOCKET_NAME
from firmware.media import g711
from firmware.media.leg_buffer import rows_of

log = logging.getLogger(__name__)

FRAME_BLOCKS: Final = 2
"""Blocks in a frame of the bridge: 10 ms, the shortest that all codecs share."""

FRAME_SAMPLES: Final = FRAME_BLOCKS * BLOCK_SAMPLES
LOOK_AGAIN_S: Final = 0.2
LONGEST_PACKET: Final = HEAD.size + MOST_LEGS * BLOCK_SAMPLES

Linear = npt.NDArray[np.int16]


class LegWire:
    """The thread between lined and the bridge.

    Args:
        run_folder: Of the sockets.
        legs: How many there may be.
        law: Of the codes on the wire.
        work_frame: Lets the bridge work one frame: it takes ``to_far`` and fills ``from_far``.
        begin: Called once on the thread, before anything else.
    """

    def __init__(
        self,
        run_folder: Path,
        legs: int,
        law: g711.Law,
        work_frame: Callable[[], None],
        begin: Callable[[], None],
    ) -> None:
        self.to_far: Linear = np.zeros((legs, FRAME_SAMPLES), np.int16)
        self.from_far: Linear = np.zeros((legs, FRAME_SAMPLES), np.int16)
        self.frames = 0
        self._path = run_folder / SOCKET_NAME
        self._law: g711.Law = law
        self._work_frame = work_frame
        self._begin = begin
        self._up = 0
        self._socket: socket.socket | None = None
        self._stop = threading.Event()
        self._codes = np.zeros((legs, BLOCK_SAMPLES), np.uint8)
        self._linear = np.zeros((legs, BLOCK_SAMPLES), np.float32)
        self._numbers: list[tuple[int, int]] = []
        self._parted: list[object] = []
        self._parting: list[object] = []
        self._thread = threading.Thread(target=self._run, name="leg-wire", daemon=True)

    def start(self) -> None:
        """Begin to look for lined."""
        self._thread.start()

    def stop(self) -> None:
        """End; back when the thread has ended."""
        self._stop.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(2.0)

    @property
    def parted(self) -> list[object]:
        """Where a port of a leg is put that is over.

        It ends on the thread that works the bridge, two frames later. Ended on another thread it
        would be gone in the middle of its own callback, which ruins the process's memory. Whoever
        puts something here must not keep it.
        """
        return self._parted

    def _part(self) -> None:
        self._parting.clear()
        while self._parted:
            self._parting.append(self._parted.pop())

    def legs_up(self, mask: int) -> None:
        """Say which legs carry sound; from another thread."""
        self._up = mask
        self._announce()

    def _announce(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(HEAD.pack(ANNOUNCE, self._up), socket.MSG_NOSIGNAL)

    def _run(self) -> None:
        self._begin()
        while not self._stop.is_set():
            wire = new_socket()
            try:
                wire.connect(str(self._path))
            except OSError:
                wire.close()
                self._stop.wait(LOOK_AGAIN_S)
                continue
            self._socket = wire
            self._announce()
            try:
                self._serve(wire)
            except OSError as error:
                log.warning("lined's sound is away: %s", error.strerror)
            finally:
                self._socket = None
                wire.close()

    def _serve(self, wire: socket.socket) -> None:
        self._numbers.clear()
        while not self._stop.is_set():
            packet = wire.recv(LONGEST_PACKET)
            if len(packet) < HEAD.size:
                return
            number, mask = HEAD.unpack_from(packet)
            at = len(self._numbers) * BLOCK_SAMPLES
            codes = np.frombuffer(packet, np.uint8, offset=HEAD.size).reshape(-1, BLOCK_SAMPLES)
            self._place(mask, codes, at)
            self._numbers.append((number, mask))
            if len(self._numbers) == FRAME_BLOCKS:
                self._part()
                self._work_frame()
                self.frames += 1
                for block, (answered, wanted) in enumerate(self._numbers):
                    wire.send(self._packet(answered, wanted, block), socket.MSG_NOSIGNAL)
                self._numbers.clear()

    def _place(self, mask: int, codes: npt.NDArray[np.uint8], at: int) -> None:
        rows = self._rows(mask)
        if len(codes) == len(rows):
            linear = self._linear[: len(rows)]
            g711.decode(codes, linear, self._law)
            self.to_far[rows, at : at + BLOCK_SAMPLES] = linear

    def _packet(self, number: int, mask: int, block: int) -> bytes:
        at = block * BLOCK_SAMPLES
        rows = self._rows(mask)
        linear, codes = self._linear[: len(rows)], self._codes[: len(rows)]
        linear[:] = self.from_far[rows, at : at + BLOCK_SAMPLES]
        g711.encode(linear, codes, self._law)
        return HEAD.pack(number, mask) + codes.tobytes()

    def _rows(self, mask: int) -> npt.NDArray[np.intp]:
        return rows_of(mask & (1 << len(self.to_far)) - 1)
