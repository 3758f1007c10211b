"""What a user sets at a handset is a version of the settings, and is there after a restart."""

from __future__ import annotations

from pathlib import Path

from drivers.line import LoopClosed
from firmware.control.messages import AskHistory, AskSettings
from firmware.core.commands import Play
from firmware.core.events import DigitHeard
from tests.unit.daemons.test_calld import Desk


def _dial(desk: Desk, keys: str) -> None:
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.pass_ms(500)
    for key in keys:
        desk.tell(DigitHeard(port="fxs/1", at_ms=desk.now_ms, digit=key))
        desk.pass_ms(200)


def _services(desk: Desk) -> dict[str, object]:
    first = desk.ask(AskSettings()).settings["extensions"][0]
    assert first["number"] == "201"
    return first["services"]


def test_a_code_becomes_a_version_that_says_who_and_how(tmp_path: Path) -> None:
    desk = Desk(tmp_path).connect()
    _dial(desk, "*57*203#")
    assert _services(desk)["forward_all"] == "203"
    newest = desk.ask(AskHistory()).versions[-1]
    oldest = desk.ask(AskHistory()).versions[0]
    version = max(newest, oldest, key=lambda item: item.version)
    assert (version.who, version.why) == ("handset 201", "*57*203#")
    desk.calld.abandon()
    again = Desk(tmp_path)
    assert _services(again)["forward_all"] == "203"
    again.calld.abandon()


def test_a_number_that_leads_nowhere_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path).connect()
    _dial(desk, "*57*777#")
    said = [command.prompts for command in desk.out if isinstance(command, Play)]
    assert said == [("zh-CN/number-not-in-service",)]
    assert desk.ask(AskHistory()).versions == ()
    desk.calld.abandon()


def test_calls_are_never_forwarded_to_an_emergency_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path).connect()
    _dial(desk, "*57*9110#")
    said = [command.prompts for command in desk.out if isinstance(command, Play)]
    assert said == [("zh-CN/number-not-in-service",)]
    desk.calld.abandon()
