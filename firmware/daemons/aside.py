"""Work that takes longer than a handler may: done beside the loop, finished in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Aside(Protocol):
    """Does a job somewhere, and hands its result to ``done`` in the caller's own thread."""

    def __call__(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """``job`` touches nothing of the loop's; ``done`` may."""
        ...


def at_once(job: Callable[[], Any], done: Callable[[Any], None]) -> None:
    """Here and now: for tests and for the bench in virtual time."""
    done(job())
