"""The tables in the README: what has to hold and by what it is shown, and the stories.

``python -m tests.scenario.ivr.table`` writes them anew; a test fails while they are stale. What
nothing shows yet stands in ``MISSING`` with the reason.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.scenario.ivr.story import stories
from tests.scenario.marks import between_marks

README = Path(__file__).parent / "README.md"

NUMBERED: dict[str, str] = {
    "S-10": "the greeting names company and agent",
    "S-11": "the agent's number is told and can be asked for",
    "S-12": "the greeting fits the time of day",
    "S-13": "who has called before is welcomed back",
    "S-14": "the greeting belongs to the line that was called",
    "S-18": "told that the call is recorded, and asked where that is needed",
    "S-19": "who calls is checked by keys, and secrets are written nowhere",
    "S-20": "who calls is known within three seconds",
    "S-47": "ready answers are sent to the caller's mobile",
    "S-59": "where somebody is absent, callback or message by a key",
    "S-67": "a reference number is spoken and sent",
    "S-87": "Cantonese and Mandarin",
    "S-91": "layered menus with dial-ahead and a person on 0",
    "S-92": "prompts are clear; length and pace are shown",
    "S-93": "the menu answers, collects and sorts",
    "S-94": "which question deserves a key is proposed; the use of every step is counted",
    "S-95": "a voice robot answers standard questions",
    "S-96": "text becomes speech; the other way round is S-95",
    "S-97": "the company changes its voice flow itself",
    "S-98": "callers are told of known problems first",
    "S-110": "one for satisfied, two for not",
    "S-175": "flows, prompts and routing are the office's own to set",
    "I-17": "a call is rehearsed before it happens",
    "I-21": "an office without a network runs from a handset",
    "I-25": "each recording with the notice that was heard",
    "P-12": "announcements never delay a connection",
    "P-23": "opening hours in the wrong zone or wrong on special days",
}
NAMED: tuple[str, ...] = (
    "Layered menus",
    "Dial-ahead of extensions in a menu",
    "Prompts recorded from a handset",
    "Numbers and times spoken in Mandarin",
    "Numbers and times spoken in Cantonese",
    "Text to speech on the box",
    "Menu action: database or HTTP look-up",
    "Holiday calendar and special days",
    "Menu usage and drop-out statistics",
    "Dry-run simulator of a call through the rules",
    "Speech recognition, offline",
)
ALSO: dict[str, tuple[str, ...]] = {
    "S-10": ("scenario/acd/first_queue_call.yaml",),
    "S-11": ("scenario/acd/agent_by_number.yaml", "scenario/acd/last_served.yaml"),
    "S-18": ("scenario/recordings/rule_by_line.yaml",),
    "S-59": ("scenario/services/transfer_absent.yaml",),
    "S-67": ("scenario/acd/ticket_by_code.yaml",),
    "S-92": ("scenario/services/record_prompts.yaml", "unit/ivr/test_polish.py"),
    "S-97": ("scenario/services/record_prompts.yaml",),
    "S-110": ("scenario/acd/survey_five.yaml", "scenario/acd/survey_stayed.yaml"),
    "P-12": ("scenario/acd/lift_in_comfort.yaml", "scenario/acd/lift_in_welcome.yaml"),
    "S-94": ("unit/ivr/test_questions.py", "unit/daemons/test_cli_menus.py"),
    "S-96": ("unit/daemons/test_flow_texts.py",),
    "S-175": ("web/test_flows_pages.py", "web/test_prompts_pages.py"),
    "I-17": ("unit/daemons/test_what_if.py", "web/test_flows_pages.py"),
    "I-21": (
        "unit/daemons/test_handset_settings.py",
        "scenario/services/night_code.yaml",
        "scenario/services/temporary_message.yaml",
        "scenario/services/record_prompts.yaml",
        "scenario/services/daily_digest.yaml",
        "scenario/services/emergency_mode.yaml",
    ),
    "I-25": ("unit/daemons/test_erasing.py", "scenario/recordings/forget_in_menu.yaml"),
    "Layered menus": ("scenario/ivr/stories.yml",),
    "Dial-ahead of extensions in a menu": ("scenario/ivr/stories.yml",),
    "Prompts recorded from a handset": ("scenario/services/record_prompts.yaml",),
    "Numbers and times spoken in Mandarin": ("unit/ivr/test_speech.py",),
    "Numbers and times spoken in Cantonese": (
        "unit/ivr/test_speech.py",
        "unit/ivr/test_voices.py",
        "unit/daemons/test_studio_desk.py",
    ),
    "Text to speech on the box": (
        "unit/daemons/test_flow_texts.py",
        "web/test_flow_texts_pages.py",
    ),
    "Menu action: database or HTTP look-up": (
        "scenario/ivr/look_up_late.yaml",
        "unit/daemons/test_web_look_up.py",
    ),
    "Holiday calendar and special days": (
        "scenario/services/hours.yaml",
        "unit/daemons/test_what_if.py",
    ),
    "Menu usage and drop-out statistics": ("unit/daemons/test_cli_menus.py",),
    "Dry-run simulator of a call through the rules": ("unit/daemons/test_what_if.py",),
}
"""What shows a row besides the ``proves`` of scenarios and stories."""

MISSING: dict[str, str] = {
    "S-95": "callers are not understood by voice; keys always work",
    "Speech recognition, offline": "no recogniser of Mandarin words fits the board; see S-95",
}
"""Rows that nothing shows, and why. A test lets this list only shrink."""


def shown() -> dict[str, list[str]]:
    """Row to what shows it."""
    found: dict[str, list[str]] = {row: [] for row in (*NUMBERED, *NAMED)}
    for file in sorted(README.parent.glob("*.yaml")):
        head = yaml.safe_load(file.read_text("utf-8"))
        for row in str(head.get("proves") or "").split():
            if row in found:
                found[row].append(f"`{file.stem}`")
    for story in stories():
        for row in story.proves:
            found.setdefault(row, []).append(f"story {story.name}")
    for row, names in ALSO.items():
        found[row] += [f"`{name}`" for name in names if f"`{name}`" not in found[row]]
    return found


def table() -> str:
    """What has to hold, then one line per story and per scenario."""
    lines = ["| row | what | shown by |", "| --- | --- | --- |"]
    for row, by in shown().items():
        proof = ", ".join(by) or f"not yet: {MISSING.get(row, '?')}"
        lines.append(f"| {row} | {NUMBERED.get(row, '')} | {proof} |")
    lines += ["", "| node | case | what happens | rows |", "| --- | --- | --- | --- |"]
    for file in sorted(README.parent.glob("*.yaml")):
        head = yaml.safe_load(file.read_text("utf-8"))
        lines.append(f"| by sound | `{file.stem}` | {head['title']} | {head.get('proves', '')} |")
    lines += [f"| {s.kind} | {s.case} | {s.title} | {' '.join(s.proves)} |" for s in stories()]
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The README's text with the table put between its marks."""
    return between_marks(text, table())


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
