"""Calls as lines of a printer, the way accounting programs have read them for forty years. Pure.

Columns are tables: the 80 columns that Panasonic's exchanges print by default (date, time,
extension, line, number, ring, duration, account, condition), 90 columns in the manner of Mitel, and
CSV (RFC 4180) for whatever reads no columns. Each line ends with CR and LF.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

END: Final = "\r\n"


class CallLine(msgspec.Struct, frozen=True, kw_only=True):
    """One call to or from the outside that is over.

    Attributes:
        call: Its id.
        begun: Local time.
        inbound: It came in.
        number: Who called, or who was called; empty where nobody knows.
        extension: Who spoke, or was rung last; empty for nobody.
        line: Number of the exchange line, 0 for none.
        ring_s: From the first ring until somebody answered, or the caller gave up.
        talk_s: Of the conversation, None where there was none.
        account: To which it was booked.
        transferred: It was passed on.
        outcome: As the record has it.
    """

    call: str
    begun: datetime
    inbound: bool
    number: str = ""
    extension: str = ""
    line: int = 0
    ring_s: int = 0
    talk_s: int | None = None
    account: str = ""
    transferred: bool = False
    outcome: str = ""


Column = tuple[int, str, Callable[[CallLine], str]]
"""Width, ``<`` or ``>`` for where it is filled from, and what stands in it."""


def _am_pm(begun: datetime, letters: int) -> str:
    half = ("AM" if begun.hour < 12 else "PM")[:letters]
    return f"{begun.hour % 12 or 12:02}:{begun.minute:02}{half}"


def _minutes(seconds: int) -> str:
    """``0'07``: minutes and seconds in four columns; longer is 9'59."""
    shown = min(seconds, 599)
    return f"{shown // 60}'{shown % 60:02}"


def _hours(seconds: int, minute: str, second: str) -> str:
    shown = min(seconds, 359_999)
    return f"{shown // 3600:02}{minute}{shown // 60 % 60:02}{second}{shown % 60:02}"


def _condition(call: CallLine) -> str:
    if call.transferred:
        return "TR"
    return "NA" if call.talk_s is None and call.inbound else ""


PANASONIC: Final[tuple[Column, ...]] = (
    (8, "<", lambda c: f"{c.begun:%m/%d/%y}"),
    (7, "<", lambda c: _am_pm(c.begun, 2)),
    (5, ">", lambda c: c.extension),
    (2, ">", lambda c: f"{c.line:02}" if c.line else ""),
    (25, "<", lambda c: f"<I>{c.number}" if c.inbound else c.number),
    (4, ">", lambda c: _minutes(c.ring_s) if c.inbound else ""),
    (8, ">", lambda c: _hours(c.talk_s or 0, ":", "'")),
    (10, "<", lambda c: c.account),
    (3, "<", _condition),
)
"""8 + 7 + 5 + 2 + 25 + 4 + 8 + 10 + 3 and eight spaces: 80."""

LONG_S: Final = 300
MITEL: Final[tuple[Column, ...]] = (
    (1, "<", lambda c: "-" if (c.talk_s or 0) >= LONG_S else ""),
    (5, "<", lambda c: f"{c.begun:%m/%d}"),
    (6, "<", lambda c: _am_pm(c.begun, 1)),
    (8, ">", lambda c: _hours(c.talk_s or 0, ":", ":")),
    (4, "<", lambda c: f"T{c.line:03}" if c.inbound and c.line else c.extension),
    (1, "<", lambda _: ""),
    (3, ">", lambda c: "***" if c.talk_s is None else f"{min(c.ring_s, 999):03}"),
    (26, "<", lambda c: c.number),
    (1, "<", lambda c: "" if c.talk_s is None else "A"),
    (1, "<", lambda _: ""),
    (4, "<", lambda c: c.extension if c.inbound else f"T{c.line:03}" if c.line else ""),
    (4, "<", lambda c: "T" if c.transferred else ""),
    (12, "<", lambda c: c.account),
    (1, "<", lambda _: ""),
)
"""77 and thirteen spaces: 90."""

COLUMNS: Final = {"panasonic": PANASONIC, "mitel": MITEL}


def formatted(form: str, call: CallLine) -> bytes:
    """The line of a call.

    Args:
        form: ``panasonic``, ``mitel`` or ``csv``.
        call: Which.
    """
    if form == "csv":
        return _csv(call).encode("ascii", "replace")
    cells = []
    for width, side, what in COLUMNS[form]:
        text = "".join(sign if " " < sign < "\x7f" else "?" for sign in what(call))[:width]
        cells.append(text.ljust(width) if side == "<" else text.rjust(width))
    return (" ".join(cells) + END).encode("ascii")


def _csv(call: CallLine) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=END).writerow(
        (
            f"{call.begun:%Y-%m-%d}",
            f"{call.begun:%H:%M:%S}",
            "in" if call.inbound else "out",
            call.line or "",
            call.number,
            call.extension,
            call.ring_s,
            "" if call.talk_s is None else call.talk_s,
            call.outcome,
            call.account,
            call.call,
        )
    )
    return out.getvalue()
