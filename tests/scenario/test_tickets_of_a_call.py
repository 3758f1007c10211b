"""From the handset to the ticket: calls are played, then calld is asked what is owed."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.control.case_messages import (
    CustomersAnswer,
    FindTickets,
    SaveCustomer,
    ShowTicket,
    TicketAnswer,
    TicketsAnswer,
)
from firmware.customers.customer import Customer
from firmware.tickets.ticket import HOUR_MS
from tests.bench.player import box_for
from tests.bench.scenario import load, play

FOLDER = Path(__file__).parent
WANG = Customer(name="王小明", numbers=("13800138001",), grade="vip")


@pytest.mark.slow
def test_a_complaint_keyed_after_the_call_is_a_ticket_of_the_customer() -> None:
    (scenario,) = load(FOLDER / "acd" / "ticket_by_code.yaml")
    with box_for(scenario) as box:
        saved = box.ask(SaveCustomer(card=WANG))
        assert isinstance(saved, CustomersAnswer)
        play(scenario, box, print)
        answer = box.ask(FindTickets())
        assert isinstance(answer, TicketsAnswer)
        (ticket,) = answer.tickets
        shown = box.ask(ShowTicket(ticket=ticket.reference))
    assert (ticket.kind, ticket.priority, ticket.owner) == ("complaint", "high", "1001")
    assert (ticket.number, ticket.customer) == ("+8613800138001", 1)
    assert ticket.due_ms - ticket.opened_ms == 24 * HOUR_MS
    assert isinstance(shown, TicketAnswer)
    assert len(shown.calls) == 1


@pytest.mark.slow
def test_a_callback_booked_in_a_menu_is_a_ticket() -> None:
    (scenario,) = load(FOLDER / "ivr" / "night_callback.yaml")
    with box_for(scenario) as box:
        play(scenario, box, print)
        answer = box.ask(FindTickets())
    assert isinstance(answer, TicketsAnswer)
    (ticket,) = answer.tickets
    assert (ticket.kind, ticket.origin, ticket.number) == ("callback", "flow", "+8613800138000")
