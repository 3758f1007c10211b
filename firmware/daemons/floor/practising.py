"""Practice callers fill quiet hours: recorded, for agents who learn, and seen by no figure.

When nobody has come for a while, the telephone of an agent who is to practise rings as for a call
of the box's own; a recorded caller speaks, and the agent answers. A real caller comes first: as
soon as one waits whom the agent could have, ringing stops, or the recorded caller falls silent. It
is an internal call, so no queue, no agent's day and no report knows of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.call.call import Call
from firmware.call.orders import Interrupt, Summon
from firmware.core.acd_settings import Agent
from firmware.core.fsm import earliest
from firmware.core.log_entries import ClearedBy
from firmware.dialogs.practice import Practice
from ivr.speech import say_number

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

FLOW: Final = "practice"
CADENCE: Final = "returned"
RING_MS: Final = 16_000
"""Chosen: three of that cadence; nobody has to lift."""

LOOK_MS: Final = 15_000
"""Chosen: a handset that is in use is looked at again so much later."""

DAY_MS: Final = 86_400_000


class Drill(msgspec.Struct, kw_only=True):
    """A practice call that is up."""

    agent: str
    recording: str
    until_ms: int


class Practising:
    """Who practises, and when.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._drills: dict[str, Drill] = {}  # by call
        self._again_ms: dict[str, int] = {}  # agent to when he may be looked at again
        self._rung: dict[str, tuple[int, int]] = {}  # agent to the day, and how often on it
        self._next = 0  # recordings are taken in turn

    # --- when ---------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return earliest(
            *(drill.until_ms for drill in self._drills.values()),
            *(self._due_ms(person) for person in self._people()),
        )

    def _people(self) -> list[Agent]:
        """Who could practise now, as far as his state goes."""
        acd, hall = self._desk.settings.acd, self._desk.acd.hall
        if not acd.practice or not hall.memo.open:
            return []
        busy = {drill.agent for drill in self._drills.values()}
        return [
            person
            for person in acd.agents
            if person.practice_calls
            and person.number not in busy
            and person.number in hall.agents
            and hall.agents[person.number].state == "ready"
        ]

    def _due_ms(self, person: Agent) -> int:
        """When it will have been quiet for long enough, for his queues and for himself."""
        hall = self._desk.acd.hall
        lines = [hall.queues[queue] for queue in hall.memberships(person.number)]
        came = [line.record.arrived_ms[-1] for line in lines if line.record.arrived_ms]
        quiet_since_ms = max(hall.agents[person.number].record.since_ms, *came, 0)
        quiet_ms = self._desk.settings.acd.practice_quiet_s * 1_000
        return max(quiet_since_ms + quiet_ms, self._again_ms.get(person.number, 0))

    def _waiting(self, agent: str) -> int:
        """Callers in his queues."""
        hall = self._desk.acd.hall
        return sum(hall.queues[queue].waiting for queue in hall.memberships(agent))

    def advance(self, now_ms: int, out: list[Any]) -> None:
        """Ring whoever is due; stop ringing who does not come."""
        for call_id, drill in list(self._drills.items()):
            if now_ms >= drill.until_ms:
                drill.until_ms = now_ms + DAY_MS
                self._stop_ringing(call_id, "not taken", now_ms, out)
        for person in self._people():
            if now_ms >= self._due_ms(person):
                self._ring(person, now_ms, out)

    def _ring(self, person: Agent, now_ms: int, out: list[Any]) -> None:
        acd = self._desk.settings.acd
        port = self._desk.port_of(person.number)
        self._again_ms[person.number] = now_ms + LOOK_MS
        today = self._desk.acd.hall.wall_ms(now_ms) // DAY_MS
        day, count = self._rung.get(person.number, (today, 0))
        count = count if day == today else 0
        language = self._desk.supervisors.language(port)
        has = self._desk.whispers.prompts.has
        there = [name for name in acd.practice if has(f"{language}/{name}")]
        if count >= person.practice_calls or not there:
            self._again_ms[person.number] = now_ms + acd.practice_quiet_s * 1_000
        elif self._desk.idle(port) and not self._waiting(person.number):
            self._rung[person.number] = (today, count + 1)
            recording = there[self._next % len(there)]
            self._next += 1
            flow = f"{FLOW}:{person.number}"
            order = Summon(port=port, at_ms=now_ms, purpose=FLOW, flow=flow, cadence=CADENCE)
            call = self._desk.ring(order, now_ms, out).call
            self._drills[call] = Drill(
                agent=person.number, recording=recording, until_ms=now_ms + RING_MS
            )

    # --- a call -------------------------------------------------------------------------------

    def dialog(self, flow: str, call: Call) -> Practice | None:
        """The recorded caller, as the telephone is lifted; None for any other flow."""
        drill = self._drills.get(call.call)
        if not flow.startswith(f"{FLOW}:") or drill is None:
            return None
        language = self._desk.supervisors.language(call.origin)
        return Practice(drill.agent, language, drill.recording)

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """Calls that are over are forgotten; a real caller ends the others."""
        office = self._desk.office
        for call_id, drill in list(self._drills.items()):
            if call_id not in office.calls_by_id:
                del self._drills[call_id]
                quiet_ms = self._desk.settings.acd.practice_quiet_s * 1_000
                self._again_ms[drill.agent] = now_ms + quiet_ms
            elif waiting := self._waiting(drill.agent):
                self._stop_ringing(call_id, "a caller waits", now_ms, out)
                dialog = office.dialog_of(call_id)
                if isinstance(dialog, Practice):
                    spoken = ("alarm-waiting-before", *say_number(waiting, dialog.language))
                    office.dialog_says(call_id, dialog.broken_off(spoken), now_ms, out)

    def _stop_ringing(self, call_id: str, why: str, now_ms: int, out: list[Any]) -> None:
        call = self._desk.office.calls_by_id.get(call_id)
        if call is not None and call.state == "summoning":
            stop = Interrupt(at_ms=now_ms, by=ClearedBy.ROUTING, detail=why)
            self._desk.order(call_id, stop, now_ms, out)
