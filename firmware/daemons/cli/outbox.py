"""``tipring outbox``: texts, mails and hooks on their way; sent again, dropped, written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from firmware.control.outbox_messages import (
    AskBalance,
    AskMessages,
    ChangeItem,
    Channel,
    MessagesAnswer,
    SendTestMail,
    SendText,
)
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.daemons.desks.outbox_words import say
from firmware.outbox.reasons import reason
from firmware.outbox.segments import cut
from firmware.storage.outbox import FAILED, STATES, Arrived, OutboxItem

SHOWN: Final = 40
LONGEST: Final = 60

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_outbox": ("短信、邮件和通知", "texts, mail and hooks"),
    "help_list": ("列出发出的消息", "what leaves the box"),
    "help_in": ("列出收到的短信", "texts that came"),
    "help_ways": ("短信模块、邮件等的状态", "how modem, mail and hooks are"),
    "help_dead": ("列出没有送达的消息", "what was given up"),
    "help_show": ("显示一条消息的全部内容", "all that is known of one"),
    "help_again": ("重发一条消息", "send one again"),
    "help_retry": ("重发一条消息（同 again）", "the same as again"),
    "help_drop": ("取消一条消息", "drop one that waits"),
    "help_text": ("发一条短信", "send a text"),
    "help_mail": ("发一封测试邮件", "send a mail that says that mail works"),
    "help_balance": ("向运营商查询余额", "ask the carrier for the balance"),
    "help_state": ("只列这种状态的", "only of this state"),
    "help_item": ("消息编号", "number of the message"),
    "help_number": ("手机号码", "number of a mobile telephone"),
    "help_words": ("内容", "what it says"),
    "help_address": ("邮件地址", "a mail address"),
    "unknown": ("没有第 {item} 条消息。", "There is no message {item}."),
    "call": ("通话", "call"),
    "template": ("模板", "template"),
    "tries": ("尝试次数", "tries"),
    "parts": ("计费条数", "messages"),
    "changed": ("状态时间", "since"),
    "data": ("数据", "values"),
    "none": ("没有消息。", "There are no messages."),
    "no_ways": ("消息服务还没有报告。", "The message service has not told yet."),
    "done": ("已处理。", "Done."),
    "asked": ("已查询；tipring outbox ways 显示结果。", "Asked; see tipring outbox ways."),
    "item": ("编号", "item"),
    "at": ("时间", "time"),
    "kind": ("种类", "kind"),
    "to": ("发给", "to"),
    "from": ("来自", "from"),
    "text": ("内容", "words"),
    "state": ("状态", "state"),
    "why": ("原因", "why"),
    "way": ("途径", "way"),
    "signal": ("信号", "signal"),
    "operator": ("网络", "network"),
    "balance": ("余额", "balance"),
    "detail": ("详情", "detail"),
    "sms": ("短信", "text"),
    "mail": ("邮件", "mail"),
    "hook": ("通知", "hook"),
    "mqtt": ("MQTT 事件", "event"),
}
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add ``outbox``; the arguments are those of ``office``."""
    commands = _Outbox(means)

    def w(key: str) -> str:
        return word(key, language)

    group = make(within, "outbox", w("help_outbox"), None).add_subparsers(
        required=True, metavar="COMMAND"
    )
    listed = make(group, "list", w("help_list"), commands.list)
    listed.add_argument("--state", choices=STATES, default="", help=w("help_state"))
    make(group, "dead", w("help_dead"), commands.dead)
    show = make(group, "show", w("help_show"), commands.show)
    show.add_argument("item", type=int, metavar="ITEM", help=w("help_item"))
    make(group, "in", w("help_in"), commands.came)
    make(group, "ways", w("help_ways"), commands.ways)
    make(group, "balance", w("help_balance"), commands.balance)
    for name, does in (
        ("again", commands.again),
        ("retry", commands.again),
        ("drop", commands.drop),
    ):
        one = make(group, name, w(f"help_{name}"), does)
        one.add_argument("item", type=int, metavar="ITEM", help=w("help_item"))
    text = make(group, "text", w("help_text"), commands.text)
    text.add_argument("number", metavar="NUMBER", help=w("help_number"))
    text.add_argument("words", metavar="WORDS", help=w("help_words"))
    mail = make(group, "mail", w("help_mail"), commands.mail)
    mail.add_argument("address", metavar="ADDRESS", help=w("help_address"))


class _Outbox:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def list(self, chosen: argparse.Namespace, language: Language) -> None:
        """What leaves the box, newest first."""
        with self._means.records(chosen, language) as records:
            found = records.newest_items(SHOWN, chosen.state)
        self._means.show(chosen, found, lambda: item_lines(found, language))

    def dead(self, chosen: argparse.Namespace, language: Language) -> None:
        """What was given up, newest first."""
        with self._means.records(chosen, language) as records:
            found = records.newest_items(SHOWN, FAILED)
        self._means.show(chosen, found, lambda: item_lines(found, language))

    def show(self, chosen: argparse.Namespace, language: Language) -> None:
        """All that is known of one."""
        with self._means.records(chosen, language) as records:
            found = records.outbox_item(chosen.item)
        if found is None:
            raise self._means.mistake(word("unknown", language, item=chosen.item))
        self._means.show(chosen, found, lambda: one_lines(found, language))

    def came(self, chosen: argparse.Namespace, language: Language) -> None:
        """Texts that came, newest first."""
        with self._means.records(chosen, language) as records:
            found = records.arrived(SHOWN)
        self._means.show(chosen, found, lambda: arrived_lines(found, language))

    def ways(self, chosen: argparse.Namespace, language: Language) -> None:
        """How the ways out are."""
        answer = self._means.ask(chosen, language, AskMessages(), MessagesAnswer)
        self._means.show(chosen, answer, lambda: channel_lines(answer.channels, language))

    def balance(self, chosen: argparse.Namespace, language: Language) -> None:
        """Ask for it; the answer takes seconds."""
        request = AskBalance(who=self._means.who(), origin="command line", language=language)
        self._do(chosen, language, request, "asked")

    def again(self, chosen: argparse.Namespace, language: Language) -> None:
        """Send one again."""
        self._do(chosen, language, self._change(chosen, language, "again"))

    def drop(self, chosen: argparse.Namespace, language: Language) -> None:
        """Drop one."""
        self._do(chosen, language, self._change(chosen, language, "drop"))

    def text(self, chosen: argparse.Namespace, language: Language) -> None:
        """Send a text."""
        request = SendText(
            number=chosen.number,
            text=chosen.words,
            who=self._means.who(),
            origin="command line",
            language=language,
        )
        self._do(chosen, language, request)

    def mail(self, chosen: argparse.Namespace, language: Language) -> None:
        """Send a mail that says that mail works."""
        request = SendTestMail(
            to=chosen.address, who=self._means.who(), origin="command line", language=language
        )
        self._do(chosen, language, request)

    def _change(self, chosen: argparse.Namespace, language: Language, act: Any) -> ChangeItem:
        who = self._means.who()
        return ChangeItem(
            item=chosen.item, act=act, who=who, origin="command line", language=language
        )

    def _do(
        self, chosen: argparse.Namespace, language: Language, request: Any, said: str = "done"
    ) -> None:
        answer = self._means.ask(chosen, language, request, MessagesAnswer)
        self._means.show(chosen, answer, lambda: [word(said, language)])


def item_lines(found: list[OutboxItem], language: Language) -> list[str]:
    """Messages as a table."""
    heads = ("item", "at", "kind", "to", "text", "state", "why")
    rows = [
        (
            str(item.item),
            _at(item.created_ms),
            word(item.kind, language),
            item.number,
            (item.text or item.template)[:LONGEST],
            say(item.state, language),
            reason(item.why, language),
        )
        for item in found
    ]
    return _table(heads, rows, language)


def one_lines(item: OutboxItem, language: Language) -> list[str]:
    """One message, a line for each thing that is known."""
    parts = len(cut(item.text)) if item.kind == "sms" and item.text else 0
    known = {
        "item": item.item,
        "kind": word(item.kind, language),
        "to": item.number,
        "at": _at(item.created_ms),
        "state": say(item.state, language),
        "changed": _at(item.changed_ms),
        "why": reason(item.why, language),
        "tries": item.tries,
        "parts": parts or "",
        "call": item.call,
        "template": item.template,
        "text": item.text,
        "data": item.data,
    }
    return [f"{word(key, language)}: {value}" for key, value in known.items() if value != ""]


def arrived_lines(found: list[Arrived], language: Language) -> list[str]:
    """Texts that came as a table."""
    rows = [(_at(text.came_ms), text.number, text.text[:LONGEST]) for text in found]
    return _table(("at", "from", "text"), rows, language)


def channel_lines(found: tuple[Channel, ...], language: Language) -> list[str]:
    """Ways out as a table."""
    rows = [
        (
            word(one.name, language),
            say(one.state, language),
            "" if one.signal_dbm is None else f"{one.signal_dbm} dBm",
            one.operator,
            one.balance,
            one.detail,
        )
        for one in found
    ]
    heads = ("way", "state", "signal", "operator", "balance", "detail")
    return _table(heads, rows, language) if rows else [word("no_ways", language)]


def _table(
    heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], language: Language
) -> list[str]:
    if not rows:
        return [word("none", language)]
    return columns([word(head, language) for head in heads], rows)


def _at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
