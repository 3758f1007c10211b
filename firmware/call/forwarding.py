"""Where a call to a telephone goes when its user has sent calls elsewhere. Pure."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.call.dial_plan import Complete, MayBeComplete, read
from firmware.call.routing import Ports, waiting_telephone
from firmware.core.destinations import Destination, ToExtension, ToOutside
from firmware.core.settings import Extension, Settings

MOST_HOPS: Final = 5
"""Chosen: the limit of diversions of Q.732; a ring of forwarding ends earlier."""

Reason = Literal["all", "busy", "no_answer"]


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One telephone that sent the call on."""

    extension: str
    target: str
    reason: Reason


def _extension(destination: Destination, settings: Settings) -> Extension | None:
    if not isinstance(destination, ToExtension):
        return None
    return next((e for e in settings.extensions if e.number == destination.number), None)


def target(number: str, settings: Settings, emergency: tuple[str, ...]) -> Destination | None:
    """The destination that a number set for forwarding means; never an emergency number."""
    match read(number, settings, emergency):
        case Complete(destination=found) | MayBeComplete(destination=found):
            return None if isinstance(found, ToOutside) and found.emergency else found
        case _:
            return None


def forwarded(
    destination: Destination,
    caller: str,
    settings: Settings,
    ports: Ports,
    emergency: tuple[str, ...],
) -> tuple[Destination, tuple[Hop, ...]]:
    """Follow forwarding of all calls and of calls to a busy telephone.

    The telephone that calls are forwarded to reaches the one that forwards (``caller``), so that
    a secretary gets through.
    """
    hops: list[Hop] = []
    seen: set[str] = set()
    while (extension := _extension(destination, settings)) is not None and len(hops) < MOST_HOPS:
        seen.add(extension.number)
        services = extension.services
        number, reason = services.forward_all, "all"
        if not number and services.forward_busy:
            idle = ports.phone_idle(extension.port) and not services.do_not_disturb
            if not idle and waiting_telephone(destination, settings, ports) is None:
                number, reason = services.forward_busy, "busy"
        onward = target(number, settings, emergency) if number and number != caller else None
        if onward is None:
            break
        if isinstance(onward, ToExtension) and onward.number in seen:
            break
        hops.append(Hop(extension=extension.number, target=number, reason=reason))  # type: ignore[arg-type]  # one of two
        destination = onward
    return destination, tuple(hops)


def unanswered(
    destination: Destination | None, settings: Settings, emergency: tuple[str, ...]
) -> tuple[Destination, Hop] | None:
    """Where a call goes that the telephone did not answer, or None."""
    extension = _extension(destination, settings) if destination is not None else None
    if extension is None or not extension.services.forward_no_answer:
        return None
    number = extension.services.forward_no_answer
    onward = target(number, settings, emergency)
    if onward is None:
        return None
    return onward, Hop(extension=extension.number, target=number, reason="no_answer")
