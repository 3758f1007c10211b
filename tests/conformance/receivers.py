"""Running the receivers over rows of sound, and counting what they made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware.core.country import Country
from firmware.media.dtmf import Digit, DigitReceiver
from firmware.media.progress import Progress, ProgressReceiver

Sound = npt.NDArray[np.float32]


def reports(sound: Sound, block: int = 400) -> list[Digit]:
    """Everything the DTMF receiver reports for rows of sound."""
    receiver = DigitReceiver(sound.shape[0])
    armed = np.ones(sound.shape[0], np.bool_)
    found: list[Digit] = []
    for at in range(0, sound.shape[1], block):
        found += receiver.process(sound[:, at : at + block], armed)
    return found


def heard(sound: Sound, block: int = 400) -> list[str]:
    """Digits that began, one string per row."""
    rows = [""] * sound.shape[0]
    for digit in reports(sound, block):
        if digit.down:
            rows[digit.port_index] += digit.digit
    return rows


class Score(NamedTuple):
    """Digits lost, and digits reported that nobody sent (doubled or wrong)."""

    missed: int
    extra: int


def score(sent: Sequence[str], received: Sequence[str]) -> Score:
    """Compare row by row by the longest common subsequence."""
    missed = extra = 0
    for one, other in zip(sent, received, strict=True):
        if one == other:
            continue
        common = [0] * (len(other) + 1)
        for digit in one:
            before = common[:]
            for n, candidate in enumerate(other):
                common[n + 1] = (
                    before[n] + 1 if candidate == digit else max(before[n + 1], common[n])
                )
        missed += len(one) - common[-1]
        extra += len(other) - common[-1]
    return Score(missed, extra)


def progress(sound: Sound, countries: Sequence[Country], block: int = 400) -> list[Progress]:
    """Everything the call-progress receiver reports for rows of sound."""
    receiver = ProgressReceiver(sound.shape[0], countries)
    armed = np.ones(sound.shape[0], np.bool_)
    found: list[Progress] = []
    for at in range(0, sound.shape[1], block):
        found += receiver.process(sound[:, at : at + block], armed)
    return found


def first_by_row(found: Sequence[Progress]) -> dict[int, Progress]:
    """The first tone recognised on each row."""
    first: dict[int, Progress] = {}
    for report in found:
        if not report.ended:
            first.setdefault(report.port_index, report)
    return first
