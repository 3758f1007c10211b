"""People at a desk or a board: the floor as they see it, and what they do, on a whole calld."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.line import LoopClosed, LoopOpened
from firmware.control.case_messages import SaveCustomer
from firmware.control.floor_messages import (
    AskCaller,
    AskTasks,
    CallerAnswer,
    EndTask,
    EndWrapUp,
    FloorDone,
    MoreTime,
    MoveAgent,
    NoteCall,
    PauseAgentNow,
    PromiseCall,
    ReadyAgentNow,
    SignInAgent,
    SignOutAgent,
    TasksAnswer,
)
from firmware.control.messages import AskSettings, AskStatus, Refused, SaveSettings, SettingsAnswer
from firmware.core.acd_entries import WrapUpEnded
from firmware.core.desk_entries import Audited, CallNoted
from firmware.customers.customer import Customer
from firmware.storage.record_reader import ReadRecords
from tests.unit.daemons.test_calld import Desk
from web.desk.present import RESULTS as PAGE_RESULTS

NUMBER = "13800138000"
WHO = {"who": "anna", "origin": "page", "language": "en"}


class Floor(Desk):
    """An office with one queue and two agents, whose callers are rung by hand."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        now = self.ask(AskSettings())
        queue = {"number": "601", "name": "sales", "join_empty": True, "whisper": False}
        queue |= {"announce_agent": False, "recall_s": 0}
        agents = [
            {"number": "1001", "name": "Anna", "queues": [{"queue": "601"}]},
            {"number": "1002", "name": "Bo", "queues": []},
        ]
        document = dict(now.settings, inbound="601", acd={"queues": [queue], "agents": agents})
        saved = self.ask(SaveSettings(base=now.version, who="o", why="t", settings=document))
        assert isinstance(saved, SettingsAnswer), saved
        self.connect()

    def floor(self):
        return self.ask(AskStatus()).floor

    def agent(self, number="1001"):
        return next(a for a in self.floor().agents if a.agent == number)

    def done(self, request):
        answer = self.ask(request)
        assert isinstance(answer, FloorDone), answer

    def refused(self, request):
        answer = self.ask(request)
        assert isinstance(answer, Refused), answer
        return answer

    def entries(self, kind):
        with ReadRecords.open(self.folder / "records.sqlite") as records:
            return [e.entry for e in records.all_events() if isinstance(e.entry, kind)]

    def caller(self):
        """A caller rings, and stands in the queue; his call."""
        self.ring_line()
        self.pass_ms(3_000)
        return self.agent().call

    def talk(self):
        call = self.caller()
        self.tell(LoopClosed(port="fxs/1", at_ms=self.now_ms, ring_trip=True))
        self.pass_ms(2_000)
        assert self.agent().state == "talking"
        return call

    def hang_up(self):
        self.tell(LoopOpened(port="fxs/1", at_ms=self.now_ms))
        self.pass_ms(2_000)


@pytest.fixture
def floor(tmp_path):
    made = Floor(tmp_path)
    yield made
    made.calld.abandon()


def sign_in(floor, agent="1001", extension="201"):
    floor.done(SignInAgent(agent=agent, extension=extension, **WHO))


def test_an_office_without_queues_has_no_floor(tmp_path):
    desk = Desk(tmp_path)
    assert desk.ask(AskStatus()).floor is None
    desk.calld.abandon()


def test_signing_in_pausing_and_being_ready_are_seen_at_once(floor):
    assert floor.agent().state == "logged_out"
    sign_in(floor)
    now = floor.agent()
    assert (now.state, now.extension, now.queues) == ("ready", "201", {"601": 5})
    assert floor.floor().queues[0].logged_in == 1
    floor.done(PauseAgentNow(agent="1001", reason="lunch", **WHO))
    assert (floor.agent().state, floor.agent().pause) == ("paused", "lunch")
    floor.pass_ms(40_000)
    assert floor.agent().pauses_ms == {"lunch": 40_000}
    floor.done(ReadyAgentNow(agent="1001", **WHO))
    assert floor.agent().state == "ready"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (SignInAgent(agent="9", extension="201", **WHO), "There is no agent 9."),
        (SignInAgent(agent="1001", extension="999", **WHO), "There is no extension 999"),
        (PauseAgentNow(agent="1001", reason="lunch", **WHO), "Agent 1001 is not signed in."),
        (EndWrapUp(agent="1001", **WHO), "The work after the call is over already."),
        (MoreTime(agent="1001", **WHO), "The work after the call is over already."),
        (NoteCall(agent="1001", call="1", text=" ", **WHO), "Say what is to be written."),
        (MoveAgent(agent="1001", queue="7", **WHO), "There is no queue 7; there are 601."),
        (PromiseCall(agent="1001", number="1", hours=2, **WHO), "Number 1 cannot be dialled."),
        (
            PromiseCall(agent="1001", number=NUMBER, hours=0, **WHO),
            "0 hours: 1 to 168 are possible.",
        ),
        (EndTask(task="t9", how="done", **WHO), "There is no task t9, or it is over."),
        (EndTask(task="t9", how="lost", **WHO), "A task cannot end as lost"),
    ],
)
def test_what_cannot_be_is_said_in_the_asker_s_language(floor, request_, sentence):
    refused = floor.refused(request_)
    assert sentence in refused.message
    chinese = floor.refused(type(request_)(**{**_fields(request_), "language": "zh-CN"}))
    assert chinese.message != refused.message


def _fields(request_):
    return {name: getattr(request_, name) for name in request_.__struct_fields__}


def test_the_last_agent_stays_unless_a_supervisor_says_so(floor):
    sign_in(floor)
    refused = floor.refused(SignOutAgent(agent="1001", **WHO))
    assert "You are the last agent of queue 601" in refused.message
    floor.done(SignOutAgent(agent="1001", by="boss", **WHO))
    assert floor.agent().state == "logged_out"
    (audited,) = [e for e in floor.entries(Audited) if e.action == "agent_decided"]
    assert (audited.who, audited.what) == ("anna", "agent/1001")


def test_a_caller_is_known_at_the_first_ring(floor):
    saved = floor.ask(SaveCustomer(card=Customer(name="Li", grade="vip", numbers=(NUMBER,)), **WHO))
    assert saved.customers[0].customer == 1
    sign_in(floor)
    call = floor.caller()
    assert floor.agent().state == "offered"
    (waiter,) = floor.floor().waiters
    assert (waiter.call, waiter.state, waiter.queue) == (call, "offered", "601")
    answer = floor.ask(AskCaller(call=call, **WHO))
    assert isinstance(answer, CallerAnswer)
    assert (answer.call, answer.queue) == (call, "601")
    with ReadRecords.open(floor.folder / "records.sqlite") as records:
        assert records.events(call), "what he did on his way is kept before the answer"


def test_the_work_after_a_call_ends_with_note_result_and_what_is_owed(floor):
    sign_in(floor)
    call = floor.talk()
    assert floor.agent().call == call
    early = floor.refused(EndWrapUp(agent="1001", result="solved", **WHO))
    assert early.id == "floor-no_wrap_up"
    floor.done(NoteCall(agent="1001", call=call, text="asks for a bill", **WHO))
    floor.hang_up()
    assert (floor.agent().state, floor.agent().call) == ("wrap_up", call)
    until = floor.agent().wrap_up_until_ms
    floor.done(MoreTime(agent="1001", **WHO))
    assert floor.agent().wrap_up_until_ms == until + 180_000
    wrong = floor.refused(EndWrapUp(agent="1001", result="glad", **WHO))
    assert wrong.fields["result"].startswith("There is no result glad")
    assert floor.agent().state == "wrap_up", "a mistake ends nothing"
    floor.done(EndWrapUp(agent="1001", result="solved", topic="11", note="sent", **WHO))
    assert floor.agent().state == "ready"
    assert [e.text for e in floor.entries(CallNoted)] == ["asks for a bill", "sent"]
    (ended,) = floor.entries(WrapUpEnded)
    assert (ended.call, ended.result, ended.topic) == (call, "solved", "11")
    with ReadRecords.open(floor.folder / "records.sqlite") as records:
        texts = [e.entry.text for e in records.events(call) if isinstance(e.entry, CallNoted)]
    assert texts == ["asks for a bill", "sent"], "notes belong to the call's own story"


def test_promises_are_owed_until_somebody_ends_them(floor):
    sign_in(floor)
    floor.done(PromiseCall(agent="1001", number=NUMBER, hours=2, note="price", **WHO))
    (task,) = floor.ask(AskTasks(**WHO)).tasks
    assert (task.kind, task.number, task.owner, task.state) == ("promise", NUMBER, "1001", "open")
    assert task.due_ms - task.opened_ms == 2 * 3_600_000
    assert floor.floor().tasks == 1
    floor.done(EndTask(task=task.task, how="done", **WHO))
    answer = floor.ask(AskTasks(**WHO))
    assert isinstance(answer, TasksAnswer)
    assert [(t.state, t.result) for t in answer.tasks] == [("done", "done")]
    assert floor.refused(EndTask(task=task.task, how="done", **WHO)).id == "floor-no_task"


def test_a_supervisor_moves_an_agent_into_a_queue_and_out_again(floor):
    sign_in(floor, "1002", "202")
    floor.done(MoveAgent(agent="1002", queue="601", level=5, by="boss", **WHO))
    assert floor.agent("1002").queues == {"601": 5}
    assert floor.floor().queues[0].staffed == 1
    floor.done(MoveAgent(agent="1002", queue="601", by="boss", **WHO))
    assert floor.agent("1002").queues == {}


def test_the_page_offers_the_results_that_a_handset_has():
    from firmware.dialogs.after_call import RESULTS

    assert tuple(RESULTS.values()) == PAGE_RESULTS


def test_a_card_that_takes_nothing_is_told(floor):
    sign_in(floor)
    call = floor.talk()
    floor.records.full = True
    assert floor.refused(NoteCall(agent="1001", call=call, text="x", **WHO)).id == "not-kept"
    floor.records.full = False
