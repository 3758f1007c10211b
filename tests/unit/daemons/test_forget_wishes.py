"""A caller who had the recordings of his calls removed by a key: whose go, whose stay, and when."""

from __future__ import annotations

from pathlib import Path

from firmware.control.recording_messages import HoldRecording
from firmware.core.desk_entries import RecordingRemoved
from firmware.core.menu_entries import ForgetAsked
from firmware.core.recording_settings import Recordings
from firmware.daemons.desks.recording_desk import RecordingDesk
from tests.unit.daemons.test_recording_desk import NOW, Shelf, one
from tests.unit.storage.stories import BOOT, wall

CALLER = "13800138000"
"""Of every call on the shelf."""


def wish(call: str, number: str = CALLER) -> ForgetAsked:
    return ForgetAsked(call=call, at_ms=500_000, number=number, language="en", key="1")


def removed(entries: list[object]) -> list[tuple[str, str]]:
    return [(e.recording, e.why) for e in entries if isinstance(e, RecordingRemoved)]


def test_what_was_recorded_before_he_asked_goes_at_once_and_is_proven(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=90))
    shelf.desk.told([wish("00000003")])
    assert shelf.desk.due(500_000)
    entries = shelf.desk.retain(500_000, NOW)
    assert removed(entries) == [(one(1), "caller"), (one(2), "caller")]
    assert all(e.size > 0 and len(e.sha256) == 64 for e in entries if hasattr(e, "sha256"))
    assert shelf.names == [f"{one(3)}.tpr"], "the call in which he asked, and later ones, stay"


def test_another_number_and_an_extension_change_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=90))
    shelf.desk.told([wish("00000009", "13900139000"), wish("00000009", "201")])
    assert removed(shelf.desk.retain(500_000, NOW)) == []
    assert len(shelf.names) == 3


def test_what_is_held_stays_until_it_is_released(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=90))
    shelf.ask(HoldRecording(recording=one(1), held=True, why="complaint", who="ann"))
    shelf.desk.told([wish("00000009", "+86 138 0013 8000")])
    assert removed(shelf.desk.retain(500_000, NOW)) == [(one(2), "caller"), (one(3), "caller")]
    shelf.ask(HoldRecording(recording=one(1), held=False, why="", who="ann"))
    assert removed(shelf.desk.retain(600_000, NOW)) == [(one(1), "caller")]


def test_a_restart_before_it_was_done_forgets_no_wish(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Recordings(keep_days=90))
    shelf.records.append([wish("00000009")], boot=BOOT, wall=wall(500_000), trusted=True)
    again = RecordingDesk(shelf.archive, shelf.records, lambda: shelf.settings)
    assert len(removed(again.retain(60_000, NOW))) == 3
    assert shelf.names == []
