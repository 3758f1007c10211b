"""From an agent's lifted handset to the caller's voice: nothing a caller hears may hold that up.

Looked at in every scenario in which an agent answers. Where agents are whispered to, or callers are
told who serves them, the voices are joined as soon as the last word of it is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from firmware.core.acd_entries import AgentJoined, QueueAnswered
from firmware.core.events import PlayFinished
from firmware.core.log_entries import TelephoneAnswered

WHISPER = re.compile(r"(.+)-play1\d{3}")
"""Name of a play-out between an agent's lifting and his caller (``firmware.call.queueing``)."""

WHISPER_MS = 3_000
"""The longest whisper of the product: an agent knows who calls within 3 s of lifting. What is
longer is cut, and the voices are joined then."""


@dataclass(frozen=True)
class Lift:
    """One agent who answered: t4, the end of what was whispered (t4 if nothing was), t5."""

    call: str
    agent: str
    lifted_ms: int
    ready_ms: int
    joined_ms: int

    @property
    def gap_ms(self) -> int:
        """How long the two waited for nothing."""
        return self.joined_ms - self.ready_ms


class Lifts:
    """Hears what lined says of play-outs, and reads the rest from the log."""

    def __init__(self) -> None:
        self._whispered: dict[str, list[int]] = {}  # call to the ends of its whispers

    def hear(self, message: Any, now_ms: int) -> None:
        """A message of lined."""
        if isinstance(message, PlayFinished) and (found := WHISPER.fullmatch(message.play)):
            self._whispered.setdefault(found[1], []).append(now_ms)

    def of(self, entries: Iterable[Any]) -> Iterator[Lift]:
        """Every agent who answered a caller of a queue and had him."""
        lifted: dict[tuple[str, str], int] = {}
        answered: set[tuple[str, str]] = set()
        for entry in entries:
            match entry:
                case TelephoneAnswered(call=call, port=port, at_ms=at_ms):
                    lifted[call, port] = at_ms
                case QueueAnswered(call=call, agent=agent):
                    answered.add((call, agent))
                case AgentJoined(call=call, agent=agent, port=port) if (call, agent) in answered:
                    answered.discard((call, agent))
                    if (call, port) not in lifted:
                        continue  # handed over, or from before a restart
                    t4_ms, t5_ms = lifted[call, port], entry.at_ms
                    ends = [e for e in self._whispered.get(call, []) if t4_ms <= e <= t5_ms]
                    if t5_ms - t4_ms >= WHISPER_MS:
                        ends.append(t4_ms + WHISPER_MS)
                    yield Lift(call, agent, t4_ms, max([t4_ms, *ends]), t5_ms)

    def wrong(self, entries: Iterable[Any], block_ms: int) -> Iterator[str]:
        """Sentences about those who waited longer than one block."""
        for lift in self.of(entries):
            if not 0 <= lift.gap_ms <= block_ms:
                yield (
                    f"agent {lift.agent} lifted at {lift.lifted_ms} ms for call {lift.call}, "
                    f"everything was said at {lift.ready_ms} ms, and the voices were joined at "
                    f"{lift.joined_ms} ms: {lift.gap_ms} ms, one block is {block_ms} ms"
                )
