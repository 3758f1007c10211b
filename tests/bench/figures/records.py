"""Records of 10 000, 100 000 and a million calls: pages, filters, a month's report, an export.

500 calls a day. Ten thousand are kept through the firmware; larger files are copies of these, moved
in number and time, made with SQL.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from firmware.core import log_entries as log
from firmware.reports.report import SHOWN, report
from firmware.storage.call_query import CallFilter
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from tests.bench.figures.figure import Figure, of
from tests.unit.reports.pencil import Day, Part, Stay, tell

SEED = 7
FIRST = 10_000
SIZES = (10_000, 100_000, 1_000_000)
A_DAY = 500
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PAGE_MS = 100.0
REPORT_S = 5.0
EXPORT_MB = 50.0
DAY_S = 86_400


def first_calls(path: Path) -> None:
    """Ten thousand calls through the firmware: queues, transfers, rare outcomes and numbers."""
    chance = random.Random(SEED)
    records = Records.open(path)
    for day in range(FIRST // A_DAY):
        rows = []
        for place in range(A_DAY):
            call = day * A_DAY + place + 1
            wait = chance.randrange(90)
            left = "abandoned" if chance.random() < 0.1 else ""
            parts = [Part(chance.choice("ABCD"), 1 + chance.randrange(300), chance.randrange(90))]
            stay = Stay(chance.choice(["sales", "help"]), wait, [] if left else parts, left)
            number = f"138{chance.randrange(3000):08d}"
            rows.append(Day(call, chance.randrange(DAY_S - 600), number, [stay]))
        entries = [_seldom(entry, chance) for entry in tell(rows, shift_ms=day * DAY_S * 1000)]
        now_ms = entries[-1].at_ms
        wall = BEGIN + timedelta(milliseconds=now_ms)
        records.append(entries, boot="boot", wall=wall, trusted=True, now_ms=now_ms)
    records.close()


def _seldom(entry: log.AnyLogEntry, chance: random.Random) -> log.AnyLogEntry:
    """One call of a thousand fails: a filter by what is seldom must be quick too."""
    if isinstance(entry, log.CallClosed) and chance.random() < 0.001:
        return log.CallClosed(call=entry.call, at_ms=entry.at_ms, outcome=log.Outcome.FAILED)
    return entry


def grown(path: Path, size: int) -> Path:
    """A copy with ``size`` calls."""
    target = path.with_name(f"records-{size}.sqlite")
    shutil.copyfile(path, target)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    (events,) = connection.execute("SELECT max(seq) FROM event").fetchone()
    record = [row[1] for row in connection.execute("PRAGMA table_xinfo(call_record)")]
    moved = {
        "first_seq": "first_seq + :k * :events",
        "last_seq": "last_seq + :k * :events",
        "call": "printf('%08d', CAST(call AS INTEGER) + :k * :calls)",
        "t0_wall": "strftime('%Y-%m-%dT%H:%M:%f+00:00', t0_wall, (:k * :days) || ' days')",
        "caller_number": "CASE WHEN first_seq % 7 THEN caller_number "
        "ELSE printf('139%08d', :k * 1000 + first_seq % 1000) END",
        "outcome": "CASE WHEN :k > 3 AND outcome = 'failed' THEN 'answered' ELSE outcome END",
    }
    chosen = ", ".join(moved.get(name, name) for name in record)
    connection.execute("PRAGMA foreign_keys = OFF")
    for k in range(1, size // FIRST):
        values = {"k": k, "events": events, "calls": FIRST, "days": FIRST // A_DAY}
        connection.execute("BEGIN")
        connection.execute(
            f"INSERT INTO call_record ({', '.join(record)}) SELECT {chosen} FROM call_record "  # noqa: S608
            "WHERE first_seq <= :events",
            values,
        )
        connection.execute(
            "INSERT INTO visit SELECT first_seq + :k * :events, visit, "
            "printf('%08d', CAST(call AS INTEGER) + :k * :calls), queue, "
            'arrived_ms + :k * :days * 86400000, replace(body, \'"call":"0\', \'"call":"1\') '
            "FROM visit WHERE first_seq <= :events",
            values,
        )
        connection.execute("COMMIT")
    connection.execute(
        "INSERT OR IGNORE INTO number_seen SELECT DISTINCT caller_number FROM call_record"
    )
    connection.close()
    return target


FILTERS: dict[str, CallFilter] = {
    "first page": CallFilter(),
    "answered": CallFilter(outcome=log.Outcome.ANSWERED),
    "failed (seldom)": CallFilter(outcome=log.Outcome.FAILED),
    "busy (never)": CallFilter(outcome=log.Outcome.BUSY),
    "inbound": CallFilter(direction=log.Direction.INBOUND),
    "internal (never)": CallFilter(direction=log.Direction.INTERNAL),
    "line": CallFilter(line="fxo/1"),
    "line (never)": CallFilter(line="fxo/4"),
    "extension (never)": CallFilter(extension="299"),
    "whole number": CallFilter(number="13800001234"),
    "last four digits": CallFilter(number="1234"),
    "number (never)": CallFilter(number="5555555"),
    "one month": CallFilter(since=BEGIN + timedelta(days=5), until=BEGIN + timedelta(days=15)),
    "one month, failed": CallFilter(
        since=BEGIN + timedelta(days=5),
        until=BEGIN + timedelta(days=15),
        outcome=log.Outcome.FAILED,
    ),
}

EXPORT = """
import pathlib, sys
from firmware.storage.export import calls_csv
from firmware.storage.record_reader import ReadRecords
with ReadRecords.open(sys.argv[1], idle=True) as records, open("/dev/null", "w") as out:
    for line in calls_csv(records.stream()):
        out.write(line)
# Not ru_maxrss, which begins with what the parent had.
status = pathlib.Path("/proc/self/status").read_text("ascii")
print(int(status.split("VmHWM:")[1].split()[0]) / 1024)
"""


def figures() -> Iterator[Figure]:
    """Each size in turn, with the growth between."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.sqlite"
        first_calls(path)
        before: dict[str, float] = {}
        for size in SIZES:
            yield from _of_size(path if size == FIRST else grown(path, size), size, before)


def _of_size(path: Path, size: int, before: dict[str, float]) -> Iterator[Figure]:
    with ReadRecords.open(path, idle=True) as records:
        for name, filters in FILTERS.items():
            took = sorted(_page_ms(records, filters) for _ in range(20))
            yield _grown(f"{size} calls: {name}, p95", "ms", [took[18]], PAGE_MS, before, name)
        begin = round((BEGIN + timedelta(days=max(0, size // A_DAY - 40))).timestamp() * 1000)
        took = []
        for _ in range(3):
            since = time.perf_counter()
            facts = records.facts(begin, begin + 30 * DAY_S * 1000)
            report(facts, codes=SHOWN)
            took.append(time.perf_counter() - since)
        name = "report of a month"
        yield _grown(
            f"{size} calls: {name}, {len(facts.visits)} visits", "s", took, REPORT_S, before, name
        )
    run = subprocess.run(
        [sys.executable, "-c", EXPORT, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    name = "export, most memory"
    yield _grown(f"{size} calls: {name}", "MB", [float(run.stdout)], EXPORT_MB, before, name)


def _page_ms(records: ReadRecords, filters: CallFilter) -> float:
    since = time.perf_counter()
    records.calls(50, filters=filters)
    return (time.perf_counter() - since) * 1000


def _grown(
    name: str, unit: str, values: list[float], limit: float, before: dict[str, float], key: str
) -> Figure:
    made = of(name, unit, values, f"at most {limit:g} {unit}", limit)
    grew = f", {made.median / before[key]:.1f} times the size before" if before.get(key) else ""
    before[key] = made.median
    return Figure(
        made.name, made.unit, made.median, made.low, made.high, made.beside + grew, made.holds
    )
