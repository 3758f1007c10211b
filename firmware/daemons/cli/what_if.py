"""``tipring what-if``: what a caller would hear, step by step, and as a WAV file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.control.messages import AskWhatIf, WhatIfAnswer
from firmware.daemons.cli.words import Language
from ivr.owner import OwnPrompts
from ivr.prompts import PromptStore
from ivr.rehearsal import lines, sound


class WhatIfCommand:
    """The command, given how the others ask and print.

    Args:
        ask: Asks calld: options, language, request, kind of answer.
        show: Prints an answer as JSON or as lines.
    """

    def __init__(self, ask: Callable[..., Any], show: Callable[..., None]) -> None:
        self._ask = ask
        self._show = show

    def attach(self, parser: argparse.ArgumentParser, word: Callable[[str], str]) -> None:
        """Say which options there are."""
        parser.add_argument("--number", default="", help=word("help_what_if_number"))
        parser.add_argument("--line", default="fxo/1", help=word("help_what_if_line"))
        parser.add_argument("--at", default="", help=word("help_what_if_at"))
        parser.add_argument("--keys", default="", help=word("help_what_if_keys"))
        parser.add_argument("--lifted", default="", help=word("help_what_if_lifted"))
        parser.add_argument("--wav", default="", help=word("help_what_if_wav"))

    def run(self, chosen: argparse.Namespace, language: Language) -> None:
        """Rehearse and tell."""
        line = chosen.line if "/" in chosen.line else f"fxo/{chosen.line}"
        request = AskWhatIf(
            number=chosen.number,
            line=line,
            at=chosen.at.replace(" ", "T"),
            keys=chosen.keys,
            lifted=chosen.lifted,
        )
        answer = self._ask(chosen, language, request, WhatIfAnswer)
        if chosen.wav:
            store = PromptStore(owner_folder=Path(chosen.data) / "prompts")
            Path(chosen.wav).write_bytes(sound(answer.steps, store.load))
        own = OwnPrompts(Path(chosen.data) / "prompts").words
        self._show(chosen, answer, lambda: lines(answer.steps, language, own))
