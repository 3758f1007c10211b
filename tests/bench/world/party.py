"""What a telephone and the far end of a line have in common: a person who speaks and hears."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.ear import Ear
from tests.bench.world.keypad import key_sounds
from tests.bench.world.level import RATE_HZ, SILENCE_DBM0, level_dbm0, samples_of, sine
from tests.bench.world.mouth import Mouth
from tests.bench.world.timeline import Timeline


class WorldError(RuntimeError):
    """A person was asked to do what cannot be done there: to talk into a hung-up telephone.

    One sentence, naming who and why.
    """


class Party:
    """Clock, mouth and ear. ``name`` is how scenarios call it: ``telephone 201``, ``line 1``."""

    def __init__(self, name: str, seed: int = 0) -> None:
        self.name = name
        self.seed = seed
        self.timeline = Timeline()
        self.mouth = Mouth()
        self.ear = Ear()
        self.log: list[tuple[int, str]] = []

    @property
    def now_ms(self) -> int:
        """Time of this actor's own clock."""
        return self.timeline.now_ms

    def note(self, text: str) -> None:
        """Keep what happened, for a person who reads why a scenario failed."""
        self.log.append((self.timeline.base * 1000 // RATE_HZ, text))

    def require_speech(self) -> None:
        """Raise ``WorldError`` where nobody could hear this party."""

    def say(self, sound: Samples, after_ms: float = 0.0) -> int:
        """Speak, after anything that is still being said and a pause of ``after_ms``.

        Returns the sample of the own clock at which the sound begins.
        """
        self.require_speech()
        start = max(self.timeline.sample, self.mouth.end) + samples_of(after_ms)
        self.mouth.say(sound, start)
        return start

    def say_tone(self, hz: float, dbm0: float, ms: float) -> int:
        """A test tone."""
        return self.say(sine(hz, dbm0, ms))

    def say_wav(self, path: Path, dbm0: float | None = None) -> int:
        """A 16-bit mono file at 8 kHz, at its own level or brought to ``dbm0``."""
        with wave.open(str(path), "rb") as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if form != (1, 2, RATE_HZ):
                raise WorldError(f"{path}: {form} is not one channel, 2 bytes, {RATE_HZ} Hz")
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        if dbm0 is not None and level_dbm0(sound) > SILENCE_DBM0:
            sound = sound * np.float32(10.0 ** ((dbm0 - level_dbm0(sound)) / 20.0))
        return self.say(sound)

    def press(
        self,
        keys: str,
        level_dbm0: float = -8.0,
        twist_db: float = 0.0,
        tone_ms: float = 90.0,
        pause_ms: float = 90.0,
        noise_dbm0: float | None = None,
    ) -> int:
        """Press keys as real sound, after anything that is still being said; see ``keypad``."""
        self.require_speech()
        sound = key_sounds(keys, level_dbm0, twist_db, tone_ms, pause_ms, noise_dbm0, self.seed)
        self.note(f"presses {keys}")
        return self.mouth.say(sound, max(self.timeline.sample, self.mouth.end))
