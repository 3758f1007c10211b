"""What both chip families do to voice between the highway and the pair."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tests.bench.chips.g711 import Law

Samples = npt.NDArray[np.float32]


class Format(Enum):
    """What a time slot carries, by PCMF of the PCM mode register of either family."""

    A_LAW = "A-law"
    MU_LAW = "u-law"
    LINEAR8 = "linear, 8 bit"
    LINEAR16 = "linear, 16 bit"


LAW_OF = {Format.A_LAW: Law.A, Format.MU_LAW: Law.MU}


@dataclass(frozen=True, slots=True)
class PcmSetting:
    """How a chip uses the highway.

    ``transmit_count`` and ``receive_count`` are PCLKs between the rise of FSYNC and the most
    significant bit of the slot (registers TXS and RXS, 10 bit). Transmit is towards the bus.
    """

    enabled: bool = False
    format: Format = Format.A_LAW
    transmit_count: int = 0
    receive_count: int = 0
    bit_exact_loop: bool = False


class VoiceChip(Protocol):
    """The face a chip turns to the highway."""

    pcm_version: int  # grows whenever ``pcm`` changed

    @property
    def pcm(self) -> PcmSetting:
        """How the chip uses the highway now."""
        ...

    def incoming(self, sound: Samples | None) -> None:
        """Linear samples of the chip's receive slot for this block; None is silence."""
        ...

    def outgoing(self, samples: int) -> Samples | None:
        """Linear samples for the chip's transmit slot; None is silence."""
        ...


class Delay:
    """A path that is ``length`` samples long; silence costs nothing once it has run dry."""

    def __init__(self, length: int) -> None:
        self.length = length
        self._tail = np.zeros(length, np.float32)
        self._loud = False

    def through(self, sound: Samples | None, samples: int) -> Samples | None:
        """Put a block in and take a block out."""
        if sound is None and not self._loud:
            return None
        length = self.length
        if length == 0:
            return sound
        out = np.empty(samples, np.float32)
        if samples >= length:
            out[:length] = self._tail
            if sound is None:
                out[length:] = 0.0
                self._tail[:] = 0.0
            else:
                out[length:] = sound[: samples - length]
                self._tail[:] = sound[samples - length :]
        else:
            line = np.concatenate(
                [self._tail, np.zeros(samples, np.float32) if sound is None else sound]
            )
            out[:] = line[:samples]
            self._tail[:] = line[samples:]
        self._loud = sound is not None or (samples < length and bool(self._tail.any()))
        return out

    def empty(self) -> None:
        """Forget what is under way."""
        self._tail[:] = 0.0
        self._loud = False


def gain_of_db(level_db: float) -> np.float32:
    """Amplitude ratio of a level difference."""
    return np.float32(10.0 ** (level_db / 20.0))


def amplified(sound: Samples | None, gain: np.float32) -> Samples | None:
    """``sound`` times ``gain``; a gain of zero is silence, a gain of one is free."""
    if sound is None or gain == 1.0:
        return sound
    if gain == 0.0:
        return None
    return sound * gain
