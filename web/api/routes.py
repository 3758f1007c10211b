"""The operations of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final

import msgspec
from flask import Blueprint, Response, current_app, g, request

from firmware.control.messages import (
    AskHistory,
    AskLines,
    AskSettings,
    AskStatus,
    HistoryAnswer,
    LinesAnswer,
    PlaceCall,
    RestoreSettings,
    SaveSettings,
    SettingsAnswer,
    Status,
)
from firmware.control.office_messages import AskFigures, FiguresAnswer
from firmware.core.accounts import ROLES
from firmware.reports.report import By
from firmware.storage.errors import StorageError
from firmware.storage.projection import CallRecord
from firmware.storage.record_reader import ReadRecords
from web import gate
from web.api.openapi import description
from web.api.operation import (
    AskedBadlyError,
    Operation,
    Problem,
    Query,
    bad,
    encoded,
    operation,
)
from web.gate import open_to, the_box
from web.seats import EACH, SEATS, seats
from web.status.seen import seen_by
from web.stream import HEARTBEAT_S, event
from web.words import t

PREFIX: Final = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
OPERATIONS: Final[list[Operation]] = []
MOST_CALLS: Final = 500
HIDDEN: Final = "accounts"
"""Who may use the page is no program's affair; saving leaves it as it is."""

Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9*#+]{1,32}$")]
Why = Annotated[str, msgspec.Meta(max_length=200)]


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Calls, the newest first. ``before`` of the next question is the last one's ``call``."""

    calls: tuple[CallRecord, ...]


class SettingsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force, without accounts, and their version."""

    version: int
    settings: dict[str, Any]


class NewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings to put into force: all of them but the accounts. ``base`` is the version read."""

    base: int
    settings: dict[str, Any]
    why: Why = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for the history."""

    why: Why = ""


class NewCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ring ``extension``; when it is lifted, ``number`` is dialled as if by it."""

    extension: Number
    number: Number


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The telephone will ring at once."""

    extension: str
    number: str


def _operation(one: Operation) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    return operation(blueprint, OPERATIONS, one)


@_operation(
    Operation(
        method="GET",
        path="/status",
        about="The state of the box now: ports, calls that are up, alarms.",
        scope="status",
        roles=ROLES,
        answer=Status,
    )
)
def status() -> Any:
    """The state now."""
    found = the_box().ask(AskStatus())
    return seen_by(found, g.account.roles) if isinstance(found, Status) else found


@_operation(
    Operation(
        method="GET",
        path="/events",
        about="Follow the box: server-sent events 'status', each with the state as JSON.",
        scope="status",
        roles=ROLES,
        query=(
            Query(
                name="once",
                about="End after the first event.",
                schema={"type": "string", "enum": ["yes"]},
            ),
        ),
    )
)
def events() -> Response:
    """The state after every change, until the program leaves."""
    once = request.args.get("once") == "yes"
    who = g.account.name
    if why := seats.take(who):
        raise AskedBadlyError(Problem(id="too-many", message=t(why, n=EACH, all=SEATS)), 503)
    source, roles, may_go_on = the_box(), g.account.roles, gate.going_on()

    def follow() -> Iterator[bytes]:
        seen = -1
        while not source.ended:
            number, now = source.wait(seen, HEARTBEAT_S)
            if number == seen:
                yield b": still here\n\n"
                continue
            seen = number
            if not may_go_on():
                return
            shown = seen_by(now, roles) if now is not None else None
            yield event("status", msgspec.json.encode(shown).decode())
            if once:
                return

    response = Response(follow(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(lambda: seats.leave(who))
    return response


@_operation(
    Operation(
        method="GET",
        path="/lines",
        about="What the chips of all ports measure.",
        scope="status",
        roles=("owner", "installer", "supervisor"),
        answer=LinesAnswer,
    )
)
def lines() -> Any:
    """Voltages, currents, verdicts."""
    return the_box().ask(AskLines())


@_operation(
    Operation(
        method="GET",
        path="/calls",
        about="The call log, the newest first.",
        scope="calls",
        roles=ROLES,
        answer=Calls,
        query=(
            Query(
                name="limit",
                about="At most so many.",
                schema={"type": "integer", "minimum": 1, "maximum": MOST_CALLS, "default": 50},
            ),
            Query(
                name="before",
                about="Only calls older than this one.",
                schema={"type": "string", "pattern": "^[0-9A-Za-z]{1,32}$"},
            ),
        ),
    )
)
def calls() -> Any:
    """A page of the log."""
    given, before = request.args.get("limit", "50"), request.args.get("before")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MOST_CALLS):
        raise bad("limit", t("number-range", value=given, low=1, high=MOST_CALLS))
    if before is not None and not (before.isascii() and before.isalnum() and len(before) <= 32):
        raise bad("before", t("bad-request"))
    try:
        with _records() as records:
            return Calls(calls=tuple(records.calls(int(given), before)))
    except StorageError:
        return Calls(calls=())


@_operation(
    Operation(
        method="GET",
        path="/calls/<call>",
        about="One call.",
        scope="calls",
        roles=ROLES,
        answer=CallRecord,
    )
)
def call(call: str) -> Any:
    """One call."""
    try:
        with _records() as records:
            found = records.call(call) if call.isascii() and call.isalnum() else None
    except StorageError:
        found = None
    if found is None:
        raise AskedBadlyError(Problem(id="no-such-call", message=t("api-no-call")), 404)
    return found


@_operation(
    Operation(
        method="POST",
        path="/calls",
        about="Click to call: a telephone rings, and dials when it is lifted.",
        scope="dial",
        roles=("owner", "supervisor", "agent"),
        body=NewCall,
        answer=Placed,
    )
)
def place(wanted: NewCall) -> Any:
    """Have a telephone called, which then dials."""
    answer = the_box().ask(
        PlaceCall(extension=wanted.extension, number=wanted.number, language=g.language)
    )
    if isinstance(answer, Status):
        return Placed(extension=wanted.extension, number=wanted.number)
    return answer


@_operation(
    Operation(
        method="GET",
        path="/figures",
        about="Figures of today, by the formulas of the reports.",
        scope="figures",
        roles=("owner", "supervisor", "reviewer"),
        answer=FiguresAnswer,
        query=(
            Query(
                name="by",
                about="How they are divided.",
                schema={"type": "string", "enum": [str(by) for by in By], "default": "whole"},
            ),
        ),
    )
)
def figures() -> Any:
    """Figures of now."""
    by = request.args.get("by", "whole")
    if by not in {str(one) for one in By}:
        raise bad("by", t("bad-request"))
    return the_box().ask(AskFigures(who=g.account.name, origin="api", by=by))


@_operation(
    Operation(
        method="GET",
        path="/settings",
        about="The settings in force, without the accounts.",
        scope="settings",
        roles=("owner", "installer"),
        answer=SettingsDocument,
    )
)
def settings() -> Any:
    """The settings in force."""
    return _shown(the_box().ask(AskSettings()))


@_operation(
    Operation(
        method="PUT",
        path="/settings",
        about="Put settings into force; the accounts stay as they are.",
        scope="settings",
        roles=("owner", "installer"),
        body=NewSettings,
        answer=SettingsDocument,
    )
)
def save(wanted: NewSettings) -> Any:
    """New settings."""
    now = the_box().ask(AskSettings())
    if not isinstance(now, SettingsAnswer):
        return now
    return _shown(
        the_box().ask(
            SaveSettings(
                base=wanted.base,
                who=_who(),
                why=wanted.why,
                settings={**wanted.settings, HIDDEN: now.settings.get(HIDDEN, ())},
                language=g.language,
            )
        )
    )


@_operation(
    Operation(
        method="GET",
        path="/settings/history",
        about="Every version of the settings that is kept, the newest first.",
        scope="settings",
        roles=("owner", "installer"),
        answer=HistoryAnswer,
    )
)
def history() -> Any:
    """Who changed what when."""
    return the_box().ask(AskHistory())


@_operation(
    Operation(
        method="POST",
        path="/settings/history/<int:version>",
        about="Bring an earlier version back, as a new one.",
        scope="settings",
        roles=("owner",),
        body=Reason,
        answer=SettingsDocument,
    )
)
def restore(reason: Reason, version: int) -> Any:
    """An earlier version."""
    if version > 2**31:
        raise AskedBadlyError(Problem(id="settings-unknown-version", message=t("not-found")), 404)
    return _shown(the_box().ask(RestoreSettings(version=version, who=_who(), why=reason.why)))


@blueprint.get("/openapi.json")
@open_to()
def openapi() -> Response:
    """The description of all this."""
    return encoded(description(OPERATIONS, PREFIX))


openapi.scope = "status"  # type: ignore[attr-defined]  # functions take attributes


def _shown(answer: Any) -> Any:
    if not isinstance(answer, SettingsAnswer):
        return answer
    kept = {name: value for name, value in answer.settings.items() if name != HIDDEN}
    return SettingsDocument(version=answer.version, settings=kept)


def _who() -> str:
    """Who did it, for the history: the account, and the program that acted for it."""
    return f"{g.account.name} ({g.token.name})" if g.token else str(g.account.name)


def _records() -> ReadRecords:
    records = ReadRecords.open(current_app.extensions["records"])
    records.show_to(g.account.roles)
    return records
