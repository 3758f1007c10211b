"""What anybody may ask of the owner's prompts. Part of the messages of ``firmware.control``.

A file travels in parts, because a packet holds 192 kB: ``PromptPart`` after ``PromptPart``, then
``KeepPrompt`` or ``TryPrompt`` names the upload.
"""

from __future__ import annotations

from typing import Any

import msgspec

PART_BYTES = 96_000
"""Of a file in one message: base64 makes it 128 kB."""


class PromptPart(msgspec.Struct, frozen=True, kw_only=True, tag="prompt_part"):
    """A piece of a WAV file: the sender draws ``upload``, ``at`` is its first byte's place."""

    upload: str
    at: int
    data: bytes
    reader: str = "zh-CN"


class PromptReceived(msgspec.Struct, frozen=True, kw_only=True, tag="prompt_received"):
    """Answer to ``PromptPart``: so much is there."""

    upload: str
    bytes_there: int


class KeepPrompt(msgspec.Struct, frozen=True, kw_only=True, tag="keep_prompt"):
    """Put an uploaded file into force as the prompt ``language/key``; answered by ``PromptKept``.

    ``text`` is what it says, if anybody wrote it down; ``reader`` the language of a refusal.
    """

    upload: str
    language: str
    key: str
    who: str
    text: str = ""
    reader: str = "zh-CN"


class SpeakPrompt(msgspec.Struct, frozen=True, kw_only=True, tag="speak_prompt"):
    """Have the optional voice say a text and put it into force; answered by ``PromptKept``."""

    language: str
    key: str
    text: str
    who: str
    reader: str = "zh-CN"


class SpeakTexts(msgspec.Struct, frozen=True, kw_only=True, tag="speak_texts"):
    """Have the optional voice say what flows read out and has no sound yet, before they are saved.

    ``flows`` are documents as settings hold them. Answered by ``PromptsAnswer`` with what was made,
    which may be nothing; what was made before a refusal stays.
    """

    flows: tuple[dict[str, Any], ...]
    who: str
    reader: str = "zh-CN"


class RemovePrompt(msgspec.Struct, frozen=True, kw_only=True, tag="remove_prompt"):
    """Take an owner's prompt away; answered by ``PromptGone``."""

    language: str
    key: str
    who: str
    reader: str = "zh-CN"


class AskPrompts(msgspec.Struct, frozen=True, kw_only=True, tag="ask_prompts"):
    """The owner's prompts; answered by ``PromptsAnswer``."""


class PromptShown(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt of the owner, as ``ivr.owner.OwnPrompt`` has it; ``notes`` are sentences."""

    language: str
    key: str
    duration_ms: int
    level_dbfs: float
    pace: int
    source: str
    who: str
    at: str
    text: str
    notes: tuple[str, ...] = ()


class PromptKept(msgspec.Struct, frozen=True, kw_only=True, tag="prompt_kept"):
    """It is in force."""

    prompt: PromptShown


class PromptGone(msgspec.Struct, frozen=True, kw_only=True, tag="prompt_gone"):
    """It is gone; the system's own of that name is heard again."""

    prompt: PromptShown


class PromptsAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="prompts"):
    """Every prompt of the owner, by language and key."""

    prompts: tuple[PromptShown, ...]


PromptRequest = PromptPart | KeepPrompt | SpeakPrompt | SpeakTexts | RemovePrompt | AskPrompts
PromptAnswer = PromptReceived | PromptKept | PromptGone | PromptsAnswer
