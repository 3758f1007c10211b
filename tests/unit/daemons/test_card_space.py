"""A card with little room, or none at all: what stops, what goes on, what is written afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.control.messages import AskStatus
from firmware.core.log_entries import Direction
from firmware.daemons.card_space import CardSpace
from firmware.storage.projection import CallRecord
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

GB = 1_000_000_000
MB = 1_000_000


@pytest.mark.parametrize(
    ("total", "limit", "back"),
    [(32 * GB, 500 * MB, 600 * MB), (1 * GB, 100 * MB, 120 * MB)],
)
def test_recordings_stop_below_the_limit_and_come_back_above_a_fifth_more(
    total: int, limit: int, back: int
) -> None:
    card = CardSpace()
    assert not card.told(limit, total)
    assert card.told(limit - 1, total)
    assert card.low
    assert not card.told(back - 1, total)
    assert card.told(back, total)
    assert not card.low


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    made.set(record="all", record_notice="none", language="en")
    anna = signed_in(create_app(made, tmp_path), "anna")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    yield made
    made.close()


def alarms(box: OfficeBox) -> str:
    return " ".join(box.ask(AskStatus()).alarms)  # type: ignore[union-attr]  # the box answers


def talking(box: OfficeBox) -> bool:
    ports = box.ask(AskStatus()).ports  # type: ignore[union-attr]  # the same
    return next(p.state for p in ports if p.port == "fxs/1") == "in_call"


def kept(box: OfficeBox) -> list[CallRecord]:
    """Callers' calls, newest first; the chain of the log is whole."""
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        assert records.verify().reason == ""
        return [r for r in records.calls() if r.direction is Direction.INBOUND]


def test_a_nearly_full_card_stops_recordings_and_no_call(box: OfficeBox) -> None:
    box.ring("13800138000")
    box.lift()
    box.pass_ms(20_000)
    assert box._recording, "the conversation is recorded"
    assert alarms(box) == ""
    box.card = (400 * MB, 32 * GB)
    box.pass_ms(10_000)
    assert not box._recording
    assert "The card is nearly full: recording has stopped" in alarms(box)
    assert talking(box)
    box.hang_up()
    box.pass_ms(240_000)  # the work after the call is over
    (record,) = kept(box)
    assert str(record.outcome) == "answered"
    assert len(record.recordings) == 1, "what there was until then is kept"
    # The next call is not recorded at all, and is served and kept like any other.
    box.ring("13800138001")
    box.lift()
    box.pass_ms(5_000)
    assert not box._recording
    assert talking(box)
    box.hang_up()
    box.card = (700 * MB, 32 * GB)
    box.pass_ms(240_000)
    assert alarms(box) == ""
    box.ring("13800138002")
    box.lift()
    box.pass_ms(5_000)
    assert box._recording


def test_a_card_that_takes_nothing_for_minutes_costs_no_call_and_no_record(
    box: OfficeBox,
) -> None:
    """Every write fails, as on a read-only remount: signs of life and time-outs go on all the same.

    The next sign of life after a minute of talk used to be the end of call control.
    """
    records = box.calld._records  # the one writer; the test takes its card away
    box.ring("13800138000")
    box.lift()
    records.held = "Read-only file system"
    box.pass_ms(200_000)
    assert talking(box)
    assert "call records cannot be written: Read-only file system" in alarms(box)
    box.hang_up()
    box.pass_ms(240_000)
    assert not talking(box)
    box.ring("13800138001")  # and whoever calls now is answered
    box.lift()
    assert talking(box)
    records.held = ""
    box.pass_ms(10_000)
    assert "cannot be written" not in alarms(box)
    box.hang_up()
    box.pass_ms(10_000)
    second, first = kept(box)
    assert (str(first.outcome), str(second.outcome)) == ("answered", "answered")
    assert (first.t6_ms or 0) - (first.t5_ms or 0) >= 200_000
