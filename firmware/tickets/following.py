"""Which tickets follow from what happened in a call."""

from __future__ import annotations

import msgspec

from firmware.core.acd_entries import TaskKind, TaskOpened, WrapUpEnded
from firmware.core.case_settings import CaseSettings, TicketKind
from firmware.core.menu_entries import CallbackWanted
from firmware.tickets.ticket import Ticket, opened

MINUTE_MS = 60_000

OWED = frozenset({"not_solved", "follow_up"})
"""Results of a wrap-up after which something is owed: the case is not solved, or goes on."""

ASKED = frozenset({TaskKind.CALLBACK, TaskKind.PROMISE})


def kind_of_topic(settings: CaseSettings, topic: str) -> TicketKind | None:
    """The kind whose topics hold this one; None when none asks for it."""
    if not topic:
        return None
    return next((kind for kind in settings.kinds if topic in kind.topics), None)


def after_wrap_up(entry: WrapUpEnded, settings: CaseSettings, now_ms: int) -> Ticket | None:
    """The ticket that a keyed result opens; None for none.

    A topic of a kind (a complaint) opens one whatever the result: a complaint that was solved at
    once is still logged. Any other topic opens one only when something is owed. It goes to whom its
    kind names, else to who keyed it.

    Args:
        entry: What the agent keyed.
        settings: Kinds with their topics; the first kind is that of what has no other.
        now_ms: Wall clock, UTC, since 1970.
    """
    kind = kind_of_topic(settings, entry.topic)
    if kind is None and entry.result in OWED:
        kind = settings.kinds[0]
    if kind is None:
        return None
    return opened(kind, now_ms, owner=kind.owner or entry.agent, origin="handset")


def after_task(
    entry: TaskOpened, settings: CaseSettings, now_ms: int, due_ms: int | None
) -> Ticket:
    """The ticket of a callback or a promise; its deadline is the task's where it has one."""
    promise = entry.kind is TaskKind.PROMISE
    name = "promise" if promise else "callback"
    kind = next((k for k in settings.kinds if k.name == name), settings.kinds[0])
    ticket = opened(
        kind,
        now_ms,
        owner=entry.agent,
        group=entry.queue or kind.group,
        number=entry.number,
        task=entry.task,
        origin="handset" if promise else "flow",
    )
    if due_ms is None or due_ms <= now_ms:
        return ticket
    return msgspec.structs.replace(ticket, due_ms=due_ms)


def after_menu(entry: CallbackWanted, settings: CaseSettings, now_ms: int) -> Ticket:
    """The ticket of a callback that a menu promised; due when the menu said.

    Args:
        entry: What the caller asked for.
        settings: Kinds; that of callbacks, or the first.
        now_ms: Wall clock, UTC, since 1970.
    """
    kind = next((k for k in settings.kinds if k.name == "callback"), settings.kinds[0])
    ticket = opened(kind, now_ms, number=entry.number, origin="flow")
    if entry.due_min <= 0:
        return ticket
    return msgspec.structs.replace(ticket, due_ms=now_ms + entry.due_min * MINUTE_MS)
