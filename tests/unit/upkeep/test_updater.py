"""The data and a version that did not stay: what the older one finds is what it can read."""

import sqlite3

import msgspec
import pytest

from firmware.control.update_messages import UpdateState
from firmware.daemons.upkeep import rauc
from firmware.daemons.upkeep.shapes import OWN, Shapes, lying
from firmware.daemons.upkeep.state import read_state
from firmware.daemons.upkeep.updater import Updater
from firmware.storage.records import Records


def records(folder, schema, note):
    made = sqlite3.connect(folder)
    made.execute(f"PRAGMA user_version={schema}")
    made.execute(f"CREATE TABLE {note} (a)")
    made.commit()
    made.close()


def tables(file):
    opened = sqlite3.connect(file)
    found = [row[0] for row in opened.execute("SELECT name FROM sqlite_master")]
    opened.close()
    return found


def test_shapes_of_real_data_are_read(tmp_path):
    assert lying(tmp_path) == Shapes(0, 0)
    Records.open(tmp_path / "records.sqlite").close()
    assert lying(tmp_path) == Shapes(OWN.records, 0)


def test_records_of_a_newer_version_are_set_aside_for_the_copy_of_before(tmp_path):
    records(tmp_path / "records.sqlite", OWN.records + 1, "newer")
    records(tmp_path / f"records.sqlite.schema-{OWN.records}", OWN.records, "ours")
    (tmp_path / "records.sqlite-wal").write_bytes(b"")
    Updater(tmp_path).start()
    assert tables(tmp_path / "records.sqlite") == ["ours"]
    # Nothing is thrown away.
    assert tables(tmp_path / f"records.sqlite.newer-{OWN.records + 1}") == ["newer"]


def test_without_a_copy_nothing_is_touched(tmp_path):
    records(tmp_path / "records.sqlite", OWN.records + 1, "newer")
    Updater(tmp_path).start()
    assert tables(tmp_path / "records.sqlite") == ["newer"]


def test_a_machine_without_slots_leaves_nothing(tmp_path):
    assert rauc.booted_slot(tmp_path / "none") == ""
    Updater(tmp_path).start()
    assert read_state(tmp_path) is None


def test_the_slot_is_read_from_the_kernel_s_line(tmp_path):
    line = tmp_path / "cmdline"
    line.write_text("root=PARTUUID=74697072-03 ro rauc.slot=B panic=10\n")
    assert rauc.booted_slot(line) == "B"


def test_a_stick_without_room_for_its_bundle_is_refused_with_both_numbers(tmp_path):
    data, stick = tmp_path / "data", tmp_path / "stick"
    data.mkdir()
    stick.mkdir()
    with (stick / "tipring-9.raucb").open("wb") as file:
        file.truncate(1 << 43)  # a hole: nothing is written
    assert Updater(data).take(stick) == 1
    state = read_state(data)
    assert (state.step, state.problem) == ("refused", "update-no-room")
    assert state.detail.startswith("8796093 MB, ")


@pytest.mark.parametrize("step", ["installing", "installed", "trying"])
def test_a_stick_does_not_disturb_an_update_under_way(tmp_path, step):
    (tmp_path / "updates").mkdir()
    state = UpdateState(step=step, version="9")
    (tmp_path / "updates/state.json").write_bytes(msgspec.json.encode(state))
    (tmp_path / "tipring.raucb").write_bytes(b"x")
    assert Updater(tmp_path).take(tmp_path) == 0
    assert read_state(tmp_path) == state


@pytest.mark.parametrize(
    ("step", "stays"),
    [("installing", False), ("checking", False), ("failed", False), ("offered", True)],
)
def test_what_a_power_cut_left_does_not_fill_the_card(tmp_path, step, stays):
    folder = tmp_path / "updates"
    held = folder / "held/bundle.raucb"
    held.parent.mkdir(parents=True)
    held.write_bytes(bytes(1_000))
    state = UpdateState(step=step, version="2.0.0", slot="B")
    (folder / "state.json").write_bytes(msgspec.json.encode(state))
    Updater(tmp_path, booted=lambda: "A").start()
    assert held.exists() == stays
    assert read_state(tmp_path).step == {"installing": "failed", "checking": "refused"}.get(
        step, step
    )
