"""The settings that calls go by, where the premises change them: emergency mode, doors, low power.

Derived from the settings in force each time; never kept, so that taking the cause away brings all
back as it was. Pure.
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.settings import Extension, RingGroup, Services, Settings

EVERYBODY: Final = "everybody"
"""Number of the group of all telephones in emergency mode; nobody can dial it."""


def effective(settings: Settings, *, power_low: bool = False) -> Settings:
    """The same document where nothing special holds.

    Args:
        settings: In force.
        power_low: The battery nears its end: nothing is recorded any more.
    """
    doors = {door.extension: door for door in settings.doors}
    changed = settings
    if doors:
        changed = msgspec.structs.replace(
            changed,
            extensions=tuple(
                _doorphone(e, doors[e.number].rings) if e.number in doors else e
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


def _doorphone(extension: Extension, rings: str) -> Extension:
    """Its button calls; it is not a telephone for services."""
    services = Services(hot_line=rings, call_waiting=False)
    return msgspec.structs.replace(extension, services=services, calls="internal", voicemail=False)


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
