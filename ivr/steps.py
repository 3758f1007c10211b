"""One visit to one node: what it says, waits for, and by which exit it ends.

A step is told keys, ended prompts and time, and answers with a :class:`Turn`. Kinds that ask for
nothing are carried out in one go by :func:`instant`; those that talk with the caller are in
:mod:`ivr.dialogs`.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any, Final

import msgspec

from firmware.core.destinations import (
    Destination,
    FlowLearned,
    ToExtension,
    ToFlow,
    ToGroup,
    ToOutside,
    ToQueue,
)
from firmware.core.menu_entries import CallTagged, LanguageChosen, PriorityGiven, SmsWanted
from ivr.nodes import (
    Condition,
    Counter,
    Dial,
    Grade,
    Group,
    HangUp,
    Mailbox,
    Node,
    Opening,
    OutsideNumber,
    Play,
    Priority,
    Queue,
    Return,
    SetLanguage,
    Sms,
    Span,
    Speech,
    Split,
    SubFlow,
    Tag,
    Times,
)
from ivr.orders import LookedUp
from ivr.visitor import Visitor

OPERATOR: Final = "operator"
"""Exit of a caller who asked for a person where the node itself has no such way."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a step does next.

    Attributes:
        say: Prompts to play; what played before stops.
        wait_ms: How long to wait for something before :meth:`Step.expired`.
        exit: The way out taken; nothing else follows.
        goto: Where the caller is sent; the flow goes on when he comes back.
        payer: The extension that pays for it.
        choice: What the caller pressed to get there.
        enter: A flow to go through first.
        leave: ``return`` to the flow before, or ``goodbye``.
        then: Further effects, before anything else.
        ahead: Keys that the next node takes first.
        flush: Keys pressed ahead were meant for something else; forget them.
        direct: The key taken may have been the first of an extension; the node that asks for one.
    """

    say: tuple[str, ...] | None = None
    wait_ms: int | None = None
    exit: str = ""
    goto: Destination | None = None
    payer: str = ""
    choice: str = ""
    enter: str = ""
    leave: str = ""
    then: tuple[Any, ...] = ()
    ahead: str = ""
    flush: bool = False
    direct: str = ""


NOTHING: Final = Turn()


class Step:
    """One visit. The default is a node that says something and goes on."""

    listens = False  # whether keys pressed ahead are for this step
    leaving = False  # on the way to a destination or to goodbye: keys change nothing

    def __init__(self, node: Any, visitor: Visitor) -> None:
        self.node = node
        self.visitor = visitor

    def begin(self) -> Turn:
        """The caller comes in."""
        raise NotImplementedError

    def key(self, key: str) -> Turn | None:  # noqa: ARG002 - others take it
        """A key; None keeps it for a later node and cuts nothing."""
        return None

    def played(self) -> Turn:
        """What was said has been said."""
        return NOTHING

    def expired(self) -> Turn:
        """Time is up."""
        return NOTHING

    def looked_up(self, answer: LookedUp) -> Turn:  # noqa: ARG002 - one kind asks
        """Something that was looked up is known."""
        return NOTHING

    def recorded(self, duration_ms: int) -> Turn:  # noqa: ARG002 - one kind records
        """A recording is closed."""
        return NOTHING

    def back(self, result: str) -> Turn:
        """The destination did not work out."""
        return Turn(exit="no_answer" if result == "no_answer" else "busy")

    def gone(self) -> tuple[Any, ...]:
        """The caller hung up within this step."""
        return ()

    def _say(self, *speeches: Speech) -> Turn:
        return Turn(say=self.visitor.words(tuple(part for one in speeches for part in one)))


class PlayStep(Step):
    """Say, then go on; a key goes on at once and counts later."""

    node: Play

    def begin(self) -> Turn:
        """Say it."""
        return self._say(self.node.say)

    def key(self, key: str) -> Turn | None:
        """Cut it short, unless it must be heard."""
        return None if self.node.uninterrupted else Turn(exit="next", ahead=key)

    def played(self) -> Turn:
        """Go on."""
        return Turn(exit="next")


class LeaveStep(Step):
    """Say something, then send the caller on or let him go."""

    leaving = True
    node: Dial | Group | Queue | OutsideNumber | Mailbox | HangUp | Return

    def begin(self) -> Turn:
        """Announce it, if there is anything to say."""
        say = () if isinstance(self.node, Return) else self.node.say
        return self._say(say) if say else self.played()

    def played(self) -> Turn:
        """Go."""
        match self.node:
            case Dial(number=number):
                return Turn(goto=ToExtension(number=self.visitor.filled(number)))
            case Group(number=number):
                return Turn(goto=ToGroup(number=number))
            case Queue(queue=queue, group=group):
                priority = self.visitor.priority
                return Turn(goto=ToQueue(queue=queue, priority=priority, group=group))
            case OutsideNumber(number=number, payer=payer):
                return Turn(goto=ToOutside(number=self.visitor.filled(number)), payer=payer)
            case Mailbox(number=number):
                return Turn(goto=ToFlow(flow=f"voicemail:{number}"))
            case Return():
                return Turn(leave="return")
            case HangUp():
                return Turn(leave="goodbye")


def instant(node: Node, node_id: str, visitor: Visitor) -> Turn | None:
    """What a node that waits for nothing comes to; None for one that talks with the caller."""
    caller = visitor.caller
    match node:
        case Opening():
            return Turn(exit=_opening(node, visitor))
        case Times():
            wall = visitor.office.wall(visitor.now_ms)
            fits = wall is not None and any(within(span, wall) for span in node.spans)
            return Turn(exit="match" if fits else "other")
        case Grade():
            grade = visitor.value("grade")
            return Turn(exit=grade if grade in node.grades else "other")
        case SetLanguage():
            language = visitor.filled(node.language) or caller.language
            visitor.speak(language)
            chosen = LanguageChosen(call=caller.call, at_ms=visitor.now_ms, language=language)
            told = FlowLearned(at_ms=visitor.now_ms, language=language)
            return Turn(exit="next", then=(chosen, told))
        case Tag(tag=tag):
            visitor.values["tag"] = tag
            tagged = CallTagged(call=caller.call, at_ms=visitor.now_ms, label=tag)
            return Turn(exit="next", then=(tagged, FlowLearned(at_ms=visitor.now_ms, label=tag)))
        case Priority(priority=priority):
            visitor.priority = priority
            given = PriorityGiven(call=caller.call, at_ms=visitor.now_ms, priority=priority)
            told = FlowLearned(at_ms=visitor.now_ms, priority=priority)
            return Turn(exit="next", then=(given, told))
        case Condition():
            return Turn(exit="yes" if holds(node, visitor) else "no")
        case Counter(name=name, most=most):
            visitor.counters[name] = visitor.counters.get(name, 0) + 1
            return Turn(exit="over" if visitor.counters[name] > most else "next")
        case Split():
            return Turn(exit=drawn(node, f"{caller.call}/{node_id}"))
        case SubFlow(flow=flow):
            return Turn(enter=flow)
        case Sms():
            return _sms(node, visitor)
        case _:
            return None


def _opening(node: Opening, visitor: Visitor) -> str:
    mode = visitor.office.mode(visitor.now_ms)
    if mode == "lunch" and not node.lunch:
        return "day"
    if mode == "holiday" and not node.holiday:
        return "night"
    return mode


def within(span: Span, wall: datetime) -> bool:
    """Whether a local time lies in a span.

    Hours that end before they begin go over midnight and belong to the day they began on.
    """
    clock = f"{wall:%H:%M}"
    day = wall.date()
    if span.time:
        first, _, last = span.time.partition("-")
        if first < last:
            if not first <= clock < last:
                return False
        elif clock < last:
            day = day.fromordinal(day.toordinal() - 1)
        elif clock < first:
            return False
    if span.days and WEEKDAYS[day.weekday()] not in span.days:
        return False
    text = day.isoformat()
    return (not span.since or span.since <= text) and (not span.until or text <= span.until)


def holds(node: Condition, visitor: Visitor) -> bool:
    """Whether the condition is true of this visitor now."""
    value, other = visitor.value(node.value), visitor.filled(node.with_)
    match node.test:
        case "given":
            return bool(value)
        case "is":
            return value == other
        case "is_not":
            return value != other
        case "begins":
            return bool(other) and value.startswith(other)
        case _:
            less = _order(value, other)
            return less < 0 if node.test == "less" else less > 0


def _order(value: str, other: str) -> int:
    try:
        one, two = float(value), float(other)
    except ValueError:
        return (value > other) - (value < other)
    return (one > two) - (one < two)


def drawn(node: Split, seed: str) -> str:
    """The way chance chooses; the same for the same seed."""
    ways = sorted(node.ways)
    shares = [node.shares.get(way, 0 if node.shares else 1) for way in ways]
    if not sum(shares):
        shares = [1] * len(ways)
    # Seeded by a text, so the draw can be told again from the record.
    return random.Random(seed).choices(ways, shares)[0]  # noqa: S311  # no secret


def _sms(node: Sms, visitor: Visitor) -> Turn:
    number = visitor.filled(node.number)
    if not number.isdigit():
        return Turn(exit="failed")
    visitor.served = True
    wanted = SmsWanted(
        call=visitor.caller.call,
        at_ms=visitor.now_ms,
        template=node.template,
        number=number,
        language=visitor.language,
        values=visitor.public(),
    )
    return Turn(exit="next", then=(wanted, FlowLearned(at_ms=visitor.now_ms, served=True)))
