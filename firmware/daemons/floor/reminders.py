"""What an agent on a break hears as he lifts his handset: why he is on it, and that it is over.

It is said in the place of the dial tone, which comes after it; dialling may begin at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.acd.agent import AgentRecord
from firmware.core.commands import Play, PlayTone, StopTone
from firmware.core.ids import play_id
from firmware.core.settings import extension_at
from ivr.speech import say_duration

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

MISSED = "missed"
"""The reason of a pause that nobody asked for: too many offers were let ring."""


class Reminders:
    """Sentences at the lift of a handset.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self._said = 0
        self._saying: dict[str, tuple[str, str]] = {}  # play-out to telephone and call

    def lifted(self, port: str, call: str, now_ms: int, out: list[Any]) -> None:
        """A handset was lifted to call somebody."""
        agent = self._desk.agent_at(port)
        if not agent:
            return
        extension = extension_at(self._desk.settings, port)
        language = (extension.language if extension else "") or self._desk.settings.language
        keys = self.due(self._desk.acd.hall.agents[agent].record, language, now_ms)
        if keys:
            self._said += 1
            play = play_id(call, 9_000 + self._said % 1_000)
            prompts = tuple(f"{language}/{key}" for key in keys)
            self._saying[play] = (port, call)
            out += [StopTone(port=port), Play(port=port, play=play, prompts=prompts)]

    def played(self, play: str, out: list[Any]) -> bool:
        """Whether a sentence of ours is over; who has not begun to dial hears the dial tone."""
        port, name = self._saying.pop(play, ("", ""))
        call = self._desk.office.calls_by_id.get(name)
        if call is not None and call.state == "lifted":
            out.append(PlayTone(port=port, tone="dial"))
        return bool(port)

    def due(self, record: AgentRecord, language: str, now_ms: int) -> tuple[str, ...]:
        """What there is to say to this agent, as prompts without language."""
        if record.state != "paused":
            return ()
        if record.pause == MISSED:
            return ("agent-auto-paused",)
        pauses = self._desk.settings.acd.pauses
        budget_s = next((p.budget_s for p in pauses if p.reason == record.pause), 0)
        used_ms = record.day.pauses_ms.get(record.pause, 0) + now_ms - record.since_ms
        over_s = used_ms // 1_000 - budget_s
        if not budget_s or over_s <= 0:
            return ()
        spoken_s = over_s // 60 * 60 or over_s  # seconds only of the first minute
        return ("pause-over-before", *say_duration(spoken_s, language))
