"""outboxd on the bench in virtual time: the same core, a modem of the bench on its wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from firmware.daemons.calld import Calld
from firmware.daemons.outbox.outboxd import (
    CallHook,
    Do,
    Outboxd,
    Publish,
    SendMail,
    ToCalld,
    ToModem,
)
from tests.bench.cellular.modem import CellularModem, Network


class Postman:
    """outboxd with a modem; ``maker`` is a key of ``cellular.modem.MAKERS``.

    What it sends by mail, hook or broker goes into :attr:`mailed`, :attr:`called` and
    :attr:`published`; what comes of it is said by :attr:`outcome` (why, whose fault), taken at
    once by default.
    """

    def __init__(self, maker: str = "huawei", **more: Any) -> None:
        self.network = Network()
        self.far = CellularModem(maker, self.network, **more)
        self.core: Outboxd | None = None
        self.plugged = False
        self.mailed: list[SendMail] = []
        self.called: list[CallHook] = []
        self.published: list[Publish] = []
        self.outcome: Callable[[Any], tuple[str, Any]] = lambda _what: ("", "item")
        self._calld: Calld | None = None
        self._answers: list[Any] = []

    def start(self) -> None:
        """A new outboxd."""
        self.core = Outboxd(has_modem=True)
        self._calld = None

    def kill(self) -> None:
        """It is gone without a word, as by SIGKILL."""
        self.core, self._calld = None, None
        self._answers = []

    def plug(self, now_ms: int) -> None:
        """The modem is plugged in."""
        self.plugged = True
        self.far.plug(now_ms)

    def plug_in(self, now_ms: int) -> None:
        """The modem is plugged in, and outboxd runs if it did not."""
        if self.core is None:
            self.start()
        self.plug(now_ms)

    def unplug(self) -> None:
        """The modem is pulled out."""
        self.plugged = False

    def turn(self, calld: Calld | None, now_ms: int, wall: datetime) -> None:
        """One block of time."""
        core = self.core
        if core is None:
            return
        todo: list[Do] = []
        if calld is not self._calld:
            self._answers = []
            if self._calld is not None:
                todo += core.calld_gone(now_ms)
            self._calld = calld
            if calld is not None:
                todo += core.connected(now_ms)
        if self.plugged is not core._plugged:
            todo += core.modem_opened(now_ms) if self.plugged else core.modem_gone(now_ms)
        if self.plugged and (data := self.far.read(now_ms)):
            todo += core.modem_heard(data, now_ms)
        if core.next_deadline(now_ms) <= now_ms:
            todo += core.advance(now_ms)
        while todo or self._answers:
            answers, self._answers = self._answers, []
            for answer in answers:
                todo += core.from_calld(answer, now_ms)
            doing, todo = todo, []
            for each in doing:
                todo += self._do(core, each, now_ms, wall)

    def _do(self, core: Outboxd, what: Do, now_ms: int, wall: datetime) -> list[Do]:
        match what:
            case ToCalld(message):
                if self._calld is not None:
                    reply = partial(self._answered, core)
                    self._calld.request(message, reply, now_ms, wall)
            case ToModem(data):
                if self.plugged:
                    self.far.write(data, now_ms)
            case SendMail() | CallHook() | Publish():
                kept: Any = {SendMail: self.mailed, CallHook: self.called, Publish: self.published}
                kept[type(what)].append(what)
                why, fault = self.outcome(what)
                return core.done(what.item.item, now_ms, why=why, fault=fault)
        return []

    def _answered(self, core: Outboxd, answer: Any) -> None:
        """An answer of calld, now or later; to an outboxd that was killed it comes too late."""
        if core is self.core:
            self._answers.append(answer)
