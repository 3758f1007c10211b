"""Whether a telephone may call a number outside: its class, its own prefixes, its lock.

Emergency numbers never come here. A number is judged as the exchange would read it: behind a
carrier's prefix, and with keys that were added to it later.
"""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.country import Country
from firmware.core.numbering import NumberKind, kind_of, without_carrier
from firmware.core.outside_settings import CallClass
from firmware.core.settings import Extension

NOT_ALLOWED: Final = "call-not-allowed"

_MAY: Final[dict[CallClass, frozenset[NumberKind]]] = {
    "internal": frozenset(),
    "local": frozenset({NumberKind.SERVICE, NumberKind.LOCAL}),
    "national": frozenset({NumberKind.SERVICE, NumberKind.LOCAL, NumberKind.NATIONAL}),
    "international": frozenset(NumberKind) - {NumberKind.PREMIUM},
    "custom": frozenset(),
}
"""No class may call premium numbers; a telephone that must has their prefix in ``allow``."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a call does not go out.

    Attributes:
        reason: For the record and the log.
        prompt: The sentence its caller hears.
        limit: Name of the limit that was reached, empty for a class or a lock.
        also: Which telephone or line the limit is of, empty for the office's.
    """

    reason: str
    prompt: str = NOT_ALLOWED
    limit: str = ""
    also: str = ""


def _longest(prefixes: tuple[str, ...], *numbers: str) -> int:
    """Length of the longest prefix that fits one of the numbers, -1 if none does."""
    return max(
        (len(p) for p in prefixes if any(number.startswith(p) for number in numbers)), default=-1
    )


def refusal(extension: Extension | None, number: str, country: Country) -> Refusal | None:
    """Why the telephone may not call the number, None if it may.

    Of its ``allow`` and ``deny`` prefixes the longer one counts, ``deny`` where both are equal;
    ``deny`` also sees what is behind a carrier's prefix. Without either its class decides.

    Args:
        extension: The telephone; a jack without a number may only call for help.
        number: What would be dialled, outside prefix left out.
        country: How numbers are read.
    """
    if extension is None:
        return Refusal(reason="the telephone has no extension")
    if extension.locked:
        return Refusal(reason=f"extension {extension.number} is locked")
    if not (number.isascii() and number.isdigit()):
        return Refusal(reason="only digits are sent to a line")
    allowed = _longest(extension.allow, number)
    denied = _longest(extension.deny, number, without_carrier(number, country))
    if denied >= 0 and denied >= allowed:
        return Refusal(reason=f"extension {extension.number} may not call this prefix")
    kind = kind_of(number, country)
    if allowed >= 0 or kind in _MAY[extension.calls]:
        return None
    return Refusal(reason=f"extension {extension.number} ({extension.calls}): {kind.value} call")


def slips_out(
    extension: Extension | None, dialled: str, keys: str, country: Country
) -> Refusal | None:
    """Whether keys pressed in a conversation make a forbidden number of an allowed beginning.

    Whoever dials ``0`` and waits until somebody seems to have answered, and then goes on with
    ``0447...``, has the exchange read an international number.
    """
    if not keys or kind_of(dialled + keys, country) is kind_of(dialled, country):
        return None
    return refusal(extension, dialled + keys, country)
