"""The voice highway as the sound path sees it: blocks of eight G.711 slots, both ways.

The device paces everything: ``read`` returns when one block of samples has arrived, and that is
the only clock the sound path has. Block length is given by whoever composes the daemon.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

SLOTS = 8
SAMPLE_RATE_HZ = 8000
IDLE_A_LAW = 0xD5
IDLE_U_LAW = 0xFF

CodeBlock = npt.NDArray[np.uint8]
"""Codes by (slot, sample): shape (8, block), C-contiguous."""


class PcmDevice(Protocol):
    """Source and sink of one highway."""

    def read(self, into: CodeBlock) -> int:
        """Wait for the next captured block and copy it into ``into``.

        Returns:
            Number of blocks lost since the last read (over-runs); 0 when all is well.
        """
        ...

    def write(self, block: CodeBlock) -> int:
        """Queue one block for the lines.

        Returns:
            Number of under-runs since the last write.
        """
        ...

    def close(self) -> None:
        """Stop. The bit clock stops with it: the chips must be brought up again afterwards."""
        ...
