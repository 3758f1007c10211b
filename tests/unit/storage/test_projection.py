"""From log to record: two calls worked out by hand, and the rules for what comes twice."""

import msgspec
import pytest

from firmware.core.acd_entries import AnyAcdEntry
from firmware.core.desk_entries import AnyDeskEntry
from firmware.core.fax_entries import AnyFaxEntry
from firmware.core.log_entries import (
    AccountBooked,
    AnsweredBy,
    AnyLogEntry,
    CallAdopted,
    CallClosed,
    CallForwarded,
    CallHeld,
    CallMarked,
    CallParked,
    CallRetrieved,
    Cleared,
    ClearedBy,
    Direction,
    LimitReached,
    Outcome,
    PartyLeft,
    PartyMoved,
    RingingEnded,
    ServiceUsed,
    Side,
    TelephoneRings,
    VoicesConnected,
)
from firmware.core.menu_entries import AnyMenuEntry
from firmware.core.trunk_entries import TrunkMeasured
from firmware.storage.projection import CallRecord, RecordingOfCall, RingAttempt, Stamp, project
from tests.unit.storage.stories import BOOT, inbound, offered, outbound, wall


def told(entries: list[AnyLogEntry], first_seq: int = 1) -> CallRecord:
    record = None
    for seq, entry in enumerate(entries, start=first_seq):
        stamp = Stamp.of(seq, BOOT, wall(entry.at_ms), trusted=True)
        record = project(record, entry, stamp)
    assert record is not None
    return record


def test_an_answered_inbound_call_by_hand() -> None:
    record = told(inbound("00000007"), first_seq=41)
    assert record == CallRecord(
        call="00000007",
        first_seq=41,
        last_seq=55,
        boot="boot-a",
        direction=Direction.INBOUND,
        origin="fxo/2",
        line="fxo/2",
        caller_kind="number",
        caller_number="13800138000",
        caller_method="dtmf",
        destination="200",
        choice="1",
        t0_wall="2026-03-01T00:00:10.000+00:00",
        offset_min=480,
        trusted=True,
        t0_ms=10_000,
        t1_ms=16_000,
        t2_ms=21_500,
        t3_ms=21_600,
        t4_ms=30_000,
        t5_ms=30_020,
        t6_ms=90_020,
        t7_ms=90_200,
        extension="202",
        telephone="fxs/2",
        cleared_first=Side.CUSTOMER,
        cleared_by=ClearedBy.TONE,
        cleared_detail="busy 450 Hz",
        outcome=Outcome.ANSWERED,
        rings=(
            RingAttempt(
                port="fxs/1",
                extension="201",
                started_ms=21_600,
                ended_ms=30_005,
                result="withdrawn",
            ),
            RingAttempt(
                port="fxs/2", extension="202", started_ms=21_650, ended_ms=30_000, result="answered"
            ),
        ),
        recordings=(
            RecordingOfCall(recording="r1", port="fxo/2", path="r1.wav", duration_ms=60_000),
        ),
        parties=("fxo/2", "fxs/2"),
    )
    assert record.talk_ms == 60_000
    assert record.wait_ms == 8_500  # 30.000 s - 21.500 s


def test_the_answer_of_an_outgoing_call_is_marked_as_an_estimate() -> None:
    record = told(outbound("1"))
    assert (record.line, record.dialled) == ("fxo/1", "01062551234")
    assert (record.t4_ms, record.answered_by) == (120_000, AnsweredBy.TONE_ENDED)
    assert record.answer_estimate
    assert (record.cleared_first, record.cleared_by) == (Side.AGENT, ClearedBy.ON_HOOK)
    assert record.wait_ms == 20_000  # from lifting, there being no menu


def test_the_first_side_to_clear_stays_the_first() -> None:
    story = inbound("1")
    story.insert(
        12, Cleared(call="1", at_ms=90_025, side=Side.AGENT, by=ClearedBy.ON_HOOK, port="fxs/2")
    )
    assert told(story) == msgspec.structs.replace(told(inbound("1")), last_seq=16)


def test_a_call_is_closed_once() -> None:
    late = CallClosed(call="1", at_ms=99_000, outcome=Outcome.FAILED)
    record = told([*inbound("1"), late])
    assert (record.outcome, record.t7_ms) == (Outcome.ANSWERED, 90_200)


def test_a_telephone_that_rings_twice_has_two_attempts() -> None:
    def rings(at_ms: int) -> TelephoneRings:
        return TelephoneRings(call="1", at_ms=at_ms, port="fxs/1", extension="201")

    def ended(at_ms: int) -> RingingEnded:
        return RingingEnded(call="1", at_ms=at_ms, port="fxs/1", result="no_answer")

    record = told([offered("1", 0), rings(100), ended(200), rings(300), ended(450), ended(500)])
    assert [(r.started_ms, r.ended_ms) for r in record.rings] == [(100, 200), (300, 450)]
    assert record.t3_ms == 100


def test_an_adopted_call_keeps_its_marks_and_counts_the_adoption() -> None:
    story = inbound("1")
    story.insert(11, CallAdopted(call="1", at_ms=50_000, parties=("fxo/2", "fxs/2")))
    story.insert(12, VoicesConnected(call="1", at_ms=50_000, parties=("fxs/2", "fxs/3")))
    record = told(story)
    assert (record.adopted, record.t5_ms) == (1, 30_020)
    assert record.parties == ("fxo/2", "fxs/2", "fxs/3")


def test_what_never_began_has_no_record() -> None:
    stamp = Stamp.of(1, BOOT, wall(0), trusted=True)
    for entry in inbound("1")[1:]:
        assert project(None, entry, stamp) is None


def test_a_wall_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        Stamp.of(1, BOOT, wall(0).replace(tzinfo=None), trusted=True)


def test_every_kind_of_entry_has_its_step() -> None:
    """A new kind of log entry must be given its place in the record, or none, knowingly."""
    kinds = {type(entry) for entry in [*inbound("1"), *outbound("1")]} | {CallAdopted}
    # These stand in the log alone, but for the parties that PartyMoved brings.
    kinds |= {CallHeld, CallRetrieved, CallParked, CallForwarded, PartyMoved, PartyLeft}
    kinds |= {ServiceUsed, LimitReached, AccountBooked, CallMarked, TrunkMeasured}
    # Queues and agents have facts of their own (firmware.reports).
    kinds |= set(AnyAcdEntry.__args__)
    kinds |= set(AnyDeskEntry.__args__)
    kinds |= set(AnyMenuEntry.__args__)
    # Faxes have a table of their own (firmware.storage.faxes).
    kinds |= set(AnyFaxEntry.__args__)
    assert kinds == set(AnyLogEntry.__args__)
