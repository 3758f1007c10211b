"""Prompts towards ports: samples read ahead, handed out block by block, cut within a block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Linear = npt.NDArray[np.float32]
Prompt = npt.NDArray[np.int16]

PromptSource = Callable[[str], Prompt | None]
"""Name to samples at 8 kHz; None while it is still being read; raises ``LookupError`` with a
sentence when there is no such prompt or its file is broken."""


@dataclass(slots=True)
class _Play:
    name: str
    prompts: tuple[str, ...]
    loop: bool
    index: int = 0
    offset: int = 0
    wait: int = 0  # samples of silence still to come
    current: Prompt | Linear | None = None
    problems: list[str] = field(default_factory=list)
    played: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """A play-out that ended by itself in this block."""

    row: int
    play: str
    completed: bool
    reason: str


class Playout:
    """One play-out per row at most."""

    def __init__(self, rows: int, source: PromptSource) -> None:
        self._source = source
        self._plays: dict[int, _Play] = {}
        self._rows = rows

    def start(
        self, row: int, play: str, prompts: Sequence[str], *, loop: bool, after_samples: int = 0
    ) -> None:
        """Begin at the next block, replacing what plays on the row; silence comes first."""
        self._plays[row] = _Play(play, tuple(prompts), loop, wait=after_samples)

    def start_sound(self, row: int, play: str, samples: Prompt | Linear) -> None:
        """Begin ready-made samples (digits, caller identity) at the next block."""
        self._plays[row] = _Play(play, (), loop=False, current=samples)

    def stop(self, row: int) -> bool:
        """Cut the row's play-out; True if something played."""
        return self._plays.pop(row, None) is not None

    def playing(self, row: int) -> str:
        """Name of what plays on the row, empty for nothing."""
        play = self._plays.get(row)
        return play.name if play else ""

    @property
    def active(self) -> bool:
        """Whether any row plays."""
        return bool(self._plays)

    def add(self, out: Linear) -> list[Played]:
        """Add one block of every play-out to ``out`` (rows, samples) and tell which ended."""
        ended: list[Played] = []
        for row, play in list(self._plays.items()):
            if self._fill(play, out[row]):
                del self._plays[row]
                reason = "; ".join(play.problems)
                ended.append(Played(row, play.name, not reason, reason))
        return ended

    def _fill(self, play: _Play, out: Linear) -> bool:
        """Add one block of one play-out; True when it is over."""
        needed = out.shape[0]
        position = min(play.wait, needed)
        play.wait -= position
        while position < needed:
            if play.current is None:
                if play.index >= len(play.prompts):
                    if not play.loop or play.played == 0:
                        return True
                    play.index = 0
                    play.played = 0
                try:
                    play.current = self._source(play.prompts[play.index])
                except LookupError as problem:
                    # A missing sentence must not end the call: say the rest and report.
                    play.problems.append(str(problem))
                    play.index += 1
                    continue
                if play.current is None:
                    return False  # still being read: silence for this block
                play.offset = 0
            piece = play.current[play.offset : play.offset + needed - position]
            out[position : position + piece.shape[0]] += piece
            position += piece.shape[0]
            play.offset += piece.shape[0]
            play.played += piece.shape[0]
            if play.offset >= play.current.shape[0]:
                play.current = None
                play.index += 1
        return play.current is None and play.index >= len(play.prompts) and not play.loop
