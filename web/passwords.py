"""Passwords: hashed slowly, a few at a time, so that guesses cost the guesser and not the sound.

argon2id with 19 MiB, two passes, one lane (OWASP's first choice): 39 ms on a desk machine. One
check runs at a time and ten may wait; more are told to come back, since a small board shares its
two spare cores with the telephones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
MOST_WAITING: Final = 10

SHORTEST: Final = 8
LONGEST: Final = 200

_hasher = argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_turn = threading.Semaphore(1)
_queue = threading.BoundedSemaphore(MOST_WAITING + 1)


class CrowdedError(Exception):
    """Too many passwords are being checked; the browser shall come back in a moment."""


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise CrowdedError
    try:
        with _turn:
            yield
    finally:
        _queue.release()


def hashed(password: str) -> str:
    """The text form that is kept.

    Raises:
        CrowdedError: too many at once.
    """
    with _one_at_a_time():
        return _hasher.hash(password)


# What a name without an account is checked against, so that its answer takes as long.
_NOBODY: Final = _hasher.hash("")


def matches(kept: str, password: str) -> bool:
    """Whether it is the password; takes as long when ``kept`` is empty.

    Raises:
        CrowdedError: too many at once.
    """
    with _one_at_a_time():
        try:
            _hasher.verify(kept or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def too_weak(password: str, name: str, shortest: int = SHORTEST) -> str:
    """The word (``web.words``) that says what is wrong with a new password; empty if nothing.

    Length is what counts; signs and capitals are nobody's business (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < shortest:
        return "password-short"
    if len(password) > LONGEST:
        return "password-long"
    if len(set(password)) < 4 or (name and password.casefold() == name.casefold()):
        return "password-plain"
    return ""
