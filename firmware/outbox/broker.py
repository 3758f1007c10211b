"""Events for a broker (MQTT 5): what is published, and what its answer means. Pure.

Numbers are those of MQTT version 5.0 (OASIS): reason codes 2.4, topic names 4.7.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from firmware.outbox.delivery import Fault

QOS: Final = 1
"""At least once: the broker confirms, and what it did not confirm goes again. A second copy carries
the same delivery number."""

FAILURE: Final = 0x80  # from here on a reason code says no
LASTING: Final = frozenset({0x90, 0x95, 0x99})
"""This message will never be taken: topic name invalid, packet too large, payload format invalid.
All else (not authorised, quota exceeded, server busy ...) is the broker's state or its settings."""


def payload_of(body: str, item: int) -> bytes:
    """What is published.

    Args:
        body: What happened, as JSON.
        item: The item's number; the same for every try, so that a reader can tell a second one.
    """
    told: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({**told, "delivery": item})


def verdict(code: int, words: str) -> tuple[str, Fault]:
    """What a reason code means for the item: why it was not taken (empty if it was), whose fault.

    Args:
        code: Of CONNACK or PUBACK.
        words: Its name, as the library has it.
    """
    if code < FAILURE:
        return "", "item"  # 0x10: nobody has subscribed, which is their affair
    return f"0x{code:02x} {words}", "lasting" if code in LASTING else "channel"
