"""A prompt at rest: half its bytes, and every sample comes back as it was.

The system's prompts have nine significant bits (``ivr.flac``), and of theirs hardly a sample in two
thousand needs the ninth. So a byte each, and the few loud ones by their places. All prompts of both
languages are 74 MB of plain samples, too much for a board with 512 MB whose sound path is locked
into memory; packed so they are 37.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.flac import STEP

Samples = npt.NDArray[np.int16]

MOST_LOUD = 1 / 50
"""Share of loud samples above which their places would cost more than half of the gain."""


@dataclass(frozen=True, slots=True)
class PackedPrompt:
    """Sound that waits to be played."""

    steps: npt.NDArray[np.int8]
    places: npt.NDArray[np.intp]
    loud: Samples

    def samples(self) -> Samples:
        """The sound as it was; int16, one dimension, read-only. Some 40 us for five seconds."""
        sound = self.steps.astype(np.int16)
        sound *= STEP
        sound[self.places] = self.loud
        sound.flags.writeable = False
        return sound

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return self.steps.nbytes + self.places.nbytes + self.loud.nbytes


def packed(samples: Samples) -> PackedPrompt | None:
    """The same sound at rest; None for one that has more bits (a person's own, a recording)."""
    steps, rest = np.divmod(samples, STEP)
    if rest.any():
        return None
    at_rest = steps.astype(np.int8)
    places = np.flatnonzero(at_rest != steps)
    if places.size > MOST_LOUD * samples.size:
        return None
    return PackedPrompt(at_rest, places, samples[places])
