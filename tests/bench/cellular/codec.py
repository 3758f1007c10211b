"""What a short message centre makes of PDUs: written for the bench, as strings of bits.

It shares nothing with the box's own codec, since an error on both sides would be invisible.
3GPP TS 23.040, 9.2.2 and 23.038, 6.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROWS = (
    "@Δ 0¡P¿p", "£_!1AQaq", '$Φ"2BRbr', "¥Γ#3CScs",
    "èΛ¤4DTdt", "éΩ%5EUeu", "ùΠ&6FVfv", "ìΨ'7GWgw",
    "òΣ(8HXhx", "ÇΘ)9IYiy", "\nΞ*:JZjz", "Ø\x1b+;KÄkä",
    "øÆ,<LÖlö", "\ræ-=MÑmñ", "Åß.>NÜnü", "åÉ/?O§oà",
)  # fmt: skip
"""The table of 6.2.1 as printed: a row for the low four bits, columns for the high three."""

CHARACTERS = {column << 4 | row: ROWS[row][column] for row in range(16) for column in range(8)}
BEHIND_ESCAPE = dict(zip((10, 20, 40, 41, 47, 60, 61, 62, 64, 101), "\f^{}\\[~]|€", strict=True))


@dataclass
class Submitted:
    """What the centre was given."""

    number: str
    text: str
    wants_report: bool
    octets: int
    reference: int = 0
    total: int = 1
    part: int = 1


@dataclass
class Bits:
    """Octets as one long string of bits, lowest first."""

    bits: str = field(default="")

    @classmethod
    def of(cls, data: bytes) -> Bits:
        return cls("".join(format(octet, "08b")[::-1] for octet in data))

    def septet(self, n: int, start: int) -> int:
        part = self.bits[start + 7 * n : start + 7 * n + 7]
        if len(part) < 7:
            raise ValueError("too few septets")
        return int(part[::-1], 2)

    def octets(self) -> bytes:
        padded = self.bits + "0" * (-len(self.bits) % 8)
        return bytes(int(padded[n : n + 8][::-1], 2) for n in range(0, len(padded), 8))


def submitted(pdu: str, length: int) -> Submitted:
    """Read a SUBMIT as the centre does; ``ValueError`` where it is none."""
    data = bytes.fromhex(pdu)
    centre = data[0]
    body = data[1 + centre :]
    if len(body) != length:
        raise ValueError(f"{len(body)} octets came, {length} were announced")
    first = body[0]
    if first & 3 != 1:
        raise ValueError("no SUBMIT")
    digits = body[2]
    plan = body[3]
    end = 4 + (digits + 1) // 2
    swapped = "".join(f"{o & 15:X}{o >> 4:X}" for o in body[4:end])[:digits]
    number = ("+" if plan == 0x91 else "") + swapped.replace("A", "*").replace("B", "#")
    coding = body[end + 1]
    at = end + 2 + {0: 0, 2: 1, 1: 7, 3: 7}[first >> 3 & 3]
    size = body[at]
    data = body[at + 1 :]
    reference, total, part = 0, 1, 1
    header = 0
    if first & 0x40:
        header = data[0] + 1
        if data[1:3] != bytes((0, 3)):
            raise ValueError("an unknown header")
        reference, total, part = data[3], data[4], data[5]
    if coding == 8:
        if len(data) != size or size > 140:
            raise ValueError(f"{size} octets of text announced, {len(data)} came")
        text = data[header:].decode("utf-16-be")
    elif coding == 0:
        if len(data) != (7 * size + 7) // 8 or len(data) > 140:
            raise ValueError(f"{size} septets announced, {len(data)} octets came")
        start = -(-8 * header // 7) * 7
        text = letters([Bits.of(data).septet(n, start) for n in range(size - start // 7)])
    else:
        raise ValueError(f"data coding {coding}")
    return Submitted(number, text, bool(first & 0x20), length, reference, total, part)


def letters(codes: list[int]) -> str:
    """Text of septets."""
    out = ""
    escaped = False
    for code in codes:
        if code == 27 and not escaped:
            escaped = True
            continue
        out += BEHIND_ESCAPE[code] if escaped else CHARACTERS[code]
        escaped = False
    return out


def delivery(
    sender: str, text: str, stamp: str, *, part: tuple[int, int, int] | None = None
) -> str:
    """A DELIVER as the network sends it.

    Args:
        sender: digits, or ``+`` and digits.
        text: of one message.
        stamp: ``YYMMDDhhmmss``; the zone is China's.
        part: reference, total, number of a concatenated one.
    """
    header = bytes((5, 0, 3, *part)) if part else b""
    codes = gsm_codes(text)
    body = bytes((0x44 if header else 0x04,)) + address(sender) + b"\x00"
    if codes is None:
        payload = header + text.encode("utf-16-be", "surrogatepass")
        body += b"\x08" + swapped(f"{stamp}32") + bytes((len(payload),)) + payload
    else:
        start = -(-8 * len(header) // 7) * 7
        bits = Bits.of(header).bits.ljust(start, "0")
        bits += "".join(format(code, "07b")[::-1] for code in codes)
        size = start // 7 + len(codes)
        body += b"\x00" + swapped(f"{stamp}32") + bytes((size,)) + Bits(bits).octets()
    return (bytes((8, 0x91)) + swapped("8613800100500F") + body).hex().upper()


def report(reference: int, number: str, stamp: str, status: int) -> str:
    """A STATUS-REPORT as the network sends it."""
    body = bytes((0x06, reference)) + address(number)
    body += swapped(f"{stamp}32") * 2 + bytes((status,))
    return f"00{body.hex().upper()}"


def gsm_codes(text: str) -> list[int] | None:
    """Septets, or None where the table has not all of it."""
    places = {c: [n] for n, c in CHARACTERS.items() if n != 27}
    places |= {c: [27, n] for n, c in BEHIND_ESCAPE.items()}
    if any(c not in places for c in text):
        return None
    return [code for c in text for code in places[c]]


def address(number: str) -> bytes:
    digits = number.removeprefix("+")
    kind = 0x91 if number.startswith("+") else 0x81
    return bytes((len(digits), kind)) + swapped(digits + "F" * (len(digits) % 2))


def swapped(digits: str) -> bytes:
    return bytes(int(digits[n + 1] + digits[n], 16) for n in range(0, len(digits), 2))
