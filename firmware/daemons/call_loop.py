"""The shell of calld: one asyncio loop, sockets on both sides, one timer."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from firmware.control import network_wish
from firmware.control.fax_messages import for_faxd
from firmware.control.link import (
    REQUESTS,
    TO_CALLD,
    Link,
    LinkClosed,
    LinkError,
    WhenFull,
    check_hello,
)
from firmware.control.listener import Listener
from firmware.control.messages import (
    Hello,
    Refused,
    Request,
    Snapshot,
    Status,
    ToCalld,
    WatchStatus,
)
from firmware.control.sip_messages import for_sipd
from firmware.core.network_settings import Network
from firmware.daemons.calld import Calld
from firmware.daemons.clock_trust import confirmed
from firmware.daemons.fax_link import fax_link
from firmware.daemons.neighbour import Neighbour
from firmware.daemons.notify import Notifier
from firmware.daemons.office_clock import OfficeClock
from firmware.daemons.own_address import own_address
from firmware.daemons.trunk_link import TrunkLink
from firmware.daemons.web_look_up import WebAnswer, WebLookUps
from firmware.daemons.wires.card_wait import missing_part
from firmware.daemons.wires.line_loop import SOCKET_NAME as LINED_SOCKET
from firmware.daemons.wires.line_loop import monotonic_ms

log = logging.getLogger(__name__)

SOCKET_NAME = "calld.sock"
POWER_OFF = "power-off"  # in the folder of the sockets: the battery is at its end
LINED_AGAIN_S = 0.1  # nobody can telephone until it is found
STATUS_MS = 100  # the page is told at most ten times a second
SLOW_HANDLER_MS = (
    50  # a commit waits for the card, 5 to 20 ms of it; more than this is worth a line
)
WATCHDOG_S = 1.0  # so often a changed address of the box is noticed, too


def wall_now() -> datetime:
    """Wall time for people and records, in the office's zone: records keep both UTC and zone."""
    return datetime.now().astimezone()


def drop_statuses(message: object) -> WhenFull:
    """A watcher that does not read misses statuses; the next one says it all."""
    return WhenFull.DROP if isinstance(message, Status) else WhenFull.CLOSE


class CallLoop:
    """calld with its sockets."""

    def __init__(self, calld: Calld, run_folder: Path, clock: OfficeClock) -> None:
        """``calld`` has its records and settings open."""
        self._calld = calld
        self._run, self._clock = run_folder, clock
        self._lined = Neighbour(
            run_folder / LINED_SOCKET,
            TO_CALLD,
            name="lined",
            own="calld",
            first=lambda: calld.lined_connected(monotonic_ms()),
            heard=self._from_lined,
            lost=self._lined_gone,
            again_s=LINED_AGAIN_S,
        )
        self._watchers: set[Link[Request]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._status_timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notifier = Notifier()
        self._web = WebLookUps(self._web_answered)
        self._network: Network | None = None  # the wish that lies in the folder
        self._trunks = TrunkLink(calld.trunks, run_folder, self._on_trunk)
        self._faxes = fax_link(run_folder, self._on_trunk)

    async def serve(self, stop: asyncio.Event | None = None) -> None:
        """Serve until ``stop``, SIGTERM or SIGINT."""
        self._loop = loop = asyncio.get_running_loop()
        ended = stop or asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        listener = Listener(
            self._run / SOCKET_NAME, REQUESTS, name="a client", when_full=drop_statuses
        )
        loop.add_reader(listener, lambda: self._accept(listener))
        self._calld.work_aside(self._aside)
        self._lined.seek(loop)
        self._faxes.seek(loop)
        self._beat()
        self._wish()
        self._rearm()
        self._notifier.ready()
        await ended.wait()
        loop.remove_reader(listener)
        listener.close()
        for timer in (self._timer, self._status_timer):
            if timer is not None:
                timer.cancel()
        self._trunks.stop()
        self._faxes.stop()
        self._lined.stop()  # nothing of lined's may arrive once the records are closed
        self._calld.close(monotonic_ms(), wall_now())

    # --- lined ------------------------------------------------------------------------------------

    def _from_lined(self, messages: Sequence[ToCalld]) -> None:
        for message in messages:
            self._guard(partial(self._calld.from_lined, message, monotonic_ms(), wall_now()))
            if isinstance(message, Snapshot) and self._loop is not None:
                self._trunks.ports_made(self._loop)
        self._after()

    def _lined_gone(self, end: LinkClosed) -> None:
        log.error("the line daemon is away: %s", end)
        self._calld.lined_gone(monotonic_ms(), wall_now())
        self._after()

    def _on_trunk(self, event: msgspec.Struct) -> None:
        """Something happened on a trunk's leg or a fax end, or it was lost."""
        self._guard(lambda: self._calld.from_lined(event, monotonic_ms(), wall_now()))
        self._after()

    def _send(self, messages: Sequence[msgspec.Struct]) -> None:
        for message in messages:
            if for_sipd(message):
                self._trunks.send(message)
            elif for_faxd(message):
                self._faxes.send(message)
            else:
                self._lined.send(message)

    # --- people and pages -------------------------------------------------------------------------

    def _accept(self, listener: Listener[Request]) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it
        for link in listener.accept():
            greeted = False

            def read(messages: list[Request], link: Link[Request] = link) -> None:
                nonlocal greeted
                for message in messages:
                    if not greeted:
                        try:
                            check_hello(message, own_program="calld")
                        except LinkClosed as end:
                            self._reply(link, Refused(id="wrong-protocol", message=str(end)))
                            link.close()
                            return
                        greeted = True
                        self._reply(link, Hello(program="calld"))
                        continue
                    if isinstance(message, WatchStatus):
                        self._watchers.add(link)
                    answer = partial(self._reply, link)
                    self._guard(
                        partial(self._calld.request, message, answer, monotonic_ms(), wall_now())
                    )
                self._after()

            def closed(_end: LinkClosed, link: Link[Request] = link) -> None:
                self._watchers.discard(link)

            link.watch(self._loop, read, closed)

    def _reply(self, link: Link[Request], answer: msgspec.Struct) -> None:
        try:
            link.send(answer)
        except LinkError as problem:
            log.warning("an answer was not delivered: %s", problem)
            self._watchers.discard(link)

    def _web_answered(self, answer: WebAnswer) -> None:
        """On the thread that asked: back into the loop."""

        def tell() -> None:
            self._guard(lambda: self._calld.web_answered(answer, monotonic_ms(), wall_now()))
            self._after()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)

    def _aside(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do what takes long on another thread, and what comes of it here."""
        assert self._loop is not None  # noqa: S101  # serve() has set it

        def finish(made: asyncio.Future[Any]) -> Sequence[msgspec.Struct]:
            done(made.result())
            return self._calld.take_late()

        def over(made: asyncio.Future[Any]) -> None:
            self._guard(partial(finish, made))
            self._after()

        self._loop.run_in_executor(None, job).add_done_callback(over)

    # --- time -------------------------------------------------------------------------------------

    def _guard(self, work: Callable[[], Sequence[msgspec.Struct]]) -> None:
        """Do one message's work; a defect costs that message and not the office."""
        begin = time.monotonic_ns()
        try:
            self._send(work())
        except Exception:
            log.exception("a message could not be worked")
        took_ms = (time.monotonic_ns() - begin) // 1_000_000
        if took_ms > SLOW_HANDLER_MS:
            log.warning("a message took %d ms, more than %d", took_ms, SLOW_HANDLER_MS)

    def _after(self) -> None:
        """After anything happened: tell the watchers soon, and set the timer anew."""
        assert self._loop is not None  # noqa: S101  # serve() has set it
        for question in self._calld.take_web_questions():
            self._web.ask(question)
        self._trunks.look()
        if self._calld.take_change() and self._status_timer is None and self._watchers:
            self._status_timer = self._loop.call_later(STATUS_MS / 1000, self._tell_watchers)
        if self._calld.stop_wanted:
            # Whoever may switch the machine off watches for this file (a path unit of systemd).
            (self._run / POWER_OFF).touch()
        for wish in self._calld.updates.take_wishes():
            (self._run / wish).touch()
        self._wish()
        self._rearm()

    def _wish(self) -> None:
        """Leave what is wanted of the network for whoever may change it."""
        wanted = self._calld.network
        if wanted == self._network:
            return
        self._network = wanted  # a folder that takes nothing is told once
        try:
            network_wish.leave(self._run, wanted)
        except OSError as problem:
            log.error("the network settings cannot be handed on: %s", problem.strerror)

    def _tell_zone(self) -> None:
        """Tell time as the settings say, and have the others do so."""
        try:
            self._clock.leave(self._calld.zone)
        except OSError as problem:
            log.error("the others are not told the office's zone: %s", problem.strerror)

    def _tell_watchers(self) -> None:
        self._status_timer = None
        status = self._calld.status(monotonic_ms())
        for link in list(self._watchers):
            self._reply(link, status)

    def _rearm(self) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it
        if self._timer is not None:
            self._timer.cancel()
        wait_ms = max(0, self._calld.next_deadline() - monotonic_ms())
        self._timer = self._loop.call_later(wait_ms / 1000, self._due)

    def _due(self) -> None:
        self._guard(lambda: self._calld.advance(monotonic_ms(), wall_now()))
        self._after()

    def _beat(self) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it
        self._notifier.alive()
        self._tell_zone()
        self._calld.know_address(own_address())
        self._calld.know_clock(monotonic_ms(), trusted=confirmed())
        if self._calld.know_card(missing_part(self._run)):
            self._after()
        self._loop.call_later(WATCHDOG_S, self._beat)
