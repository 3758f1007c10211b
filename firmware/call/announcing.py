"""One telephone that speaks to many, or is listened to: paging, and a room with a lifted handset.

Who listens hears and is not heard. The telephone where it began is the one that speaks; when it is
put down, it is over for all.
"""

from __future__ import annotations

from typing import Any

from firmware.call.leg import LegEnd
from firmware.call.orders import Broadcast, Join
from firmware.call.transferring import Transferring
from firmware.core.commands import Play
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.log_entries import ClearedBy, Outcome, PartyMoved, Side
from firmware.core.port_events import OnHook, PhoneAnswered, PortLost


class Announcing(Transferring):
    """One speaks, others listen; and a colleague comes into a conversation."""

    __slots__ = ()

    def _broadcast(self, order: Broadcast, now_ms: int) -> str:
        self._plays += 1
        play = play_id(self.call, self._plays)
        self.do(Play(port=self.origin, play=play, prompts=order.prompts))
        for extension in order.members:
            if extension.port not in self.parties.legs:
                caller = self._shown_caller()
                self.do(*self.parties.ring(extension, caller, now_ms, "page"))
        return "paging" if order.members else "room"

    def _join_listeners(self) -> None:
        here = self.parties.here()
        if len(here) < 2:
            self.do(*self.parties.bridge.clear())
            return
        self.do(*self.parties.join(*(port for port in here if port != self.origin)))

    def _listens(self, event: PhoneAnswered, now_ms: int) -> str:
        """A telephone that rang for the announcement was lifted; the others ring on."""
        extension = self.parties.legs[event.port].extension
        self.do(
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer_alone(event.port, now_ms),
        )
        self.do(self.journal.voices(self.parties.here(), now_ms))
        self._join_listeners()
        return STAY

    def _join(self, order: Join, now_ms: int) -> str:
        """A lifted telephone comes in: with a tone into a conversation, silently as a listener."""
        self.do(
            PartyMoved(
                call=self.call,
                at_ms=now_ms,
                port=order.port,
                extension=order.extension,
                other=order.other,
            ),
            *self.parties.attach(order.port, "telephone", order.extension, now_ms),
        )
        if order.hears_only:
            self.do(self.journal.voices(self.parties.here(), now_ms))
            self._join_listeners()
            return STAY
        self.do(*self.parties.join())
        if order.tone:
            for port in self.parties.here():
                self._plays += 1
                play = play_id(self.call, self._plays)
                self.do(Play(port=port, play=play, prompts=(order.tone,)))
        return STAY

    def _listener_gone(self, event: OnHook | PortLost, now_ms: int) -> str:
        leg = self.parties.legs.get(event.port)
        if event.port != self.origin:
            if leg is not None:
                self.do(*self.parties.end(event.port, LegEnd.GONE, now_ms))
                self._join_listeners()
            return STAY
        lost = isinstance(event, PortLost)
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.SERVICE,
            Side.SYSTEM if lost else Side.CUSTOMER,
            ClearedBy.FAULT if lost else ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            event.reason if isinstance(event, PortLost) else "",
            gone=event.port,
        )

    def _paging_over(self, _event: Any, now_ms: int) -> str:
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.NO_ANSWER,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            detail="the announcement reached its limit",
        )
