"""What the status says of a telephone's pair, asked of a whole box. Virtual time."""

from __future__ import annotations

import pytest

from firmware.control.messages import AskLines
from tests.bench.box import Box


def english(document: dict) -> dict:
    return dict(document, language="en")


@pytest.mark.slow
def test_damp_in_a_pair_is_told_and_forgotten_when_it_has_dried():
    with Box(settings=english, block_samples=160) as box:
        telephone = box.telephone("202")
        telephone.leak(15_000.0)  # 48 V over 15 kohm: 3 mA, below what lifts a handset (10 mA)
        for _ in range(3):
            box.run_for(500)
            box.ask(AskLines())
        assert "the pair of 202 leaks" in box.ports()["fxs/2"]["detail"]
        assert box.ports()["fxs/2"]["state"] == "idle"
        assert box.ports()["fxs/1"]["detail"] == ""
        telephone.leak(0.0)
        box.run_for(500)
        said = {reading.port: reading.detail for reading in box.ask(AskLines()).readings}
        assert "leaks" not in said["fxs/2"]
        assert box.ports()["fxs/2"]["detail"] == ""
