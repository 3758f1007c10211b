"""``tipring menus``: how often callers came to each step of the menus, and where they hung up."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.control.messages import AskSettings, SettingsAnswer
from firmware.core.settings import Settings
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from ivr.counts import NodeCount, Place, count, notice_heard
from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.questions import Question, questions
from ivr.shipped import SHIPPED

if TYPE_CHECKING:
    from firmware.daemons.cli.means import Make, Means
    from firmware.daemons.cli.words import Language

DAYS: Final = 30

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help": ("菜单使用情况：每一步的来访和挂机", "visits and hang-ups at every step of the menus"),
    "help_flow": ("只看这个菜单", "this menu only"),
    "help_days": ("最近几天", "so many days back"),
    "flow": ("菜单", "menu"),
    "edition": ("版本", "edition"),
    "node": ("步骤", "step"),
    "visits": ("来访", "visits"),
    "hung_up": ("挂机", "hung up"),
    "stay": ("平均停留", "mean stay"),
    "exits": ("去向", "ways taken"),
    "seconds": ("{n} 秒", "{n} s"),
    "nobody": ("{days} 天内没有来电者进入菜单。", "No caller came to a menu in {days} days."),
    "notice": (
        "{heard} 位来电者先听到通知，其中 {saved} 位随后在菜单里挂机。",
        "{heard} callers heard a notice first; {saved} of them then hung up within the menu.",
    ),
    "asked": (
        "最近 {days} 天最常问的（座席话后所选的类别）：",
        "Most asked in {days} days, by the topic that agents keyed:",
    ),
    "question": (
        "  {queue} · {topic}：{calls} 次，{share:.0%}{verdict}",
        "  {queue} · {topic}: {calls} calls, {share:.0%}{verdict}",
    ),
    "has_key": ("，菜单里已有按键", "; has a key in a menu"),
    "deserves": ("，值得在菜单里设一个按键", "; deserves a key of its own in the menu"),
}
_word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the command; arguments as in :func:`firmware.daemons.cli.office.add_commands`."""

    def run(chosen: argparse.Namespace, reader: Language) -> None:
        since = datetime.now(UTC) - timedelta(days=chosen.days)
        with means.records(chosen, reader) as records:
            entries = list(records.entries_of("node_passed", since))
            ended = list(records.entries_of("wrap_up_ended", since))
        found = {
            place: node for place, node in count(entries).items() if chosen.flow in {"", place.flow}
        }
        plain = [
            {**place._asdict(), "visits": n.visits, "hang_ups": n.hang_ups, "exits": n.exits,
             "stay_ms": n.stay_ms}
            for place, n in found.items()
        ]  # fmt: skip
        heard, saved = notice_heard(entries)
        asked = questions(ended, *_known(chosen, reader, means))
        answer = {"nodes": plain, "notice": {"heard": heard, "hung_up": saved}, "asked": asked}
        means.show(
            chosen,
            answer,
            lambda: [
                *_lines(found, (heard, saved), chosen.days, reader),
                *_asked(asked, chosen.days, reader),
            ],
        )

    parser = make(within, "menus", _word("help", language), run)
    parser.add_argument(
        "flow", nargs="?", default="", metavar="MENU", help=_word("help_flow", language)
    )
    parser.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help=_word("help_days", language)
    )


def _known(
    chosen: argparse.Namespace, language: Language, means: Means
) -> tuple[dict[tuple[str, str], str], list[FlowDocument]]:
    """Names of topics and the menus there are, as far as call control can be asked."""
    flows = dict(SHIPPED)
    try:
        answer = means.ask(chosen, language, AskSettings(), SettingsAnswer)
        settings = msgspec.convert(answer.settings, Settings)
    except (means.mistake, msgspec.ValidationError):
        return {}, list(flows.values())
    for name, document in settings.flows.items():
        try:
            flows[name] = read_flow(dict(document))
        except FlowRefused:
            continue
    names = {
        (queue.number, digits): name
        for queue in settings.acd.queues
        for digits, name in queue.topics.items()
    }
    return names, list(flows.values())


def _asked(asked: tuple[Question, ...], days: int, language: Language) -> list[str]:
    said = [_word("asked", language, days=days)] if asked else []
    for one in asked:
        verdict = "has_key" if one.has_key else "deserves" if one.deserves else ""
        said.append(
            _word(
                "question",
                language,
                queue=one.queue,
                topic=one.name or one.topic,
                calls=one.calls,
                share=one.share,
                verdict=_word(verdict, language) if verdict else "",
            )
        )
    return said


def _lines(
    found: dict[Place, NodeCount], notice: tuple[int, int], days: int, language: Language
) -> list[str]:
    if not found:
        return [_word("nobody", language, days=days)]
    heads = [
        _word(key, language)
        for key in ("flow", "edition", "node", "visits", "hung_up", "stay", "exits")
    ]
    rows = [
        (
            place.flow,
            place.edition,
            place.node,
            str(node.visits),
            str(node.hang_ups or ""),
            _word("seconds", language, n=round(node.stay_ms / max(1, node.visits) / 1000)),
            ", ".join(f"{way} {times}" for way, times in node.exits.most_common()),
        )
        for place, node in found.items()
    ]
    said = columns(heads, rows)
    if notice[0]:
        said.append(_word("notice", language, heard=notice[0], saved=notice[1]))
    return said
