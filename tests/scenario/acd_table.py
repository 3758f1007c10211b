"""The table of queues and agents in ``acd/README.md``: which rows hold, by which scenario or test.

``python -m tests.scenario.acd_table`` writes it anew; a test fails while it is stale. What is not
proved yet stands there as such.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.scenario.marks import between_marks

FOLDER = Path(__file__).parent / "acd"
README = FOLDER / "README.md"

ROWS = (
    *(f"S-{n:02}" for n in (1, 5, 7, 8, 9, 10, 11, 15, 16, 20, 21, 25, 27)),
    *(f"S-{n}" for n in (*range(34, 44), *range(51, 63), 66, *range(68, 73), *range(75, 87))),
    *(f"S-{n}" for n in (89, 99, 100, 102, 110, *range(116, 122), 144, 149, 153, 164)),
    *(f"I-{n:02}" for n in (1, 2, 4, 7, 8, 10, 11, 13, 15, 19, 22)),
    *(f"P-{n:02}" for n in (*range(8, 19), 24, 28, 29)),
)
"""Capabilities, ideas and pain points that queues and agents have to answer for."""

TESTS: dict[str, str] = {
    "S-01": "web/test_roster.py",
    "S-76": "unit/acd/test_strategy_traces.py",
    "S-78": "unit/acd/test_rules.py",
    "S-84": "unit/acd/test_strategy_traces.py",
    "S-85": "unit/acd/test_rules.py",
    "S-100": "unit/acd/test_wrap_up.py",
    "S-149": "unit/acd/test_wrap_up.py",
    "I-07": "unit/acd/test_rules.py",
    "I-08": "unit/acd/test_rules.py",
    "I-11": "scenario/services/hold_callback.yaml",
    "S-41": "unit/reports/test_waits.py",
    "S-83": "web/test_peaks_page.py",
    "S-153": "scenario/test_acd_entries.py",
    "I-15": "unit/acd/test_strategy_traces.py",
    "I-19": "unit/acd/test_rules.py",
    "P-08": "unit/acd/test_wrap_up.py",
    "P-09": "unit/acd/test_wrap_up.py",
    "P-10": "unit/acd/test_random_office.py",
    "P-11": "unit/acd/test_rules.py",
    "P-14": "unit/acd/test_random_office.py",
    "P-15": "unit/acd/test_properties.py",
    "P-24": "unit/acd/test_rules.py",
    "P-28": "unit/acd/test_wrap_up.py",
    "P-29": "unit/acd/test_wrap_up.py",
}
"""Rows of the pure core, proved without a telephone."""


MISSING: dict[str, str] = {}
"""Rows that nothing proves yet, and why. The list only shrinks: a test compares it."""


def proofs() -> dict[str, list[str]]:
    """Row to the scenarios and tests that prove it."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for folder in (FOLDER, FOLDER.parent / "services", FOLDER.parent):
        for file in sorted(folder.glob("*.yaml")):
            head = yaml.safe_load(file.read_text(encoding="utf-8"))
            for row in str(head.get("proves", "")).split():
                if row in found:
                    name = file.stem if folder == FOLDER else f"{folder.name}/{file.stem}"
                    found[row].append(f"`{name}`")
    for row, test in TESTS.items():
        found[row].append(f"`{test}`")
    return found


def table() -> str:
    """One line per row; a row without a proof says so."""
    lines = ["| row | proved by |", "| --- | --- |"]
    for row, by in proofs().items():
        lines.append(f"| {row} | {', '.join(by) or 'not yet: ' + MISSING.get(row, '?')} |")
    lines += ["", "| scenario | what happens |", "| --- | --- |"]
    for file in sorted(FOLDER.glob("*.yaml")):
        head = yaml.safe_load(file.read_text(encoding="utf-8"))
        lines.append(f"| `{file.stem}` | {head['title']} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The README's text with the table put between its marks."""
    return between_marks(text, table())


def main() -> None:
    """Write the table."""
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
