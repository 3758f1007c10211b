"""``tipring supervision``, ``waits`` and ``handling``: what supervisors did, and how calls went."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

import msgspec

from firmware.control.messages import AskHistory, AskSettings, HistoryAnswer, SettingsAnswer
from firmware.core.acd_entries import HelpAsked, QueueAlarm, SupervisorActed
from firmware.daemons.cli.day import day_of
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.reports.handling import Kind, handling
from firmware.reports.moments import moment_ms
from firmware.reports.report import Period, span
from firmware.reports.waits import Change, HalfHour, waits
from firmware.storage.event_log import StoredEvent

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_supervision": (
        "主管的操作、求助和队列告警",
        "what supervisors did, help that was asked, alarms of queues",
    ),
    "help_waits": (
        "每半小时的等待，标出设置的改动",
        "waits by half-hour, with the changes of settings",
    ),
    "help_handling": (
        "按业务主题比较处理时长和目标",
        "handling time by kind of call, beside its target",
    ),
    "help_day": ("其中的一天，如 2026-03-02", "a day in it, e.g. 2026-03-02"),
    "help_period": ("日、周或月", "how long it looks back"),
    "nothing": ("这段时间没有。", "There is nothing of that time."),
    "no_marks": (
        "呼叫控制没有运行，看不到设置的改动。",
        "Call control is not running: changes of settings are not shown.",
    ),
    "time": ("时间", "time"),
    "who": ("谁", "who"),
    "act": ("做了什么", "did what"),
    "agent": ("坐席", "agent"),
    "queue": ("队列", "queue"),
    "call": ("通话", "call"),
    "detail": ("详情", "details"),
    "callers": ("来电", "callers"),
    "answered": ("接听", "answered"),
    "longest": ("最长等待（秒）", "longest wait (s)"),
    "mean": ("平均等待（秒）", "mean wait (s)"),
    "changes": ("设置改动", "settings changed"),
    "topic": ("主题", "topic"),
    "name": ("名称", "name"),
    "calls": ("通话", "calls"),
    "handled": ("平均处理（秒）", "mean (s)"),
    "longest_handled": ("最长（秒）", "longest (s)"),
    "target": ("目标（秒）", "target (s)"),
    "within": ("达标", "within"),
    "untold": ("（未填）", "(none keyed)"),
    "act.listen": ("监听", "listened"),
    "act.whisper": ("密语", "whispered"),
    "act.join": ("加入通话", "joined"),
    "act.take_over": ("接管", "took over"),
    "act.leave": ("退出", "left"),
    "act.pause": ("暂停", "put on a break"),
    "act.ready": ("恢复", "made ready"),
    "act.log_out": ("签出", "logged out"),
    "act.queue_in": ("加入队列", "added to the queue"),
    "act.queue_out": ("移出队列", "took out of the queue"),
    "act.notice_on": ("录制来电告示", "recorded a notice for callers"),
    "act.notice_off": ("取消来电告示", "ended the notice for callers"),
    "act.alarm_heard": ("确认告警", "confirmed an alarm"),
    "act.help": ("请求协助", "asked for help"),
    "act.raised": ("告警", "alarm"),
    "act.over": ("告警解除", "alarm is over"),
}
word = Phrasebook(WORDS, unknown=lambda key: key.rpartition(".")[2])


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands of this module (see ``office.add_commands``)."""
    floor = _Floor(means)
    for name, run in (
        ("supervision", floor.supervision),
        ("waits", floor.waits),
        ("handling", floor.handling),
    ):
        parser = make(within, name, word(f"help_{name}", language), run)
        parser.add_argument("--day", default="", metavar="DATE", help=word("help_day", language))
        parser.add_argument(
            "--period",
            choices=[str(p) for p in Period],
            default="day",
            help=word("help_period", language),
        )


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``tipring supervision``."""

    time: str
    who: str
    act: str
    agent: str = ""
    queue: str = ""
    call: str = ""
    detail: str = ""


class _Floor:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def supervision(self, chosen: argparse.Namespace, language: Language) -> None:
        begin_ms, end_ms, zone = self._span(chosen, language)
        with self._means.records(chosen, language) as records:
            acts = [
                act
                for stored in records.all_events()
                if begin_ms <= moment_ms(stored.stamp.wall) < end_ms
                and (act := act_of(stored, zone)) is not None
            ]

        def lines() -> list[str]:
            heads = ("time", "who", "act", "agent", "queue", "call", "detail")
            cells = [
                (a.time, a.who, word(f"act.{a.act}", language), a.agent, a.queue, a.call, a.detail)
                for a in acts
            ]
            return self._table(heads, cells, language)

        self._means.show(chosen, acts, lines)

    def waits(self, chosen: argparse.Namespace, language: Language) -> None:
        begin_ms, end_ms, zone = self._span(chosen, language)
        with self._means.records(chosen, language) as records:
            facts = records.facts(begin_ms, end_ms)
        changes = self._changes(chosen, language)
        rows = waits(facts, changes or (), begin_ms, end_ms, zone)

        def lines() -> list[str]:
            heads = ("time", "callers", "answered", "longest", "mean", "changes")
            found = self._table(heads, [_wait_cells(row) for row in rows], language)
            return found if changes is not None else [*found, word("no_marks", language)]

        self._means.show(chosen, rows, lines)

    def handling(self, chosen: argparse.Namespace, language: Language) -> None:
        begin_ms, end_ms, _ = self._span(chosen, language)
        with self._means.records(chosen, language) as records:
            facts = records.facts(begin_ms, end_ms)
        acd = self._acd(chosen, language)
        names = {
            t: name
            for queue in acd.get("queues", ())
            for t, name in queue.get("topics", {}).items()
        }
        rows = handling(facts, acd.get("targets", {}), names)

        def lines() -> list[str]:
            heads = ("topic", "name", "calls", "handled", "longest_handled", "target", "within")
            cells = [_kind_cells(row, language) for row in rows]
            return self._table(heads, cells, language)

        self._means.show(chosen, rows, lines)

    # --- within -----------------------------------------------------------------------------------

    def _span(self, chosen: argparse.Namespace, language: Language) -> tuple[int, int, tzinfo]:
        day, zone = day_of(self._means, chosen, language)
        return (*span(Period(chosen.period), day, zone), zone)

    def _changes(self, chosen: argparse.Namespace, language: Language) -> list[Change] | None:
        """Versions of the settings; None while call control does not answer."""
        try:
            answer = self._means.ask(chosen, language, AskHistory(), HistoryAnswer)
        except self._means.mistake:
            return None
        return [
            Change(at_ms=moment_ms(v.written_at), version=v.version, who=v.who, why=v.why)
            for v in answer.versions
        ]

    def _acd(self, chosen: argparse.Namespace, language: Language) -> Mapping[str, Any]:
        """Topics and targets; without call control kinds have no names and the usual target."""
        try:
            answer = self._means.ask(chosen, language, AskSettings(), SettingsAnswer)
        except self._means.mistake:
            return {}
        acd = answer.settings.get("acd")
        return acd if isinstance(acd, dict) else {}

    def _table(
        self, heads: Sequence[str], cells: Sequence[Sequence[str]], language: Language
    ) -> list[str]:
        if not cells:
            return [word("nothing", language)]
        return columns([word(head, language) for head in heads], cells)


def act_of(stored: StoredEvent, zone: tzinfo) -> Act | None:
    """What an entry of the log tells of supervisors; None for any other."""
    moment = datetime.fromisoformat(stored.stamp.wall).astimezone(zone)
    time = moment.strftime("%Y-%m-%d %H:%M:%S")
    match stored.entry:
        case SupervisorActed() as did:
            return Act(
                time=time,
                who=did.supervisor,
                act=did.act,
                agent=did.agent,
                queue=did.queue,
                call=did.call,
                detail=did.detail,
            )
        case HelpAsked() as asked:
            return Act(
                time=time,
                who=asked.agent,
                act="help",
                agent=asked.agent,
                call=asked.call,
                detail=asked.supervisor,
            )
        case QueueAlarm() as alarm:
            said = " ".join((alarm.what, alarm.about, *alarm.advice)).strip()
            return Act(time=time, who="", act=alarm.step, detail=said)
        case _:
            return None


def _wait_cells(row: HalfHour) -> tuple[str, ...]:
    changes = "; ".join(f"{c.version} {c.who} {c.why}".strip() for c in row.changes)
    if not row.callers:
        return (row.begins, "", "", "", "", changes)
    counts = (str(row.callers), str(row.answered), str(row.longest_s), f"{row.mean_s:.1f}")
    return (row.begins, *counts, changes)


def _kind_cells(row: Kind, language: Language) -> tuple[str, ...]:
    return (
        row.topic or word("untold", language),
        row.name,
        str(row.calls),
        f"{row.mean_s:.0f}",
        str(row.longest_s),
        str(row.target_s),
        f"{100 * row.within:.0f} %",
    )
