"""Sixteen exchanges and how each tells that the far side has cleared; the sounds of their lines.

Tones are of the bench's own table of exchanges, with errors of up to 5 % in frequency and 10 % in
cadence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drivers.line import LoopCurrentLost, LoopCurrentReturned, PolarityReversed
from firmware.port.line_profile import ClearNote, LineProfile
from tests.bench.row_of_lines import RATE_HZ, RowOfLines
from tests.bench.world.exchanges import CallTone, exchange_of
from tests.bench.world.level import peak_of

Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clearing:
    """One exchange. ``break_ms`` 0: no loop break; ``tone`` None: no tone."""

    name: str
    break_ms: int = 0
    reversal: bool = False
    tone: CallTone | None = None


def _busy(code: str, pitch: float = 1.0, pace: float = 1.0) -> Clearing:
    busy = exchange_of(code).busy
    tone = CallTone(
        tuple(hz * pitch for hz in busy.hz),
        tuple(round(ms * pace) for ms in busy.cadence_ms),
        busy.modulated_hz,
    )
    off = f", {100 * (pitch - 1):+.0f} % Hz, {100 * (pace - 1):+.0f} % ms"
    return Clearing(f"busy tone of {code}{off if (pitch, pace) != (1.0, 1.0) else ''}", tone=tone)


CLEARINGS = (
    Clearing("loop break of 100 ms", break_ms=100),
    Clearing("loop break of 900 ms", break_ms=900),
    Clearing("reversal", reversal=True),
    _busy("CN"),
    _busy("HK", 1.05, 1.10),
    _busy("TW", 0.95, 0.90),
    _busy("SG"),
    _busy("US"),
    _busy("GB", 0.95, 1.10),
    _busy("DE"),
    _busy("FR", 1.05, 0.90),
    _busy("JP"),
    _busy("AU", 1.05, 1.10),
    _busy("IN", 0.95, 0.90),
    _busy("BR"),
    Clearing("no sign at all"),
)
SILENT = len(CLEARINGS) - 1


def taught(clearing: Clearing) -> LineProfile:
    """What a line that clears so has learned after three calls."""
    if clearing.tone is not None:
        # Two frequencies that beat are measured as their middle.
        hz = clearing.tone.hz
        near = max(hz) - min(hz) <= 60
        note = ClearNote(
            kind="tone",
            tone="unknown",
            frequency_hz=(sum(hz) / len(hz),) if near else hz,
            cadence_ms=clearing.tone.cadence_ms,
        )
    elif clearing.break_ms:
        note = ClearNote(kind="loop_break", gap_ms=clearing.break_ms)
    else:
        note = ClearNote(kind="reversal")
    return LineProfile(notes=(note, note, note), calls=3)


def tone_sound(tone: CallTone, seconds: float, level_dbm0: float = -18.0) -> Sound:
    """A tone of the network from its first burst on."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = np.zeros(t.size)
    for hz in tone.hz:
        wave += peak_of(level_dbm0) * np.sin(2 * np.pi * hz * t)
    if tone.modulated_hz:
        wave *= (1 + 0.85 * np.cos(2 * np.pi * tone.modulated_hz * t)) / 1.85
    if tone.cadence_ms:
        place = (t * 1000) % sum(tone.cadence_ms)
        edges = np.cumsum((0, *tone.cadence_ms))
        on = np.zeros(t.size, bool)
        for begin, end in zip(edges[0:-1:2], edges[1::2], strict=True):
            on |= (place >= begin) & (place < end)
        wave[~on] = 0.0
    return wave.astype(np.float32)


def noise(rng: np.random.Generator, rows: int, seconds: float, level_dbm0: float = -55.0) -> Sound:
    """The lines' own noise."""
    rms = peak_of(level_dbm0) / 2**0.5
    return (rng.standard_normal((rows, int(seconds * RATE_HZ))) * rms).astype(np.float32)


def one_round(
    lines: RowOfLines, rng: np.random.Generator, speech: Sound, patience_s: float = 10.0
) -> dict[int, int]:
    """One call on every line: people talk, the far side clears, ours waits and hangs up at last.

    Args:
        lines: one per clearing, in order.
        rng: of noise, and of when in its own cadence a tone begins.
        speech: what the far sides say, (lines, samples).
        patience_s: how long our people hold the handset after the clear.

    Returns:
        Row to milliseconds from the beginning of the sign to the release, where it was freed.
    """
    for row in range(len(CLEARINGS)):
        lines.connect(row)
    talk = speech + noise(rng, *_shape(speech))
    lines.hear(talk.astype(np.float32))
    began_ms = lines.now_ms
    early = {row: CLEARINGS[row].name for row in lines.cleared}
    assert not early, f"freed while people talked: {early}"
    sound = noise(rng, len(CLEARINGS), patience_s)
    for row, clearing in enumerate(CLEARINGS):
        if clearing.tone is not None:
            sound[row] += tone_sound(clearing.tone, patience_s)
        if clearing.reversal:
            lines.tell(row, PolarityReversed, reversed=True)
    # The copper's part falls into the first second, reported as the driver does: after 70 ms.
    breaks = {row: c.break_ms for row, c in enumerate(CLEARINGS) if c.break_ms}
    moments = sorted({70, *breaks.values()})
    at_ms = 0
    for moment in (*moments, int(patience_s * 1000)):
        until = -(-moment // 10) * 10
        lines.hear(sound[:, at_ms * 8 : until * 8])
        at_ms = until
        for row, length_ms in breaks.items():
            if row in lines.cleared:
                continue
            if moment == 70:
                lines.tell(row, LoopCurrentLost)
            elif moment == length_ms:
                lines.tell(row, LoopCurrentReturned, gap_ms=length_ms)
    for row in range(len(CLEARINGS)):
        lines.hang_up(row)
    lines.hear(noise(rng, len(CLEARINGS), 1.0))
    return {row: at - began_ms for row, (at, _) in lines.cleared.items()}


def _shape(sound: Sound) -> tuple[int, float]:
    return sound.shape[0], sound.shape[1] / RATE_HZ
