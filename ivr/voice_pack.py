"""Prompts from text, where a voice is installed: off the sound path, cached.

The base system carries no voice. What may be there, best first: the voice pack (a program of its
own, with its own environment, that takes ``--language``, has the text on its input and writes a WAV
to its output; the machine configuration names it, or it is called ``tipring-voice``), and for
Cantonese, as a preview only, ``espeak-ng``.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ivr.owner import PromptRefused, read_upload
from ivr.polish import Polished
from ivr.wav import WavError, read_wav

PACK: Final = "tipring-voice"
PACK_LANGUAGES: Final = ("zh-CN", "en")
ROBOT: Final = "espeak-ng"
ROBOT_VOICES: Final = {"zh-HK": "yue", "zh-CN": "cmn", "en": "en-us"}
PATIENCE_S: Final = 180
"""A sentence of ten seconds takes the slowest board about a minute."""
LONGEST_TEXT: Final = 500

_SENTENCES: Final = {
    "no-pack": (
        "没有安装语音包，不能由文字生成提示音；请用话机录音，或上传 WAV 文件",
        (
            "no voice is installed, so no prompt can be made from text;"
            " record it by handset or upload a WAV file"
        ),
    ),
    "pack-gone": (
        "设定的语音程序 {0} 不存在，不能由文字生成提示音；请检查 machine.toml 的 [voice] command",
        (
            "the voice {0} is not there, so no prompt can be made from text;"
            " see [voice] command in machine.toml"
        ),
    ),
    "no-cantonese": (
        "语音包没有粤语；请用话机录音，或上传 WAV 文件",
        "the voice has no Cantonese; record it by handset or upload a WAV file",
    ),
    "no-robot": (
        "没有安装 espeak-ng，不能试听粤语",
        "espeak-ng is not installed, so Cantonese cannot be previewed",
    ),
    "no-text": (
        "文字须有 1 到 {0} 个字",
        "the text must have 1 to {0} characters",
    ),
    "failed": ("语音生成失败：{0}", "the voice failed: {0}"),
    "slow": ("语音程序 {0} 秒内没有生成完", "the voice was not ready within {0} seconds"),
}


class VoiceMissing(RuntimeError):  # noqa: N818 - what happened, in the words of the log
    """No voice said the text; nothing has changed."""

    def __init__(self, what: str, *values: object) -> None:
        self.what = what
        self.values = values
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Why, in the reader's language: ``zh-CN`` or ``en``."""
        chinese, english = _SENTENCES[self.what]
        return (chinese if language.startswith("zh") else english).format(*self.values)


def command_of(given: Sequence[str] = ()) -> tuple[str, ...]:
    """The voice's program and its arguments; empty where none is installed.

    Args:
        given: As the machine configuration has it; empty looks for ``tipring-voice``.
    """
    found = shutil.which(given[0] if given else PACK)
    return (found, *given[1:]) if found else ()


def speak(text: str, language: str, cache: Path, given: Sequence[str] = ()) -> Polished:
    """The text in the installed voice, as it would be played. Takes its time: never on the loop.

    Args:
        text: One prompt.
        language: ``zh-CN`` or ``en``.
        cache: Folder where the voice's output is kept under the hash of language and text.
        given: The voice's program, as the machine configuration has it.

    Raises:
        VoiceMissing: No voice is installed, it does not know the language, or it failed.
    """
    _check(text)
    if language not in PACK_LANGUAGES:
        raise VoiceMissing("no-cantonese")
    voice = " ".join(given or (PACK,))
    kept = cache / f"{hashlib.sha256(f'{voice} {language} {text}'.encode()).hexdigest()}.wav"
    if not kept.is_file():
        command = command_of(given)
        if not command:
            raise VoiceMissing(*(("pack-gone", given[0]) if given else ("no-pack",)))
        data = _whole(_run([*command, "--language", language], text))
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(".part")
        unfinished.write_bytes(data)
        unfinished.replace(kept)
    try:
        return read_upload(kept.read_bytes())
    except PromptRefused as wrong:
        kept.unlink(missing_ok=True)
        raise VoiceMissing("failed", wrong) from wrong


def preview(text: str, language: str) -> bytes:
    """The robot's reading as a WAV file, to check a script by ear; never played to callers.

    Raises:
        VoiceMissing: espeak-ng is not installed, or it failed.
    """
    _check(text)
    command = shutil.which(ROBOT)
    if command is None:
        raise VoiceMissing("no-robot")
    data = _run([command, "-v", ROBOT_VOICES[language], "--stdin", "--stdout"], text)
    return _whole(data)


def _check(text: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise VoiceMissing("no-text", LONGEST_TEXT)


def _run(command: list[str], text: str) -> bytes:
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=PATIENCE_S, check=True
        )
    except subprocess.TimeoutExpired as slow:
        raise VoiceMissing("slow", PATIENCE_S) from slow
    except subprocess.CalledProcessError as failed:
        last = failed.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise VoiceMissing("failed", last[:200] or f"status {failed.returncode}") from failed
    except OSError as problem:
        raise VoiceMissing("failed", problem.strerror or problem) from problem
    return done.stdout


def _whole(data: bytes) -> bytes:
    """A WAV written to a pipe does not know its length; put in what is there."""
    sized = bytearray(data)
    if len(sized) > 44 and sized[36:40] == b"data":
        sized[4:8] = (len(sized) - 8).to_bytes(4, "little")
        sized[40:44] = (len(sized) - 44).to_bytes(4, "little")
    try:
        read_wav(bytes(sized))
    except WavError as wrong:
        raise VoiceMissing("failed", wrong) from wrong
    return bytes(sized)
