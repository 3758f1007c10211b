"""The kinds of node of a menu flow: what each says, waits for, and where it may lead.

A node names its successors; :func:`exits` lists them by the name of the exit. What is said is a
tuple of parts: a prompt without language (``welcome``), an absolute path of an owner's recording,
or a :class:`Said` for a number, a day, an amount and so on. Values in braces (``{caller}``) are
those of the caller's visit; :mod:`ivr.visitor` has their names.

The module is longer than others since every kind stands here, so that the language can be read in
one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import msgspec

KEYS = frozenset("0123456789*#")
Language = Literal["zh-CN", "zh-HK", "en"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Few = Annotated[int, msgspec.Meta(ge=1, le=9)]
WaitMs = Annotated[int, msgspec.Meta(ge=500, le=30_000)]


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something read out that is no prompt.

    Attributes:
        kind: ``text`` needs a rendered recording of each language's words; the queue's figures
            take the queue's name as value.
        value: Literal, or values of the visit in braces; money is in hundredths, a date
            ``2026-10-01``, a time ``09:30``, a duration in seconds.
        currency: Of money.
        text: Words by language.
    """

    kind: Literal[
        "number",
        "digits",
        "money",
        "date",
        "time",
        "duration",
        "queue_place",
        "queue_waiting",
        "queue_wait",
        "text",
    ]
    value: str = ""
    currency: str = "CNY"
    text: dict[Language, str] = {}


Part = str | Said
Speech = tuple[Part, ...]


class _Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    EXITS: ClassVar[tuple[str, ...]] = ()
    TABLE: ClassVar[str] = ""  # a field of further exits, by name


class Play(_Node, frozen=True, kw_only=True, tag_field="kind", tag="play"):
    """Say something, then go on. A key cuts it short and counts in the next menu."""

    EXITS: ClassVar = ("next",)
    say: Speech
    next: str
    uninterrupted: bool = False


class Menu(_Node, frozen=True, kw_only=True, tag_field="kind", tag="menu"):
    """Ask for one key.

    Attributes:
        say: What is offered. A key is taken while it still plays.
        choices: Key to node.
        direct: The ``ask_extension`` node that takes an extension dialled here; empty for none.
        wait_ms: How long a key is waited for after the prompts.
        wrong: Said after a key that is no choice; the prompts follow again.
        silent: Said when no key came and the question is asked again.
        tries: How many wrong keys end the menu.
        silences: How many waits without a key end it.
        no_input: Where silence leads in the end.
        failed: Where wrong keys lead in the end.
    """

    EXITS: ClassVar = ("no_input", "failed", "direct")
    TABLE: ClassVar = "choices"
    say: Speech
    choices: dict[str, str]
    direct: str = ""
    wait_ms: WaitMs = 5_000
    wrong: Speech = ("wrong-choice",)
    silent: Speech = ("no-input",)
    tries: Few = 3
    silences: Few = 2
    no_input: str
    failed: str


class Collect(_Node, frozen=True, kw_only=True, tag_field="kind", tag="collect"):
    """Ask for several keys.

    Attributes:
        store: The value's name in the visit.
        shortest: Fewer keys are too few.
        longest: The last of these ends the entry without a terminator.
        terminator: ``#`` or ``*``; empty for none. ``*`` begins again unless it is the terminator
            or stands for X in an identity card's number.
        first_ms: How long the first key is waited for.
        between_ms: A pause of this length ends the entry.
        check: The rule the digits must satisfy (:mod:`ivr.entries`).
        least: Smallest number, with ``check`` ``number``.
        most: Largest number, with ``check`` ``number``.
        table: Name of the office's table, with ``check`` ``table``.
        confirm: Read it back and ask.
        read_as: How it is read back.
        secret: Neither read back nor written anywhere: passwords, card numbers.
        tries: How many entries that do not fit end the node.
    """

    EXITS: ClassVar = ("next", "no_input", "failed")
    say: Speech
    store: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,29}$")]
    shortest: Annotated[int, msgspec.Meta(ge=1, le=40)] = 1
    longest: Annotated[int, msgspec.Meta(ge=1, le=40)] = 20
    terminator: Literal["#", "*", ""] = "#"
    first_ms: WaitMs = 8_000
    between_ms: WaitMs = 4_000
    check: Literal["", "luhn", "id_card", "date", "time", "mobile", "number", "table"] = ""
    least: int = 0
    most: int = 999_999_999
    table: str = ""
    confirm: bool = False
    read_as: Literal["digits", "number", "money", "date", "time"] = "digits"
    secret: bool = False
    tries: Few = 3
    next: str
    no_input: str
    failed: str


class AskExtension(_Node, frozen=True, kw_only=True, tag_field="kind", tag="ask_extension"):
    """Ask for an extension and send the caller there."""

    EXITS: ClassVar = ("no_answer", "busy", "failed")
    say: Speech = ("enter-extension",)
    connecting: Speech = ("connecting",)
    first_ms: WaitMs = 8_000
    between_ms: WaitMs = 3_000
    tries: Few = 3
    no_answer: str
    busy: str
    failed: str


class Dial(_Node, frozen=True, kw_only=True, tag_field="kind", tag="extension"):
    """Send the caller to an extension. The result leads on if nothing came of it."""

    EXITS: ClassVar = ("no_answer", "busy")
    number: str
    say: Speech = ("connecting",)
    no_answer: str
    busy: str


class Group(_Node, frozen=True, kw_only=True, tag_field="kind", tag="ring_group"):
    """Send the caller to a ring group: all its free telephones ring."""

    EXITS: ClassVar = ("no_answer", "busy")
    number: str
    say: Speech = ("connecting",)
    no_answer: str
    busy: str


class Queue(_Node, frozen=True, kw_only=True, tag_field="kind", tag="queue"):
    """Let the caller wait for the next free agent; ``group`` rings where there is no queue."""

    EXITS: ClassVar = ("no_answer", "busy")
    queue: str
    group: str = ""
    say: Speech = ("connecting-operator",)
    no_answer: str
    busy: str


class OutsideNumber(_Node, frozen=True, kw_only=True, tag_field="kind", tag="outside"):
    """Send the caller to a number outside, by the rules and at the cost of extension ``payer``."""

    EXITS: ClassVar = ("no_answer", "busy")
    number: str
    payer: str
    say: Speech = ("connecting",)
    no_answer: str
    busy: str


class Mailbox(_Node, frozen=True, kw_only=True, tag_field="kind", tag="voicemail"):
    """Let the caller leave a message for an extension; the visit to the mailbox ends the call."""

    number: str
    say: Speech = ()


class Record(_Node, frozen=True, kw_only=True, tag_field="kind", tag="record"):
    """Record what the caller says into an extension's mailbox, then go on."""

    EXITS: ClassVar = ("next", "failed")
    mailbox: str
    say: Speech = ("voicemail-leave",)
    longest_ms: Annotated[int, msgspec.Meta(ge=5_000, le=600_000)] = 120_000
    shortest_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1_500
    next: str
    failed: str


class Callback(_Node, frozen=True, kw_only=True, tag_field="kind", tag="callback"):
    """Promise to call back, at the caller's own number or another one; ``due_min`` is when."""

    EXITS: ClassVar = ("next", "failed")
    due_min: Annotated[int, msgspec.Meta(ge=1, le=14_400)] = 240
    next: str
    failed: str


class Notice(_Node, frozen=True, kw_only=True, tag_field="kind", tag="notice"):
    """Say something that must have been heard, such as that calls are recorded, and keep proof.

    With ``ask`` the caller agrees by 1 or refuses by 2; saying nothing counts as refusal.
    """

    EXITS: ClassVar = ("agreed", "refused")
    say: Speech = ("recorded-notice",)
    ask: bool = False
    question: Speech = ("recorded-consent",)
    wait_ms: WaitMs = 5_000
    tries: Few = 2
    agreed: str
    refused: str


class Forget(_Node, frozen=True, kw_only=True, tag_field="kind", tag="forget"):
    """Offer to remove the recordings of the caller's earlier calls; by 1 they are, with proof.

    They are found by the number he calls from; ``failed`` when it is not known.
    """

    EXITS: ClassVar = ("next", "failed")
    question: Speech = ("recordings-forget",)
    wait_ms: WaitMs = 5_000
    tries: Few = 2
    next: str
    failed: str


class Survey(_Node, frozen=True, kw_only=True, tag_field="kind", tag="survey"):
    """Ask for an opinion by one key of ``scale``; no answer is kept as such."""

    EXITS: ClassVar = ("next",)
    name: str
    scale: Literal[2, 3, 5] = 2
    say: Speech = ()  # empty: the question that ships for the scale
    thanks: Speech = ("survey-thanks",)
    wait_ms: WaitMs = 6_000
    tries: Few = 2
    next: str


class Sms(_Node, frozen=True, kw_only=True, tag_field="kind", tag="sms"):
    """Have a text sent to the caller's mobile; ``failed`` when there is no number to send to."""

    EXITS: ClassVar = ("next", "failed")
    template: str
    number: str = "{caller}"
    next: str
    failed: str


class Opening(_Node, frozen=True, kw_only=True, tag_field="kind", tag="opening"):
    """Where to go by the office's hours and holidays; lunch and holidays may be left empty."""

    EXITS: ClassVar = ("day", "lunch", "night", "holiday")
    day: str
    night: str
    lunch: str = ""  # as by day
    holiday: str = ""  # as at night


class Span(_Node, frozen=True, kw_only=True):
    """A stretch of the calendar: all that is named must fit.

    ``days`` empty is every day; ``time`` is ``09:00-12:00``; ``since`` and ``until`` are dates,
    both days belonging to the span.
    """

    days: tuple[Weekday, ...] = ()
    time: str = ""
    since: str = ""
    until: str = ""


class Times(_Node, frozen=True, kw_only=True, tag_field="kind", tag="times"):
    """Where to go by hours of this flow's own: ``match`` when any span fits."""

    EXITS: ClassVar = ("match", "other")
    spans: tuple[Span, ...]
    match: str
    other: str


class Grade(_Node, frozen=True, kw_only=True, tag_field="kind", tag="grade"):
    """Where to go by the caller's grade in the customer file."""

    EXITS: ClassVar = ("other",)
    TABLE: ClassVar = "grades"
    grades: dict[str, str]
    other: str


class LookUp(_Node, frozen=True, kw_only=True, tag_field="kind", tag="look_up"):
    """Look something up and keep what is found as values of the visit.

    Attributes:
        source: ``table`` of the office's own, the file of ``customers``, the log of ``calls``, or
            an address of the settings' by ``http``.
        name: Of the table or the address.
        key: What is looked for.
        store: Field of the answer to the value's name.
        waiting: Said, again and again, while the answer is waited for.
        sorry: Said when no answer came.
    """

    EXITS: ClassVar = ("found", "not_found", "failed")
    source: Literal["table", "customers", "calls", "http"]
    name: str = ""
    key: str = "{caller}"
    store: dict[str, str] = {}
    waiting: Speech = ("lookup-wait",)
    sorry: Speech = ("lookup-failed",)
    limit_ms: Annotated[int, msgspec.Meta(ge=500, le=10_000)] = 5_000
    found: str
    not_found: str
    failed: str


class SetLanguage(_Node, frozen=True, kw_only=True, tag_field="kind", tag="language"):
    """From here on the caller is spoken to in this language; empty is the office's."""

    EXITS: ClassVar = ("next",)
    language: Language | Literal["", "{other_language}"]
    next: str


class Tag(_Node, frozen=True, kw_only=True, tag_field="kind", tag="tag"):
    """Mark the call, for whoever answers and for reports."""

    EXITS: ClassVar = ("next",)
    tag: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    next: str


class Priority(_Node, frozen=True, kw_only=True, tag_field="kind", tag="priority"):
    """From here on the caller waits with this priority; 1 is served first."""

    EXITS: ClassVar = ("next",)
    priority: Few
    next: str


class Condition(_Node, frozen=True, kw_only=True, tag_field="kind", tag="condition"):
    """Where to go by a value of the visit. Numbers compare as numbers, anything else as text."""

    EXITS: ClassVar = ("yes", "no")
    value: str
    test: Literal["is", "is_not", "less", "more", "begins", "given"]
    with_: str = msgspec.field(name="with", default="")
    yes: str
    no: str


class Counter(_Node, frozen=True, kw_only=True, tag_field="kind", tag="counter"):
    """Count how often the caller comes by; after ``most`` times he goes ``over``."""

    EXITS: ClassVar = ("next", "over")
    name: str
    most: Few
    next: str
    over: str


class Split(_Node, frozen=True, kw_only=True, tag_field="kind", tag="split"):
    """Let chance choose, to compare: shares by way, drawn anew for every call and recorded."""

    TABLE: ClassVar = "ways"
    ways: dict[str, str]
    shares: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1_000)]] = {}  # equal where not given


class SubFlow(_Node, frozen=True, kw_only=True, tag_field="kind", tag="sub_flow"):
    """Go through another flow; its ``return`` nodes lead on here."""

    EXITS: ClassVar = ("next",)
    flow: str
    next: str


class Return(_Node, frozen=True, kw_only=True, tag_field="kind", tag="return"):
    """Back to the flow that this one was entered from; goodbye where there is none."""


class HangUp(_Node, frozen=True, kw_only=True, tag_field="kind", tag="hang_up"):
    """Say goodbye and clear."""

    say: Speech = ("goodbye",)


Destined = Dial | Group | Queue | OutsideNumber | AskExtension
"""Kinds that send the caller on and have him back when nothing came of it."""

Node = (
    Play
    | Menu
    | Collect
    | AskExtension
    | Dial
    | Group
    | Queue
    | OutsideNumber
    | Mailbox
    | Record
    | Callback
    | Notice
    | Forget
    | Survey
    | Sms
    | Opening
    | Times
    | Grade
    | LookUp
    | SetLanguage
    | Tag
    | Priority
    | Condition
    | Counter
    | Split
    | SubFlow
    | Return
    | HangUp
)

_MAY_BE_EMPTY = frozenset({"lunch", "holiday", "direct"})


def exits(node: Node) -> Iterator[tuple[str, str]]:
    """Every way out of a node: (exit, node id). Exits that may be left empty and are, are not."""
    for name in node.EXITS:
        to: str = getattr(node, name)
        if to or name not in _MAY_BE_EMPTY:
            yield name, to
    if node.TABLE:
        yield from getattr(node, node.TABLE).items()


def exit_path(node: Node, name: str) -> str:
    """Where in the node an exit is written, for whoever corrects it."""
    return name if name in node.EXITS else f"{node.TABLE}.{name}"


def spoken_parts(node: Node) -> Iterator[tuple[str, Speech]]:
    """Everything the node may say: (field, parts)."""
    fields = ("say", "wrong", "silent", "connecting", "question", "thanks", "waiting", "sorry")
    for name in fields:
        parts: Speech = getattr(node, name, ())
        if parts:
            yield name, parts
