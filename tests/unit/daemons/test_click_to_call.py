"""Click to call: the telephone rings, its lifting dials, and what cannot be says why."""

import msgspec
import pytest

from drivers.line import LoopClosed
from firmware.control.messages import AskSettings, PlaceCall, Refused, SaveSettings, Status
from firmware.core.commands import Ring
from tests.unit.daemons.test_calld import Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path).connect()


def ringing(desk):
    return [command.port for command in desk.out if isinstance(command, Ring)]


def test_the_telephone_rings_and_dials_when_it_is_lifted(desk):
    assert isinstance(desk.ask(PlaceCall(extension="201", number="202")), Status)
    assert ringing(desk) == ["fxs/1"]
    desk.out.clear()
    desk.pass_ms(2_000)
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.pass_ms(1_000)
    assert ringing(desk) == ["fxs/2"]


@pytest.mark.parametrize(
    ("extension", "number", "sentence"),
    [
        ("299", "202", "There is no extension 299."),
        ("201", "", "digits, * and # are needed"),
        ("201", "12a", "Number 12a: digits"),
        ("201", "1" * 33, "digits, * and # are needed"),
    ],
)
def test_what_cannot_be_called(desk, extension, number, sentence):
    refused = desk.ask(PlaceCall(extension=extension, number=number, language="en"))
    assert isinstance(refused, Refused)
    assert sentence in refused.message
    assert ringing(desk) == []


def test_a_telephone_in_use_is_left_alone(desk):
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    refused = desk.ask(PlaceCall(extension="201", number="202", language="zh-CN"))
    assert refused.message == "分机 201 正在使用"


def test_the_settings_may_forbid_it(desk):
    now = desk.ask(AskSettings())
    wanted = {**now.settings, "page": {"dialling": False}}
    desk.ask(SaveSettings(base=now.version, who="owner", why="", settings=wanted))
    assert desk.ask(PlaceCall(extension="201", number="202")).id == "dialling-off"


def test_without_lines_nothing_rings(tmp_path):
    alone = Desk(tmp_path)
    assert alone.ask(PlaceCall(extension="201", number="202")).id == "telephone-busy"
    assert msgspec.json.encode(alone.out) == b"[]"
