"""Tickets: their life, their reminders, their number, and what opens one."""

from __future__ import annotations

import msgspec
import pytest

from firmware.core.acd_entries import TaskKind, TaskOpened, WrapUpBy, WrapUpEnded
from firmware.core.case_settings import CaseSettings, TicketKind
from firmware.core.fsm import IllegalCommand
from firmware.core.menu_entries import CallbackWanted
from firmware.tickets.escalation import due, next_ms
from firmware.tickets.following import after_menu, after_task, after_wrap_up
from firmware.tickets.reference import check_digit, is_reference, reference_of
from firmware.tickets.states import (
    TABLE,
    CloseTicket,
    ReopenTicket,
    SolveTicket,
    TakeTicket,
    WaitForOthers,
    carried_out,
)
from firmware.tickets.ticket import HOUR_MS, Ticket, opened

KIND = TicketKind(name="follow_up")
COMPLAINT = TicketKind(name="complaint", complaint=True, verify=True)
NEW = opened(KIND, 0)


def test_the_check_digit_is_damms() -> None:
    # The worked example of Damm's thesis: 572 gets 4.
    assert check_digit("572") == "4"
    assert is_reference("5724")
    assert not is_reference("5274")  # neighbours swapped
    assert not is_reference("572")
    assert not is_reference("57x4")


def test_references_have_four_to_six_digits_and_a_misheard_digit_is_no_other_ticket() -> None:
    for ticket in (1, 900, 901, 99_900):
        reference = reference_of(ticket)
        assert 4 <= len(reference) <= 6
        for at, digit in enumerate(reference):
            for other in set("0123456789") - {digit}:
                assert not is_reference(reference[:at] + other + reference[at + 1 :])
    assert len({reference_of(n) for n in range(1, 99_901)}) == 99_900


def test_from_open_to_closed_and_open_again() -> None:
    ticket, lacks = carried_out(NEW, TakeTicket(who="1001"), KIND, 1_000, has_note=False)
    assert (ticket.state, ticket.owner, ticket.answered_ms, lacks) == ("working", "1001", 1_000, [])
    ticket, _ = carried_out(ticket, WaitForOthers(who="1001"), KIND, 2_000, has_note=False)
    done = SolveTicket(who="1001", note="refunded")
    ticket, _ = carried_out(ticket, done, KIND, 3_000, has_note=False)
    assert (ticket.state, ticket.solved_ms, ticket.solution) == ("solved", 3_000, "refunded")
    ticket, _ = carried_out(ticket, CloseTicket(who="ann"), KIND, 4_000, has_note=False)
    assert (ticket.state, ticket.closed_ms) == ("closed", 4_000)
    with pytest.raises(IllegalCommand):
        carried_out(ticket, TakeTicket(who="ann"), KIND, 5_000, has_note=False)
    ticket, _ = carried_out(ticket, ReopenTicket(who="ann"), KIND, 5_000, has_note=False)
    assert (ticket.state, ticket.solution, ticket.due_ms) == ("open", "", 24 * HOUR_MS)


def test_a_ticket_reopened_after_its_deadline_has_its_whole_time_again() -> None:
    late = msgspec.structs.replace(NEW, state="closed", step=3)
    again, _ = carried_out(late, ReopenTicket(who="ann"), KIND, 30 * HOUR_MS, has_note=False)
    assert (again.due_ms, again.step) == (54 * HOUR_MS, 0)


def test_a_complaint_is_solved_only_with_solution_note_and_a_caller_who_is_known() -> None:
    ticket = opened(COMPLAINT, 0)
    nothing = SolveTicket(who="ann", note=" ")
    same, lacks = carried_out(ticket, nothing, COMPLAINT, 1, has_note=False)
    assert same == ticket
    assert lacks == ["ticket-solution", "ticket-verify", "ticket-note"]
    known = msgspec.structs.replace(ticket, verified=True)
    done, lacks = carried_out(
        known, SolveTicket(who="ann", note="apology"), COMPLAINT, 1, has_note=True
    )
    assert (done.state, lacks) == ("solved", [])


def test_every_state_can_be_reached_and_left() -> None:
    assert list(TABLE.states) == ["open", "working", "waiting", "solved", "closed"]


# --- reminders ------------------------------------------------------------------------------------


def test_reminders_come_at_half_at_four_fifths_and_at_the_deadline() -> None:
    ticket = msgspec.structs.replace(NEW, ticket=7)  # 24 h from 0
    assert next_ms(ticket) == 12 * HOUR_MS
    assert due([ticket], 12 * HOUR_MS - 1) == []
    (half,) = due([ticket], 12 * HOUR_MS)
    assert (half.step, half.percent, half.to) == (1, 50, "owner")
    ticket = msgspec.structs.replace(ticket, step=1)
    assert next_ms(ticket) == 69_120_000  # 19 h 12 min
    ticket = msgspec.structs.replace(ticket, step=2)
    (last,) = due([ticket], 24 * HOUR_MS)
    assert (last.percent, last.to) == (100, "supervisor")
    assert next_ms(msgspec.structs.replace(ticket, step=3)) is None


def test_after_a_night_without_power_the_newest_reminder_is_given_and_only_that() -> None:
    (only,) = due([msgspec.structs.replace(NEW, ticket=7)], 100 * HOUR_MS)
    assert only.step == 3


@pytest.mark.parametrize("state", ["solved", "closed"])
def test_nobody_is_reminded_of_what_is_done(state: str) -> None:
    ticket = msgspec.structs.replace(NEW, state=state)
    assert due([ticket], 100 * HOUR_MS) == []
    assert next_ms(ticket) is None


# --- what opens one -------------------------------------------------------------------------------


def wrapped(result: str, topic: str = "") -> Ticket | None:
    entry = WrapUpEnded(
        call="c",
        at_ms=0,
        queue="300",
        visit=1,
        agent="1001",
        by=WrapUpBy.RESULT,
        result=result,
        topic=topic,
    )
    return after_wrap_up(entry, CaseSettings(), 1_000)


@pytest.mark.parametrize(
    ("result", "topic", "kind"),
    [
        ("solved", "", None),
        ("not_solved", "", "follow_up"),
        ("follow_up", "23", "follow_up"),
        ("wrong_number", "23", None),
        ("not_business", "", None),
        ("solved", "90", "complaint"),  # logged although it is solved
        ("", "", None),  # the time ran out and nothing was keyed
    ],
)
def test_a_keyed_result_opens_a_ticket(result: str, topic: str, kind: str | None) -> None:
    ticket = wrapped(result, topic)
    assert (ticket.kind if ticket else None) == kind
    if ticket:
        assert (ticket.owner, ticket.due_ms) == ("1001", 1_000 + 24 * HOUR_MS)


def test_a_promise_is_due_when_it_was_promised() -> None:
    entry = TaskOpened(
        call="c", at_ms=0, task="t1", kind=TaskKind.PROMISE, number="13800138000", agent="1001"
    )
    ticket = after_task(entry, CaseSettings(), 1_000, 4 * HOUR_MS)
    assert (ticket.kind, ticket.due_ms, ticket.task) == ("promise", 4 * HOUR_MS, "t1")
    soon = after_task(entry, CaseSettings(), 1_000, None)
    assert soon.due_ms == 1_000 + 24 * HOUR_MS


@pytest.mark.parametrize(
    ("due_min", "due_ms"), [(240, 1_000 + 4 * HOUR_MS), (0, 1_000 + 24 * HOUR_MS)]
)
def test_a_callback_of_a_menu_is_due_when_the_menu_said(due_min: int, due_ms: int) -> None:
    entry = CallbackWanted(call="c", at_ms=0, number="13800138000", due_min=due_min)
    ticket = after_menu(entry, CaseSettings(), 1_000)
    assert (ticket.kind, ticket.origin, ticket.due_ms) == ("callback", "flow", due_ms)
