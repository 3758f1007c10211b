"""A caller's identity and the forms in which it travels: SDMF, MDMF and DTMF.

SDMF (04h) and MDMF (80h): Telcordia GR-30/GR-31 and ETSI EN 300 659-3. DTMF: the Danish form
``A number #`` and the form ``D number C`` of Asian networks; the codes for a number that may not
or cannot be shown differ from network to network and stand in the table below.
"""

from __future__ import annotations

from dataclasses import dataclass

SDMF, MDMF = 0x04, 0x80
TIME, NUMBER, NO_NUMBER, NAME, NO_NAME = 0x01, 0x02, 0x04, 0x07, 0x08
PRIVATE, UNAVAILABLE = "P", "O"

# Digits that stand for a reason. Denmark: D1# withheld, D2# international, D3# technical; ATAs
# elsewhere use 10 for withheld and 00 (or ten zeros) for unknown.
DTMF_REASONS = {
    "10": "private",
    "1": "private",
    "00": "unavailable",
    "0000000000": "unavailable",
    "2": "unavailable",
    "3": "unavailable",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a display can show. ``kind`` is number, private or unavailable."""

    kind: str
    number: str = ""
    name: str = ""
    method: str = ""  # fsk_bell202, fsk_v23 or dtmf
    form: str = ""  # sdmf, mdmf or the DTMF frame
    date: str = ""  # MMDDHHMM as sent
    at_ms: int = 0

    @property
    def text(self) -> str:
        """What stands on the display."""
        return self.number if self.kind == "number" else self.kind


def _sealed(kind: int, body: bytes) -> bytes:
    head = bytes((kind, len(body))) + body
    return head + bytes(((-sum(head)) % 256,))


def sdmf(number: str, date: str, kind: str = "number") -> bytes:
    """Single data message: date MMDDHHMM and the number, or P or O in its place."""
    shown = {"number": number, "private": PRIVATE, "unavailable": UNAVAILABLE}[kind]
    return _sealed(SDMF, (date + shown).encode("ascii"))


def mdmf(number: str, name: str, date: str, kind: str = "number") -> bytes:
    """Multiple data message: date, number or the reason for none, name if there is one.

    Names outside ASCII travel in GB 2312, as mainland networks send them.
    """
    reason = {"number": "", "private": PRIVATE, "unavailable": UNAVAILABLE}[kind]
    fields = [(TIME, date.encode("ascii"))]
    if reason:
        fields += [(NO_NUMBER, reason.encode()), (NO_NAME, reason.encode())]
    else:
        fields.append((NUMBER, number.encode("ascii")))
        if name:
            fields.append((NAME, name.encode("gb2312")))
    return _sealed(MDMF, b"".join(bytes((tag, len(text))) + text for tag, text in fields))


def read_message(message: bytes, method: str) -> Identity | None:
    """Identity in a message whose checksum was right; None if it is about something else."""
    kind, body = message[0], message[2:-1]
    if kind == SDMF:
        text = body[8:].decode("ascii", "replace")
        return _identity(text, "", text, method, "sdmf", body[:8].decode("ascii", "replace"))
    if kind != MDMF:
        return None
    fields: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(body):
        length = body[at + 1]
        fields[body[at]] = body[at + 2 : at + 2 + length]
        at += 2 + length
    number = fields.get(NUMBER, b"").decode("ascii", "replace")
    raw = fields.get(NAME, b"")
    try:
        name = raw.decode("ascii") if raw.isascii() else raw.decode("gb2312")
    except UnicodeDecodeError:
        name = raw.decode("latin-1")
    reason = fields.get(NO_NUMBER, b"").decode("ascii", "replace")
    date = fields.get(TIME, b"").decode("ascii", "replace")
    return _identity(number, name, reason, method, "mdmf", date)


def _identity(number: str, name: str, reason: str, method: str, form: str, date: str) -> Identity:
    if reason == PRIVATE:
        return Identity("private", method=method, form=form, date=date)
    if reason == UNAVAILABLE or not number:
        return Identity("unavailable", method=method, form=form, date=date)
    return Identity("number", number, name, method, form, date)


def dtmf_keys(number: str, kind: str = "number", frame: str = "DC") -> str:
    """Keys that carry an identity; ``frame`` is the first and the last key."""
    code = {"number": number, "private": "10", "unavailable": "00"}[kind]
    return frame[0] + code + frame[1]


def read_keys(keys: str) -> Identity | None:
    """Identity in keys heard on an idle line: A or D or B first, # or C last."""
    start = next((place for place, key in enumerate(keys) if key in "ABD"), -1)
    if start < 0:
        return None
    stop = next((at for at in range(start + 1, len(keys)) if keys[at] in "#C"), -1)
    if stop < 0:
        return None
    number, form = keys[start + 1 : stop], keys[start] + keys[stop]
    kind = DTMF_REASONS.get(number, "number")
    if kind != "number":
        return Identity(kind, method="dtmf", form=form)
    return Identity("number", number, method="dtmf", form=form) if number else None
