"""Recordings after their call: held, listened to, removed when their time has come."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firmware.control.messages import Refused
from firmware.control.recording_messages import (
    DeleteRecording,
    HoldRecording,
    LockRecordings,
    OpenRecording,
    RecordingDone,
)
from firmware.core.desk_entries import Audited, RecordingHeld, RecordingRemoved, RetentionRun
from firmware.core.recording_settings import Recordings
from firmware.core.settings import Settings
from firmware.daemons.desks.archive import Archive
from firmware.daemons.desks.recording_desk import MB, RecordingDesk
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall
from tests.unit.storage.test_vault import recorded

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


class Shelf:
    """Three recordings of one to three seconds, 40, 20 and 5 days old, of three calls."""

    def __init__(self, data: Path, recordings: Recordings) -> None:
        self.data = data
        self.settings = Settings(language="en", recordings=recordings)
        self.records = Records.open(data / "records.sqlite")
        self.archive = Archive(data / "recordings", data / "keys", data / "run", aside=False)
        self.desk = RecordingDesk(self.archive, self.records, lambda: self.settings)
        for number, days in ((1, 40), (2, 20), (3, 5)):
            call = f"{number:08d}"
            story = inbound(call)
            self.records.append(story, boot=BOOT, wall=wall(story[-1].at_ms), trusted=True)
            wav = data / "recordings" / f"{call}-rec1.wav"
            recorded(wav, number)
            self.archive.put_away(wav)
            at_s = (NOW - timedelta(days=days)).timestamp()
            os.utime(wav.with_suffix(".tpr"), (at_s, at_s))

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in (self.data / "recordings").iterdir())

    def ask(self, request):
        return self.desk.answer(request, 1_000, NOW)


def one(number: int) -> str:
    return f"0000000{number}-rec1"


def test_beyond_its_days_it_goes_and_a_held_one_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=10))
    answer, entries = shelf.ask(
        HoldRecording(recording=one(2), held=True, why="complaint", who="ann", origin="page")
    )
    assert answer == RecordingDone(recording=one(2))
    assert [type(entry) for entry in entries] == [RecordingHeld, Audited]
    size = (tmp_path / "recordings" / f"{one(1)}.tpr").stat().st_size
    digest = hashlib.sha256((tmp_path / "recordings" / f"{one(1)}.tpr").read_bytes()).hexdigest()
    removed, run = shelf.desk.retain(1_000, NOW)
    assert shelf.names == [f"{one(2)}.tpr", f"{one(3)}.tpr"]
    assert isinstance(removed, RecordingRemoved)
    assert (removed.recording, removed.why) == (one(1), "retention")
    assert (removed.size, removed.sha256) == (size, digest)
    assert isinstance(run, RetentionRun)
    assert (run.what, run.kept_back) == ({"retention": 1}, "1")
    shelf.ask(HoldRecording(recording=one(2), held=False, why="closed"))
    assert [e.recording for e in shelf.desk.retain(2_000, NOW)[:-1]] == [one(2)]


def test_days_by_kind_of_call(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=10, keep_days_inbound=30))
    shelf.desk.retain(1_000, NOW)
    assert shelf.names == [f"{one(2)}.tpr", f"{one(3)}.tpr"]


def test_beyond_the_budget_the_oldest_goes_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=100, budget_mb=50))
    # A file of a hole counts with its size and takes no room in the test.
    with (tmp_path / "recordings" / f"{one(3)}.tpr").open("r+b") as file:
        file.truncate(50 * MB - 20_000)
    entries = shelf.desk.retain(1_000, NOW)
    assert [(e.recording, e.why) for e in entries[:-1]] == [(one(1), "budget"), (one(2), "budget")]


def test_every_look_is_an_entry_and_a_deletion_leaves_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings())
    opened, (audit,) = shelf.ask(OpenRecording(recording=one(1), who="ann", origin="page"))
    assert Path(opened.path).read_bytes()[:4] == b"RIFF"
    assert (audit.who, audit.action, audit.what) == ("ann", "play", one(1))
    done, (gone, _) = shelf.ask(DeleteRecording(recording=one(1), why="asked by the caller"))
    assert (done.size, done.sha256) == (gone.size, gone.sha256)
    assert not Path(opened.path).exists()
    assert shelf.names == [f"{one(2)}.tpr", f"{one(3)}.tpr"]
    refused, entries = shelf.ask(OpenRecording(recording=one(1)))
    assert refused == Refused(
        id="recording-none", message=f"There is no recording {one(1)} (any more)."
    )
    assert not entries
    outside, _ = shelf.ask(OpenRecording(recording="../records.sqlite"))
    assert outside.id == "recording-none"


def test_a_held_one_is_not_deleted_and_the_reason_is_told(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings())
    shelf.ask(HoldRecording(recording=one(3), held=True, why="court"))
    refused, _ = shelf.ask(DeleteRecording(recording=one(3), why="x"))
    assert refused == Refused(id="recording-held", message="It is held: court")
    assert f"{one(3)}.tpr" in shelf.names
    held = shelf.desk.held_files()
    assert str(tmp_path / "recordings" / f"{one(3)}.wav") in held


def test_locked_by_a_pass_phrase_nobody_listens_until_it_is_given(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings())
    phrase = "correct horse battery"
    assert isinstance(shelf.ask(LockRecordings(passphrase=phrase))[0], RecordingDone)
    archive = Archive(tmp_path / "recordings", tmp_path / "keys", tmp_path / "run", aside=False)
    desk = RecordingDesk(archive, shelf.records, lambda: shelf.settings)
    asked = OpenRecording(recording=one(1))
    assert desk.answer(asked, 1_000, NOW)[0].id == "recording-not-done"
    desk.answer(LockRecordings(passphrase=phrase, unlock=True), 1_000, NOW)
    assert isinstance(desk.answer(asked, 1_000, NOW)[0], RecordingDone)


@pytest.mark.parametrize("cut", [0, 16_000 * 4])
def test_a_recording_cut_short_is_mended_and_put_away_at_the_next_start(
    tmp_path: Path, cut: int
) -> None:
    wav = tmp_path / "recordings" / "00000009-rec1.wav"
    samples = recorded(wav, 5)
    whole = wav.read_bytes()
    wav.write_bytes(whole[: len(whole) - cut] + b"\1")  # half a frame at the end
    archive = Archive(tmp_path / "recordings", tmp_path / "keys", tmp_path / "run", aside=False)
    archive.put_all_away(())
    assert [p.name for p in wav.parent.iterdir()] == ["00000009-rec1.tpr"]
    lent = archive.lend("00000009-rec1").read_bytes()
    assert lent[-4:] == samples[len(samples) - 1 - cut // 4].tobytes()


@pytest.mark.parametrize(
    ("why", "said"), [("bad_mark", "a bad mark is being looked into"), ("complaint", "complaint")]
)
def test_what_a_bad_mark_or_a_complaint_is_about_stays_until_it_was_looked_into(
    tmp_path: Path, why: str, said: str
) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=10))
    with shelf.records.changing():
        shelf.records.cases.hold("00000001", why)
    entries = shelf.desk.retain(1_000, NOW)
    assert shelf.names == [f"{one(1)}.tpr", f"{one(3)}.tpr"]
    assert entries[-1].kept_back == "1"
    refused, _ = shelf.ask(DeleteRecording(recording=one(1), why="x"))
    assert refused.id == "recording-held"
    assert said in refused.message
    with shelf.records.changing():
        shelf.records.cases.release("00000001", why)
    shelf.desk.retain(2_000, NOW)
    assert shelf.names == [f"{one(3)}.tpr"]
