"""``tipring prompts``: the owner's own prompts and the recording script on the command line."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from firmware.control.prompt_messages import (
    PART_BYTES,
    AskPrompts,
    KeepPrompt,
    PromptGone,
    PromptKept,
    PromptPart,
    PromptReceived,
    PromptsAnswer,
    PromptShown,
    RemovePrompt,
    SpeakPrompt,
)
from firmware.daemons.cli.words import Language, say
from ivr import kit
from ivr.voice_pack import VoiceMissing, preview

KEEP_MS: Final = 20_000
"""Two minutes of sound are polished in about a second on the slowest board."""
SPEAK_MS: Final = 200_000
LANGUAGES: Final = ("zh-CN", "en", "zh-HK")

T = TypeVar("T", bound=msgspec.Struct)
Mistake = Callable[[str], Exception]


class PromptCommands:
    """The commands.

    Args:
        ask: Asks calld: (chosen, language, request, answer's type, within_ms).
        show: Prints an answer: (chosen, answer, lines).
        who: Who sits at the command line.
        mistake: The error that ends a command with one sentence.
    """

    def __init__(
        self,
        ask: Callable[..., Any],
        show: Callable[..., None],
        who: Callable[[], str],
        mistake: type[Exception],
    ) -> None:
        self._ask = ask
        self._show = show
        self._who = who
        self._mistake = mistake

    def attach(self, within: Any, command: Callable[..., Any], word: Callable[[str], str]) -> None:
        """Add the commands behind ``prompts``."""
        command(within, "list", self.list_own, "prompts_list")
        taking = command(within, "import", self.take_file, "prompts_import")
        removing = command(within, "remove", self.remove, "prompts_remove")
        speaking = command(within, "speak", self.speak, "prompts_speak")
        for parser in (taking, removing, speaking):
            parser.add_argument(
                "prompt_language", choices=(*LANGUAGES, "music"), help=word("help_prompt_language")
            )
            parser.add_argument("key", metavar="KEY", help=word("help_prompt_key"))
        taking.add_argument("file", metavar="FILE", help=word("help_wav"))
        taking.add_argument("--text", default="", metavar="TEXT", help=word("help_prompt_text"))
        speaking.add_argument("text", metavar="TEXT", help=word("help_prompt_text"))
        script = command(within, "kit", self.script, "prompts_kit")
        script.add_argument("prompt_language", choices=LANGUAGES, help=word("help_prompt_language"))
        script.add_argument("--text", action="store_true", help=word("help_kit_text"))
        script.add_argument("--html", action="store_true", help=word("help_kit_html"))
        script.add_argument(
            "--import", dest="folder", metavar="FOLDER", help=word("help_kit_import")
        )
        robot = command(within, "preview", self.robot, "prompts_preview")
        robot.add_argument("key", metavar="KEY", help=word("help_prompt_key"))
        robot.add_argument("--out", default="", metavar="FILE", help=word("help_out"))

    # --- commands ---------------------------------------------------------------------------------

    def list_own(self, chosen: argparse.Namespace, language: Language) -> None:
        """Every prompt of the owner."""
        answer = self._ask(chosen, language, AskPrompts(), PromptsAnswer)
        self._show(chosen, answer.prompts, lambda: _listed(answer.prompts, language))

    def take_file(self, chosen: argparse.Namespace, language: Language) -> None:
        """One WAV file becomes a prompt."""
        data = self._read(Path(chosen.file), language)
        kept = self._keep(chosen, language, data, chosen.key, chosen.text)
        self._show(chosen, kept, lambda: [say("own_kept", language), *_line(kept, language)])

    def remove(self, chosen: argparse.Namespace, language: Language) -> None:
        """The system's prompt is heard again."""
        request = RemovePrompt(
            language=chosen.prompt_language, key=chosen.key, who=self._who(), reader=language
        )
        gone = self._ask(chosen, language, request, PromptGone).prompt
        name = f"{gone.language}/{gone.key}"
        self._show(chosen, gone, lambda: [say("own_gone", language, name=name)])

    def speak(self, chosen: argparse.Namespace, language: Language) -> None:
        """A text becomes a prompt, where a voice is installed."""
        request = SpeakPrompt(
            language=chosen.prompt_language,
            key=chosen.key,
            text=chosen.text,
            who=self._who(),
            reader=language,
        )
        kept = self._ask(chosen, language, request, PromptKept, within_ms=SPEAK_MS).prompt
        self._show(chosen, kept, lambda: [say("own_kept", language), *_line(kept, language)])

    def script(self, chosen: argparse.Namespace, language: Language) -> None:
        """The script, its progress, or a folder of recordings."""
        wanted = chosen.prompt_language
        if chosen.folder:
            self._take_folder(chosen, language)
        answer = self._ask(chosen, language, AskPrompts(), PromptsAnswer)
        own = {prompt.key for prompt in answer.prompts if prompt.language == wanted}
        if chosen.html:
            print(kit.script_html(wanted, language, own.__contains__), end="")
            return
        if chosen.text:
            print(kit.script_text(wanted, language, own.__contains__), end="")
            return
        whole = kit.items(wanted)
        left = kit.gaps(whole, own.__contains__)
        name = kit.named(wanted, language)
        done = len(whole) - len(left)
        status = kit.say("status", language, name, done, len(left), kit.minutes(left))
        gaps = [say("kit_gap", language, label=i.label, text=i.text) for i in left]
        self._show(chosen, [i.key for i in left], lambda: [status, *gaps])

    def robot(self, chosen: argparse.Namespace, language: Language) -> None:
        """One Cantonese line in a robot's voice."""
        item = next((i for i in kit.items("zh-HK") if i.key == chosen.key), None)
        if item is None:
            raise self._mistake(say("key_unknown", language, name=chosen.key))
        path = Path(chosen.out or f"{chosen.key}-preview.wav")
        try:
            path.write_bytes(preview(item.text, "zh-HK"))
        except VoiceMissing as missing:
            raise self._mistake(missing.sentence(language)) from missing
        except OSError as error:
            raise self._mistake(
                say("no_file", language, file=path, detail=error.strerror)
            ) from error
        print(item.text)
        print(say("preview_at", language, path=path))

    # --- within -----------------------------------------------------------------------------------

    def _take_folder(self, chosen: argparse.Namespace, language: Language) -> None:
        folder = Path(chosen.folder)
        files = sorted(p for p in folder.glob("*") if p.suffix.lower() == ".wav")
        if not files:
            raise self._mistake(say("kit_nothing", language, folder=folder))
        whole = kit.items(chosen.prompt_language)
        for path in files:
            item = kit.matched(path.name, whole)
            if item is None:
                print(say("kit_unmatched", language, name=path.name))
                continue
            try:
                data = self._read(path, language)
                kept = self._keep(chosen, language, data, item.key, item.text)
            except self._mistake as refused:
                print(say("kit_refused", language, name=path.name, why=refused))
                continue
            print(say("kit_took", language, file=path.name, name=item.key))
            for note in kept.notes:
                print(say("own_note", language, note=note))

    def _read(self, path: Path, language: Language) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise self._mistake(
                say("no_file", language, file=path, detail=error.strerror)
            ) from error

    def _keep(
        self, chosen: argparse.Namespace, language: Language, data: bytes, key: str, text: str
    ) -> PromptShown:
        upload = secrets.token_hex(8)
        for part in _parts(upload, data, language):
            self._ask(chosen, language, part, PromptReceived)
        request = KeepPrompt(
            upload=upload,
            language=chosen.prompt_language,
            key=key,
            who=self._who(),
            text=text,
            reader=language,
        )
        kept: PromptShown = self._ask(
            chosen, language, request, PromptKept, within_ms=KEEP_MS
        ).prompt
        return kept


def _parts(upload: str, data: bytes, language: Language) -> Iterator[PromptPart]:
    for at in range(0, max(1, len(data)), PART_BYTES):
        piece = data[at : at + PART_BYTES]
        yield PromptPart(upload=upload, at=at, data=piece, reader=language)


def _listed(prompts: tuple[PromptShown, ...], language: Language) -> list[str]:
    shown = [line for prompt in prompts for line in _line(prompt, language)]
    return [*(shown or [say("own_none", language)]), say("own_origin", language)]


def _line(prompt: PromptShown, language: Language) -> list[str]:
    chinese = any("\u4e00" <= c <= "\u9fff" for c in prompt.text)
    pace = "own_pace_zh" if chinese else "own_pace_en"
    line = say(
        "own_line",
        language,
        name=f"{prompt.language}/{prompt.key}",
        seconds=f"{prompt.duration_ms / 1000:.1f}",
        level=f"{prompt.level_dbfs:.1f}",
        pace=say(pace, language, n=prompt.pace) if prompt.pace else "",
        source=say(f"source_{prompt.source}", language),
        who=prompt.who,
        at=prompt.at,
        text=prompt.text,
    )
    return [
        " ".join(line.split()),
        *(say("own_note", language, note=note) for note in prompt.notes),
    ]
