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
    """``drivers.pcm.PcmDevice`` over a sound card that is really a voice highway.

    Capture is the clock. Playback starts at the end of a captured block with :attr:`lead` idle
    blocks ahead, so that from line to line a sample is late by exactly ``1 + lead`` blocks; it
    starts in the same way again after either direction broke off, and the delay is what it was.
    """

    def __init__(self, device: str, *, block_samples: int, periods: int, idle_code: int) -> None:
        """Open both directions; sound flows from the first :meth:`read` on.

        Args:
            device: ALSA's name of the card.
            block_samples: samples per slot and block.
            periods: blocks that the card's buffer holds, at least 2.
            idle_code: what the lines get while there is nothing to say.

        Raises:
            BusError: the card is not there, or does not take 8 kHz stereo S32_LE at this block.
        """
        self.device = device
        self.lead = max(1, periods - 2)
        """Blocks still queued for the lines when the next one is handed over. Of the ``periods``
        that fit, one is being written and one is the latitude of a block that is a bit early."""
        self._block = block_samples
        options = {
            "device": device,
            "rate": SAMPLE_RATE_HZ,
            "channels": 2,
            "format": alsaaudio.PCM_FORMAT_S32_LE,
            "periodsize": block_samples,
            "periods": periods,
        }
        wanted = {
            "rate": SAMPLE_RATE_HZ,
            "channels": 2,
            "format_name": "S32_LE",
            "period_size": block_samples,
            "periods": periods,
        }
        try:
            self._playback = alsaaudio.PCM(type=alsaaudio.PCM_PLAYBACK, **options)
            self._capture = alsaaudio.PCM(type=alsaaudio.PCM_CAPTURE, **options)
            granted = {"playback": self._playback.info(), "capture": self._capture.info()}
        except alsaaudio.ALSAAudioError as problem:
            raise BusError(f"sound card {device}: {problem}") from problem
        for direction, info in granted.items():
            # The library asks for what is nearest and never says that it was not granted.
            for name, value in wanted.items():
                if info[name] != value:
                    raise BusError(
                        f"sound card {device} cannot be the voice highway: its {direction} gives "
                        f"{name} {info[name]}, wanted {value}"
                    )
        self._idle = bytes([idle_code]) * (FRAME_BYTES * block_samples)
        self._silent = True  # nothing is queued for the lines
        self._missed = 0

    def read(self, into: CodeBlock) -> int:
        """Wait for one block; over-runs are counted, at least one block each, and it goes on."""
        try:
            lost = self._skip_backlog() if self._silent else 0
            wanted = self._block * FRAME_BYTES
            data = b""
            while len(data) < wanted:
                frames, more = self._capture.read()
                if frames < 0:
                    # The library has prepared the stream again: a new block begins here.
                    lost += 1
                    data = b""
                    self._silent = True
                else:
                    data += more
            if self._silent:
                self._start_playing()
        except alsaaudio.ALSAAudioError as problem:
            raise BusError(f"sound card {self.device}: {problem}") from problem
        to_slots(data, into)
        return lost

    def write(self, block: CodeBlock) -> int:
        """Queue one block; after an under-run the next :meth:`read` starts the lines anew."""
        missed, self._missed = self._missed, 0
        try:
            written = self._playback.write(from_slots(block))
        except alsaaudio.ALSAAudioError as problem:
            raise BusError(f"sound card {self.device}: {problem}") from problem
        if written < 0:
            self._silent = True
            missed += 1
        return missed

    def close(self) -> None:
        """Stop both directions, and with them the bit clock."""
        self._capture.close()
        self._playback.drop()  # else closing waits until everything queued has been played
        self._playback.close()

    def _skip_backlog(self) -> int:
        """Throw away the blocks that wait already: sound that came while we could not answer."""
        skipped = 0
        while self._capture.avail() >= self._block:
            frames, _ = self._capture.read()
            skipped += 1
            if frames < 0:
                break
        return skipped

    def _start_playing(self) -> None:
        """At the end of a captured block, so that both directions stand as they always do."""
        state = self._playback.state()
        if state != alsaaudio.PCM_STATE_PREPARED:
            # The over-run of the other direction; this one ran dry with it, or is cut short.
            self._missed += int(state == alsaaudio.PCM_STATE_XRUN)
            self._playback.drop()
        self._playback.write(self._idle * self.lead)
        self._silent = False
