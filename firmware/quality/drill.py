"""A drill: lines, mains or card are taken away on purpose, for minutes, and given back. Pure.

What is taken away, and what an office must keep all the same, is fixed here: one exchange line
stays, since somebody may have to call for help; the time ends by itself; and whatever fails in
earnest meanwhile ends the drill at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

Kind = Literal["lines", "power", "card"]
KINDS: Final[tuple[Kind, ...]] = ("lines", "power", "card")
LONGEST_MIN: Final = 30
"""Chosen: longer than people need to notice and to act; the battery is not used up meanwhile."""

MIN_MS: Final = 60_000
MOST_HELD: Final = 1_000
"""Entries that wait in memory while the card is taken away: some 70 calls. A power cut would lose
them, so the drill ends here."""

Ended = Literal["person", "time", "real", "full", ""]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill showed.

    Attributes:
        kind: What was taken away.
        lines: Ports of the lines.
        minutes: For how long it was to last.
        lasted_s: How long it lasted.
        ended: Who ended it: a ``person``, the ``time``, a ``real`` failure, or a ``full`` memory.
        alarms: What the box said of it, in the office's language.
        calls: Calls from and to outside that began meanwhile.
        answered: Of these, answered.
        held: Entries of the log that had to wait, and were kept afterwards.
        seen_s: After how long somebody took it up; None for nobody.
    """

    kind: Kind
    lines: tuple[str, ...] = ()
    minutes: int = 0
    lasted_s: int = 0
    ended: Ended = ""
    alarms: tuple[str, ...] = ()
    calls: int = 0
    answered: int = 0
    held: int = 0
    seen_s: int | None = None


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A drill that is on; times are monotonic."""

    incident: int
    report: Report
    began_ms: int
    until_ms: int


def lacks(kind: str, minutes: int, wanted: Sequence[str], idle: Sequence[str]) -> str:
    """Why a drill cannot be held, as a word; empty if it can.

    Args:
        kind: What is to be taken away.
        minutes: For how long.
        wanted: Ports of lines that are to be taken away; empty for all but one.
        idle: Ports of lines that are there and free.
    """
    if kind not in KINDS:
        return "drill-kind"
    if not 1 <= minutes <= LONGEST_MIN:
        return "drill-minutes"
    if kind == "lines" and any(port not in idle for port in wanted):
        return "drill-line"
    if kind == "lines" and not taken(wanted, idle):
        return "drill-last-line"
    return ""


def taken(wanted: Sequence[str], idle: Sequence[str]) -> tuple[str, ...]:
    """The lines that are taken away: never the last that is free."""
    chosen = [port for port in idle if port in wanted] if wanted else list(idle)
    if len(chosen) >= len(idle):
        chosen = chosen[:-1]
    return tuple(chosen)


def begun(kind: Kind, incident: int, minutes: int, lines: Sequence[str], now_ms: int) -> Running:
    """A drill that begins now."""
    return Running(
        incident=incident,
        report=Report(kind=kind, lines=tuple(lines), minutes=minutes),
        began_ms=now_ms,
        until_ms=now_ms + minutes * MIN_MS,
    )


def over(running: Running, ended: Ended, now_ms: int) -> Report:
    """What it showed, at its end."""
    return msgspec.structs.replace(
        running.report, ended=ended, lasted_s=(now_ms - running.began_ms) // 1_000
    )


def counted(report: Report, *, calls: int = 0, answered: int = 0) -> Report:
    """The report with calls that began, or were answered, meanwhile."""
    return msgspec.structs.replace(
        report, calls=report.calls + calls, answered=report.answered + answered
    )
