"""Records and states as a person reads them, worked out by hand."""

from datetime import datetime, timedelta, timezone
from typing import Any

from firmware.control.messages import CallStatus, PortStatus, Status
from firmware.core.log_entries import AnsweredBy, ClearedBy, Direction, Outcome, Side
from firmware.storage.projection import CallRecord
from web.status.present import (
    call_row,
    caller,
    duration,
    live_call,
    names_of,
    port_card,
)

SHANGHAI_MIN = 480
NAMES = {"fxs/1": "201", "fxo/1": "外线 1"}


def record(**fields: Any) -> CallRecord:
    """A call from outside, answered and over, unless other fields are given."""
    usual: dict[str, object] = {
        "call": "00000007",
        "first_seq": 1,
        "last_seq": 9,
        "boot": "b",
        "direction": Direction.INBOUND,
        "origin": "fxo/1",
        "line": "fxo/1",
        "caller_kind": "number",
        "caller_number": "13912345678",
        "t0_wall": "2026-03-01T23:30:05.250+00:00",
        "offset_min": SHANGHAI_MIN,
        "trusted": True,
        "t0_ms": 100_000,
        "t2_ms": 110_000,
        "t4_ms": 117_900,
        "t5_ms": 118_000,
        "t6_ms": 193_499,
        "t7_ms": 193_600,
        "extension": "201",
        "cleared_first": Side.CUSTOMER,
        "cleared_by": ClearedBy.TONE,
        "outcome": Outcome.ANSWERED,
    }
    return CallRecord(**(usual | fields))


def test_an_answered_call_in_both_languages() -> None:
    # 23:30:05 UTC on 1 March is 07:30:05 on the 2nd in China. t4 - t2 = 7.9 s, t6 - t5 = 75.499 s.
    row = call_row(record(), NAMES, "en")
    assert row.started == "2026-03-02 07:30:05"
    assert row.started_iso == "2026-03-02T07:30:05+08:00"
    assert (row.direction, row.caller, row.destination) == ("Incoming", "13912345678", "201")
    assert (row.outcome, row.waited, row.talked) == ("Answered", "7 s", "1 min 15 s")
    assert row.cleared == "Customer (Busy tone)"
    row = call_row(record(), NAMES, "zh-CN")
    assert (row.direction, row.outcome, row.talked) == ("呼入", "已接听", "1 分 15 秒")
    assert row.cleared == "客户（忙音）"


def test_a_call_without_a_menu_waited_from_its_beginning() -> None:
    assert call_row(record(t2_ms=None), NAMES, "en").waited == "17 s"


def test_a_call_that_was_never_answered_neither_waited_nor_talked() -> None:
    lost = record(
        t4_ms=None, t5_ms=None, extension="", destination="group 200", outcome=Outcome.ABANDONED
    )
    row = call_row(lost, NAMES, "en")
    assert (row.waited, row.talked, row.outcome) == ("", "", "Abandoned")
    assert row.destination == "Group 200"


def test_a_call_that_is_still_up() -> None:
    row = call_row(
        record(outcome=None, cleared_first=None, cleared_by=None, t6_ms=None), NAMES, "en"
    )
    assert (row.outcome, row.talked, row.cleared) == ("Still up", "", "")


def test_an_estimated_answer_says_what_the_estimate_is() -> None:
    out = record(
        direction=Direction.OUTBOUND,
        origin="fxs/1",
        caller_number="",
        caller_kind="",
        extension="",
        dialled="02164001234",
        destination="outside 2164001234",
        answered_by=AnsweredBy.TONE_ENDED,
        answer_estimate=True,
        cleared_first=Side.AGENT,
        cleared_by=ClearedBy.ON_HOOK,
    )
    row = call_row(out, NAMES, "en")
    assert row.outcome == "Answered (estimate: ringing stopped)"
    assert (row.caller, row.destination) == ("201", "02164001234")
    assert row.cleared == "Office (Hung up)"
    assert call_row(out, NAMES, "zh-CN").outcome == "已接听（估计：回铃停止）"


def test_an_answer_told_by_the_exchange_is_no_estimate() -> None:
    out = record(direction=Direction.OUTBOUND, answered_by=AnsweredBy.REVERSAL)
    assert call_row(out, NAMES, "en").outcome == "Answered"


def test_within_the_office_there_is_no_customer() -> None:
    inside = record(
        direction=Direction.INTERNAL,
        origin="fxs/1",
        caller_number="",
        cleared_first=Side.AGENT,
        cleared_by=ClearedBy.ON_HOOK,
    )
    assert call_row(inside, NAMES, "en").cleared == "Called (Hung up)"
    assert call_row(inside, NAMES, "zh-CN").cleared == "被叫（挂机）"


def test_why_there_is_no_number() -> None:
    assert caller(record(caller_number="", caller_kind="private"), NAMES, "en") == "withheld"
    assert caller(record(caller_number="", caller_kind="private"), NAMES, "zh-CN") == "不显号"
    assert caller(record(caller_number="", caller_kind=""), NAMES, "en") == "unknown"
    assert caller(record(caller_name="王"), NAMES, "en") == "13912345678 王"


def test_a_telephone_nobody_named_is_called_by_its_jack() -> None:
    inside = record(direction=Direction.INTERNAL, origin="fxs/3", caller_number="")
    assert caller(inside, {}, "en") == "Telephone jack 3"
    assert caller(inside, {}, "zh-CN") == "话机口 3"


def test_times_are_cut_to_whole_seconds() -> None:
    assert duration(None, "en") == ""
    assert duration(999, "en") == "0 s"
    assert duration(59_999, "en") == "59 s"
    assert duration(60_000, "en") == "1 min 0 s"
    assert duration(3_725_000, "zh-CN") == "62 分 5 秒"


def test_cards_of_ports() -> None:
    ringing = port_card(PortStatus(port="fxs/2", label="202", state="ringing"), "en")
    assert (ringing.name, ringing.state, ringing.mood) == ("202", "Ringing", "ringing")
    assert ringing.jack == "Telephone jack 2"
    # The name that a new office gives is translated, an owner's own name is not.
    assert port_card(PortStatus(port="fxo/1", label="line 1", state="idle"), "zh-CN").name == (
        "外线 1"
    )
    assert port_card(PortStatus(port="fxo/1", label="Fax", state="idle"), "zh-CN").name == "Fax"
    gone = PortStatus(port="fxo/1", label="", state="out_of_service", detail="the chip was reset")
    card = port_card(gone, "zh-CN")
    assert (card.name, card.state, card.mood, card.detail) == (
        "外线口 1",
        "停用",
        "trouble",
        "芯片被复位",
    )
    other = PortStatus(port="fxo/1", label="", state="out_of_service", detail="no chip answers")
    assert port_card(other, "zh-CN").detail == "no chip answers"


def test_calls_that_are_up() -> None:
    status = Status(
        at_ms=50_000,
        lines_connected=True,
        country="CN",
        ports=(
            PortStatus(port="fxs/1", label="201", state="ringing"),
            PortStatus(port="fxo/1", label="line 1", state="connected"),
        ),
        calls=(),
    )
    call = CallStatus(
        call="00000007",
        direction="inbound",
        state="offering",
        caller="",
        destination="extension 201",
        since_ms=40_000,
        parties=("fxo/1", "fxs/1", "fxs/4"),
    )
    began = datetime(2026, 3, 2, 7, 30, 5, tzinfo=timezone(timedelta(hours=8)))
    shown = live_call(call, names_of(status, "en"), began, "en")
    assert shown.began == "07:30:05"
    assert (shown.caller, shown.destination) == ("unknown", "Extension 201")
    assert shown.parties == "Line 1, 201, Telephone jack 4"
    shown = live_call(call, names_of(status, "zh-CN"), None, "zh-CN")
    assert (shown.began, shown.parties) == ("", "外线 1、201、话机口 4")
    assert shown.state == "正在转接"
