"""What must hold in a box after every event, whatever happens: looked at from outside its cores.

A :class:`Sight` is what calls, telephones and wires show at one moment; :class:`Watch` keeps what
needs a memory (how long somebody is alone in a bridge) and says in sentences what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from firmware.daemons.office import Office

ALONE_IN = ("held", "transferring", "announcing", "parked", "returning")
"""States of a call in which one party may be alone in its bridge: he hears music or ringback."""

WAITING_IN = ("menu", "whispering")
"""The same for a caller in a queue: lined keeps the line of whoever has a bridge."""

RINGBACK_IN = ("calling", "whispering", "offering", "transferring", "announcing", "returning")

OWN_TONES: Mapping[str, tuple[str, ...]] = {
    "dial": ("dial_tone",),
    "stutter": ("dial_tone",),
    "confirm": ("dial_tone",),
    "howler": ("howling",),
    "busy": ("dismissed",),
    "congestion": ("dismissed",),
}
"""Tones that a telephone's own machine sounds, and the states in which it does."""

SLACK_MS = 1_000
"""A timer fires within a block; a call that moves on at it has its new state at once."""


class BrokenError(ValueError):
    """An invariant does not hold; the sentence says which, where and when."""


@dataclass(frozen=True)
class Sight:
    """A box at one moment.

    Attributes:
        calls: Calls that are up, with ``call``, ``state``, ``parties`` and ``times``.
        sessions: Telephone port to its session.
        phones: Telephone port to the state of its machine.
        tones: Port to the tone that sounds there.
        ringing: Telephones that ring.
        seized: Exchange lines that are off-hook.
        bridges: Bridge to the call it belongs to and its ports.
    """

    now_ms: int
    calls: Sequence[Any]
    sessions: Mapping[str, Any] = field(default_factory=dict)
    phones: Mapping[str, str] = field(default_factory=dict)
    tones: Mapping[str, str] = field(default_factory=dict)
    ringing: Collection[str] = ()
    seized: Collection[str] = ()
    bridges: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


def sight(office: Office, now_ms: int, **wires: Any) -> Sight:
    """An office, and what its wires do: ``tones``, ``ringing``, ``seized``, ``bridges``."""
    return Sight(
        now_ms=now_ms,
        calls=office.calls,
        sessions=dict(office.handsets.sessions),
        phones={port: phone.state for port, phone in office._phones.items()},
        **wires,
    )


class Watch:
    """Looks again and again."""

    def __init__(self) -> None:
        self._alone: dict[tuple[str, str], int] = {}  # bridge and state to since when

    def look(self, seen: Sight) -> None:
        """Raise :class:`BrokenError` with every sentence there is."""
        if wrong := list(self.wrong(seen)):
            raise BrokenError("; ".join(wrong) + f" (at {seen.now_ms} ms)")

    def wrong(self, seen: Sight) -> Iterator[str]:
        """What does not hold, as sentences."""
        yield from _legs(seen)
        yield from _bridges(seen)
        yield from self._loneliness(seen)
        yield from _wires(seen)
        for port, tone in seen.tones.items():
            if not _owned(port, tone, seen):
                yield f"{tone} tone on {port} belongs to nobody"

    def _loneliness(self, seen: Sight) -> Iterator[str]:
        alone: dict[tuple[str, str], int] = {}
        for bridge, (call_id, ports) in seen.bridges.items():
            call = _owner(bridge, call_id, seen)
            if call is None or len(ports) != 1:
                continue
            if call.state in WAITING_IN and call._flow.startswith("queue:"):
                continue
            if call.state not in ALONE_IN:
                yield f"{ports[0]} is alone in the bridge of call {call.call} ({call.state})"
                continue
            key = (bridge, call.state)
            since_ms = alone[key] = self._alone.get(key, seen.now_ms)
            timer = call.TABLE.states[call.state].timer
            if timer and seen.now_ms - since_ms > call.times[timer] + SLACK_MS:
                yield (
                    f"{ports[0]} is alone in call {call.call} for {seen.now_ms - since_ms} ms, "
                    f"longer than {timer} ({call.times[timer]} ms)"
                )
        self._alone = alone


def _legs(seen: Sight) -> Iterator[str]:
    """Every leg is its call's; a telephone is in one call, or its session knows the second."""
    owner: dict[str, str] = {}
    for call in seen.calls:
        for port, leg in call.parties.legs.items():
            if leg.call != call.call:
                yield f"the leg of {port} in call {call.call} says it is of call {leg.call}"
            if port in call.parties.away or leg.knocking:
                session = seen.sessions.get(port)
                if session is None or call not in session.calls:
                    yield f"{port} is away from call {call.call} and no session has that call"
            elif port in owner:
                yield f"{port} is in call {owner[port]} and in call {call.call} at once"
            else:
                owner[port] = call.call
        if call.state == "held" and not any(call in s.calls for s in seen.sessions.values()):
            yield f"call {call.call} is held by nobody"
    legs = {port for call in seen.calls for port in call.parties.legs}
    for port, state in seen.phones.items():
        if state in {"in_call", "ringing"} and port not in legs:
            yield f"{port} is {state} and in no call"
    for port, session in seen.sessions.items():
        for call in session.calls:
            if call not in seen.calls:
                yield f"the session of {port} has call {call.call}, which is over"


def _owner(bridge: str, call_id: str, seen: Sight) -> Any | None:
    """The call of a bridge; one that lined made by itself is known by its name alone."""
    for call in seen.calls:
        if call_id == call.call or call.parties.bridge.name == bridge:
            return call
    return None


def _bridges(seen: Sight) -> Iterator[str]:
    joined: dict[str, str] = {}
    for bridge, (call_id, ports) in seen.bridges.items():
        call = _owner(bridge, call_id, seen)
        if call is None:
            yield f"bridge {bridge} of {', '.join(ports)} belongs to no call"
            continue
        strangers = set(ports) - set(call.parties.present())
        if strangers:
            yield f"the bridge of call {call.call} has strangers: {', '.join(sorted(strangers))}"
        for port in ports:
            if port in joined:
                yield f"{port} is in the bridges {joined[port]} and {bridge} at once"
            joined[port] = bridge


def _wires(seen: Sight) -> Iterator[str]:
    legs = {(port, leg.ringing) for call in seen.calls for port, leg in call.parties.legs.items()}
    for port in sorted(seen.seized):
        if not {(port, True), (port, False)} & legs:
            yield f"{port} is seized for no call"
    for port in sorted(seen.ringing):
        if (port, True) not in legs:
            yield f"{port} rings for no call"


def _owned(port: str, tone: str, seen: Sight) -> bool:
    if seen.phones.get(port) in OWN_TONES.get(tone, ()):
        return True
    if tone in {"dial", "stutter", "howler"}:
        return False
    calls = [call for call in seen.calls if port in call.parties.legs]
    if tone == "ringback":
        return any(call.state in RINGBACK_IN for call in calls)
    if tone == "call_waiting":
        return any(call.parties.legs[port].knocking for call in calls)
    # A tone of a service, or one that a call lets its party hear.
    return tone not in OWN_TONES and bool(calls)
