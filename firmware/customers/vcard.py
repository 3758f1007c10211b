"""Customers as vCards: 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) are read, 4.0 is written.

Read are FN (N where there is none), ORG, TEL, NOTE, CATEGORIES, LANG, BDAY and ANNIVERSARY;
photographs, addresses and the rest are left aside. A day without its year is no day of ours.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from typing import Final

from firmware.customers.csv_form import FormError
from firmware.customers.customer import LANGUAGES, Customer
from firmware.customers.key_date import BIRTHDAY, KeyDate, day_of

DAYS: Final[dict[str, str]] = {"BDAY": BIRTHDAY, "ANNIVERSARY": "anniversary"}
"""RFC 6350 clauses 6.2.5 and 6.2.6."""

LONGEST_LINE_OCTETS: Final = 75  # RFC 6350 clause 3.2
_LINE: Final = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;[^:]*)?):(.*)", re.DOTALL)


def read(text: str) -> list[tuple[int, Customer]]:
    """Cards with the number of the line where each begins, as they stand: nothing is checked yet.

    Raises:
        FormError: a card that does not end, or no card at all.
    """
    found: list[tuple[int, Customer]] = []
    begun: int | None = None
    card: dict[str, list[str]] = {}
    for number, line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, options, value = match[1].upper(), match[2].upper(), match[3]
        if name == "BEGIN":
            if begun is not None:
                raise FormError("vcard-open", begun)
            begun, card = number, {}
        elif name == "END" and begun is not None:
            found.append((begun, _card(card)))
            begun = None
        elif begun is not None:
            card.setdefault(name, []).append(_value(value, options))
    if begun is not None:
        raise FormError("vcard-open", begun)
    if not found:
        raise FormError("vcard-none")
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Unfolded lines with the number of their first."""
    first, whole = 0, ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        # A soft break of quoted-printable (vCard 2.1) ends in "=".
        soft = whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper()
        if first and (line[:1] in {" ", "\t"} or soft):
            whole = whole[:-1] + line if soft else whole + line[1:]
            continue
        if first:
            yield first, whole
        first, whole = number, line
    if first:
        yield first, whole


def _value(value: str, options: str) -> str:
    if "QUOTED-PRINTABLE" in options:
        charset = re.search(r"CHARSET=([\w-]+)", options)
        try:
            return quopri.decodestring(value).decode(charset[1] if charset else "utf-8", "replace")
        except LookupError:
            return quopri.decodestring(value).decode("utf-8", "replace")
    return value


def _card(lines: dict[str, list[str]]) -> Customer:
    def first(name: str) -> str:
        return lines.get(name, [""])[0]

    name = _plain(first("FN"))
    if not name:
        family, given, *_ = (*_split(first("N"), ";"), "", "")
        name = f"{family}{given}" if not family.isascii() else f"{given} {family}".strip()
    organisation = [part for part in _split(first("ORG"), ";") if part]
    language = _plain(first("LANG"))
    return Customer(
        name=name,
        company=" ".join(organisation),
        numbers=tuple(
            _plain(tel).removeprefix("tel:") for tel in lines.get("TEL", []) if tel.strip()
        ),
        tags=tuple(tag for line in lines.get("CATEGORIES", []) for tag in _split(line, ",") if tag),
        language=language if language in LANGUAGES else "",
        note=_plain(first("NOTE")),
        dates=tuple(
            KeyDate(name=name, day=day) for key, name in DAYS.items() if (day := _day(first(key)))
        ),
    )


def _day(value: str) -> str:
    """``19800501``, ``1980-05-01`` or with a time behind it, as ``1980-05-01``; else empty."""
    plain = _plain(value).partition("T")[0]
    if len(plain) == len("yyyymmdd") and plain.isdecimal():
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    day = day_of(plain)
    return day.isoformat() if day is not None else ""


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value).strip()


def _split(value: str, between: str) -> list[str]:
    parts = re.split(rf"(?<!\\){re.escape(between)}", value)
    return [_plain(part) for part in parts]


def write(cards: Iterable[Customer]) -> Iterator[str]:
    """Cards in version 4.0, one after the other."""
    for card in cards:
        lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_written(card.name or card.company)}"]
        if card.company:
            lines.append(f"ORG:{_written(card.company)}")
        lines += [f"TEL;VALUE=text:{_written(number)}" for number in card.numbers]
        if card.tags:
            lines.append("CATEGORIES:" + ",".join(_written(tag) for tag in card.tags))
        if card.language:
            lines.append(f"LANG:{card.language}")
        for key, name in DAYS.items():
            days = [d.day for d in card.dates if d.name == name]
            lines += [f"{key}:{day.replace('-', '')}" for day in days[:1]]
        if card.note:
            lines.append(f"NOTE:{_written(card.note)}")
        lines.append("END:VCARD")
        yield "".join(f"{_folded(line)}\r\n" for line in lines)


def _written(value: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", value).replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 octets a line, never within a character."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LONGEST_LINE_OCTETS - (len(parts) > 1):
            parts.append("")
            size = 0
        parts[-1] += character
        size += octets
    return "\r\n ".join(parts)
