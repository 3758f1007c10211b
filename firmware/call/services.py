"""What a code changes in the settings, and what the handset is told. Pure.

A code that concerns calls (pick up, park, fetch) is the office's; here is what a telephone's user
may set for it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.call.feature_codes import Asked
from firmware.call.forwarding import target
from firmware.core.settings import Extension, Services, Settings

FORWARDS: Final = ("forward_all", "forward_busy", "forward_no_answer")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """New services of the telephone (None: refused), prompts, and a number said behind them."""

    services: Services | None
    prompts: tuple[str, ...]
    number: str = ""


def change(
    asked: Asked, extension: Extension, settings: Settings, emergency: tuple[str, ...]
) -> Change | None:
    """What the code does to its own telephone; None when it sets nothing."""
    now = extension.services
    replace = msgspec.structs.replace
    name, _, way = asked.service.rpartition("_")
    number = asked.arguments[-1] if asked.arguments else ""
    if name in FORWARDS and way == "on":
        if number == extension.number or target(number, settings, emergency) is None:
            return Change(services=None, prompts=("number-not-in-service",))
        said = f"{name.replace('_', '-')}-on-before"
        return Change(services=replace(now, **{name: number}), prompts=(said,), number=number)
    if name in FORWARDS and way == "off":
        return Change(services=replace(now, **{name: ""}), prompts=("forward-off",))
    if name in {"do_not_disturb", "call_waiting"} and way in {"on", "off"}:
        said = f"{name.replace('_', '-')}-{way}"
        return Change(services=replace(now, **{name: way == "on"}), prompts=(said,))
    match asked.service:
        case "hot_line_on" | "warm_line_on":
            if target(number, settings, emergency) is None:
                return Change(services=None, prompts=("number-not-in-service",))
            pause = asked.service == "warm_line_on"
            wanted = replace(now, hot_line=number, hot_line_pause=pause)
            return Change(services=wanted, prompts=("feature-on",), number=number)
        case "hot_line_off":
            return Change(services=replace(now, hot_line=""), prompts=("feature-off",))
        case "speed_dial_set":
            own = {**now.speed_dials, asked.arguments[0]: number}
            return Change(services=replace(now, speed_dials=own), prompts=("saved",))
        case "cancel_all":
            kept = Services(speed_dials=now.speed_dials)
            return Change(services=kept, prompts=("feature-off",))
        case _:
            return None


def with_services(settings: Settings, number: str, services: Services) -> Settings:
    """The document with other services for one extension."""
    return msgspec.structs.replace(
        settings,
        extensions=tuple(
            msgspec.structs.replace(e, services=services) if e.number == number else e
            for e in settings.extensions
        ),
    )
