"""Short messages as a modem takes and gives them in PDU mode.

3GPP TS 23.040: SMS-SUBMIT 9.2.2.2, SMS-DELIVER 9.2.2.1, SMS-STATUS-REPORT 9.2.2.3, addresses
9.1.2.5, time stamps 9.2.3.11, concatenation 9.2.3.24.1 and 9.2.3.24.8. 3GPP TS 23.038, 4: data
coding. Each PDU of a modem begins with the service centre's address (3GPP TS 27.005, 4.3), empty
for the one on the SIM.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from firmware.outbox.alphabet import pack, septets, text_of, unpack
from firmware.outbox.segments import coding_of, cut

DELIVER, SUBMIT, STATUS_REPORT = 0, 1, 2
INTERNATIONAL, UNKNOWN_NUMBER, LETTERS = 0x91, 0x81, 0xD0  # type of number and plan, 9.1.2.5
VALIDITY_RELATIVE: Final = 0x10  # 9.2.3.3
HEADER_THERE: Final = 0x40  # 9.2.3.23
REPORT_WANTED: Final = 0x20  # 9.2.3.5
UCS2: Final = 0x08
ONE_DAY: Final = 0xA7  # 9.2.3.12.1: 12 h + (167 - 143) * 30 min
PERMANENT: Final = 0x40  # 9.2.3.15: from here on no more attempts are made
STILL_TRYING: Final = 0x20
DIGITS: Final = "0123456789*#abc"  # 9.1.2.3


class PduError(ValueError):
    """These octets are no message that we can read; says at which octet and why."""


class Submit(msgspec.Struct, frozen=True):
    """One message for a modem.

    Attributes:
        pdu: In hexadecimal, as it is typed after the prompt.
        length: Octets without the service centre's address: what ``AT+CMGS=`` wants.
    """

    pdu: str
    length: int


class Deliver(msgspec.Struct, frozen=True):
    """One message that came.

    Attributes:
        sender: Number, with ``+`` where it is international, or a name in letters.
        at: As the network stamped it.
        text: Of this part.
        reference: Of the whole message, 0 where it stands alone.
        total: Parts of it, 1 where it stands alone.
        number: Which part this is.
    """

    sender: str
    at: datetime
    text: str
    reference: int = 0
    total: int = 1
    number: int = 1


class Report(msgspec.Struct, frozen=True):
    """What became of a message of ours.

    Attributes:
        reference: The number that the modem told as it took the message.
        recipient: Number.
        at: When that was.
        status: Code of 9.2.3.15.
    """

    reference: int
    recipient: str
    at: datetime
    status: int

    @property
    def arrived(self) -> bool:
        """The other telephone has it."""
        return self.status < STILL_TRYING

    @property
    def final(self) -> bool:
        """Nothing more will be tried."""
        return self.arrived or self.status >= PERMANENT


# --- ours to the network --------------------------------------------------------------------------


def submits(number: str, text: str, reference: int, *, report: bool = True) -> tuple[Submit, ...]:
    """A text as messages for a modem, in order.

    Args:
        number: digits, ``*`` and ``#``, with ``+`` in front where it is international.
        text: any length up to 255 parts.
        reference: 0 to 255, the same for all parts, another one for the next text to this number.
        report: whether the network shall tell when it arrived.

    Raises:
        ValueError: the number cannot be dialled, or the text is too long.
    """
    parts = cut(text)
    coding = coding_of(text)
    out = []
    for n, part in enumerate(parts, 1):
        header = b"" if len(parts) == 1 else bytes((5, 0, 3, reference & 0xFF, len(parts), n))
        kind = SUBMIT | VALIDITY_RELATIVE
        kind |= (REPORT_WANTED if report else 0) | (HEADER_THERE if header else 0)
        body = bytes((kind, 0)) + _address(number)
        body += bytes((0, UCS2 if coding == "ucs2" else 0, ONE_DAY))
        body += user_data(part, header, ucs2=coding == "ucs2")
        out.append(Submit(f"00{body.hex().upper()}", len(body)))
    return tuple(out)


def user_data(text: str, header: bytes, *, ucs2: bool) -> bytes:
    """Length and contents; a header's last octet is filled up to a septet's edge.

    Args:
        text: Of this part.
        header: Empty for none.
        ucs2: In which alphabet.
    """
    if ucs2:
        data = header + text.encode("utf-16-be")
        return bytes((len(data),)) + data
    codes = [code for codes in septets(text) for code in codes]
    fill = -8 * len(header) % 7
    before = (8 * len(header) + fill) // 7
    return bytes((before + len(codes),)) + header + pack(codes, fill)


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    if not digits or len(digits) > 20 or any(d not in DIGITS for d in digits):
        raise ValueError(f"{number!r} is no number of 1 to 20 digits")
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN_NUMBER
    nibbles = [DIGITS.index(d) for d in digits] + [0xF] * (len(digits) % 2)
    packed = bytes(nibbles[n] | nibbles[n + 1] << 4 for n in range(0, len(nibbles), 2))
    return bytes((len(digits), kind)) + packed


# --- the network to us ----------------------------------------------------------------------------


def read(pdu: str, octets: int | None = None) -> Deliver | Report:
    """What a modem gave out.

    Args:
        pdu: hexadecimal, with the service centre's address in front.
        octets: how many the modem announced, without that address; None where it did not.

    Raises:
        PduError: it is cut short, or of another kind.
    """
    try:
        data = bytes.fromhex(pdu.strip())
    except ValueError:
        raise PduError(f"{pdu.strip()[:40]!r} is not hexadecimal") from None
    reader = _Reader(data)
    centre = reader.octet()
    reader.take(centre)
    if octets is not None and len(data) - 1 - centre != octets:
        raise PduError(f"{len(data) - 1 - centre} octets came, {octets} were announced")
    first = reader.octet()
    match first & 0x03:
        case 0:
            return _deliver(reader, first)
        case 2:
            return _report(reader)
        case kind:
            raise PduError(f"message type {kind} is neither a message nor a report")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise PduError(
                f"ends after {len(self._data)} octets, {self._at + count} were announced"
            )
        out = self._data[self._at : self._at + count]
        self._at += count
        return out

    def octet(self) -> int:
        return self.take(1)[0]

    def address(self) -> str:
        digits = self.octet()
        kind = self.octet()
        raw = self.take((digits + 1) // 2)
        if kind & 0x70 == LETTERS & 0x70:
            return text_of(unpack(raw, digits * 4 // 7))
        nibbles = [n for octet in raw for n in (octet & 0xF, octet >> 4)][:digits]
        number = "".join(DIGITS[n] if n < len(DIGITS) else "" for n in nibbles)
        return f"+{number}" if kind & 0x70 == INTERNATIONAL & 0x70 else number

    def moment(self) -> datetime:
        raw = self.take(7)
        year, month, day, hour, minute, second = ((o & 0xF) * 10 + (o >> 4) for o in raw[:6])
        quarters = (raw[6] & 0x7) * 10 + (raw[6] >> 4)
        sign = -1 if raw[6] & 0x8 else 1
        try:
            zone = timezone(sign * timedelta(minutes=15 * quarters))
            return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
        except ValueError:
            # Some centres stamp nothing: the message counts more than its time.
            return datetime(2000, 1, 1, tzinfo=UTC)


def _deliver(reader: _Reader, first: int) -> Deliver:
    sender = reader.address()
    reader.octet()  # protocol
    coding = reader.octet()
    at = reader.moment()
    length = reader.octet()
    alphabet = alphabet_of(coding)
    raw = reader.take((7 * length + 7) // 8 if alphabet == "gsm" else length)
    reference, total, number = 0, 1, 1
    header = b""
    if first & HEADER_THERE:
        if not raw or raw[0] + 1 > len(raw):
            raise PduError("the header of the text is longer than the text")
        header = raw[: raw[0] + 1]
        reference, total, number = parts_of(header)
    return Deliver(sender, at, _text(raw, length, header, alphabet), reference, total, number)


def alphabet_of(coding: int) -> str:
    """``gsm``, ``ucs2`` or ``octets``, 23.038, 4."""
    group = coding >> 4
    if group < 0x8:
        return {0: "gsm", 1: "octets", 2: "ucs2", 3: "gsm"}[coding >> 2 & 3]
    if group == 0xE:
        return "ucs2"
    if group == 0xF:
        return "octets" if coding & 0x4 else "gsm"
    return "gsm"


def _text(raw: bytes, length: int, header: bytes, alphabet: str) -> str:
    if alphabet == "gsm":
        fill = -8 * len(header) % 7
        before = (8 * len(header) + fill) // 7
        return text_of(unpack(raw[len(header) :], max(length - before, 0), fill))
    body = raw[len(header) :]
    if alphabet == "ucs2":
        return body[: len(body) // 2 * 2].decode("utf-16-be", errors="surrogatepass")
    return body.decode("latin-1")


def parts_of(header: bytes) -> tuple[int, int, int]:
    """Reference, how many, which: of a concatenated message; otherwise one of one."""
    at = 1
    while at + 1 < len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if kind == 0x00 and len(value) == 3:
            return value[0], value[1], value[2]
        if kind == 0x08 and len(value) == 4:
            return value[0] << 8 | value[1], value[2], value[3]
        at += 2 + size
    return 0, 1, 1


def _report(reader: _Reader) -> Report:
    reference = reader.octet()
    recipient = reader.address()
    reader.moment()  # when the centre had it
    at = reader.moment()
    return Report(reference, recipient, at, reader.octet())
