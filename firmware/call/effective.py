"""The settings that calls go by, where the premises change them: emergency mode, doors, low power.

Derived from the settings in force each time; never kept, so that taking the cause away brings all
back as it was. Pure.
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.settings import Extension, Mode, RingGroup, Services, Settings
from firmware.core.site_settings import Door

EVERYBODY: Final = "everybody"
"""Number of the group of all telephones in emergency mode; nobody can dial it."""


def effective(settings: Settings, *, mode: Mode = "day", power_low: bool = False) -> Settings:
    """The same document where nothing special holds.

    Args:
        settings: In force.
        mode: Day, lunch, night or holiday; a door may call elsewhere while the office is closed.
        power_low: The battery nears its end, or the card is nearly full: nothing is recorded.
    """
    doors = {door.extension: door for door in settings.doors}
    changed = settings
    if doors:
        changed = msgspec.structs.replace(
            changed,
            extensions=tuple(
                _doorphone(e, doors[e.number], mode) if e.number in doors else e
                for e in changed.extensions
            ),
        )
    if settings.emergency_mode:
        changed = _simple(changed, tuple(doors))
    if power_low:
        lines = tuple(msgspec.structs.replace(line, record="none") for line in changed.lines)
        quiet = msgspec.structs.replace(changed.recordings, rules=())
        changed = msgspec.structs.replace(changed, record="none", lines=lines, recordings=quiet)
    return changed


def calls_outside_at_once(door: Door, mode: Mode) -> bool:
    """Whether the door's button calls its number outside and no telephone of the office."""
    closed = door.outside_when == "closed" and mode in {"night", "holiday"}
    return bool(door.outside) and (closed or door.outside_when == "always")


def _doorphone(extension: Extension, door: Door, mode: Mode) -> Extension:
    """Its button calls; it is not a telephone for services. Outside it reaches one number alone."""
    rings = door.outside if calls_outside_at_once(door, mode) else door.rings
    return msgspec.structs.replace(
        extension,
        services=Services(hot_line=rings, call_waiting=False),
        calls="custom" if door.outside else "internal",
        allow=(door.outside[1:],) if door.outside else (),
        deny=(),
        locked=False,
        account_needed=False,
        forward_outside=bool(door.outside),
        voicemail=False,
    )


def _simple(settings: Settings, doors: tuple[str, ...]) -> Settings:
    """Every caller rings every telephone, whatever its user has set; no prompts, no recording."""
    everybody = tuple(e.number for e in settings.extensions if e.number not in doors)
    reachable = tuple(
        e if e.number in doors else msgspec.structs.replace(e, services=_reachable(e.services))
        for e in settings.extensions
    )
    lines = tuple(
        msgspec.structs.replace(line, inbound="", inbound_modes={}, record="none")
        for line in settings.lines
    )
    return msgspec.structs.replace(
        settings,
        extensions=reachable,
        lines=lines,
        ring_groups=(*settings.ring_groups, RingGroup(number=EVERYBODY, members=everybody)),
        inbound=EVERYBODY,
        inbound_modes={},
        record="none",
        recordings=msgspec.structs.replace(settings.recordings, rules=()),
    )


def _reachable(services: Services) -> Services:
    return msgspec.structs.replace(
        services,
        forward_all="",
        forward_busy="",
        forward_no_answer="",
        do_not_disturb=False,
    )
