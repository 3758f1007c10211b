"""What was learned of lines: kept whole, and worth no alarm bell when it is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from firmware.storage.line_profiles import LineProfileStore

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_what_is_saved_is_found_by_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    LineProfileStore(path).save({"fxo/1": {"calls": 3, "notes": ()}}, NOW)
    assert LineProfileStore(path).load() == ({"fxo/1": {"calls": 3, "notes": []}}, None)


def test_a_new_box_knows_nothing_and_says_nothing(tmp_path: Path) -> None:
    assert LineProfileStore(tmp_path / "lines.json").load() == ({}, None)


def test_a_damaged_document_is_set_aside_and_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    store = LineProfileStore(path)
    store.save({"fxo/1": {"calls": 3}}, NOW)
    path.write_bytes(path.read_bytes().replace(b"3", b"4"))
    kept, damage = LineProfileStore(path).load()
    assert kept == {}
    assert damage is not None
    assert "lines.json cannot be used" in damage.sentence("en")
    assert path.with_name("lines.json.bad").exists()
    store.save({"fxo/1": {"calls": 5}}, NOW)
    assert LineProfileStore(path).load() == ({"fxo/1": {"calls": 5}}, None)
