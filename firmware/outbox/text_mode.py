"""Short messages of modems without PDU mode: the same messages, told in parameters and words.

3GPP TS 27.005: parameters 3.1, ``+CSMP`` 3.3.2, ``+CMGS`` 3.5.1, ``+CMGR`` 3.4.3, ``+CDS`` 3.4.1
and 3.1 for what a text looks like: where a header is in it or its alphabet is UCS-2, each octet as
two hexadecimal digits; otherwise in the character set of ``+CSCS``, which is UCS-2 here (3GPP TS
27.007, 5.5), so that all words on the wire are hexadecimal and no character can end them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from firmware.outbox.alphabet import septets, text_of, unpack
from firmware.outbox.pdu import (
    HEADER_THERE,
    ONE_DAY,
    REPORT_WANTED,
    SUBMIT,
    UCS2,
    VALIDITY_RELATIVE,
    Deliver,
    PduError,
    Report,
    alphabet_of,
    parts_of,
    user_data,
)
from firmware.outbox.segments import PART, WHOLE, Coding, coding_of, cut_into, weight
from firmware.outbox.vendors import TextForm

_FIELD: Final = re.compile(r'"([^"]*)"|([^,]*)')
_REPORT: Final = re.compile(r'\+CMGR: *"[^"]*",\d')
NOT_DELIVER: Final = 0x0B  # 23.040, 9.2.3.1 and 9.2.3.28: another type, or a loop
_STAMP: Final = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)?")
MARKED: Final = "{number}/{total} "
"""Before each text of a long one where no header can tie them together."""


class Piece(msgspec.Struct, frozen=True):
    """One message for a modem.

    Attributes:
        before: The command that says what kind of message comes; empty where there is none.
        command: The command that the prompt follows.
        typed: What is typed behind the prompt.
    """

    before: str
    command: str
    typed: str


def pieces(number: str, text: str, reference: int, form: TextForm) -> tuple[Piece, ...]:
    """A text as messages, in order.

    Args:
        number: Digits, with ``+`` where it is international.
        text: Any length up to 255 parts.
        reference: 0 to 255, the same for all parts.
        form: What this modem wants.

    Raises:
        ValueError: The text is too long.
    """
    coding: Coding = coding_of(text) if form.kind else "ucs2"
    if weight(text, coding) > WHOLE[coding]:
        # Behind a header nothing says how many septets the last octet holds: octets have an end.
        coding = "ucs2"
    ucs2 = coding == "ucs2"
    parts = _cut(text, coding) if form.header else _marked(text, coding)
    out = []
    for n, part in enumerate(parts, 1):
        header = b""
        if form.header and len(parts) > 1:
            header = bytes((5, 0, 3, reference & 0xFF, len(parts), n))
        first = SUBMIT | VALIDITY_RELATIVE | (REPORT_WANTED if form.reports else 0)
        first |= HEADER_THERE if header else 0
        # A single text in GSM letters is in the character set of +CSCS.
        typed = user_data(part, header, ucs2=ucs2)[1:] if header or ucs2 else _utf16(part)
        command = f'AT+CMGS="{_utf16(number).hex().upper() if form.hex_numbers else number}"'
        out.append(
            Piece(
                before=form.kind.format(first=first, days=ONE_DAY, coding=UCS2 if ucs2 else 0),
                command=f"{command},{len(typed)}" if form.length else command,
                typed=typed.hex().upper(),
            )
        )
    return tuple(out)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _cut(text: str, coding: Coding) -> tuple[str, ...]:
    return (
        (text,) if weight(text, coding) <= WHOLE[coding] else cut_into(text, coding, PART[coding])
    )


def _marked(text: str, coding: Coding) -> tuple[str, ...]:
    """Texts that stand alone, each saying which of how many it is, where there are several."""
    if weight(text, coding) <= WHOLE[coding]:
        return (text,)
    room = WHOLE[coding] - len(MARKED.format(number=255, total=255))
    parts = cut_into(text, coding, room)
    return tuple(
        MARKED.format(number=n, total=len(parts)) + part for n, part in enumerate(parts, 1)
    )


# --- the network to us ----------------------------------------------------------------------------


def report_of(line: str, form: TextForm) -> Report:
    """A report given out directly: ``+CDS: <fo>,<mr>,[<ra>],[<tora>],<scts>,<dt>,<st>``.

    Raises:
        PduError: it is none.
    """
    return _report(_fields(line.partition(":")[2]), form)


def stored(lines: tuple[str, ...], form: TextForm) -> Deliver | Report:
    """What lies in a place of the card: the answer to ``+CMGR``, before its OK.

    A lost character must not make another message of it, so all that can be checked is: how many
    fields there are, how long the text is, that the first octet is one of a message that came.

    Raises:
        PduError: it is cut short, or no message.
    """
    if not lines or not lines[0].startswith("+CMGR:"):
        raise PduError("there is no message")
    fields = _fields(lines[0].partition(":")[2])
    if not fields[0].startswith("REC"):
        raise PduError(f"{fields[0]!r} is not the state of a message that came")
    if _REPORT.match(lines[0]):
        return _report(fields[1:], form)
    return _message(fields, "".join(lines[1:]), form)


def _fields(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    text = text.strip()
    while at <= len(text):
        match = _FIELD.match(text, at)
        if match is None:
            break
        found.append(match[1] if match[1] is not None else match[2].strip())
        at = match.end() + 1
    return found


def _report(fields: list[str], form: TextForm) -> Report:
    """``<fo>,<mr>,[<ra>],[<tora>],<scts>,<dt>,<st>``."""
    if len(fields) != 7:
        raise PduError(f"{len(fields)} fields, 7 are a report")
    try:
        reference, status = int(fields[1]), int(fields[6])
    except ValueError:
        raise PduError(f"{fields} is no report") from None
    return Report(reference, _number(fields[2], fields[3], form), _moment(fields[5]), status)


def _message(fields: list[str], body: str, form: TextForm) -> Deliver:
    """``<stat>,<oa>,[<alpha>],<scts>[,<tooa>,<fo>,<pid>,<dcs>,<sca>,<tosca>,<length>]``."""
    if len(fields) not in {4, 11}:
        raise PduError(f"{len(fields)} fields, 4 or 11 are a message")
    sender = _number(fields[1], fields[4] if len(fields) > 4 else "", form)
    at = _moment(fields[3])
    if len(fields) == 4:
        return Deliver(sender, at, _decoded(body))
    try:
        first, coding, length = int(fields[5]), int(fields[7]), int(fields[10])
    except ValueError:
        raise PduError(f"{fields} is no message") from None
    if first & NOT_DELIVER:
        raise PduError(f"first octet {first} is not that of a message that came")
    alphabet, has_header = alphabet_of(coding), bool(first & HEADER_THERE)
    if alphabet == "gsm" and not has_header:
        text = _decoded(body)
        if sum(map(len, septets(text))) != length:
            raise PduError(f"{len(text)} characters came, {length} were announced")
        return Deliver(sender, at, text)
    data = _octets(body)
    if len(data) != (length if alphabet != "gsm" else (7 * length + 7) // 8):
        raise PduError(f"{len(data)} octets came, {length} were announced")
    header = data[: data[0] + 1] if has_header and data else b""
    reference, total, number = parts_of(header) if header else (0, 1, 1)
    if alphabet == "gsm":
        fill = -8 * len(header) % 7
        count = max(length - (8 * len(header) + fill) // 7, 0)
        text = text_of(unpack(data[len(header) :], count, fill))
    elif alphabet == "ucs2":
        text = data[len(header) :].decode("utf-16-be", "surrogatepass")
    else:
        text = data[len(header) :].decode("latin-1")
    return Deliver(sender, at, text, reference, total, number)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise PduError(f"{text[:40]!r} is not hexadecimal") from None


def _decoded(text: str) -> str:
    data = _octets(text)
    if len(data) % 2:
        raise PduError(f"{len(data)} octets are no UCS-2")
    return data.decode("utf-16-be", "surrogatepass")


def _number(text: str, kind: str, form: TextForm) -> str:
    """A number, or a sender's name: as it is, or in UCS-2 like all words."""
    number = _decoded(text) if form.hex_numbers else text
    international = kind == "145" and not number.startswith("+")
    return f"+{number}" if international else number


def _moment(text: str) -> datetime:
    text = text if "/" in text else _decoded_or(text)
    found = _STAMP.match(text)
    if found is None:
        return datetime(2000, 1, 1, tzinfo=UTC)  # the message counts more than its time
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    zone = timezone(timedelta(minutes=15 * int(found[7] or 0)))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)


def _decoded_or(text: str) -> str:
    try:
        return _decoded(text)
    except PduError:
        return text
