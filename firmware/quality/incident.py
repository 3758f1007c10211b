"""What went wrong with the box, written down, graded, handled in time; and drills. Pure.

Four grades, as GB/Z 20986-2007 (and its successor GB/T 20986-2023) has them for incidents of
information security; what each means for an office of this size, and until when it must be dealt
with, stands in :data:`GRADES`.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import msgspec

from firmware.core.fsm import Machine, Order, State, Table, choose

HOUR_MS: Final = 3_600_000
Grade = Literal["general", "large", "serious", "grave"]
Kind = Literal["lines", "power", "card", "data", "other"]
KINDS: Final[tuple[Kind, ...]] = ("lines", "power", "card", "data", "other")

GRADES: Final[dict[str, int]] = {"general": 72, "large": 24, "serious": 8, "grave": 2}
"""Grade to hours until it must be closed. General: one set, one person; large: some lines or
telephones; serious: nobody can call or be called; grave: nobody can, or people's data are out.
The hours are chosen: a working day has eight, and what stops an office cannot wait for one."""

SHORTEST: Final = 4
"""Characters of a title, a cause or an action: less is a dash to get past the question."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. Times are wall clock, UTC, milliseconds since 1970.

    Attributes:
        incident: Counted from 1.
        grade: One of :data:`GRADES`.
        kind: What it was about.
        title: What happened, in a line.
        drill: It was held on purpose.
        state: ``open``, ``handled`` or ``closed``.
        handler: Who deals with it; empty for nobody yet.
        opened_by: Who wrote it down.
        opened_ms: When.
        due_ms: Until when it must be closed.
        cause: What was found.
        action: What was done, and shall be done that it does not come again.
        report: Of a drill: JSON of ``firmware.quality.drill.Report``; empty otherwise.
        closed_ms: When it was closed.
        closed_by: By whom.
    """

    incident: int = 0
    grade: Grade = "general"
    kind: Kind = "other"
    title: str = ""
    drill: bool = False
    state: str = "open"
    handler: str = ""
    opened_by: str = ""
    opened_ms: int = 0
    due_ms: int = 0
    cause: str = ""
    action: str = ""
    report: str = ""
    closed_ms: int | None = None
    closed_by: str = ""


class TakeIncident(Order, frozen=True, kw_only=True, tag="take_incident"):
    """Somebody deals with it."""

    who: str


class CloseIncident(Order, frozen=True, kw_only=True, tag="close_incident"):
    """It is over."""

    who: str
    cause: str
    action: str


_CLOSE: Final = choose("_close", "closed", "(stay)")

TABLE: Final = Table(
    "incident",
    State("open", {TakeIncident: choose("_take", "handled"), CloseIncident: _CLOSE}),
    State("handled", {TakeIncident: choose("_take", "handled"), CloseIncident: _CLOSE}),
    State("closed", final=True),
)


class IncidentCase(Machine):
    """One incident while somebody does something with it."""

    __slots__ = ()
    TABLE: ClassVar[Table] = TABLE

    def _take(self, order: TakeIncident, now_ms: int) -> str:  # noqa: ARG002 - the form of a handler
        return "handled"

    def _close(self, order: CloseIncident, now_ms: int) -> str:  # noqa: ARG002 - the form of a handler
        lacks = [
            name for name in ("cause", "action") if len(getattr(order, name).strip()) < SHORTEST
        ]
        self.do(*(f"incident-{name}" for name in lacks))
        return "(stay)" if lacks else "closed"


def opened(
    *, grade: Grade, kind: Kind, title: str, who: str, now_ms: int, drill: bool = False
) -> tuple[Incident, list[str]]:
    """A new incident, and what is missing of it.

    Args:
        grade: One of :data:`GRADES`.
        kind: What it is about.
        title: What happened.
        who: Writes it down.
        now_ms: Wall clock, UTC, since 1970.
        drill: It is held on purpose.
    """
    lacks = ["incident-title"] if len(title.strip()) < SHORTEST else []
    made = Incident(
        grade=grade,
        kind=kind,
        title=title.strip(),
        drill=drill,
        opened_by=who,
        opened_ms=now_ms,
        due_ms=now_ms + GRADES[grade] * HOUR_MS,
    )
    return made, lacks


def after(
    incident: Incident, order: TakeIncident | CloseIncident, now_ms: int
) -> tuple[Incident, list[str]]:
    """The incident after somebody did something, and what is missing; unchanged if something is.

    Args:
        incident: As it is kept.
        order: What is done, by whom.
        now_ms: Wall clock, UTC, since 1970.
    """
    if incident.state == "closed":
        return incident, ["incident-closed"]
    case = IncidentCase()
    if incident.state == "handled":
        case.handle(TakeIncident(who=incident.handler), now_ms)
    lacks = [str(key) for key in case.handle(order, now_ms)]
    if lacks:
        return incident, lacks
    replace = msgspec.structs.replace
    if isinstance(order, TakeIncident):
        return replace(incident, state=case.state, handler=order.who), []
    return (
        replace(
            incident,
            state=case.state,
            handler=incident.handler or order.who,
            cause=order.cause.strip(),
            action=order.action.strip(),
            closed_ms=now_ms,
            closed_by=order.who,
        ),
        [],
    )
