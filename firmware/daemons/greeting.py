"""The first word of a daemon that call control looks up: who it is and which protocol it speaks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from firmware.control.link import Link, LinkClosed, check_hello

log = logging.getLogger(__name__)


def greets(message: object, link: Link[Any] | None, gone: Callable[[LinkClosed], None]) -> bool:
    """Whether a first message is a greeting that call control can answer.

    Args:
        message: The first on a new link.
        link: Closed if it is none, and ``gone`` is told why.
        gone: What is done when the daemon goes away.
    """
    try:
        check_hello(message, own_program="calld")
    except LinkClosed as end:
        log.error("%s", end)  # noqa: TRY400  # the sentence says it all
        if link is not None:
            link.close()
            gone(end)
        return False
    return True
