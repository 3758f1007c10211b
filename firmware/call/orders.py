"""What sessions and services tell a call: hold it, take it back, take over parties of another.

Answers to what a call asked of the office come the same way (:class:`Served`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.call.leg import Leg
from firmware.core.destinations import Destination
from firmware.core.fsm import Order
from firmware.core.log_entries import ClearedBy, Side
from firmware.core.settings import Extension, Settings

OverseeMode = Literal["listen", "whisper", "join"]


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


class SendAway(Order, frozen=True, kw_only=True):
    """The telephone that held the call handed it to ``absent``, whose user wants no calls."""

    port: str
    absent: str


class SendOn(Order, frozen=True, kw_only=True):
    """The telephone that held the call lets it go to a queue or a flow."""

    port: str
    destination: Destination


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


class Summon(Order, frozen=True, kw_only=True):
    """The box rings a telephone of its own accord.

    Lifted, it goes on to ``number`` as if that had been dialled, or to the flow ``flow``.
    ``purpose`` stands in the record.
    """

    port: str
    at_ms: int
    purpose: str
    number: str = ""
    flow: str = ""
    cadence: str = "callback"


class GoOn(Order, frozen=True, kw_only=True):
    """A code was right: dial ``number``, paid by the extension ``payer``, booked to ``account``.

    With ``flow`` the handset goes to that flow instead.
    """

    number: str
    payer: str = ""
    account: str = ""
    cadence: str = "normal"
    flow: str = ""


class Join(Order, frozen=True, kw_only=True):
    """A lifted telephone comes into the conversation; ``hears_only`` keeps it silent there."""

    port: str
    extension: str
    other: str
    tone: str = ""
    hears_only: bool = False


class Oversee(Order, frozen=True, kw_only=True):
    """A supervisor's lifted telephone listens, whispers or takes part, or changes between these.

    He alone hears ``prompts``, the others ``tone``, if there is one.
    """

    port: str
    extension: str
    other: str
    mode: OverseeMode
    prompts: tuple[str, ...] = ()
    tone: str = ""


class TakeOver(Order, frozen=True, kw_only=True):
    """A supervisor's telephone has the conversation from now on; ``agent`` is let go."""

    port: str
    extension: str
    other: str
    agent: str
    prompts: tuple[str, ...] = ()


class LetGo(Order, frozen=True, kw_only=True):
    """A telephone leaves a conversation that goes on without it."""

    port: str


class Broadcast(Order, frozen=True, kw_only=True):
    """The caller speaks to everybody who lifts: ``members`` ring, nobody rings for a room."""

    members: tuple[Extension, ...]
    prompts: tuple[str, ...]


class RecordNow(Order, frozen=True, kw_only=True):
    """Record the conversation from now on; the others hear ``prompts`` first."""

    prompts: tuple[str, ...] = ()


class PauseRecording(Order, frozen=True, kw_only=True):
    """Nothing is kept from here on, or it is again."""

    pause: bool


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


class RingAgent(Order, frozen=True, kw_only=True):
    """Ring an agent's telephone for the caller who waits in a queue."""

    port: str
    cadence: str = "normal"
    prefix: str = ""  # digits shown before the caller's number
    agent: str = ""  # who sits there


class StopAgent(Order, frozen=True, kw_only=True):
    """Ring him no more."""

    port: str
    missed: bool = False


class Whisper(Order, frozen=True, kw_only=True):
    """What the agent hears before the voices are joined, and the caller meanwhile."""

    prompts: tuple[str, ...] = ()
    announce: tuple[str, ...] = ()


class LeaveQueue(Order, frozen=True, kw_only=True):
    """The queue sends its caller elsewhere; None hangs up."""

    destination: Destination | None
    at_ms: int
