"""The grid of caller identities: every form at the edges of its standard, all receivers at once.

Edges of level, twist and clock, the least signal to noise of the standard, and a channel seizure
shortened by the ringing that was still there when it began. Sources of the limits are with
``caller_id_lines``; DTMF: EN 300 659-1 annex B (levels), Denmark's 50 ms tones and gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from firmware.core.events import IdentityKind
from firmware.media.caller_id import STANDARDS, CallerIdReceiver
from firmware.media.spandsp import DisplaySender, Standard
from tests.bench.world.keypad import key_sounds
from tests.conformance import caller_id_lines as lines

SEIZURES = (300, 96, 40)  # bits; BT SIN 227 lets it begin as short as 96, ringing takes more of it
DTMF_LEVELS_DBM0 = (-6.0, -27.0)
DTMF_TWISTS_DB = (-5.0, 3.0)
DTMF_MS = (50.0, 70.0)
JCLIP_LEVELS_DBM0 = (-5.0, -30.0)

Draw = Callable[[np.random.Generator, str], np.ndarray]


@dataclass(frozen=True)
class Cell:
    """One place of the grid: how a number sounds there."""

    form: str
    edge: str
    draw: Draw


def sdmf(number: str) -> bytes:
    """Date and number alone (TR-NWT-000031), without checksum."""
    body = b"01020304" + number.encode()
    return bytes((0x04, len(body))) + body


def _mdmf(number: str) -> bytes:
    return lines.message(number, "LI LEI")


def _fsk(form: str, envelope: lines.Envelope, content: Callable[[str], bytes]) -> Iterator[Cell]:
    for level, twist, seizure in product(envelope.level_dbm0, envelope.twist_db, SEIZURES):
        clock = envelope.clock if twist > 0 else -envelope.clock

        def draw(
            rng: np.random.Generator,
            number: str,
            level: float = level,
            twist: float = twist,
            seizure: int = seizure,
            clock: float = clock,
        ) -> np.ndarray:
            sound = lines.own_sound(
                envelope,
                content(number),
                twist_db=twist,
                tone=envelope.tone if clock > 0 else -envelope.tone,
                clock=clock,
                seizure=seizure,
            )
            return lines.heard(sound, level, rng, snr_db=envelope.snr_db)

        yield Cell(form, f"{level} dBm0, twist {twist} dB, {seizure} bits", draw)


def _dtmf(start: str, end: str) -> Iterator[Cell]:
    for level, twist, tone_ms in product(DTMF_LEVELS_DBM0, DTMF_TWISTS_DB, DTMF_MS):

        def draw(
            rng: np.random.Generator,
            number: str,
            level: float = level,
            twist: float = twist,
            tone_ms: float = tone_ms,
        ) -> np.ndarray:
            keys = key_sounds(
                start + number + end,
                level_dbm0=level,
                twist_db=twist,
                tone_ms=tone_ms,
                pause_ms=tone_ms,
            )
            # ``heard`` is told the mean power; of tones and gaps alike that is half.
            return lines.heard(keys.astype(float), level, rng, snr_db=20)

        yield Cell(f"DTMF {start}{end}", f"{level} dBm0, twist {twist} dB, {tone_ms:.0f} ms", draw)


def _jclip() -> Iterator[Cell]:
    for level in JCLIP_LEVELS_DBM0:

        def draw(rng: np.random.Generator, number: str, level: float = level) -> np.ndarray:
            body = bytes((0x02, len(number))) + number.encode()
            sender = DisplaySender(Standard.JCLIP)
            sound = sender.send(bytes((0x40, len(body))) + body).astype(float)
            return lines.heard(sound, level, rng, snr_db=25)

        yield Cell("JCLIP", f"{level} dBm0", draw)


def cells() -> list[Cell]:
    """Every place of the grid."""
    return [
        *_fsk("Bell 202 SDMF", lines.TIA, sdmf),
        *_fsk("Bell 202 MDMF", lines.TIA, _mdmf),
        *_fsk("V.23 MDMF (ETSI)", lines.ETSI, _mdmf),
        *_fsk("V.23 MDMF (BT)", lines.BT, _mdmf),
        *_dtmf("D", "C"),
        *_dtmf("A", "#"),
        *_jclip(),
    ]


def hear(cell: Cell, rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether one number was read right, and whether a wrong one was shown."""
    number = "0" + lines.random_number(rng)
    sound = np.concatenate((cell.draw(rng, number), np.zeros(2400, np.float32)))
    jclip = ("jclip",) if cell.form == "JCLIP" else ()
    receiver = CallerIdReceiver((*STANDARDS, *jclip))
    found = [i for at in range(0, len(sound), 400) for i in receiver.feed(sound[at : at + 400])]
    numbers = [i.number for i in found if i.kind is IdentityKind.NUMBER]
    return numbers == [number], any(n != number for n in numbers)
