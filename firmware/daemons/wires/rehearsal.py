"""Everything that may have to be done in a tick, done once before the first tick that counts.

A program loads, builds and touches much when it first needs it: numpy brings in its Fourier
transforms and its median one by one, libraries find their tables, memory comes page by page. In a
conversation that first time would be a late block: 16 ms were measured when a line's first tone
was looked at. So lined goes through a call on made-up sound before it takes up its work.
"""

from __future__ import annotations

import io
from datetime import datetime

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from firmware.core.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from firmware.core.commands import (
    AnyMediaCommand,
    Caller,
    HushRecording,
    Listen,
    Party,
    Play,
    PlayTone,
    SendDigits,
    SetBridge,
    StartRecording,
    StopPlay,
    StopRecording,
    StopTone,
)
from firmware.core.countries import Country
from firmware.media import g711
from firmware.media.caller_id_sound import alert_tone, call_waiting_sound, caller_id_sound
from firmware.media.tick import SoundPath
from firmware.media.tones import ToneBank, digit_sequence
from firmware.storage.sealed_sound import PIECE_SAMPLES, SoundSealing

PHONE, LINE = "fxs/1", "fxo/1"
BLOCK = 4 * BLOCK_SAMPLES  # the same work as with the blocks that count, in less time
CLEARING_S = 3.5  # two cycles of the slowest busy tone and its end
TALK_S = 0.5
CALLER = Caller(number="13800138000", name="Rehearsal")

Linear = npt.NDArray[np.float32]
Sound = npt.NDArray[np.float32] | npt.NDArray[np.int16]


class _Nowhere:
    """Recordings that nobody keeps."""

    def open(self, path: str, seal_for: str = "") -> None:
        """Nothing."""

    def write(self, path: str, data: bytes) -> None:
        """Nothing."""

    def close(self, path: str) -> None:
        """Nothing."""

    def take_failed(self) -> list[tuple[str, str]]:
        """The card takes everything."""
        return []


def rehearse(country: Country, wall: datetime) -> None:
    """Go through a call of this country: identity, keys, a prompt, a recorded talk, busy tone."""
    path = SoundPath(
        (PHONE, LINE),
        lines=frozenset({LINE}),
        country=country,
        block_samples=BLOCK,
        prompts=lambda _name: np.zeros(SAMPLE_RATE_HZ // 10, np.int16),
        sink=_Nowhere(),
        captures="none",
    )
    at = np.arange(round(TALK_S * SAMPLE_RATE_HZ))
    talk = (3000.0 * np.sin(at * at * 1e-4)).astype(np.float32)  # anything that is no tone
    identity = caller_id_sound(country.caller_id_out, CALLER, wall, encoding="ascii")
    both = (Party(port=PHONE), Party(port=LINE, raise_db=6.0))
    steps: tuple[tuple[tuple[AnyMediaCommand, ...], Sound], ...] = (
        ((Listen(port=LINE, caller_id=True), PlayTone(port=PHONE, tone="dial")), identity),
        (
            (
                StopTone(port=PHONE),
                Listen(port=LINE, digits=True, progress=True, speech=True),
                Play(port=LINE, play="rehearsal", prompts=("music/default", "music/beep")),
                SendDigits(port=PHONE, digits="15"),
            ),
            digit_sequence("1*9#", tone_ms=80, pause_ms=80),
        ),
        (
            (
                StopPlay(port=LINE),
                SetBridge(bridge="b", call="c", parties=both),
                StartRecording(port=LINE, recording="r", path="none", hush_keys=True),
            ),
            np.concatenate((talk, digit_sequence("5", tone_ms=80, pause_ms=80))),
        ),
        ((HushRecording(recording="r", hush=True),), _tone(country)),
        ((StopRecording(recording="r"), SetBridge(bridge="b", call="c", parties=())), talk),
        ((Listen(port=LINE),), talk),
    )
    now_ms = 0
    for commands, sound in steps:
        for command in commands:
            path.apply(command, now_ms)
        now_ms = _hear(path, sound, country, now_ms)
    path.send_identity(PHONE, alert_tone("cas"))
    scheme = country.caller_id_out
    if scheme.startswith("fsk") and scheme != "fsk_jclip_before_ring":
        call_waiting_sound(scheme, CALLER, wall, encoding="ascii")
    _seal()


def _hear(path: SoundPath, sound: Sound, country: Country, now_ms: int) -> int:
    said, codes = np.zeros((2, BLOCK), np.float32), np.zeros((2, BLOCK), np.uint8)
    playing = np.zeros_like(codes)
    for at in range(0, len(sound) - BLOCK, BLOCK):
        said[:] = sound[at : at + BLOCK]
        g711.encode(said, codes, country.law)
        path.tick(codes, playing, now_ms)
        now_ms += BLOCK * 1000 // SAMPLE_RATE_HZ
    return now_ms


def _tone(country: Country) -> Linear:
    """Busy tone, and a pause that is longer than any of its own."""
    bank = ToneBank(1, country)
    bank.start(0, "busy")
    sound = np.zeros((1, round(CLEARING_S * SAMPLE_RATE_HZ)), np.float32)
    for at in range(0, sound.shape[1] - BLOCK, BLOCK):
        bank.add(sound[:, at : at + BLOCK])
    sound[:, -SAMPLE_RATE_HZ:] = 0.0
    tone: Linear = sound[0]
    return tone


def _seal() -> None:
    """One piece of a recording, so that the spool's thread finds everything loaded."""
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    sealing = SoundSealing(io.BytesIO(), public)
    sealing.write(bytes(4 * PIECE_SAMPLES))
    sealing.close()
