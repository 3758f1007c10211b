"""What ``tipring lines`` and the status say of a line, asked of a whole box. Virtual time."""

from __future__ import annotations

import pytest

from firmware.control.messages import AskLines
from tests.bench.box import Box
from tests.bench.world.exchange_line import ExchangeLine


def english(document: dict) -> dict:
    return dict(document, language="en")


@pytest.mark.slow
def test_lines_say_what_is_wrong_in_the_readers_language_and_the_status_in_the_offices():
    with Box(settings=english) as box:
        said = box.ask(AskLines(language="en")).verdicts
        assert "new line: how it clears is not learned yet" in said["fxo/1"]
        assert "新线路" in box.ask(AskLines(language="zh-CN")).verdicts["fxo/1"]
        assert "fxs/1" not in said
        assert box.ports()["fxo/1"]["detail"] == ""
        line = box.line(1)
        line.call("13800138000")
        assert box.run_until(lambda: line.state == "talking", 20_000)
        line.hang_up("battery removal")
        box.run_for(15_000)
        assert "line 1 has no battery: check its plug" in box.ports()["fxo/1"]["detail"]
        assert "line 1 has no battery" in box.ask(AskLines(language="en")).verdicts["fxo/1"]
        line.restore_battery()
        box.run_for(2_000)
        assert box.ports()["fxo/1"]["detail"] == ""


@pytest.mark.slow
def test_a_foreign_dial_tone_names_the_countries_it_may_be_from():
    lines = [ExchangeLine(1, "US"), *(ExchangeLine(n) for n in (2, 3, 4))]
    with Box(settings=english, lines=lines) as box:
        telephone, line = box.telephone("201"), box.line(1)
        telephone.lift()
        box.run_for(1_000)
        telephone.press("913800138000")
        assert box.run_until(lambda: line.seized, 15_000)
        box.run_for(5_000)
        detail = box.ports()["fxo/1"]["detail"]
        assert "350+440 Hz" in detail
        assert "US" in detail
