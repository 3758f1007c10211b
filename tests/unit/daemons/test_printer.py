"""Call lines on a pseudo-terminal: byte by byte, in order, after a week without a reader."""

from __future__ import annotations

import asyncio
import os
import select
import tty
from datetime import timedelta
from pathlib import Path

import pytest

from firmware.control.outbox_messages import OutboxNews
from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    CallerKnown,
    CallOffered,
    Direction,
    Outcome,
)
from firmware.core.outbox_settings import CallLines, Outbox
from firmware.daemons.outbox.call_lines import lines_after
from firmware.daemons.outbox.printer import Printer
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, BOOT_WALL, wall

MINUTE = 60_000
WEEK = 7 * 24 * 60 * MINUTE
CALLS = 700  # a hundred a day


def lost_call(number: int, at_ms: int) -> list[AnyLogEntry]:
    """A caller who cleared after 20 s."""
    call = f"{number:08d}"
    return [
        CallOffered(call=call, at_ms=at_ms, direction=Direction.INBOUND, origin="fxo/1"),
        CallerKnown(call=call, at_ms=at_ms + 3_000, kind="number", number=f"138{number:08d}"),
        CallClosed(call=call, at_ms=at_ms + 20_000, outcome=Outcome.ABANDONED),
    ]


def by_hand(number: int, at_ms: int) -> bytes:
    """The line of such a call, put together apart from the program: 80 columns."""
    begun = BOOT_WALL + timedelta(milliseconds=at_ms, hours=8)
    half = "AM" if begun.hour < 12 else "PM"
    clock = (
        begun.strftime("%m/%d/%y ") + f"{(begun.hour + 11) % 12 + 1:02d}:{begun.minute:02d}{half}"
    )
    who = f"<I>138{number:08d}"
    return (clock + " " * 7 + "01 " + who + " " * (25 - len(who)) + " 0'20 00:00'00"
            + " " * 12 + "NA \r\n").encode()  # fmt: skip


@pytest.fixture
def week(tmp_path: Path) -> tuple[Path, list[bytes]]:
    records = Records.open(tmp_path / "records.sqlite")
    times = [n * WEEK // CALLS for n in range(CALLS)]
    entries = [e for number, at_ms in enumerate(times, 1) for e in lost_call(number, at_ms)]
    records.append(entries, boot=BOOT, wall=wall(WEEK), trusted=True, now_ms=WEEK)
    records.close()
    return tmp_path, [by_hand(n, at) for n, at in enumerate(times, 1)]


def test_lines_are_those_put_together_by_hand(week: tuple[Path, list[bytes]]) -> None:
    folder, expected = week
    held = Records.open(folder / "records.sqlite")  # calld has them open
    found, seq = [], 0
    while some := lines_after(folder, seq, 100, "panasonic", "Asia/Shanghai"):
        found += [line for _, line in some]
        seq = some[-1][0]
    held.close()
    assert all(len(line) == 82 for line in expected)
    assert found == expected


@pytest.mark.slow
def test_a_reader_who_was_off_for_a_week_gets_the_week(week: tuple[Path, list[bytes]]) -> None:
    """Nobody reads until much waits; the program is killed in between and begun anew."""
    folder, expected = week
    held = Records.open(folder / "records.sqlite")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    device = os.ttyname(theirs)
    told: list[int] = []
    got = bytearray()

    def read() -> None:
        while select.select([ours], [], [], 0)[0]:
            got.extend(os.read(ours, 4096))

    async def print_until(done: object, *, reading: bool, printed: int) -> None:
        printer = Printer(device, folder, told.append)
        settings = Outbox(call_lines=CallLines(form="panasonic", flow="xon_xoff"))
        news = OutboxNews(change=1, settings=settings, printed=printed, zone="Asia/Shanghai")
        printer.follow(news)
        for _ in range(6_000):
            await asyncio.sleep(0.01)
            if reading:
                read()
            if done():
                break
        printer.close()

    # The cable takes what its buffers hold, and then nothing more: nobody reads.
    asyncio.run(print_until(lambda: bool(told), reading=False, printed=1))
    first = told[-1]
    # A new program goes on behind what calld kept; now somebody reads.
    asyncio.run(print_until(lambda: bytes(got).endswith(expected[-1]), reading=True, printed=first))
    held.close()
    lines = bytes(got).splitlines(keepends=True)
    os.close(ours)
    os.close(theirs)
    assert [line for line in dict.fromkeys(lines) if line in set(expected)] == expected
    assert len(lines) <= len(expected) + 16, "after an end without notice the last few may repeat"
