"""``tipring``: the box on the command line.

Everything but the call log is asked of calld over its socket; the call log is read from the records
themselves, so it can be seen while the box is down. A mistake is one sentence on standard error and
exit status 1.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from firmware.config import Folders
from firmware.control.link import ANSWERS, LinkError, LinkTimeout, check_hello, connect
from firmware.control.messages import (
    AskChecklist,
    AskHistory,
    AskLines,
    AskRegisters,
    AskSettings,
    AskStatus,
    ChecklistAnswer,
    ClaimAnswer,
    Hello,
    HistoryAnswer,
    LinesAnswer,
    MeasuredAnswer,
    MeasureNow,
    OpenClaim,
    Refused,
    RegisterDump,
    RestoreSettings,
    SaveSettings,
    SettingsAnswer,
    Status,
)
from firmware.control.prompt_messages import PromptsAnswer, SpeakTexts
from firmware.daemons.cli import (
    case_figures,
    cases,
    comparing,
    outbox,
    quality,
    recordings,
    supervision,
    trunks,
)
from firmware.daemons.cli.lines import card_lines, checklist_lines, measured_lines
from firmware.daemons.cli.means import Means
from firmware.daemons.cli.office import add_commands
from firmware.daemons.cli.prompts import SPEAK_MS, PromptCommands
from firmware.daemons.cli.tables import (
    calls_lines,
    history_lines,
    judged,
    readings_lines,
    registers_lines,
    status_lines,
)
from firmware.daemons.cli.what_if import WhatIfCommand
from firmware.daemons.cli.words import Language, language_of, say
from firmware.daemons.office_clock import OfficeClock
from firmware.daemons.wires.raw_capture import capture_path, raw_lines
from ivr.texts import unspoken
from ivr.voice_pack import PACK_LANGUAGES

SOCKET_NAME: Final = "calld.sock"
ANSWER_MS: Final = 5000
"""How long a person waits for an answer; measuring all ports takes well under a second."""

MEASURED_MS: Final = 30_000  # a measurement takes 8 s, and a line may be slow to give dial tone
CALLS_SHOWN: Final = 20

T = TypeVar("T", bound=msgspec.Struct)


class MistakeError(Exception):
    """What went wrong, as one sentence in the reader's language."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(given)
    chosen = _parser(language).parse_args(given)
    OfficeClock(Path(chosen.run))
    try:
        chosen.run_command(chosen, language)
    except MistakeError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(say("cut_off", language), file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


# --- commands -------------------------------------------------------------------------------------


def _status(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskStatus(), Status)
    _print(chosen, answer, lambda: status_lines(answer, language))


def _lines(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskLines(language=language), LinesAnswer)
    readings = judged(answer)
    _print(chosen, readings, lambda: readings_lines(readings, language))


def _line_orders(chosen: argparse.Namespace, language: Language) -> None:
    """``lines``, ``lines measure N``, ``lines raw N`` and ``lines check``."""
    if chosen.order == "raw":
        if chosen.line is None:
            raise MistakeError(say("which_line", language))
        path = capture_path(Path(chosen.data), f"fxo/{chosen.line}")
        try:
            raw = raw_lines(path, language)
        except LookupError as problem:
            raise MistakeError(say("raw_none", language, line=chosen.line)) from problem
        _print(chosen, raw, lambda: raw)
        return
    if chosen.order == "check":
        checks = _ask(chosen, language, AskChecklist(), ChecklistAnswer)
        _print(chosen, checks, lambda: checklist_lines(checks, language))
    elif chosen.order == "measure":
        if chosen.line is None:
            raise MistakeError(say("which_line", language))
        request = MeasureNow(port=f"fxo/{chosen.line}")
        found = _ask(chosen, language, request, MeasuredAnswer, within_ms=MEASURED_MS)
        _print(chosen, found, lambda: measured_lines(found, language))
    else:
        _lines(chosen, language)


def _card(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskSettings(), SettingsAnswer)
    _print(chosen, answer, lambda: card_lines(answer.settings, language))


def _registers(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskRegisters(port=chosen.port), RegisterDump)
    if answer.error:
        raise MistakeError(answer.error)
    _print(chosen, answer, lambda: registers_lines(answer, language))


def _calls(chosen: argparse.Namespace, language: Language) -> None:
    limit = -1 if chosen.all else chosen.number
    with MEANS.records(chosen, language) as records:
        calls = records.calls(limit)
    country = "" if chosen.json else _country(chosen, language)
    _print(chosen, calls, lambda: calls_lines(calls, language, country=country))


def _country(chosen: argparse.Namespace, language: Language) -> str:
    """The office's country; empty while the box is down, and numbers stay as they came."""
    try:
        answer = _ask(chosen, language, AskSettings(), SettingsAnswer)
    except MistakeError:
        return ""
    return str(answer.settings.get("country", ""))


def _settings_show(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskSettings(), SettingsAnswer)
    if not chosen.json:
        # Apart from the settings, so that these can be sent into a file and edited.
        print(say("version_is", language, version=answer.version), file=sys.stderr)
    _print(chosen, answer, lambda: [_json(answer.settings)])


def _settings_history(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, AskHistory(), HistoryAnswer)
    _print(chosen, answer.versions, lambda: history_lines(answer.versions, language))


def _settings_restore(chosen: argparse.Namespace, language: Language) -> None:
    request = RestoreSettings(version=chosen.version, who=_who(), why=chosen.why)
    answer = _ask(chosen, language, request, SettingsAnswer)
    _print(chosen, answer, lambda: [say("now_version", language, version=answer.version)])


def _settings_set(chosen: argparse.Namespace, language: Language) -> None:
    base, settings = _read_settings(chosen.file, language)
    if chosen.base is not None:
        base = chosen.base
    if base is None:
        base = _ask(chosen, language, AskSettings(), SettingsAnswer).version
    _read_aloud(chosen, language, settings)
    request = SaveSettings(base=base, who=_who(), why=chosen.why, settings=settings)
    answer = _ask(chosen, language, request, SettingsAnswer)
    _print(chosen, answer, lambda: [say("now_version", language, version=answer.version)])


def _read_aloud(
    chosen: argparse.Namespace, language: Language, settings: dict[str, object]
) -> None:
    """Has the voice say what the flows read out; why it could not is told, saving says the rest."""
    written = settings.get("flows")
    flows = tuple(written.values()) if isinstance(written, dict) else ()
    if not unspoken(flows, lambda _name: False, PACK_LANGUAGES):
        return
    request = SpeakTexts(flows=flows, who=_who(), reader=language)
    try:
        _ask(chosen, language, request, PromptsAnswer, within_ms=SPEAK_MS)
    except MistakeError as silent:
        print(silent, file=sys.stderr)


def _claim(chosen: argparse.Namespace, language: Language) -> None:
    answer = _ask(chosen, language, OpenClaim(language=language), ClaimAnswer)
    minutes = answer.open_ms // 60_000
    _print(chosen, answer, lambda: [say("claim_open", language, code=answer.code, m=minutes)])


def _read_settings(file: str, language: Language) -> tuple[int | None, dict[str, object]]:
    """Settings from a file: as ``settings show`` prints them, with ``--json`` or without."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else error
        raise MistakeError(say("no_file", language, file=file, detail=detail)) from error
    try:
        data = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise MistakeError(say("no_json", language, file=file, detail=error)) from error
    if isinstance(data.get("settings"), dict) and isinstance(data.get("version"), int):
        return data["version"], data["settings"]
    return None, data


# --- asking and printing --------------------------------------------------------------------------


def _ask(
    chosen: argparse.Namespace,
    language: Language,
    request: msgspec.Struct,
    wanted: type[T],
    *,
    within_ms: int = ANSWER_MS,
) -> T:
    try:
        link = connect(Path(chosen.run) / SOCKET_NAME, ANSWERS, name="calld")
    except LinkError as error:
        raise MistakeError(say("not_running", language, detail=error)) from error
    try:
        link.send(Hello(program="tipring"))
        link.send(request)
        greeted = False
        while True:
            for answer in link.wait(within_ms):
                if isinstance(answer, Refused):
                    raise MistakeError(_refusal(answer, language))
                if not greeted:
                    check_hello(answer, own_program="tipring")
                    greeted = True
                elif isinstance(answer, wanted):
                    return answer
                else:
                    kind = type(answer).__name__
                    raise MistakeError(say("unexpected", language, detail=kind))
    except LinkTimeout as error:
        raise MistakeError(say("no_answer_in", language, ms=within_ms)) from error
    except LinkError as error:
        raise MistakeError(say("link_closed", language, detail=error)) from error
    finally:
        link.close()


def _refusal(refused: Refused, language: Language) -> str:
    fields = "".join(f"\n  {path}: {sentence}" for path, sentence in refused.fields.items())
    return say("refused_request", language, detail=refused.message) + fields


def _print(chosen: argparse.Namespace, answer: object, lines: Callable[[], list[str]]) -> None:
    if chosen.json:
        print(_json(answer))
        return
    for line in lines():
        print(line)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


# --- the command line -----------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A mistake in typing is one sentence and a hint, not a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help)\n")


MEANS: Final = Means(_ask, _print, MistakeError, _who)
"""What every module of commands gets."""


def _language(given: Sequence[str]) -> Language:
    """From ``--lang``, which decides what language the help is in; else from the locale."""
    seek = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    seek.add_argument("--lang", default=None)
    try:
        lang: str | None = seek.parse_known_args(given)[0].lang
    except argparse.ArgumentError:
        lang = None
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return language_of(locale if lang is None else lang)


def _parser(language: Language) -> argparse.ArgumentParser:
    def word(key: str) -> str:
        return say(key, language)

    def common(*, top: bool) -> argparse.ArgumentParser:
        """Options that may stand before or after the command."""
        folders = Folders()
        options = _Parser(add_help=False)
        for flags, default, text in (
            (("--lang",), None, "help_lang"),
            (("--run",), folders.run, "help_run"),
            (("--data",), folders.data, "help_data"),
        ):
            options.add_argument(
                *flags,
                default=default if top else argparse.SUPPRESS,
                choices=("zh-CN", "en") if flags == ("--lang",) else None,
                metavar=flags[0].lstrip("-").upper(),
                help=word(text),
            )
        options.add_argument(
            "--json",
            action="store_true",
            default=False if top else argparse.SUPPRESS,
            help=word("help_json"),
        )
        return options

    def titled(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser.add_argument("-h", "--help", action="help", help=word("help"))
        # argparse gives these two headings no other way to another language.
        parser._positionals.title = word("arguments")  # noqa: SLF001  # as said above
        parser._optionals.title = word("options")  # noqa: SLF001  # as said above
        return parser

    parser = titled(
        _Parser(
            prog="tipring", description=word("about"), add_help=False, parents=[common(top=True)]
        )
    )
    after = common(top=False)
    commands = parser.add_subparsers(title=word("commands"), required=True, metavar="COMMAND")

    def make(
        within: Any,
        name: str,
        text: str,
        run: Callable[[argparse.Namespace, Language], None] | None,
    ) -> argparse.ArgumentParser:
        made = titled(
            within.add_parser(name, help=text, description=text, add_help=False, parents=[after])
        )
        if run is not None:
            made.set_defaults(run_command=run)
        return made

    def command(
        within: Any,
        name: str,
        run: Callable[[argparse.Namespace, Language], None] | None,
        named: str = "",
    ) -> argparse.ArgumentParser:
        text = word(f"help_{named or name}")
        made = titled(
            within.add_parser(name, help=text, description=text, add_help=False, parents=[after])
        )
        if run is not None:
            made.set_defaults(run_command=run)
        return made

    command(commands, "status", _status)
    lines = command(commands, "lines", _line_orders)
    orders = ("measure", "check", "raw")
    lines.add_argument("order", nargs="?", choices=orders, help=word("help_order"))
    lines.add_argument(
        "line",
        nargs="?",
        type=lambda text: _above_0(text, language),
        metavar="N",
        help=word("help_line"),
    )
    command(commands, "card", _card)
    calls = command(commands, "calls", _calls)
    calls.add_argument(
        "number",
        nargs="?",
        type=lambda text: _above_0(text, language),
        default=CALLS_SHOWN,
        metavar="N",
        help=word("help_number"),
    )
    calls.add_argument("--all", action="store_true", help=word("help_all"))
    command(commands, "claim", _claim)
    what_if = WhatIfCommand(_ask, _print)
    what_if.attach(command(commands, "what-if", what_if.run, "what_if"), word)
    prompts = command(commands, "prompts", None).add_subparsers(
        title=word("commands"), required=True, metavar="COMMAND"
    )
    PromptCommands(_ask, _print, _who, MistakeError).attach(prompts, command, word)
    registers = command(commands, "registers", _registers)
    registers.add_argument("port", metavar="PORT", help=word("help_port"))
    add_commands(commands, make, language, MEANS)
    outbox.add_commands(commands, make, language, MEANS)
    recordings.add_commands(commands, make, language, MEANS)
    supervision.add_commands(commands, make, language, MEANS)
    trunks.add_commands(commands, make, language, MEANS)
    case_figures.add_commands(commands, make, language, MEANS)
    cases.add_commands(commands, make, language, MEANS)
    comparing.add_commands(commands, make, language, MEANS)
    quality.add_commands(commands, make, language, MEANS)
    settings = command(commands, "settings", None).add_subparsers(
        title=word("commands"), required=True, metavar="COMMAND"
    )
    command(settings, "show", _settings_show)
    command(settings, "history", _settings_history)
    restore = command(settings, "restore", _settings_restore)
    restore.add_argument(
        "version",
        type=lambda text: _above_0(text, language),
        metavar="VERSION",
        help=word("help_version"),
    )
    change = command(settings, "set", _settings_set)
    change.add_argument("file", metavar="FILE", help=word("help_file"))
    change.add_argument("--base", type=int, default=None, metavar="N", help=word("help_base"))
    for writing in (restore, change):
        writing.add_argument("--why", default="", metavar="TEXT", help=word("help_why"))
    return parser


def _above_0(text: str, language: Language) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say("bad_number", language, value=text))
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
