"""Caller identity as bytes: the SDMF and MDMF messages of Bell and ETSI, and the codes of DTMF.

Read here, not by the modem library, because a wrong number is worse than none: a message is taken
only if its lengths fit exactly and every character of the number is one that numbers have.

Sources: Telcordia GR-30-CORE and TR-NWT-000031 (SDMF 04h, MDMF 80h, absence reasons O and P),
ETSI EN 300 659-3 (call set-up 80h, same parameters), ETSI EN 300 659-1 annex B (DTMF).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from firmware.core.commands import Caller
from firmware.core.events import IdentityKind

SDMF: Final = 0x04
MDMF: Final = 0x80
_SDMF_DATE: Final = 8  # MMDDhhmm before the number
_DATE: Final = 0x01
_NUMBER: Final = 0x02
_NO_NUMBER: Final = 0x04
_NAME: Final = 0x07
_NO_NAME: Final = 0x08
_INDICATOR: Final = 0x0B
WAITING: Final = 0x82
MESSAGE_TYPES: Final = frozenset({SDMF, MDMF, 0x06, 0x82, 0x86, 0x89})
"""Types a receiver goes on reading: call set-up, message waiting (06h, 82h), charge, SMS."""

_DIGITS: Final = frozenset("0123456789*#")
_WRITTEN: Final = frozenset(" -().")  # some networks send numbers as they are written
LONGEST_NUMBER: Final = 20  # EN 300 659-3 clause 5.4.2
LONGEST_NAME: Final = {SDMF: 0, MDMF: 15}  # GR-30: 15 characters, which every display has
NAME_ENCODINGS: Final = ("gb2312", "big5", "gbk")


@dataclass(frozen=True)
class Identity:
    """Who calls, as heard on a line. ``method`` is fsk_bell202, fsk_v23 or dtmf."""

    kind: IdentityKind
    number: str = ""
    name: str = ""
    method: str = ""


def checksum(message: bytes) -> int:
    """Two's complement of the sum of all bytes, modulo 256."""
    return -sum(message) & 0xFF


def parse(
    message: bytes, *, method: str = "", encodings: Sequence[str] = NAME_ENCODINGS
) -> Identity | None:
    """Read a message of type, length and payload, checksum already proven and taken off.

    Returns None for what is no identity (message waiting) and for what cannot be trusted.
    """
    if len(message) < 2 or len(message) != message[1] + 2:
        return None
    if message[0] == SDMF:
        return _parse_sdmf(message[2:], method)
    if message[0] == MDMF:
        return _parse_mdmf(message[2:], method, encodings)
    return None


def _parse_sdmf(payload: bytes, method: str) -> Identity | None:
    if len(payload) <= _SDMF_DATE or not payload[:_SDMF_DATE].isdigit():
        return None
    return _identity(payload[_SDMF_DATE:], None, "", method)


def _parse_mdmf(payload: bytes, method: str, encodings: Sequence[str]) -> Identity | None:
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(payload):
        if at + 2 > len(payload) or at + 2 + payload[at + 1] > len(payload):
            return None
        kind, body = payload[at], payload[at + 2 : at + 2 + payload[at + 1]]
        if fields.setdefault(kind, body) != body:
            return None  # the same parameter twice, with two values
        at += 2 + len(body)
    number, absence = fields.get(_NUMBER), fields.get(_NO_NUMBER)
    if not number and absence is None and not fields.keys() & {_DATE, _NAME, _NO_NAME}:
        return None
    name = decode_name(fields.get(_NAME, b""), encodings)
    if absence is None and fields.get(_NO_NAME) == b"P" and not number:
        absence = b"P"
    return _identity(number or b"", absence, name, method)


def _identity(number: bytes, absence: bytes | None, name: str, method: str) -> Identity | None:
    """Apply the rules of both formats to a number field and a reason for its absence."""
    text = number.decode("latin-1").strip()
    if text in {"P", "O"} and absence is None:
        absence, text = text.encode(), ""
    if text:
        plus = "+" if text.startswith("+") else ""
        digits = "".join(c for c in text.removeprefix("+") if c not in _WRITTEN)
        if not digits or not _DIGITS.issuperset(digits) or absence is not None:
            return None
        return Identity(IdentityKind.NUMBER, plus + digits, name, method)
    if absence == b"P":
        return Identity(IdentityKind.PRIVATE, "", "", method)
    return Identity(IdentityKind.UNAVAILABLE, "", name, method)


def decode_name(raw: bytes, encodings: Sequence[str] = NAME_ENCODINGS) -> str:
    """A name as text. Bytes that no encoding explains give no name rather than a wrong one.

    UTF-8 is tried first, since hardly any text of another encoding passes for it; then the others
    in order. Chinese networks use GB 2312, Taiwan and Hong Kong Big5 (which should then stand
    first: about half of all Big5 names are also GB 2312).
    """
    raw = raw.rstrip(b"\0 ")
    for encoding in ("utf-8", *encodings):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(c for c in text if c.isprintable()).strip()
    return ""


def encode_name(name: str, encoding: str, longest: int) -> bytes:
    """A name as a set can show it: accents dropped for ASCII, nothing if it cannot be written."""
    if encoding == "ascii":
        name = unicodedata.normalize("NFKD", name)
        name = "".join(c for c in name if not unicodedata.combining(c))
    try:
        raw = " ".join(name.split()).encode(encoding)
        while len(raw) > longest:
            name = name[:-1]
            raw = " ".join(name.split()).encode(encoding)
    except UnicodeEncodeError:
        return b""
    return raw


def number_digits(number: str) -> str:
    """The digits of a number as they are sent; a leading + has no place in these messages."""
    return "".join(c for c in number if c in _DIGITS)[:LONGEST_NUMBER]


def build_waiting(when: datetime, *, waiting: bool) -> bytes:
    """Message waiting, MDMF type 82h: date, and the visual indicator 0Bh (FFh on, 00h off).

    Sources: GR-30-CORE and TR-NWT-001401 (visual message waiting), EN 300 659-3 clause 5.2.2.
    """
    date = when.strftime("%m%d%H%M").encode()
    payload = bytes((_DATE, len(date))) + date + bytes((_INDICATOR, 1, 0xFF if waiting else 0))
    message = bytes((WAITING, len(payload))) + payload
    return message + bytes((checksum(message),))


def build(caller: Caller, when: datetime, kind: int = MDMF, *, encoding: str = "ascii") -> bytes:
    """A whole message with checksum, ready to be sent.

    Args:
        caller: number, name, withheld.
        when: local wall-clock time, which the set shows and many set their clock by.
        kind: ``SDMF`` or ``MDMF``.
        encoding: of the name; sets show ASCII unless the owner knows better (gb2312 in China).
    """
    date = when.strftime("%m%d%H%M").encode()
    number = b"" if caller.withheld else number_digits(caller.number).encode()
    reason = b"P" if caller.withheld else b"O"
    if kind == SDMF:
        payload = date + (number or reason)
    else:
        name = b"" if caller.withheld else encode_name(caller.name, encoding, LONGEST_NAME[kind])
        parts = [(_DATE, date), (_NUMBER, number) if number else (_NO_NUMBER, reason)]
        if name or caller.withheld:
            parts.append((_NAME, name) if name else (_NO_NAME, reason))
        payload = b"".join(bytes((what, len(body))) + body for what, body in parts)
    message = bytes((kind, len(payload))) + payload
    return message + bytes((checksum(message),))
