"""Who was erased is owed nothing any more, and no later commit writes his number again."""

from __future__ import annotations

from firmware.control.floor_messages import AskTasks, MoreTime, PromiseCall, SignInAgent
from firmware.control.office_messages import ErasedAnswer, ErasePerson
from tests.unit.daemons.test_floor_desk import NUMBER, WHO
from tests.unit.daemons.test_satisfaction import office


def test_queues_write_an_erased_number_no_more(tmp_path):
    floor = office(tmp_path, 24)
    floor.talk()
    floor.hang_up()
    floor.done(PromiseCall(agent="1001", number=NUMBER, hours=2, **WHO))
    assert NUMBER in floor.calld._records.document("queues")
    answer = floor.ask(ErasePerson(number=NUMBER, who="anna"))
    assert isinstance(answer, ErasedAnswer), answer
    assert not [t for t in floor.ask(AskTasks(**WHO)).tasks if NUMBER in t.number]
    floor.done(MoreTime(agent="1001", seconds=60, **WHO))  # whatever is written next
    floor.done(SignInAgent(agent="1002", extension="202", **WHO))
    floor.pass_ms(3_000)
    assert NUMBER not in floor.calld._records.document("queues")
    floor.calld.abandon()
