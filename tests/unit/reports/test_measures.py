"""Single figures by hand, from standards' examples and from the rules of each definition."""

from __future__ import annotations

import pytest

from firmware.core import erlang
from firmware.reports.facts import Facts, LineUse, SurveyFact, TaskFact
from firmware.reports.measures import MEASURES, all_busy_ms, figure
from firmware.reports.policy import RULES_EN, RULES_ZH


@pytest.mark.parametrize(("lines", "blocked"), [(2, 0.225), (3, 0.077), (4, 0.021), (5, 0.005)])
def test_erlang_b_of_199_s_calls_20_an_hour(lines: int, blocked: float) -> None:
    """1.106 erlangs: 10 s menu, 18 s wait, 171 s talk and hold, 20 calls an hour."""
    assert round(erlang.blocking(20 * 199 / 3600, lines), 3) == blocked


def test_the_load_that_is_carried_leads_back_to_the_load_that_was_offered() -> None:
    carried = 1.106 * (1 - erlang.blocking(1.106, 2))
    assert erlang.offered_for(carried, 2) == pytest.approx(1.106, abs=1e-6)
    # 100 calls were carried: 22.5 % of all were not, so 29 are missing.
    assert erlang.lost_calls(100, carried, 2) == pytest.approx(100 * 0.2249 / 0.7751, abs=0.1)
    with pytest.raises(ValueError, match="less than 2 are possible"):
        erlang.offered_for(2.0, 2)


def test_all_lines_are_busy_only_while_every_one_is() -> None:
    uses = [
        LineUse(line="fxo/1", start_ms=0, length_ms=10_000),
        LineUse(line="fxo/2", start_ms=4_000, length_ms=3_000),
        LineUse(line="fxo/2", start_ms=9_000, length_ms=5_000),
    ]
    assert all_busy_ms(uses, 2) == 3_000 + 1_000
    assert all_busy_ms(uses, 3) == 0


def test_two_and_five_keys_are_never_mixed() -> None:
    surveys = tuple(
        SurveyFact(call=str(n), at_ms=n, way="sent", scale=scale, key=key)
        for n, (scale, key) in enumerate([(2, 1), (2, 2), (5, 5), (5, 4), (5, 1), (2, None)])
    )
    facts = Facts(surveys=surveys)
    assert figure("csat_2", facts).value == pytest.approx(1 / 2)
    assert figure("csat_5", facts).value == pytest.approx(2 / 3)
    assert figure("csat_5_mean", facts).value == pytest.approx(10 / 3)
    assert figure("survey_rate", facts).value == pytest.approx(5 / 6)


def test_a_promise_is_kept_when_the_customer_was_reached_in_time() -> None:
    tasks = tuple(
        TaskFact(task=str(n), kind="promise", opened_ms=0, due_ms=due, reached_ms=reached)
        for n, (due, reached) in enumerate([(100, 90), (100, 100), (100, 101), (100, None)])
    )
    not_yet_due = TaskFact(task="9", kind="promise", opened_ms=0, due_ms=5_000)
    facts = Facts(tasks=(*tasks, not_yet_due), until_ms=1_000)
    assert figure("promise_ok", facts).value == pytest.approx(2 / 4)


def test_an_empty_day_has_no_shares_and_no_errors() -> None:
    for code in MEASURES:
        found = figure(code, Facts())
        assert found.value in {None, 0}, code


def test_every_figure_says_its_formula_in_both_languages() -> None:
    for measure in MEASURES.values():
        assert measure.formula
        assert measure.en
        assert any("一" <= letter <= "鿿" for letter in measure.zh), measure.code
    assert len(RULES_EN) == len(RULES_ZH)
