"""The raw capture of a line's last call, as text: how loud, how high, and what was read. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.daemons.cli.words import Language, say
from firmware.media.caller_id import STANDARDS, CallerIdReceiver
from firmware.media.recorder import read_said

FOLDER: Final = "captures"
ROW_MS: Final = 100
_FULL_DBM0: Final = 3.14  # of a sine that just fills 16 bits, ITU-T G.711
_FLOOR_DBM0: Final = -50.0
_SIGNS: Final = 25  # the loudest bar


def capture_path(data: Path, port: str) -> Path:
    """Where the capture of a line lies."""
    return data / FOLDER / f"{port.replace('/', '-')}.wav"


def raw_lines(path: Path, language: Language) -> list[str]:
    """A row per 100 ms with sound (time, level, strongest frequency), and what our receivers read.

    Raises:
        LookupError: there is no capture, or it is no file of this box.
    """
    samples = read_said(path).astype(np.float32)
    lines = [say("raw_head", language, path=path, seconds=f"{len(samples) / SAMPLE_RATE_HZ:.1f}")]
    length = ROW_MS * SAMPLE_RATE_HZ // 1000
    window = np.hanning(length)
    for at in range(0, len(samples) - length + 1, length):
        part = samples[at : at + length]
        level = 10 * np.log10(2 * np.mean(part**2) / 32768**2 + 1e-12) + _FULL_DBM0
        if level < _FLOOR_DBM0:
            continue
        hz = int(np.abs(np.fft.rfft(part * window)).argmax()) * SAMPLE_RATE_HZ / length
        bar = "#" * max(1, round(_SIGNS * (level - _FLOOR_DBM0) / -_FLOOR_DBM0))
        lines.append(f"{at / SAMPLE_RATE_HZ:7.1f} s {level:6.1f} dBm0 {hz:6.0f} Hz  {bar}")
    receiver = CallerIdReceiver((*STANDARDS, "jclip"))
    flushed = np.concatenate((samples, np.zeros(800, np.float32)))
    found = receiver.feed(flushed)
    if not found:
        return [*lines, say("raw_nothing", language)]
    return lines + [
        say("raw_read", language, method=i.method, kind=i.kind.value, number=i.number, name=i.name)
        for i in found
    ]
