"""A backup comes back whole at a start, also when the power fails between two steps."""

from __future__ import annotations

from pathlib import Path

from firmware.daemons.upkeep.bringing import BEFORE, PARTS, bring_back
from firmware.storage.backup import NAME, WITH_SOUND


def fill(folder: Path, word: str) -> None:
    folder.mkdir(parents=True)
    for part in PARTS:
        if "." in part:
            (folder / part).write_text(word)
        else:
            (folder / part).mkdir()
            (folder / part / "one").write_text(word)


def words(folder: Path) -> set[str]:
    return {(folder / part if "." in part else folder / part / "one").read_text() for part in PARTS}


def test_everything_is_the_backup_s_and_what_was_there_is_set_aside(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fill(data, "today")
    (data / "records.sqlite-wal").write_text("today")
    (data / "page").mkdir()
    fill(data / "updates/restored", "then")
    assert bring_back(data) == PARTS
    assert words(data) == {"then"}
    assert words(data / BEFORE) == {"today"}
    # A journal of other records would be read into these.
    assert not (data / "records.sqlite-wal").exists()
    assert (data / "page").exists()
    assert not (data / "updates/restored").exists()
    assert bring_back(data) == ()


def test_a_power_cut_between_two_steps_is_made_good_at_the_next_start(tmp_path: Path) -> None:
    for cut, part in enumerate(PARTS):
        data = tmp_path / f"cut-{cut}"
        fill(data, "today")
        fill(data / "updates/restored", "then")
        # As it looks when the power failed right after the old part had left.
        for earlier in PARTS[:cut]:
            (data / BEFORE).mkdir(exist_ok=True)
            (data / earlier).rename(data / BEFORE / earlier)
            (data / "updates/restored" / earlier).rename(data / earlier)
        (data / BEFORE).mkdir(exist_ok=True)
        (data / part).rename(data / BEFORE / part)
        assert bring_back(data) == PARTS[cut:]
        assert words(data) == {"then"}
        assert words(data / BEFORE) == {"today"}


def test_a_backup_of_the_settings_alone_leaves_the_records(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fill(data, "today")
    (data / "updates/restored/settings").mkdir(parents=True)
    (data / "updates/restored/settings/one").write_text("then")
    assert bring_back(data) == ("settings",)
    assert (data / "settings/one").read_text() == "then"
    assert (data / "records.sqlite").read_text() == "today"


def test_whatever_a_backup_may_hold_comes_back() -> None:
    assert set(WITH_SOUND) <= set(PARTS)
    assert all(NAME.fullmatch(part if "." in part else f"{part}/one") for part in PARTS)
