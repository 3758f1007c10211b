"""``tipring recordings`` and ``tipring privacy``: what is kept of people, and who agreed."""

from __future__ import annotations

import argparse
import getpass
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.control.messages import AskSettings, SettingsAnswer
from firmware.control.recording_messages import (
    DeleteRecording,
    HoldRecording,
    LockRecordings,
    OpenRecording,
    RecordingDone,
)
from firmware.core.desk_entries import ConsentNoted
from firmware.core.menu_entries import ConsentGiven, ConsentRefused, ForgetAsked
from firmware.core.recording_settings import days_of
from firmware.core.settings import Settings
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns, local
from firmware.daemons.cli.words import Language
from firmware.storage.vault import ENDING

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_recordings": ("通话录音", "recordings of calls"),
    "help_list": ("列出录音", "the recordings there are"),
    "help_play": (
        "把录音（WAV）送到标准输出",
        "the sound (WAV) to standard output, e.g. into aplay",
    ),
    "help_export": ("把录音存成 WAV 文件", "the sound into a WAV file"),
    "help_hold": ("保留录音，不可删除", "hold a recording: it may not be removed"),
    "help_release": ("解除保留", "let a held recording go again"),
    "help_delete": ("删除录音，不留任何字节", "remove a recording; no byte of it stays"),
    "help_lock": ("用口令保护录音密钥", "protect the key of recordings by a pass-phrase"),
    "help_unlock": ("输入口令，可听录音直到重启", "let recordings be opened until the box stops"),
    "help_recording": ("录音编号", "the recording, as the list names it"),
    "help_file": ("写入的文件", "the file to write"),
    "help_why": ("原因", "the reason"),
    "help_privacy": ("个人信息", "what is kept of people"),
    "help_map": (
        "数据图：保存什么、为何、多久、谁可看",
        "what is kept, why, how long, who sees it",
    ),
    "help_consents": ("录音告知与同意的台账", "who was told of recording, and who agreed"),
    "passphrase": ("口令：", "Pass-phrase: "),
    "again": ("再输一次：", "Once more: "),
    "differ": ("两次输入的口令不同", "The two pass-phrases differ."),
    "none": ("没有录音。", "There are no recordings."),
    "no_consents": ("还没有告知过任何人。", "Nobody was told of recording yet."),
    "not_written": ("无法写入 {file}：{detail}", "{file} cannot be written: {detail}"),
    "held": ("已保留 {name}。", "{name} is held."),
    "released": ("{name} 不再保留。", "{name} is no longer held."),
    "deleted": (
        "已删除 {name}：{size} 字节，SHA-256 {digest}。",
        "{name} is removed: {size} bytes, SHA-256 {digest}.",
    ),
    "exported": ("已写入 {file}。", "{file} is written."),
    "locked": (
        "录音密钥已受口令保护；重启后须输入口令才能听录音。口令丢失则录音无法恢复。",
        "The key is protected: after a restart the pass-phrase is needed. Do not lose it.",
    ),
    "unlocked": ("可以听录音了，直到重启。", "Recordings can be opened until the box stops."),
    "recording": ("录音", "recording"),
    "time": ("时间", "time"),
    "length": ("时长", "length"),
    "kilobytes": ("kB", "kB"),
    "caller": ("对方", "other side"),
    "state": ("状态", "state"),
    "sealed": ("加密", "sealed"),
    "open": ("未加密", "not sealed yet"),
    "gone": ("已删除", "gone"),
    "call": ("通话", "call"),
    "party": ("谁", "who"),
    "notice": ("告知内容", "notice"),
    "language": ("语言", "language"),
    "heard": ("听到（秒）", "heard (s)"),
    "key": ("按键", "key"),
    "agreed": ("同意", "agreed"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "forget": ("要求删除录音", "wants them removed"),
    "data": ("数据", "data"),
    "why": ("用途", "what for"),
    "days": ("保存", "stays"),
    "who": ("谁可看", "who sees it"),
    "where": ("在哪里", "where"),
}
word = Phrasebook(WORDS)

# Of each kind of data: name, purpose, who sees it (zh-CN, en), and the place in the data folder.
MAP: Final[tuple[tuple[tuple[str, str], tuple[str, str], tuple[str, str], str], ...]] = (
    (
        ("通话记录：号码、姓名、时间、结果", "call records: number, name, time, outcome"),
        ("回拨、统计、服务质量", "calling back, figures, quality"),
        (
            "负责人、主管、质检员；其他人看到的号码被遮盖",
            "owner, supervisor, reviewer; masked for others",
        ),
        "records.sqlite",
    ),
    (
        ("通话录音", "recordings of calls"),
        ("质量、争议的证据；先告知", "quality, evidence; after a notice only"),
        (
            "负责人、主管、质检员；每次收听都有记录",
            "owner, supervisor, reviewer; each look is logged",
        ),
        "recordings/",
    ),
    (
        ("留言", "voicemail messages"),
        ("由收件人回复", "to be answered by whom they are for"),
        ("信箱的主人", "the owner of the mailbox"),
        "messages/",
    ),
    (
        ("录音告知与同意", "notices and consents to recording"),
        ("证明合法", "proof that it was lawful"),
        ("负责人", "owner"),
        "records.sqlite",
    ),
    (
        (
            "设置里的号码：黑白名单、缩位号码",
            "numbers in settings: refused, allowed, short numbers",
        ),
        ("接通或拒绝来电", "letting callers in or not"),
        ("负责人、安装人员", "owner, installer"),
        "settings/",
    ),
    (
        ("用户和密码（仅散列值）", "people of the page and passwords (hashes only)"),
        ("登录", "signing in"),
        ("负责人", "owner"),
        "settings/",
    ),
)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add ``recordings`` and ``privacy``; the arguments are those of ``office``."""
    commands = _Recordings(means)

    def w(key: str) -> str:
        return word(key, language)

    group = make(within, "recordings", w("help_recordings"), None).add_subparsers(
        required=True, metavar="COMMAND"
    )
    make(group, "list", w("help_list"), commands.list)
    for name in ("play", "export", "hold", "release", "delete"):
        parser = make(group, name, w(f"help_{name}"), getattr(commands, name))
        parser.add_argument("recording", metavar="RECORDING", help=w("help_recording"))
        if name == "export":
            parser.add_argument("file", metavar="FILE", help=w("help_file"))
        elif name in {"hold", "delete", "release"}:
            parser.add_argument(
                "--why", required=name != "release", default="", metavar="TEXT", help=w("help_why")
            )
    make(group, "lock", w("help_lock"), commands.lock)
    make(group, "unlock", w("help_unlock"), commands.unlock)
    privacy = make(within, "privacy", w("help_privacy"), None).add_subparsers(
        required=True, metavar="COMMAND"
    )
    make(privacy, "map", w("help_map"), commands.map)
    make(privacy, "consents", w("help_consents"), commands.consents)


class _Recordings:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def _ask(
        self, chosen: argparse.Namespace, language: Language, request: msgspec.Struct
    ) -> RecordingDone:
        request = msgspec.structs.replace(request, who=self._means.who(), origin="command line")
        answer: RecordingDone = self._means.ask(chosen, language, request, RecordingDone)
        return answer

    def list(self, chosen: argparse.Namespace, language: Language) -> None:
        rows, plain = [], []
        with self._means.records(chosen, language) as records:
            for record in records.stream():
                for one in record.recordings:
                    path = Path(one.path)
                    found = next((p for p in (path.with_suffix(ENDING), path) if p.exists()), None)
                    state = "gone" if found is None else "open"
                    state = "sealed" if found is not None and found.suffix == ENDING else state
                    size = 0 if found is None else found.stat().st_size
                    length = "" if one.duration_ms is None else f"{one.duration_ms / 1000:.0f} s"
                    other = record.caller_number or record.dialled
                    plain.append({"recording": one.recording, "state": state, "bytes": size})
                    cells = (one.recording, local(record.t0_wall, None), length)
                    rows.append((*cells, f"{size / 1000:.0f}", other, word(state, language)))
        heads = ("recording", "time", "length", "kilobytes", "caller", "state")
        named = [word(head, language) for head in heads]
        self._means.show(
            chosen, plain, lambda: columns(named, rows) if rows else [word("none", language)]
        )

    def play(self, chosen: argparse.Namespace, language: Language) -> None:
        done = self._ask(chosen, language, OpenRecording(recording=chosen.recording))
        with Path(done.path).open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)

    def export(self, chosen: argparse.Namespace, language: Language) -> None:
        request = OpenRecording(recording=chosen.recording, action="export")
        done = self._ask(chosen, language, request)
        try:
            shutil.copyfile(done.path, chosen.file)
        except OSError as problem:
            said = word("not_written", language, file=chosen.file, detail=problem.strerror)
            raise self._means.mistake(said) from problem
        self._means.show(chosen, done, lambda: [word("exported", language, file=chosen.file)])

    def hold(self, chosen: argparse.Namespace, language: Language) -> None:
        self._hold(chosen, language, held=True)

    def release(self, chosen: argparse.Namespace, language: Language) -> None:
        self._hold(chosen, language, held=False)

    def _hold(self, chosen: argparse.Namespace, language: Language, *, held: bool) -> None:
        request = HoldRecording(recording=chosen.recording, held=held, why=chosen.why)
        done = self._ask(chosen, language, request)
        key = "held" if held else "released"
        self._means.show(chosen, done, lambda: [word(key, language, name=chosen.recording)])

    def delete(self, chosen: argparse.Namespace, language: Language) -> None:
        request = DeleteRecording(recording=chosen.recording, why=chosen.why)
        done = self._ask(chosen, language, request)
        values = {"name": chosen.recording, "size": done.size, "digest": done.sha256}
        self._means.show(chosen, done, lambda: [word("deleted", language, **values)])

    def lock(self, chosen: argparse.Namespace, language: Language) -> None:
        phrase = getpass.getpass(word("passphrase", language))
        if getpass.getpass(word("again", language)) != phrase:
            raise self._means.mistake(word("differ", language))
        done = self._ask(chosen, language, LockRecordings(passphrase=phrase))
        self._means.show(chosen, done, lambda: [word("locked", language)])

    def unlock(self, chosen: argparse.Namespace, language: Language) -> None:
        phrase = getpass.getpass(word("passphrase", language))
        done = self._ask(chosen, language, LockRecordings(passphrase=phrase, unlock=True))
        self._means.show(chosen, done, lambda: [word("unlocked", language)])

    # --- privacy ----------------------------------------------------------------------------------

    def map(self, chosen: argparse.Namespace, language: Language) -> None:
        at = 0 if language == "zh-CN" else 1
        answer = self._means.ask(chosen, language, AskSettings(), SettingsAnswer)
        rules = msgspec.convert(answer.settings, Settings).recordings
        kinds = ("inbound", "outbound", "internal")
        unit = "天" if at == 0 else " d"
        days = " / ".join(f"{days_of(rules, kind)}{unit}" for kind in kinds)
        until = ("直到删除", "until erased")[at]
        rows = [
            (names[at], why[at], days if place == "recordings/" else until, who[at], place)
            for names, why, who, place in MAP
        ]
        heads = [word(head, language) for head in ("data", "why", "days", "who", "where")]
        plain = [dict(zip(("data", "why", "days", "who", "where"), r, strict=True)) for r in rows]
        self._means.show(chosen, plain, lambda: columns(heads, rows))

    def consents(self, chosen: argparse.Namespace, language: Language) -> None:
        rows = []
        with self._means.records(chosen, language) as records:
            for event in records.all_events():
                match event.entry:
                    case ForgetAsked() as entry:
                        who, notice, heard, answer = entry.number, "recordings-forget", "", "forget"
                    case ConsentGiven() | ConsentRefused() as entry:
                        who, notice, heard = "", " ".join(entry.prompts), _seconds(entry.heard_ms)
                        answer = "yes" if isinstance(entry, ConsentGiven) else "no"
                    case ConsentNoted() as entry:
                        who, notice, heard = entry.party, entry.notice, _seconds(entry.heard_ms)
                        answer = "yes" if entry.agreed else "no"
                    case _:
                        continue
                when = datetime.fromisoformat(event.stamp.wall).astimezone(UTC).isoformat()
                told = word(answer, language)
                cells = (entry.call, local(when, None), who, notice)
                rows.append((*cells, entry.language, heard, entry.key, told))
        heads = ("call", "time", "party", "notice", "language", "heard", "key", "agreed")
        named = [word(head, language) for head in heads]
        plain = [dict(zip(heads, row, strict=True)) for row in rows]
        self._means.show(
            chosen, plain, lambda: columns(named, rows) if rows else [word("no_consents", language)]
        )


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f}"
