"""The language of scenarios: refusals, verdicts, and every file of the tree is understood."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.bench.acts import line_acts, telephone_acts
from tests.bench.expected import expectations
from tests.bench.mobiles import mobile_acts
from tests.bench.plain_box import PlainBox
from tests.bench.records import record_fits
from tests.bench.scenario import (
    ScenarioError,
    from_document,
    held,
    load,
    play,
    settings_document,
)

SCENARIOS = Path(__file__).parents[2] / "scenario"

FLAT = """
title: a caller reaches a flat
country: <country>
each:
  - {country: CN, cadence: 1000/4000, clear: busy tone}
  - {country: GB, cadence: 400/200/400/2000, clear: polarity reversal}
lines:
  1: {noise: -55, hum: -50}
steps:
  - line 1: call from 13800138000 name "Li Lei"
  - within 3 s: telephone 201 rings with cadence <cadence>
  - telephone 201 shows 13800138000 name "Li Lei"
  - for 1 s: telephone 202 does not ring
  - telephone 201: lift with bounce 20 ms
  - within 1 s: line 1 is answered
  - speech passes both ways between line 1 and telephone 201 within 0.3 dB, delay at most 1 ms
  - line 1: hang up by <clear>
  - within 1 s: telephone 201 hears <heard>
  - telephone 201: replace
  - within 1 s: line 1 is free
"""


def flat(**changes: object) -> dict:
    document = yaml.safe_load(FLAT)
    for row in document["each"]:
        row["heard"] = "silence" if row["clear"] == "polarity reversal" else "tone 450"
    return {**document, **changes}


def sentences() -> str:
    lines = []
    for book in (telephone_acts, line_acts, mobile_acts, expectations):
        lines += [f"\n### {book.title[0].upper()}{book.title[1:]}\n"]
        # Their order in the book is that of imports, which is nobody's promise.
        lines += sorted(f"- `{phrase.readable}`" for phrase in book.phrases)
    return "\n".join(lines)


def test_readme_lists_every_sentence() -> None:
    text = (SCENARIOS / "README.md").read_text("utf-8")
    listed = text.split("<!-- sentences -->")[1].split("<!-- end of sentences -->")[0]
    assert listed.strip() == sentences().strip()


def test_plain_telephone_lines_hold_a_scenario_in_every_row() -> None:
    for scenario in from_document(flat(), "flat"):
        said: list[str] = []
        verdicts = play(scenario, PlainBox(scenario), said.append)
        assert held(verdicts, scenario), "\n".join(said)
        assert len(said) == len(scenario.steps) + 2
        assert "delay 0.00 ms" in "".join(said)


@pytest.mark.parametrize(
    ("place", "wrong", "why"),
    [
        (1, {"within 3 s": "telephone 201 rings with cadence 2000/4000"}, "cadence 1000/4000"),
        (1, {"within 3 s": "telephone 202 rings"}, "does not ring"),
        (2, "telephone 201 shows 13800138001", "shows '13800138000' 'Li Lei'"),
        (6, "speech passes both ways between line 2 and telephone 201", "the line is idle"),
        (6, "no speech passes between line 1 and telephone 201", "hears line 1"),
        (8, {"within 3 s": "telephone 201 hears ringback"}, "cadence"),
        (8, {"within 3 s": "telephone 201 hears busy tone of DE"}, "350/350"),
        (4, {"line 1": "press 1"}, "nobody talks on it"),
        (10, {"record": {"outcome": "answered"}}, "no call record"),
    ],
)
def test_what_did_not_happen_fails_and_says_why(place: int, wrong: object, why: str) -> None:
    document = flat()
    document["steps"][place] = wrong
    scenario = from_document(document, "flat")[0]
    said: list[str] = []
    verdicts = play(scenario, PlainBox(scenario), said.append)
    assert not held(verdicts, scenario)
    assert len(verdicts) == place + 1
    assert why in verdicts[-1].detail
    assert any("FAILED" in line for line in said)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"steps": [{"telephone 201": "lift"}]}, "nothing is expected anywhere"),
        ({"steps": [{"telephone 201": "lifft"}]}, r"'lifft' is not understood; nearest: lift"),
        ({"steps": [{"line 1": "hang up by tone"}]}, "nearest: hang up"),
        ({"steps": ["telephone 201 ring"]}, "step 1: .* nearest: telephone NUMBER rings"),
        ({"steps": [{"whithin 3 s": "telephone 201 rings"}]}, "nearest: within T"),
        ({"steps": [{"within 3 sec": "telephone 201 rings"}]}, "'3 sec' is not understood"),
        ({"block": "7 ms"}, "'7 ms' is none of 5 ms, 10 ms, 20 ms"),
        ({"stepps": []}, "'stepps' is not known here; nearest: steps"),
        ({"country": "UK"}, "'UK' is not known; nearest"),
        ({"lines": {1: {"dialing": "pulse"}}}, "'dialing' is not known here; nearest: dialling"),
        ({"title": "<who>"}, "<who> is not in each"),
    ],
)
def test_what_nobody_understands_is_refused_before_it_runs(change: dict, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        from_document(flat(**change), "flat")


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_of_the_tree_is_understood(path: Path) -> None:
    for scenario in load(path):
        assert any(step.expects for step in scenario.steps)
        assert all(re.fullmatch(r"[A-Z]+-\d+", one) for one in scenario.proves)


def test_record_is_compared_field_by_field() -> None:
    record = {"outcome": "answered", "number": "0138", "t0_ms": 5, "t1_ms": 9, "t4_ms": None}
    assert record_fits(record, {"outcome": "answered", "number": "0138", "marks": "t0-t1"})[0]
    assert record_fits(record, {"missing": ["t4", "t5"]})[0]
    for wanted, why in (
        ({"outcome": "busy"}, "outcome is 'answered', not 'busy'"),
        ({"outcom": "busy"}, "nearest: outcome"),
        ({"marks": ["t0", "t4"]}, "marks t4 are not there"),
        ({"marks": ["t1", "t0"]}, "out of order"),
        ({"missing": ["t0"]}, "marks t0 are there"),
    ):
        good, words = record_fits(record, wanted)
        assert not good
        assert why in words


def test_settings_of_a_scenario_are_laid_over_those_of_a_new_box() -> None:
    default = {
        "country": "CN",
        "timers": {"a": 1, "b": 2},
        "lines": [{"port": "fxo/1", "dialling": "dtmf"}, {"port": "fxo/2", "dialling": "dtmf"}],
        "ring_groups": [{"number": "200", "members": ["201"]}],
    }
    changed = settings_document(
        default,
        {"timers": {"b": 3}, "line 2": {"dialling": "pulse"}, "ring group 210": {"members": []}},
    )
    assert changed["timers"] == {"a": 1, "b": 3}
    assert [line["dialling"] for line in changed["lines"]] == ["dtmf", "pulse"]
    assert [group["number"] for group in changed["ring_groups"]] == ["200", "210"]
    assert default["lines"][1]["dialling"] == "dtmf"
    with pytest.raises(ScenarioError, match="nearest: country"):
        settings_document(default, {"contry": "US"})
