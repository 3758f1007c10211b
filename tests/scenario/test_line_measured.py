"""Measuring lines on a whole box: figures, the found setting, restarts, the go-live list."""

from __future__ import annotations

import pytest

from firmware.control.messages import (
    AskChecklist,
    ChecklistAnswer,
    MeasuredAnswer,
    MeasureNow,
    Refused,
)
from firmware.daemons.cli.lines import card_lines, checklist_lines, measured_lines
from tests.bench.box import Box
from tests.bench.world import impedance
from tests.bench.world.exchange_line import ExchangeLine

RUN_MS = 15_000


def english(document: dict) -> dict:
    return dict(document, language="en")


def measure(box: Box, number: int) -> MeasuredAnswer | Refused:
    answer = box.ask(MeasureNow(port=f"fxo/{number}"), RUN_MS)
    assert isinstance(answer, MeasuredAnswer | Refused)
    return answer


@pytest.mark.slow
def test_a_setting_is_found_for_each_line_and_is_put_back_after_a_restart():
    ends = [("600", 2.0), ("900+2160n", 3.0), ("200+680/100n", 0.5), ("600", 0.3)]
    lines = [
        ExchangeLine(n, "CN" if n < 4 else "US", impedance=end, km=km, noise_dbm0=-63.0)
        for n, (end, km) in enumerate(ends, 1)
    ]
    with Box(settings=english, lines=lines) as box:
        for number in (1, 2, 3, 4):
            found = measure(box, number)
            assert isinstance(found, MeasuredAnswer)
            figures = found.measured
            assert figures.fault == ""
            assert figures.idle_v == pytest.approx(48.0, abs=1.0)
            # 48 V over 400 ohm of feed, 200 of cable and 300 of the chip, limited to 30 mA.
            assert figures.loop_ma == pytest.approx(30.0, abs=2.0)
            assert figures.noise_dbm0 == pytest.approx(-63.5, abs=2.5)
            assert figures.dial_dbm0 == pytest.approx(-10.5, abs=1.0)
            # G.168 takes 6 dB for the worst hybrid; an exchange wants at least 20 dB.
            assert figures.echo_db >= 25.0
            assert figures.echo_db > figures.echo_before_db + 10.0
            chip = box.town.card.chip(f"fxo/{number}")
            taps = tuple((chip.read(45 + n) + 128) % 256 - 128 for n in range(8))
            assert (chip.read(30), taps) == (figures.termination, figures.hybrid)
            assert chip.read(30) < len(impedance.NAMES)
            if number == 4:
                text = measured_lines(found, "en")
                assert text[0].startswith("line 4: idle 48 V, seized 9 V and 30 mA")
        box.run_for(1_000)
        assert "350+440 Hz" in box.ports()["fxo/4"]["detail"], "the country of a wrong line"
        found_1 = box.town.card.chip("fxo/1").read(30)
        box.kill_calld()
        box.kill_lined()
        box.start_lined()
        box.start_calld()
        assert box.run_until(lambda: box.card_ready, 6_000)
        box.run_for(500)
        chip = box.town.card.chip("fxo/1")
        assert chip.read(30) == found_1
        assert any(chip.read(45 + n) for n in range(8))


@pytest.mark.slow
def test_a_line_without_battery_or_in_a_call_is_told_so():
    with Box(settings=english) as box:
        line = box.line(1)
        line.call("13800138000")
        assert box.run_until(lambda: line.state == "talking", 20_000)
        refused = measure(box, 1)
        assert isinstance(refused, Refused)
        assert refused.id == "line-connected"
        assert line.state == "talking", "nobody is disturbed"
        line.hang_up("battery removal")
        box.run_for(3_000)
        refused = measure(box, 1)
        assert isinstance(refused, Refused)
        assert refused.id == "line-no_battery"
        assert isinstance(measure(box, 9), Refused)


@pytest.mark.slow
def test_the_go_live_list_fills_as_a_line_is_used():
    with Box(settings=english) as box:
        answer = box.ask(AskChecklist())
        assert isinstance(answer, ChecklistAnswer)
        assert set(answer.lines[0].checks.values()) == {""}
        text = "\n".join(checklist_lines(answer, "en"))
        assert "tipring lines measure 1" in text
        assert "call this line from a mobile" in text
        measure(box, 1)
        line = box.line(1)
        box.run_for(1_500)
        line.call("13800138000")
        assert box.run_until(lambda: line.state == "talking", 20_000)
        box.run_for(2_000)
        line.hang_up("loop break", 400)
        box.run_for(3_000)
        line.call("13800138000")
        assert box.run_until(lambda: line.state == "talking", 20_000)
        box.run_for(2_000)
        line.hang_up("loop break", 400)
        box.run_for(3_000)
        answer = box.ask(AskChecklist())
        checks = answer.lines[0].checks
        assert checks["seize"] == "dial"
        assert checks["caller_id"].startswith("fsk")
        assert checks["clear"] == "loop_break"
        assert checks["dial"] == ""
        assert answer.lines[1].checks["seize"] == ""


def test_the_card_says_what_the_settings_do():
    document = {"extensions": [], "power": {"relay": True}}
    assert "no telephone of this box works without power" in "\n".join(card_lines(document, "en"))
    whole = {"power": {"relay": True}}
    text = "\n".join(card_lines(whole, "en"))
    assert "110" in text
    assert "119" in text
    assert "120" in text
    assert "extension 201 is on line 1 directly" in text
    assert "*38#" in text
    assert "应急卡" in card_lines(whole, "zh-CN")[0]
