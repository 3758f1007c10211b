"""What the box does with its card, operation by operation, and what must be found after a cut.

``work`` does the operation some times in a folder and says ``acknowledge(value)`` when a person or
another program was told that it is kept. ``check`` is given what a start after the cut finds, the
last value that was acknowledged before the cut (None for none) and the one that came next, and
fails when something acknowledged is lost or something is unreadable.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tinydb
from PIL import Image, ImageDraw

from firmware.core import log_entries as log
from firmware.core.acd_entries import AgentChanged, AgentState
from firmware.core.fax_entries import FaxBegun, FaxOrdered
from firmware.daemons.desks.fax_shelf import FaxShelf
from firmware.daemons.wires.spool import Spool
from firmware.media.recorder import HEADER_BYTES, repair_header
from firmware.paper.printer import as_tiff
from firmware.storage.line_profiles import LineProfileStore
from firmware.storage.messages import MessageRow
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from firmware.storage.vault import Vault
from tests.unit.reports.pencil import Day, Part, Stay, tell

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BOOT = "boot-a"
ROUNDS = 12

Acknowledge = Callable[[int], None]


@dataclass(frozen=True)
class Operation:
    """One operation; ``prepare`` makes what was there before and is not cut."""

    name: str
    prepare: Callable[[Path], None]
    work: Callable[[Path, Acknowledge], None]
    check: Callable[[Path, int], None]


def wall(at_ms: int) -> datetime:
    return NOW + timedelta(milliseconds=at_ms)


def nothing(_folder: Path) -> None:
    """Nothing was there."""


def keep(records: Records, entries: list[log.AnyLogEntry]) -> None:
    now_ms = entries[-1].at_ms
    records.append(entries, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)


def opened(folder: Path) -> Records:
    """The records as a start finds them; whatever cannot be read is a failure."""
    records, damage = Records.open_or_set_aside(folder / "records.sqlite")
    assert not damage, damage
    found = records.verify()
    assert found.broken_at is None, found.reason
    (verdict,) = records._connection.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok", verdict
    return records


# --- settings -------------------------------------------------------------------------------------


def content(version: int) -> dict[str, object]:
    return {"version": version, "parts": [f"part {version}"] * (40 if version % 2 else 4)}


def new_settings(folder: Path) -> None:
    mark_new(folder)


def some_settings(folder: Path) -> None:
    mark_new(folder)
    store = SettingsStore(folder)
    for base in range(3):
        store.save(content(base + 1), base=base, who="o", why="", now=NOW)
    store.mark_booted()
    store.close()


def save_settings(folder: Path, acknowledge: Acknowledge) -> None:
    store = SettingsStore(folder)
    for _ in range(ROUNDS):
        base, _document = store.current()
        acknowledge(store.save(content(base + 1), base=base, who="o", why="", now=NOW))
        store.mark_booted()
    store.close()


def restore_settings(folder: Path, acknowledge: Acknowledge) -> None:
    store = SettingsStore(folder)
    for _ in range(ROUNDS):
        acknowledge(store.restore(2, who="o", why="", now=NOW))
    store.close()


def settings_are(folder: Path, last: int) -> None:
    store = SettingsStore(folder)
    version, document = store.current()
    assert version >= last, f"version {last} was acknowledged, {version} is found"
    assert not store.alarms, store.alarms
    if version:
        assert document in {version: [content(version), content(2)]}[version]
    store.close()


def redact_settings(folder: Path, acknowledge: Acknowledge) -> None:
    store = SettingsStore(folder)
    for number in range(ROUNDS):
        text = f"part r{number}"
        store.redact(lambda old, text=text: {**old, "mark": text}, NOW)
        acknowledge(number + 1)
    store.close()


def redacted(folder: Path, last: int) -> None:
    store = SettingsStore(folder)
    version, document = store.current()
    assert version == 3
    if last:
        assert int(str(document["mark"]).removeprefix("part r")) >= last - 1
    store.close()


# --- records --------------------------------------------------------------------------------------


def story(number: int) -> list[list[log.AnyLogEntry]]:
    """A call in its three commits."""
    rows = [Day(number, number * 200, f"1380000{number:04d}", [Stay("s", 6, [Part("A", 60, 10)])])]
    entries = tell(rows)
    closed = next(i for i, e in enumerate(entries) if isinstance(e, log.CallClosed))
    return [entries[:4], entries[4 : closed - 1], entries[closed - 1 :]]


def some_records(folder: Path) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(1, 6):
        for entries in story(number):
            keep(records, entries)
    records.heartbeat(1_200_000, boot=BOOT, wall=wall(1_200_000))
    records.close()


def keep_calls(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(6, 6 + ROUNDS):
        for stage, entries in enumerate(story(number)):
            keep(records, entries)
            acknowledge(number * 10 + stage)
    records.close()


def calls_are(folder: Path, last: int) -> None:
    records = opened(folder)
    number, stage = divmod(last, 10)
    found = {int(record.call): record for record in records.calls(-1)}
    assert set(found) >= set(range(1, number + (1 if last else 0)))
    if last and stage >= 1:
        assert found[number].t4_ms is not None or found[number].outcome is not None or stage == 1
    if last and stage == 2:
        assert found[number].outcome is log.Outcome.ANSWERED
    for record in found.values():
        assert len(records.events(record.call)) >= 4
    assert records.rebuild() == len(found)
    records.close()


def first_calls(folder: Path, acknowledge: Acknowledge) -> None:
    """A new box: the file itself is made in the middle."""
    keep_calls(folder, acknowledge)


def first_calls_are(folder: Path, last: int) -> None:
    records = opened(folder)
    number, _stage = divmod(last, 10)
    found = {int(record.call) for record in records.calls(-1)}
    assert found >= set(range(6, number + 1))
    records.close()


def call_ids(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    for _ in range(60):
        acknowledge(int(records.next_call_id()))
    records.close()


def ids_grow(folder: Path, last: int) -> None:
    records = opened(folder)
    assert int(records.next_call_id()) > last
    records.close()


def agents(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    states = (AgentState.READY, AgentState.TALKING, AgentState.WRAP_UP, AgentState.PAUSED)
    for number in range(2 * ROUNDS):
        at_ms = 2_000_000 + number * 1000
        keep(records, [AgentChanged(at_ms=at_ms, agent="A", state=states[number % 4])])
        acknowledge(number + 1)
    records.close()


def agents_are(folder: Path, last: int) -> None:
    records = opened(folder)
    (count,) = records._connection.execute("SELECT count(*) FROM agent_span").fetchone()
    (running,) = records._connection.execute(
        "SELECT count(*) FROM agent_span WHERE length_ms IS NULL"
    ).fetchone()
    assert count >= last
    assert running == min(count, 1)
    records.close()


def open_calls(folder: Path) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(1, 6):
        keep(records, story(number)[0])
    records.close()


def recover(folder: Path, acknowledge: Acknowledge) -> None:
    for number in range(4):
        records = Records.open(folder / "records.sqlite")
        records.close_interrupted(boot=f"boot-{number}", wall=wall(5_000_000), now_ms=10)
        acknowledge(1)
        call = story(20 + number)[0]
        records.append(
            call, boot=f"boot-{number}", wall=wall(5_000_000), trusted=True, now_ms=call[-1].at_ms
        )
        acknowledge(20 + number)
        records.close()


def recovered_are(folder: Path, last: int) -> None:
    records = opened(folder)
    found = {int(record.call): record for record in records.calls(-1)}
    assert set(found) >= set(range(1, 6))
    if last:
        assert {found[number].outcome for number in range(1, 6)} == {log.Outcome.INTERRUPTED}
    if last >= 20:
        assert last in found
    records.close_interrupted(boot="boot-z", wall=wall(6_000_000), now_ms=10)
    assert records.open_calls() == []
    records.close()


def counters(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(1, 2 * ROUNDS):
        records.append([], boot=BOOT, wall=wall(0), trusted=True, documents={"spent": f"{number}"})
        acknowledge(number)
    records.close()


def counters_are(folder: Path, last: int) -> None:
    records = opened(folder)
    assert int(records.document("spent") or "0") >= last
    records.close()


def erase_numbers(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(1, 6):
        records.erase_number(
            f"1380000{number:04d}",
            who="o",
            boot=BOOT,
            wall=wall(3_000_000),
            trusted=True,
            now_ms=3_000_000,
        )
        acknowledge(number)
    records.close()


def numbers_are_erased(folder: Path, last: int) -> None:
    records = opened(folder)
    whole = b"".join(path.read_bytes() for path in folder.glob("records.sqlite*"))
    for number in range(1, last + 1):
        assert f"1380000{number:04d}".encode() not in whole, f"number {number} is back"
    assert len(records.calls(-1)) == 5
    records.close()


def old_records(folder: Path) -> None:
    fixture = Path("tests/unit/storage/fixtures/records_schema_1.sql")
    connection = sqlite3.connect(folder / "records.sqlite")
    connection.executescript(fixture.read_text("utf-8"))
    connection.close()


def migrate(folder: Path, acknowledge: Acknowledge) -> None:
    Records.open(folder / "records.sqlite").close()
    acknowledge(1)


def migrated(folder: Path, last: int) -> None:
    records = opened(folder)
    (record,) = records.calls()
    assert record.caller_number == "13800138000"
    assert last in {0, 1}
    records.close()


# --- files of sound and the rest ------------------------------------------------------------------


def message(number: int, folder: Path) -> MessageRow:
    return MessageRow(
        message=f"m{number}",
        mailbox="201",
        kind="message",
        path=str(folder / f"m{number}.wav"),
        left_at=NOW.isoformat(),
        duration_ms=1000,
        caller="13800138000",
        caller_name="",
        heard=False,
    )


def keep_messages(folder: Path, acknowledge: Acknowledge) -> None:
    records, spool = Records.open(folder / "records.sqlite"), Spool()
    for number in range(1, ROUNDS):
        path = str(folder / f"m{number}.wav")
        spool.open(path)
        spool.write(path, bytes([number]) * 32_000)
        spool.close(path)
        records.messages.keep(message(number, folder))
        acknowledge(number)
    records.close()


def messages_are(folder: Path, last: int) -> None:
    records = opened(folder)
    found = {row.message for row in records.messages.all()}
    assert found >= {f"m{number}" for number in range(1, last + 1)}
    for name in found:
        data = (folder / f"{name}.wav").read_bytes()
        assert data == data[:HEADER_BYTES] + bytes([int(name[1:])]) * 32_000
    records.close()


def some_messages(folder: Path) -> None:
    keep_messages(folder, lambda _number: None)


def erase_messages(folder: Path, acknowledge: Acknowledge) -> None:
    records = Records.open(folder / "records.sqlite")
    for number in range(1, ROUNDS):
        records.messages.erase(message(number, folder))
        acknowledge(number)
    records.close()


def messages_are_gone(folder: Path, last: int) -> None:
    records = opened(folder)
    found = {row.message for row in records.messages.all()}
    assert not found & {f"m{number}" for number in range(1, last + 1)}
    for name in found:
        assert (folder / f"{name}.wav").exists(), "a message without its sound"
    records.close()


SECOND_BYTES = 32_000


def record(folder: Path, acknowledge: Acknowledge) -> None:
    """Two minutes of a conversation, a second at a time; 15 s may be lost."""
    spool, path = Spool(), str(folder / "r.wav")
    spool.open(path)
    for second in range(1, 121):
        spool.write(path, bytes([second]) * SECOND_BYTES)
        acknowledge(second)
    spool.close(path)
    acknowledge(121)


def recording_is(folder: Path, last: int) -> None:
    path = folder / "r.wav"
    if last <= 15:
        return
    repair_header(path)
    data = path.read_bytes()[HEADER_BYTES:]
    seconds = len(data) // SECOND_BYTES
    assert seconds >= min(last, 120) - 15, f"{last} s were spoken, {seconds} s are found"
    for second in range(1, min(seconds, last - 15) + 1):
        piece = data[(second - 1) * SECOND_BYTES : second * SECOND_BYTES]
        assert piece == bytes([second]) * SECOND_BYTES, f"second {second} is damaged"


def record_sealed(folder: Path, acknowledge: Acknowledge) -> None:
    """The same conversation sealed as it grows."""
    vault, spool = Vault(folder / "keys"), Spool()
    path = str(folder / "r.tpr")
    spool.open(path, vault.public.hex())
    for second in range(1, 121):
        spool.write(path, bytes([second]) * SECOND_BYTES)
        acknowledge(second)
    spool.close(path)
    acknowledge(121)


def sealed_is(folder: Path, last: int) -> None:
    if last <= 15:
        return
    with Vault(folder / "keys").open(folder / "r.tpr") as opened:
        data = b"".join(sound.astype("<i2").tobytes() for sound in opened.sound())
        assert opened.whole or last < 121, "the end of a closed recording is missing"
    seconds = len(data) // SECOND_BYTES
    assert seconds >= min(last, 120) - 15, f"{last} s were spoken, {seconds} s are found"
    for second in range(1, seconds + 1):
        piece = data[(second - 1) * SECOND_BYTES : second * SECOND_BYTES]
        assert piece == bytes([second]) * SECOND_BYTES, f"second {second} is damaged"


def fax_pages(number: int) -> bytes:
    """Two pages that no other fax has."""
    made = []
    for page in range(2):
        sheet = Image.new("1", (1728, 200), 1)
        ImageDraw.Draw(sheet).text((40 * number, 40 + 60 * page), f"fax {number} {page}", 0)
        made.append(sheet)
    return as_tiff(made, "fine")


def order_faxes(folder: Path, acknowledge: Acknowledge) -> None:
    """Somebody is told that his fax will be sent: pages first, then the entry, then the answer."""
    records, shelf = Records.open(folder / "records.sqlite"), FaxShelf(folder / "faxes")
    for number in range(1, ROUNDS):
        file, digest = shelf.put(f"sent-{number}", fax_pages(number))
        entry = FaxOrdered(
            at_ms=2_000_000 + number,
            fax=number,
            number=f"1390000{number:04d}",
            subject="",
            pages=2,
            file=file,
            sha256=digest,
            who="o",
        )
        keep(records, [entry])
        acknowledge(number)
    records.close()


def faxes_are_ordered(folder: Path, last: int) -> None:
    records = opened(folder)
    found = {row.fax: row for row in records.faxes.in_states("waiting")}
    assert set(found) >= set(range(1, last + 1))
    for number in found:
        assert (folder / "faxes" / f"sent-{number}.tif").read_bytes() == fax_pages(number)
    records.close()


def receive_faxes(folder: Path, acknowledge: Acknowledge) -> None:
    """Each page is safe before the far machine is told that it has arrived; its file is memory."""
    records, shelf = Records.open(folder / "records.sqlite"), FaxShelf(folder / "faxes")
    spool = folder / "memory"
    spool.mkdir()
    for number in range(1, ROUNDS):
        begun = FaxBegun(
            call=f"{number}",
            at_ms=2_000_000 + number,
            port="fax/1",
            fax=f"{number}-fax",
            direction="receive",
        )
        keep(records, [begun])
        whole = fax_pages(number)
        first = len(as_tiff([Image.open(io.BytesIO(whole)).convert("1")], "fine"))
        for page, end in enumerate((first, len(whole))):
            (spool / f"{number}-fax.tif").write_bytes(whole[:end])
            shelf.secure(f"{number}-fax", spool)
            acknowledge(number * 10 + page)
    records.close()


def faxes_came(folder: Path, last: int) -> None:
    records = opened(folder)
    number, page = divmod(last, 10)
    known = {row.session for row in records.faxes.in_states("receiving")}
    shelf = FaxShelf(folder / "faxes")
    for fax in range(1, number + 1):
        assert f"{fax}-fax" in known
        wanted = 2 if fax < number else page + 1
        _, _, pages = shelf.take_in(f"{fax}-fax", "")
        assert pages >= wanted, f"fax {fax}: {wanted} pages were confirmed, {pages} are found"
    records.close()


def lines(folder: Path, acknowledge: Acknowledge) -> None:
    store = LineProfileStore(folder / "lines.json")
    for number in range(1, 2 * ROUNDS):
        store.save({"fxo/1": {"number": number, "notes": ["x" * 50] * (number % 5)}}, NOW)
        acknowledge(number)


def lines_are(folder: Path, last: int) -> None:
    kept, damage = LineProfileStore(folder / "lines.json").load()
    assert not damage, damage
    assert (kept["fxo/1"]["number"] if kept else 0) >= last


OPERATIONS = (
    Operation("first save of the settings", new_settings, save_settings, settings_are),
    Operation("save of the settings", some_settings, save_settings, settings_are),
    Operation("return to older settings", some_settings, restore_settings, settings_are),
    Operation("settings lose a person", some_settings, redact_settings, redacted),
    Operation("first calls of a new box", nothing, first_calls, first_calls_are),
    Operation("calls", some_records, keep_calls, calls_are),
    Operation("numbers of calls", some_records, call_ids, ids_grow),
    Operation("states of agents", some_records, agents, agents_are),
    Operation("start after a cut", open_calls, recover, recovered_are),
    Operation("counters of limits", some_records, counters, counters_are),
    Operation("erasing a person", some_records, erase_numbers, numbers_are_erased),
    Operation("records of an older firmware", old_records, migrate, migrated),
    Operation("voicemail kept", some_records, keep_messages, messages_are),
    Operation("voicemail erased", some_messages, erase_messages, messages_are_gone),
    Operation("recording", nothing, record, recording_is),
    Operation("recording, sealed", nothing, record_sealed, sealed_is),
    Operation("faxes to be sent", some_records, order_faxes, faxes_are_ordered),
    Operation("faxes that come", some_records, receive_faxes, faxes_came),
    Operation("what lines have taught", nothing, lines, lines_are),
)


# --- negative controls: the harness must find these -----------------------------------------------


def stock_tinydb(folder: Path, acknowledge: Acknowledge) -> None:
    database = tinydb.TinyDB(folder / "stock.json")
    for version in range(1, 30):
        database.upsert(tinydb.table.Document(content(version), doc_id=1))
        acknowledge(version)
    database.close()


def stock_is(folder: Path, last: int) -> None:
    database = tinydb.TinyDB(folder / "stock.json")
    found = database.get(doc_id=1)
    database.close()
    assert not last or (isinstance(found, dict) and found["version"] >= last)


def normal_sqlite(folder: Path, acknowledge: Acknowledge) -> None:
    connection = sqlite3.connect(folder / "n.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 20")
    connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x TEXT)")
    for number in range(1, 200):
        connection.execute("INSERT INTO t VALUES (?, ?)", (number, "x" * 500))
        acknowledge(number)
    connection.close()


def normal_is(folder: Path, last: int) -> None:
    connection = sqlite3.connect(folder / "n.sqlite")
    (found,) = connection.execute("SELECT coalesce(max(n), 0) FROM t").fetchone()
    connection.close()
    assert found >= last


CONTROLS = (
    Operation("TinyDB's own storage", nothing, stock_tinydb, stock_is),
    Operation("SQLite with synchronous=NORMAL", nothing, normal_sqlite, normal_is),
)
