"""FLAC: the form of the system's prompts in the tree, packed without loss.

The samples that go in have nine significant bits: a step of 1/256 of full scale lies 39 dB under
speech at -20 dBFS, where G.711 on the line has 38 dB, and no higher than the voice's own breath.
What comes out is what went in, bit for bit.
"""

from typing import Final

import numpy as np
import soundfile

from firmware.core.memory_file import memory_file
from ivr.wav import Samples

SIGNIFICANT_BITS: Final = 9
STEP: Final = 1 << (16 - SIGNIFICANT_BITS)


class FlacError(ValueError):
    """A file is no FLAC of one channel; the message says what is wrong with it."""


def rounded(samples: Samples) -> Samples:
    """The samples with their significant bits only; int16."""
    steps = np.round(samples.astype(np.float64) / STEP)
    limit = 32768 // STEP - 1
    return (np.clip(steps, -limit, limit) * STEP).astype(np.int16)


def read_flac(data: bytes) -> Samples:
    """The samples of a FLAC file of one channel: int16, read-only.

    Raises:
        FlacError: It is none, or has more than one channel.
    """
    try:
        with memory_file(data) as file:
            samples, _ = soundfile.read(file, dtype="int16", always_2d=True, closefd=False)
    except soundfile.LibsndfileError as wrong:
        raise FlacError(f"this is no FLAC file: {wrong}") from wrong
    if samples.shape[1] != 1:
        raise FlacError(f"the file has {samples.shape[1]} channels, a telephone has 1")
    one: Samples = np.ascontiguousarray(samples[:, 0])
    one.flags.writeable = False
    return one
