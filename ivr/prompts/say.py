# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""The voice pack: says any text in the voice of the system prompts. Text in, a WAV file out.

    echo 您好。 | python say.py --language zh-CN --work FOLDER > hello.wav

It runs in the environment of `render.py` and stands outside the box's own; the box calls it by the
machine configuration (`[voice] command`), beside the loop, and keeps what it made. The folder holds
the voices, which the first call fetches. A word that the dictionaries lack is refused, not guessed.
"""

import argparse
import re
import sys
import wave
from pathlib import Path
from typing import Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import compared  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # found by the path above
import render  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise

PAUSE_S: Final = 0.25
"""Between sentences (chosen)."""
_ENDS: Final = re.compile(r"(?<=[。！？；!?;\n])|(?<=\.)\s")


def said(text: str, language: str, voice: render.Voice) -> np.ndarray:
    """The text sentence by sentence; float32 at 24 kHz.

    Raises:
        KeyError: A word is in no dictionary.
        ValueError: The model has no token for a sound.
    """
    spell = render.speller(language)
    if language == "en":
        text = re.sub("[0-9]+", lambda run: f" {compared.english_number(int(run[0]))} ", text)
    pieces: list[np.ndarray] = []
    for sentence in filter(str.strip, _ENDS.split(text)):
        phonemes = spell(render.in_a_sentence(sentence.strip()))
        if re.search(r"\w", phonemes):
            pieces += [
                voice.say(render.Job(language, "texts", "text", sentence, phonemes)),
                np.zeros(int(PAUSE_S * render.MODEL_RATE_HZ), np.float32),
            ]
    if not pieces:
        raise ValueError("there is nothing in the text that could be said")
    return np.concatenate(pieces[:-1])


def main() -> int:
    """Says the standard input; 1 with a sentence when it cannot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=sorted(render.VOICES), required=True)
    parser.add_argument("--work", type=Path, default=HERE / "work", help="voices and past output")
    options = parser.parse_args()
    try:
        samples = said(sys.stdin.read(), options.language, render.Voice(options.work))
    except (KeyError, ValueError, OSError) as problem:
        sys.stderr.write(f"{problem.args[0] if problem.args else problem}\n")
        return 1
    with wave.open(sys.stdout.buffer, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(render.MODEL_RATE_HZ)
        target.setnframes(len(samples))
        target.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
