"""``tipring scores``, ``tipring incidents``, ``tipring drill``."""

from __future__ import annotations

import argparse
from typing import Any, Final

from firmware.control.quality_messages import (
    AskDrill,
    ChangeIncident,
    DrillAnswer,
    EndDrill,
    IncidentAnswer,
    OpenIncident,
    ScoreCall,
    ScoredAnswer,
    StartDrill,
)
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.quality.drill import KINDS as DRILLS
from firmware.quality.incident import GRADES, KINDS, Incident
from firmware.reports.moments import moment_text

Chosen = argparse.Namespace

WORDS: Final[dict[str, tuple[str, str]]] = {
    "help_scores": ("给电话评分", "conversations marked by a sheet"),
    "help_list": ("列出", "list them"),
    "help_call": ("给一个已结束的电话评分", "mark a call that is over"),
    "help_number": ("电话编号", "number of the call"),
    "help_mark": (
        "项目=选项，如 greeting=yes surname=2",
        "ITEM=CHOICE, e.g. greeting=yes surname=2",
    ),
    "help_sheet": ("评分表", "the sheet"),
    "help_agent": ("坐席", "whose part of the call"),
    "help_incidents": ("事件", "what went wrong, and who deals with it"),
    "help_open": ("记下一个事件", "write one down"),
    "help_take": ("由某人处理", "somebody deals with it"),
    "help_close": ("写明原因和措施后关闭", "close it with cause and action"),
    "help_incident": ("编号", "its number"),
    "help_grade": ("等级", "how grave it is"),
    "help_kind": ("类别", "what it is about"),
    "help_title": ("发生了什么", "what happened, in a line"),
    "help_handler": ("处理人", "who"),
    "help_cause": ("原因", "the cause"),
    "help_action": ("措施", "what was done"),
    "help_drill": (
        "演练：拿走外线、市电或存储卡几分钟",
        "take lines, mains or card away for minutes",
    ),
    "help_start": ("开始演练", "begin"),
    "help_end": ("结束演练", "end it"),
    "help_status": ("演练进行得如何", "how it stands"),
    "help_what": ("演练什么", "what is taken away"),
    "help_minutes": ("几分钟", "for how many minutes"),
    "help_line": ("只演练这条外线（端口）", "only this line, by its port"),
    "help_yes": ("已确认：来电者和同事会遇到", "sure: callers and colleagues will meet it"),
    "bad_mark": ("{value} 不是 项目=选项", "{value} is not ITEM=CHOICE"),
    "bad_number": ("编号 {value} 须为数字", "{value} is no number"),
    "scored": (
        "电话 {call}，坐席 {agent}：{points:.1f} 分",
        "call {call}, agent {agent}: {points:.1f}",
    ),
    "nothing": ("没有。", "None."),
    "call": ("电话", "call"),
    "agent": ("坐席", "agent"),
    "sheet": ("评分表", "sheet"),
    "points": ("得分", "points"),
    "who": ("评分人", "by"),
    "mean": ("平均", "mean"),
    "count": ("通数", "calls"),
    "number": ("编号", "number"),
    "grade": ("等级", "grade"),
    "kind": ("类别", "kind"),
    "state": ("状态", "state"),
    "handler": ("处理人", "handled by"),
    "due": ("期限", "due"),
    "title": ("发生了什么", "what happened"),
    "drill_on": (
        "演练 {kind} 进行中，事件 {incident}，还剩 {left} 秒",
        "a drill ({kind}) is on, incident {incident}, {left} s left",
    ),
    "drill_off": ("没有演练", "no drill is on"),
}
word = Phrasebook(WORDS)


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands; the arguments are those of ``office``."""
    run = _Quality(means)

    def group(name: str) -> Any:
        parser = make(within, name, word(f"help_{name}", language), None)
        return parser.add_subparsers(required=True, metavar="COMMAND")

    def w(key: str) -> str:
        return word(f"help_{key}", language)

    scores = group("scores")
    make(scores, "list", w("list"), run.scores)
    call = make(scores, "call", w("call"), run.score)
    call.add_argument("call", metavar="CALL", help=w("number"))
    call.add_argument("marks", nargs="+", metavar="ITEM=CHOICE", help=w("mark"))
    call.add_argument("--sheet", default="", metavar="NAME", help=w("sheet"))
    call.add_argument("--agent", default="", metavar="NUMBER", help=w("agent"))
    incidents = group("incidents")
    make(incidents, "list", w("list"), run.incidents)
    opened = make(incidents, "open", w("open"), run.open)
    opened.add_argument("grade", choices=tuple(GRADES), help=w("grade"))
    opened.add_argument("kind", choices=KINDS, help=w("kind"))
    opened.add_argument("title", metavar="TEXT", help=w("title"))
    taken = make(incidents, "take", w("take"), run.take)
    taken.add_argument("incident", metavar="N", help=w("incident"))
    taken.add_argument("handler", nargs="?", default="", metavar="NAME", help=w("handler"))
    closed = make(incidents, "close", w("close"), run.close)
    closed.add_argument("incident", metavar="N", help=w("incident"))
    closed.add_argument("cause", metavar="TEXT", help=w("cause"))
    closed.add_argument("action", metavar="TEXT", help=w("action"))
    drills = group("drill")
    start = make(drills, "start", w("start"), run.start)
    start.add_argument("kind", choices=DRILLS, help=w("what"))
    start.add_argument("--minutes", type=int, default=5, metavar="N", help=w("minutes"))
    start.add_argument("--line", action="append", default=[], metavar="PORT", help=w("line"))
    start.add_argument("--yes", action="store_true", help=w("yes"))
    make(drills, "end", w("end"), run.end)
    make(drills, "status", w("status"), run.status)


class _Quality:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def _ask(
        self, chosen: Chosen, language: Language, kind: type[Any], wanted: type[Any], /, **v: Any
    ) -> Any:
        request = kind(who=self._means.who(), origin="command line", language=language, **v)
        return self._means.ask(chosen, language, request, wanted)

    def scores(self, chosen: Chosen, language: Language) -> None:
        with self._means.records(chosen, language) as records:
            found = records.quality.scores()

        def lines() -> list[str]:
            if not found:
                return [word("nothing", language)]
            agents = sorted({one.agent for one in found})
            of = {a: [one.points for one in found if one.agent == a] for a in agents}
            means = [(a, f"{sum(of[a]) / len(of[a]):.1f}", str(len(of[a]))) for a in agents]
            rows = [(one.call, one.agent, one.sheet, f"{one.points:.1f}", one.who) for one in found]
            heads = [word(key, language) for key in ("agent", "mean", "count")]
            below = [word(key, language) for key in ("call", "agent", "sheet", "points", "who")]
            return [*columns(heads, means), "", *columns(below, rows)]

        self._means.show(chosen, found, lines)

    def score(self, chosen: Chosen, language: Language) -> None:
        marks = {}
        for given in chosen.marks:
            item, equals, choice = given.partition("=")
            if not equals:
                raise self._means.mistake(word("bad_mark", language, value=given))
            marks[item] = choice
        answer = self._ask(
            chosen,
            language,
            ScoreCall,
            ScoredAnswer,
            call=chosen.call,
            marks=marks,
            sheet=chosen.sheet,
            agent=chosen.agent,
        )
        score = answer.score
        said = word("scored", language, call=score.call, agent=score.agent, points=score.points)
        self._means.show(chosen, answer, lambda: [said])

    def incidents(self, chosen: Chosen, language: Language) -> None:
        with self._means.records(chosen, language) as records:
            found = records.quality.incidents()
        self._means.show(chosen, found, lambda: _lines(found, language))

    def _shown(self, chosen: Chosen, language: Language, answer: IncidentAnswer) -> None:
        self._means.show(chosen, answer, lambda: _lines([answer.incident], language))

    def open(self, chosen: Chosen, language: Language) -> None:
        values = {"grade": chosen.grade, "kind": chosen.kind, "title": chosen.title}
        answer = self._ask(chosen, language, OpenIncident, IncidentAnswer, **values)
        self._shown(chosen, language, answer)

    def _number(self, chosen: Chosen, language: Language) -> int:
        if not (chosen.incident.isascii() and chosen.incident.isdecimal()):
            raise self._means.mistake(word("bad_number", language, value=chosen.incident))
        return int(chosen.incident)

    def take(self, chosen: Chosen, language: Language) -> None:
        values = {"incident": self._number(chosen, language), "handler": chosen.handler}
        answer = self._ask(chosen, language, ChangeIncident, IncidentAnswer, act="take", **values)
        self._shown(chosen, language, answer)

    def close(self, chosen: Chosen, language: Language) -> None:
        values = {"cause": chosen.cause, "action": chosen.action}
        number = self._number(chosen, language)
        answer = self._ask(
            chosen, language, ChangeIncident, IncidentAnswer, incident=number, act="close", **values
        )
        self._shown(chosen, language, answer)

    def start(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(
            chosen,
            language,
            StartDrill,
            IncidentAnswer,
            kind=chosen.kind,
            minutes=chosen.minutes,
            lines=tuple(chosen.line),
            sure=chosen.yes,
        )
        self._shown(chosen, language, answer)

    def end(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(chosen, language, EndDrill, IncidentAnswer)
        self._means.show(
            chosen, answer, lambda: [*_lines([answer.incident], language), answer.incident.report]
        )

    def status(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(chosen, language, AskDrill, DrillAnswer)
        said = word("drill_off", language)
        if answer.report is not None:
            said = word(
                "drill_on",
                language,
                kind=answer.report.kind,
                incident=answer.incident,
                left=answer.left_s,
            )
        self._means.show(chosen, answer, lambda: [said])


def _lines(found: list[Incident], language: Language) -> list[str]:
    if not found:
        return [word("nothing", language)]
    keys = ("number", "grade", "kind", "state", "handler", "due", "title")
    rows = [
        (
            str(one.incident),
            one.grade,
            one.kind,
            one.state,
            one.handler,
            moment_text(one.due_ms),
            one.title,
        )
        for one in found
    ]
    return columns([word(key, language) for key in keys], rows)
