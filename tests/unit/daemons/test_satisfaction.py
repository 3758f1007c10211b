"""Cases that were solved are called back: by result, and by a ticket that a person closes."""

from __future__ import annotations

from firmware.control.case_messages import ChangeTicket, OpenTicket, TicketAnswer
from firmware.control.floor_messages import AskTasks, SignInAgent
from firmware.control.messages import AskSettings, SaveSettings, SettingsAnswer
from firmware.core.events import CallerIdHeard, IdentityKind
from tests.unit.daemons.test_floor_desk import NUMBER, WHO, Floor

HOUR_MS = 3_600_000


class Known(Floor):
    """Callers show their number between the first ring and the second."""

    def ring_line(self, bursts=2):
        super().ring_line(1)
        heard = CallerIdHeard(
            port="fxo/1", at_ms=self.now_ms, kind=IdentityKind.NUMBER, number=NUMBER, method="dtmf"
        )
        self.tell(heard)
        super().ring_line(bursts - 1)


def office(folder, hours):
    floor = Known(folder)
    now = floor.ask(AskSettings())
    (queue,) = now.settings["acd"]["queues"]
    acd = dict(now.settings["acd"], queues=[dict(queue, satisfaction_h=hours)])
    wanted = dict(now.settings, acd=acd)
    saved = floor.ask(SaveSettings(base=now.version, who="o", why="t", settings=wanted))
    assert isinstance(saved, SettingsAnswer), saved
    floor.done(SignInAgent(agent="1001", extension="201", **WHO))
    return floor


def solved_ticket(floor):
    call = floor.talk()
    floor.hang_up()
    opened = floor.ask(OpenTicket(kind="request", summary="a bent tap", calls=(call,), **WHO))
    assert isinstance(opened, TicketAnswer), opened
    name = opened.ticket.reference
    answer = floor.ask(ChangeTicket(ticket=name, act="solve", note="a new one was sent", **WHO))
    assert isinstance(answer, TicketAnswer), answer
    assert answer.ticket.state == "solved"
    return call


def test_a_solved_ticket_owes_its_caller_the_question(tmp_path):
    floor = office(tmp_path, 24)
    call = solved_ticket(floor)
    (owed,) = [t for t in floor.ask(AskTasks(**WHO)).tasks if t.note == "satisfaction"]
    assert (owed.kind, owed.number, owed.queue, owed.call) == ("follow_up", NUMBER, "601", call)
    assert owed.due_ms - owed.opened_ms == 24 * HOUR_MS
    floor.calld.abandon()


def test_a_queue_that_asks_nobody_owes_nothing(tmp_path):
    floor = office(tmp_path, 0)
    solved_ticket(floor)
    assert not floor.ask(AskTasks(**WHO)).tasks
    floor.calld.abandon()
