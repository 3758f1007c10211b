"""Orders to send a fax that find no end to send it."""

import pytest

from firmware.control.fax_messages import FaxEndsSeen, StartFax
from firmware.core.fax_entries import FaxBegun, FaxFinished
from firmware.fax.job import FaxOrder
from tests.unit.desk import Desk

MINUTE = 60_000


def finished(done):
    return [(e.job, e.direction, e.result) for e in done if isinstance(e, FaxFinished)]


def order(job):
    return FaxOrder(job=job, number="02083330000", tiff="/spool/p.tif", station="1")


@pytest.mark.parametrize(
    ("ends", "result"),
    [(0, "fault"), (1, "no_end")],  # faxd is away; its only end is in use for longer than that
)
def test_an_order_that_found_no_end_for_eight_minutes_has_ended_and_says_why(ends, result):
    desk = Desk.ready()
    office = desk.office
    if ends:
        seen = FaxEndsSeen(ends=ends, spool="/spool", running=())
        desk._take(office.from_faxd(seen, desk.now_ms))
        desk._take(office.send_faxes([order("1")], desk.now_ms))
        assert any(isinstance(e, StartFax) for e in desk.wait(MINUTE))  # and never says it ended
    desk._take(office.send_faxes([order("7"), order("8")], desk.now_ms))
    before = len(desk.effects)
    assert not finished(desk.wait(8 * MINUTE - 1))
    assert finished(desk.wait(2)) == [("7", "send", result), ("8", "send", result)]
    assert not finished(desk.wait(60 * MINUTE))
    assert not any(isinstance(e, FaxBegun) for e in desk.effects[before:])
