"""A supervisor in a conversation: he listens, whispers to the agent, joins, takes over.

Who listens or whispers is no party of the conversation: it is held, handed over and ended as if he
were not there.
"""

from __future__ import annotations

from firmware.call.announcing import Announcing
from firmware.call.leg import LegEnd
from firmware.call.orders import LetGo, Oversee, TakeOver
from firmware.core.commands import Listen, Play
from firmware.core.fsm import STAY
from firmware.core.ids import notice_id
from firmware.core.log_entries import PartyMoved


class Supervising(Announcing):
    """Somebody beside a conversation."""

    __slots__ = ()

    def _oversee(self, order: Oversee, now_ms: int) -> str:
        self._come(order, now_ms)
        if order.mode == "join":
            self.parties.beside.pop(order.port, None)
        else:
            self.parties.beside[order.port] = order.mode
        self.do(*self.parties.join(), Listen(port=order.port, digits=True))
        if order.tone:
            for port in self.parties.here():
                self._say_aside(port, (order.tone,))
        self._say_aside(order.port, order.prompts)
        return STAY

    def _take_over(self, order: TakeOver, now_ms: int) -> str:
        self._come(order, now_ms)
        self.parties.beside.pop(order.port, None)
        self._leave(order.agent, now_ms, LegEnd.CLEARED)
        self.do(self.journal.voices(self.parties.here(), now_ms), *self.parties.join())
        self.do(Listen(port=order.port))
        self._say_aside(order.port, order.prompts)
        return STAY

    def _dismiss(self, order: LetGo, now_ms: int) -> str:
        self._others_go_on(order.port, now_ms, LegEnd.CLEARED)
        return STAY

    def _come(self, order: Oversee | TakeOver, now_ms: int) -> None:
        if order.port in self.parties.legs:
            return
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

    def _say_aside(self, port: str, prompts: tuple[str, ...]) -> None:
        """He alone hears it; a recording's notice has such a name too, and ends nothing either."""
        if prompts:
            self._plays += 1
            play = notice_id(self.call, self._plays)
            self.do(Play(port=port, play=play, prompts=prompts))
