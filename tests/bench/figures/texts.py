"""Texts a minute that leave the box, beside what each modem takes; in virtual time.

The bench's modems answer a message 1.5 s after it was typed, and their prompt takes 20 ms, so one
takes 39.5 messages a minute; calld keeps two notes of each before the next one begins. The last row
is the office's own limit of twelve, counted in the fullest of all minutes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.box import memory_folder
from tests.bench.cellular.modem import MAKERS
from tests.bench.figures.figure import Figure
from tests.unit.daemons.test_outboxd import Office

TEXTS = 60
LIMIT = 12
MODEM_MS = 1_520
LEAST = 0.9  # of what the modem takes: reports and the card are read meanwhile


def figures() -> list[Figure]:
    """A figure for each maker, and one for the limit; some 20 s."""
    allowed = 60_000 / MODEM_MS
    rates = {maker: rate_of(sent(maker, 60)) for maker in sorted(MAKERS)}
    found = [
        Figure(
            f"texts by a modem of {maker}",
            "a minute",
            rate,
            rate,
            rate,
            f"the modem takes {allowed:.1f}; at least {LEAST:.0%} of it",
            rate >= LEAST * allowed,
        )
        for maker, rate in rates.items()
    ]
    times = sent("huawei", LIMIT)
    most = max(sum(at <= other < at + 60_000 for other in times) for at in times)
    beside = f"the office allows {LIMIT}"
    found.append(
        Figure("texts in the fullest minute", "texts", most, most, most, beside, most == LIMIT)
    )
    return found


def rate_of(times: list[int]) -> float:
    """Texts a minute, from the first that is with the network to the last."""
    return 60_000 * (len(times) - 1) / (times[-1] - times[0])


def sent(maker: str, per_minute: int) -> list[int]:
    """When each of the texts was with the network, in ms."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        office = Office(Path(folder), maker)
        office.set(texts={"per_minute": per_minute})
        office.let(8_000)
        for n in range(TEXTS):
            office.send(f"{n}", f"138001380{n:02d}")
        times: list[int] = []
        while len(times) < TEXTS:
            office.let(250)
            known = len(office.postman.network.parts)
            times += [office.now] * (known - len(times))
        office.close()
    return times
