"""Calls that are owed: callbacks, promises, missed calls, follow-ups."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.floor_messages import AskTasks, EndTask, FloorDone, TaskNow, TasksAnswer
from firmware.storage.masks import sees_people
from web.asking import RefusedError, ask, asker, phone
from web.cases.tickets import now_ms
from web.desk.present import queue_name
from web.gate import open_to, own_path, the_box
from web.numbers import moment
from web.table import Cell, Column, shown
from web.words import t

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

ROLES: Final = ("agent", "supervisor", "owner")
LIVE: Final = frozenset({"open", "offered"})
COLUMNS: Final = (
    Column("kind", "task-kind"),
    Column("number", "desk-number"),
    Column("name", "customer-name"),
    Column("queue", "to.queue"),
    Column("owner", "ticket-owner"),
    Column("note", "desk-what"),
    Column("due", "ticket-due"),
    Column("tried", "task-attempts", number=True),
    Column("state", "state"),
)

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """What is owed, the oldest due first; what was, when somebody asks for it."""
    return _page()


@blueprint.post("/<task>/end")
@open_to(*ROLES)
def end(task: str) -> Answer:
    """It is done, or not wanted any more."""
    how = request.form.get("how", "done")
    try:
        ask(EndTask(task=task, how=how, **asker()), FloorDone)
    except RefusedError as refused:
        if "X-Quiet" in request.headers:
            return refused.sentence, 409
        page = _page(refused.sentence)
        return (page, 409) if isinstance(page, str) else page
    if "X-Quiet" in request.headers:
        return Response(status=204)
    back = request.form.get("back", "")
    return redirect(own_path(back) if back else url_for(".index"), code=303)


def _page(problem: str = "") -> str | Response:
    try:
        tasks = ask(AskTasks(**asker()), TasksAnswer).tasks
    except RefusedError as refused:
        tasks, problem = (), problem or refused.sentence
    if not sees_people(g.account.roles):
        # An agent's list is of what he owes, and of what nobody has taken.
        tasks = tuple(one for one in tasks if one.owner in {g.account.agent, ""})
    if "all" not in request.args:
        tasks = tuple(one for one in tasks if one.state in LIVE)
    now = now_ms()
    return shown(
        "cases/tasks.html",
        "tasks",
        (*COLUMNS, Column("act", "task-act")),
        [_row(one, now) for one in tasks],
        problem=problem,
        live={one.task for one in tasks if one.state in LIVE},
    )


def _row(task: TaskNow, now: int) -> dict[str, Cell]:
    late = task.state in LIVE and task.due_ms < now
    note = "" if task.note.startswith("/") else task.note
    return {
        "kind": Cell(t(f"task.{task.kind}")),
        "number": Cell(phone(task.number, whole=bool(task.owner) and task.owner == _me())),
        "name": Cell(task.name),
        "queue": Cell(queue_name(the_box().settings(), task.queue)),
        "owner": Cell(task.owner, small=t("task-level", n=task.level) if task.level else ""),
        "note": Cell(note),
        "due": Cell(moment(task.due_ms), task.due_ms, mood="bad" if late else ""),
        "tried": Cell(str(task.attempts), task.attempts),
        "state": Cell(t(f"task-state.{task.state}"), small=_result(task)),
        "act": Cell(task.task if task.state in LIVE else ""),
    }


def _me() -> str:
    agent: str = g.account.agent
    return agent


def _result(task: TaskNow) -> str:
    return t(f"task-result.{task.result}") if task.result else ""
