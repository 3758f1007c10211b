"""A conversation: recorded, held, handed over, parked, picked up, left by one of three."""

from __future__ import annotations

from typing import Any

from firmware.call.keeping import Keeping
from firmware.call.leg import LegEnd
from firmware.call.orders import DropLast, GoBack, Hold, Park, PickUp, Receive, Retrieve
from firmware.call.room import watched
from firmware.core.commands import Listen, Play, PlayTone, StopPlay, StopRecording
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.log_entries import (
    CallHeld,
    CallParked,
    CallRetrieved,
    ClearedBy,
    Direction,
    Outcome,
    PartyMoved,
    Side,
)
from firmware.core.port_events import FarSideBusy, OnHook, PhoneFree
from firmware.core.settings import extension_at


class Talking(Keeping):
    """A conversation: recorded, held, handed over, parked, picked up, left by one of three."""

    __slots__ = ()

    def _connect(self, now_ms: int) -> None:
        inbound = self.journal.direction is Direction.INBOUND
        if inbound and not self.journal.line_answered:
            self._answer_line(now_ms)
        self.do(self.journal.voices(self.parties.here(), now_ms), *self.parties.join())
        self._hear_keys()
        self._keep_if_wanted(now_ms)

    def _hear_keys(self) -> None:
        """Keys of telephones in a conversation that a line or a trunk is part of.

        A trunk has events for them (RFC 4733); in a call outside they could dial on to a number
        that is not allowed. Elsewhere a receiver would only take speech for digits.
        """
        line = self.parties.line()
        if line is None or not (line.port.startswith("sip/") or watched(self)):
            return
        for port in self.parties.here():
            if self.parties.legs[port].kind != "line":
                self.do(Listen(port=port, digits=True))

    def _put_down(self, event: OnHook, now_ms: int) -> str:
        """A telephone is put down first: a caller who is still there hears goodbye.

        His line is kept until he clears, or for a while; the record says that ours cleared first.
        """
        line = self.parties.line()
        others = tuple(port for port in self.parties.here() if port != event.port)
        inbound = self.journal.direction is Direction.INBOUND
        alone = line is not None and others == (line.port,) and event.port in self.parties.here()
        if not (self.settings.farewell and inbound and alone):
            return self._on_hook(event, now_ms)
        self.do(
            *self.journal.ended(
                Outcome.ANSWERED, Side.AGENT, ClearedBy.ON_HOOK, event.at_ms, event.port, ""
            ),
            *self.parties.bridge.clear(),
        )
        if self.journal.recording:
            self.do(StopRecording(recording=self.journal.recording))
        self.do(*self.parties.end(event.port, LegEnd.GONE, now_ms))
        self.do(*self.parties.dismiss_beside(now_ms))
        self._plays += 1
        play = play_id(self.call, self._plays)
        self.do(Play(port=others[0], play=play, prompts=(f"{self.language}/goodbye",)))
        return "parting"

    def _hold(self, order: Hold, now_ms: int) -> str:
        self.parties.away.add(order.port)
        self._sender = order.port
        self.do(CallHeld(call=self.call, at_ms=now_ms, port=order.port), *self.parties.join())
        return "held"

    def _hold_music(self, _now_ms: int) -> None:
        here = self.parties.here()
        self._sounding = here if len(here) == 1 else ()  # two who wait have each other
        for port in self._sounding:
            self._plays += 1
            play = play_id(self.call, self._plays)
            self.do(Play(port=port, play=play, prompts=("music/default",), loop=True))

    def _stop_music(self, _now_ms: int) -> None:
        self.do(*(StopPlay(port=port) for port in self._sounding))
        self._sounding = ()

    def _retrieve(self, order: Retrieve, now_ms: int) -> str:
        self.parties.away.discard(order.port)
        self.do(CallRetrieved(call=self.call, at_ms=now_ms, port=order.port))
        return "talking"

    def _receive(self, order: Receive, now_ms: int) -> str:
        for leg in order.legs:
            self.parties.take(leg)
            self.do(
                PartyMoved(
                    call=self.call,
                    at_ms=now_ms,
                    port=leg.port,
                    extension=leg.extension,
                    other=order.other,
                )
            )
        if order.leaving:
            self._leave(order.port, now_ms)
        self.parties.away.discard(order.port)
        return "transferring" if self.parties.ringing() else "talking"

    def _sound_waiting(self, _now_ms: int) -> None:
        self._sounding = self.parties.here()
        self.do(*(PlayTone(port=port, tone="ringback") for port in self._sounding))

    def _go_back(self, order: GoBack, now_ms: int) -> str:
        if order.port in self.parties.legs:  # who let a caller be looked after has left already
            self._leave(order.port, now_ms)
        self._sender = order.port
        return "returning"

    def _park(self, order: Park, now_ms: int) -> str:
        self._leave(order.port, now_ms)
        self._sender = order.port
        self.do(CallParked(call=self.call, at_ms=now_ms, place=order.place))
        return "parked"

    def _ring_sender(self, now_ms: int) -> None:
        self._sound_waiting(now_ms)
        self._sender_rings(now_ms)

    def _sender_free(self, event: PhoneFree, now_ms: int) -> str:
        if event.port == self._sender:
            self._sender_rings(now_ms)
        return STAY

    def _sender_rings(self, now_ms: int) -> None:
        extension = extension_at(self.settings, self._sender)
        if extension is None or extension.port in self.parties.legs:
            return
        if self._ports.phone_idle(extension.port):
            self.do(*self.parties.ring(extension, self._shown_caller(), now_ms, "returned"))

    def _nobody_takes_back(self, _event: Any, now_ms: int) -> str:
        return self._end(
            Outcome.ANSWERED,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            detail="nobody took the call back",
            ringing=LegEnd.NO_ANSWER,
        )

    def _picked_up(self, order: PickUp, now_ms: int) -> str:
        ringing = self.parties.ringing()
        self.do(
            self.journal.telephone_answered(order.port, order.extension, order.at_ms),
            *self.parties.attach(order.port, "telephone", order.extension, now_ms),
        )
        for port in ringing:
            self.do(*self.parties.end(port, LegEnd.WITHDRAWN, now_ms))
        return "talking"

    def _drop_last(self, _order: DropLast, now_ms: int) -> str:
        port = self.parties.here()[-1]
        self._leave(port, now_ms, LegEnd.CLEARED)
        self.do(*self.parties.join())
        return STAY

    def _far_side_busy_in_talk(self, event: FarSideBusy, now_ms: int) -> str:
        """A line that was handed over before anybody answered there."""
        if self._others_go_on(event.port, now_ms, LegEnd.CLEARED):
            return STAY
        return self._end(
            Outcome.ANSWERED,
            Side.CUSTOMER,
            ClearedBy.TONE,
            event.at_ms,
            event.port,
            f"{event.tone} tone",
        )
