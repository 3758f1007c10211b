"""Recordings: what a port says on the left, what it hears on the right, 16-bit linear at 8 kHz.

The tick only copies samples into a buffer it owns; whoever composes the daemon gives a sink that
takes full buffers off the tick's hands. A file that was cut short is made playable again from its
length (:func:`repair_header`), so a power cut costs only what the sink had not written.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.media.tones import PEAK_0_DBM0

CHANNELS = 2
BYTES_PER_FRAME = 2 * CHANNELS
HEADER_BYTES = 44
BUFFER_SAMPLES = SAMPLE_RATE_HZ  # one second per hand-over: 32 kB
FRAME_SAMPLES = 160  # 20 ms: the frame of speech levels, ITU-T P.56
HUSH_BACK_SAMPLES = 240 * SAMPLE_RATE_HZ // 1000
"""A key is known 60 ms after it began, and the message takes a block or two; so much of what was
taken before is silenced with it, and so much always stays in memory."""

KEY_PAUSE_SAMPLES = 4 * SAMPLE_RATE_HZ
"""Sound is kept again so long after the last key: people key card numbers in groups."""

SPOKEN = PEAK_0_DBM0**2 / 2 * 10 ** (-50 / 10)  # mean square above which a frame holds a voice


class RecordingSink(Protocol):
    """Takes the bytes of recordings away from the tick. Must not block."""

    def open(self, path: str, seal_for: str = "") -> None:
        """A recording begins; ``seal_for`` is the public key in hex for which it is sealed."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """More of it."""
        ...

    def close(self, path: str) -> None:
        """It is complete."""
        ...

    def take_failed(self) -> list[tuple[str, str]]:
        """Paths that could not be written, each once, with the reason."""
        ...


@dataclass(slots=True)
class _Recording:
    name: str
    path: str
    row: int
    buffer: npt.NDArray[np.int16]
    hush_keys: bool = False
    hushed: bool = False  # by command
    key_left: int = 0  # samples until keys are no reason any more
    filled: int = 0
    total: int = 0
    loud: float = 0.0  # sum of the mean squares of frames in which the port spoke
    spoken: int = 0  # those frames


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that was closed. ``samples`` per channel; ``level_dbm0`` of what was said."""

    name: str
    path: str
    row: int
    samples: int
    level_dbm0: float | None = None


class Recorder:
    """All recordings that run."""

    def __init__(self, sink: RecordingSink) -> None:
        self._sink = sink
        self._running: dict[str, _Recording] = {}
        self._stereo = np.zeros((0, 0, CHANNELS), np.int16)  # a block of every row, as it is kept

    def start(
        self, name: str, path: str, row: int, *, hush_keys: bool = False, seal_for: str = ""
    ) -> None:
        """Begin with the next block; a recording of that name that runs goes on."""
        if name in self._running:
            return
        self._sink.open(path, seal_for)
        buffer = np.zeros((BUFFER_SAMPLES + HUSH_BACK_SAMPLES, CHANNELS), np.int16)
        self._running[name] = _Recording(name, path, row, buffer, hush_keys)

    def stop(self, name: str) -> Recorded | None:
        """Close a recording; None if none of that name runs."""
        recording = self._running.pop(name, None)
        if recording is None:
            return None
        self._flush(recording)
        self._sink.close(recording.path)
        level = None
        if recording.spoken:
            level = 10 * math.log10(recording.loud / recording.spoken / (PEAK_0_DBM0**2 / 2))
        return Recorded(name, recording.path, recording.row, recording.total, level)

    def hush(self, name: str, *, hush: bool) -> None:
        """Keep silence from now on, or sound again; nothing happens if none of that name runs."""
        recording = self._running.get(name)
        if recording is not None:
            recording.hushed = hush

    def key(self, rows: frozenset[int]) -> list[str]:
        """A key is heard on these rows, which hear each other: names of recordings now hushed."""
        begun = []
        for recording in self._running.values():
            if recording.hush_keys and recording.row in rows:
                if recording.key_left <= 0:
                    if not recording.key_left:
                        begun.append(recording.name)
                    back = max(0, recording.filled - HUSH_BACK_SAMPLES)
                    recording.buffer[back : recording.filled] = 0
                recording.key_left = KEY_PAUSE_SAMPLES
        return begun

    def key_rows(self) -> frozenset[int]:
        """Rows whose keys count."""
        return frozenset(r.row for r in self._running.values() if r.hush_keys)

    def take_sounding(self) -> list[str]:
        """Recordings whose keys are over since this was asked last."""
        done = [r.name for r in self._running.values() if r.key_left < 0]
        for recording in self._running.values():
            recording.key_left = max(0, recording.key_left)
        return done

    def running(self) -> tuple[tuple[str, str, int], ...]:
        """(name, path, row) of each."""
        return tuple((r.name, r.path, r.row) for r in self._running.values())

    def take_failed(self) -> list[tuple[str, str]]:
        """Recordings that run and whose card takes no more: name and reason."""
        failed = dict(self._sink.take_failed())
        return [(r.name, failed[r.path]) for r in self._running.values() if r.path in failed]

    @property
    def active(self) -> bool:
        """Whether anything is recorded."""
        return bool(self._running)

    def add(self, said: npt.NDArray[np.float32], heard: npt.NDArray[np.float32]) -> None:
        """Take one block; both (rows, samples), values within 16 bits."""
        samples = said.shape[1]
        if self._stereo.shape[:2] != said.shape:
            self._stereo = np.zeros((*said.shape, CHANNELS), np.int16)
        # Turned into 16 bits for all rows at once: each recording only copies its own.
        self._stereo[:, :, 0] = said
        self._stereo[:, :, 1] = heard
        for recording in self._running.values():
            if recording.filled + samples > len(recording.buffer):
                self._flush(recording, HUSH_BACK_SAMPLES)
            span = slice(recording.filled, recording.filled + samples)
            if recording.hushed or recording.key_left > 0:
                recording.buffer[span] = 0
            else:
                recording.buffer[span] = self._stereo[recording.row]
            if recording.key_left > 0:
                left = recording.key_left - samples
                recording.key_left = left if left > 0 else -1
            recording.filled += samples
            recording.total += samples

    def _flush(self, recording: _Recording, keep: int = 0) -> None:
        """Hand over all but the newest ``keep`` samples, which a key may still silence."""
        done = recording.filled - keep
        if done > 0:
            _measure(recording, done)
            self._sink.write(recording.path, recording.buffer[:done].tobytes())
            recording.buffer[:keep] = recording.buffer[done : recording.filled].copy()
            recording.filled = keep


def _measure(recording: _Recording, samples: int) -> None:
    """Add the frames of what is handed over in which somebody spoke."""
    frames = samples // FRAME_SAMPLES
    said = recording.buffer[: frames * FRAME_SAMPLES, 0].astype(np.float32)
    power = np.square(said).reshape(frames, FRAME_SAMPLES).mean(axis=1)
    spoken = power[power > SPOKEN]
    recording.loud += float(spoken.sum())
    recording.spoken += len(spoken)


def wav_header(data_bytes: int) -> bytes:
    """The 44-byte RIFF header of our recordings for so many bytes of samples."""
    rate = SAMPLE_RATE_HZ
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + data_bytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        CHANNELS,
        rate,
        rate * BYTES_PER_FRAME,
        BYTES_PER_FRAME,
        16,
        b"data",
        data_bytes,
    )


def read_said(path: Path) -> npt.NDArray[np.int16]:
    """What the port said in a recording of ours: its left channel.

    Raises:
        LookupError: there is no such file, or it is no recording of ours.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise LookupError(f"recording {path}: {problem.strerror}") from problem
    if data[:4] != b"RIFF" or data[22:24] != struct.pack("<H", CHANNELS):
        raise LookupError(f"recording {path}: not in the form of this box")
    frames = (len(data) - HEADER_BYTES) // BYTES_PER_FRAME
    samples = np.frombuffer(data, "<i2", frames * CHANNELS, HEADER_BYTES)
    return samples[::CHANNELS].astype(np.int16)


def repair_header(path: Path) -> int:
    """Make a recording that was cut short playable: the header says what is really there.

    Returns:
        Samples per channel in the file.
    """
    size = path.stat().st_size
    whole = max(0, size - HEADER_BYTES) // BYTES_PER_FRAME * BYTES_PER_FRAME
    with path.open("r+b") as file:
        file.truncate(HEADER_BYTES + whole)
        file.seek(0)
        file.write(wav_header(whole))
        file.flush()
    return whole // BYTES_PER_FRAME
