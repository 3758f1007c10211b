"""``tipring menus``: how often callers came to each step of the menus, and where they hung up."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firmware.daemons.cli_tables import columns
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import FILE_NAME, ReadRecords
from ivr.counts import NodeCount, Place, count, notice_heard

if TYPE_CHECKING:
    from firmware.daemons.cli_means import Make, Means
    from firmware.daemons.cli_words import Language

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
    "no_records": ("无法读取记录：{detail}", "The records cannot be read: {detail}"),
}


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the command; arguments as in :func:`firmware.daemons.cli_office.add_commands`."""

    def run(chosen: argparse.Namespace, reader: Language) -> None:
        since = datetime.now(UTC) - timedelta(days=chosen.days)
        try:
            with ReadRecords.open(Path(chosen.data) / FILE_NAME, idle=True) as records:
                entries = list(records.entries_of("node_passed", since))
        except StorageError as error:
            raise means.mistake(_word("no_records", reader, detail=error)) from error
        found = {
            place: node for place, node in count(entries).items() if chosen.flow in {"", place.flow}
        }
        plain = [
            {**place._asdict(), "visits": n.visits, "hang_ups": n.hang_ups, "exits": n.exits,
             "stay_ms": n.stay_ms}
            for place, n in found.items()
        ]  # fmt: skip
        heard, saved = notice_heard(entries)
        answer = {"nodes": plain, "notice": {"heard": heard, "hung_up": saved}}
        means.show(chosen, answer, lambda: _lines(found, (heard, saved), chosen.days, reader))

    parser = make(within, "menus", _word("help", language), run)
    parser.add_argument(
        "flow", nargs="?", default="", metavar="MENU", help=_word("help_flow", language)
    )
    parser.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help=_word("help_days", language)
    )


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


def _word(key: str, language: Language, **values: object) -> str:
    text = WORDS[key][0 if language == "zh-CN" else 1]
    return text.format(**values) if values else text
