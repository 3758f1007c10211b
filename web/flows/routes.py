"""Menus on the page: the list, a flow as a drawing with its forms, and a call rehearsed.

The flow that is worked on travels in the form, so nothing counts, and nothing is written, before
it is saved; it is saved as a version of the settings, and only without faults.
"""

from __future__ import annotations

import functools
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.messages import (
    AskSettings,
    AskWhatIf,
    Refused,
    RehearsalStep,
    SaveSettings,
    SettingsAnswer,
    WhatIfAnswer,
)
from firmware.control.prompt_messages import SpeakTexts
from firmware.core.settings import Settings
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from ivr.check import Problem, check_documents
from ivr.counts import NodeCount, Place, count
from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.known import office_of
from ivr.owner import OwnPrompts
from ivr.prompts import PromptStore
from ivr.rehearsal import sound
from ivr.shipped import SHIPPED
from web.flows import draft as work
from web.flows import present
from web.flows.drawing import HEIGHT, STEP, WIDTH, drawing
from web.flows.node_form import PREFIX, fields, read_node, values
from web.gate import open_to, the_box
from web.settings.form import shown
from web.words import t

blueprint = Blueprint("flows", __name__, url_prefix="/menus")

Answer = str | BaseResponse | tuple[str, int]
DAYS: Final = 30
"""So many days back visits are counted on the page."""
WHAT_IF_MS: Final = 10_000
SPEAK_MS: Final = 200_000
"""What a flow reads out is said when it is saved; the slowest board takes a minute a sentence."""
MOST_HEARD: Final = 8
"""Rehearsals whose sound can still be asked for; they are steps, not samples."""
MOST_UNDO: Final = 3
NAME: Final = re.compile("[a-z][a-z0-9-]{0,29}")
"""Of a flow: what the settings admit, asked before somebody works on it."""
UNDO_SPLIT: Final = "\n"

_heard: OrderedDict[str, tuple[RehearsalStep, ...]] = OrderedDict()
_heard_lock = threading.Lock()


@blueprint.get("/")
@open_to("owner", "installer")
def index() -> Answer:
    """All menus, and a call rehearsed."""
    return _index_page({})


@blueprint.post("/")
@open_to("owner", "installer")
def create() -> Answer:
    """Begin a new flow as a copy of another; it counts once it is saved."""
    version, document = _current()
    name = request.form.get("name", "").strip()
    flows = _flows(document)
    source = flows.get(request.form.get("from", ""))
    if not NAME.fullmatch(name):
        return _index_page({"name": t("flow-name-form", value=name)}), 422
    if name in flows or source is None:
        return _index_page({"name": t("flow-name-twice", value=name)}), 422
    copy = msgspec.structs.replace(source, name=name)
    return _editor(copy, version, document, dirty=True)


@blueprint.post("/what-if")
@open_to("owner", "installer")
def what_if() -> Answer:
    """What a caller would hear with the settings in force."""
    return _index_page({}, _rehearsed(None))


@blueprint.get("/sound/<token>")
@open_to("owner", "installer")
def hear(token: str) -> Answer:
    """The sound of a call rehearsed a moment ago."""
    with _heard_lock:
        steps = _heard.get(token)
    if steps is None:
        abort(404)
    return Response(sound(steps, _prompts().load), mimetype="audio/wav")


@blueprint.get("/flow/<name>")
@open_to("owner", "installer")
def show(name: str) -> Answer:
    """One flow."""
    version, document = _current()
    flow = _flows(document).get(name)
    if flow is None:
        abort(404)
    wanted = request.args.get("step", "")
    return _editor(flow, version, document, node_id=wanted if wanted in flow.nodes else "")


@blueprint.post("/flow/<name>/check")
@open_to("owner", "installer")
def check(name: str) -> Answer:
    """What is wrong with a flow as it stands in the form, while somebody types."""
    _, document = _current()
    problems: dict[str, str] = {}
    draft, _ = _typed(name, problems)
    return render_template(
        "flows/checks.html", wrong=_problems(draft, document), typed_wrong=problems
    )


@blueprint.post("/flow/<name>")
@open_to("owner", "installer")
def change(name: str) -> Answer:
    """One step of work on a flow: what was typed is taken first, then the button counts."""
    version, document = _current()
    problems: dict[str, str] = {}
    order, _, detail = request.form.get("do", "put").partition(":")
    undo = [text for text in request.form.get("undo", "").split(UNDO_SPLIT) if text]
    before = request.form.get("draft", "")
    node_id = request.form.get("node", "")
    draft, node_id = _typed(name, problems, leave=order in {"undo", "remove"})
    rehearsal: dict[str, Any] = {}
    if not problems:
        match order:
            case "undo" if undo:
                draft, before = work.read_draft(undo.pop()), ""
                node_id = node_id if node_id in draft.nodes else ""
            case "open":
                node_id = detail if detail in draft.nodes else ""
            case "add":
                try:
                    draft, node_id = work.add(draft, request.form.get("kind", ""))
                except work.Impossible as problem:
                    problems[""] = t(problem.word, **problem.values)
            case "remove" if node_id in draft.nodes:
                draft, node_id = work.remove(draft, node_id), ""
            case "tidy":
                draft = msgspec.structs.replace(draft, places={})
            case "what-if":
                rehearsal = _rehearsed(_with_flow(document, draft))
            case "save":
                return _save(draft, version, document, node_id, undo)
            case "drop":
                return _drop(draft, version, document)
    if before and before != work.written(draft):
        undo = [*undo, before][-MOST_UNDO:]
    page = _editor(
        draft,
        _base(version),
        document,
        node_id=node_id,
        undo=undo,
        problems=problems,
        rehearsal=rehearsal,
        dirty=True,
    )
    return (page, 422) if problems else page


# --- saving ---------------------------------------------------------------------------------------


def _save(
    draft: FlowDocument, version: int, document: dict[str, Any], node_id: str, undo: list[str]
) -> Answer:
    sentences: dict[str, str] = {}
    silent = _read_aloud(draft, document)
    if _problems(draft, document):
        sentences[""] = " ".join(filter(None, (t("flow-has-faults"), silent)))
    else:
        sentences = _keep(_with_flow(document, draft), t("changed-flow", name=draft.name))
    if not sentences:
        return redirect(url_for(".show", name=draft.name, done=1), code=303)
    page = _editor(
        draft, version, document, node_id=node_id, undo=undo, problems=sentences, dirty=True
    )
    return page, 422


def _read_aloud(draft: FlowDocument, document: dict[str, Any]) -> str:
    """Has the voice say what the flow reads out; why it could not, empty where it did."""
    if not any(problem.id == "text-missing" for problem, _ in _problems(draft, document)):
        return ""
    flows = (msgspec.to_builtins(draft),)
    wanted = SpeakTexts(flows=flows, who=g.account.name, reader=g.language)
    answer = the_box().ask(wanted, answer_ms=SPEAK_MS)
    return answer.message if isinstance(answer, Refused) else ""


def _drop(draft: FlowDocument, version: int, document: dict[str, Any]) -> Answer:
    """Take an own flow away; one that came with the box is as it came."""
    flows = {n: d for n, d in document.get("flows", {}).items() if n != draft.name}
    sentences = _keep(dict(document, flows=flows), t("dropped-flow", name=draft.name))
    if not sentences:
        return redirect(url_for(".index", done=1), code=303)
    return _editor(draft, version, document, problems=sentences, dirty=True), 422


def _keep(wanted: dict[str, Any], why: str) -> dict[str, str]:
    base = request.form.get("base", "")
    answer = the_box().ask(
        SaveSettings(
            base=int(base) if base.isdigit() else -1,
            who=g.account.name,
            why=request.form.get("why", "").strip()[:200] or why,
            settings=wanted,
            language=g.language,
        )
    )
    if not isinstance(answer, Refused):
        return {}
    if answer.id == "settings-conflict":
        return {"": t("flow-conflict")}
    return {"": " ".join(dict.fromkeys(answer.fields.values())) or answer.message}


def _base(version: int) -> int:
    """The version the work began with, as long as the form says so."""
    base = request.form.get("base", "")
    return int(base) if base.isdigit() else version


# --- what was typed -------------------------------------------------------------------------------


def _typed(name: str, problems: dict[str, str], *, leave: bool = False) -> tuple[FlowDocument, str]:
    """The draft with what was typed in the open forms, and the name of the open node."""
    try:
        draft = work.read_draft(request.form.get("draft", ""))
    except work.Impossible:
        abort(400)
    draft = msgspec.structs.replace(draft, name=name)
    node_id = request.form.get("node", "")
    if leave:
        return draft, node_id
    try:
        places = msgspec.json.decode(request.form.get("places") or "{}")
        if places:
            draft = work.ends(draft, {"places": {**draft.places, **places}})
        if "f.start" in request.form:
            draft = work.ends(draft, _flow_values())
    except (work.Impossible, msgspec.MsgspecError, TypeError) as problem:
        problems["flow"] = t("draft-broken", why=str(problem))
    if node_id not in draft.nodes or f"{PREFIX}id" not in request.form:
        return draft, node_id if node_id in draft.nodes else ""
    node = read_node(draft.nodes[node_id], tuple(draft.nodes), request.form, problems)
    draft = work.put(draft, node_id, node)
    wanted = request.form[f"{PREFIX}id"].strip()
    try:
        return work.rename(draft, node_id, wanted), wanted
    except work.Impossible as problem:
        problems[f"{PREFIX}id"] = t(problem.word, **problem.values)
        return draft, node_id


def _flow_values() -> dict[str, Any]:
    form = request.form
    typed: dict[str, Any] = {
        field: form.get(f"f.{field}", "") for field in ("start", "operator", "exhausted")
    }
    typed |= {
        field: form[f"f.{field}"].strip()
        for field in ("attempts", "limit_ms")
        if form.get(f"f.{field}", "").strip()
    }
    return typed | {"languages": form.getlist("f.languages")}


# --- what there is --------------------------------------------------------------------------------


def _current() -> tuple[int, dict[str, Any]]:
    answer = the_box().ask(AskSettings())
    if not isinstance(answer, SettingsAnswer):
        abort(503)
    return answer.version, dict(answer.settings)


def _flows(document: Mapping[str, Any]) -> dict[str, FlowDocument]:
    """Flows by name: those that ship, and the office's own over them."""
    flows = dict(SHIPPED)
    for name, plain in document.get("flows", {}).items():
        try:
            flows[name] = msgspec.structs.replace(read_flow(dict(plain)), name=name)
        except FlowRefused:
            current_app.logger.exception("flow %s", name)
    return flows


def _with_flow(document: Mapping[str, Any], draft: FlowDocument) -> dict[str, Any]:
    flows = dict(document.get("flows", {}))
    return dict(document, flows={**flows, draft.name: msgspec.to_builtins(draft)})


def _problems(draft: FlowDocument, document: Mapping[str, Any]) -> list[tuple[Problem, str]]:
    """What is wrong with the draft, and with flows that lead into it, each with its sentence."""
    settings = msgspec.convert(document, Settings)
    known = office_of(settings, has_prompt=_has_prompt(), today=datetime.now(UTC).date())
    _, wrong = check_documents(_with_flow(document, draft)["flows"], known)
    found = list(wrong.pop(draft.name, ()))
    found += [problem for problems in wrong.values() for problem in problems]
    return [(problem, problem.sentence(g.language)) for problem in found]


def _prompts() -> PromptStore:
    folder: Path = current_app.extensions["records"].parent / "prompts"
    return PromptStore(owner_folder=folder)


@functools.cache
def _shipped_prompts(language: str) -> frozenset[str]:
    """Prompts of the system; they do not change while the page runs."""
    return PromptStore().keys(language)


def _own_words() -> Callable[[str], str]:
    folder: Path = current_app.extensions["records"].parent / "prompts"
    return OwnPrompts(folder).words


def _has_prompt() -> Callable[[str], bool]:
    own = _prompts()

    def has(name: str) -> bool:
        if name.startswith("/"):
            return True  # call control looks at recordings elsewhere when the flow is saved
        language, _, key = name.partition("/")
        try:
            return key in _shipped_prompts(language) or own.has(name)
        except ValueError:
            return False

    return has


def _counts() -> dict[Place, NodeCount]:
    """Visits of the last days; empty while the records are not there."""
    since = datetime.now(UTC) - timedelta(days=DAYS)
    try:
        with ReadRecords.open(current_app.extensions["records"]) as records:
            records.show_to(g.account.roles if g.account else ())
            return count(records.entries_of("node_passed", since))
    except StorageError:
        return {}


# --- a call rehearsed -----------------------------------------------------------------------------


def _rehearsed(tried: dict[str, Any] | None) -> dict[str, Any]:
    """Ask call control what a caller would hear; values for the page's part.

    Args:
        tried: Settings instead of those in force.
    """
    form = request.form
    line = form.get("w.line", "fxo/1")
    if tried is not None and "w.here" in form:
        lines = [
            dict(row, inbound=f"flow:{request.view_args['name']}", inbound_modes={})
            if row.get("port") == line and request.view_args
            else row
            for row in tried.get("lines", ())
        ]
        tried = dict(tried, lines=lines, inbound_modes={})
    asked = AskWhatIf(
        number=form.get("w.number", "").strip(),
        line=line,
        at=form.get("w.at", "").strip(),
        keys="".join(form.get("w.keys", "").split()),
        lifted=form.get("w.lifted", ""),
        settings=tried,
    )
    answer = the_box().ask(asked, answer_ms=WHAT_IF_MS)
    if not isinstance(answer, WhatIfAnswer):
        message = answer.message if isinstance(answer, Refused) else ""
        return {"refused": t("what-if-refused", why=message)}
    token = secrets.token_urlsafe(16)
    with _heard_lock:
        _heard[token] = answer.steps
        while len(_heard) > MOST_HEARD:
            _heard.popitem(last=False)
    return {"rows": present.told(answer.steps, g.language, _own_words()), "token": token}


# --- pages ----------------------------------------------------------------------------------------


def _index_page(problems: dict[str, str], rehearsal: dict[str, Any] | None = None) -> str:
    _, document = _current()
    settings = msgspec.convert(document, Settings)
    counts = _counts()
    own = document.get("flows", {})
    rows = []
    for name, flow in _flows(document).items():
        figures = present.figures(counts, flow)
        start = figures.get(flow.start, present.NodeFigures())
        rows.append(
            present.FlowRow(
                name=name,
                own=name in own,
                shipped=name in SHIPPED,
                steps=len(flow.nodes),
                used_by=present.used_by(settings, name),
                callers=start.visits,
                hang_ups=sum(figure.hang_ups for figure in figures.values()),
            )
        )
    return render_template(
        "flows/index.html",
        rows=rows,
        problems=problems,
        days=DAYS,
        done="done" in request.args,
        **_what_if_values(settings, rehearsal or {}),
    )


def _what_if_values(settings: Settings, rehearsal: dict[str, Any]) -> dict[str, Any]:
    return {
        "settings": settings,
        "rehearsal": rehearsal,
        "typed": request.form if request.method == "POST" else {},
    }


def _editor(
    draft: FlowDocument,
    version: int,
    document: dict[str, Any],
    *,
    node_id: str = "",
    undo: list[str] | None = None,
    problems: dict[str, str] | None = None,
    rehearsal: dict[str, Any] | None = None,
    dirty: bool = False,
) -> str:
    settings = msgspec.convert(document, Settings)
    node = draft.nodes.get(node_id)
    kind = str(node.__struct_config__.tag) if node else ""
    wrong = _problems(draft, document)
    language = g.language
    return render_template(
        "flows/editor.html",
        draft=draft,
        written=work.written(draft),
        version=version,
        undo=UNDO_SPLIT.join(undo or ()),
        drawing=drawing(draft),
        size={"step": STEP, "width": WIDTH, "height": HEIGHT},
        figures=present.figures(_counts(), draft),
        said={n: present.said(item, language) for n, item in draft.nodes.items()},
        wrong=wrong,
        wrong_nodes={problem.node for problem, _ in wrong},
        typed_wrong={},
        node_id=node_id,
        kind=kind,
        kinds=list(work.KINDS),
        fields=fields(node, tuple(draft.nodes)) if node else (),
        values=values(node) if node else {},
        problems=problems or {},
        refilled=request.form if problems and any(p.startswith(PREFIX) for p in problems) else None,
        dirty=dirty,
        done="done" in request.args,
        own=draft.name in document.get("flows", {}),
        shipped=draft.name in SHIPPED,
        used_by=present.used_by(settings, draft.name),
        flow_names=list(_flows(document)),
        prompts=present.sentences(language),
        days=DAYS,
        w={
            "label_of": present.label_for(kind),
            "choice_word": present.choice_word,
            "shown": shown,
        },
        step_word=present.step_word,
        exit_word=present.exit_word,
        **_what_if_values(settings, rehearsal or {}),
    )
