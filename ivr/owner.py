"""The owner's own prompts: files in one folder, each with a line about where it came from.

`language/key.wav` is what is played, `language/key.json` who made it, when, how, and the words. A
key of the system's replaces its prompt, any other is the owner's alone. Removing one brings the
system's back. Only calld writes here.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from ivr.polish import RATE_HZ, Fault, Polished, active_level_dbfs, pace_per_minute, polish
from ivr.wav import WavError, pcm_wav, read_wav

LANGUAGES: Final = ("zh-CN", "en", "zh-HK", "music")
"""Folders; music is in no language."""

MOST_BYTES: Final = 24_000_000
"""Of an uploaded file: two minutes at 96 kHz."""
MOST_PROMPTS: Final = 3_000
"""Of an owner: every system prompt in three languages and as many of his own (chosen)."""

_KEY: Final = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
LONGEST_KEY: Final = 60

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "name": (
        "提示音名称“{0}”无效：只能用字母、数字和连字符，最长 {1} 个字符",
        "prompt name {0!r} is not allowed: letters, digits and hyphens, at most {1}",
    ),
    "language": (
        "没有语言“{0}”；可用 {1}",
        "there is no language {0!r}; there are {1}",
    ),
    "large": ("文件有 {0} 字节，最多 {1}", "the file has {0} bytes, the limit is {1}"),
    "full": ("自录提示音已有 {0} 个，达到上限", "there are {0} own prompts, which is the limit"),
    "order": (
        "上传从第 {0} 字节继续，但已收到 {1} 字节；请重新上传",
        "the upload goes on at byte {0}, but {1} bytes are there; send it again",
    ),
    "missing": ("没有自录提示音“{0}”", "there is no own prompt {0!r}"),
    "wav": ("{0}", "{0}"),
    "too-long": ("录音超过 120 秒", "the recording is longer than 120 seconds"),
    "too-short": ("录音短于 0.25 秒", "the recording is shorter than 0.25 seconds"),
    "silent": ("录音里听不到声音", "there is no sound in the recording"),
    "too-quiet": ("声音太小，请靠近话筒再录", "it is too faint: record it again, closer"),
    "clipped": (
        "声音过大而失真，请离话筒远一点再录",
        "it is overdriven: record it again from further away",
    ),
    "noisy": ("背景噪声太大", "there is too much noise behind the voice"),
    "storage": ("无法保存：{0}", "it cannot be stored: {0}"),
}
"""What may be wrong, in Chinese and English."""

REFUSED: Final[frozenset[Fault]] = frozenset({"too-long", "too-short", "silent"})
"""Nothing to play; other faults are told, and the owner decides."""

Source = Literal["upload", "handset", "text", "kit"]


class PromptRefused(ValueError):  # noqa: N818 - what happened, in the words of the log
    """An owner's prompt was not taken; nothing has changed."""

    def __init__(self, what: str, *values: object) -> None:
        self.what = what
        self.values = values
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Why, in the reader's language: ``zh-CN`` or ``en``."""
        if self.what == "wav" and isinstance(self.values[0], WavError):
            return self.values[0].sentence(language)
        return said(self.what, language, *self.values)


def said(what: str, language: str, *values: object) -> str:
    """A sentence about a prompt or its fault, in the reader's language."""
    chinese, english = _SENTENCES[what]
    return (chinese if language.startswith("zh") else english).format(*values)


class OwnPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt of the owner.

    Attributes:
        language: Folder.
        key: Name.
        duration_ms: Length.
        level_dbfs: Active level as it came in; it is played at -20.
        pace: Characters a minute of the words (words a minute where they are not Chinese); 0
            without words.
        faults: What is worth telling about the sound.
        source: How it came here.
        who: Who brought it.
        at: When, ISO 8601.
        text: What is said, if anybody wrote it down.
    """

    language: str
    key: str
    duration_ms: int = 0
    level_dbfs: float = 0.0
    pace: int = 0
    faults: tuple[str, ...] = ()
    source: Source = "upload"
    who: str = ""
    at: str = ""
    text: str = ""


def read_upload(data: bytes) -> Polished:
    """An owner's WAV file as it would be played.

    Args:
        data: The whole file.

    Raises:
        PromptRefused: Too large, no WAV that is played here, or nothing to hear.
    """
    if len(data) > MOST_BYTES:
        raise PromptRefused("large", len(data), MOST_BYTES)
    try:
        wav = read_wav(data)
    except WavError as wrong:
        raise PromptRefused("wav", wrong) from wrong
    polished = polish(wav.samples, wav.rate_hz)
    if bad := REFUSED.intersection(polished.faults):
        raise PromptRefused(min(bad))
    return polished


class OwnPrompts:
    """The folder. ``folder`` need not exist before the first prompt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[OwnPrompt]:
        """Every prompt, by language and key; a file without its line is told by its sound."""
        for language in LANGUAGES:
            for path in sorted((self._folder / language).glob("*.wav")):
                if _KEY.fullmatch(path.stem):
                    yield self._read(language, path.stem)

    def get(self, language: str, key: str) -> OwnPrompt | None:
        """One prompt, None where the owner has none of that name."""
        return self._read(language, key) if self._path(language, key).is_file() else None

    def words(self, name: str) -> str:
        """What ``language/key`` says, empty where the owner has none or wrote nothing down."""
        try:
            prompt = self.get(*name.split("/"))
        except (PromptRefused, TypeError):  # another kind of name: a path, music
            return ""
        return prompt.text if prompt else ""

    def keep(
        self,
        language: str,
        key: str,
        polished: Polished,
        *,
        source: Source,
        who: str,
        at: str,
        text: str = "",
    ) -> OwnPrompt:
        """Put a recording into force under this name, whole or not at all.

        Raises:
            PromptRefused: The name or language is none, the limit is reached, or the card takes
                nothing.
        """
        path = self._path(language, key)
        count = sum(1 for _ in self._folder.glob("*/*.wav"))
        if count >= MOST_PROMPTS and not path.exists():
            raise PromptRefused("full", count)
        prompt = OwnPrompt(
            language=language,
            key=key,
            duration_ms=polished.duration_ms,
            level_dbfs=round(polished.level_dbfs, 1),
            pace=pace_per_minute(text, polished.duration_ms),
            faults=polished.faults,
            source=source,
            who=who,
            at=at,
            text=text,
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path.with_suffix(".json"), msgspec.json.encode(prompt))
            _replace(path, pcm_wav(polished.samples, RATE_HZ))
        except OSError as problem:
            raise PromptRefused("storage", problem.strerror or problem) from problem
        return prompt

    def remove(self, language: str, key: str) -> OwnPrompt:
        """Take a prompt away; the system's own of that name is heard again.

        Raises:
            PromptRefused: There is none of that name, or the card takes nothing.
        """
        path = self._path(language, key)
        if not path.is_file():
            raise PromptRefused("missing", f"{language}/{key}")
        gone = self._read(language, key)
        try:
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)
        except OSError as problem:
            raise PromptRefused("storage", problem.strerror or problem) from problem
        return gone

    def _path(self, language: str, key: str) -> Path:
        if language not in LANGUAGES:
            raise PromptRefused("language", language, ", ".join(LANGUAGES))
        if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
            raise PromptRefused("name", key[: 2 * LONGEST_KEY], LONGEST_KEY)
        return self._folder / language / f"{key}.wav"

    def _read(self, language: str, key: str) -> OwnPrompt:
        path = self._folder / language / f"{key}.wav"
        try:
            kept = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=OwnPrompt)
            return msgspec.structs.replace(kept, language=language, key=key)
        except (OSError, msgspec.MsgspecError):
            pass
        try:
            wav = read_wav(path.read_bytes())
        except (OSError, WavError):
            return OwnPrompt(language=language, key=key)
        return OwnPrompt(
            language=language,
            key=key,
            duration_ms=len(wav.samples) * 1000 // wav.rate_hz,
            level_dbfs=round(active_level_dbfs(wav.samples, wav.rate_hz), 1),
        )


def _replace(path: Path, data: bytes) -> None:
    """Put the file there whole, or leave what was there: a power cut is normal."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
