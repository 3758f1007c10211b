"""Sound of trunk legs between lined and sipd: one packet each way per block, on one socket.

A packet is a number of four octets, four octets of nothing, a mask of the legs that are up in
eight, and a block of G.711 codes for each of these legs, the first leg first. sipd says which legs
are up by sending a mask alone; from then on lined sends a packet per block, and every one of them
is answered by one with the same number. Without a leg nothing is sent at all.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.control.link import new_socket
from firmware.core.country import Country
from firmware.media import g711
from firmware.media.leg_buffer import DEPTH_BLOCKS, LegBuffer, rows_of

log = logging.getLogger(__name__)

SOCKET_NAME: Final = "leg-sound.sock"
FAX_SOCKET_NAME: Final = "fax-sound.sock"
FAX_DEPTH_BLOCKS: Final = 12
"""60 ms at blocks of 5 ms, chosen: T.30 bears 300 ms one way (measured), and what is lost costs it
a repeat, so its sound waits longer for a late process than a conversation's."""
HEAD: Final = struct.Struct("<I4xQ")
ANNOUNCE: Final = 0xFFFF_FFFF  # a packet with this number says which legs are up
MOST_PACKETS: Final = 64  # read in one turn; more than ever wait unless somebody floods

Codes = npt.NDArray[np.uint8]


class LegSound:
    """lined's end.

    Args:
        run_folder: Of the sockets.
        legs: Rows behind the slots of the highway.
        country: Whose law the codes have.
        block_samples: Length of a block.
        name: Of the socket.
        depth: Blocks between asking and playing.
    """

    def __init__(
        self,
        run_folder: Path,
        legs: int,
        country: Country,
        block_samples: int,
        *,
        name: str = SOCKET_NAME,
        depth: int = DEPTH_BLOCKS,
    ) -> None:
        self.legs = legs
        self.up = 0
        self._name = name
        self._buffer = LegBuffer(legs, block_samples, country.law, depth)
        self._block = block_samples
        self._number = 0
        self._peer: socket.socket | None = None
        self._idle = g711.IDLE[country.law]
        path = run_folder / name
        path.unlink(missing_ok=True)  # of a lined that was killed
        self._listener = new_socket()
        self._listener.bind(str(path))
        path.chmod(0o660)
        self._listener.listen(2)
        self._listener.setblocking(False)

    @property
    def missed(self) -> int:
        """Blocks of legs that were not there when they had to be played, since the start."""
        return self._buffer.concealed

    def fileno(self) -> int:
        """Of the listener, for those who wait for peers."""
        return self._listener.fileno()

    def accept(self) -> None:
        """Take the newest peer, if one came; it is the one that was just started."""
        with contextlib.suppress(BlockingIOError):
            while True:
                peer, _ = self._listener.accept()
                self._part()
                peer.setblocking(False)
                self._peer = peer

    def take(self, captured: Codes) -> None:
        """Fill the legs' rows with what came from sipd. Before the tick."""
        if self._peer is not None:
            self._read(self._peer)
        if self.up:
            self._buffer.take(self._number, self.up, captured)
        else:
            captured.fill(self._idle)

    def give(self, playing: Codes) -> None:
        """Send what the legs' far sides shall hear. After the tick."""
        if self._peer is None or not self.up:
            return
        packet = HEAD.pack(self._number, self.up) + playing[rows_of(self.up)].tobytes()
        self._number = (self._number + 1) % ANNOUNCE
        try:
            self._peer.send(packet, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            pass  # sipd is behind by seconds: this block is lost to it
        except OSError:
            self._part()

    def close(self) -> None:
        """The end."""
        self._part()
        self._listener.close()

    def _read(self, peer: socket.socket) -> None:
        for _ in range(MOST_PACKETS):
            try:
                packet = peer.recv(HEAD.size + self.legs * self._block)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if len(packet) < HEAD.size:
                self._part()
                return
            number, mask = HEAD.unpack_from(packet)
            if number == ANNOUNCE:
                self.up = mask & (1 << self.legs) - 1
                continue
            codes = np.frombuffer(packet, np.uint8, offset=HEAD.size)
            if codes.size == mask.bit_count() * self._block:
                self._buffer.put(number, mask, codes.reshape(-1, self._block))

    def _part(self) -> None:
        if self._peer is not None:
            log.warning("nobody is behind %s any more: its legs are silent", self._name)
            self._peer.close()
            self._peer = None
        self.up = 0
        self._buffer.forget()
