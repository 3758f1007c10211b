"""What a modem has to say: bytes for its wire, what became of messages, how it is."""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.outbox.pdu import Deliver, Report


class Write(msgspec.Struct, frozen=True):
    """Bytes for the wire."""

    data: bytes


class PartSent(msgspec.Struct, frozen=True):
    """One part is with the network, -1 where its reference could not be read."""

    item: int
    reference: int


class Sent(msgspec.Struct, frozen=True):
    """All parts are with the network; their references will be in the reports."""

    item: int
    references: tuple[int, ...]


class NotSent(msgspec.Struct, frozen=True):
    """It did not go out. ``again`` says whether another try may help."""

    item: int
    why: str
    again: bool


class Came(msgspec.Struct, frozen=True):
    """A message, or a part of one; to be kept, and then confirmed with ``place``."""

    place: str
    message: Deliver


class Reported(msgspec.Struct, frozen=True):
    """What became of a message."""

    report: Report


class Condition(msgspec.Struct, frozen=True):
    """How the modem is, told when it changes.

    Attributes:
        state: A word of :data:`STATES`.
        signal_dbm: None where unknown.
        operator: As the network calls itself.
        detail: The modem's own words where something is wrong.
    """

    state: str
    signal_dbm: int | None = None
    operator: str = ""
    detail: str = ""


class Balance(msgspec.Struct, frozen=True):
    """What the carrier said about the money on the card."""

    text: str


Effect = Write | PartSent | Sent | NotSent | Came | Reported | Condition | Balance
STATES: Final = (
    "away",
    "starting",
    "ready",
    "no_sim",
    "pin_wanted",
    "pin_refused",
    "no_network",
    "silent",
)
