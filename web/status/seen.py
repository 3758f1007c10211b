"""The state of the box as somebody may see it: numbers and names of callers are not everybody's."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from firmware.control.messages import Status
from firmware.core.accounts import Role
from firmware.storage.masks import masked_number, masked_text, sees_people


def spoken(status: Status, language: str) -> Status:
    """The same with its alarms in the reader's language."""
    alarms = status.alarms_in.get(language, status.alarms)
    return msgspec.structs.replace(status, alarms=alarms)


def seen_by(status: Status, roles: Collection[Role]) -> Status:
    """The same for somebody with these roles; an agent sees his own callers at his desk."""
    if sees_people(roles):
        return status
    replace = msgspec.structs.replace
    calls = tuple(
        replace(
            call, caller=masked_number(call.caller), destination=masked_number(call.destination)
        )
        for call in status.calls
    )
    floor = status.floor
    if floor is not None:
        waiters = tuple(
            replace(one, number=masked_number(one.number), name=masked_text(one.name))
            for one in floor.waiters
        )
        floor = replace(floor, waiters=waiters)
    return replace(status, calls=calls, floor=floor)
