"""What a telephone's display is told of its caller."""

from __future__ import annotations

import pytest

from firmware.call.display import marked, marks, shown
from firmware.core.commands import Caller, Ring
from firmware.core.settings import Extension, Line, RingGroup, Settings, validate
from tests.unit.desk import Desk

PLAIN = Extension(number="201", port="fxs/1")
CHINESE = Extension(number="201", port="fxs/1", display="chinese")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("张伟", "ZhangWei"), ("Café Zürich", "Cafe Zurich"), ("Иван", "Ivan"), ("LI LEI", "LI LEI")],
)
def test_a_name_is_written_in_letters_where_the_set_shows_no_other(name: str, letters: str) -> None:
    told = shown(Caller(number="123", name=name), PLAIN)
    assert told == Caller(number="123", name=letters)


def test_a_set_that_shows_chinese_gets_chinese() -> None:
    told = shown(Caller(number="123", name="张伟"), CHINESE)
    assert told == Caller(number="123", name="张伟", encoding="gb2312")


def test_marks_stand_before_the_number_and_never_cut_it() -> None:
    assert marked(Caller(number="13800138000"), "71") == Caller(number="71*13800138000")
    long = "12345678901234567"
    assert marked(Caller(number=long), "123") == Caller(number=long)
    assert marked(Caller(withheld=True), "7") == Caller(withheld=True)
    assert shown(None, PLAIN) is None


def test_marks_are_who_calls_then_line_then_group() -> None:
    settings = Settings(
        lines=(Line(port="fxo/1", display_mark="2"), Line(port="fxo/2")),
        ring_groups=(RingGroup(number="200", members=("201",), display_mark="5"),),
        caller_marks={"138": "8", "1380013": "9"},
    )
    assert marks(settings, "fxo/1", "13800138000", "200") == "925"
    assert marks(settings, "fxo/1", "13899999999", "") == "82"
    assert marks(settings, "fxo/2", "", "") == ""


def test_a_telephone_is_told_marks_and_letters_when_it_rings() -> None:
    settings = Settings(inbound="201", lines=(Line(port="fxo/1", display_mark="7"),), country="CN")
    desk = Desk.ready(settings)
    desk.burst("fxo/1", off_ms=1_500)
    desk.identify("fxo/1", "13800138000", "张伟")
    desk.wait(2_500)
    desk.burst("fxo/1", off_ms=700)
    (ring,) = [e for e in desk.effects if isinstance(e, Ring) and e.port == "fxs/1"]
    assert ring.caller == Caller(number="7*13800138000", name="ZhangWei")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_mark_that_no_display_can_show_is_refused_in_a_sentence(language: str) -> None:
    settings = Settings(
        lines=(Line(port="fxo/1", display_mark="vip"),),
        caller_marks={"138": "12345"},
    )
    problems = validate(settings, language)  # type: ignore[arg-type]  # one of two
    assert set(problems) == {"lines.0.display_mark", "caller_marks.138"}
    assert all("1" in text and "4" in text for text in problems.values())
