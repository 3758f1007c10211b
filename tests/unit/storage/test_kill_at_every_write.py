"""Programs killed before each of their writes, and writes that fail: what is found afterwards.

Never a mixture, nothing acknowledged lost, nothing twice; also when the start after the kill is
killed itself. The negative control, TinyDB's own storage, must fail the same harness.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.core.log_entries import AnyLogEntry, Outcome
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.bench.box import memory_folder
from tests.bench.kill import harness
from tests.bench.kill.harness import Point, Run

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STAGES = ("offered", "answered", "ended")
OUTCOMES = {"offered": Outcome.INTERRUPTED, "answered": Outcome.INTERRUPTED}
ENTRIES = {"offered": 1, "answered": 4, "ended": 7}
"""Entries in the log after each commit of ``call_life.py``."""


@pytest.fixture(scope="module", autouse=True)
def _strace() -> None:
    try:
        harness.check_strace()
    except harness.StraceUnusableError as unusable:
        pytest.fail(str(unusable))


class Folders:
    """Fresh copies of one prepared folder."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self._made = 0

    def fresh(self) -> Path:
        self._made += 1
        folder = self.template.parent / f"{self.template.name}-{self._made}"
        shutil.copytree(self.template, folder)
        return folder


def some(points: list[Point], every: int) -> Iterator[Point]:
    """Every n-th point and all around a sync, where a save becomes one."""
    for place, point in enumerate(points):
        if place % every == 0 or "sync" in point.call or point.call == "write":
            yield point


def every_write_of_the_call(points: list[Point]) -> Iterator[Point]:
    """All of them; of the pages of the one transaction that makes the file, each fifth."""
    said = next(place for place, point in enumerate(points) if point.call == "write")
    yield from some(points[:said], 5)
    yield from points[said:]


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is room: a kill shows no missing sync, so none need be waited for."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as made:
        yield Path(made)


# --- settings ------------------------------------------------------------------------------------


def content(version: int) -> dict[str, object]:
    length = 40 if version % 2 else 4
    return {"version": version, "parts": [f"part of version {version}"] * length}


@pytest.fixture
def new_box(folder: Path) -> Folders:
    mark_new(folder / "new")
    return Folders(folder / "new")


@pytest.fixture
def used_box(folder: Path) -> Folders:
    """Three versions were saved and the box came up with the third."""
    used = folder / "used"
    mark_new(used)
    store = SettingsStore(used)
    for base in range(3):
        store.save(content(base + 1), base=base, who="a", why="b", now=NOW)
    store.mark_booted()
    store.close()
    return Folders(used)


def check_settings(folder: Path, acknowledged: int, started: int, where: str) -> None:
    """The start after the mishap."""
    store = SettingsStore(folder)
    version, data = store.current()
    assert acknowledged <= version <= started, f"{where}: {version} is in force"
    assert data == (content(version) if version else {}), f"{where}: a mixture"
    versions = [item.version for item in store.history()]
    assert versions == list(range(version, 0, -1)), f"{where}: history {versions}"
    assert store.alarms == (), f"{where}: a kill is no reason for an alarm"
    after = store.save(content(version + 1), base=version, who="a", why="b", now=NOW)
    assert after == version + 1, where
    store.close()
    assert not list(folder.glob("*.tmp")), where


def check_save(ended: Run, folder: Path, before: int, where: str) -> None:
    acknowledged = int(ended.last("saved", str(before)))
    check_settings(folder, acknowledged, min(acknowledged + 1, before + 2), where)


@pytest.mark.parametrize("box", ["new_box", pytest.param("used_box", marks=pytest.mark.slow)])
def test_settings_survive_a_kill_at_every_write_of_a_save(
    box: str, request: pytest.FixtureRequest
) -> None:
    folders: Folders = request.getfixturevalue(box)
    before = 3 if box == "used_box" else 0
    points = harness.points("settings_save.py", folders.fresh())
    assert len(points) >= 15
    for point in points:
        folder = folders.fresh()
        ended = harness.killed("settings_save.py", folder, point)
        assert ended.status == -9, f"{point}: not killed, {ended}"
        check_save(ended, folder, before, f"killed at {point}")


@pytest.mark.slow
def test_settings_survive_a_second_kill_at_every_write_of_the_start_after(
    used_box: Folders,
) -> None:
    points = harness.points("settings_save.py", used_box.fresh())
    starts = harness.points("settings_open.py", used_box.fresh())
    for place, point in enumerate(points):
        for start in starts[place % 2 :: 2]:
            folder = used_box.fresh()
            ended = harness.killed("settings_save.py", folder, point)
            harness.killed("settings_open.py", folder, start)
            check_save(ended, folder, 3, f"killed at {point}, then at {start} of the start")


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "missing"])
def test_falling_back_to_the_version_before_survives_a_kill_at_every_write(
    used_box: Folders, damage: str
) -> None:
    def damaged() -> Path:
        folder = used_box.fresh()
        (folder / "settings.json").write_bytes(b"")
        if damage == "missing":
            (folder / "settings.json").unlink()
        return folder

    points = harness.points("settings_open.py", damaged())
    assert len(points) >= 8
    for point in points:
        folder = damaged()
        harness.killed("settings_open.py", folder, point)
        store = SettingsStore(folder)
        assert store.current() == (2, content(2)), f"killed at {point}"
        assert len(store.alarms) == 1, f"killed at {point}: {store.alarms}"
        store.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "forever"),
    [
        ("ENOSPC", False),
        pytest.param("ENOSPC", True, marks=pytest.mark.slow),
        pytest.param("EIO", False, marks=pytest.mark.slow),
        pytest.param("EIO", True, marks=pytest.mark.slow),
    ],
)
def test_settings_survive_a_write_that_fails(used_box: Folders, error: str, forever: bool) -> None:
    points = harness.points("settings_save.py", used_box.fresh())
    refused = 0
    for point in points:
        folder = used_box.fresh()
        ended = harness.failing("settings_save.py", folder, point, error, forever=forever)
        refused += any(line.startswith("refused") for line in ended.lines)
        assert "Traceback" not in ended.said, ended.said
        acknowledged = int(ended.last("saved", "3"))
        if ended.lines and ended.lines[-1].startswith("refused") and not forever:
            pytest.fail(f"{error} once at {point}: the second try was not carried out")
        # What was refused is not in force: at most a save whose answer could not be said is.
        unsaid = int(ended.status == harness.UNSAID)
        check_settings(folder, acknowledged, acknowledged + unsaid, f"{error} at {point}")
    assert refused >= 5, "the errors reached the saves"


@pytest.mark.slow
def test_stock_tinydb_fails_this_harness(folder: Path) -> None:
    """The negative control: were this to pass, the harness would prove nothing."""
    (folder / "stock").mkdir()
    folders = Folders(folder / "stock")
    assert harness.run("stock_tinydb.py", folders.template).lines == ("saved 1", "saved 2")
    assert harness.run("stock_tinydb.py", folders.template).lines == ("saved 3", "saved 4")
    unreadable = []
    for point in harness.points("stock_tinydb.py", folders.fresh()):
        folder = folders.fresh()
        ended = harness.killed("stock_tinydb.py", folder, point)
        try:
            data = json.loads((folder / "stock.json").read_text("utf-8"))["settings"]["1"]
        except ValueError:
            unreadable.append(f"{point}")
            continue
        assert data["version"] >= int(ended.last("saved", "4"))
    assert unreadable, "stock TinyDB survived every kill"


def test_a_save_is_acknowledged_only_after_file_and_folder_are_on_the_card(
    used_box: Folders,
) -> None:
    """A kill does not show a missing sync, a power cut does: so the order of calls is checked."""
    steps = []
    for line in harness.trace("settings_save.py", used_box.fresh()):
        call = line.split("(", 1)[0]
        about = (
            "acknowledge"
            if "saved" in line
            else "new file"
            if "json.tmp>" in line or call == "rename"
            else "folder"
            if call == "fsync"
            else ""
        )
        if about and call in {"write", "fsync", "rename"}:
            steps.append(f"{call} {about}")
    one_save = [
        "write new file",
        "fsync new file",
        "rename new file",
        "fsync folder",
        "write acknowledge",
    ]
    assert steps == one_save * 2


# --- records -------------------------------------------------------------------------------------


@pytest.fixture
def no_records(folder: Path) -> Folders:
    (folder / "fresh").mkdir()
    return Folders(folder / "fresh")


@pytest.fixture
def used_records(folder: Path) -> Folders:
    """One call was kept and the box stopped in order."""
    calls = folder / "calls"
    calls.mkdir()
    assert harness.run("call_life.py", calls).lines[-1] == "closed"
    return Folders(calls)


def check_records(ended: Run, folder: Path, earlier: int, where: str) -> None:
    """The start after the mishap, in another boot."""
    kept = [line.split()[1] for line in ended.lines if line.startswith("kept ")]
    # A number given out while the card refused everything was never kept: it may come again.
    given = ended.last("id") if kept or ended.status == -9 else ""
    records = Records.open(folder / "records.sqlite")
    assert records.verify().broken_at is None, f"{where}: {records.verify().reason}"
    calls = records.calls(-1)
    assert len(calls) - earlier in ({1} if kept else {0, 1}), f"{where}: {calls}"
    if len(calls) > earlier:
        call = calls[0]
        assert not given or call.call == given, where
        log = [event.entry for event in records.events(call.call)]
        assert len(log) in ENTRIES.values(), f"{where}: half a commit, {log}"
        stage = next(name for name, count in ENTRIES.items() if count == len(log))
        last = STAGES.index(kept[-1]) if kept else -1
        assert STAGES.index(stage) >= last, f"{where}: {kept[-1]} was acknowledged, not kept"
        assert_record_of(stage, log, records, where)
    records.close_interrupted(boot="boot-b", wall=NOW, now_ms=0)
    after = records.calls(-1)
    assert len(after) == len(calls), where
    if len(calls) > earlier:
        assert after[0].outcome is OUTCOMES.get(stage, Outcome.ANSWERED), where
    assert records.open_calls() == [], where
    before = records.calls(-1)
    records.rebuild()
    assert records.calls(-1) == before, f"{where}: the record is not that of the log"
    assert records.next_call_id() > max([given, *(c.call for c in calls)], default=""), where
    records.close()


def assert_record_of(stage: str, log: list[AnyLogEntry], records: Records, where: str) -> None:
    call = records.call(log[0].call)
    assert call is not None, where
    marks = (call.t0_ms, call.t1_ms, call.t3_ms, call.t4_ms, call.t5_ms, call.t6_ms, call.t7_ms)
    assert (
        marks
        == {
            "offered": (1000, None, None, None, None, None, None),
            "answered": (1000, 7000, 9000, 12_000, None, None, None),
            "ended": (1000, 7000, 9000, 12_000, 12_010, 72_010, 72_020),
        }[stage]
    ), where


def kill_a_call(folders: Folders, earlier: int, chosen: Callable[..., Iterator[Point]]) -> None:
    points = harness.points("call_life.py", folders.fresh())
    assert len(points) >= 50
    for point in chosen(points):
        folder = folders.fresh()
        ended = harness.killed("call_life.py", folder, point)
        assert ended.status == -9, f"{point}: not killed, {ended}"
        check_records(ended, folder, earlier, f"killed at {point}")
        shutil.rmtree(folder)


@pytest.mark.slow
def test_records_survive_a_kill_around_each_commit_of_a_call(used_records: Folders) -> None:
    kill_a_call(used_records, 1, lambda points: some(points, 6))


@pytest.mark.slow
def test_records_survive_a_kill_at_every_write_of_the_first_call(no_records: Folders) -> None:
    """From an empty folder: making the file and its shape, the call, and the orderly stop."""
    kill_a_call(no_records, 0, every_write_of_the_call)


@pytest.mark.slow
def test_records_survive_a_second_kill_at_every_write_of_the_start_after(
    used_records: Folders,
) -> None:
    """Killed when the answer was kept and not yet said; then the start is killed at each write."""
    points = harness.points("call_life.py", used_records.fresh())
    acknowledged = [point for point in points if point.call == "write"]
    folder = used_records.fresh()
    ended = harness.killed("call_life.py", folder, acknowledged[2])
    assert ended.lines[-1] == "kept offered"
    left = Folders(folder)
    for start in harness.points("call_recover.py", left.fresh()):
        again = left.fresh()
        harness.killed("call_recover.py", again, start)
        records = Records.open(again / "records.sqlite")
        records.close_interrupted(boot="boot-c", wall=NOW, now_ms=0)
        call, _ = records.calls(-1)
        where = f"killed in the call, then at {start} of the start"
        assert call.outcome is Outcome.INTERRUPTED, where
        kinds = [type(e.entry).__name__ for e in records.events(call.call)]
        assert kinds.count("CallClosed") == 1, f"{where}: {kinds}"
        assert records.verify().broken_at is None, where
        records.close()
        shutil.rmtree(again)


def fail_a_call(folders: Folders, error: str, forever: bool, every: int) -> int:
    refused = 0
    for point in some(harness.points("call_life.py", folders.fresh()), every):
        folder = folders.fresh()
        ended = harness.failing("call_life.py", folder, point, error, forever=forever)
        refused += any(line.startswith("refused") for line in ended.lines)
        check_records(ended, folder, 1, f"{error} at {point}, forever {forever}")
        shutil.rmtree(folder)
    return refused


@pytest.mark.slow
def test_records_survive_a_card_that_is_full(used_records: Folders) -> None:
    assert fail_a_call(used_records, "ENOSPC", forever=True, every=25) > 0


@pytest.mark.slow
@pytest.mark.parametrize(("error", "forever"), [("ENOSPC", False), ("EIO", False), ("EIO", True)])
def test_records_survive_a_write_that_fails(
    used_records: Folders, error: str, forever: bool
) -> None:
    assert fail_a_call(used_records, error, forever, every=6) > 0


def test_the_life_of_a_call_stays_within_the_card_s_budget(used_records: Folders) -> None:
    """At 500 calls a day 25 MB and 2500 flushes are the budget: 50 kB and 5 flushes a call."""
    trace = harness.trace("call_life.py", used_records.fresh())
    marks = [place for place, line in enumerate(trace) if '"id ' in line or '"kept ended' in line]
    life = trace[marks[0] : marks[1]]
    flushes = sum("sync(" in line for line in life)
    written = sum(
        int(match[1]) for line in life if (match := re.search(r"^pwrite64\(.* = (\d+)$", line))
    )
    assert flushes <= 5, f"{flushes} flushes"
    assert written <= 50_000, f"{written} bytes"
