"""Faxes: pages a minute, and what an end of the box costs; in virtual time.

Held against the study's own measurement of the same library in memory: 40.4 s a fine page of 60
lines with V.17 and correction, 0.19 s of a processor for both ends.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from firmware.control.fax_messages import StartFax
from firmware.core.clock import BLOCK_SAMPLES
from firmware.daemons.fax.ends import FaxEnds
from firmware.fax.job import FaxJob
from firmware.media import g711
from firmware.media.fax_tone import FaxToneReceiver
from tests.bench.box import memory_folder
from tests.bench.fax_line import Line, carried
from tests.bench.fax_pages import draw
from tests.bench.figures.figure import Figure

RUNS = 3
PAGES = 3
LEAST_A_MINUTE = 1.5  # 60 s by 40.4 s a page: a whole call for each
MOST_PERCENT = 1.0  # of a core for one end: 0.2 measured in memory, the wire's law and blocks added
MOST_US = 60.0  # for eight rows and a block of 5 ms, of 5,000


def figures() -> list[Figure]:
    """Pages a minute both ways, the cost of an end, and that of listening for machines."""
    found = []
    with tempfile.TemporaryDirectory(dir=memory_folder()) as text:
        folder = Path(text)
        page = draw(folder / "page.tif", pages=PAGES, fine=True, lines=60)
        for sends, what in ((False, "received"), (True, "sent")):
            rates = []
            good, _, seconds = carried(page, folder, Line(), sends=sends)  # no chance in it
            rates.append(60 * PAGES / seconds if good else 0.0)
            found.append(
                _figure(
                    f"fine pages {what}, V.17 with correction",
                    "a minute",
                    rates,
                    f"at least {LEAST_A_MINUTE}",
                    at_least=LEAST_A_MINUTE,
                )
            )
        costs = [_cost_percent(folder, page) for _ in range(RUNS)]
        found.append(
            _figure(
                "an end that sends, of a core",
                "%",
                costs,
                f"at most {MOST_PERCENT}",
                at_most=MOST_PERCENT,
            )
        )
    listening = [_listening_us() for _ in range(RUNS)]
    found.append(
        _figure(
            "listening for machines, 8 rows that sound",
            "us a block",
            listening,
            f"at most {MOST_US:.0f}",
            at_most=MOST_US,
        )
    )
    return found


def _figure(
    name: str,
    unit: str,
    values: list[float],
    beside: str,
    *,
    at_least: float = 0.0,
    at_most: float = float("inf"),
) -> Figure:
    middle = statistics.median(values)
    holds = at_least <= middle <= at_most
    return Figure(name, unit, middle, min(values), max(values), beside, holds)


def _cost_percent(folder: Path, page: Path) -> float:
    """Processor time of an end of faxd that calls and is answered, by the product's blocks."""
    ends = FaxEnds(2, folder, "a", lambda: 0)
    came = str(folder / "cost.tif")
    jobs = (
        FaxJob(fax="a", direction="send", tiff=str(page), calling=True),
        FaxJob(fax="b", direction="receive", tiff=came),
    )
    for number, job in enumerate(jobs, 1):
        ends.order(StartFax(port=f"fax/{number}", job=job))
    codes = np.full((2, BLOCK_SAMPLES), g711.IDLE["a"], np.uint8)
    blocks = 60 * 8000 // BLOCK_SAMPLES
    begin = time.process_time()
    for _ in range(blocks):
        codes = ends.work(3, codes)[::-1]
    return 100 * (time.process_time() - begin) / 60 / 2


def _listening_us() -> float:
    receiver = FaxToneReceiver(8)
    armed = np.ones(8, np.bool_)
    sound = (np.random.default_rng(1).standard_normal((8, 80_000)) * 1000).astype(np.float32)
    begin = time.process_time()
    for at in range(0, sound.shape[1], BLOCK_SAMPLES):
        receiver.process(sound[:, at : at + BLOCK_SAMPLES], armed)
    return 1e6 * (time.process_time() - begin) / (sound.shape[1] / BLOCK_SAMPLES)
