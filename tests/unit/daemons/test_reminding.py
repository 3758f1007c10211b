"""A ticket's time goes: which telephones ring, in which order, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from firmware.control.office_messages import NotedAnswer
from firmware.core.settings import RingGroup, Settings
from firmware.daemons.desks.reminding import remind
from firmware.reports.moments import EPOCH, MS
from firmware.tickets.escalation import due
from firmware.tickets.ticket import HOUR_MS, Ticket
from tests.unit.desk import Desk

OPENED = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine o'clock in Shanghai
OPENED_MS = (OPENED - EPOCH) // MS
TICKET = Ticket(
    ticket=1,
    reference="1003",
    owner="201",
    group="200",
    opened_ms=OPENED_MS,
    due_ms=OPENED_MS + 10 * HOUR_MS,
)


def office(language: str = "en") -> Desk:
    acd = {"agents": [{"number": "1009", "supervisor": True, "pin_hash": "00:00"}]}
    settings = msgspec.convert(
        {"language": language, "acd": {**acd, "queues": [{"number": "300"}]}}, Settings
    )
    group = RingGroup(number="200", members=("202", "203"))
    return Desk.ready(msgspec.structs.replace(settings, ring_groups=(group,)))


def after(desk: Desk, ticket: Ticket, hours: float) -> None:
    """So many hours after it was opened."""
    wall = OPENED + timedelta(hours=hours)
    desk.office.tell_time(wall, desk.now_ms)
    reminders = [(found, ticket) for found in due([ticket], (wall - EPOCH) // MS)]

    def told(out: list[Any]) -> NotedAnswer:
        remind(desk.office.queues, reminders, wall, desk.now_ms, out)
        return NotedAnswer()

    desk._take(desk.office.asked(told, desk.now_ms)[1])


@pytest.mark.parametrize(
    ("hours", "ports"),
    [
        (4.9, set()),
        (5, {"fxs/1"}),
        (8, {"fxs/1", "fxs/2", "fxs/3"}),
        (10, {"fxs/1", "fxs/2", "fxs/3"}),
    ],
)
def test_who_is_told_when(hours: float, ports: set[str]) -> None:
    desk = office()
    after(desk, TICKET, hours)
    desk.wait(3_000)
    assert set(desk.ringing) == ports
    open_alarms = {about for _, about in desk.office.queues.alarms.open}
    assert open_alarms == ({"ticket 1003"} if hours == 10 else set())


def test_what_nobody_owns_is_told_to_its_group_at_once() -> None:
    desk = office()
    after(desk, msgspec.structs.replace(TICKET, owner=""), 5)
    desk.wait(3_000)
    assert set(desk.ringing) == {"fxs/2", "fxs/3"}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("hours", "said"), [(5, "ticket-due-before"), (10, "ticket-overdue")])
def test_the_telephone_says_which_ticket_and_until_when(
    language: str, hours: float, said: str
) -> None:
    desk = office(language)
    after(desk, TICKET, hours)
    desk.wait(3_000)
    desk.lift("fxs/1")
    prompts = desk.plays["fxs/1"].prompts
    assert prompts[0] == f"{language}/ticket-created-before"
    assert f"{language}/{said}" in prompts


def test_a_telephone_that_nobody_lifts_is_left_alone() -> None:
    desk = office()
    after(desk, TICKET, 5)
    desk.wait(60_000)
    assert not desk.ringing
