"""The GSM 7 bit default alphabet: what fits into it, and how its septets lie in octets.

3GPP TS 23.038, 6.2.1 (default alphabet), 6.2.1.1 (extension table) and 6.1.2.1 (packing). A text
that does not fit is sent as UCS-2 (6.2.3), which carriers and telephones take as UTF-16, big
endian.
"""

from __future__ import annotations

from typing import Final

ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Septet to character; place 1B is the escape to the extension table."""

EXTENSION: Final = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
"""Septet behind an escape to character."""

_CODES: Final = {
    **{character: (code,) for code, character in enumerate(BASIC) if code != ESCAPE},
    **{character: (ESCAPE, code) for code, character in EXTENSION.items()},
}


def fits(text: str) -> bool:
    """Whether every character is in the alphabet or its extension."""
    return all(character in _CODES for character in text)


def septets(text: str) -> list[tuple[int, ...]]:
    """The codes of each character, one or two.

    Raises:
        ValueError: a character is not in the alphabet; it is named.
    """
    found = []
    for character in text:
        codes = _CODES.get(character)
        if codes is None:
            raise ValueError(f"{character!r} is not in the GSM 7 bit alphabet")
        found.append(codes)
    return found


def text_of(codes: list[int]) -> str:
    """The text of septets. What the extension table does not have reads as the basic character."""
    out: list[str] = []
    escaped = False
    for code in codes:
        if escaped:
            out.append(EXTENSION.get(code, BASIC[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            out.append(BASIC[code])
    return "".join(out)


def pack(codes: list[int], fill: int = 0) -> bytes:
    """Septets into octets, the first in the lowest bits, behind ``fill`` bits of nothing."""
    bits, count = 0, fill
    for code in codes:
        bits |= code << count
        count += 7
    return bits.to_bytes((count + 7) // 8, "little")


def unpack(data: bytes, count: int, fill: int = 0) -> list[int]:
    """``count`` septets out of octets.

    Raises:
        ValueError: there are fewer.
    """
    if fill + 7 * count > 8 * len(data):
        raise ValueError(f"{len(data)} octets do not hold {count} septets")
    bits = int.from_bytes(data, "little") >> fill
    return [bits >> (7 * n) & 0x7F for n in range(count)]
