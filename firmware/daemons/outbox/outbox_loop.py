"""The shell of outboxd: sockets, serial ports, threads for what waits for other machines."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Final

from firmware.control.link import ANSWERS, LinkClosed, LinkError
from firmware.control.messages import Answer
from firmware.daemons.neighbour import Neighbour
from firmware.daemons.notify import Notifier
from firmware.daemons.office_clock import OfficeClock
from firmware.daemons.outbox.hook_caller import call
from firmware.daemons.outbox.letters import letter_of
from firmware.daemons.outbox.mailer import MailError, send
from firmware.daemons.outbox.outboxd import (
    CallHook,
    Do,
    Outboxd,
    Publish,
    SendMail,
    ToCalld,
    ToModem,
)
from firmware.daemons.outbox.printer import Printer
from firmware.daemons.outbox.publisher import Publisher
from firmware.daemons.outbox.wire import Wire
from firmware.outbox.broker import payload_of
from firmware.outbox.delivery import Fault
from firmware.outbox.hooks import request_of
from firmware.outbox.letter import message
from firmware.storage.errors import StorageError

log = logging.getLogger(__name__)

CALLD_SOCKET: Final = "calld.sock"
WATCHDOG_S: Final = 2.0
MOST_THREADS: Final = 32
"""One for each hook, one for mail and one for the broker, so that a slow one delays no other."""

Outcome = tuple[str, Fault, int]


def monotonic_ms() -> int:
    """Time of the core."""
    return time.monotonic_ns() // 1_000_000


class OutboxLoop:
    """outboxd with its sockets.

    Args:
        run_folder: Where calld's socket is.
        data_folder: Where the records are, which are only read here.
        modem: Device of the modem, empty for none.
        printer: Device of the cable for call lines, empty for none.
    """

    def __init__(
        self, run_folder: Path, data_folder: Path, *, modem: str = "", printer: str = ""
    ) -> None:
        self._socket = run_folder / CALLD_SOCKET
        self._clock = OfficeClock(run_folder)
        self._data = data_folder
        self._modem_at, self._printer_at = modem, printer
        self._core = Outboxd(has_modem=bool(modem))
        self._calld = Neighbour(
            self._socket,
            ANSWERS,
            name="call control",
            own="outboxd",
            greeted=self._greeted,
            heard=self._from_calld,
            lost=self._calld_gone,
        )
        self._timer: asyncio.TimerHandle | None = None
        self._modem: Wire | None = None
        self._printer: Printer | None = None
        self._publisher = Publisher()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="outbox")
        self._notifier = Notifier()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, stop: asyncio.Event | None = None) -> None:
        """Serve until ``stop``, SIGTERM or SIGINT."""
        self._loop = loop = asyncio.get_running_loop()
        ended = stop or asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        if self._modem_at:
            self._modem = Wire(self._modem_at, heard=self._heard, here=self._modem_here)
            self._modem.seek()
        if self._printer_at:
            self._printer = Printer(
                self._printer_at,
                self._data,
                lambda through: self._carry_out(self._core.printed(through, monotonic_ms())),
            )
        self._calld.seek(loop)
        self._beat()
        self._rearm()
        self._notifier.ready()
        await ended.wait()
        if self._timer is not None:
            self._timer.cancel()
        for wire in (self._modem, self._printer):
            if wire is not None:
                wire.close()
        self._calld.stop()
        self._publisher.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- calld ------------------------------------------------------------------------------------

    def _greeted(self) -> None:
        self._carry_out(self._core.connected(monotonic_ms()))

    def _from_calld(self, messages: Sequence[Answer]) -> None:
        for each in messages:
            self._carry_out(self._core.from_calld(each, monotonic_ms()))
        if self._printer is not None:
            self._printer.follow(self._core.news)
        self._rearm()

    def _calld_gone(self, end: LinkClosed) -> None:
        log.warning("call control is away: %s", end)
        self._carry_out(self._core.calld_gone(monotonic_ms()))
        self._rearm()

    # --- the modem --------------------------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        self._carry_out(self._core.modem_heard(data, monotonic_ms()))
        self._rearm()

    def _modem_here(self, here: bool) -> None:
        core, now_ms = self._core, monotonic_ms()
        self._carry_out(core.modem_opened(now_ms) if here else core.modem_gone(now_ms))
        self._rearm()

    # --- effects ----------------------------------------------------------------------------------

    def _carry_out(self, doing: list[Do]) -> None:
        for each in doing:
            match each:
                case ToCalld(told):
                    try:
                        self._calld.send(told)
                    except LinkError as problem:
                        log.warning("call control was not told: %s", problem)
                case ToModem(data):
                    if self._modem is not None:
                        self._modem.write(data)
                case SendMail():
                    self._aside(each.item.item, partial(self._mail, each))
                case CallHook():
                    self._aside(each.item.item, partial(self._hook, each))
                case Publish():
                    self._aside(each.item.item, partial(self._publish, each))

    def _aside(self, item: int, job: Callable[[], Outcome]) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it

        def over(made: asyncio.Future[Outcome]) -> None:
            try:
                why, fault, after_ms = made.result()
            except Exception:
                log.exception("item %d could not be tried", item)
                why, fault, after_ms = "a defect of ours", "item", 0
            if why:
                log.warning("item %d was not delivered: %s", item, why)
            now_ms = monotonic_ms()
            self._carry_out(self._core.done(item, now_ms, why=why, fault=fault, after_ms=after_ms))
            self._rearm()

        self._loop.run_in_executor(self._threads, job).add_done_callback(over)

    def _mail(self, what: SendMail) -> Outcome:
        """On a thread."""
        news, item = self._core.news, what.item
        mail = news.settings.mail
        try:
            letter = letter_of(item, news, self._data, self._socket)
            made = message(
                letter,
                item=item.item,
                made_ms=item.made_ms,
                sender=mail.sender,
                to=item.to,
                office=news.office,
                date=formatdate(localtime=True),
            )
        except (LookupError, ValueError) as problem:
            return str(problem), "lasting", 0
        except (OSError, StorageError) as problem:
            return str(problem), "item", 0
        try:
            send(mail, made)
        except MailError as problem:
            return str(problem), problem.fault, 0
        return "", "item", 0

    def _hook(self, what: CallHook) -> Outcome:
        """On a thread."""
        language = self._core.news.language
        now_s = int(time.time())
        request = request_of(what.hook, what.item.item, what.item.data, language, now_s)
        return call(what.hook, request)

    def _publish(self, what: Publish) -> Outcome:
        """On a thread, one after the other."""
        payload = payload_of(what.item.data, what.item.item)
        return self._publisher.publish(what.broker, what.item.to, payload)

    # --- time -------------------------------------------------------------------------------------

    def _rearm(self) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it
        if self._timer is not None:
            self._timer.cancel()
        now_ms = monotonic_ms()
        wait_ms = max(1, self._core.next_deadline(now_ms) - now_ms)
        self._timer = self._loop.call_later(wait_ms / 1000, self._due)

    def _due(self) -> None:
        self._carry_out(self._core.advance(monotonic_ms()))
        self._rearm()

    def _beat(self) -> None:
        assert self._loop is not None  # noqa: S101  # serve() has set it
        self._notifier.alive()
        self._clock.look()
        self._loop.call_later(WATCHDOG_S, self._beat)
