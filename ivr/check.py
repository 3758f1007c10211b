"""Whether a flow can go live: what is wrong with it, each in a sentence an owner understands.

Found are ways that lead nowhere, nodes nobody can come to, rounds that a caller who presses nothing
never leaves, hours that never come, places from which no person can be reached, and names of
extensions, tables or prompts that do not exist. A flow without problems lets go of every caller.

A question asked twice is taken to be answered the same; two different conditions that exclude each
other are not seen through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Final

import msgspec

from ivr.check_words import LANGUAGES, SENTENCES
from ivr.document import MOST_DEPTH, MOST_NODES, Document, FlowDocument, FlowRefused, read_flow
from ivr.nodes import (
    KEYS,
    AskExtension,
    Callback,
    Collect,
    Condition,
    Counter,
    Destined,
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
    Times,
    exit_path,
    exits,
    spoken_parts,
)
from ivr.steps import WEEKDAYS
from ivr.texts import text_key

MOST_WORLDS: Final = 256
"""Combinations of answers that are looked at; a flow of an office has a handful (chosen)."""

_CLOCK: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_PERIOD: Final = re.compile(f"({_CLOCK})-({_CLOCK}|24:00)")
_LENGTHS: Final = {"id_card": (18,), "date": (4, 8), "time": (4,), "mobile": (11,)}
_PERSONS: Final = Destined | Mailbox | Record | Callback
_QUESTIONS: Final = Menu | Collect | AskExtension | Callback | Forget | Survey
_SILENT: Final[Mapping[type, tuple[str, ...]]] = {
    Menu: ("no_input",),
    Collect: ("no_input",),
    Counter: ("over",),  # the other way is taken only so often
    Survey: ("next",),
    Callback: ("failed",),
    Forget: ("next", "failed"),
    Record: ("next", "failed"),
}
"""Ways taken by a caller who presses nothing, where not all are."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    Attributes:
        id: Key of its sentence, stable.
        path: Where in the document, such as ``nodes.menu.choices.1``.
        node: The node, empty for the flow as a whole.
        value: What is wrong.
        limit: What would do, or where it is.
    """

    id: str
    path: str
    node: str = ""
    value: str = ""
    limit: str = ""

    def sentence(self, language: str) -> str:
        """What to tell an owner, in Chinese (``zh``...) or English."""
        which = 0 if language.startswith("zh") else 1
        limit = LANGUAGES[self.limit][which] if self.limit in LANGUAGES else self.limit
        return SENTENCES[self.id][which].format(
            node=self.node, value=self.value, limit=_limit_words(limit, which)
        )


_LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "empty": ("开始和结束是同一时刻", "it ends as it begins"),
    "backwards": ("结束日期早于开始日期", "it ends before it begins"),
    "no-such-day": ("这些日子里没有所选的星期", "none of these weekdays lies within the dates"),
    "over": ("已经过去了", "it is over"),
    "shares-unknown": ("有比例没有对应的出口", "a share has no way"),
    "short-long": ("最少比最多还多", "the least is more than the most"),
    "rule": ("检查规则要求别的位数", "its rule wants another number of them"),
}


def _limit_words(limit: str, which: int) -> str:
    return _LIMITS[limit][which] if limit in _LIMITS else limit


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """What exists beside a flow; None is not checked."""

    flows: Mapping[str, FlowDocument] = {}
    extensions: Collection[str] | None = None
    groups: Collection[str] | None = None
    queues: Collection[str] = ()
    tables: Collection[str] | None = None
    addresses: Collection[str] | None = None
    language: str = "zh-CN"
    has_prompt: Callable[[str], bool] | None = None
    today: date | None = None


ANY_OFFICE: Final = Office()


def problems(document: FlowDocument, office: Office = ANY_OFFICE) -> tuple[Problem, ...]:
    """What is wrong with a flow; empty when it can run."""
    found = [*_wiring(document)]
    if found:
        return tuple(found)  # nothing can be said of ways that lead nowhere
    reached = _reached(document, _starts(document))
    found += (
        Problem(id="unreachable", path=f"nodes.{node_id}", node=node_id)
        for node_id in document.nodes
        if node_id not in reached
    )
    found += _rounds(document, office)
    found += _persons(document, office)
    for node_id in reached:
        found += _node(document.nodes[node_id], node_id, office)
    found += _prompts(document, reached, office)
    found += _depth(document, office)
    return tuple(found)


def check_documents(
    documents: Mapping[str, Document], office: Office = ANY_OFFICE
) -> tuple[dict[str, FlowDocument], dict[str, tuple[Problem, ...]]]:
    """Read and check several flows that may lead to each other.

    Args:
        documents: Plain values by name.
        office: What else exists; its ``flows`` are there beside these.

    Returns:
        The flows that could be read, and the problems of each flow that has some.
    """
    flows: dict[str, FlowDocument] = {}
    wrong: dict[str, tuple[Problem, ...]] = {}
    for name, document in documents.items():
        try:
            flow = read_flow(document)
        except FlowRefused as refused:
            wrong[name] = (Problem(id="shape", path="", node=name, value=str(refused)),)
            continue
        flows[name] = msgspec.structs.replace(flow, name=name)
    whole = msgspec.structs.replace(office, flows={**office.flows, **flows})
    for name, flow in flows.items():
        if found := problems(flow, whole):
            wrong[name] = found
    return flows, wrong


# --- ways -----------------------------------------------------------------------------------------


def _starts(document: FlowDocument) -> tuple[str, ...]:
    return tuple(n for n in (document.start, document.exhausted, document.operator) if n)


def _wiring(document: FlowDocument) -> Iterator[Problem]:
    nodes = document.nodes
    if len(nodes) > MOST_NODES:
        yield Problem(id="too-many", path="nodes", value=str(len(nodes)), limit=str(MOST_NODES))
    for field in ("start", "exhausted", "operator"):
        to = getattr(document, field)
        if to not in nodes and (to or field != "operator"):
            which = "no-such-node" if to else "leads-nowhere"
            value, limit = (to, field) if to else (field, "")
            yield Problem(id=which, path=field, node=document.name, value=value, limit=limit)
    for node_id, node in nodes.items():
        for name, to in exits(node):
            path = f"nodes.{node_id}.{exit_path(node, name)}"
            if not to:
                yield Problem(id="leads-nowhere", path=path, node=node_id, value=name)
            elif to not in nodes:
                yield Problem(id="no-such-node", path=path, node=node_id, value=to, limit=name)


def _reached(
    document: FlowDocument, starts: Collection[str], *, operator: bool = False
) -> dict[str, None]:
    """Node ids that can be come to, in the order they are found; with 0 for a person, or not."""
    seen: dict[str, None] = {}
    todo = list(starts)
    while todo:
        node_id = todo.pop(0)
        if node_id not in seen:
            seen[node_id] = None
            node = document.nodes[node_id]
            todo += [to for _, to in exits(node)]
            asks = isinstance(node, _QUESTIONS | Notice | Record)
            if operator and asks and document.operator:
                todo.append(document.operator)
    return seen


World = Mapping[str, str]
"""Answers that stay as they are while a caller goes round: question to exit."""


def _question(node: Node) -> tuple[str, tuple[str, ...]] | None:
    """What a branch asks, and the exits that are its answers; None for any other node."""
    match node:
        case Opening():
            return "opening", tuple(name for name, _ in exits(node))
        case Times(spans=spans):
            return f"times {spans}", ("match", "other")
        case Grade():
            return "grade", (*node.grades, "other")
        case Condition(value=value, test=test, with_=other):
            return f"condition {value} {test} {other}", ("yes", "no")
        case Sms(number=number):
            return f"sms {number}", ("next", "failed")
        case Forget():
            # As a text to the caller: it fails exactly when his number is not known.
            return "sms {caller}", ("next", "failed")
        case _:
            return None


def _worlds(document: FlowDocument) -> list[World]:
    """Every way the branches may be decided, each question answered the same everywhere.

    With too many of them each branch is taken for itself: then a round may be told that no caller
    can go.
    """
    asked: dict[str, dict[str, None]] = {}
    for node in document.nodes.values():
        if question := _question(node):
            asked.setdefault(question[0], {}).update(dict.fromkeys(question[1]))
    if math.prod(len(answers) for answers in asked.values()) > MOST_WORLDS:
        return [{}]
    worlds = (dict(zip(asked, answers, strict=True)) for answers in product(*asked.values()))
    return [world for world in worlds if not _contradicts(world)]


def _contradicts(world: World) -> bool:
    """Whether the caller's number would have to be known and unknown."""
    known = any(
        answer == "yes" and question.startswith("condition caller ") and " is_not " not in question
        for question, answer in world.items()
    )
    # A grade stands on the card of a number.
    known = known or world.get("grade", "other") != "other"
    return known and world.get("sms {caller}") == "failed"


def _silent_ways(node: Node, office: Office, world: World) -> list[str]:
    """Where a caller who presses nothing may go from here, and nothing counts how often."""
    if (question := _question(node)) and (answer := world.get(question[0])):
        # Lunch and holidays that are not wired are those of day and night; a grade of another
        # node is no grade here.
        instead = {"lunch": "day", "holiday": "night"}.get(answer, "other")
        ways = dict(exits(node))
        return [ways[answer if answer in ways else instead]]
    if isinstance(node, Destined | Mailbox | HangUp | Return):
        return []
    if isinstance(node, Notice):
        return [node.refused if node.ask else node.agreed]
    if isinstance(node, SubFlow) and node.flow in office.flows:
        inner = office.flows[node.flow].nodes.values()
        return [node.next] if any(isinstance(other, Return) for other in inner) else []
    wanted = _SILENT.get(type(node))
    return [to for name, to in exits(node) if wanted is None or name in wanted]


def _rounds(document: FlowDocument, office: Office) -> Iterator[Problem]:
    """Rounds of a caller who presses nothing: each is told once, at the node where it is entered.

    A counter or a destination ends a round: both are counted.
    """
    told: set[str] = set()
    for world in _worlds(document):
        ways = {n: _silent_ways(node, office, world) for n, node in document.nodes.items()}
        for start in _reached(document, _starts(document)):
            round_ = () if start in told else _round_through(start, ways)
            if not round_:
                continue
            told |= set(round_)
            silent = not any(_heard(document.nodes[node_id]) for node_id in round_)
            yield Problem(
                id="no-instants" if silent else "endless",
                path=f"nodes.{start}",
                node=start,
                value=" → ".join((*round_, start)),
            )


def _heard(node: Node) -> bool:
    """Whether the caller hears something at this node."""
    return any(spoken_parts(node)) or isinstance(node, _QUESTIONS | Record)


def _round_through(start: str, ways: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The shortest way from a node back to itself, empty for none."""
    before: dict[str, str] = {}
    todo = [start]
    while todo:
        node_id = todo.pop(0)
        for to in ways[node_id]:
            if to == start:
                path = [node_id]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return tuple(reversed(path))
            if to not in before:
                before[to] = node_id
                todo.append(to)
    return ()


# --- persons --------------------------------------------------------------------------------------


def _leads_to_person(node: Node, office: Office, seen: frozenset[str]) -> bool:
    if isinstance(node, _PERSONS | Return):
        return True  # who returns is where he may ask for a person
    if not isinstance(node, SubFlow) or node.flow in seen:
        return False
    flow = office.flows.get(node.flow)
    return flow is not None and any(
        _leads_to_person(other, office, seen | {node.flow})
        for other in flow.nodes.values()
        if not isinstance(other, Return)
    )


def _persons(document: FlowDocument, office: Office) -> Iterator[Problem]:
    nodes = document.nodes
    persons = {n for n, node in nodes.items() if _leads_to_person(node, office, frozenset())}
    is_sub_flow = any(isinstance(node, Return) for node in nodes.values())
    for node_id in _reached(document, _starts(document)):
        node = nodes[node_id]
        if not isinstance(node, Menu | Collect | AskExtension):
            continue
        if not document.operator and not is_sub_flow:
            yield Problem(id="no-operator", path="operator", node=node_id)
            return
        if not persons & set(_reached(document, (node_id,), operator=True)):
            yield Problem(id="no-person", path=f"nodes.{node_id}", node=node_id)


# --- single nodes ---------------------------------------------------------------------------------


def _node(node: Node, node_id: str, office: Office) -> Iterator[Problem]:
    def say(which: str, field: str, value: str = "", limit: str = "") -> Problem:
        path = f"nodes.{node_id}.{field}"
        return Problem(id=which, path=path, node=node_id, value=value, limit=limit)

    def unknown(kind: str, field: str, name: str, known: Collection[str] | None) -> list[Problem]:
        literal = name and "{" not in name
        there = known is None or not literal or name in known
        return [] if there else [say(f"unknown-{kind}", field, name)]

    match node:
        case Menu(choices=choices, direct=direct):
            for key in choices:
                if len(key) != 1 or key not in KEYS:
                    yield say("key-form", f"choices.{key}", key, "0-9 * #")
            if not choices and not direct:
                yield say("no-choice", "choices")
        case Split(ways=ways, shares=shares):
            if not ways:
                yield say("no-choice", "ways")
            elif set(shares) - set(ways):
                yield say("shares", "shares", ", ".join(sorted(set(shares) - set(ways))))
            elif shares and not sum(shares.values()):
                yield say("shares", "shares", "0")
        case Collect():
            yield from _collect(node, say)
            yield from unknown("table", "table", node.table, office.tables)
        case Times(spans=spans):
            if not spans:
                yield say("no-choice", "spans")
            for at, span in enumerate(spans):
                yield from _span(span, f"spans.{at}", say, office.today)
        case Dial(number=number):
            yield from unknown("extension", "number", number, office.extensions)
        case Group(number=number):
            yield from unknown("group", "number", number, office.groups)
        case Queue(queue=queue, group=group):
            if office.groups is not None and queue not in office.queues:
                if not group:
                    yield say("unknown-queue", "queue", queue)
                yield from unknown("group", "group", group, office.groups)
        case OutsideNumber(number=number, payer=payer):
            if not number.isdigit() and "{" not in number:
                yield say("outside-number", "number", number)
            yield from unknown("extension", "payer", payer, office.extensions)
        case Mailbox(number=number):
            yield from unknown("extension", "number", number, office.extensions)
        case Record(mailbox=mailbox):
            yield from unknown("extension", "mailbox", mailbox, office.extensions)
        case LookUp(source="http", name=name):
            yield from unknown("address", "name", name, office.addresses)
        case LookUp(source="table", name=name):
            yield from unknown("table", "name", name, office.tables)
        case SubFlow(flow=flow):
            if flow not in office.flows:
                yield say("unknown-flow", "flow", flow)
        case _:
            pass


Say = Callable[..., Problem]


def _collect(node: Collect, say: Say) -> Iterator[Problem]:
    lengths = f"{node.shortest} … {node.longest}"
    if node.shortest > node.longest or (node.check == "number" and node.least > node.most):
        yield say("entry-lengths", "shortest", lengths, "short-long")
    elif _no_length_fits(node):
        yield say("entry-lengths", "check", lengths, "rule")
    if node.secret and node.confirm:
        yield say("secret-read", "confirm")


def _no_length_fits(node: Collect) -> bool:
    """Whether the rule wants another number of keys than can be pressed."""
    wanted = _LENGTHS.get(node.check)
    if wanted:
        return not any(node.shortest <= n <= node.longest for n in wanted)
    if node.check != "number":
        return False
    shortest_fits = node.shortest == 1 or node.most >= 10 ** (node.shortest - 1)
    return node.most < 0 or node.least >= 10**node.longest or not shortest_fits


def _span(span: Span, path: str, say: Say, today: date | None) -> Iterator[Problem]:
    if span.time:
        period = _PERIOD.fullmatch(span.time)
        if period is None:
            yield say("time-form", path, span.time, "09:00-18:00")
        elif period[1] == period[2]:
            yield say("never", path, span.time, "empty")
    days: list[date | None] = []
    for text in (span.since, span.until):
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            yield say("time-form", path, text, "2026-10-01")
            return
    since, until = days
    if until is not None and today is not None and until < today:
        yield say("never", path, span.until, "over")
    if since is None or until is None:
        return
    dates = f"{span.since} … {span.until}"
    if until < since:
        yield say("never", path, dates, "backwards")
    elif span.days and until - since < timedelta(days=6):
        there = {
            WEEKDAYS[(since + timedelta(n)).weekday()] for n in range((until - since).days + 1)
        }
        if not there & set(span.days):
            yield say("never", path, dates, "no-such-day")


# --- prompts and sub-flows ------------------------------------------------------------------------


def _prompts(document: FlowDocument, reached: Collection[str], office: Office) -> Iterator[Problem]:
    has = office.has_prompt
    if has is None:
        return
    spoken = dict.fromkeys(document.languages or (office.language,))
    for node_id in reached:
        node = document.nodes[node_id]
        if isinstance(node, SetLanguage):
            other = "zh-CN" if office.language == "en" else "en"
            wanted = other if node.language == "{other_language}" else node.language
            spoken[wanted or office.language] = None
    for node_id in reached:
        for field, parts in spoken_parts(document.nodes[node_id]):
            path = f"nodes.{node_id}.{field}"
            for part in parts:
                for language in spoken:
                    missing = _missing(part, language, has)
                    if missing is not None:
                        which, value = missing
                        yield Problem(
                            id=which, path=path, node=node_id, value=value, limit=language
                        )


def _missing(part: str | Said, language: str, has: Callable[[str], bool]) -> tuple[str, str] | None:
    """What is missing of a part. Gaps in Cantonese are filled by Mandarin, with a notice."""
    which = "prompt-missing"
    if isinstance(part, Said):
        if part.kind != "text":
            return None
        words = part.text.get(language, "")  # type: ignore[call-overload]  # any language
        which, key, shown = "text-missing", text_key(words), words or "?"
        instead = text_key(part.text.get("zh-CN", ""))
    else:
        key = instead = shown = part
    if "{" in key:
        return None
    names = [key] if "/" in key else [f"{language}/{key}"]
    if language == "zh-HK" and "/" not in key:
        names.append(f"zh-CN/{instead}")
    return None if any(has(name) for name in names) else (which, shown)


def _depth(document: FlowDocument, office: Office) -> Iterator[Problem]:
    def below(name: str) -> set[str]:
        flow = document if name == document.name else office.flows.get(name)
        nodes = flow.nodes.values() if flow else ()
        return {node.flow for node in nodes if isinstance(node, SubFlow)}

    layer, depth = below(document.name), 0
    while layer:
        depth += 1
        if document.name in layer:
            yield Problem(id="recursion", path="nodes", node=document.name, value=document.name)
            return
        if depth > MOST_DEPTH:
            yield Problem(id="too-deep", path="nodes", node=document.name, limit=str(MOST_DEPTH))
            return
        layer = {deeper for name in layer for deeper in below(name)}
