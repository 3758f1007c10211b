"""The table of services in ``services/README.md``: capability to scenario.

``python -m tests.scenario.services_table`` writes it anew; a test fails while it is stale.
"""

from __future__ import annotations

from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "services"
README = FOLDER / "README.md"
BEGIN, END = "<!-- begin table -->\n", "<!-- end table -->"

CAPABILITIES: dict[str, tuple[str, ...]] = {
    "A new box is claimed by who is there": ("claim",),
    "Call forward: all, busy, no answer": ("forward_all", "forward_busy", "forward_no_answer"),
    "Follow-me / external number as extension": ("forward_outside",),
    "Do not disturb by code": ("do_not_disturb",),
    "Call waiting": ("call_waiting", "call_waiting_rings", "call_waiting_shows"),
    "Hold with music or silence": (
        "hold_and_retrieve",
        "hold_rings_back",
        "enquiry",
        "music_on_hold",
    ),
    "Blind and attended transfer": (
        "attended_transfer",
        "blind_transfer",
        "blind_transfer_returns",
        "transfer_outside",
    ),
    "Three-way call from the handset itself": ("three_way", "three_way_goes_on"),
    "Call park and retrieve, ring-back on time-out": ("park_and_fetch", "park_rings_back"),
    "Group and directed pickup": ("pick_up", "pick_up_from"),
    "Hunt / ring groups": ("group_waits",),
    "System and personal speed dial": ("speed_dial",),
    "Redial and call return": ("redial", "call_return"),
    "Hot line and warm line": ("hot_line", "warm_line"),
    "Day / lunch / night mode, switchable from a phone": ("hours", "lunch", "night_code"),
    "Holiday calendar and special days": ("hours", "temporary_message"),
    "Voicemail": ("voicemail",),
    "Message waiting on analog sets: stutter, FSK, lamp voltage": ("voicemail",),
    "Caller ID on call waiting (Type II)": ("call_waiting_shows",),
    "Gain per port": ("gain",),
}
"""Rows without a number in the list of capabilities, by their name there or by what people say."""


def table() -> str:
    """One line per scenario: its file, what happens, and the rows it serves."""
    lines = ["| scenario | what happens | rows |", "| --- | --- | --- |"]
    for file in sorted(FOLDER.glob("*.yaml")):
        head = yaml.safe_load(file.read_text(encoding="utf-8"))
        proves = head.get("proves", "")
        rows = proves.split() if isinstance(proves, str) else list(proves)
        rows += [name for name, stems in CAPABILITIES.items() if file.stem in stems]
        lines.append(f"| `{file.stem}` | {head['title']} | {'; '.join(rows)} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The README's text with the table put between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> None:
    """Write the table."""
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
