"""Updates at call control: an order waits for quiet, what came of it is told once."""

from datetime import datetime, timedelta

import msgspec
import pytest

from firmware.control.messages import Refused
from firmware.control.update_messages import AskUpdate, OrderUpdate, UpdateState
from firmware.core.settings import Settings
from firmware.daemons.desks.update_desk import UpdateDesk
from firmware.daemons.desks.update_words import WORDS, sentence

NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
NIGHT = datetime.fromisoformat("2026-11-23T02:10:00+08:00")
OFFICE_SAYS = (
    "Version 0.2.0 did not pass; the box went back to 0.1.0 by itself: The page did not answer."
)
OFFERED = UpdateState(step="offered", version="0.2.0", ran="0.1.0", at="1")


class Office:
    def __init__(self, state=OFFERED, language="en"):
        self.state = state
        self.language = language
        self.desk = UpdateDesk(lambda: self.state, lambda: Settings(language=language), "")

    def order(self, act, calls=0, wall=NOON, **more):
        request = OrderUpdate(act=act, who="ann", origin="page", language="en", **more)
        return self.desk.answer(request, calls, 0, wall)


def test_now_waits_until_no_call_is_up_and_says_so():
    office = Office()
    answer, noted = office.order("now", calls=2)
    assert office.desk.take_wishes() == []
    assert "2 calls are up" in answer.sentence
    assert [entry.action for entry in noted] == ["update_now"]
    office.desk.look(1, 5_000, NOON)
    assert office.desk.take_wishes() == []
    office.desk.look(0, 10_000, NOON)
    office.desk.look(0, 15_000, NOON)
    assert office.desk.take_wishes() == ["update-install"]


def test_tonight_waits_for_the_night_and_its_quiet():
    office = Office()
    answer, _ = office.order("tonight")
    assert "02:00" in answer.sentence
    office.desk.look(0, 5_000, NOON)
    office.desk.look(3, 10_000, NIGHT)
    assert office.desk.take_wishes() == []
    office.desk.look(0, 15_000, NIGHT + timedelta(minutes=1))
    assert office.desk.take_wishes() == ["update-install"]


def test_the_restart_waits_for_quiet_too():
    office = Office()
    office.order("now")
    assert office.desk.take_wishes() == ["update-install"]
    office.state = msgspec.structs.replace(OFFERED, step="installed", at="2")
    office.desk.look(1, 5_000, NOON)
    assert office.desk.take_wishes() == []
    office.desk.look(0, 10_000, NOON)
    assert office.desk.take_wishes() == ["restart"]


def test_an_order_outlives_a_restart_of_call_control():
    office = Office()
    office.order("tonight")
    again = UpdateDesk(lambda: office.state, Settings, office.desk.document())
    again.look(0, 0, NIGHT)
    assert again.take_wishes() == ["update-install"]


def test_a_version_that_came_back_is_an_alarm_and_one_entry_of_the_log():
    office = Office(
        UpdateState(step="returned", version="0.2.0", ran="0.1.0", problem="unwell-page", at="3")
    )
    first = office.desk.look(0, 0, NOON)
    assert [(e.action, e.what, e.who) for e in first] == [
        ("update_returned", "version/0.2.0", "tipring")
    ]
    assert office.desk.look(0, 5_000, NOON) == ()
    assert office.desk.alarms == (OFFICE_SAYS,)
    # After a restart it is still an alarm, and no second entry.
    again = UpdateDesk(lambda: office.state, Settings, office.desk.document())
    assert again.look(0, 0, NOON) == ()
    assert "0.2.0" in again.alarms[0]
    assert "网页" in again.alarms[0]


@pytest.mark.parametrize("act", ["now", "tonight"])
def test_without_a_checked_bundle_nothing_is_installed(act):
    answer, _ = Office(UpdateState()).order(act)
    assert isinstance(answer, Refused)
    assert answer.id == "not-offered"


def test_an_older_version_has_to_be_meant():
    office = Office(msgspec.structs.replace(OFFERED, version="0.0.9", older=True))
    answer, _ = office.order("now")
    assert answer.id == "sure-older"
    answer, _ = office.order("now", older=True)
    assert answer.wanted == "now"
    assert "older than what runs" in answer.sentence


def test_while_it_is_written_nothing_is_taken_away():
    office = Office(msgspec.structs.replace(OFFERED, step="installing", percent=40))
    assert office.order("drop")[0].id == "under-way"
    assert office.order("check")[0].id == "under-way"
    answer, _ = office.desk.answer(AskUpdate(), 0, 0, NOON)
    assert "40 %" in answer.sentence


def test_a_machine_without_slots_says_how_it_is_updated():
    desk = UpdateDesk(lambda: None, Settings, "")
    answer, _ = desk.answer(AskUpdate(language="en"), 0, 0, NOON)
    assert not answer.possible
    assert "make install" in answer.sentence
    assert desk.answer(OrderUpdate(act="now"), 0, 0, NOON)[0].id == "no-slots"


def test_every_problem_has_words_in_both_languages():
    problems = [key for key in WORDS if key.startswith(("update-", "unwell-"))]
    assert len(problems) > 10
    for problem in problems:
        state = UpdateState(step="returned", version="9", ran="8", problem=problem, detail="why")
        zh, en = sentence(state, "", 0, "zh-CN"), sentence(state, "", 0, "en")
        assert zh != en
        assert "{" not in zh + en
