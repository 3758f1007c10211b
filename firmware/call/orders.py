"""What sessions and services tell a call: hold it, take it back, take over parties of another.

Answers to what a call asked of the office come the same way (:class:`Served`).
"""

from __future__ import annotations

import msgspec

from firmware.call.leg import Leg
from firmware.core.fsm import Order
from firmware.core.log_entries import ClearedBy, Side
from firmware.core.settings import Settings


class Interrupt(Order, frozen=True, kw_only=True):
    """The call was cut by something outside it: lined is gone, or call control began anew."""

    at_ms: int
    side: Side = Side.SYSTEM
    by: ClearedBy = ClearedBy.FAULT
    port: str = ""
    detail: str = ""


class Enquire(Order, frozen=True, kw_only=True):
    """A telephone that holds a call begins another one."""

    port: str
    at_ms: int


class Hold(Order, frozen=True, kw_only=True):
    """The telephone's user turns to another call."""

    port: str


class Retrieve(Order, frozen=True, kw_only=True):
    """The telephone's user is back."""

    port: str


class Receive(Order, frozen=True, kw_only=True):
    """Take over parties of another call.

    ``leaving`` is the telephone that hands its held call over, empty for a three-way
    conversation; ``other`` is the call the parties come from.
    """

    legs: tuple[Leg, ...]
    port: str
    other: str
    leaving: bool


class GoBack(Order, frozen=True, kw_only=True):
    """The telephone that held the call is on its hook: ring it."""

    port: str


class Park(Order, frozen=True, kw_only=True):
    """The telephone leaves the held call at a place for anybody to fetch."""

    port: str
    place: str


class PickUp(Order, frozen=True, kw_only=True):
    """This lifted telephone answers a call that rings elsewhere, or is parked."""

    port: str
    extension: str
    at_ms: int


class DropLast(Order, frozen=True, kw_only=True):
    """Let the party that joined last go."""


class RingAgain(Order, frozen=True, kw_only=True):
    """The telephone that was knocked at is on its hook: ring it."""

    port: str


class Dissolve(Order, frozen=True, kw_only=True):
    """The call's parties are another call's now; close the record. ``detail`` says where to."""

    detail: str


class Served(Order, frozen=True, kw_only=True):
    """What a dialled code came to: prompts for the handset, and whether it was done."""

    prompts: tuple[str, ...]
    done: bool


class UseService(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asks of the office: a code was dialled."""

    call: str
    port: str
    service: str
    arguments: tuple[str, ...]


class ChangeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A handset changed the settings; they are in force and to be kept as a version."""

    settings: Settings
    who: str
    why: str
