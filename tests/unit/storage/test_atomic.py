"""The atomic storage as an owner meets it: what is in force after which mishap."""

import errno
import json
import random
import resource
import signal
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.storage.atomic import BAD_FILES, GENERATIONS, AtomicStorage, mark_factory
from firmware.storage.envelope import DamagedError, seal, unseal
from firmware.storage.errors import (
    SchemaTooNewError,
    StorageBusyError,
    StorageError,
    StorageLostError,
)

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def opened(folder: Path, schema: int = 1) -> AtomicStorage:
    return AtomicStorage(folder / "x.json", schema=schema)


def put(storage: AtomicStorage, value: object) -> None:
    with storage.transaction(NOW):
        storage.write({"t": {"1": {"value": value}}})


def value_of(storage: AtomicStorage) -> object:
    data = storage.read()
    return None if data is None else data["t"]["1"]["value"]


def box(folder: Path, *values: object) -> Path:
    """A folder in which these values were saved one after the other."""
    mark_factory(folder / "x.json")
    storage = opened(folder)
    for value in values:
        put(storage, value)
    storage.close()
    return folder / "x.json"


def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    box(tmp_path, "a", "办公室")
    storage = opened(tmp_path)
    assert value_of(storage) == "办公室"
    assert storage.generation == 2
    assert storage.alarms == ()


def test_the_file_can_be_read_by_a_person_and_by_its_owner_alone(tmp_path: Path) -> None:
    path = box(tmp_path, "办公室")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    envelope = json.loads(path.read_text("utf-8"))
    assert list(envelope) == ["format", "schema", "generation", "written_at", "sha256", "data"]
    assert envelope["written_at"] == "2026-03-01T08:30:00.000+00:00"
    assert "办公室" in path.read_text("utf-8")


def test_the_checksum_is_that_of_the_compact_sorted_rest() -> None:
    content = seal({"b": "x", "a": 1}, schema=1, generation=4, written_at=NOW)
    # The line that printf was given, and what sha256sum said to it.
    line = (
        b'{"data":{"a":1,"b":"x"},"format":"tipring-document","generation":4,"schema":1,'
        b'"written_at":"2026-03-01T08:30:00.000+00:00"}'
    )
    said = subprocess.run(["sha256sum"], input=line, capture_output=True, check=True).stdout
    assert json.loads(content)["sha256"].encode() == said.split()[0]


def test_a_new_box_is_empty_only_where_it_is_marked(tmp_path: Path) -> None:
    with pytest.raises(StorageLostError, match=r"x\.json cannot be used \(it is missing\)"):
        opened(tmp_path)
    mark_factory(tmp_path / "x.json")
    storage = opened(tmp_path)
    assert storage.read() is None
    put(storage, "a")
    assert not (tmp_path / "x.json.factory").exists()
    storage.close()
    (tmp_path / "x.json").unlink()
    with pytest.raises(StorageLostError, match="is missing"):
        opened(tmp_path)


@pytest.mark.parametrize("damage", ["empty", "missing", "cut", "flipped", "other", "mixed"])
def test_a_damaged_file_is_kept_and_the_generation_before_is_in_force(
    tmp_path: Path, damage: str
) -> None:
    path = box(tmp_path, "a", "b", "c")
    good = path.read_bytes()
    bad = {
        "empty": b"",
        "missing": b"",
        "cut": good[:-20],
        "flipped": good.replace(b'"c"', b'"d"'),
        "other": b'{"hello": 1}',
        "mixed": good + good[40:],
    }[damage]
    path.write_bytes(bad)
    if damage == "missing":
        path.unlink()
    storage = opened(tmp_path)
    assert value_of(storage) == "b"
    (alarm,) = storage.alarms
    assert alarm.generation == 2
    assert (tmp_path / alarm.kept).read_bytes() == bad
    assert "x.json could not be read; generation 2 is in force instead" in alarm.sentence("en")
    assert "现在使用的是第 2 代" in alarm.sentence("zh-CN")
    storage.close()

    again = opened(tmp_path)
    assert value_of(again) == "b"
    assert len(again.alarms) == 1, "the alarm stays until somebody has seen it"
    again.acknowledge()
    assert again.alarms == ()
    put(again, "d")
    again.close()
    last = opened(tmp_path)
    assert (value_of(last), last.alarms) == ("d", ())
    assert (tmp_path / "x.json.seen-1").read_bytes() == bad


def test_the_newest_good_generation_is_taken_when_several_are_bad(tmp_path: Path) -> None:
    path = box(tmp_path, "a", "b", "c", "d")
    path.write_bytes(b"")
    (tmp_path / "x.json.gen-000003").write_bytes(b"{")
    storage = opened(tmp_path)
    assert value_of(storage) == "b"
    put(storage, "e")
    assert storage.generation == 4, "a number is never used twice"


def test_when_nothing_is_left_nothing_is_touched_and_the_box_says_so(tmp_path: Path) -> None:
    path = box(tmp_path, "a", "b")
    path.write_bytes(b"")
    (tmp_path / "x.json.gen-000001").write_bytes(b"")
    with pytest.raises(StorageLostError, match="none of its 1 earlier generations can"):
        opened(tmp_path)
    assert path.exists()
    assert not (tmp_path / "x.json.bad-1").exists()


def test_the_last_one_that_booted_well_outlives_the_ten_generations(tmp_path: Path) -> None:
    mark_factory(tmp_path / "x.json")
    storage = opened(tmp_path)
    put(storage, "booted")
    storage.mark_booted()
    for n in range(GENERATIONS + 5):
        put(storage, n)
    storage.close()
    generations = sorted(tmp_path.glob("x.json.gen-*"))
    assert len(generations) == GENERATIONS
    for path in [*generations, tmp_path / "x.json"]:
        path.write_bytes(b"")
    assert value_of(opened(tmp_path)) == "booted"


def test_unreadable_files_do_not_fill_the_card(tmp_path: Path) -> None:
    path = box(tmp_path, "a", "b")
    for _ in range(BAD_FILES + 3):
        path.write_bytes(b"broken")
        opened(tmp_path).close()
    assert len(list(tmp_path.glob("x.json.bad-*"))) == BAD_FILES


def test_a_document_of_a_newer_firmware_is_refused_and_left_alone(tmp_path: Path) -> None:
    mark_factory(tmp_path / "x.json")
    newer = opened(tmp_path, schema=3)
    put(newer, "new")
    newer.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SchemaTooNewError, match="schema 3 and this firmware knows 2"):
        opened(tmp_path, schema=2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_only_one_program_writes(tmp_path: Path) -> None:
    box(tmp_path, "a")
    first = opened(tmp_path)
    with pytest.raises(StorageBusyError, match="writes here already"):
        opened(tmp_path)
    first.close()
    assert value_of(opened(tmp_path)) == "a"


def test_a_change_that_raises_halfway_leaves_nothing_behind(tmp_path: Path) -> None:
    box(tmp_path, "a")
    storage = opened(tmp_path)

    def change_that_fails() -> None:
        with storage.transaction(NOW):
            storage.write({"t": {"1": {"value": "half"}}})
            assert value_of(storage) == "half"
            raise KeyError("second half")

    with pytest.raises(KeyError, match="second half"):
        change_that_fails()
    assert value_of(storage) == "a"
    with pytest.raises(StorageError, match="needs a transaction"):
        storage.write({})


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x", NOW])
def test_what_json_cannot_say_is_refused_before_the_file_is_touched(
    tmp_path: Path, value: object
) -> None:
    path = box(tmp_path, "a")
    before = path.read_bytes()
    storage = opened(tmp_path)
    with pytest.raises(ValueError, match="cannot be kept as JSON"):
        put(storage, value)
    assert path.read_bytes() == before
    assert value_of(storage) == "a"


def test_changing_what_was_read_does_not_change_what_is_kept(tmp_path: Path) -> None:
    box(tmp_path, "a")
    storage = opened(tmp_path)
    data = storage.read()
    assert data is not None
    data["t"]["1"]["value"] = "changed in memory"
    assert value_of(storage) == "a"


def test_a_file_that_may_not_grow_leaves_the_old_document(tmp_path: Path) -> None:
    path = box(tmp_path, "a")
    storage = opened(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="File too large") as failed:
            put(storage, "x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert failed.value.errno == errno.EFBIG
    assert value_of(storage) == "a"
    assert not (tmp_path / "x.json.tmp").exists()
    put(storage, "b")
    assert unseal(path.read_bytes()).data["t"]["1"]["value"] == "b"


def test_a_file_cut_or_mixed_at_any_byte_is_never_taken_for_whole() -> None:
    old = seal({"t": {"1": {"value": "a" * 50}}}, schema=1, generation=1, written_at=NOW)
    new = seal({"t": {"1": {"value": "b" * 60}}}, schema=1, generation=2, written_at=NOW)
    wholes = {old.strip(), new.strip()}  # a newline more or less at the end loses nothing
    for at in range(len(new)):
        for mixture in (new[:at], new[:at] + old[at:], old[:at] + new[at:]):
            try:
                unseal(mixture)
            except DamagedError:
                continue
            assert mixture.strip() in wholes, f"mixture at byte {at} passed for a document"


@pytest.mark.parametrize("seed", range(5))
def test_any_flipped_bit_in_the_content_is_noticed(seed: int) -> None:
    content = seal({"t": {"1": {"value": "办公室" * 20}}}, schema=1, generation=7, written_at=NOW)
    start = content.index(b'"data"')
    rng = random.Random(seed)
    for _ in range(100):
        flipped = bytearray(content)
        at = rng.randrange(start, len(content) - 2)
        flipped[at] ^= 1 << rng.randrange(8)
        try:
            envelope = unseal(bytes(flipped))
        except DamagedError:
            continue
        # Only white space between the parts may differ without being noticed.
        assert envelope.data == unseal(content).data, f"seed {seed}, byte {at}"
