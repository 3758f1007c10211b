"""PINs of agents: what is kept does not tell the PIN.

A PIN has four to eight digits, so a hash alone can be searched; scrypt makes each try cost a
noticeable part of a second of somebody else's machine, and tries at a handset are counted besides.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

_COST: Final = 2**12
_BLOCK: Final = 8
_LENGTH: Final = 16
"""RFC 7914's parameters N, r; chosen so that the box checks a PIN in about 20 ms."""


def pin_hash(pin: str, salt: bytes) -> str:
    """What to keep of a PIN. ``salt`` is 16 random bytes, drawn by the caller."""
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=1, dklen=_LENGTH)
    return f"{salt.hex()}:{digest.hex()}"


def pin_fits(pin: str, kept: str) -> bool:
    """Whether the PIN is the one; without a kept one every PIN is, an empty one included."""
    if not kept:
        return True
    salt, _, digest = kept.partition(":")
    try:
        found = pin_hash(pin, bytes.fromhex(salt))
    except ValueError:
        return False
    return hmac.compare_digest(found.partition(":")[2], digest)
