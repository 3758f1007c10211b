"""The card is full, read-only, or answers with errors in the middle of a call."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from firmware.core import log_entries as log
from firmware.daemons.spool import Spool
from firmware.storage.errors import StorageError
from firmware.storage.records import Records
from tests.bench.power.card import CardUnusableError, check_usable, mounted
from tests.unit.storage.stories import BOOT, inbound, wall


@pytest.fixture(autouse=True)
def _card() -> None:
    try:
        check_usable()
    except CardUnusableError as unusable:
        pytest.fail(str(unusable))


def keep(records: Records, entries: list[log.AnyLogEntry]) -> None:
    now_ms = entries[-1].at_ms
    records.append(entries, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)


def filled(folder: Path) -> Path:
    """Fill the card to its last block."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


def _recorded(spool: Spool, path: str) -> None:
    spool.open(path)
    for _ in range(20):
        spool.write(path, bytes(32_000))


@pytest.mark.slow
def test_a_card_that_fills_up_in_mid_call_loses_nothing_that_can_be_tried_again() -> None:
    with mounted(16 << 20) as card:
        records = Records.open(card.folder / "records.sqlite")
        story = inbound("00000001")
        keep(records, story[:2])
        ballast = filled(card.folder)
        refused = 0
        pending = story[2:]
        for number in range(2, 60):  # the write-ahead log has room for a few
            try:
                keep(records, inbound(f"{number:08d}"))
            except StorageError:
                refused = number
                break
        assert refused
        with pytest.raises(StorageError):
            keep(records, pending + inbound(f"{refused:08d}") * 40)
        ballast.unlink()
        keep(records, pending)
        assert records.call("00000001").outcome is log.Outcome.ANSWERED
        assert records.verify().reason == ""
        records.close()


@pytest.mark.slow
def test_a_card_that_answers_with_errors_in_mid_call_costs_a_sentence_and_no_call() -> None:
    """The kernel turns the file system read-only; nothing pretends to be kept."""
    with mounted(16 << 20) as card:
        records = Records.open(card.folder / "records.sqlite")
        story = inbound("00000001")
        keep(records, story[:2])
        card.fail()
        for _ in range(2):  # an error of a sync is never taken for success the second time
            with pytest.raises(StorageError):
                keep(records, story[2:])
        assert records.call("00000001").outcome is None
        spool = Spool()
        path = str(card.folder / "recordings" / "r.wav")
        with pytest.raises(OSError, match=r"Read-only|Input/output"):
            _recorded(spool, path)
        records.close()
