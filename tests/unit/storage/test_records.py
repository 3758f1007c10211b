"""The records as calld and those who read them meet them."""

import hashlib
import json
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    ClearedBy,
    Direction,
    LineAnswered,
    Outcome,
    Side,
)
from firmware.storage import migrations
from firmware.storage.errors import (
    RecordsDamagedError,
    SchemaTooNewError,
    StorageBusyError,
    StorageError,
)
from firmware.storage.migrations import Step
from firmware.storage.projection import CallRecord
from firmware.storage.record_reader import CallFilter, ReadRecords
from firmware.storage.records import RESERVED_CALLS, Records
from tests.unit.storage.stories import BOOT, inbound, offered, outbound, wall


def opened(folder: Path) -> Records:
    return Records.open(folder / "records.sqlite")


def keep(records: Records, entries: list[AnyLogEntry], boot: str = BOOT) -> None:
    """Each entry in a commit of its own, at the time it happened."""
    for entry in entries:
        records.append([entry], boot=boot, wall=wall(entry.at_ms), trusted=True)


def test_log_and_record_are_there_after_a_restart(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("00000001"))
    before = records.calls()
    records.close()
    again = opened(tmp_path)
    assert again.calls() == before
    assert [event.entry for event in again.events("00000001")] == inbound("00000001")
    (record,) = before
    assert (record.outcome, record.talk_ms, record.extension) == (Outcome.ANSWERED, 60_000, "202")


def test_entries_of_one_commit_carry_the_wall_time_at_which_they_happened(tmp_path: Path) -> None:
    records = opened(tmp_path)
    story = inbound("1")[:3]  # at 10, 12 and 16 s, written at 17 s
    records.append(story, boot=BOOT, wall=wall(17_000), trusted=False, now_ms=17_000)
    stamps = [event.stamp for event in records.events("1")]
    assert [stamp.wall[11:23] for stamp in stamps] == [
        "00:00:10.000",
        "00:00:12.000",
        "00:00:16.000",
    ]
    assert {stamp.offset_min for stamp in stamps} == {480}
    assert not records.calls()[0].trusted


def test_records_made_anew_from_the_log_are_the_same(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    keep(records, outbound("2")[:4])
    before = records.calls(-1)
    assert len(before) == 2
    spoil = sqlite3.connect(tmp_path / "records.sqlite")
    spoil.execute("UPDATE call_record SET extension = '999', t4_ms = 1")
    spoil.commit()
    spoil.close()
    assert records.calls(-1) != before
    assert records.rebuild() == 2
    assert records.calls(-1) == before


def test_many_calls_at_once_are_kept_apart(tmp_path: Path) -> None:
    records = opened(tmp_path)
    stories = [inbound("1"), outbound("2"), inbound("3")]
    mixed = [entry for entries in zip(*(s[:6] for s in stories), strict=True) for entry in entries]
    records.append(mixed, boot=BOOT, wall=wall(110_000), trusted=True, now_ms=110_000)
    alone = opened_alone(tmp_path / "alone", inbound("3")[:6])
    mine = records.call("3")
    assert mine is not None
    assert (mine.t2_ms, mine.rings) == (alone.t2_ms, alone.rings)
    assert [e.entry.call for e in records.events("2")] == ["2"] * 6


def opened_alone(folder: Path, entries: list[AnyLogEntry]) -> CallRecord:
    folder.mkdir()
    records = opened(folder)
    keep(records, entries)
    (record,) = records.calls()
    return record


# --- lists ---------------------------------------------------------------------------------------


def test_calls_come_newest_first_page_by_page(tmp_path: Path) -> None:
    records = opened(tmp_path)
    for n in range(1, 6):
        keep(records, [offered(f"{n:08d}", n * 1000)])
    assert [c.call for c in records.calls(2)] == ["00000005", "00000004"]
    assert [c.call for c in records.calls(2, before="00000004")] == ["00000003", "00000002"]
    assert [c.call for c in records.calls(2, before="00000001")] == []


def test_calls_can_be_looked_for(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    keep(records, outbound("2"))
    keep(records, [offered("3", 200_000)])

    def found(**what: object) -> list[str]:
        return [c.call for c in records.calls(filters=CallFilter(**what))]

    assert found() == ["3", "2", "1"]
    assert found(direction=Direction.OUTBOUND) == ["2"]
    assert found(outcome=Outcome.ANSWERED, line="fxo/2") == ["1"]
    assert found(extension="202") == ["1"]
    assert found(number="0138") == ["1"]
    assert found(number="6255") == ["2"]
    assert found(number="'; --") == []
    assert found(since=wall(100_000)) == ["3", "2"]
    assert found(since=wall(10_000), until=wall(200_000)) == ["2", "1"]


def test_open_calls_come_with_their_log(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    keep(records, inbound("2")[:5])
    (open_call,) = records.open_calls()
    assert open_call.call == "2"
    assert list(open_call.entries) == inbound("2")[:5]


# --- ids -----------------------------------------------------------------------------------------


def test_call_ids_only_grow_even_when_nothing_of_the_last_one_was_kept(tmp_path: Path) -> None:
    records = opened(tmp_path)
    first = [records.next_call_id() for _ in range(40)]
    assert first == [f"{n:08d}" for n in range(1, 41)]
    copy_of_a_power_cut(tmp_path, tmp_path / "cut")
    cut = opened(tmp_path / "cut")
    next_id = int(cut.next_call_id())
    assert 40 < next_id <= 40 + RESERVED_CALLS
    records.close()
    assert opened(tmp_path).next_call_id() == "00000041", "an orderly stop leaves no gap"


def test_ids_cost_no_write_of_their_own_while_calls_are_kept(tmp_path: Path) -> None:
    records = opened(tmp_path)
    for n in range(100):
        call = records.next_call_id()
        records.append([offered(call, n)], boot=BOOT, wall=wall(n), trusted=True)
    copy_of_a_power_cut(tmp_path, tmp_path / "cut")
    assert int(opened(tmp_path / "cut").next_call_id()) > 100


def copy_of_a_power_cut(folder: Path, to: Path) -> None:
    """The files as they lie, with their log, as if the box had stopped now."""
    to.mkdir()
    for path in folder.iterdir():
        if path.is_file() and not path.name.endswith(("-shm", ".lock")):
            (to / path.name).write_bytes(path.read_bytes())


# --- power cuts ----------------------------------------------------------------------------------


def test_a_call_cut_off_by_power_ends_at_the_last_sign_of_life(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1")[:10])  # connected at 30.020 s
    records.heartbeat(60_000, boot=BOOT, wall=wall(60_000))
    back = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert records.close_interrupted(boot="boot-b", wall=back, now_ms=4_000) == ["1"]
    (record,) = records.calls()
    assert record.outcome is Outcome.INTERRUPTED
    assert (record.t6_ms, record.t7_ms, record.talk_ms) == (60_000, 60_000, 29_980)
    assert (record.cleared_first, record.cleared_by) == (Side.SYSTEM, ClearedBy.RESTART)
    assert record.boot == BOOT
    assert "was back at 2026-03-02T09:00:00+00:00" in record.outcome_detail
    last = records.events("1")[-1].stamp
    assert (last.wall, last.boot) == ("2026-03-01T00:01:00.000+00:00", BOOT)
    assert records.close_interrupted(boot="boot-b", wall=back, now_ms=4_000) == []
    assert records.verify().broken_at is None


def test_without_a_later_sign_of_life_it_ends_at_its_last_entry(tmp_path: Path) -> None:
    records = opened(tmp_path)
    records.heartbeat(5_000, boot=BOOT, wall=wall(5_000))
    keep(records, inbound("1")[:3])
    records.close_interrupted(boot="boot-b", wall=wall(0), now_ms=1)
    assert records.calls()[0].t7_ms == 16_000


def test_a_call_that_had_ended_stays_answered(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1")[:12])  # cleared at 90.020 s, not closed
    records.close_interrupted(boot="boot-b", wall=wall(0), now_ms=1)
    (record,) = records.calls()
    assert (record.outcome, record.cleared_by) == (Outcome.ANSWERED, ClearedBy.TONE)
    assert record.talk_ms == 60_000


def test_calls_of_this_boot_and_adopted_ones_are_left_open(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, [offered("1")], boot="boot-b")
    keep(records, [offered("2")])
    assert records.close_interrupted(boot="boot-b", wall=wall(0), now_ms=1, adopted=["2"]) == []
    assert [c.call for c in records.open_calls()] == ["1", "2"]


# --- tampering -----------------------------------------------------------------------------------


def test_the_chain_is_that_of_the_written_rule(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, [offered("1"), LineAnswered(call="1", at_ms=16_000, port="fxo/2")])
    rows = (
        sqlite3.connect(tmp_path / "records.sqlite")
        .execute(
            "SELECT seq, call, kind, at_ms, boot, wall, offset_min, trusted, body, hash FROM event"
        )
        .fetchall()
    )
    before = "00" * 32
    for row in rows:
        line = json.dumps([before, *row[:-1]], separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(line.encode()).digest() == row[-1]
        before = row[-1].hex()
    assert [row[2] for row in rows] == ["call_offered", "line_answered"]


@pytest.mark.parametrize(
    ("tampering", "broken_at", "reason"),
    [
        ("UPDATE event SET at_ms = at_ms - 1000 WHERE seq = 4", 4, "altered"),
        ("UPDATE event SET trusted = 0 WHERE seq = 7", 7, "altered"),
        ("UPDATE event SET body = replace(body, 'dtmf', 'fsk') WHERE seq = 2", 2, "altered"),
        ("UPDATE event_private SET body = replace(body, '138', '139') WHERE seq = 2", 2, "altered"),
        ("DELETE FROM event_private WHERE seq = 2", 2, "is missing, and no erasure tells why"),
        ("DELETE FROM event WHERE seq = 5", 5, "missing"),
        ("DELETE FROM event WHERE seq > 12", 13, "ends before"),
        ("UPDATE event SET seq = seq + 1 WHERE seq = 15", 15, "missing"),
    ],
)
def test_tampering_with_the_log_is_found(
    tmp_path: Path, tampering: str, broken_at: int, reason: str
) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    assert records.verify() == records.verify().__class__(events=15)
    intruder = sqlite3.connect(tmp_path / "records.sqlite")
    if "event_private" not in tampering:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            intruder.execute(tampering)
    intruder.execute("DROP TRIGGER event_is_never_changed")
    intruder.execute("DROP TRIGGER event_is_never_removed")
    intruder.execute(tampering)
    intruder.commit()
    found = records.verify()
    assert found.broken_at == broken_at
    assert reason in found.reason


# --- files ---------------------------------------------------------------------------------------


def test_the_page_may_read_and_not_write(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    with ReadRecords.open(tmp_path / "records.sqlite") as reader:
        assert reader.calls() == records.calls()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("DELETE FROM call_record")
        keep(records, [offered("2", 99_000)])
        assert [c.call for c in reader.calls()] == ["2", "1"], "it sees what was kept since"
    mode = (tmp_path / "records.sqlite").stat().st_mode
    assert stat.S_IMODE(mode) == 0o640


def test_reading_works_when_nobody_writes(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, inbound("1"))
    records.close()
    with ReadRecords.open(tmp_path / "records.sqlite", idle=True) as reader:
        assert len(reader.calls()) == 1
    with pytest.raises(StorageError, match="There are no records"):
        ReadRecords.open(tmp_path / "elsewhere.sqlite")


def test_only_one_program_writes(tmp_path: Path) -> None:
    records = opened(tmp_path)
    with pytest.raises(StorageBusyError):
        opened(tmp_path)
    records.close()
    opened(tmp_path).close()


@pytest.mark.parametrize("damage", ["header", "page"])
def test_damaged_records_are_refused_or_set_aside_with_a_sentence(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "records.sqlite"
    records = opened(tmp_path)
    for _ in range(29):
        story = inbound(records.next_call_id())
        records.append(story, boot=BOOT, wall=wall(91_000), trusted=True)
    records.close()
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[0:16] = b"x" * 16
    else:
        content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(RecordsDamagedError, match="is damaged"):
        opened(tmp_path)
    new, damage = Records.open_or_set_aside(path)
    assert damage is not None
    sentence = damage.sentence("en")
    assert "is damaged" in sentence
    assert "kept as records.sqlite.bad-1; new records have begun" in sentence
    assert (tmp_path / "records.sqlite.bad-1").read_bytes() == content
    assert int(new.next_call_id()) > 29
    assert new.calls() == []


def test_sound_records_open_without_a_sentence(tmp_path: Path) -> None:
    records, damage = Records.open_or_set_aside(tmp_path / "records.sqlite")
    assert (records.calls(), damage) == ([], None)


def test_records_of_a_newer_firmware_are_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "records.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SchemaTooNewError, match="schema 99 and this firmware knows 12"):
        opened(tmp_path)


def test_when_a_commit_fails_nothing_of_it_is_kept_and_it_can_be_tried_again(
    tmp_path: Path,
) -> None:
    records = opened(tmp_path)
    keep(records, [offered("1")])
    blocker = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    records._connection.execute("PRAGMA busy_timeout = 1")
    later = inbound("1")[1:]
    with pytest.raises(OSError, match="locked"):
        records.append(later, boot=BOOT, wall=wall(91_000), trusted=True)
    blocker.execute("ROLLBACK")
    assert len(records.events("1")) == 1
    records.append(later, boot=BOOT, wall=wall(91_000), trusted=True)
    assert [e.entry for e in records.events("1")] == inbound("1")
    assert records.verify().broken_at is None


def test_durations_do_not_follow_the_wall_clock(tmp_path: Path) -> None:
    records = opened(tmp_path)
    for n, entry in enumerate(inbound("1")):
        jumping = wall(entry.at_ms) + timedelta(days=(-400, 0, 3650)[n % 3])
        records.append([entry], boot=BOOT, wall=jumping, trusted=n % 3 == 1)
    (record,) = records.calls()
    assert (record.talk_ms, record.wait_ms) == (60_000, 8_500)


# --- shapes --------------------------------------------------------------------------------------

OLD = "CREATE TABLE thing (a INTEGER) STRICT; INSERT INTO thing VALUES (1);"
NEW = "CREATE TABLE thing (a INTEGER, b TEXT) STRICT;"
STEP = Step(to_schema=2, what="things have b", sql="ALTER TABLE thing ADD COLUMN b TEXT;")


def old_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, path, steps=(), schema=OLD)
    return connection


def test_an_older_file_is_brought_forward_and_a_copy_is_kept(tmp_path: Path) -> None:
    connection = old_file(tmp_path / "r.sqlite")
    migrations.migrate(connection, tmp_path / "r.sqlite", steps=(STEP,), schema=NEW)
    assert connection.execute("SELECT a, b FROM thing").fetchall() == [(1, None)]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    copy = sqlite3.connect(tmp_path / "r.sqlite.schema-1")
    assert copy.execute("SELECT * FROM thing").fetchall() == [(1,)]
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    connection = old_file(tmp_path / "r.sqlite")
    bad = Step(to_schema=3, what="broken", sql="INSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection, tmp_path / "r.sqlite", steps=(STEP, bad), schema=NEW)
    assert connection.execute("SELECT * FROM thing").fetchall() == [(1,)]
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_the_records_of_the_first_firmware_can_still_be_read(tmp_path: Path) -> None:
    fixture = Path(__file__).parent / "fixtures" / "records_schema_1.sql"
    connection = sqlite3.connect(tmp_path / "records.sqlite")
    connection.executescript(fixture.read_text("utf-8"))
    connection.close()
    records = opened(tmp_path)
    (record,) = records.calls()
    assert (record.caller_number, record.talk_ms) == ("13800138000", 60_000)
    assert records.verify().broken_at is None
    assert records.rebuild() == 1
    assert records.calls() == [record]
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert shape(records) == shape(opened(fresh)), "schema.sql and the steps lead to one shape"


def shape(records: Records) -> list[tuple[object, ...]]:
    """Tables by their columns (a column that came later stands in other words), the rest as SQL."""
    found = records._connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()
    return [
        (name, *records._connection.execute(f"PRAGMA table_xinfo({name})"))
        if kind == "table"
        else (name, sql)
        for kind, name, sql in found
    ]


def test_an_entry_of_a_call_that_never_began_stays_in_the_log(tmp_path: Path) -> None:
    records = opened(tmp_path)
    keep(records, [CallClosed(call="9", at_ms=1, outcome=Outcome.FAILED)])
    assert records.calls() == []
    assert records.verify().events == 1
