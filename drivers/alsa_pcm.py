"""The only file that touches ALSA: eight G.711 slots in a stereo S32_LE stream at 8 kHz.

One frame of 64 bit clocks carries eight bytes. The first bit on the wire is the most significant
of the left word, so in memory (little endian) slot ``n`` is byte ``(n & ~3) + 3 - (n & 3)`` of the
frame: slots 0 to 3 stand backwards in the left word, 4 to 7 backwards in the right one.

Playback and capture are opened once and never closed while chips are in use: the bit clock stops
with the last stream, and the chips must then be brought up again.
"""

from __future__ import annotations

import alsaaudio
import numpy as np

from drivers.errors import BusError
from drivers.pcm import SAMPLE_RATE_HZ, SLOTS, CodeBlock

FRAME_BYTES = 8
SLOT_TO_BYTE = np.array([(n & ~3) + 3 - (n & 3) for n in range(SLOTS)], np.intp)
"""Byte of a frame that carries each slot. Its own inverse."""


def to_slots(data: bytes, into: CodeBlock) -> None:
    """Sort the bytes of whole frames into (slot, sample)."""
    frames = np.frombuffer(data, np.uint8).reshape(-1, FRAME_BYTES)
    np.take(frames.T, SLOT_TO_BYTE, axis=0, out=into, mode="clip")


def from_slots(block: CodeBlock) -> bytes:
    """The frames that carry (slot, sample)."""
    return np.take(block, SLOT_TO_BYTE, axis=0, mode="clip").T.tobytes()


class AlsaPcm:
    """``drivers.pcm.PcmDevice`` over a sound card that is really a voice highway."""

    def __init__(self, device: str, *, block_samples: int, periods: int, idle_code: int) -> None:
        """Open both directions and queue ``periods - 1`` idle blocks for the lines.

        Raises:
            BusError: the card is not there, or does not take 8 kHz stereo S32_LE at this block.
        """
        self.device = device
        self._block = block_samples
        options = {
            "device": device,
            "rate": SAMPLE_RATE_HZ,
            "channels": 2,
            "format": alsaaudio.PCM_FORMAT_S32_LE,
            "periodsize": block_samples,
            "periods": periods,
        }
        try:
            self._playback = alsaaudio.PCM(type=alsaaudio.PCM_PLAYBACK, **options)
            self._capture = alsaaudio.PCM(type=alsaaudio.PCM_CAPTURE, **options)
        except alsaaudio.ALSAAudioError as problem:
            raise BusError(f"sound card {device}: {problem}") from problem
        for name, stream in (("playback", self._playback), ("capture", self._capture)):
            granted = stream.info()
            if granted["rate"] != SAMPLE_RATE_HZ or granted["period_size"] != block_samples:
                raise BusError(
                    f"sound card {device}: {name} gave {granted['rate']} Hz in blocks of "
                    f"{granted['period_size']}, wanted {SAMPLE_RATE_HZ} Hz in {block_samples}"
                )
        self._idle = bytes([idle_code]) * (FRAME_BYTES * block_samples)
        self._queued_ahead = periods - 1
        self._pending = b""
        self._prime()

    def read(self, into: CodeBlock) -> int:
        """Wait for one block; over-runs are counted and the stream goes on."""
        wanted = self._block * FRAME_BYTES
        lost = 0
        while len(self._pending) < wanted:
            frames, data = self._capture.read()
            if frames < 0:
                lost += 1
                continue
            self._pending += data
        to_slots(self._pending[:wanted], into)
        self._pending = self._pending[wanted:]
        return lost

    def write(self, block: CodeBlock) -> int:
        """Queue one block; after an under-run the lead is queued anew."""
        written = self._playback.write(from_slots(block))
        if written < 0:
            self._prime()
            self._playback.write(from_slots(block))
            return 1
        return 0

    def close(self) -> None:
        """Stop both directions, and with them the bit clock."""
        self._capture.close()
        self._playback.close()

    def _prime(self) -> None:
        for _ in range(self._queued_ahead):
            self._playback.write(self._idle)
