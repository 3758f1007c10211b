"""The health check after a start: does this box carry calls? Started programs are not enough.

Call control is asked for its lines and for a call through the box's own loop-back; the page is
asked for a page. Only a box that does all three keeps its slot.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from firmware.control.link import ANSWERS, LinkError, connect
from firmware.control.messages import AskStatus, Hello, Status
from firmware.control.update_messages import AskLoop, LoopAnswer

LIMIT_S: Final = 450.0
"""A start may take so long: an emulated machine took 115 to 300 s. Below the unit's own limit."""

LOOK_S: Final = 5.0
ANSWER_MS: Final = 15_000

NO_CARD: Final = "unwell-card"
"""There is no line card, so nothing can be said of calls; waiting does not change that."""

Verdict = tuple[str, str]
"""Key of the words and what its sentence names; both empty if all is well."""


def examine(
    run_folder: Path,
    *,
    now_s: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,  # noqa: TID251  # a shell that waits for other programs
    limit_s: float = LIMIT_S,
) -> Verdict:
    """Look until all is well or the time is over.

    Args:
        run_folder: Where call control listens.
        now_s: Monotonic seconds.
        wait: Lets so many seconds pass.
        limit_s: How long it is looked for.
    """
    until_s = now_s() + limit_s
    while True:
        verdict = look(run_folder)
        if verdict[0] in {"", NO_CARD} or now_s() >= until_s:
            return verdict
        wait(LOOK_S)


def look(run_folder: Path) -> Verdict:
    """One look."""
    status = _asked(run_folder, AskStatus())
    if not isinstance(status, Status):
        return "unwell-calls", ""
    if status.no_card:
        return (NO_CARD, status.no_card) if _page() else ("unwell-page", "")
    if not status.lines_connected:
        return "unwell-lines", ""
    looped = _asked(run_folder, AskLoop())
    if not isinstance(looped, LoopAnswer):
        return "unwell-loop", str(getattr(looped, "message", ""))[:120]
    if looped.failed:
        return "unwell-loop", looped.failed
    return ("", "") if _page() else ("unwell-page", "")


def _asked(run_folder: Path, request: msgspec.Struct) -> msgspec.Struct | None:
    try:
        link = connect(run_folder / "calld.sock", ANSWERS, name="call control")
    except LinkError:
        return None
    try:
        link.send(Hello(program="upkeep"))
        link.send(request)
        until_s = time.monotonic() + ANSWER_MS / 1000
        while (left := until_s - time.monotonic()) > 0:
            for message in link.wait(int(left * 1000) + 1):
                if not isinstance(message, Hello):
                    return message
    except LinkError:
        return None
    finally:
        link.close()
    return None


def _page() -> bool:
    asked = http.client.HTTPConnection("localhost", 80, timeout=30)
    try:
        asked.request("GET", "/sign-in")
        answer = asked.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return answer.status < 500  # RFC 9110: 5xx is the server's fault
    finally:
        asked.close()
