"""What an office sets about its building: power, doors, and the way into the office from outside.

Parts of the one document in :mod:`firmware.core.settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Final, Literal

import msgspec

from firmware.core.outside_settings import HOURS

MOST_RELAYS: Final = 2
Say = Callable[..., None]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Power(_Part, frozen=True, kw_only=True):
    """Mains and battery.

    Attributes:
        relay: The card joins line 1 to telephone 1 while the box does not work.
        stop_after_s: A battery that says it is low stops the box after so long; 0 is never.
    """

    relay: bool = False
    stop_after_s: Annotated[int, msgspec.Meta(ge=0, le=3_600)] = 120


class Door(_Part, frozen=True, kw_only=True):
    """A doorphone on a telephone's jack, and the relay that opens its door.

    Attributes:
        extension: The doorphone's number; its button lifts it.
        rings: Extension or ring group that is rung.
        relay: Which relay opens the door.
        open_s: For how long.
        key: Pressed in the conversation by whoever answered, it opens the door.
        outside: A number outside, dialled with its prefix, that the door calls as well; empty is
            none. The limits of calls to the outside hold for it.
        outside_when: When nobody in the office has answered, when the office is closed, or always.
        outside_code: Whoever answers outside opens the door by these digits.
    """

    extension: str
    rings: str = ""
    relay: Annotated[int, msgspec.Meta(ge=1, le=MOST_RELAYS)] = 1
    open_s: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5
    key: Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] = "5"
    outside: str = ""
    outside_when: Literal["unanswered", "closed", "always"] = "unanswered"
    outside_code: str = ""


class Disa(_Part, frozen=True, kw_only=True):
    """A caller from outside who may call out again, as one of the extensions.

    Attributes:
        extension: Whose rights and limits he has; empty is off.
        pin: Six digits or more; without it nobody gets in.
        callers: Only these numbers are asked for the PIN at all; none is everybody.
        hours: ``09:00-18:00``; empty is always.
    """

    extension: str = ""
    pin: str = ""
    callers: tuple[str, ...] = ()
    hours: str = ""


class Watch(_Part, frozen=True, kw_only=True):
    """What of calls to the outside is told at once.

    Attributes:
        night: Calls out within these hours raise an alarm; empty is never.
        support: Extension told of alarms by ringing; empty is nobody.
        digest_at: Each day at this time the day's figures are written; empty is never.
    """

    night: str = "23:00-06:00"
    support: str = ""
    digest_at: str = "18:30"


SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "door-unknown": (
        "门口机 {value} 不是分机号",
        "Doorphone {value} is not the number of an extension.",
    ),
    "door-rings": (
        "门口机振铃的 {value} 不存在",
        "{value}, which the doorphone shall ring, is no extension and no group.",
    ),
    "door-outside": (
        "门口机呼叫的外线号码 {value} 须以出局字冠开头，且不能是紧急号码",
        "{value}, which the door shall call: an outside prefix is needed, and no emergency number.",
    ),
    "door-code": (
        "外线开门密码须为 2 至 8 位数字",
        "The code that opens the door from outside is 2 to 8 digits.",
    ),
    "door-twice": ("门口机 {value} 用了两次", "Doorphone {value} is there twice."),
    "disa-pin": (
        "外线再拨出须设 6 至 12 位数字密码",
        "Calling out from outside needs a PIN of 6 to 12 digits.",
    ),
    "disa-extension": (
        "外线再拨出用的 {value} 不是分机号",
        "{value}, as whom callers may call out again, is no extension.",
    ),
    "watch-support": (
        "提醒告警的 {value} 不是分机号",
        "{value}, which is to be rung for alarms, is no extension.",
    ),
    "watch-hours": (
        "时段 {value} 须写作 23:00-06:00 的形式",
        "Hours {value}: write them like 23:00-06:00.",
    ),
    "digest-time": ("时间 {value} 须写作 18:30", "Time {value}: write it like 18:30."),
}


_DOOR_CODE: Final = re.compile("[0-9]{2,8}")
_DIALLED: Final = re.compile("[0-9]{4,24}")


def _may_ring(number: str, prefixes: Collection[str], emergency: Collection[str]) -> bool:
    outside = _DIALLED.fullmatch(number) is not None and number[0] in prefixes
    return outside and number not in emergency and number[1:] not in emergency


def check_site(
    doors: Iterable[Door],
    disa: Disa,
    watch: Watch,
    extensions: Iterable[str],
    groups: Iterable[str],
    say: Say,
    *,
    prefixes: Collection[str] = (),
    emergency: Collection[str] = (),
) -> None:
    """Doors ring somebody, callers who may call out again have a PIN."""
    known, rung = set(extensions), set(groups)
    seen: set[str] = set()
    for at, door in enumerate(doors):
        if door.extension not in known:
            say(f"doors.{at}.extension", "door-unknown", door.extension)
        if door.extension in seen:
            say(f"doors.{at}.extension", "door-twice", door.extension)
        seen.add(door.extension)
        if (door.rings or not door.outside) and door.rings not in (known | rung) - {door.extension}:
            say(f"doors.{at}.rings", "door-rings", door.rings)
        number = door.outside
        if number and not _may_ring(number, prefixes, emergency):
            say(f"doors.{at}.outside", "door-outside", number)
        if number and not _DOOR_CODE.fullmatch(door.outside_code):
            say(f"doors.{at}.outside_code", "door-code")
    if disa.extension:
        if disa.extension not in known:
            say("disa.extension", "disa-extension", disa.extension)
        if not (disa.pin.isascii() and disa.pin.isdigit() and 6 <= len(disa.pin) <= 12):
            say("disa.pin", "disa-pin")
    if watch.support and watch.support not in known:
        say("watch.support", "watch-support", watch.support)
    for path, hours in (("disa.hours", disa.hours), ("watch.night", watch.night)):
        if hours and not HOURS.fullmatch(hours):
            say(path, "watch-hours", hours)
    if watch.digest_at and not HOURS.fullmatch(f"{watch.digest_at}-00:00"):
        say("watch.digest_at", "digest-time", watch.digest_at)
