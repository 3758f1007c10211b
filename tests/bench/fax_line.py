"""A line between one of the box's fax ends and a machine: delay, noise, loss, frames that are gone.

A-law on both ways, as between the chips and the box, and the genuine ends of faxd; the machine is
the bench's own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.control.fax_messages import FaxEnded, StartFax
from firmware.daemons.fax.ends import FaxEnds
from firmware.fax.job import FaxJob, FaxOutcome
from firmware.media import g711
from tests.bench.fax_pages import same
from tests.bench.world.level import RATE_HZ, samples_of
from tests.bench.world.t30_peer import Peer

BLOCK = 160  # 20 ms, also the length of a frame that is lost
LONGEST_S = 900
FULL_DBM0 = 3.14


@dataclass(frozen=True, slots=True)
class Line:
    """What is between them, the same on both ways."""

    delay_ms: float = 60.0
    noise_dbm0: float | None = None
    loss_db: float = 0.0
    lost_of: int = 0  # one frame of so many is replaced by silence; 0: none
    fraction: float = 0.0  # of a sample by which it is longer: what a machine sends meets no grid


class Between:
    """A delay by a fraction of a sample and 20 whole ones; by nothing at all if it is 0."""

    def __init__(self, fraction: float) -> None:
        at = np.arange(-20, 21)
        self._taps = np.sinc(at - fraction) * np.kaiser(at.size, 8) if fraction else None
        self._last = np.zeros(at.size - 1)

    def process(self, sound: np.ndarray) -> np.ndarray:
        """The next samples, as many as came."""
        if self._taps is None:
            return sound
        sound = np.concatenate([self._last, sound])
        self._last = sound[-self._last.size :]
        return np.convolve(sound, self._taps, "valid")


def carried(
    page: Path, folder: Path, line: Line, *, sends: bool = False, ecm: bool = True, seed: int = 1
) -> tuple[bool, FaxOutcome | None, float]:
    """One fax: whether every dot arrived, what the box says of it, seconds of sound.

    Args:
        page: What is sent.
        folder: For what arrives.
        line: In between.
        sends: The box sends, else it receives.
        ecm: Errors are corrected.
        seed: Of noise and lost frames.
    """
    random = np.random.default_rng(seed)
    came = folder / "came.tif"
    came.unlink(missing_ok=True)
    ends = FaxEnds(1, folder, "a", lambda: 0)
    direction = "send" if sends else "receive"
    tiff = str(page if sends else came)
    job = FaxJob(fax="f", direction=direction, tiff=tiff, calling=sends, station="1", ecm=ecm)
    ends.order(StartFax(port="fax/1", job=job))
    peer = Peer(
        calling=not sends,
        send=None if sends else page,
        receive=came if sends else None,
        station="2",
        ecm=ecm,
    )
    frames = max(1, samples_of(line.delay_ms) // BLOCK)
    idle = np.full(BLOCK, g711.IDLE["a"], np.uint8)
    to_box, to_peer = deque([idle] * frames), deque([idle] * frames)
    gain = np.float32(10 ** (-line.loss_db / 20))
    sigma = 0.0
    if line.noise_dbm0 is not None:
        sigma = 32767 * 10 ** ((line.noise_dbm0 - FULL_DBM0) / 20) / 2**0.5
    linear, codes = np.zeros(BLOCK, np.float32), np.zeros(BLOCK, np.uint8)
    between = {"box": Between(line.fraction), "peer": Between(line.fraction)}
    outcome: FaxOutcome | None = None
    blocks = 0

    def passed(sound: np.ndarray, way: str) -> np.ndarray:
        sound = between[way].process(sound)
        if line.lost_of and random.integers(line.lost_of) == 0:
            return idle
        linear[:] = sound * gain
        if sigma:
            linear[:] += random.standard_normal(BLOCK) * sigma
        np.clip(linear, -32767, 32767, out=linear)
        g711.encode(linear, codes, "a")
        return codes.copy()

    decoded = np.zeros(BLOCK, np.float32)
    while (outcome is None or peer.code is None) and blocks < LONGEST_S * RATE_HZ // BLOCK:
        said = ends.work(1, to_box.popleft()[None])[0]
        g711.decode(said, decoded, "a")
        to_peer.append(passed(decoded, "peer"))
        g711.decode(to_peer.popleft(), decoded, "a")
        to_box.append(passed(peer.feed(decoded, BLOCK), "box"))
        for told in ends.take():
            if isinstance(told, FaxEnded):
                outcome = told.outcome
        blocks += 1
    peer.close()
    good = outcome is not None and outcome.complete and peer.code == 0
    return good and came.exists() and same(page, came), outcome, blocks * BLOCK / RATE_HZ
