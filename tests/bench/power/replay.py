"""Every operation on one card, then cut at random points: what is found, counted by operation."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.power.card import Cutter, Writes, mounted, recovered
from tests.bench.power.operations import Operation


@dataclass
class Outcome:
    """One operation: its cuts, and the sentences of those that lost or broke something."""

    name: str
    points: int
    failures: list[str] = field(default_factory=list)


@dataclass
class _Done:
    operation: Operation
    folder: str
    begin: int
    end: int
    told: list[tuple[int, int]]

    def last(self, position: int) -> int:
        """What had been acknowledged when the power went."""
        return max((value for at, value in self.told if at <= position), default=0)


def replay(
    operations: Sequence[Operation], *, points: int, seed: int, size: int = 24 << 20
) -> list[Outcome]:
    """Do each operation, cut it at so many random points, look at what is left.

    Args:
        operations: In this order, on one card.
        points: Cuts of each.
        seed: Of points and of what the card kept; printed by whoever calls.
        size: Bytes of the card.
    """
    chance = random.Random(seed)
    done: list[_Done] = []
    with mounted(size) as card:
        for number, operation in enumerate(operations):
            folder = card.folder / f"op{number}"
            folder.mkdir()
            operation.prepare(folder)
            os.sync()
            told: list[tuple[int, int]] = []
            begin = card.position()
            operation.work(folder, lambda value, told=told: told.append((card.position(), value)))
            done.append(_Done(operation, folder.name, begin, card.position(), told))
        os.sync()
        writes = Writes.read(card.log.read_bytes())
    cutter = Cutter(writes, size)
    outcomes = []
    for item in done:
        outcome = Outcome(item.operation.name, points)
        places = sorted(chance.randint(item.begin, item.end) for _ in range(points))
        for position in places:
            failure = _cut(cutter, item, position, chance)
            if failure:
                outcome.failures.append(f"cut at {position} of {item.end}: {failure}")
        outcomes.append(outcome)
    return outcomes


def _cut(cutter: Cutter, item: _Done, position: int, chance: random.Random) -> str:
    image = cutter.image(position, chance)
    into = Path(tempfile.mkdtemp(prefix="cut-", dir="/dev/shm"))
    try:
        files = recovered(image, into)
        item.operation.check(files / item.folder, item.last(position))
    except Exception as failure:  # noqa: BLE001  # anything that stops a start is what is looked for
        return f"{type(failure).__name__}: {failure}"
    finally:
        shutil.rmtree(into)
    return ""
