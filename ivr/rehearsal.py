"""A rehearsed call as words and as sound; the steps come from call control."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np

from ivr.nodes import Language
from ivr.prompts import RATE_HZ, PromptMissing, PromptUnreadable, prompt_texts
from ivr.wav import Samples

MOST_S: Final = 600

_WORDS: Final = {
    "line_rings": ("来电在 {detail} 上响铃", "the call rings on {detail}"),
    "answered": ("系统应答", "the box answers"),
    "says": ("播放：{words}", "says: {words}"),
    "stops": ("停止播放", "stops speaking"),
    "key": ("来电者按 {detail}", "the caller presses {detail}"),
    "waits": ("来电者不按键", "the caller presses nothing"),
    "passes": ("步骤 {detail}", "step {detail}"),
    "goes": ("转到 {detail}", "goes to {detail}"),
    "rings": ("分机 {detail} 振铃", "extension {detail} rings"),
    "talks": ("与 {detail} 通话", "talks to {detail}"),
    "records": ("来电者留言", "the caller leaves a message"),
    "goes_out": ("占用外线 {detail} 呼出", "takes line {detail} to the outside"),
    "ends": ("结束：{detail}", "ends: {detail}"),
}


class RehearsedStep(Protocol):
    """One step, as call control tells it."""

    @property
    def at_ms(self) -> int:
        """Since the first ring."""
        ...

    @property
    def what(self) -> str:
        """One of a fixed list."""
        ...

    @property
    def detail(self) -> str:
        """Its value."""
        ...

    @property
    def prompts(self) -> tuple[str, ...]:
        """What is played, names complete with language."""
        ...


def lines(
    steps: Sequence[RehearsedStep],
    language: Language,
    own: Callable[[str], str] = lambda _name: "",
) -> list[str]:
    """The steps in words, one line each, with the time since the first ring.

    Args:
        steps: Of the rehearsal.
        language: Of the reader.
        own: What a prompt of the owner says, empty where that is not written down.
    """
    texts = {name: prompt_texts(name) for name in ("zh-CN", "en", "zh-HK")}

    def words_of(name: str) -> str:
        spoken, _, key = name.partition("/")
        return own(name) or texts.get(spoken, {}).get(key, name)

    said = []
    for step in steps:
        words = " ".join(map(words_of, step.prompts))
        chinese, english = _WORDS[step.what]
        form = english if language == "en" else chinese
        said.append(f"{step.at_ms / 1000:7.1f} s  " + form.format(detail=step.detail, words=words))
    return said


def sound(steps: Sequence[RehearsedStep], load: Callable[[str], Samples]) -> bytes:
    """What the caller would hear, as a WAV file from the moment of the answer.

    Args:
        steps: Of the rehearsal.
        load: Sound of a prompt; one that is missing is silence.
    """
    begin_ms = next((step.at_ms for step in steps if step.what == "answered"), 0)
    end_ms = min(steps[-1].at_ms if steps else 0, begin_ms + MOST_S * 1000)
    whole = np.zeros((max(0, end_ms - begin_ms) + 1_000) * RATE_HZ // 1000, np.int16)
    for step in steps:
        at = (step.at_ms - begin_ms) * RATE_HZ // 1000
        if at < 0 or step.what not in {"says", "stops", "key", "rings", "talks"}:
            continue
        whole[at:] = 0  # whatever was said is cut here
        for name in step.prompts:
            try:
                piece = load(name)
            except (PromptMissing, PromptUnreadable, ValueError, OSError):
                continue
            room = len(whole) - at
            if room <= 0:
                break
            whole[at : at + len(piece)] = piece[:room]
            at += len(piece)
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(whole.astype("<i2").tobytes())
    return held.getvalue()
