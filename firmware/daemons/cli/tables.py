"""What the command line prints, as text. Pure: answers in, lines out.

Columns are aligned by spaces alone, without frames: they read well in a terminal and aloud.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import partial

import msgspec

from drivers.line import Reading, port_kind
from firmware.control.messages import (
    HistoryItem,
    LinesAnswer,
    RegisterDump,
    RegisterValue,
    Status,
)
from firmware.core.countries import country as country_of
from firmware.core.log_entries import Direction
from firmware.core.numbering import place_of, region_of, shown
from firmware.daemons.cli.words import Language, say
from firmware.storage.projection import CallRecord


def state(key: str, language: Language) -> str:
    """A state in people's words; within a sentence, so without a capital."""
    return say(key, language).lower()


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table; a column in which nothing stands is left out."""
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    cells = [[line[place] for place in kept] for line in (heads, *rows)]
    widths = [max(width(line[place]) for line in cells) for place in range(len(kept))]
    return [
        "  ".join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]


def width(text: str) -> int:
    """Terminal cells of a text: Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def status_lines(status: Status, language: Language) -> list[str]:
    """The state of the box."""
    word = partial(say, language=language)
    lines = [
        word("country_is", country=status.country, version=status.settings_version),
        *(word("alarm", detail=alarm) for alarm in status.alarms),
    ]
    if status.no_card:
        lines.append(word("no_card", part=status.no_card))
    elif not status.lines_connected:
        lines.append(word("lines_away"))
    ports = [
        (p.port, p.label, state(f"{port_kind(p.port)}.{p.state}", language), p.call, p.detail)
        for p in status.ports
    ]
    if ports:
        lines += [
            "",
            *columns([word(k) for k in ("port", "label", "state", "call", "detail")], ports),
        ]
    lines.append("")
    if status.calls:
        heads = [word(k) for k in ("call", "direction", "state", "caller", "destination", "lasts")]
        rows = [
            (
                call.call,
                word(call.direction),
                state(f"call.{call.state}", language),
                written(call.caller, status.country, language),
                call.destination,
                duration(status.at_ms - call.since_ms),
            )
            for call in status.calls
        ]
        lines += columns(heads, rows)
    else:
        lines.append(word("no_calls_up"))
    if (sound := status.counters) is not None:
        counters = word(
            "counters",
            ticks=sound.ticks,
            late=sound.late_ticks,
            longest=sound.longest_tick_us,
            under=sound.under_runs,
            bus=sound.bus_faults,
        )
        lines += ["", counters]
    return lines


def judged(answer: LinesAnswer) -> list[Reading]:
    """Readings, each with what is made of it."""
    found = []
    for reading in answer.readings:
        parts = (reading.detail, answer.verdicts.get(reading.port, ""))
        detail = "; ".join(part for part in parts if part)
        found.append(msgspec.structs.replace(reading, detail=detail))
    return found


def readings_lines(readings: Sequence[Reading], language: Language) -> list[str]:
    """What the chips measure."""
    word = partial(say, language=language)
    if not readings:
        return [word("no_readings")]
    heads = (
        "port",
        "chip",
        "state",
        "hook",
        "line_v",
        "loop_ma",
        "battery_v",
        "echo_db",
        "faults",
        "detail",
    )
    rows = [
        (
            reading.port,
            reading.chip,
            state(f"chip.{reading.state}", language),
            word("off_hook" if reading.off_hook else "on_hook"),
            measured(reading.line_v),
            measured(reading.loop_ma),
            measured(reading.battery_v),
            measured(reading.echo_db),
            str(reading.faults),
            reading.detail,
        )
        for reading in readings
    ]
    return columns([word(head) for head in heads], rows)


def registers_lines(dump: RegisterDump, language: Language) -> list[str]:
    """One port's registers: those that differ from reset, then the others."""
    word = partial(say, language=language)
    lines = [word("registers_of", port=dump.port, chip=dump.chip)]
    differing = [r for r in dump.registers if r.reset is not None and r.value != r.reset]
    same = [r for r in dump.registers if r not in differing]
    for key, registers in (("differ", differing), ("same", same)):
        if registers:
            heads = [word(k) for k in ("register", "address", "value", "reset", "fields")]
            rows = [_register(register) for register in registers]
            lines += ["", word(key), *columns(heads, rows)]
    return lines


def _register(register: RegisterValue) -> tuple[str, ...]:
    digits = 2 if max(register.value, register.reset or 0) < 0x100 else 4
    return (
        register.register,
        str(register.address),
        f"0x{register.value:0{digits}x}",
        "" if register.reset is None else f"0x{register.reset:0{digits}x}",
        ", ".join(f"{name} {value}" for name, value in register.fields.items()),
    )


def calls_lines(
    calls: Sequence[CallRecord],
    language: Language,
    zone: tzinfo | None = None,
    country: str = "",
) -> list[str]:
    """The call log; times in ``zone``, or in this machine's.

    With the office's ``country`` numbers are written its way, with the places they are from.
    """
    word = partial(say, language=language)
    if not calls:
        return [word("no_calls")]
    heads = (
        *("call", "time", "direction", "caller", "destination", "line", "extension"),
        *("waited", "talked", "outcome", "cleared"),
    )
    rows = [
        (
            call.call,
            local(call.t0_wall, zone) + ("" if call.trusted else word("clock_unsure")),
            word(call.direction),
            _caller(call, language, country),
            call.dialled or call.destination,
            call.line,
            call.extension,
            duration(call.wait_ms) + (f" ({word('estimate')})" if call.answer_estimate else ""),
            duration(call.talk_ms),
            word(call.outcome or "open"),
            _cleared(call, language),
        )
        for call in calls
    ]
    return columns([word(head) for head in heads], rows)


def history_lines(
    versions: Sequence[HistoryItem], language: Language, zone: tzinfo | None = None
) -> list[str]:
    """Versions of the settings."""
    word = partial(say, language=language)
    if not versions:
        return [word("no_versions")]
    rows = [
        (str(item.version), local(item.written_at, zone), item.who, item.why) for item in versions
    ]
    return columns([word(head) for head in ("version", "time", "who", "why")], rows)


def local(written: str, zone: tzinfo | None) -> str:
    """A kept UTC time in ``zone``, or in this machine's zone."""
    return datetime.fromisoformat(written).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def duration(ms: int | None) -> str:
    """``1:05`` or ``1:00:05``, whole seconds, cut; nothing for None."""
    if ms is None:
        return ""
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def measured(value: float | None) -> str:
    """One decimal; nothing where the chip cannot tell."""
    return "" if value is None else f"{value:.1f}"


def written(number: str, country: str, language: Language = "en") -> str:
    """A number as people write it, and where it is from."""
    if not country or not number:
        return number
    here = country_of(country)
    abroad = region_of(number, here)
    where = (abroad if abroad != here.code else "", place_of(number, here, language))
    place = ", ".join(part for part in where if part)
    return shown(number, here) + (f" ({place})" if place else "")


def _caller(call: CallRecord, language: Language, country: str) -> str:
    if call.caller_number or call.caller_name:
        number = written(call.caller_number, country, language)
        return f"{number} {call.caller_name}".strip()
    if call.direction is not Direction.INBOUND:
        return call.origin
    return say("withheld" if call.caller_kind == "private" else "unknown", language)


def _cleared(call: CallRecord, language: Language) -> str:
    if call.cleared_first is None:
        return ""
    side = say(call.cleared_first, language)
    if call.cleared_by is None:
        return side
    return say("by", language, side=side, way=say(call.cleared_by, language))
