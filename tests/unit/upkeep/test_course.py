"""The course of an update, decision by decision."""

import json

import pytest

from firmware.control.update_messages import UpdateState
from firmware.daemons.upkeep import course
from firmware.daemons.upkeep.shapes import Shapes, heard

PROGRAM = Shapes(11, 1)
AT = "2026-11-22T02:00:00+00:00"


def test_a_box_without_its_line_card_keeps_its_slot_but_an_update_is_not_believed() -> None:
    assert course.examined(UpdateState(), "A", "unwell-card", "spi", AT)[1] == "good"
    trying = UpdateState(step="trying", slot="B")
    state, action = course.examined(trying, "B", "unwell-card", "spi", AT)
    assert (state.problem, action) == ("unwell-card", "back")


def info(**changed):
    said = {"compatible": "tipring-pi", "version": "0.2.0", "build": "records-11 settings-1"}
    return json.dumps(said | changed)


def judged(said=None, problem="", data=PROGRAM):
    return course.looked_at(
        info() if said is None else said, problem, 9, ran="0.1.0", program=PROGRAM, data=data, at=AT
    )


def test_a_newer_version_is_offered():
    state = judged()
    assert (state.step, state.version, state.ran, state.older) == (
        "offered",
        "0.2.0",
        "0.1.0",
        False,
    )


@pytest.mark.parametrize(
    ("said", "older"),
    [
        ({"version": "0.1.0"}, False),  # the same again
        ({"version": "0.0.9"}, True),
        ({"version": "0.10.0"}, False),  # ten comes after two
        ({"version": "0.2.0", "build": "records-10 settings-1"}, True),
    ],
)
def test_an_older_one_is_told_to_be_older(said, older):
    # Data of an old shape: it could be read by all of them.
    state = judged(info(**said), data=Shapes(10, 1))
    assert (state.step, state.older) == ("offered", older)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"compatible": "tipring-other"}, "update-other"),
        ({"build": "records-10 settings-1"}, "update-newer-data"),  # the data has shape 11
        ({"build": ""}, "update-unknown"),
        ({"version": "tonight"}, "update-unknown"),
    ],
)
def test_what_cannot_run_here_is_refused(said, problem):
    state = judged(info(**said))
    assert (state.step, state.problem) == ("refused", problem)


@pytest.mark.parametrize(
    ("rauc", "problem"),
    [
        ("signature verification failed: Verify error: unable to get local issuer certificate",
         "update-signature"),
        ("Signature size (1234567890) exceeds bundle size", "update-signature"),
        ("Failed to check bundle payload size", "update-damaged"),
        ("No such file or directory", "update-unreadable"),
    ],
)  # fmt: skip
def test_what_rauc_refuses_is_refused_in_words(rauc, problem):
    state = judged("", rauc)
    assert (state.step, state.problem, state.detail) == ("refused", problem, rauc)


def test_the_good_course():
    state = course.begun(judged(), "B", AT)
    assert (state.step, state.slot) == ("installing", "B")
    state = course.written(state, "", AT)
    state = course.started(state, "B", AT)
    assert state.step == "trying"
    state, action = course.examined(state, "B", "", "", AT)
    assert (state.step, action) == ("done", "good")
    # From then on a start is a start.
    assert course.started(state, "B", AT) == state
    assert course.examined(state, "B", "", "", AT) == (state, "good")


def test_a_version_that_is_not_well_is_left_at_once_and_says_why():
    state = course.started(course.written(course.begun(judged(), "B", AT), "", AT), "B", AT)
    state, action = course.examined(state, "B", "unwell-loop", "fxo/1 gave back 0.00", AT)
    assert action == "back"
    state = course.started(state, "A", AT)
    assert (state.step, state.problem) == ("returned", "unwell-loop")
    assert course.examined(state, "A", "", "", AT) == (state, "good")


def test_a_version_that_never_came_up_is_told_to_have_failed_to_start():
    state = course.written(course.begun(judged(), "B", AT), "", AT)
    assert course.started(state, "A", AT).problem == "update-start"


def test_a_box_that_is_not_well_without_an_update_restarts_nothing():
    state, action = course.examined(UpdateState(), "A", "unwell-lines", "", AT)
    assert (state, action) == (UpdateState(), "")


def test_a_power_cut_while_writing_leaves_what_ran():
    state = course.started(course.begun(judged(), "B", AT), "A", AT)
    assert (state.step, state.problem) == ("failed", "update-cut")


def test_a_power_cut_after_the_last_block_leaves_a_version_on_trial():
    state = course.started(course.begun(judged(), "B", AT), "B", AT)
    assert state.step == "trying"
    assert course.examined(state, "B", "unwell-page", "", AT)[1] == "back"


def test_what_could_not_be_written_says_so():
    state = course.written(course.begun(judged(), "B", AT), "dm-verity: corrupted", AT)
    assert (state.step, state.problem) == ("failed", "update-not-written")


@pytest.mark.parametrize(
    "text", ["", "records-1", "records-a settings-1", "records-1 settings-1 x"]
)
def test_what_is_no_shape_is_none(text):
    assert heard(text) is None


def test_a_shape_is_said_as_it_is_heard():
    assert heard(PROGRAM.said()) == PROGRAM
    assert PROGRAM.reads(Shapes(0, 0))
    assert not PROGRAM.reads(Shapes(11, 2))
