"""When a queue alarms, telephones of its idle agents give a short tone: three pips of the bell.

Idle is who is on a break with his handset on its hook. Nobody has to lift; who does hears how many
wait, and one key takes him back to work. Once per alarm: it is a hint, not a summons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from firmware.acd import events as told
from firmware.call.call import Call
from firmware.call.orders import Interrupt, Summon
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.daemons.floor.queue_memory import OpenAlarm
from firmware.dialogs.hurry import ComesBack, Hurry
from ivr.speech import say_duration, say_number

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "hurry"
CADENCE: Final = "page"
WARN_OF: Final = frozenset({"many_waiting", "long_wait", "vip_waits"})
RING_MS: Final = 3_800
"""One round of that cadence: three bursts of 200 ms, and the pause after them to lift in."""


class IdleWarnings:
    """Telephones that give a warning tone.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._ringing: dict[str, tuple[str, int]] = {}  # call to the queue, and until when

    def warn(self, alarm: OpenAlarm, now_ms: int, out: list[Any]) -> None:
        """An alarm has just been raised."""
        acd = self._desk.acd
        visit = acd.hall.visits.get(alarm.about)
        queue = alarm.about if alarm.about in acd.hall.queues else visit.queue if visit else ""
        if not self._desk.settings.acd.alarm_tone or alarm.what not in WARN_OF or not queue:
            return
        busy = {self._desk.agent_at(port) for port in self._desk.supervisors.on_duty()}
        for number, agent in acd.hall.agents.items():
            port = agent.record.port
            idle = agent.state == "paused" and (queue,) in acd.hall.levels[number]
            if idle and number not in busy and self._desk.idle(port):
                order = Summon(
                    port=port,
                    at_ms=now_ms,
                    purpose="warning",
                    flow=f"{FLOW}:{queue}",
                    cadence=CADENCE,
                )
                self._ringing[self._desk.ring(order, now_ms, out).call] = (queue, now_ms + RING_MS)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return earliest(*(until_ms for _, until_ms in self._ringing.values()))

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """The tone is over."""
        for call_id, (_, until_ms) in list(self._ringing.items()):
            if now_ms < until_ms:
                continue
            del self._ringing[call_id]
            call = self._desk.office.calls_by_id.get(call_id)
            if call is not None and call.state == "summoning":
                stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail="a warning tone")
                self._desk.order(call_id, stop, now_ms, out)

    def dialog(self, flow: str, call: Call) -> Hurry | None:
        """What is said when the telephone is lifted; None for any other flow."""
        name, _, queue = flow.partition(":")
        agent = self._desk.agent_at(call.origin)
        if name != FLOW or not agent:
            return None
        language = self._desk.supervisors.language(call.origin)
        return Hurry(agent, language, lambda now_ms: self._spoken(queue, now_ms, language))

    def _spoken(self, queue: str, now_ms: int, language: str) -> tuple[str, ...]:
        line = self._desk.acd.hall.queues.get(queue)
        if line is None or not line.waiting:
            return ()
        longest_s = line.longest_ms(now_ms) // 1_000
        return (
            "alarm-waiting-before",
            *say_number(line.waiting, language),
            "agent-longest-before",
            *say_duration(longest_s, language),
        )

    def comes_back(self, what: ComesBack, now_ms: int, out: list[Any]) -> None:
        """He ends his break; his telephone rings as soon as he has replaced the handset."""
        if self._desk.acd.hall.agents[what.agent].state == "paused":
            self._desk.tell(told.ReadyAsked(agent=what.agent), now_ms, out)
