"""Call lines, byte by byte against lines written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firmware.outbox.smdr import CallLine, formatted

IN = CallLine(
    call="00000007",
    begun=datetime(2026, 3, 2, 9, 5, 3, tzinfo=UTC),
    inbound=True,
    number="13800138000",
    extension="201",
    line=1,
    ring_s=7,
    talk_s=83,
    outcome="answered",
)
OUT = CallLine(
    call="00000008",
    begun=datetime(2026, 12, 31, 0, 59, 0, tzinfo=UTC),
    inbound=False,
    number="0085221234567",
    extension="204",
    line=3,
    talk_s=3_725,
    account="4711",
    transferred=True,
    outcome="answered",
)
LOST = CallLine(
    call="00000009",
    begun=datetime(2026, 3, 2, 12, 0, 59, tzinfo=UTC),
    inbound=True,
    line=2,
    ring_s=65,
    outcome="abandoned",
)

# By hand: date 8, time 7, extension 5, line 2, number 25, ring 4, duration 8, account 10, code 3.
BY_HAND = {
    "panasonic": (
        b"03/02/26 09:05AM   201 01 <I>13800138000            0'07 00:01'23               \r\n",
        b"12/31/26 12:59AM   204 03 0085221234567                  01:02'05 4711       TR \r\n",
        b"03/02/26 12:00PM       02 <I>                       1'05 00:00'00            NA \r\n",
    ),
    # Long 1, date 5, time 6, duration 8, calling 4, 1, answer 3, number 26, status 1, 1,
    # called 4, third 4, account 12, 1.
    "mitel": (
        (
            b"  03/02 09:05A 00:01:23 T001   007 13800138000                A"
            b"   201                     \r\n"
        ),
        (
            b"- 12/31 12:59A 01:02:05 204    000 0085221234567              A"
            b"   T003 T    4711          \r\n"
        ),
        (
            b"  03/02 12:00P 00:00:00 T002   ***                             "
            b"                           \r\n"
        ),
    ),
    "csv": (
        b"2026-03-02,09:05:03,in,1,13800138000,201,7,83,answered,,00000007\r\n",
        b"2026-12-31,00:59:00,out,3,0085221234567,204,0,3725,answered,4711,00000008\r\n",
        b"2026-03-02,12:00:59,in,2,,,65,,abandoned,,00000009\r\n",
    ),
}


@pytest.mark.parametrize("form", sorted(BY_HAND))
def test_lines_are_those_written_by_hand(form: str) -> None:
    assert tuple(formatted(form, call) for call in (IN, OUT, LOST)) == BY_HAND[form]


@pytest.mark.parametrize(("form", "width"), [("panasonic", 80), ("mitel", 90)])
def test_whatever_stands_in_a_record_the_columns_stay(form: str, width: int) -> None:
    wild = CallLine(
        call="x" * 40,
        begun=datetime(2026, 1, 1, tzinfo=UTC),
        inbound=True,
        number="1" * 60,
        line=12,
        extension="1" * 9,
        ring_s=10**6,
        talk_s=10**9,
        account="王\r\n" * 9,
    )
    made = formatted(form, wild)
    assert len(made) == width + 2
    assert made.count(b"\r") == made.count(b"\n") == 1
