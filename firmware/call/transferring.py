"""What people hear around a transfer: to whom the caller goes, who sends him, why he is back.

A prompt named ``digits:203`` is a number that the office reads out.
"""

from __future__ import annotations

from typing import Any

from firmware.call.leg import LegEnd
from firmware.call.orders import SendAway, SendOn
from firmware.call.talking import Talking
from firmware.core.commands import Play, PlayTone, StopPlay
from firmware.core.destinations import ToFlow
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.log_entries import ClearedBy, Direction, Outcome
from firmware.core.port_events import OnHook, PhoneAnswered
from firmware.core.settings import extension_at


class Transferring(Talking):
    """A call on its way from one telephone to another."""

    __slots__ = ()

    def _sound_transfer(self, now_ms: int) -> None:
        """The caller hears to whom he is passed, then ringback."""
        ringing = self.parties.ringing()
        self._target = self.parties.legs[ringing[0]].extension if ringing else ""
        if self.settings.transfers.announce != "both" or not self._target:
            self._sound_waiting(now_ms)
            return
        self._sounding = self.parties.here()
        for port in self._sounding:
            self._play_to(port, "transferring-to-before", f"digits:{self._target}")

    def _target_told(self, _event: Any, now_ms: int) -> str:
        self._sound_waiting(now_ms)
        return STAY

    def _stop_transfer(self, now_ms: int) -> None:
        self.do(*(StopPlay(port=port) for port in self._sounding))
        self._stop_ringback(now_ms)

    def _play_to(self, port: str, *prompts: str) -> None:
        extension = extension_at(self.settings, port)
        language = extension.language or self.settings.language if extension else self.language
        self._plays += 1
        named = tuple(f"{language}/{prompt}" for prompt in prompts)
        self.do(Play(port=port, play=play_id(self.call, self._plays), prompts=named))

    def _transfer_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        self._phone_answered(event, now_ms)
        sender = extension_at(self.settings, self._sender)
        if self.settings.transfers.announce == "none" or sender is None:
            return "talking"
        sent = ("whisper-transfer", "whisper-from-before", f"digits:{sender.number}")
        self._whispered = (*sent, *self.known_of_him)
        self._told = event.port
        return "announcing"

    def _return_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        self._phone_answered(event, now_ms)
        said, self._returned = self._returned, ()
        if not said or self.settings.transfers.announce == "none":
            return "talking"
        self._whispered, self._told = said, event.port
        return "announcing"

    def _whisper(self, _now_ms: int) -> None:
        """Whoever takes over hears who sends, or why it is back; the others wait a moment more."""
        self._sounding = tuple(port for port in self.parties.here() if port != self._told)
        self.do(*(PlayTone(port=port, tone="ringback") for port in self._sounding))
        self._play_to(self._told, *self._whispered)

    def _stop_whisper(self, now_ms: int) -> None:
        self.do(StopPlay(port=self._told))
        self._stop_ringback(now_ms)

    def _left_untold(self, event: OnHook, now_ms: int) -> str:
        if event.port != self._told:
            return self._gone_on_hook(event, now_ms)
        self._leave(event.port, now_ms)
        return "returning"

    def _gone_on_hook(self, event: OnHook, now_ms: int) -> str:
        """A party other than the one that was to be told has left."""
        if self._others_go_on(event.port, now_ms, LegEnd.GONE):
            return STAY
        return self._end(
            Outcome.ANSWERED,
            self._side_of(event.port),
            ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            gone=event.port,
        )

    def may_be_passed_on(self, port: str) -> bool:
        """Whether this telephone may hand the call to somebody else; counts it if so.

        A caller from outside is passed on ``transfers.most`` times, one more time with the PIN.
        """
        extension = extension_at(self.settings, port)
        limit = self.settings.transfers.most
        free = (
            not limit
            or self.journal.direction is not Direction.INBOUND
            or (extension is not None and extension.may_transfer_again)
        )
        if not free and self.hops >= limit and not self.transfer_allowed:
            self._returned = ("transfer-once-only",)
            return False
        self.hops, self.transfer_allowed = self.hops + 1, False
        return True

    def _not_taken(self, _event: Any, now_ms: int) -> str:
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        return self._absent()

    def _send_away(self, order: SendAway, now_ms: int) -> str:
        """Nobody rings there: as if nobody had answered."""
        self._leave(order.port, now_ms)
        self._sender, self._target = order.port, order.absent
        return self._absent()

    def _send_on(self, order: SendOn, now_ms: int) -> str:
        """He goes to a queue or a flow, whoever he was called by: the flow is his from here on."""
        self._leave(order.port, now_ms)
        line = self.parties.line()
        if order.port == self.origin and line is not None:
            self.journal.origin = line.port
        self.do(*self.parties.bridge.clear())
        return self._offer_to(order.destination, "", now_ms)

    def _absent(self) -> str:
        """The caller chooses what to do about somebody absent, or goes back to who sent him."""
        self._returned = ("transfer-returned-before", f"digits:{self._target}")
        inbound = self.journal.direction is Direction.INBOUND
        alone = self.parties.here() == (self.origin,)
        if not (self.settings.transfers.absent_menu and inbound and alone):
            return "returning"
        self.do(*self.parties.bridge.clear())
        self._start_flow(ToFlow(flow=f"absent:{self._target}"))
        return "menu"
