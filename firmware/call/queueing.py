"""Callers who wait in a queue: its agents ring, one lifts and hears who it is, voices are joined.

Who rings is decided elsewhere; here a caller waits in a flow named after his queue, so whatever he
hears stops as an agent lifts.
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.call.attending import Attending
from firmware.call.hours import place
from firmware.call.leg import LegEnd
from firmware.call.orders import LeaveQueue, RingAgent, StopAgent, Whisper
from firmware.core.acd_settings import Queue, queue_named
from firmware.core.commands import Play, PlayTone, StopPlay, StopTone
from firmware.core.destinations import Destination, EndFlow, FlowHangsUp, ToFlow, ToQueue, named
from firmware.core.events import PlayFinished
from firmware.core.fsm import STAY
from firmware.core.ids import play_id
from firmware.core.port_events import Glare, LineRings, OnHook, PhoneAnswered, PortLost
from firmware.core.ring_window import RingsWanted
from firmware.core.settings import extension_at, line_at

WIRE: Final = "fxo/"
"""Ports that hear ring bursts; a trunk has none to count."""


class Queueing(Attending):
    """The wait in a queue, as the call sees it."""

    __slots__ = ()

    def _queue_of(self, destination: Destination | None) -> Queue | None:
        if not isinstance(destination, ToQueue):
            return None
        return queue_named(self.settings.acd, destination.queue)

    def _start_flow(self, destination: ToFlow) -> None:
        """Who waits in a queue has a bridge of his own, so that lined keeps his line.

        Call control may be away for a moment; without a bridge the line would be given back.
        """
        super()._start_flow(destination)
        if destination.flow.startswith("queue:") and not self.parties.ringing():
            self.do(*self.parties.join())

    def _line_rings(self, event: LineRings | Glare, now_ms: int) -> str:
        """A queue that callers of this line come straight to may want more rings first."""
        state = super()._line_rings(event, now_ms)
        line = line_at(self.settings, event.port)
        queue = self._queue_of(named(place(self.settings, line, self.mode), self.settings))
        wire = event.port.startswith(WIRE) and isinstance(event, LineRings)
        if wire and queue is not None and queue.min_rings:
            self.do(RingsWanted(port=event.port, bursts=queue.min_rings))
        return state

    def _inbound(self) -> Destination:
        destination = super()._inbound()
        queue = self._queue_of(destination)
        return destination if queue is None else ToFlow(flow=f"queue:{queue.number}")

    def _send_inbound(self, now_ms: int) -> str:
        destination = self._inbound()
        if isinstance(destination, ToFlow) and destination.flow.startswith("queue:"):
            queue = destination.flow.partition(":")[2]
            self.do(self.journal.left_menu(f"queue {queue}", "", now_ms))
        return super()._send_inbound(now_ms)

    def _offer_to(self, destination: Destination, choice: str, now_ms: int) -> str:
        queue = self._queue_of(destination)
        if queue is None:
            return super()._offer_to(destination, choice, now_ms)
        self.destination = destination
        return self._to_flow(ToFlow(flow=f"queue:{queue.number}"), choice, now_ms)

    def _ring_agent(self, order: RingAgent, now_ms: int) -> str:
        extension = extension_at(self.settings, order.port)
        if extension is not None and order.port not in self.parties.legs:
            caller = self._shown_caller()
            if caller is not None and order.prefix and caller.number:
                caller = msgspec.structs.replace(caller, number=order.prefix + caller.number)
            if order.agent:
                self.agents = (*self.agents, order.agent)
            self.do(*self.parties.ring(extension, caller, now_ms, order.cadence))
        return STAY

    def _stop_agent(self, order: StopAgent, now_ms: int) -> str:
        leg = self.parties.legs.get(order.port)
        if leg is not None and leg.ringing:
            cause = LegEnd.NO_ANSWER if order.missed else LegEnd.WITHDRAWN
            self.do(*self.parties.end(order.port, cause, now_ms))
        return STAY

    def _agent_lifted(self, event: PhoneAnswered, now_ms: int) -> str:
        extension = self.parties.legs[event.port].extension
        self.do(
            EndFlow(call=self.call),
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer(event.port, now_ms),
        )
        return "whispering"

    def _whisper_agent(self, order: Whisper, _now_ms: int) -> str:
        if not order.prompts and not order.announce:
            return "talking"
        agent = next((port for port in self.parties.present() if port != self.origin), "")
        self._sounding = (agent, self.origin)
        for port, prompts in ((agent, order.prompts), (self.origin, order.announce)):
            self._plays += 1
            if prompts:
                play = play_id(self.call, 1_000 + self._plays)
                self.do(Play(port=port, play=play, prompts=prompts))
            elif port == self.origin:
                self.do(PlayTone(port=port, tone="ringback"))
        self._whispers = bool(order.prompts) + bool(order.announce)
        return STAY

    def _agent_whispered(self, _event: PlayFinished, _now_ms: int) -> str:
        self._whispers -= 1
        return STAY if self._whispers > 0 else "talking"

    def _agent_whisper_over(self, _now_ms: int) -> None:
        for port in self._sounding:
            self.do(StopPlay(port=port))
            if port == self.origin:
                self.do(StopTone(port=port))
        self._sounding = ()

    def _agent_gone(self, event: OnHook | PortLost, now_ms: int) -> str:
        """He lifted and hung up before the caller was there: the caller waits on."""
        if event.port == self.origin or event.port not in self.parties.legs:
            if isinstance(event, PortLost):
                return self._port_lost(event, now_ms)
            return self._on_hook(event, now_ms)
        self._leave(event.port, now_ms, LegEnd.GONE)
        self._start_flow(ToFlow(flow=self._flow))
        return "menu"

    def _on_hook_in_talk(self, event: OnHook, now_ms: int) -> str:
        """The agent hangs up first: a caller who stays is asked how it was, or hears goodbye."""
        kind, _, number = self._flow.partition(":")
        queue = queue_named(self.settings.acd, number) if kind == "queue" else None
        origin = self.parties.legs.get(self.origin)
        alone = set(self.parties.here()) == {self.origin, event.port} != {self.origin}
        if queue is None or not queue.survey or not alone or event.port == self.origin:
            return self._put_down(event, now_ms)
        if origin is None or origin.kind != "line":
            return self._put_down(event, now_ms)
        self._leave(event.port, now_ms, LegEnd.GONE)
        self.do(*self.parties.bridge.clear())
        self._start_flow(ToFlow(flow=f"survey:{queue.number}"))
        return "menu"

    def _put_down(self, event: OnHook, now_ms: int) -> str:
        raise NotImplementedError

    def _on_hook(self, event: OnHook, now_ms: int) -> str:
        raise NotImplementedError

    def _leave_queue(self, order: LeaveQueue, now_ms: int) -> str:
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.WITHDRAWN, now_ms))
        if order.destination is None:
            return self._flow_hangs_up(FlowHangsUp(at_ms=order.at_ms), now_ms)
        self.do(EndFlow(call=self.call), *self.parties.bridge.clear())
        return self._offer_to(order.destination, "", now_ms)
