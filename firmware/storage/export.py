"""Records in forms that other programs read: our CSV, Asterisk's CDR columns, Asterisk's queue log.

=============  ====================================================================================
``calls``      CSV with a header; every column is a field of the record, times are UTC ISO 8601,
               marks are seconds after the first ring, durations seconds
``cdr``        Asterisk's ``Master.csv``: eighteen columns in its order, no header, local time
``queue-log``  Asterisk's ``queue_log``: ``epoch|call|queue|agent|EVENT|data...``, its event names
               where they exist
=============  ====================================================================================

CSV is RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe
(OWASP, CSV injection); a byte-order mark stands first so that Excel reads UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from firmware.core.acd_entries import (
    AgentChanged,
    AgentJoined,
    AgentLegEnded,
    AgentState,
    CallTransferred,
    LeftBy,
    OfferEnded,
    OfferResult,
    QueueAnswered,
    QueueEntered,
    QueueLeft,
)
from firmware.core.log_entries import CallerKnown, Direction, Outcome
from firmware.reports.moments import moment_ms
from firmware.storage.event_log import StoredEvent
from firmware.storage.projection import CallRecord

BYTE_ORDER_MARK: Final = "\ufeff"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Final = (
    "call",
    "begin_utc",
    "offset_min",
    "clock_trusted",
    "direction",
    "line",
    "caller_number",
    "caller_name",
    "dialled",
    "destination",
    "choice",
    "extension",
    "outcome",
    "outcome_detail",
    "cleared_first",
    "cleared_by",
    "answered_s",
    "menu_left_s",
    "rang_s",
    "taken_s",
    "joined_s",
    "ended_s",
    "closed_s",
    "wait_s",
    "talk_s",
    "recordings",
    "trunk_codec",
    "trunk_transport",
    "trunk_loss_percent",
    "trunk_jitter_ms",
    "trunk_round_trip_ms",
    "trunk_mos",
    "trunk_far_loss_percent",
    "trunk_far_mos",
)

DISPOSITION: Final[dict[Outcome | None, str]] = {
    Outcome.ANSWERED: "ANSWERED",
    Outcome.ABANDONED: "NO ANSWER",
    Outcome.NO_ANSWER: "NO ANSWER",
    Outcome.BUSY: "BUSY",
    Outcome.REFUSED: "CONGESTION",
    Outcome.FAILED: "FAILED",
    Outcome.INTERRUPTED: "FAILED",
    Outcome.SERVICE: "ANSWERED",
    None: "",
}
"""The words of Asterisk's ``ast_cdr_disp2str``."""


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: Iterable[object], *, quoted: bool = False) -> str:
    text = io.StringIO()
    if quoted:
        csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC).writerow(cells)
    else:
        csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def calls_csv(records: Iterable[CallRecord]) -> Iterator[str]:
    """Our own form, line by line."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for record in records:
        yield _line(_cells(record))


def _cells(record: CallRecord) -> list[object]:
    def after(mark: int | None) -> str:
        return "" if mark is None else f"{(mark - record.t0_ms) / 1000:.3f}"

    def seconds(length: int | None) -> str:
        return "" if length is None else f"{length / 1000:.3f}"

    texts = (
        record.line,
        record.caller_number,
        record.caller_name,
        record.dialled,
        record.destination,
        record.choice,
        record.extension,
        str(record.outcome or ""),
        record.outcome_detail,
        str(record.cleared_first or ""),
        str(record.cleared_by or ""),
    )
    marks = (
        record.t1_ms,
        record.t2_ms,
        record.t3_ms,
        record.t4_ms,
        record.t5_ms,
        record.t6_ms,
        record.t7_ms,
    )
    return [
        record.call,
        record.t0_wall,
        record.offset_min,
        int(record.trusted),
        str(record.direction),
        *(inert(text) for text in texts),
        *(after(mark) for mark in marks),
        seconds(record.wait_ms),
        seconds(record.talk_ms),
        " ".join(recording.recording for recording in record.recordings),
        *_trunk_cells(record),
    ]


def _trunk_cells(record: CallRecord) -> list[object]:
    """How the sound of the call's last leg over a SIP trunk travelled; empty without one."""
    if not record.legs:
        return [""] * 8
    leg = record.legs[-1]
    return [
        inert(leg.codec),
        leg.transport,
        leg.loss_percent,
        leg.jitter_ms,
        leg.round_trip_ms or "",
        leg.mos or "",
        leg.far_loss_percent if leg.far_mos else "",
        leg.far_mos or "",
    ]


def cdr_csv(records: Iterable[CallRecord]) -> Iterator[str]:
    """Asterisk's columns: accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp,
    lastdata, start, answer, end, duration, billsec, disposition, amaflags, uniqueid, userfield.
    """  # noqa: D205  # a list of columns
    for record in records:
        yield _line(_cdr_cells(record), quoted=True)


def _cdr_cells(record: CallRecord) -> list[object]:
    begin = datetime.fromisoformat(record.t0_wall) + timedelta(minutes=record.offset_min)

    def local(mark: int | None) -> str:
        if mark is None:
            return ""
        moment = begin + timedelta(milliseconds=mark - record.t0_ms)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    end = record.t6_ms if record.t6_ms is not None else record.t7_ms
    taken = record.t4_ms if record.outcome is Outcome.ANSWERED else None
    inbound = record.direction is Direction.INBOUND
    src = record.caller_number if inbound else record.origin
    dst = (record.extension or record.destination) if inbound else record.dialled
    name = record.caller_name or src
    context = {
        Direction.INBOUND: "from-trunk",
        Direction.OUTBOUND: "to-trunk",
        Direction.INTERNAL: "internal",
    }[record.direction]
    return [
        record.account,
        inert(src),
        inert(dst),
        context,
        inert(f'"{name}" <{src}>'),
        record.origin,
        record.telephone,
        "Dial",
        "",
        local(record.t0_ms),
        local(taken),
        local(end),
        0 if end is None else (end - record.t0_ms) // 1000,
        0 if end is None or taken is None else (end - taken) // 1000,
        DISPOSITION[record.outcome],
        "DOCUMENTATION",
        record.call,
        "",
    ]


LEFT: Final[dict[LeftBy, str]] = {
    LeftBy.ABANDONED: "ABANDON",
    LeftBy.TIMEOUT: "EXITWITHTIMEOUT",
    LeftBy.KEY: "EXITWITHKEY",
    LeftBy.CALLBACK: "EXITWITHKEY",
    LeftBy.NO_AGENT: "EXITEMPTY",
    LeftBy.FULL: "EXITEMPTY",
    LeftBy.REFUSED: "EXITEMPTY",
    LeftBy.OVERFLOW: "EXITWITHTIMEOUT",
    LeftBy.WITHDRAWN: "WITHDRAW",
    LeftBy.INTERRUPTED: "ABANDON",
}


def queue_log(events: Iterable[StoredEvent]) -> Iterator[str]:
    """Asterisk's queue log, line by line; what it has no name for is left out."""
    entered: dict[tuple[str, int], tuple[int, int]] = {}
    joined: dict[tuple[str, int, str], int] = {}
    numbers: dict[str, str] = {}
    states: dict[str, AgentState] = {}
    for event in events:
        entry = event.entry
        epoch = moment_ms(event.stamp.wall) // 1000
        line = ""
        match entry:
            case CallerKnown():
                numbers[entry.call] = entry.number
            case QueueEntered():
                entered[entry.call, entry.visit] = (entry.at_ms, entry.position)
                number = numbers.get(entry.call, "")
                line = f"{entry.queue}|NONE|ENTERQUEUE||{number}|{entry.position}"
            case OfferEnded() if entry.result is OfferResult.NO_ANSWER:
                line = f"{entry.queue}|{entry.agent}|RINGNOANSWER|0"
            case OfferEnded() if entry.result is OfferResult.WITHDRAWN:
                line = f"{entry.queue}|{entry.agent}|RINGCANCELED|0"
            case QueueAnswered():
                at_ms, _ = entered.get((entry.call, entry.visit), (entry.at_ms, 0))
                waited = (entry.at_ms - at_ms) // 1000
                line = f"{entry.queue}|{entry.agent}|CONNECT|{waited}|{entry.call}|0"
            case QueueLeft():
                at_ms, position = entered.pop((entry.call, entry.visit), (entry.at_ms, 0))
                waited = (entry.at_ms - at_ms) // 1000
                line = f"{entry.queue}|NONE|{LEFT[entry.reason]}|{position}|{position}|{waited}"
            case AgentJoined():
                joined[entry.call, entry.visit, entry.agent] = entry.at_ms
            case CallTransferred():
                kind = "ATTENDEDTRANSFER" if entry.attended else "BLINDTRANSFER"
                line = f"{entry.queue}|{entry.agent}|{kind}|{entry.to}||0|0|0"
            case AgentLegEnded():
                begin = joined.pop((entry.call, entry.visit, entry.agent), entry.at_ms)
                at_ms, position = entered.pop((entry.call, entry.visit), (begin, 0))
                who = "COMPLETEAGENT" if entry.first == "agent" else "COMPLETECALLER"
                waited, talked = (begin - at_ms) // 1000, (entry.at_ms - begin) // 1000
                line = f"{entry.queue}|{entry.agent}|{who}|{waited}|{talked}|{position}"
            case AgentChanged():
                line = _agent_line(states, entry)
            case _:
                pass
        if line:
            yield f"{epoch}|{entry.call or 'NONE'}|{line}\n"


def _agent_line(states: dict[str, AgentState], entry: AgentChanged) -> str:
    before = states.get(entry.agent, AgentState.LOGGED_OUT)
    states[entry.agent] = entry.state
    if entry.state is AgentState.LOGGED_OUT:
        return f"NONE|{entry.agent}|REMOVEMEMBER|"
    if before is AgentState.LOGGED_OUT:
        return f"NONE|{entry.agent}|ADDMEMBER|"
    if entry.state is AgentState.PAUSED:
        return f"NONE|{entry.agent}|PAUSEALL|{entry.reason}"
    if before is AgentState.PAUSED:
        return f"NONE|{entry.agent}|UNPAUSEALL|"
    return ""
