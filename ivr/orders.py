"""What a running flow asks for, and what it may ask about: the seams between menus and the box."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from firmware.core.destinations import FlowGoto, FlowHangsUp, FlowLearned
from firmware.core.log_entry import LogEntry
from firmware.core.settings import Mode

Row = Mapping[str, str]


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Play these prompts, names complete with language; replaces what plays."""

    prompts: tuple[str, ...]


class Hush(msgspec.Struct, frozen=True, kw_only=True):
    """Stop what plays."""


class LookUpWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Look something up; :class:`LookedUp` with the same ``ask`` is the answer.

    ``source`` is table, customers, calls or http; ``name`` the table's or the address's.
    """

    ask: int
    source: str
    name: str
    key: str
    limit_ms: int


class LookedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. ``row`` is None when nothing was found; ``failed`` says why nobody knows."""

    ask: int
    row: dict[str, str] | None = None
    failed: str = ""


class RecordWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Record what the caller says; :meth:`ivr.flow.Flow.recorded` follows the end."""

    mailbox: str
    shortest_ms: int


class RecordEnds(msgspec.Struct, frozen=True, kw_only=True):
    """Close the recording."""


Effect = (
    Say | Hush | LookUpWanted | RecordWanted | RecordEnds | FlowGoto | FlowHangsUp | FlowLearned
) | LogEntry


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may be told of a queue: his place if he came now, and the wait to expect."""

    waiting: int = 0
    wait_s: int | None = None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the flow runs for.

    Attributes:
        call: The call's id; chance within a flow is drawn from it.
        number: The caller's number, empty if it is not known.
        name: His name, if it came along.
        line: The jack he came in by.
        line_name: What people call it.
        called: Its own number.
        language: The office's language.
    """

    call: str = ""
    number: str = ""
    name: str = ""
    line: str = ""
    line_name: str = ""
    called: str = ""
    language: str = "zh-CN"


class Surroundings(Protocol):
    """What a flow may ask about the office at any moment; answers come at once."""

    def wall(self, now_ms: int) -> datetime | None:
        """Local time of the office, None while nobody has told it."""
        ...

    def mode(self, now_ms: int) -> Mode:
        """Day, lunch, night or holiday."""
        ...

    def grade(self, number: str) -> str:
        """The caller's grade in the customer file, empty for none."""
        ...

    def table(self, name: str) -> Mapping[str, Row] | None:
        """A table of the office's own."""
        ...

    def extensions(self) -> tuple[str, ...]:
        """Numbers that a caller may dial."""
        ...

    def queue(self, name: str) -> QueueFigures:
        """Figures of a queue."""
        ...

    def has_prompt(self, name: str) -> bool:
        """Whether the prompt, complete with language, or the recording at a path is there."""
        ...

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        """SHA-256 of the sound of these prompts, as a proof of what was played."""
        ...


class QuietOffice:
    """Surroundings of an office that is open, has every prompt and knows nobody."""

    def wall(self, now_ms: int) -> datetime | None:  # noqa: ARG002 - the form of the protocol
        """Unknown."""
        return None

    def mode(self, now_ms: int) -> Mode:  # noqa: ARG002 - as above
        """Day."""
        return "day"

    def grade(self, number: str) -> str:  # noqa: ARG002 - as above
        """None."""
        return ""

    def table(self, name: str) -> Mapping[str, Row] | None:  # noqa: ARG002 - as above
        """None."""
        return None

    def extensions(self) -> tuple[str, ...]:
        """Those of a new box."""
        return ("201", "202", "203", "204")

    def queue(self, name: str) -> QueueFigures:  # noqa: ARG002 - as above
        """Nobody waits."""
        return QueueFigures()

    def has_prompt(self, name: str) -> bool:  # noqa: ARG002 - as above
        """Every one."""
        return True

    def fingerprint(self, prompts: tuple[str, ...]) -> str:  # noqa: ARG002 - as above
        """Not known."""
        return ""


Source = Literal["table", "customers", "calls", "http"]
