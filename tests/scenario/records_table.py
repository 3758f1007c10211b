"""The table of the office's memory in ``recordings/README.md``: which row holds, by what.

``python -m tests.scenario.records_table`` writes it anew; a test fails while it is stale. What is
not proved yet stands there as such.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from tests.scenario.marks import between_marks

FOLDER = Path(__file__).parent / "recordings"
README = FOLDER / "README.md"
SCENARIOS: Final = ("recordings", "acd", "services", "ivr", "fax", "")

ROWS: Final[dict[str, str]] = {
    "S-12": "the greeting fits the time of day",
    "S-13": "who has called before is welcomed back",
    "S-18": "told that the call is recorded, and asked where that is needed",
    "S-19": "who calls is checked by keys",
    "S-22": "what needs a verified caller is not done without",
    "S-23": "the customer's name is at hand",
    "S-24": "who needs care has more time",
    "S-25": "who calls is shown with what is known of him",
    "S-26": "customers and their history are found",
    "S-27": "nobody tells his story twice",
    "S-28": "what changes is written down, by version",
    "S-29": "hints at what a customer may want",
    "S-32": "each request has its kind",
    "S-33": "each call has its priority",
    "S-41": "handling time is compared by kind of call",
    "S-44": "calls beside the business are noted",
    "S-46": "phrases to use and never to use",
    "S-47": "ready answers are sent to the caller's mobile",
    "S-48": "answers are found, and used ones come first",
    "S-64": "solved or not is asked and kept",
    "S-67": "the caller gets a reference",
    "S-68": "a promised call is made in time",
    "S-69": "who called in vain is called back",
    "S-70": "what is not solved has a ticket with its time",
    "S-71": "callers leave a message or are called back",
    "S-72": "solved cases are followed up",
    "S-73": "important customers are called on their days",
    "S-88": "requests by fax, text, chat and other ways have the same number, deadline, report",
    "S-99": "key facts are noted after the call",
    "S-100": "within three minutes",
    "S-101": "kind, solution and mark of a call stand in the customer's file",
    "S-102": "calls are tagged by topic and result",
    "S-103": "follow-up cases become tickets with priority, deadline and owner",
    "S-104": "tickets have a time limit and visible progress",
    "S-105": "owners are reminded, and what is overdue climbs",
    "S-106": "a ticket has class, urgency, data, steps and states",
    "S-107": "every complaint is logged in detail",
    "S-108": "complaints by fax",
    "S-109": "time to first answer and to solution are measured",
    "S-110": "one for satisfied, two for not",
    "S-111": "a questionnaire by message",
    "S-112": "a bad mark forces a review",
    "S-113": "causes are counted and become measures",
    "S-114": "suggestions and praise are recorded and passed on",
    "S-115": "the customer's effort is scored",
    "S-132": "reports come each day, week and month",
    "S-133": "answer rate against its target",
    "S-134": "mean speed of answer",
    "S-135": "first-contact resolution three ways",
    "S-136": "satisfaction with its response rate",
    "S-137": "handling time with its parts",
    "S-138": "abandonment with short ones apart",
    "S-139": "service level by a formula that is printed",
    "S-140": "waiting from the first ring and from the queue",
    "S-141": "occupancy and utilisation with their denominators",
    "S-142": "a score of quality",
    "S-143": "figures are weighed against each other",
    "S-144": "targets are dated and broken down",
    "S-145": "groups are compared",
    "S-146": "topics by how often",
    "S-147": "trends and trials",
    "S-148": "line quality is watched",
    "S-149": "begin, end, states are exact",
    "S-158": "data stay in the office",
    "S-159": "voice and data are apart",
    "S-160": "roles decide who sees what",
    "S-161": "one login",
    "S-162": "strong passwords",
    "S-163": "sensitive data are hidden or encrypted",
    "S-164": "who leaves the seat is logged out",
    "S-165": "recordings: access, encryption, retention, controlled deletion",
    "S-166": "what laws of personal information ask",
    "S-167": "incidents are graded and drilled",
    "S-168": "what is done is traceable",
    "I-13": "a survey that survives who hangs up first",
    "I-14": "a bad mark locks until cause and action are there",
    "I-16": "figures that can be checked by hand",
    "I-25": "the ledger of consents",
    "P-09": "transfers spoil no figure",
    "P-10": "an answered call is not abandoned, one call is one record",
    "P-11": "who called in vain is on a list",
    "P-19": "recordings do not fill the card",
    "P-20": "a backup is whole and tried",
    "P-27": "figures are explained and trusted",
}
"""Capabilities, ideas and pains that records, tickets, marks and figures have to answer for."""

PROOFS: Final[dict[str, tuple[str, ...]]] = {
    "S-12": ("scenario/ivr/stories.yml",),
    "S-13": ("scenario/ivr/stories.yml",),
    "S-18": ("scenario/ivr/stories.yml",),
    "S-19": ("scenario/ivr/stories.yml",),
    "S-22": (
        (
            "unit/tickets/test_tickets.py::"
            "test_a_complaint_is_solved_only_with_solution_note_and_a_caller_who_is_known"
        ),
    ),
    "S-23": ("web/test_quality_pages.py::test_a_call_is_heard_scored_and_counted",),
    "S-24": (
        "unit/daemons/test_care.py::test_the_limit_of_a_hold_is_twice_as_far",
        "unit/daemons/test_care.py::test_a_menu_waits_longer_for_a_key",
    ),
    "S-26": (
        (
            "unit/daemons/test_case_desk.py::"
            "test_a_customer_is_kept_found_shown_and_known_by_every_form_of_his_number"
        ),
    ),
    "S-28": ("unit/daemons/test_case_desk.py::test_who_calls_is_in_the_log_apart",),
    "S-29": (
        "unit/knowledge/test_hints.py::test_the_first_rule_whose_conditions_all_apply",
        (
            "web/test_case_figures.py::"
            "test_a_hint_stands_on_the_desk_and_what_became_of_it_is_counted"
        ),
    ),
    "S-32": ("unit/tickets/test_tickets.py::test_a_keyed_result_opens_a_ticket",),
    "S-41": ("unit/reports/test_waits.py::test_like_is_compared_with_like",),
    "S-46": ("unit/knowledge/test_words.py::test_a_forbidden_phrase_is_seen_in_a_note",),
    "S-47": ("scenario/ivr/stories.yml",),
    "S-48": (
        (
            "unit/daemons/test_case_desk.py::"
            "test_articles_are_found_by_code_and_words_and_the_used_come_first"
        ),
    ),
    "S-73": (
        "web/test_key_dates.py::test_on_the_day_there_is_a_task_or_a_ticket_and_only_one",
        "unit/customers/test_key_dates.py::test_on_which_day_it_falls",
    ),
    "S-101": (
        (
            "scenario/test_tickets_of_a_call.py::"
            "test_a_complaint_keyed_after_the_call_is_a_ticket_of_the_customer"
        ),
    ),
    "S-105": (
        "unit/daemons/test_reminding.py::test_who_is_told_when",
        (
            "unit/tickets/test_tickets.py::"
            "test_reminders_come_at_half_at_four_fifths_and_at_the_deadline"
        ),
    ),
    "S-106": ("unit/tickets/test_tickets.py::test_every_state_can_be_reached_and_left",),
    "S-107": (
        "unit/daemons/test_case_desk.py::test_a_complaint_keeps_its_recording_until_it_is_closed",
    ),
    "S-109": (
        "unit/tickets/test_ageing.py::test_by_kind_and_together_worked_out_by_hand",
        "web/test_case_figures.py::test_how_long_tickets_take",
    ),
    "S-114": (
        "unit/tickets/test_ageing.py::test_a_keyed_opinion_goes_to_whom_its_kind_names",
        "web/test_case_figures.py::test_what_customers_think_goes_to_whom_it_concerns",
    ),
    "S-112": (
        (
            "unit/daemons/test_case_desk.py::"
            "test_a_bad_mark_locks_the_recording_until_cause_and_action_are_there"
        ),
        (
            "unit/daemons/test_recording_desk.py::"
            "test_what_a_bad_mark_or_a_complaint_is_about_stays_until_it_was_looked_into"
        ),
    ),
    "S-113": ("unit/quality/test_quality.py::test_causes_by_how_often_they_are_found",),
    "S-132": (
        (
            "unit/daemons/test_report_desk.py::"
            "test_each_morning_the_day_before_on_mondays_the_week_and_on_the_first_the_month"
        ),
        "unit/reports/test_paper.py::test_paper_says_what_the_sheet_says",
        "web/test_reports_pages.py::test_the_same_on_paper_with_its_target",
    ),
    **dict.fromkeys(
        (*(f"S-{n}" for n in range(133, 142)), "S-115", "I-16"),
        (
            (
                "unit/reports/test_golden_days.py::"
                "test_the_hour_worked_out_with_a_pencil_gives_every_result"
            ),
            "unit/reports/test_measures.py::test_every_figure_says_its_formula_in_both_languages",
        ),
    ),
    "S-142": ("web/test_quality_pages.py::test_a_call_is_heard_scored_and_counted",),
    "S-143": ("web/test_comparing_pages.py::test_shorter_calls_that_solve_less_are_warned_of",),
    "S-144": (
        "unit/reports/test_paper.py::test_the_target_of_a_day_is_the_one_that_began_last",
        "unit/reports/test_paper.py::test_a_target_belongs_to_whom_it_names_until_its_last_day",
        "web/test_desk_pages.py::test_his_own_target_goes_before_that_of_everybody",
    ),
    "S-145": (
        (
            "unit/reports/test_comparing.py::"
            "test_a_group_that_solves_little_is_marked_and_one_of_few_calls_is_not"
        ),
        "web/test_comparing_pages.py::test_groups_say_how_sure_they_are",
    ),
    "S-146": ("web/test_comparing_pages.py::test_topics_stand_in_order_with_the_blanks",),
    "S-147": (
        "web/test_comparing_pages.py::test_weeks_show_what_was_changed_in_them",
        "web/test_comparing_pages.py::test_a_trial_says_that_it_needs_more_calls",
    ),
    "S-149": (
        "unit/reports/test_identities.py::test_login_time_is_the_sum_of_the_states",
        "unit/storage/test_records.py::test_durations_do_not_follow_the_wall_clock",
    ),
    "S-158": ("unit/daemons/test_erasing.py::test_no_byte_of_the_number_remains_anywhere",),
    "S-160": (
        "unit/storage/test_masks.py::test_of_cards_and_tickets_a_role_sees_what_its_work_needs",
        "web/test_gate.py::test_a_role_opens_what_it_should_and_nothing_else",
    ),
    "S-161": ("web/test_gate.py::test_name_and_password_open_the_page_asked_for",),
    "S-162": (
        "web/test_passwords.py::test_a_password_from_somebody_else_is_changed_before_anything_else",
        ("web/test_passwords.py::test_what_was_used_before_is_refused_and_so_is_what_is_too_short"),
        "web/test_passwords.py::test_by_date_only_where_the_office_asks_for_it",
        "unit/call/test_outside.py::test_pins_cannot_be_guessed",
    ),
    "S-163": (
        "unit/media/test_recorder.py::test_a_sealed_recording_never_lies_on_the_card_in_clear",
        "unit/storage/test_masks.py::test_the_log_of_a_call_says_no_more_than_its_record",
    ),
    "S-165": (
        (
            "unit/daemons/test_recording_desk.py::"
            "test_every_look_is_an_entry_and_a_deletion_leaves_nothing"
        ),
        "unit/daemons/test_recording_desk.py::test_days_by_kind_of_call",
        (
            "unit/storage/test_vault.py::"
            "test_without_the_key_in_its_head_nobody_opens_what_was_removed"
        ),
    ),
    "S-166": (
        (
            "unit/daemons/test_cli_recordings.py::"
            "test_the_ledger_says_what_each_was_told_and_whether_he_agreed"
        ),
        "unit/daemons/test_erasing.py::test_the_log_still_verifies_and_says_what_it_lost",
    ),
    "S-167": (
        (
            "web/test_quality_pages.py::"
            "test_an_incident_has_a_grade_a_deadline_and_somebody_who_deals_with_it"
        ),
        "web/test_quality_pages.py::test_a_drill_of_lines_leaves_one_and_ends_by_itself",
    ),
    "S-168": (
        "unit/daemons/test_memory_desk.py::test_who_looked_at_what_is_an_entry_of_the_log",
        "unit/storage/test_records.py::test_tampering_with_the_log_is_found",
    ),
    "I-14": (
        (
            "unit/daemons/test_case_desk.py::"
            "test_a_bad_mark_locks_the_recording_until_cause_and_action_are_there"
        ),
    ),
    "I-25": (
        (
            "unit/daemons/test_cli_recordings.py::"
            "test_the_ledger_says_what_each_was_told_and_whether_he_agreed"
        ),
    ),
    "P-09": ("unit/reports/test_golden_days.py::test_transfers",),
    "P-10": (
        (
            "unit/reports/test_golden_days.py::"
            "test_after_a_crash_nobody_is_abandoned_and_nobody_worked_on"
        ),
    ),
    "P-19": (
        "unit/daemons/test_recording_desk.py::test_beyond_the_budget_the_oldest_goes_first",
        (
            "unit/storage/test_sick_card.py::"
            "test_a_recording_stops_with_an_alarm_as_the_card_fills_and_what_there_was_is_kept"
        ),
        "unit/daemons/test_card_space.py::test_a_nearly_full_card_stops_recordings_and_no_call",
    ),
    "P-20": (
        (
            "unit/daemons/test_backup_desk.py::"
            "test_each_night_one_is_made_read_back_and_the_oldest_goes"
        ),
        "unit/storage/test_backup.py::test_another_box_plays_what_the_first_recorded",
    ),
    "S-88": (
        (
            "web/test_fax_pages.py::"
            "test_requests_by_other_ways_are_entered_by_hand_with_the_same_number_and_deadline"
        ),
    ),
    "S-108": ("web/test_fax_pages.py::test_a_complaint_by_fax_is_seen_answered_and_taken_out",),
    "P-27": ("unit/reports/test_paper.py::test_paper_says_what_the_sheet_says",),
}
"""Tests that prove a row without, or beside, a scenario."""

MISSING: Final[dict[str, str]] = {}
"""Rows that nothing proves yet, and why. The list only shrinks: a test compares it."""


def proofs() -> dict[str, list[str]]:
    """Row to the scenarios and tests that prove it."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for name in SCENARIOS:
        folder = FOLDER.parent / name if name else FOLDER.parent
        for file in sorted(folder.glob("*.yaml")):
            head = yaml.safe_load(file.read_text(encoding="utf-8"))
            for row in str(head.get("proves", "")).split():
                # Of other folders their own tables have the names.
                shown = f"`{file.stem}`" if folder == FOLDER else f"scenarios of `{folder.name}`"
                if row in found and shown not in found[row]:
                    found[row].append(shown)
    for row, tests in PROOFS.items():
        found[row] += [f"`{test}`" for test in tests]
    return found


def table() -> str:
    """One line per row; a row without a proof says so."""
    lines = ["| row | what is expected | proved by |", "| --- | --- | --- |"]
    for row, by in proofs().items():
        shown = ", ".join(by) or f"not yet: {MISSING.get(row, '?')}"
        lines.append(f"| {row} | {ROWS[row]} | {shown} |")
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
