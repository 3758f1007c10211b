"""The shell of lined: one thread, paced by the highway, with call control on a socket.

Order of one turn: wait for a block, work it, hand the answer to the device, and only then do what
may wait (SPI, messages). Nothing in the turn sleeps, logs in the ordinary case, or waits for
anybody but the device.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from drivers.pcm import SLOTS, PcmDevice
from firmware.control.link import (
    TO_LINED,
    Link,
    LinkClosed,
    LinkError,
    check_hello,
    drop_heartbeats,
)
from firmware.control.listener import Listener
from firmware.control.messages import ToLined
from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.daemons.notify import Notifier
from firmware.daemons.office_clock import OfficeClock
from firmware.daemons.wires.leg_sound import FAX_DEPTH_BLOCKS, FAX_SOCKET_NAME, LegSound
from firmware.daemons.wires.lined import Lined

log = logging.getLogger(__name__)

SOCKET_NAME = "lined.sock"
WATCHDOG_TURNS = 200  # feed the service manager's watchdog once a second of blocks


RESET = "factory-reset"  # in the folder of the sockets: everything is to begin anew


def monotonic_ms() -> int:
    """Milliseconds that never go back; the same clock in every daemon."""
    return time.monotonic_ns() // 1_000_000


class LineLoop:
    """Turns of lined until told to stop."""

    def __init__(
        self,
        lined: Lined,
        pcm: PcmDevice,
        run_folder: Path,
        *,
        block_samples: int,
        clock: OfficeClock | None = None,
    ) -> None:
        """``lined`` is put together but not started; displays show the time of ``clock``."""
        self._clock = clock
        self._lined = lined
        self._pcm = pcm
        self._listener: Listener[ToLined] = Listener(
            run_folder / SOCKET_NAME, TO_LINED, name="calld", when_full=drop_heartbeats
        )
        self._link: Link[ToLined] | None = None
        self._greeted = False
        self._mail = select.epoll()  # one question a turn, instead of one for each socket
        self._mail.register(self._listener, select.EPOLLIN)
        rows = len(lined.sound.ports)
        self._captured = np.zeros((rows, block_samples), np.uint8)
        self._playing = np.zeros((rows, block_samples), np.uint8)
        fax_ends = sum(port.startswith("fax/") for port in lined.sound.ports)
        legs = rows - SLOTS - fax_ends
        self._legs: LegSound | None = None
        self._faxes: LegSound | None = None
        self._legs_end = SLOTS + legs
        if legs:
            self._legs = LegSound(run_folder, legs, lined.country, block_samples)
            self._mail.register(self._legs, select.EPOLLIN)
        if fax_ends:
            self._faxes = LegSound(
                run_folder,
                fax_ends,
                lined.country,
                block_samples,
                name=FAX_SOCKET_NAME,
                depth=FAX_DEPTH_BLOCKS,
            )
            self._mail.register(self._faxes, select.EPOLLIN)
        self._block_us = block_samples * 1_000_000 // SAMPLE_RATE_HZ
        self._notifier = Notifier()
        self._reset_file = run_folder / RESET

    def run(self, stop: Callable[[], bool], after_start: Callable[[], None] = lambda: None) -> None:
        """Turn until ``stop`` says so, then make the lines safe.

        Args:
            stop: asked once a turn.
            after_start: called when everything has been allocated (freeze the collector here).
        """
        lined, pcm = self._lined, self._pcm
        lined.start(monotonic_ms())
        self._notifier.ready()
        after_start()
        turns = 0
        try:
            while not stop():
                lost = pcm.read(self._captured[:SLOTS])
                if self._legs is not None:
                    self._legs.take(self._captured[SLOTS : self._legs_end])
                    lined.legs_up(self._legs.up)
                if self._faxes is not None:
                    self._faxes.take(self._captured[self._legs_end :])
                begin_ns = time.monotonic_ns()
                lined.tick(self._captured, self._playing, begin_ns // 1_000_000)
                missed = pcm.write(self._playing[:SLOTS])
                took_us = (time.monotonic_ns() - begin_ns) // 1000
                if self._legs is not None:
                    self._legs.give(self._playing[SLOTS : self._legs_end])
                if self._faxes is not None:
                    self._faxes.give(self._playing[self._legs_end :])
                lined.after_tick(monotonic_ms())
                self._converse()
                # Late: the device ran dry or over, or this block was not done within its own time.
                late = lost > 0 or missed > 0 or took_us > self._block_us
                lined.count(late=late, took_us=took_us, under_runs=lost + missed)
                turns += 1
                if turns % WATCHDOG_TURNS == 0:
                    self._notifier.alive()
                    if self._clock is not None:
                        self._clock.look()
                    if lined.board.reset_wanted:
                        self._reset_file.touch()
        finally:
            lined.make_safe()
            for sound in (self._legs, self._faxes):
                if sound is not None:
                    sound.close()
            self._mail.close()
            self._listener.close()
            pcm.close()

    def _converse(self) -> None:
        """Take and send messages; a call control that comes or goes is noticed here."""
        mail = self._mail.poll(0)
        if mail:
            for sound in (self._legs, self._faxes):
                if sound is not None:
                    sound.accept()
            for link in self._listener.accept():
                if self._link is not None:
                    # The newer one is the one that systemd just started.
                    self._hang_up("another call control connected")
                self._link = link
                self._greeted = False
                # A link that ends closes its socket, and is watched no longer with that.
                self._mail.register(link, select.EPOLLIN)
        link_now = self._link
        if link_now is None:
            self._lined.take_messages()
            return
        now_ms = monotonic_ms()
        try:
            for message in link_now.receive() if mail or link_now.ended else ():
                if not self._greeted:
                    check_hello(message, own_program="lined")
                    self._greeted = True
                    self._lined.calld_connected(now_ms)
                else:
                    self._lined.command(message, now_ms)
            if self._greeted:
                if not self._lined.has_calld:
                    self._hang_up("call control fell silent")
                    return
                for out in self._lined.take_messages():
                    link_now.send(out)
        except LinkClosed as end:
            self._hang_up(str(end))
        except LinkError:
            log.exception("a message to call control cannot be sent")

    def _hang_up(self, why: str) -> None:
        log.warning("call control is away: %s", why)
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._lined.has_calld:
            self._lined.calld_gone(monotonic_ms())
