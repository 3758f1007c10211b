"""A change of lines that nobody confirms is taken back, and nothing else with it."""

import msgspec
import pytest

from firmware.control.messages import (
    AskHistory,
    AskSettings,
    AskStatus,
    EndTrial,
    SaveSettings,
    SettingsAnswer,
)
from firmware.core.settings import Line, Settings
from firmware.daemons.desks.change_trial import ChangeTrial
from tests.unit.daemons.test_calld import Desk

MINUTES_3 = 180_000
BEFORE = Settings()
LINES = (Line(port="fxo/1", name="pulse", dialling="pulse"), *BEFORE.lines[1:])
AFTER = msgspec.structs.replace(BEFORE, lines=LINES)


def on_trial(at_ms: int = 0) -> ChangeTrial:
    trial = ChangeTrial()
    assert trial.begin(BEFORE, AFTER, MINUTES_3, at_ms)
    return trial


def test_what_nobody_confirms_is_as_it_was_and_other_changes_stay() -> None:
    trial = on_trial(1_000)
    assert trial.deadlines == (181_000,)
    assert not trial.due(180_999)
    assert trial.due(181_000)
    later = msgspec.structs.replace(AFTER, record="all")
    undone = trial.undone(later)
    assert undone.lines == BEFORE.lines
    assert undone.record == "all"


def test_confirmed_it_stays() -> None:
    trial = on_trial()
    assert trial.end()
    assert trial.left_ms(0) == 0
    assert not trial.due(10**9)
    assert not trial.end(), "there is nothing to confirm twice"


@pytest.mark.parametrize("trial_ms", [0, -1])
def test_without_a_time_nothing_is_on_trial(trial_ms: int) -> None:
    assert not ChangeTrial().begin(BEFORE, AFTER, trial_ms, 0)


def test_what_is_no_line_is_never_on_trial() -> None:
    other = msgspec.structs.replace(BEFORE, record="all")
    assert not ChangeTrial().begin(BEFORE, other, MINUTES_3, 0)


def test_a_second_change_joins_and_the_first_state_comes_back() -> None:
    trial = on_trial()
    again = msgspec.structs.replace(AFTER, lines=AFTER.lines[:2])
    assert trial.begin(AFTER, again, MINUTES_3, 60_000)
    assert trial.left_ms(60_000) == MINUTES_3
    assert trial.undone(again).lines == BEFORE.lines


def test_setting_it_back_by_hand_ends_the_trial() -> None:
    trial = on_trial()
    assert not trial.begin(AFTER, BEFORE, MINUTES_3, 1_000)
    assert trial.deadlines == ()


def test_a_restart_gives_the_whole_time_anew() -> None:
    kept = on_trial().document()
    again = ChangeTrial()
    again.know(kept, 5_000)
    assert again.left_ms(5_000) == MINUTES_3
    assert again.undone(AFTER).lines == BEFORE.lines
    for nothing in ("", "null", "{broken"):
        empty = ChangeTrial()
        empty.know(nothing, 0)
        assert empty.deadlines == ()


def test_the_daemon_takes_an_unconfirmed_line_back_over_a_power_cut_too(tmp_path) -> None:
    desk = Desk(tmp_path).connect()
    wanted = msgspec.to_builtins(AFTER)
    save = SaveSettings(base=0, who="chen", why="", settings=wanted, trial_ms=MINUTES_3)
    assert isinstance(desk.ask(save), SettingsAnswer)
    assert desk.ask(AskStatus()).trial_left_ms == MINUTES_3
    desk.pass_ms(170_000)
    desk.calld.abandon()  # the plug is pulled

    again = Desk(tmp_path).connect()
    assert again.ask(AskSettings()).settings["lines"][0]["dialling"] == "pulse"
    again.pass_ms(MINUTES_3)
    now = again.ask(AskSettings())
    assert now.settings["lines"][0]["dialling"] == "dtmf"
    assert again.ask(AskStatus()).trial_left_ms == 0
    newest = again.ask(AskHistory()).versions[0]
    assert (newest.version, newest.who) == (2, "tipring")
    assert newest.why == "线路或网络的更改没有确认，已撤回"


def test_the_daemon_keeps_what_is_confirmed_and_takes_back_what_is_asked(tmp_path) -> None:
    desk = Desk(tmp_path).connect()
    wanted = msgspec.to_builtins(AFTER)
    desk.ask(SaveSettings(base=0, who="chen", why="", settings=wanted, trial_ms=MINUTES_3))
    desk.ask(EndTrial(keep=True, who="chen"))
    desk.pass_ms(10 * MINUTES_3)
    assert desk.ask(AskSettings()).version == 1
    back = msgspec.to_builtins(BEFORE)
    desk.ask(SaveSettings(base=1, who="chen", why="", settings=back, trial_ms=MINUTES_3))
    answer = desk.ask(EndTrial(keep=False, who="chen"))
    assert answer.settings["lines"][0]["dialling"] == "pulse"
    assert answer.version == 3
