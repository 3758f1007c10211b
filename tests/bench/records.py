"""Comparing a call record with what a scenario says about it.

``marks`` is special: a list (``[t0, t1]``) or a range (``t0-t6``) of marks that must be there, in
the order in which they follow each other. ``marked`` is one mark that people gave the call,
``recordings`` how many there are. ``missing`` is a list of marks that must not be there.
Every other key is compared as it stands; numbers as text, so that 0138 keeps its zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.bench.phrases import nearest

MARKS = ("t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7")


def mark_of(record: Mapping[str, Any], mark: str) -> Any:
    """A mark's time in a record: ``t4``, ``t4_ms`` or ``marks: {t4: ...}``; None if not there."""
    marks = record.get("marks")
    if isinstance(marks, Mapping):
        return marks.get(mark, marks.get(f"{mark}_ms"))
    return record.get(f"{mark}_ms", record.get(mark))


def marks_in(text: Any) -> list[str]:
    """``t0-t6`` or a list of marks, as a list."""
    if isinstance(text, str):
        span = re.fullmatch(r"t([0-7])-t([0-7])", text)
        if span is None:
            raise ValueError(f"marks {text!r}: a range such as t0-t6, or a list")
        return list(MARKS[int(span[1]) : int(span[2]) + 1])
    return [str(mark) for mark in text]


def _first(value: Any) -> Any:
    """A mark that may be there several times (t3: each telephone that rang) counts by its first."""
    return value[0] if isinstance(value, (list, tuple)) and value else value


def record_fits(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether everything wanted stands in the record, and what does not, in words."""
    wrong: list[str] = []
    for key, value in wanted.items():
        if key == "marked":
            if value not in record["marks"]:
                wrong.append(f"is not marked {value!r} but {record['marks']!r}")
        elif key == "marks":
            times = [(mark, _first(mark_of(record, mark))) for mark in marks_in(value)]
            gone = [mark for mark, time in times if time is None or time == []]
            if gone:
                wrong.append(f"marks {' '.join(gone)} are not there")
                continue
            order = [time for _, time in times]
            if order != sorted(order):
                wrong.append("marks are out of order: " + " ".join(f"{m} {t}" for m, t in times))
        elif key == "recordings" and isinstance(value, int):
            if len(record["recordings"]) != value:
                wrong.append(f"there are {len(record['recordings'])} recordings, not {value}")
        elif key == "missing":
            there = [mark for mark in marks_in(value) if mark_of(record, mark) not in {None, ()}]
            if there:
                wrong.append(f"marks {' '.join(there)} are there")
        elif key not in record:
            wrong.append(f"{key} is not in the record (nearest: {nearest(key, list(record))})")
        elif not _same(record[key], value):
            wrong.append(f"{key} is {record[key]!r}, not {value!r}")
    return not wrong, "; ".join(wrong) or "as written"


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or wanted is None:
        return bool(found == wanted)
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    return str(found) == str(wanted)
