"""The versions of the settings, as somebody who edits them meets them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.core.settings import Settings
from firmware.storage import settings as module
from firmware.storage.atomic import AtomicStorage
from firmware.storage.errors import (
    SchemaTooNewError,
    SettingsConflictError,
    SettingsTooLargeError,
    StorageLostError,
    UnknownVersionError,
)
from firmware.storage.settings import Migration, SettingsStore, mark_new

NOW = datetime(2026, 3, 1, 16, 30, tzinfo=timezone(timedelta(hours=8)))
FIXTURES = Path(__file__).parent / "fixtures"


def new_store(folder: Path) -> SettingsStore:
    mark_new(folder)
    return SettingsStore(folder)


def save(store: SettingsStore, base: int, **settings: object) -> int:
    return store.save(settings, base=base, who="lily", why=f"after {base}", now=NOW)


def test_a_new_box_has_version_0_and_no_settings_of_its_own(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    assert store.current() == (0, {})
    assert store.history() == []
    assert msgspec.convert(store.current()[1], Settings) == Settings()


def test_a_folder_that_lost_its_settings_is_no_new_box(tmp_path: Path) -> None:
    with pytest.raises(StorageLostError):
        SettingsStore(tmp_path)


def test_each_save_is_a_version_with_who_when_and_why(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    assert save(store, 0, country="CN") == 1
    assert save(store, 1, country="GB") == 2
    assert store.current() == (2, {"country": "GB"})
    assert [msgspec.structs.astuple(v) for v in store.history()] == [
        (2, "2026-03-01T08:30:00+00:00", "lily", "after 1"),
        (1, "2026-03-01T08:30:00+00:00", "lily", "after 0"),
    ]
    store.close()
    assert SettingsStore(tmp_path).current() == (2, {"country": "GB"})


def test_two_people_cannot_overwrite_each_other(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    save(store, 0, country="CN")
    save(store, 1, country="GB")
    with pytest.raises(
        SettingsConflictError,
        match=r"began with version 1, but the newest is 2, saved by lily at 2026-03-01T08:30:00",
    ):
        save(store, 1, country="US")
    assert store.current() == (2, {"country": "GB"})


def test_an_earlier_version_can_be_made_the_newest(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    save(store, 0, country="CN")
    save(store, 1, country="GB")
    assert store.restore(1, who="boss", why="it was better", now=NOW) == 3
    assert store.current() == (3, {"country": "CN"})
    assert store.history()[0].who == "boss"
    with pytest.raises(UnknownVersionError, match=r"no version 9 of the settings: 1 to 3 are kept"):
        store.restore(9, who="boss", why="", now=NOW)


def test_restoring_before_the_first_save_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownVersionError, match="none has been saved yet"):
        new_store(tmp_path).restore(1, who="boss", why="", now=NOW)


def test_one_save_is_one_write_of_the_card(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for n in range(4):
        save(store, n, value=n)
    envelope = json.loads((tmp_path / "settings.json").read_text("utf-8"))
    assert envelope["generation"] == 4


def test_two_hundred_versions_are_kept(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    common = {"written_at": "", "who": "", "why": "", "schema": 1, "settings": {}}
    storage = AtomicStorage(tmp_path / "settings.json")
    with storage.transaction(NOW):
        storage.write({"versions": {str(n): {"version": n, **common} for n in range(1, 200)}})
    storage.close()
    store = SettingsStore(tmp_path)
    for base in range(199, 203):
        save(store, base, value=base)
    assert [v.version for v in store.history()] == list(range(203, 3, -1))
    with pytest.raises(UnknownVersionError, match="4 to 203 are kept"):
        store.version(3)


def test_long_settings_push_out_old_versions_but_never_the_one_before(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for n in range(6):
        save(store, n, value="x" * (module.MOST_SETTINGS_BYTES - 20))
    assert [v.version for v in store.history()] == [6, 5, 4]
    assert (tmp_path / "settings.json").stat().st_size < module.MOST_DOCUMENT_BYTES * 1.05
    with pytest.raises(SettingsTooLargeError, match="the limit is 250000"):
        save(store, 6, value="x" * module.MOST_SETTINGS_BYTES)


def test_a_damaged_file_leaves_the_version_before_and_an_alarm_for_people(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    save(store, 0, country="CN")
    save(store, 1, country="GB")
    store.close()
    (tmp_path / "settings.json").write_bytes(b"")
    again = SettingsStore(tmp_path)
    assert again.current() == (1, {"country": "CN"})
    assert len(again.alarms) == 1
    again.acknowledge()
    assert again.alarms == ()


# --- shapes of other firmwares -------------------------------------------------------------------


def office_to_offices(data: dict[str, Any]) -> dict[str, Any]:
    return {"offices": [data["office"]]}


def offices_have_names(data: dict[str, Any]) -> dict[str, Any]:
    return {"offices": [{"name": office} for office in data["offices"]]}


SECOND = Migration(to_schema=2, what="several offices", change=office_to_offices)
THIRD = Migration(to_schema=3, what="offices have names", change=offices_have_names)


def test_settings_of_an_older_firmware_are_carried_over_step_by_step(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    save(store, 0, office="north")
    save(store, 1, office="south")
    store.close()
    before = (tmp_path / "settings.json").read_bytes()

    newer = SettingsStore(tmp_path, migrate=(SECOND, THIRD))
    assert newer.current() == (2, {"offices": [{"name": "south"}]})
    assert (tmp_path / "settings.json").read_bytes() == before, "reading changes nothing"
    newer.save({"offices": []}, base=2, who="lily", why="", now=NOW)
    newer.restore(1, who="lily", why="", now=NOW)
    assert newer.current() == (4, {"offices": [{"name": "north"}]})
    newer.close()
    kept = [path.read_bytes() for path in tmp_path.glob("settings.json.gen-*")]
    assert before in kept, "the generation before the change of shape is kept"

    with pytest.raises(SchemaTooNewError):
        SettingsStore(tmp_path, migrate=(SECOND,))


def test_a_gap_in_the_numbers_of_the_steps_is_refused(tmp_path: Path) -> None:
    mark_new(tmp_path)
    with pytest.raises(ValueError, match=r"numbered \[3\] instead of \[2\]"):
        SettingsStore(tmp_path, migrate=(THIRD,))


def test_the_product_still_reads_what_its_first_firmware_wrote(tmp_path: Path) -> None:
    kept = FIXTURES / "settings_schema_1.json"
    (tmp_path / "settings.json").write_bytes(kept.read_bytes())
    version, data = SettingsStore(tmp_path).current()
    assert version == 2
    settings = msgspec.convert(data, Settings)
    assert settings.country == "HK"
    assert [e.number for e in settings.extensions] == ["201", "202"]


def test_times_are_kept_in_utc_whatever_the_office_s_zone(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.save({}, base=0, who="a", why="", now=NOW.astimezone(UTC))
    assert store.history()[0].written_at == "2026-03-01T08:30:00+00:00"
