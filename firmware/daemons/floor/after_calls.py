"""The work after a call, at the agent's telephone: it rings, and what he keys is put down."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.acd.distribution import Distribution
from firmware.call.call import Call
from firmware.call.orders import Interrupt, Summon
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.core.settings import Settings, extension_at
from firmware.daemons.floor.task_news import SATISFACTION
from firmware.dialogs.after_call import GOOD, AfterCall, AfterCallBegins, AfterCallKeyed, Parting

HOUR_MS: Final = 3_600_000
RING_MS: Final = 6_000
"""Chosen: one ring and the pause after it; somebody who does not want to be asked is left alone."""

WORTH_MS: Final = 20_000
"""Chosen: with less time left than a few keys take, the warning does not ring."""

LOOK_MS: Final = 2_000
"""Chosen: a handset that is still lifted is looked at again so much later."""

ASKED_MS: Final = 120_000
"""Chosen: whoever has begun to key may take so long, whatever is left of his time."""

FLOW: Final = "aftercall"


class LastCall(msgspec.Struct, kw_only=True):
    """Whom an agent spoke with last."""

    call: str
    number: str
    name: str
    queue: str
    topic: str = ""


class AfterMemory(msgspec.Struct, kw_only=True):
    """What a restart must not forget: whom they spoke with, and whose telephone is still to ring.

    ``due`` is monotonic, of one boot.
    """

    last: dict[str, LastCall] = {}
    due: dict[str, int] = {}


class Desk(Protocol):
    """Queues, as the work after calls needs them."""

    acd: Distribution

    def tell(self, event: told.AcdEvent, now_ms: int, out: list[Any]) -> list[said.AcdEffect]:
        """Tell the distribution."""
        ...

    def port_of(self, agent: str) -> str:
        """His telephone."""
        ...

    def ring(self, order: Summon, now_ms: int, out: list[Any]) -> Call:
        """Ring a telephone of the box's own accord."""
        ...

    def idle(self, port: str) -> bool:
        """The telephone can ring now."""
        ...

    def order(self, call_id: str, order: Any, now_ms: int, out: list[Any]) -> None:
        """An order to a call, if that can take it."""
        ...


class AfterCalls:
    """Agents whose work after a call goes on.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.last: dict[str, LastCall] = {}  # by agent
        self._due: dict[str, int] = {}  # agent to when his telephone is to ring
        self._ringing: dict[str, tuple[str, int]] = {}  # agent to the call, and until when

    def kept(self) -> AfterMemory:
        """What is to be kept. A telephone that rings just now rings again."""
        again = {agent: until_ms - RING_MS for agent, (_, until_ms) in self._ringing.items()}
        return AfterMemory(last=self.last, due={**again, **self._due})

    def know(self, kept: AfterMemory, *, same_boot: bool) -> None:
        """What an earlier call control left."""
        self.last = kept.last
        self._due = kept.due if same_boot else {}

    def note(self, effect: said.AcdEffect, now_ms: int) -> None:
        """What the distribution says of an agent."""
        acd = self._desk.acd
        match effect:
            case said.Connected(agent=agent):
                queue = acd.hall.agents[agent].record.queue
                self.last.pop(agent, None)
                self.last[agent] = LastCall(
                    call=effect.visit, number=effect.number, name=effect.name, queue=queue
                )
            case said.AgentChanged(agent=agent, after="wrap_up"):
                line = acd.hall.queues.get(acd.hall.agents[agent].record.queue)
                if line is not None and line.settings.recall_s:
                    self._due[agent] = now_ms + line.settings.recall_s * 1_000
            case said.AgentChanged(agent=agent, before="wrap_up"):
                self._due.pop(agent, None)
            case said.WrapUpClosed(agent=agent, topic=topic) if agent in self.last:
                self.last[agent].topic = topic
            case said.WrapUpTone(agent=agent, left_ms=left_ms) if left_ms >= WORTH_MS:
                self._due[agent] = now_ms
            case _:
                pass

    def closed(self, effect: said.WrapUpClosed, now_ms: int, out: list[Any]) -> None:
        """A problem is solved: where the queue wants that, its caller is asked later by a call."""
        last = self.last.get(effect.agent)
        if effect.result in GOOD and last is not None and last.call == effect.visit:
            self.solved(last, effect.queue, effect.topic, now_ms, out)

    def solved(self, what: LastCall, queue: str, topic: str, now_ms: int, out: list[Any]) -> None:
        """A case is closed: its caller is to be asked whether he is satisfied.

        Args:
            what: The call it came from, and whose it was.
            queue: Who asks him; if that is no queue, the first one that asks at all.
            topic: Two digits, empty for none.
            now_ms: Monotonic.
            out: Effects go here.
        """
        lines = self._desk.acd.hall.queues
        named = [lines[queue]] if queue in lines else list(lines.values())
        line = next((line for line in named if line.settings.satisfaction_h), None)
        if line is None or not what.number:
            return
        asked = told.TaskOpened(
            kind="follow_up",
            number=what.number,
            in_ms=line.settings.satisfaction_h * HOUR_MS,
            queue=line.settings.number,
            name=what.name,
            note=SATISFACTION,
            about=what.call,
            topic=topic,
        )
        self._desk.tell(asked, now_ms, out)

    def server_of(self, call: str) -> tuple[str, LastCall | None]:
        """Who served the caller of this call last, and what is known of it."""
        found = [(agent, last) for agent, last in self.last.items() if last.call == call]
        return found[-1] if found else ("", None)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return earliest(*self._due.values(), *(until for _, until in self._ringing.values()))

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Ring whose time has come; stop ringing who does not come."""
        for agent, (call_id, until_ms) in list(self._ringing.items()):
            if until_ms <= now_ms:
                del self._ringing[agent]
                stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="not taken")
                self._desk.order(call_id, stop, now_ms, out)
        for agent, due_ms in list(self._due.items()):
            if due_ms > now_ms:
                continue
            port = self._desk.port_of(agent)
            if not port or self._desk.acd.hall.agents[agent].state != "wrap_up":
                del self._due[agent]
            elif not self._desk.idle(port):
                self._due[agent] = now_ms + LOOK_MS
            else:
                del self._due[agent]
                order = Summon(port=port, at_ms=now_ms, purpose="wrap_up", flow=f"{FLOW}:{agent}")
                call = self._desk.ring(order, now_ms, out)
                self._ringing[agent] = (call.call, now_ms + RING_MS)

    def dialog(self, agent: str, settings: Settings) -> AfterCall | None:
        """The questions for one agent."""
        if agent not in self._desk.acd.hall.agents:
            return None
        record = self._desk.acd.hall.agents[agent].record
        extension = extension_at(settings, record.port)
        language = (extension.language if extension else "") or settings.language
        line = self._desk.acd.hall.queues.get(record.queue)
        topics = tuple(line.settings.topics) if line else ()
        if topics:  # what opens a ticket may be keyed in every queue
            topics += tuple(topic for kind in settings.cases.kinds for topic in kind.topics)
        return AfterCall(agent, language, topics, offers=bool(settings.desk.hints))

    def heard(self, what: Parting, now_ms: int, out: list[Any]) -> None:
        """What an agent keyed."""
        match what:
            case AfterCallBegins(agent=agent):
                self._ringing.pop(agent, None)
                self._due.pop(agent, None)
                agent_now = self._desk.acd.hall.agents[agent]
                left_ms = agent_now.record.wrap_up_until_ms - now_ms
                if agent_now.state == "wrap_up" and left_ms < ASKED_MS:
                    more = told.WrapUpExtended(agent=agent, seconds=(ASKED_MS - left_ms) // 1_000)
                    self._desk.tell(more, now_ms, out)
            case AfterCallKeyed():
                self._keyed(what, now_ms, out)
            case _:
                pass

    def _keyed(self, what: AfterCallKeyed, now_ms: int, out: list[Any]) -> None:
        last = self.last.get(what.agent)
        if what.follow_up_h and last is not None:
            owed = told.TaskOpened(
                kind="follow_up",
                number=last.number,
                in_ms=what.follow_up_h * HOUR_MS,
                queue=last.queue,
                owner=what.agent,
                name=last.name,
                note=what.note,
                about=last.call,
                topic=what.topic,
            )
            self._desk.tell(owed, now_ms, out)
        if self._desk.acd.hall.agents[what.agent].state == "wrap_up":
            done = told.WrapUpDone(
                agent=what.agent, result=what.result, topic=what.topic, note=what.note
            )
            self._desk.tell(done, now_ms, out)
