"""The development generator for caller identity: senders, and lines with the standards' envelopes.

Two senders: libspandsp's (nobody here wrote it; nominal tones and clock, then a line), and one of
our own for the tests alone, which can be off in tone, clock and twist at the source.

Envelopes. TIA-777 / GR-30: -4.2 to -36.2 dBm, twist -6 to +10 dB, tones and clock 1 %, noise 25 dB
below the data, a single tone up to 60 Hz 18 dB above the data, 60 to 120 Hz 12 dB, 120 to 200 Hz
6 dB. ETS 300 778: -5.8 to -33.8 dBm, twist +-6 dB, tones 1.5 %, clock 1 %, 25 dB. BT SIN 227:
down to -37.8 dBm and 20 dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware.media.spandsp import DisplaySender, Standard
from tests.conformance.echo_paths import alaw, rms

RATE = 8000


@dataclass(frozen=True)
class Envelope:
    """Limits of one standard. ``twist_db`` is space over mark, ``tone`` and ``clock`` are parts."""

    name: str
    sender: Standard
    mark_hz: int
    space_hz: int
    level_dbm0: tuple[float, float]
    twist_db: tuple[float, float]
    tone: float
    clock: float
    snr_db: float


TIA = Envelope("TIA", Standard.CLASS, 1200, 2200, (-36.2, -4.2), (-6, 10), 0.01, 0.01, 25)
ETSI = Envelope("ETSI", Standard.CLIP, 1300, 2100, (-33.8, -5.8), (-6, 6), 0.015, 0.01, 25)
BT = Envelope("BT", Standard.CLIP, 1300, 2100, (-37.8, -5.8), (-6, 6), 0.015, 0.01, 20)
ENVELOPES = (TIA, ETSI, BT)
HUM_DB = ((25.0, 60.0, 18.0), (60.0, 120.0, 12.0), (120.0, 200.0, 6.0))


def message(number: str, name: str = "") -> bytes:
    """An MDMF message without checksum, as written in GR-30 and EN 300 659-3."""
    parts = b"\x01\x0803040506" + bytes((2, len(number))) + number.encode()
    if name:
        parts += bytes((7, len(name))) + name.encode()
    return bytes((0x80, len(parts))) + parts


def random_number(rng: np.random.Generator) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(5, 16))))


def library_sound(standard: Standard, content: bytes) -> np.ndarray:
    """What libspandsp sends, float64, at its own level."""
    sender = DisplaySender(standard)
    sender.preamble(300, 180, postamble_bits=10)
    return sender.send(content).astype(float)


def own_sound(
    envelope: Envelope,
    content: bytes,
    *,
    twist_db: float = 0.0,
    tone: float = 0.0,
    clock: float = 0.0,
    seizure: int = 300,
    mark: int = 180,
) -> np.ndarray:
    """An independent modulator: bit by bit, with errors at the source. Mean power 1."""
    bits = [i % 2 for i in range(seizure)] + [1] * mark
    for octet in (*content, -sum(content) & 255):
        bits += [0, *((octet >> i) & 1 for i in range(8)), 1]
    bits += [1] * 5
    step = 1200 * (1 + clock) / RATE
    at = (np.arange(int(len(bits) / step)) * step).astype(int)
    ones = np.array(bits)[at] == 1
    phase = np.cumsum(np.where(ones, envelope.mark_hz, envelope.space_hz)) * (1 + tone) / RATE
    level = np.where(ones, 10 ** (-twist_db / 40), 10 ** (twist_db / 40))
    sound = level * np.sin(2 * np.pi * phase)
    return sound / np.sqrt(np.mean(sound**2))


def slope(sound: np.ndarray, envelope: Envelope, twist_db: float) -> np.ndarray:
    """A line that passes the space tone ``twist_db`` better than the mark: straight in dB."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    middle = (envelope.mark_hz + envelope.space_hz) / 2
    tilt = (hz.clip(300, 3400) - middle) / (envelope.space_hz - envelope.mark_hz)
    return np.fft.irfft(spectrum * 10 ** (twist_db * tilt / 20), len(sound))


def heard(
    sound: np.ndarray,
    level_dbm0: float,
    rng: np.random.Generator,
    *,
    snr_db: float | None = None,
    hum: tuple[float, float] | None = None,
) -> np.ndarray:
    """The sound at a level with noise (300 to 3400 Hz) and hum (Hz, dB over the data), A-law coded.

    200 ms of idle line stand before it, 100 ms after it.
    """
    level = rms(level_dbm0)
    padded = np.concatenate(
        (np.zeros(1600), sound * level / np.sqrt(np.mean(sound**2)), np.zeros(800))
    )
    if snr_db is not None:
        noise = np.fft.rfft(rng.normal(size=len(padded)))
        hz = np.fft.rfftfreq(len(padded), 1 / RATE)
        noise[(hz < 300) | (hz > 3400)] = 0
        flat = np.fft.irfft(noise, len(padded))
        padded += flat * level * 10 ** (-snr_db / 20) / np.sqrt(np.mean(flat**2))
    if hum is not None:
        at = np.arange(len(padded)) / RATE
        padded += (
            level
            * 10 ** (hum[1] / 20)
            * np.sqrt(2)
            * np.sin(2 * np.pi * (hum[0] * at + rng.random()))
        )
    return alaw(padded).astype(np.float32)


def within(
    envelope: Envelope, rng: np.random.Generator, content: bytes, *, hum: bool
) -> np.ndarray:
    """One message drawn from everywhere inside an envelope; the library sends every second one."""
    twist = float(rng.uniform(*envelope.twist_db))
    if rng.random() < 0.5:
        sound = slope(library_sound(envelope.sender, content), envelope, twist)
    else:
        sound = own_sound(
            envelope,
            content,
            twist_db=twist,
            tone=float(rng.uniform(-envelope.tone, envelope.tone)),
            clock=float(rng.uniform(-envelope.clock, envelope.clock)),
        )
    interferer = None
    low, high = envelope.level_dbm0
    if hum:
        from_hz, to_hz, above_db = HUM_DB[int(rng.integers(len(HUM_DB)))]
        interferer = (float(rng.uniform(from_hz, to_hz)), above_db)
        high = min(high, -2.0 - above_db)  # hum and data together fit into the codec
    return heard(sound, float(rng.uniform(low, high)), rng, snr_db=envelope.snr_db, hum=interferer)


def rough_line(standard: Standard, content: bytes, rng: np.random.Generator) -> np.ndarray:
    """A second line, sharing nothing with ``heard`` but the library's sender.

    Cable that loses 1 to 8 dB per kHz, its reflection 10 to 20 dB down after 1 to 4 ms, a DC
    offset, pink noise with crackle, u-law coded, sometimes too loud for the codec.
    """
    sound = library_sound(standard, content)
    sound = np.concatenate((np.zeros(2400), sound, np.zeros(1200)))
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    cable = 10 ** (-float(rng.uniform(1, 8)) * hz / 1000 / 20)
    late = np.exp(-2j * np.pi * hz * float(rng.uniform(1, 4)) / 1000)
    echo = 1 + 10 ** (-float(rng.uniform(10, 20)) / 20) * late
    line = np.fft.irfft(np.fft.rfft(sound) * cable * echo, len(sound))
    line *= rms(float(rng.uniform(-33, 1))) / np.sqrt(np.mean(line**2))
    pink = np.fft.irfft(
        np.fft.rfft(rng.normal(size=len(line))) / np.sqrt(np.maximum(hz, 20.0)), len(line)
    )
    line += pink * np.std(line) * 10 ** (-22 / 20) / np.std(pink)
    for at in rng.integers(0, len(line), 2):
        line[at] += float(rng.uniform(-1, 1)) * np.std(line)
    line += float(rng.uniform(-300, 300))
    size = np.minimum(np.abs(line), 32124)
    step = 2.0 ** (np.floor(np.log2(size + 132)) - 4)
    coded = np.floor((size + 132) / step) * step + step / 2 - 132
    return np.copysign(coded, line).astype(np.float32)
