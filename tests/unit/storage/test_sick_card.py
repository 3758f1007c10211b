"""The card is full, read-only, or answers with errors in the middle of a call."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from firmware.core import log_entries as log
from firmware.core.events import RecordingFinished
from firmware.core.settings import Settings
from firmware.daemons.desks.recording_desk import RecordingDesk
from firmware.daemons.wires.spool import Spool
from firmware.media.recorder import Recorder, repair_header
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
def test_a_recording_stops_with_an_alarm_as_the_card_fills_and_what_there_was_is_kept() -> None:
    with mounted(16 << 20) as card:
        (card.folder / "recordings").mkdir()
        path = card.folder / "recordings" / "00000001-rec1.wav"
        spool = Spool()
        recorder = Recorder(spool)
        recorder.start("00000001-rec1", str(path), 0)
        said = np.full((1, 40), 1000, np.float32)
        seconds, failed = 0, []
        while not failed and seconds < 1_000:
            for _ in range(200):
                recorder.add(said, said)
            seconds += 1
            if seconds == 40:
                filled(card.folder)
            failed = recorder.take_failed()
        assert [name for name, _ in failed] == ["00000001-rec1"]
        done = recorder.stop("00000001-rec1")
        assert done is not None  # the call goes on without it
        kept = repair_header(path) / 8_000
        assert seconds - 17 <= kept <= seconds  # at most 15 s and what was in memory
        card_full = RecordingFinished(
            port="fxo/1",
            at_ms=0,
            recording=done.name,
            path=done.path,
            duration_ms=1,
            reason=failed[0][1],
        )
        for language, words in (("zh-CN", "录音已停止"), ("en", "Recording has stopped")):
            settings = Settings(language=language)
            desk = RecordingDesk(None, None, lambda settings=settings: settings)
            assert desk.alarms == ()
            desk.finished(card_full)
            (alarm,) = desk.alarms
            assert words in alarm
            assert "No space left" in alarm


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
        _recorded(spool, path)
        ((failed, reason),) = spool.take_failed()
        assert failed == path
        assert reason in {"Read-only file system", "Input/output error"}
        records.close()
