"""What an office sets about customers, tickets and reviews: a part of the settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Final, Literal

import msgspec

Say = Callable[..., None]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class TicketKind(_Part, frozen=True, kw_only=True):
    """A kind of ticket.

    Attributes:
        name: As it is kept and shown.
        hours: From opening to deadline.
        priority: Of a new ticket.
        group: Who has it while nobody owns it: a queue or ring group, empty for none.
        owner: Who gets every new one, by extension or agent; empty leaves it to who keyed it.
        topics: Topics of a wrap-up, two digits each, that open a ticket of this kind.
        complaint: The recording is kept and a note is wanted.
        verify: The caller must have proved who he is before it may be solved.
        opinion: It is what a customer thinks of the office: on the list of the month.
    """

    name: str
    hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 24
    priority: Literal["high", "medium", "low"] = "medium"
    group: str = ""
    owner: str = ""
    topics: tuple[str, ...] = ()
    complaint: bool = False
    verify: bool = False
    opinion: bool = False


KINDS: Final = (
    TicketKind(name="follow_up"),
    TicketKind(name="complaint", priority="high", topics=("90",), complaint=True),
    TicketKind(name="request", hours=48),
    TicketKind(name="callback"),
    TicketKind(name="promise"),
    TicketKind(name="suggestion", hours=168, priority="low", topics=("91",), opinion=True),
    TicketKind(name="criticism", hours=48, topics=("92",), opinion=True),
    TicketKind(name="praise", hours=168, priority="low", topics=("93",), opinion=True),
    TicketKind(name="key_date", hours=12),
)
"""24 h until a specialist answers, 48 h for other departments: what such offices promise. Chosen: a
week for what nobody waits for, half a day for somebody's birthday."""

CAUSES: Final = ("waiting", "manner", "knowledge", "explanation", "not_solved", "product", "other")


class Care(_Part, frozen=True, kw_only=True):
    """Customers who need care (tag ``care`` of their card): more time, fewer steps.

    Attributes:
        to: Where their calls go at once, past menus: a group, queue or extension, ``flow:NAME``;
            empty leaves them the usual way.
        patience: How much longer menus and holds wait for them, in percent of the usual.
        priority: What they are worth in queues.
    """

    to: str = ""
    patience: Annotated[int, msgspec.Meta(ge=100, le=400)] = 200
    priority: Literal["vip", "high", "medium"] = "high"


class CaseSettings(_Part, frozen=True, kw_only=True):
    """Customers, tickets and reviews.

    Attributes:
        kinds: The first is that of what has no other.
        review_hours: Until a bad mark must have been looked into.
        causes: What a review may find.
        grades: What a customer may be.
        fields: Names of the fields of a customer that the office has added.
        care: How customers who need care are served.
    """

    kinds: tuple[TicketKind, ...] = KINDS
    review_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 48
    causes: tuple[str, ...] = CAUSES
    grades: tuple[str, ...] = ("vip", "regular", "new")
    fields: tuple[str, ...] = ()
    care: Care = Care()


CASE_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "cases-none": ("至少须有一项 {value}", "{value}: there must be at least one."),
    "cases-twice": ("{value} 出现了两次", "{value} is there twice."),
    "cases-topic": (
        "主题 {value} 须为两位数字，且只属于一种工单",
        "Topic {value}: it must be two digits and belong to one kind of ticket.",
    ),
    "cases-empty": ("名称不能为空", "A name must not be empty."),
    "cases-care": (
        "需关照客户的去向 {value} 不存在",
        "Customers who need care cannot go to {value}: there is no such place.",
    ),
    "cases-owner": (
        "工单负责人 {value} 不是座席也不是分机",
        "Owner {value} of a kind of ticket is neither an agent nor an extension.",
    ),
}


def check_cases(
    cases: CaseSettings, say: Say, places: Collection[str], people: Collection[str]
) -> None:
    """Names are there once, topics are two digits and belong to one kind.

    Args:
        cases: The part.
        say: Told what is wrong: path, sentence, value.
        places: Where callers may be sent.
        people: Numbers of agents and extensions.
    """
    if cases.care.to and cases.care.to not in places:
        say("cases.care.to", "cases-care", cases.care.to)
    lists = {
        "kinds": tuple(kind.name for kind in cases.kinds),
        "causes": cases.causes,
        "grades": cases.grades,
        "fields": cases.fields,
    }
    for field, names in lists.items():
        if not names and field in {"kinds", "causes"}:
            say(f"cases.{field}", "cases-none", field)
        for at, name in enumerate(names):
            if not name.strip():
                say(f"cases.{field}.{at}", "cases-empty")
            elif name in names[:at]:
                say(f"cases.{field}.{at}", "cases-twice", name)
    seen: set[str] = set()
    for at, kind in enumerate(cases.kinds):
        if kind.owner and kind.owner not in people:
            say(f"cases.kinds.{at}.owner", "cases-owner", kind.owner)
        for topic in kind.topics:
            fits = len(topic) == 2 and topic.isascii() and topic.isdecimal()
            if not fits or topic in seen:
                say(f"cases.kinds.{at}.topics", "cases-topic", topic)
            seen.add(topic)
