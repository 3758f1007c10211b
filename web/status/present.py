"""Status and records as a person reads them. Pure: values and a language in, strings out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from firmware.control.messages import CallStatus, PortStatus, Status
from firmware.core.log_entries import Direction
from firmware.storage.projection import CallRecord
from web.words import WORDS, say

CLOCK = "%H:%M:%S"
DAY_AND_CLOCK = "%Y-%m-%d %H:%M:%S"

# How a state is coloured. A state that is not here is neither good nor bad: dialling, waiting.
MOODS: Mapping[str, str] = {
    "fxs.idle": "free",
    "fxs.ringing": "ringing",
    "fxs.in_call": "talking",
    "fxs.out_of_service": "trouble",
    "fxs.chip_lost": "trouble",
    "fxs.howling": "trouble",
    "fxs.locked_out": "trouble",
    "fxo.idle": "free",
    "fxo.ring_on": "ringing",
    "fxo.ring_gap": "ringing",
    "fxo.ring_pause": "ringing",
    "fxo.connected": "talking",
    "fxo.out_of_service": "trouble",
    "fxo.no_battery": "trouble",
    "fxo.without_current": "trouble",
    "sip.idle": "free",
    "sip.offered": "ringing",
    "sip.connected": "talking",
    "sip.out_of_service": "trouble",
}

_NUMBERED_LINE = re.compile(r"line (\d+)")  # the name a new office gives its lines


@dataclass(frozen=True, slots=True)
class PortCard:
    """One jack."""

    jack: str
    name: str
    state: str
    mood: str
    detail: str


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One call that is up."""

    direction: str
    caller: str
    destination: str
    state: str
    began: str
    parties: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """One line of the call log."""

    call: str
    started: str
    started_iso: str
    direction: str
    caller: str
    destination: str
    outcome: str
    waited: str
    talked: str
    cleared: str
    number: str = ""
    name: str = ""


# --- ports ----------------------------------------------------------------------------------------


def port_card(port: PortStatus, language: str) -> PortCard:
    """The card of one jack."""
    kind = port.port.partition("/")[0]
    state = f"{kind}.{port.state}"
    said = port.detail_in.get(language, port.detail)
    return PortCard(
        jack=jack(port.port, language),
        name=port_name(port.port, port.label, language),
        state=say(state, language),
        mood=MOODS.get(state, "busy"),
        detail=say(said, language) if said in WORDS else said,
    )


def jack(port: str, language: str) -> str:
    """``fxs/1`` in words."""
    kind, _, number = port.partition("/")
    return say(f"jack.{kind}", language, n=number) if f"jack.{kind}" in WORDS else port


def port_name(port: str, label: str, language: str) -> str:
    """What people call a port: its extension, its line's name, else its jack."""
    if not label:
        return jack(port, language)
    numbered = _NUMBERED_LINE.fullmatch(label)
    return say("line-n", language, n=numbered.group(1)) if numbered else label


def names_of(status: Status | None, language: str) -> dict[str, str]:
    """Every port's name; empty while call control is away."""
    ports = () if status is None else status.ports
    return {port.port: port_name(port.port, port.label, language) for port in ports}


# --- calls that are up ----------------------------------------------------------------------------


def live_call(
    call: CallStatus, names: Mapping[str, str], began: datetime | None, language: str
) -> LiveCall:
    """A call that is up.

    Args:
        call: as call control tells it.
        names: of the ports.
        began: local time of its beginning, None when not known.
        language: of the reader.
    """
    unknown = say("unknown", language) if call.direction == Direction.INBOUND else ""
    return LiveCall(
        direction=say(f"direction.{call.direction}", language),
        caller=call.caller or unknown,
        destination=destination(call.destination, language),
        state=say(f"call.{call.state}", language),
        began=began.strftime(CLOCK) if began else "",
        parties="、".join(_named(call.parties, names, language))
        if language == "zh-CN"
        else ", ".join(_named(call.parties, names, language)),
    )


def _named(parties: tuple[str, ...], names: Mapping[str, str], language: str) -> list[str]:
    return [names.get(port) or jack(port, language) for port in parties]


# --- the log --------------------------------------------------------------------------------------


def call_row(record: CallRecord, names: Mapping[str, str], language: str) -> CallRow:
    """The row of one call."""
    began = datetime.fromisoformat(record.t0_wall).astimezone(
        timezone(timedelta(minutes=record.offset_min))
    )
    return CallRow(
        call=record.call,
        started=began.strftime(DAY_AND_CLOCK),
        started_iso=began.isoformat(timespec="seconds"),
        direction=say(f"direction.{record.direction}", language),
        caller=caller(record, names, language),
        destination=_where(record, language),
        outcome=_outcome(record, language),
        waited=duration(record.wait_ms, language),
        talked=duration(record.talk_ms, language),
        cleared=_cleared(record, language),
        number=record.caller_number,
        name=record.caller_name if record.caller_number else "",
    )


def caller(record: CallRecord, names: Mapping[str, str], language: str) -> str:
    """Number and name, or why there is none."""
    if record.caller_number:
        return f"{record.caller_number} {record.caller_name}".strip()
    if record.caller_kind == "private":
        return say("withheld", language)
    if record.direction == Direction.INBOUND:
        return say("unknown", language)
    return names.get(record.origin) or jack(record.origin, language)


def _where(record: CallRecord, language: str) -> str:
    if record.extension:
        return record.extension
    return record.dialled or destination(record.destination, language)


def destination(text: str, language: str) -> str:
    """Where a call goes: call control's ``extension 201`` in words; digits stay digits."""
    kind, _, number = text.partition(" ")
    key = f"to.{kind}"
    return say(key, language, n=number) if key in WORDS else text


def _outcome(record: CallRecord, language: str) -> str:
    if record.outcome is None:
        return say("open", language)
    word = say(f"outcome.{record.outcome}", language)
    if record.answer_estimate and record.answered_by:
        how = say(f"answered-by.{record.answered_by}", language)
        return f"{word}（{how}）" if language == "zh-CN" else f"{word} ({how})"
    return word


def _cleared(record: CallRecord, language: str) -> str:
    """Who cleared first and how that was known."""
    if record.cleared_first is None:
        return ""
    key = f"side.internal.{record.cleared_first}"
    if record.direction != Direction.INTERNAL or key not in WORDS:
        key = f"side.{record.cleared_first}"
    side = say(key, language)
    if record.cleared_by is None:
        return side
    how = say(f"by.{record.cleared_by}", language)
    return f"{side}（{how}）" if language == "zh-CN" else f"{side} ({how})"


def duration(ms: int | None, language: str) -> str:
    """Whole seconds, cut; nothing for a time that never was."""
    if ms is None:
        return ""
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes:
        return say("minutes", language, m=minutes, s=seconds)
    return say("seconds", language, n=seconds)


def local_time(iso: str) -> str:
    """A moment of the records on the box's own clock, with its zone."""
    try:
        moment = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return iso
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")
