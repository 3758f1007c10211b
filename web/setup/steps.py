"""What the first steps ask and what becomes of the answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from drivers.line import Reading
from firmware.control.messages import LineCheck, PortStatus
from firmware.core.events import LineMeasured
from web.words import say

STEPS: Final = ("office", "lines", "telephones", "hours", "greeting")
"""The pages, in order."""

GREETING: Final = "welcome"
"""The prompt that the shipped menu says first (``ivr.shipped``)."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL_DAYS: Final = DAYS[:5]
USUAL_FROM: Final = "09:00"
USUAL_UNTIL: Final = "18:00"

LEAST_BATTERY_V: Final = 3.0
"""Below this no exchange feeds the pair. An on-hook line has 40 V and more, a seized one 5 V."""

GOOD_ECHO_DB: Final = 14.0
"""Echo return loss of a fitted port; under it the echo canceller has to do most of the work, and a
pair or a splitter is worth a look (chosen)."""

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]?([0-5]\d)")
_DOWN: Final = frozenset({"idle", "ringing", "out_of_service", "chip_lost", "chip_back"})
"""States of a telephone whose handset lies on its cradle, or of which nothing is known."""


def step_after(step: str) -> str:
    """The next page, empty after the last."""
    at = STEPS.index(step) + 1
    return STEPS[at] if at < len(STEPS) else ""


def step_before(step: str) -> str:
    """The page before, empty before the first."""
    at = STEPS.index(step) - 1
    return STEPS[at] if at >= 0 else ""


# --- lines ----------------------------------------------------------------------------------------


def connected(reading: Reading) -> bool:
    """Whether an exchange feeds the pair."""
    return reading.line_v is not None and abs(reading.line_v) >= LEAST_BATTERY_V


def line_verdict(
    reading: Reading, check: LineCheck | None, measured: LineMeasured | None, language: str
) -> tuple[str, bool]:
    """What to think of a line, in words, and whether it is good news.

    Args:
        reading: What its chip measures now.
        check: What it was seen to do.
        measured: Its test on this page, None before it.
        language: Of the words.
    """
    if not connected(reading):
        return say("line-nothing", language), False
    if measured is not None and measured.fault:
        return say(f"line-fault.{measured.fault}", language), False
    seen = check.checks if check is not None else {}
    if seen.get("caller_id") or seen.get("clear"):
        return say("line-called", language), True
    echo_db = measured.echo_db if measured is not None else None
    if echo_db is not None:
        good = echo_db >= GOOD_ECHO_DB
        return say("line-measured" if good else "line-echo", language, db=f"{echo_db:.0f}"), good
    return say("line-fed", language), True


# --- telephones -----------------------------------------------------------------------------------


def lifted(port: PortStatus) -> bool:
    """Whether somebody holds this telephone's handset."""
    return port.port.startswith("fxs/") and port.state not in _DOWN


def with_names(document: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """The settings with telephones' names and numbers as typed.

    A field that the form did not have leaves its telephone as it is. Ring groups follow a changed
    number, so that nobody drops out of them unnoticed.
    """
    renumbered: dict[str, str] = {}
    extensions = []
    for row in document.get("extensions", ()):
        port = str(row["port"])
        name = typed.get(f"name-{port}", str(row.get("name", ""))).strip()
        number = typed.get(f"number-{port}", str(row["number"])).strip()
        if number != row["number"]:
            renumbered[str(row["number"])] = number
        extensions.append({**row, "name": name, "number": number})
    groups = [
        {**group, "members": [renumbered.get(m, m) for m in group.get("members", ())]}
        for group in document.get("ring_groups", ())
    ]
    return {**document, "extensions": extensions, "ring_groups": groups}


def places(document: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, str]:
    """Sentences at ``extensions.1.number`` moved to the fields of the page (``number-fxs/2``)."""
    ports = [str(row["port"]) for row in document.get("extensions", ())]
    moved: dict[str, str] = {}
    for path, sentence in problems.items():
        found = re.fullmatch(r"extensions\.(\d+)\.(number|name)", path)
        moved[f"{found[2]}-{ports[int(found[1])]}" if found else ""] = sentence
    return moved


# --- hours ----------------------------------------------------------------------------------------


def hours_shown(hours: Mapping[str, Any]) -> dict[str, Any]:
    """The week as the page's few fields show it; a finer week is shown by its first day."""
    week: Mapping[str, Any] = hours.get("week") or {}
    if not week:
        return {"always": True, "days": list(USUAL_DAYS), "from": USUAL_FROM, "until": USUAL_UNTIL}
    first = next(iter(week.values()))[0]
    begin, _, end = str(first).partition("-")
    return {"always": False, "days": [d for d in DAYS if d in week], "from": begin, "until": end}


def hours_typed(
    hours: Mapping[str, Any], typed: MultiDict[str, str], language: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The hours as typed, and the sentences of what cannot be understood."""
    if typed.get("open") == "always":
        return {**hours, "week": {}, "lunch": ""}, {}
    problems: dict[str, str] = {}
    clocks: dict[str, str] = {}
    for field in ("from", "until"):
        given = typed.get(field, "").strip()
        found = _CLOCK.fullmatch(given)
        if found is None:
            problems[field] = say("clock-needed", language, value=given)
        else:
            clocks[field] = f"{int(found[1]):02d}:{found[2]}"
    days = [day for day in DAYS if day in typed.getlist("days")]
    if not days:
        problems["days"] = say("days-needed", language)
    if not problems and clocks["from"] >= clocks["until"]:
        problems["until"] = say("until-before", language, value=clocks["until"])
    if problems:
        return dict(hours), problems
    opening = f"{clocks['from']}-{clocks['until']}"
    return {**hours, "week": {day: [opening] for day in days}}, {}
