"""faxd: the shell around the fax ends. One thread: lined's blocks, call control's messages.

It works when a block comes and at no other time: for every packet of lined there is one back with
the same number. A sound that is gone ends what runs; a call control that is gone does not, its
successor is told how it ended.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from firmware.control.fax_messages import SOCKET_NAME, TO_FAXD, ToFaxd
from firmware.control.link import Link, LinkClosed, LinkError, check_hello, new_socket
from firmware.control.listener import Listener
from firmware.control.messages import Hello
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country as country_of
from firmware.daemons.fax.ends import FaxEnds
from firmware.daemons.notify import Notifier
from firmware.daemons.wires.leg_sound import ANNOUNCE, FAX_SOCKET_NAME, HEAD, MOST_PACKETS
from firmware.daemons.wires.line_loop import monotonic_ms

log = logging.getLogger(__name__)

SPOOL: Final = "fax"
"""Within the folder of the sockets, which is memory: no card makes T.30 wait for its pages."""

ALIVE_MS: Final = 1_000
LOOK_AGAIN_MS: Final = 200  # for lined, while it is away
LONGEST_PACKET: Final = HEAD.size + 8 * 8 * BLOCK_SAMPLES


class Faxd:
    """The daemon.

    Args:
        run_folder: Of the sockets.
        country: Name of the profile.
        ends: Fax ends that lined has rows for.
    """

    def __init__(self, run_folder: Path, country: str, ends: int) -> None:
        self._run = run_folder
        spool = run_folder / SPOOL
        spool.mkdir(mode=0o770, exist_ok=True)
        self._ends = FaxEnds(ends, spool, country_of(country).law, monotonic_ms)
        self._listener: Listener[ToFaxd] = Listener(run_folder / SOCKET_NAME, TO_FAXD, name="calld")
        self._link: Link[ToFaxd] | None = None
        self._greeted = False
        self._wire: socket.socket | None = None
        self._up = 0  # as lined was told
        self._mail = select.epoll()
        self._mail.register(self._listener, select.EPOLLIN)
        self._notifier = Notifier()

    def run(self, stop: Callable[[], bool]) -> None:
        """Serve until ``stop`` says so; what runs then has lost its program."""
        self._notifier.ready()
        alive_at = look_at = 0
        try:
            while not stop():
                now_ms = monotonic_ms()
                if now_ms >= alive_at:
                    alive_at = now_ms + ALIVE_MS
                    self._notifier.alive()
                if self._wire is None and now_ms >= look_at:
                    look_at = now_ms + LOOK_AGAIN_MS
                    self._seek()
                self._mail.poll(LOOK_AGAIN_MS / 1_000)
                self._converse()
                self._announce()
                if self._wire is not None:
                    self._serve(self._wire)
                self._tell()
        finally:
            self._ends.fail()
            self._tell()
            if self._wire is not None:
                self._wire.close()
            self._mail.close()
            self._listener.close()

    # --- sound ------------------------------------------------------------------------------------

    def _seek(self) -> None:
        wire = new_socket()
        try:
            wire.connect(str(self._run / FAX_SOCKET_NAME))
        except OSError:
            wire.close()
            return
        wire.setblocking(False)
        self._wire, self._up = wire, 0
        self._mail.register(wire, select.EPOLLIN)

    def _announce(self) -> None:
        """Tell lined which ends talk, after that has changed."""
        up = self._ends.up
        if self._wire is None or up == self._up:
            return
        # A full wire is told with the next look; that one is gone shows where its blocks are read.
        with contextlib.suppress(OSError):
            self._wire.send(HEAD.pack(ANNOUNCE, up), socket.MSG_NOSIGNAL)
            self._up = up

    def _serve(self, wire: socket.socket) -> None:
        try:
            for _ in range(MOST_PACKETS):
                packet = wire.recv(LONGEST_PACKET)
                if len(packet) < HEAD.size:
                    raise ConnectionResetError
                number, mask = HEAD.unpack_from(packet)
                codes = np.frombuffer(packet, np.uint8, offset=HEAD.size)
                heard = codes.reshape(mask.bit_count(), -1)
                said = self._ends.work(mask, heard)
                wire.send(HEAD.pack(number, mask) + said.tobytes(), socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return
        except (OSError, ValueError) as problem:
            log.warning("lined's sound is away: %s", problem)
            wire.close()  # and is watched no longer with that
            self._wire = None
            self._ends.fail()

    # --- call control -----------------------------------------------------------------------------

    def _converse(self) -> None:
        for link in self._listener.accept():
            if self._link is not None:
                self._part("another call control connected")
            self._link, self._greeted = link, False
            self._mail.register(link, select.EPOLLIN)
            link.send(Hello(program="faxd"))
        link_now = self._link
        if link_now is None:
            return
        try:
            for message in link_now.receive():
                if self._greeted:
                    self._ends.order(message)
                    continue
                check_hello(message, own_program="faxd")
                self._greeted = True
                self._ends.take()  # all of it is in the greeting
                self._send(self._ends.greet())
        except LinkClosed as end:
            self._part(str(end))

    def _tell(self) -> None:
        if self._greeted:
            self._send(self._ends.take())

    def _send(self, messages: Sequence[msgspec.Struct]) -> None:
        try:
            for message in messages:
                if self._link is not None:
                    self._link.send(message)
        except LinkError as end:
            self._part(str(end))

    def _part(self, why: str) -> None:
        log.warning("call control is away: %s", why)
        self._greeted = False
        if self._link is not None:
            self._link.close()
            self._link = None
