"""``tipring trunks``: how each trunk is, which SIP library runs, and who knocked unasked."""

from __future__ import annotations

import argparse
from typing import Any, Final

from firmware.control.trunk_messages import AskTrunks, TrunksAnswer, TrunkTestAnswer, TryTrunk
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.sip.why import told

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_trunks": ("SIP 中继的状态", "how SIP trunks are"),
    "help_test": (
        "测试一条中继的网络：丢包、往返时延、抖动和结论",
        "test the network of one trunk: loss, round trip, jitter and a verdict",
    ),
    "none": ("没有设置 SIP 中继。", "No SIP trunk is set."),
    "away": ("SIP 程序没有运行。", "The SIP program does not run."),
    "no_library": ("此设备没有 SIP 库。", "There is no SIP library on this machine."),
    "library": ("SIP 库 pjproject {version}", "SIP library: pjproject {version}"),
    "name": ("中继", "trunk"),
    "state": ("状态", "state"),
    "calls": ("通话", "calls"),
    "reason": ("原因", "reason"),
    "strangers": ("不明来源：", "Strangers:"),
    "address": ("地址", "address"),
    "asked": ("请求", "asked"),
    "count": ("次数", "times"),
    "ago": ("多久以前（秒）", "ago (s)"),
    "closed": ("未启用", "not begun"),
    "up": ("可用", "up"),
    "asking": ("正在注册", "registering"),
    "registered": ("已注册", "registered"),
    "waiting": ("等待重试", "waiting to try again"),
}
word = Phrasebook(WORDS)


def trunks_lines(answer: TrunksAnswer, language: Language) -> list[str]:
    """The answer for a person."""
    if not answer.trunks:
        return [word("none", language)]
    lines: list[str] = []
    if not answer.here:
        lines.append(word("away", language))
    elif not answer.library:
        lines.append(word("no_library", language))
    else:
        lines.append(word("library", language, version=answer.library))
        lines += [told(one, language) for one in answer.problems]
    heads = [word(key, language) for key in ("name", "state", "calls", "reason")]
    rows = [
        [
            trunk.name,
            word(trunk.state, language),
            str(trunk.calls or ""),
            told(trunk.reason, language),
        ]
        for trunk in answer.trunks
    ]
    lines += columns(heads, rows)
    if answer.strangers:
        heads = [word(key, language) for key in ("address", "asked", "count", "ago")]
        seen = [
            [s.address, s.asked, str(s.count), str(s.ago_ms // 1_000)] for s in answer.strangers
        ]
        lines += ["", word("strangers", language), *columns(heads, seen)]
    return lines


def verdict_lines(answer: TrunkTestAnswer) -> list[str]:
    """The verdict, and the addresses that were asked."""
    found = answer.found
    return [f"{found.trunk}: {answer.verdict}", *(f"  {one}" for one in found.addresses)]


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the command; the arguments are those of ``office``."""

    def trunks(chosen: argparse.Namespace, reader: Language) -> None:
        if chosen.test:
            asked = TryTrunk(name=chosen.test, language=reader)
            tested = means.ask(chosen, reader, asked, TrunkTestAnswer)
            means.show(chosen, tested, lambda: verdict_lines(tested))
            return
        answer = means.ask(chosen, reader, AskTrunks(), TrunksAnswer)
        means.show(chosen, answer, lambda: trunks_lines(answer, reader))

    parser = make(within, "trunks", word("help_trunks", language), trunks)
    parser.add_argument("--test", default="", metavar="NAME", help=word("help_test", language))
