"""The supervisors' board, live, for a wall screen too; a handset decides the same over people."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.floor_messages import (
    FloorDone,
    MoveAgent,
    PauseAgentNow,
    ReadyAgentNow,
    SignOutAgent,
)
from firmware.control.messages import Status
from firmware.control.office_messages import AskFigures, FiguresAnswer, FigureValue
from firmware.core.acd_settings import Acd
from firmware.reports.measures import MEASURES
from firmware.reports.report import By, Period, Row, report, span
from firmware.storage.errors import StorageError
from web.asking import RefusedError, ask, asker, records
from web.board.advice import advice
from web.board.load import bars
from web.board.roster import missing
from web.desk.present import STATE_MOODS
from web.gate import open_to, the_box
from web.reports.present import plain, value_words
from web.status.present import names_of, port_card
from web.stream import live as live_parts

blueprint = Blueprint("board", __name__, url_prefix="/board")

PARTS: Final = ("advice", "queues", "people", "lines", "figures", "load")
SLOW: Final = ("figures", "load")
CODES: Final = ("n", "a", "b", "sl", "answer", "abandon", "asa", "wait_longest", "aht", "occupancy")
FRESH_S: Final = 4.0
ROLES: Final = ("supervisor", "owner")

Answer = str | BaseResponse | tuple[str, int]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of today with what it is made of."""

    name: str
    value: str
    formula: str
    parts: str


class Today:
    """Figures of today, asked for once in a while however many boards hang on walls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: FiguresAnswer | None = None
        self._at_s = -FRESH_S

    def figures(self) -> FiguresAnswer | None:
        """As new as :data:`FRESH_S`; None while nobody answers."""
        with self._lock:
            if time.monotonic() - self._at_s >= FRESH_S:
                found = the_box().ask(AskFigures(codes=CODES))
                self._answer = found if isinstance(found, FiguresAnswer) else None
                self._at_s = time.monotonic()
            return self._answer


@blueprint.record_once
def _keep(state: object) -> None:
    state.app.extensions["today"] = Today()  # type: ignore[attr-defined]  # Flask's setup state


@blueprint.get("/")
@open_to(*ROLES)
def show() -> Answer:
    """The board."""
    return _page()


@blueprint.get("/live")
@open_to(*ROLES)
def live() -> Response:
    """Its parts, each whenever it changed."""
    return live_parts("board", PARTS, _parts, slow=SLOW)


@blueprint.post("/agent")
@open_to(*ROLES)
def decide() -> Answer:
    """Decide over an agent: ready, pause, out, into a queue or out of it."""
    typed = request.form
    agent, (act, _, value) = typed.get("agent", ""), typed.get("act", "").partition(":")
    said = asker() | {"by": g.account.agent or g.account.name}
    wanted: msgspec.Struct
    match act:
        case "pause":
            wanted = PauseAgentNow(agent=agent, reason=value, **said)
        case "sign_out":
            wanted = SignOutAgent(agent=agent, **said)
        case "into":
            wanted = MoveAgent(agent=agent, queue=value, level=5, **said)
        case "out_of":
            wanted = MoveAgent(agent=agent, queue=value, **said)
        case _:
            wanted = ReadyAgentNow(agent=agent, **said)
    try:
        ask(wanted, FloorDone)
    except RefusedError as refused:
        if "X-Quiet" in request.headers:
            return refused.sentence, 409
        return _page(refused.sentence), 409
    if "X-Quiet" in request.headers:
        return Response(status=204)
    return redirect(url_for(".show"), code=303)


def _page(problem: str = "") -> str:
    settings = the_box().settings()
    return render_template(
        "board/show.html",
        parts=_parts(the_box().status(), PARTS),
        problem=problem,
        acd=settings.acd if settings is not None else Acd(),
        typed=request.form,
        wall="wall" in request.args,
    )


def _parts(status: Status | None, names: Sequence[str]) -> dict[str, str]:
    return {name: _part(name, status) for name in names}


def _part(name: str, status: Status | None) -> str:
    settings = the_box().settings()
    acd = settings.acd if settings is not None else Acd()
    floor = status.floor if status is not None else None
    values: dict[str, object] = {"status": status, "floor": floor, "acd": acd}
    match name:
        case "advice":
            found = advice(status, acd)
            if status is not None and floor is not None:
                now = datetime.now().astimezone().time()
                found += missing(floor.agents, acd, now, status.mode)
            values["found"] = found
        case "people":
            values["moods"] = STATE_MOODS
        case "lines":
            ports = status.ports if status is not None else ()
            values["lines"] = [
                port_card(p, g.language) for p in ports if not p.port.startswith("fxs/")
            ]
            values["names"] = names_of(status, g.language)
        case "figures":
            values["figures"] = _figures()
        case "load":
            values["bars"], values["most"] = bars(_half_hours())
        case _:
            pass
    return render_template(f"board/{name}.html", **values)


def _figures() -> list[Figure]:
    answer = current_app.extensions["today"].figures()
    whole: dict[str, FigureValue] = {}
    if answer is not None:
        whole = answer.parts.get("") or next(iter(answer.parts.values()), {})
    found = []
    for code in CODES:
        measure, figure = MEASURES[code], whole.get(code)
        name = measure.zh if g.language.startswith("zh") else measure.en
        value = value_words(measure.unit, figure.value if figure else None)
        parts = ""
        if figure is not None and figure.bottom is not None:
            parts = f"{plain(figure.top)} / {plain(figure.bottom)}"
        found.append(Figure(name=name, value=value, formula=measure.formula, parts=parts))
    return found


def _half_hours() -> list[Row]:
    now = datetime.now().astimezone()
    assert now.tzinfo is not None  # noqa: S101  # astimezone gives one
    try:
        with records() as log:
            facts = log.facts(*span(Period.DAY, now.date(), now.tzinfo))
    except StorageError:
        return []
    return report(facts, by=By.HALF_HOUR, codes=("n", "a", "b"))
