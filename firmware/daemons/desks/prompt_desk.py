"""The owner's prompts: uploads put together, polished beside the loop, kept in their folder."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.control.messages import Refused
from firmware.control.prompt_messages import (
    AskPrompts,
    KeepPrompt,
    PromptGone,
    PromptKept,
    PromptPart,
    PromptReceived,
    PromptRequest,
    PromptsAnswer,
    PromptShown,
    RemovePrompt,
    SpeakPrompt,
    SpeakTexts,
)
from firmware.daemons.aside import Aside
from firmware.media.recorder import read_said
from ivr.owner import (
    MOST_BYTES,
    REFUSED,
    OwnPrompt,
    OwnPrompts,
    PromptRefused,
    read_upload,
    said,
)
from ivr.polish import Polished, polish
from ivr.texts import unspoken
from ivr.voice_pack import PACK_LANGUAGES, VoiceMissing, speak
from ivr.wav import pcm_wav

log = logging.getLogger(__name__)

MOST_UPLOADS: Final = 2
"""At a time; the oldest makes room."""
MOST_TAKES: Final = 8
"""Recordings of handsets that wait for a verdict; as many as telephones."""
KEY_TAIL_MS: Final = 150
"""Of a recording that ``#`` ended: the key was heard after 40 ms, and the message took its time."""

Reply = Callable[[msgspec.Struct], None]
Judged = Callable[[tuple[str, ...], str], None]


class PromptDesk:
    """Owner's prompts for page, command line and handset.

    Args:
        folder: Of the owner's prompts; nothing is written elsewhere.
        voice: The program that says texts, as the machine configuration has it.
    """

    def __init__(self, folder: Path, voice: Sequence[str] = ()) -> None:
        self._folder = folder
        self._voice = tuple(voice)
        self._own = OwnPrompts(folder)
        self._uploads: OrderedDict[str, bytearray] = OrderedDict()
        self._takes: OrderedDict[str, Polished] = OrderedDict()
        for left in (folder / "takes").glob("*.wav"):  # their studios ended with the program
            left.unlink(missing_ok=True)

    def request(self, request: PromptRequest, reply: Reply, aside: Aside, wall: datetime) -> None:
        """Answer one question or carry out one change; ``reply`` is called once, now or later."""
        at = wall.isoformat(timespec="seconds")
        match request:
            case PromptPart():
                reply(self._part(request))
            case AskPrompts():
                aside(lambda: [*self._own], lambda found: reply(_shown(found, "zh-CN")))
            case KeepPrompt():
                data = bytes(self._uploads.pop(request.upload, b""))
                self._change(lambda: self._keep(request, data, at), request.reader, aside, reply)
            case SpeakPrompt():
                self._change(lambda: self._speak(request, at), request.reader, aside, reply)
            case SpeakTexts():
                aside(lambda: self._speak_texts(request, at), reply)
            case RemovePrompt(language=language, key=key):
                self._change(lambda: self._own.remove(language, key), request.reader, aside, reply)

    def judge(self, take: str, path: str, aside: Aside, done: Judged) -> None:
        """Polish a handset's recording; ``done`` hears its faults and where it can be heard."""

        def work() -> Polished | None:
            try:
                return polish(read_said(Path(path)), 8_000, key_tail_ms=KEY_TAIL_MS)
            except (LookupError, ValueError) as problem:
                log.warning("take %s: %s", take, problem)
                return None
            finally:
                Path(path).unlink(missing_ok=True)

        def finish(polished: Polished | None) -> None:
            if polished is None or REFUSED.intersection(polished.faults):
                done(polished.faults if polished else ("silent",), "")
                return
            self._takes[take] = polished
            while len(self._takes) > MOST_TAKES:
                self.drop_take(next(iter(self._takes)))
            heard = self._take_path(take)
            aside(
                lambda: _write(heard, pcm_wav(polished.samples, 8_000)),
                lambda written: done(polished.faults, str(heard) if written else ""),
            )

        aside(work, finish)

    def keep_take(
        self, take: str, language: str, key: str, who: str, wall: datetime, aside: Aside,
        done: Callable[[bool], None],
    ) -> None:  # fmt: skip
        """Put a judged recording into force; ``done`` hears whether the card took it."""
        polished = self._takes.get(take)
        at = wall.isoformat(timespec="seconds")

        def work() -> bool:
            if polished is None:
                return False
            try:
                self._own.keep(language, key, polished, source="handset", who=who, at=at)
            except PromptRefused as refused:
                log.warning("take %s: %s", take, refused)
                return False
            return True

        def finish(kept: bool) -> None:
            self.drop_take(take)
            done(kept)

        aside(work, finish)

    def drop_take(self, take: str) -> None:
        """Nobody waits for this judged recording any more."""
        self._takes.pop(take, None)
        self._take_path(take).unlink(missing_ok=True)

    def remove(self, language: str, key: str) -> bool:
        """Bring the system's prompt back; False if there was no other."""
        try:
            self._own.remove(language, key)
        except PromptRefused:
            return False
        return True

    # --- within -----------------------------------------------------------------------------------

    def _part(self, part: PromptPart) -> msgspec.Struct:
        there = self._uploads.setdefault(part.upload, bytearray())
        if part.at != len(there):
            self._uploads.pop(part.upload)
            return _refusal(PromptRefused("order", part.at, len(there)), part.reader)
        if len(there) + len(part.data) > MOST_BYTES:
            self._uploads.pop(part.upload)
            large = PromptRefused("large", len(there) + len(part.data), MOST_BYTES)
            return _refusal(large, part.reader)
        there += part.data
        while len(self._uploads) > MOST_UPLOADS:
            self._uploads.popitem(last=False)
        return PromptReceived(upload=part.upload, bytes_there=len(there))

    def _keep(self, request: KeepPrompt, data: bytes, at: str) -> OwnPrompt:
        return self._own.keep(
            request.language,
            request.key,
            read_upload(data),
            source="upload",
            who=request.who,
            at=at,
            text=request.text,
        )

    def _speak(self, request: SpeakPrompt, at: str) -> OwnPrompt:
        spoken = speak(request.text, request.language, self._folder / "spoken", self._voice)
        return self._own.keep(
            request.language,
            request.key,
            spoken,
            source="text",
            who=request.who,
            at=at,
            text=request.text,
        )

    def _speak_texts(self, request: SpeakTexts, at: str) -> msgspec.Struct:
        def has(name: str) -> bool:
            return self._own.get(*name.split("/")) is not None

        made: list[OwnPrompt] = []
        try:
            for text in unspoken(request.flows, has, PACK_LANGUAGES):
                one = SpeakPrompt(
                    language=text.language, key=text.key, text=text.words, who=request.who
                )
                made.append(self._speak(one, at))
        except (PromptRefused, VoiceMissing) as refused:
            return _refusal(refused, request.reader)
        return _shown(made, request.reader)

    def _change(
        self, work: Callable[[], OwnPrompt], reader: str, aside: Aside, reply: Reply
    ) -> None:
        def job() -> Any:
            try:
                return work()
            except (PromptRefused, VoiceMissing) as refused:
                return refused

        def finish(result: Any) -> None:
            if isinstance(result, PromptRefused | VoiceMissing):
                reply(_refusal(result, reader))
                return
            shown = _show(result, reader)
            gone = self._own.get(result.language, result.key) is None
            reply(PromptGone(prompt=shown) if gone else PromptKept(prompt=shown))

        aside(job, finish)

    def _take_path(self, take: str) -> Path:
        return self._folder / "takes" / f"{take}.wav"


def _write(path: Path, data: bytes) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as problem:
        log.warning("a take cannot be written: %s", problem)
        return False
    return True


def _show(prompt: OwnPrompt, reader: str) -> PromptShown:
    fields = msgspec.structs.asdict(prompt)
    faults = fields.pop("faults")
    return PromptShown(**fields, notes=tuple(said(fault, reader) for fault in faults))


def _shown(prompts: list[OwnPrompt], reader: str) -> PromptsAnswer:
    return PromptsAnswer(prompts=tuple(_show(prompt, reader) for prompt in prompts))


def _refusal(refused: PromptRefused | VoiceMissing, reader: str) -> Refused:
    return Refused(id="prompt-refused", message=refused.sentence(reader))
