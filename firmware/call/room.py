"""Room for an emergency call when every line talks: which call gives way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from firmware.core.destinations import ToOutside
from firmware.core.fsm import Order
from firmware.core.log_entries import Direction

if TYPE_CHECKING:
    from firmware.call.call import Call
    from firmware.call.ending import Ending


class GiveWay(Order, frozen=True, kw_only=True):
    """The box takes the line from this call. ``reason`` is for the record, ``prompt`` is said."""

    reason: str
    prompt: str


class MakeRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What an emergency call asks of the office: a line, now."""

    call: str


def helps(call: Ending) -> bool:
    """Whether the call is to an emergency number."""
    return isinstance(call.destination, ToOutside) and call.destination.emergency


def watched(call: Ending) -> bool:
    """Whether it is a call outside in which keys could make another number of the one dialled.

    A call for help is not looked at, and offices behind a trunk take a number whole.
    """
    wanted = call.destination
    return isinstance(wanted, ToOutside) and not wanted.emergency and not wanted.office


def held_line(call: Ending) -> str:
    """The line the call holds, empty for none; one that only rings cannot be given back."""
    line = call.parties.line()
    if line is None or (line.port == call.origin and not call.journal.line_answered):
        return ""
    return line.port


def who_gives_way(calls: Iterable[Call]) -> Call | None:
    """The call that loses its line, None if every line calls for help.

    Calls that went out come first, the oldest of them, for the exchange frees their line at once;
    of a call that came in it may keep the line until its caller hangs up.
    """
    able = [
        call
        for call in calls
        if held_line(call) and not helps(call) and GiveWay in call.TABLE.states[call.state].on
    ]
    return min(
        able,
        key=lambda call: (call.journal.direction is Direction.INBOUND, call.journal.since_ms),
        default=None,
    )
