"""Random flows and random callers, for tests and benchmarks; every draw comes from one seed.

A :class:`World` is what surrounds a flow: it answers look-ups, rings telephones that nobody lifts,
and plays prompts of a plausible length, on a clock of its own. A :class:`CallerRun` drives a flow
by what a caller does and keeps what he heard.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from firmware.core.destinations import FlowGoto, FlowHangsUp, ToFlow
from firmware.core.menu_entries import NodePassed
from ivr.dialogs import LookUpStep
from ivr.document import FlowDocument
from ivr.flow import Flow
from ivr.nodes import (
    AskExtension,
    Callback,
    Collect,
    Condition,
    Counter,
    Dial,
    Forget,
    Grade,
    Group,
    HangUp,
    LookUp,
    Mailbox,
    Menu,
    Node,
    Notice,
    Opening,
    OutsideNumber,
    Play,
    Priority,
    Queue,
    Record,
    Return,
    Said,
    SetLanguage,
    Sms,
    Span,
    Split,
    SubFlow,
    Survey,
    Tag,
    Times,
)
from ivr.orders import (
    Caller,
    Hush,
    LookedUp,
    LookUpWanted,
    QueueFigures,
    RecordEnds,
    RecordWanted,
    Say,
)

PROMPT_MS = 1_500
RING_MS = 20_000
CLOSE_MS = 120
KEYS = "0123456789*#"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class World:
    """Surroundings whose answers are set by hand, and who is in the office by chance."""

    def __init__(self, **answers: Any) -> None:
        self.open = answers.get("mode", "day")
        self.clock = answers.get("wall", MONDAY)
        self.grades: dict[str, str] = answers.get("grades", {})
        self.tables: dict[str, Mapping[str, Mapping[str, str]]] = answers.get("tables", {})
        self.missing: Callable[[str], bool] = answers.get("missing", lambda _name: False)

    def wall(self, now_ms: int) -> datetime | None:
        return self.clock + timedelta(milliseconds=now_ms)

    def mode(self, _now_ms: int) -> Any:
        return self.open

    def grade(self, number: str) -> str:
        return self.grades.get(number, "")

    def table(self, name: str) -> Mapping[str, Mapping[str, str]] | None:
        return self.tables.get(name)

    def extensions(self) -> tuple[str, ...]:
        return ("201", "202", "203", "204")

    def queue(self, _name: str) -> QueueFigures:
        return QueueFigures(waiting=2, wait_s=90)

    def has_prompt(self, name: str) -> bool:
        return not self.missing(name)

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        return "/".join(prompts)


@dataclass
class CallerRun:
    """One caller in one flow.

    Attributes:
        act: What he does when he could do something: a key, ``wait`` or ``hang up``.
        answers: What look-ups come to: found, not_found, failed or late.
        result: What destinations come to.
    """

    flow: Flow
    act: Callable[[CallerRun], str]
    answers: Callable[[], str] = lambda: "found"
    result: Callable[[], Any] = lambda: "no_answer"
    now_ms: int = 0
    playing_until: int | None = None
    heard: list[tuple[int, str, Any]] = field(default_factory=list)
    passed: list[NodePassed] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)
    gone: str = ""
    lookup: tuple[int, LookedUp] | None = None
    recording_since: int | None = None
    keys: int = 0

    def run(self, most: int = 3_000) -> CallerRun:
        """Until the flow lets go of him, he hangs up, or ``most`` things have happened."""
        self._take(self.flow.start(0))
        for _ in range(most):
            if self.gone:
                return self
            if self.flow.away:
                self._away()
                continue
            what = self.act(self)
            if what == "hang up":
                self._take(self.flow.left(self.now_ms))
                self.gone = "hung up"
            elif what == "wait":
                self._wait()
            else:
                self.now_ms += 300
                self.keys += 1
                self._take(self.flow.key(what, self.now_ms))
        return self

    def _away(self) -> None:
        last = self.heard[-1][2]
        if isinstance(last.destination, ToFlow):
            self._take(self.flow.left(self.now_ms))
            self.gone = "mailbox"
            return
        result = self.result()
        if result == "answered":
            self._take(self.flow.left(self.now_ms))
            self.gone = "answered"
            return
        self.now_ms += RING_MS if result == "no_answer" else 0
        self._take(self.flow.returned(result, self.now_ms))

    def _wait(self) -> None:
        """Let time pass to the next thing that happens by itself."""
        due = [
            moment
            for moment in (
                self.playing_until,
                self.flow.next_deadline(),
                self.lookup[0] if self.lookup else None,
            )
            if moment is not None
        ]
        if not due:
            self.gone = "stuck"
            return
        self.now_ms = max(self.now_ms, min(due))
        if self.playing_until is not None and self.now_ms >= self.playing_until:
            self.playing_until = None
            self._take(self.flow.played(self.now_ms))
        elif self.lookup is not None and self.now_ms >= self.lookup[0]:
            answer, self.lookup = self.lookup[1], None
            self._take(self.flow.looked_up(answer, self.now_ms))
        else:
            self._take(self.flow.advance(self.now_ms))

    def _take(self, effects: list[Any]) -> None:
        closed: list[int] = []
        for effect in effects:
            match effect:
                case Say(prompts=prompts):
                    self.playing_until = self.now_ms + PROMPT_MS * min(len(prompts), 5)
                    self.heard.append((self.now_ms, "say", prompts))
                case Hush():
                    self.playing_until = None
                case FlowGoto():
                    self.playing_until = None
                    self.heard.append((self.now_ms, "goto", effect))
                case FlowHangsUp():
                    self.gone = "let go"
                    self.heard.append((self.now_ms, "bye", None))
                case LookUpWanted(ask=ask):
                    how = self.answers()
                    row = {"name": "Li", "balance": "1250"} if how == "found" else None
                    failed = "down" if how == "failed" else ""
                    after = 60_000 if how == "late" else 700
                    answer = LookedUp(ask=ask, row=row, failed=failed)
                    self.lookup = (self.now_ms + after, answer)
                case RecordWanted():
                    self.recording_since = self.now_ms
                case RecordEnds():
                    since, self.recording_since = self.recording_since, None
                    closed.append(self.now_ms - (since or 0))
                case NodePassed():
                    self.passed.append(effect)
                    self.entries.append(effect)
                case _:
                    self.entries.append(effect)
        for length_ms in closed:
            if not self.flow.ended:
                self.now_ms += CLOSE_MS
                self._take(self.flow.recorded(length_ms, self.now_ms))
        if not self.gone and not self.flow.away and not self._attended:
            self.gone = "silence"

    @property
    def _attended(self) -> bool:
        """Something plays, or the box listens on purpose: to keys or to a message, for a time.

        A look-up listens to nobody, so something must be heard while it runs.
        """
        if self.playing_until is not None:
            return True
        return self.flow._deadline is not None and not isinstance(self.flow._step, LookUpStep)


# --- random flows ---------------------------------------------------------------------------------

CONDITION = {"value": "caller", "test": "begins", "with_": "138"}
SPAN = Span(days=("mon", "tue", "wed", "thu", "fri"), time="09:00-18:00")
SUB = FlowDocument(
    name="sub",
    start="a",
    nodes={"a": Play(say=("please-wait",), next="b"), "b": Return()},
    exhausted="b",
)


def any_node(chance: random.Random, to: Callable[[], str]) -> Node:
    """A node of any kind, leading wherever ``to`` says."""
    kinds: list[Callable[[], Node]] = [
        lambda: Play(say=("welcome", Said(kind="number", value="7")), next=to()),
        lambda: Menu(
            say=("menu-main",),
            choices={key: to() for key in chance.sample(KEYS, chance.randint(1, 5))},
            tries=chance.randint(1, 3),
            silences=chance.randint(1, 3),
            no_input=to(),
            failed=to(),
        ),
        lambda: Collect(
            say=("enter-number",),
            store="number",
            shortest=2,
            longest=4,
            terminator=chance.choice(("#", "*", "")),
            check=chance.choice(("", "luhn", "number")),
            confirm=chance.random() < 0.5,
            tries=chance.randint(1, 3),
            next=to(),
            no_input=to(),
            failed=to(),
        ),
        lambda: AskExtension(no_answer=to(), busy=to(), failed=to()),
        lambda: Dial(number="201", no_answer=to(), busy=to()),
        lambda: Group(number="200", say=(), no_answer=to(), busy=to()),
        lambda: Queue(queue="sales", group="200", no_answer=to(), busy=to()),
        lambda: OutsideNumber(number="10086", payer="201", no_answer=to(), busy=to()),
        lambda: Mailbox(number="202"),
        lambda: Record(mailbox="201", longest_ms=10_000, next=to(), failed=to()),
        lambda: Callback(next=to(), failed=to()),
        lambda: Notice(ask=chance.random() < 0.5, agreed=to(), refused=to()),
        lambda: Forget(next=to(), failed=to()),
        lambda: Survey(name="s", scale=chance.choice((2, 3, 5)), next=to()),
        lambda: Sms(template="t", next=to(), failed=to()),
        lambda: Opening(day=to(), night=to(), lunch=to(), holiday=to()),
        lambda: Times(spans=(SPAN,), match=to(), other=to()),
        lambda: Grade(grades={"vip": to()}, other=to()),
        lambda: LookUp(source="http", name="crm", found=to(), not_found=to(), failed=to()),
        lambda: SetLanguage(language=chance.choice(("zh-CN", "en", "zh-HK")), next=to()),
        lambda: Tag(tag="order", next=to()),
        lambda: Priority(priority=1, next=to()),
        lambda: Condition(**CONDITION, yes=to(), no=to()),
        lambda: Counter(name="n", most=chance.randint(1, 3), next=to(), over=to()),
        lambda: Split(ways={"a": to(), "b": to()}),
        lambda: SubFlow(flow="sub", next=to()),
    ]
    return chance.choice(kinds)()


def any_flow(seed: int) -> FlowDocument:
    """A flow of random shape; about every second one is fit to go live.

    Half of them are drawn with ways mostly forwards, so that they are sound more often; the others
    lead anywhere, also to nodes that are not there.
    """
    chance = random.Random(f"flow {seed}")
    names = [f"n{n}" for n in range(chance.randint(2, 9))]
    wild = chance.random() < 0.4
    nodes: dict[str, Node] = {"person": Group(number="200", no_answer="bye", busy="bye")}
    nodes["bye"] = HangUp()
    for at, name in enumerate(names):
        ahead = [*names[at + 1 :], "person", "bye"]

        def to(ahead: list[str] = ahead) -> str:
            if wild:
                lost = chance.random() < 0.01
                return "nowhere" if lost else chance.choice([*names, "person", "bye"])
            return ahead[0] if chance.random() < 0.6 else chance.choice(ahead)

        nodes[name] = any_node(chance, to)
    return FlowDocument(
        name="any",
        start="n0",
        nodes=nodes,
        operator="person" if chance.random() < 0.9 else "",
        exhausted="bye",
        attempts=chance.randint(1, 4),
        limit_ms=60_000,
    )


def any_caller(flow: FlowDocument, seed: int) -> CallerRun:
    """A caller with random fingers in a random office."""
    chance = random.Random(f"caller {seed}")
    world = World(
        mode=chance.choice(("day", "lunch", "night", "holiday")),
        wall=MONDAY + timedelta(minutes=chance.randrange(10_080)),
        grades={"13800138000": "vip"} if chance.random() < 0.5 else {},
        missing=(lambda _n: False)
        if chance.random() < 0.8
        else (lambda name: name[:5] != "music" and sum(name.encode()) % 3 == 0),
    )
    number = chance.choice(("13800138000", "01065529988", ""))
    eager, patient = chance.random() * 0.6, chance.random() < 0.7
    run = Flow(
        flow,
        ("zh-CN",),
        caller=Caller(call=str(seed), number=number),
        office=world,
        flows={"sub": SUB},
    )

    def act(_run: CallerRun) -> str:
        draw = chance.random()
        if draw < eager:
            return chance.choice(KEYS)
        return "hang up" if not patient and draw > 0.98 else "wait"

    return CallerRun(
        run,
        act,
        answers=lambda: chance.choice(("found", "not_found", "failed", "late")),
        result=lambda: chance.choice(("no_answer", "busy", "unknown", "answered")),
    )
