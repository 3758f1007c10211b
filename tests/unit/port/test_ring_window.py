"""A line is answered no sooner than whoever answers it wants, and no sooner than its own number."""

from __future__ import annotations

import pytest

from firmware.core.port_events import AnswerDue
from firmware.core.ring_window import RingsWanted
from tests.unit.port.test_fxo_port import PORT, Exchange


@pytest.mark.parametrize(
    ("own", "wanted", "answered"), [(2, 3, 3), (3, 2, 3), (1, 4, 4), (2, 0, 2)]
)
def test_the_greater_number_of_rings_counts(own: int, wanted: int, answered: int) -> None:
    exchange = Exchange(answer_after_bursts=own)
    exchange.ring(1_000, 4_000)
    exchange.do(RingsWanted(port=PORT, bursts=wanted))
    for _ in range(answered - 2):
        exchange.ring(1_000, 4_000)
    assert exchange.count(AnswerDue) == 0
    exchange.ring(1_000, 700)
    assert exchange.count(AnswerDue) == 1


def test_the_next_caller_is_answered_by_the_lines_own_number_again() -> None:
    exchange = Exchange(answer_after_bursts=2)
    exchange.ring(1_000, 4_000)
    exchange.do(RingsWanted(port=PORT, bursts=5))
    exchange.wait(20_000)
    exchange.ring(1_000, 4_000, 1_000, 700)
    assert exchange.count(AnswerDue) == 1
