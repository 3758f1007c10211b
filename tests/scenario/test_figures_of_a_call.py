"""From the handset to the figure: a queue's call is played, then calld is asked for its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.control.office_messages import AskFigures, FiguresAnswer
from tests.bench.player import box_for
from tests.bench.scenario import load, play

CALL = Path(__file__).parent / "acd" / "first_queue_call.yaml"


@pytest.mark.slow
def test_a_call_of_a_queue_is_counted_live() -> None:
    (scenario,) = load(CALL)
    with box_for(scenario) as box:
        play(scenario, box, print)
        box.run_for(10_000)
        answer = box.ask(AskFigures(codes=("n", "a", "b", "talk", "login")))
    assert isinstance(answer, FiguresAnswer)
    found = answer.parts[""]
    assert (found["n"].value, found["a"].value, found["b"].value) == (1, 1, 0)
    assert found["talk"].value >= 3
