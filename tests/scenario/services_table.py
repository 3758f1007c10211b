"""The table of services in ``services/README.md``: capability to scenario.

``python -m tests.scenario.services_table`` writes it anew; a test fails while it is stale.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.scenario.marks import between_marks
from tests.scenario.rows import MISSING, NAMED, NUMBERED

FOLDER = Path(__file__).parent / "services"
README = FOLDER / "README.md"

CAPABILITIES: dict[str, tuple[str, ...]] = {
    "A new box is claimed by who is there": ("claim",),
    "Call forward: all, busy, no answer": (
        "forward_all",
        "forward_busy",
        "forward_busy_code",
        "forward_no_answer",
        "forward_no_answer_code",
    ),
    "Follow-me / external number as extension": ("forward_outside",),
    "Do not disturb by code": ("do_not_disturb",),
    "Call waiting": (
        "call_waiting",
        "call_waiting_code",
        "call_waiting_rings",
        "call_waiting_shows",
    ),
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
    "Hunt / ring groups": ("group_waits", "hunt_group", "hunt_group_nobody"),
    "System and personal speed dial": ("speed_dial", "speed_dial_office"),
    "Redial and call return": ("redial", "call_return"),
    "Hot line / warm line on a port": ("hot_line", "warm_line", "hot_line_code"),
    "Day / lunch / night mode, switchable from a phone": (
        "hours",
        "lunch",
        "night_code",
        "mode_day_code",
    ),
    "Holiday calendar and special days": ("hours", "temporary_message"),
    "Voicemail": (
        "voicemail",
        "voicemail_save",
        "voicemail_call_back",
        "voicemail_restart",
        "voicemail_pin_blocked",
    ),
    "Message waiting on analog sets: stutter, FSK, lamp voltage": (
        "voicemail",
        "message_lamp",
        "message_lamp_cut",
    ),
    "Caller ID on call waiting (Type II)": ("call_waiting_shows",),
    "Gain per port": ("gain",),
    "Analog lines (FXO) as standard equipment": ("../first_call",),
    "Ordinary telephones (FXS) as the normal extension": ("../internal_call",),
    "Conference bridge for several parties": ("override", "three_way_goes_on"),
    "Paging and intercom": ("paging", "intercom"),
    "Route choice by number, time and cost (LCR)": ("least_cost",),
    "Toll restriction / class of service per extension": ("class_refused",),
    "Account codes or PIN before dialling out": (
        "account_code",
        "account_forced",
        "lock_set",
        "pin_set",
    ),
    "Wake-up / timed reminder call": (
        "wake_up",
        "wake_up_late",
        "wake_up_restart",
        "wake_daily_code",
        "reminder",
    ),
    "Automatic callback when a busy extension becomes free": ("callback_when_free",),
    "DISA with PIN": ("disa",),
    "Executive override / barge-in by code": ("override", "override_private"),
    "Door phone port and door opener": ("doorphone", "doorphone_outside", "doorphone_closed"),
    "Number block and allow lists": (
        "blocked_caller",
        "allowed_caller",
        "unblock_and_cancel_all",
    ),
    "Call time limit per extension or route": ("longest_call",),
    "FSK caller ID received on lines": ("../first_call_identity", "caller_id_privacy"),
    "DTMF caller ID received, before or after ring": (
        "../first_call_identity",
        "caller_id_privacy",
    ),
    "Caller ID sent to analog phones (Type I)": ("../first_call_identity", "caller_name_chinese"),
    "Caller ID enriched with queue, wait, VIP mark": ("caller_marks",),
    "Hook-flash services with adjustable timing": ("enquiry",),
    "Clear detection: loop break / polarity / busy tone selectable per line": (
        "../first_call_clearing",
        "line_doctor",
    ),
    "Automatic learning of clear signal": ("line_doctor",),
    "Guard against false clear during speech or conference": ("false_busy",),
    "Answer detection on outgoing analog calls": ("../outgoing_call",),
    "Echo canceller self-tuning and score per line": ("line_measured",),
    "Country tone tables incl. China 450 Hz 350/350": ("../outgoing_busy",),
    "Pulse dialling phones accepted": ("pulse_telephone", "../outgoing_pulse"),
    "Line unplugged / no loop current alarm": ("line_unplugged",),
    "Several lines as one group with hunting order": ("trunk_group",),
    "One line reserved for outbound / emergency": ("line_kept_for_outgoing", "trunk_group"),
    "Fax tone detection and fax to mail": (
        "../fax/received_in_greeting",
        "../fax/complaint_answered",
    ),
    "Line-to-phone relay on power loss": ("power_fail_relay",),
    "Works with batteries on mains loss": ("power_low",),
    "P-01": ("line_doctor", "../first_call_clearing"),
    "P-02": ("false_busy",),
    "P-05": ("../wrong_digit",),
    "P-14": ("../call_control_stalls", "three_way_goes_on"),
    "P-15": ("hold_rings_back", "../ring_group"),
    "P-23": ("hours",),
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
    lines += ["", "| row | scenarios |", "| --- | --- |"]
    for row, stems in shown().items():
        words = f"{row}: {NUMBERED[row]}" if row in NUMBERED else row
        there = ", ".join(f"`{stem}`" for stem in stems)
        lines.append(f"| {words} | {there or 'none yet: ' + MISSING.get(row, '')} |")
    return "\n".join(lines) + "\n"


def shown() -> dict[str, list[str]]:
    """Every row that is wanted, with the scenarios that show it."""
    found: dict[str, list[str]] = {row: [] for row in (*NUMBERED, *NAMED)}
    for row, stems in CAPABILITIES.items():
        found.get(row, []).extend(stems)
    for file in sorted(FOLDER.parent.rglob("*.yaml")):
        proves = yaml.safe_load(file.read_text(encoding="utf-8")).get("proves", "")
        name = file.relative_to(FOLDER.parent).with_suffix("").as_posix()
        stem = file.stem if file.parent == FOLDER else f"../{name}"
        for row in proves.split() if isinstance(proves, str) else proves:
            if row in found and stem not in found[row]:
                found[row].append(stem)
    return found


def written(text: str) -> str:
    """The README's text with the table put between its marks."""
    return between_marks(text, table())


def main() -> None:
    """Write the table."""
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
