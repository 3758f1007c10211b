"""Who has to know that a ticket's time goes hears it by telephone: owner, group, supervisor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from firmware.acd.effects import Alarm
from firmware.call.hours import zone_of
from firmware.reports.moments import EPOCH, MS
from firmware.tickets.escalation import Reminder
from firmware.tickets.ticket import Ticket
from ivr.speech import say_date, say_digits, say_time

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

LATE: Final = "task_late"
"""Of the alarms of supervisors: what was promised is overdue."""


def remind(
    desk: QueueDesk,
    reminders: Iterable[tuple[Reminder, Ticket]],
    wall: datetime,
    now_ms: int,
    out: list[Any],
) -> None:
    """Let the telephones ring that are to ring; who had it before is told too.

    Args:
        desk: Queues and agents.
        reminders: Steps that were just taken, with their tickets.
        wall: Now.
        now_ms: Monotonic time now.
        out: Grows by what is to be done.
    """
    for reminder, ticket in reminders:
        who = [ticket.owner]
        if reminder.to != "owner" or not ticket.owner:
            who += members(desk, ticket.group)
        for port in dict.fromkeys(filter(None, (port_of(desk, number) for number in who))):
            desk.notices.tell(port, spoken(desk, port, ticket, wall), now_ms)
        if reminder.to == "supervisor":
            alarm = Alarm(what=LATE, about=f"ticket {ticket.reference}", value=reminder.percent)
            desk.alarms.note(alarm, now_ms, out)


def port_of(desk: QueueDesk, number: str) -> str:
    """The telephone of an agent who is logged in, or of an extension; empty for none."""
    if number in desk.acd.hall.agents:
        return desk.port_of(number)
    extensions = {extension.number: extension.port for extension in desk.settings.extensions}
    return extensions.get(number, "")


def members(desk: QueueDesk, group: str) -> list[str]:
    """Agents of a queue, or extensions of a ring group."""
    settings = desk.settings
    found = [
        agent.number
        for agent in settings.acd.agents
        if any(membership.queue == group for membership in agent.queues)
    ]
    for ring_group in settings.ring_groups:
        if ring_group.number == group:
            found += ring_group.members
    return found


def spoken(desk: QueueDesk, port: str, ticket: Ticket, wall: datetime) -> tuple[str, ...]:
    """Which ticket, and until when; keys of prompts in the telephone's language."""
    language = desk.supervisors.language(port)
    number = ("ticket-created-before", *say_digits(ticket.reference, language))
    due = (EPOCH + MS * ticket.due_ms).astimezone(zone_of(desk.settings))
    if due <= wall:
        return (*number, "ticket-overdue")
    day = () if due.date() == wall.astimezone(due.tzinfo).date() else say_date(due.date(), language)
    return (*number, "ticket-due-before", *day, *say_time(due.time(), language))
