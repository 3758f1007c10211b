# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Which group of Mandarin digits a recogniser hears at the end of a number it has followed.

A person who takes down a number hears the voice say digits before, and knows that digits will
follow. So does the recogniser here: it hears a number put together exactly as the product does it,
is told what the first groups were, and has to name the last one. Every group of that many digits is
a choice, all of them are weighed (`decoder.py`), the likeliest counts. It is never told which group
it is to hear; `control` shows that it notices another one.
"""

import random
from dataclasses import dataclass
from typing import Any, Final

import decoder  # type: ignore[import-not-found, unused-ignore]  # beside this script
import numpy as np

from ivr import prompts, speech

Array = np.ndarray[Any, Any]
LANGUAGE: Final = "zh-CN"
BEGINNINGS: Final = ("112105738496", "110234567189")
"""Every digit occurs, 幺 in the first place and in the second, and one digit twice in a row. The
second one is for the groups of the first, which must not be heard where they are told before."""
WRITTEN: Final = "零腰二三四五六七八九"
"""As the recogniser knows them: 腰 has the syllable and the tone of 幺, which it hardly knows."""
BETWEEN: Final = " "
"""Between groups; with a comma or nothing there, the doubled 幺 of 110, 112 and 119 went wrong."""
FOLLOWED: Final = 16
"""Ways that are followed after each digit but the last; 40 found nothing that 16 did not."""
FRAMES: Final = 700
"""The window in 10 ms: five groups of at most 1.2 s with their gaps, and silence at both ends."""


@dataclass(frozen=True)
class Choice:
    """What is heard, and how far (natural logarithm) the expected group is over all others."""

    digits: str
    lead: float


def beginnings(group: str) -> list[str]:
    """The digits that may be said before a group, and known; the first ones count."""
    own = {f"digits-{group}"}
    return [text for text in BEGINNINGS if not own & set(speech.say_digits(text, LANGUAGE))]


def number(group: str) -> str:
    """The telephone number in which a group is heard; a single digit is a whole number."""
    return group if len(group) == 1 else beginnings(group)[0] + group


def last(number_of: str) -> str:
    """The group that is to be heard in such a number."""
    return speech.say_digits(number_of, LANGUAGE)[-1].removeprefix("digits-")


class Ear:
    """The recogniser, used to the voice."""

    def __init__(self, model: Any, file: bytes, at_16_khz: Any) -> None:
        """With the loaded model, its file, and what makes sound fit for it."""
        self._model, self._decoder, self._at_16_khz = model, decoder.Decoder(file), at_16_khz
        self._store = prompts.PromptStore()
        tokens = model.hf_tokenizer
        self._tokens = [tokens.encode(one, add_special_tokens=False).ids for one in WRITTEN]
        self._marks = [
            tokens.token_to_id(f"<|{mark}|>")
            for mark in ("startoftranscript", "zh", "transcribe", "notimestamps")
        ]

    def sound(self, group: str) -> Array:
        """A group as it is packed, 8 kHz."""
        return np.asarray(self._store.load_system(f"{LANGUAGE}/digits-{group}"))

    def hear(self, group: str, sound: Array, before: str = "") -> Choice:
        """Which group the sound is; the one that it should be only sets beginning and width."""
        found = self._weighed(before or beginnings(group)[0], sound, len(group))
        best = max(found, key=lambda digits: found[digits])
        rival = max(weight for digits, weight in found.items() if digits != group)
        return Choice(best, found.get(group, -np.inf) - rival)

    def _weighed(self, before: str, sound: Array, width: int) -> dict[str, float]:
        import ctranslate2  # type: ignore[import-not-found, unused-ignore]  # as listen.py
        from faster_whisper.audio import pad_or_trim  # type: ignore[import-not-found, unused-ignore]  # as listen.py

        gap = np.zeros(speech.GROUP_GAP_MS * prompts.RATE_HZ // 1000)
        keys = speech.say_digits(before, LANGUAGE)
        parts = [p for key in keys for p in (self._store.load_system(f"{LANGUAGE}/{key}"), gap)]
        heard = self._at_16_khz(np.concatenate([*parts, sound, gap]))
        seen = pad_or_trim(self._model.feature_extractor(heard), FRAMES)
        picture = ctranslate2.StorageView.from_array(np.ascontiguousarray(seen[None]))
        encoded = np.array(self._model.model.encode(picture))[0]
        told = "".join(
            "".join(WRITTEN[int(digit)] for digit in key.removeprefix("digits-")) + BETWEEN
            for key in keys
        )
        begin = self._model.hf_tokenizer.encode(told, add_special_tokens=False).ids
        kept = self._decoder.hear(encoded, [*self._marks, *begin])
        return self._choices(kept, width)

    def _choices(self, kept: decoder.Heard, width: int) -> dict[str, float]:
        """Groups and the logarithm of their probability; of a digit's tokens the first decides."""
        ways: decoder.Ways | None = None
        found = {"": 0.0}
        following = kept.following[None]
        for place in range(width):
            longer = {
                said + str(digit): (weight + float(following[i, ids[0]]), i, ids)
                for i, (said, weight) in enumerate(found.items())
                for digit, ids in enumerate(self._tokens)
            }
            if place == width - 1:
                return {said: weight for said, (weight, _, _) in longer.items()}
            best = sorted(longer, key=lambda said: -longer[said][0])[:FOLLOWED]
            found = {said: longer[said][0] for said in best}
            before = ways.taken([longer[said][1] for said in best]) if ways else None
            ways = self._decoder.on(kept, before, [longer[said][2] for said in best])
            following = ways.following
        raise ValueError(f"a group has at least one digit, not {width}")


def control(ear: Ear, count: int, seed: int) -> tuple[int, int]:
    """Of so many wrong sounds, how many are noticed; and of muted digits, how many are guessed.

    A group is expected and one that differs in a single digit is played: the recogniser must not
    hear the one that is expected. And of a group only the first and the last fifth is played: where
    the text before told the recogniser what follows, it would still name the digit in the middle.
    """
    draw = random.Random(seed)  # noqa: S311  # a repeatable draw, not a secret
    noticed = guessed = 0
    for _ in range(count):
        group, place = f"{draw.randrange(1_000):03d}", draw.randrange(3)
        other = str((int(group[place]) + draw.randrange(1, 10)) % 10)
        played = group[:place] + other + group[place + 1 :]
        noticed += ear.hear(group, ear.sound(played)).digits != group
        muted = ear.sound(group).copy()
        muted[len(muted) // 5 : 4 * len(muted) // 5] = 0
        guessed += ear.hear(group, muted).digits[1] == group[1]
    return noticed, guessed
