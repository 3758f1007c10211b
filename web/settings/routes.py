"""Pages of settings: one per area, one per row of a table, and the history."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from firmware.control.messages import (
    AskHistory,
    AskHours,
    AskSettings,
    EndTrial,
    HistoryAnswer,
    HoursAnswer,
    HoursDay,
    Refused,
    RestoreSettings,
    SaveSettings,
    SeenDamage,
    SettingsAnswer,
)
from firmware.control.network_wish import told
from firmware.core.accounts import Account
from firmware.core.network_settings import Network
from firmware.core.pin import pin_hash
from web import gate, password_rules
from web.gate import NOT_YOURS, open_to, own_path, the_box
from web.passwords import CrowdedError, hashed
from web.settings.areas import Area, areas, fields_in
from web.settings.form import read, shown
from web.settings.history import (
    changes,
    choice_word,
    day_begins,
    label_of,
    row_name,
    version_at,
)
from web.settings.network import outcome
from web.settings.shape import Field, tables_in
from web.words import t

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

Answer = str | Response | tuple[str, int]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLUMNS = 5  # of a table of rows; the rest stands on the row's page


@blueprint.get("/")
@open_to("owner", "installer")
def index() -> Answer:
    """All areas."""
    return render_template("settings/index.html", areas=_open_areas())


@blueprint.get("/<area>")
@open_to("owner", "installer")
def show(area: str) -> Answer:
    """One area."""
    place = _area(area)
    version, document = _current()
    return _page(place, version, document, document, {})


@blueprint.post("/<area>")
@open_to("owner", "installer")
def save(area: str) -> Answer:
    """Keep what was typed on an area's page."""
    place = _area(area)
    version, document = _current()
    problems: dict[str, str] = {}
    wanted = read(fields_in(place), request.form, document, problems)
    if not problems:
        problems = _keep(wanted, place.name)
    if problems:
        return _page(place, version, document, wanted, problems), 422
    return redirect(url_for(".show", area=area, done=1), code=303)


@blueprint.get("/<area>/<table>/<row>")
@open_to("owner", "installer")
def show_row(area: str, table: str, row: str) -> Answer:
    """One row of a table: a telephone, a line, a person. ``new`` is one more."""
    place, field = _table(area, table)
    version, document = _current()
    values = _row_of(rows_at(document, table), field, row)
    return _row_page(place, table, field, version, row, values, {})


@blueprint.post("/<area>/<table>/<row>")
@open_to("owner", "installer")
def save_row(area: str, table: str, row: str) -> Answer:
    """Keep, add or remove a row."""
    place, field = _table(area, table)
    version, document = _current()
    rows = [dict(r) for r in rows_at(document, table)]
    kept = _row_of(rows, field, row)
    at = len(rows) if row == "new" else int(row)
    problems: dict[str, str] = {}
    wanted = kept
    if "remove" in request.form and row != "new":
        rows.pop(at)
    else:
        wanted = read(field.fields, request.form, kept, problems)
        _take_password(field, wanted, kept, problems)
        _take_pin(field, wanted, kept, problems)
        rows[at : at + 1] = [wanted]
    if not problems:
        said = _keep(with_rows(document, table, rows), place.name)
        if not said and (given := g.pop("handed", None)):
            person, handed = given
            today = gate.utc_now().date()
            password_rules.changed(gate.visitors(), person, gate.page_rules(), today, handed=handed)
        prefix = f"{table}.{at}."
        problems = {path.removeprefix(prefix): sentence for path, sentence in said.items()}
    if problems:
        return _row_page(place, table, field, version, row, wanted, problems), 422
    return redirect(url_for(".show", area=area, done=1), code=303)


@blueprint.get("/history")
@open_to("owner", "installer")
def history() -> Answer:
    """Every change: who, when, why."""
    answer = the_box().ask(AskHistory(language=g.language))
    known = answer if isinstance(answer, HistoryAnswer) else HistoryAnswer(versions=())
    return render_template(
        "settings/history.html", areas=_open_areas(), versions=known.versions, damage=known.damage
    )


@blueprint.post("/history/seen")
@open_to("owner", "installer")
def damage_seen() -> Answer:
    """What was found damaged is known; the alarm goes, the damaged file stays for diagnosis."""
    answer = the_box().ask(SeenDamage(who=g.account.name))
    if isinstance(answer, Refused):
        return render_template("problem.html", sentence=answer.message), 409
    return redirect(url_for(".history"), code=303)


@blueprint.get("/history/yesterday")
@open_to("owner", "installer")
def yesterday() -> Answer:
    """The settings as they were when today began, to be looked at and brought back."""
    answer = the_box().ask(AskHistory())
    items = answer.versions if isinstance(answer, HistoryAnswer) else ()
    known = the_box().settings()
    found = version_at(items, day_begins(known, datetime.now(UTC))) if known else None
    if found is None:
        return render_template(
            "settings/history.html",
            areas=_open_areas(),
            versions=items,
            problem=t("no-yesterday"),
        )
    return redirect(url_for(".look_back", version=found))


@blueprint.post("/trial")
@open_to("owner", "installer")
def end_trial() -> Answer:
    """A change of lines works and stays, or is taken back at once."""
    answer = the_box().ask(EndTrial(keep="keep" in request.form, who=g.account.name))
    if isinstance(answer, Refused):
        return render_template("problem.html", sentence=answer.message), 409
    the_box().refresh()
    return redirect(own_path(request.form.get("back", "")), code=303)


@blueprint.get("/history/<int:version>")
@open_to("owner", "installer")
def look_back(version: int) -> Answer:
    """What a change changed, and what would change if it were brought back."""
    document = _version(version)
    before = _version(version - 1) if version > 1 else {}
    _, now = _current()
    answer = the_box().ask(AskHistory())
    items = answer.versions if isinstance(answer, HistoryAnswer) else ()
    item = next((i for i in items if i.version == version), None)
    return render_template(
        "settings/version.html",
        areas=_open_areas(),
        item=item,
        version=version,
        then=changes(before, document) if before else [],
        back=changes(now, dict(document, accounts=now.get("accounts", ()))),
    )


@blueprint.post("/history/<int:version>")
@open_to("owner")
def restore(version: int) -> Answer:
    """Bring an earlier version back, as a new one."""
    answer = the_box().ask(
        RestoreSettings(version=version, who=g.account.name, why=request.form.get("why", ""))
    )
    if isinstance(answer, Refused):
        return render_template("problem.html", sentence=answer.message), 409
    return redirect(url_for(".history", done=1), code=303)


# --- what they have in common ---------------------------------------------------------------------


def _open_areas() -> list[Area]:
    roles = frozenset(g.account.roles)
    return [area for area in areas().values() if roles & area.roles]


def _area(name: str) -> Area:
    found = areas().get(name)
    if found is None:
        abort(404)
    if not frozenset(g.account.roles) & found.roles:
        abort(403, NOT_YOURS)
    return found


def _table(area: str, table: str) -> tuple[Area, Field]:
    place = _area(area)
    field = tables_in(fields_in(place)).get(table)
    if field is None:
        abort(404)
    return place, field


def _current() -> tuple[int, dict[str, Any]]:
    answer = the_box().ask(AskSettings())
    if not isinstance(answer, SettingsAnswer):
        abort(503)
    return answer.version, dict(answer.settings)


def _version(version: int) -> dict[str, Any]:
    answer = the_box().ask(AskSettings(version=version))
    return dict(answer.settings) if isinstance(answer, SettingsAnswer) else {}


def rows_at(document: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table, by its path (``acd.queues``)."""
    found: Any = document
    for name in path.split("."):
        found = (found or {}).get(name)
    return found or ()


def with_rows(
    document: Mapping[str, Any], path: str, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The document with other rows in a table."""
    name, _, rest = path.partition(".")
    inner = with_rows(document.get(name) or {}, rest, rows) if rest else list(rows)
    return {**document, name: inner}


def _row_of(rows: Sequence[Mapping[str, Any]], field: Field, row: str) -> dict[str, Any]:
    if row == "new":
        return {f.name: f.default for f in field.fields}
    if not row.isdigit() or int(row) >= len(rows):
        abort(404)
    return dict(rows[int(row)])


def _keep(wanted: dict[str, Any], area: str) -> dict[str, str]:
    """Have it saved: sentences by path when it was refused."""
    base = request.form.get("base", "")
    if (wanted.get("page") or {}).get("secure_only") and not request.is_secure:
        return {"page.secure_only": t("secure-first")}
    known = the_box().settings()
    answer = the_box().ask(
        SaveSettings(
            base=int(base) if base.isdigit() else -1,
            who=g.account.name,
            why=request.form.get("why", "").strip()[:200] or t(f"area.{area}"),
            settings=wanted,
            language=g.language,
            trial_ms=known.page.trial_min * 60_000 if known else 0,
        )
    )
    the_box().refresh()
    if isinstance(answer, Refused):
        if answer.id == "settings-conflict":
            return {"": t("settings-conflict")}
        return dict(answer.fields) or {"": answer.message}
    return {}


def _take_password(
    field: Field, wanted: dict[str, Any], kept: dict[str, Any], problems: dict[str, str]
) -> None:
    """A password is typed, and kept as its hash; an empty field keeps the one there is."""
    if not any(f.name == "password" and f.owner == "Account" for f in field.fields):
        return
    typed = request.form.get("password", "")
    wanted["password"] = kept.get("password", "")
    if not typed:
        if not wanted["password"]:
            problems["password"] = t("field-needed")
        return
    person = Account(name=str(wanted.get("name", "")), password=wanted["password"])
    rules, own = gate.page_rules(), g.account is not None and g.account.name == person.name
    try:
        said, limit = password_rules.wrong(gate.visitors(), person, typed, rules)
        if said:
            problems["password"] = t(said, n=limit)
            return
        wanted["password"] = hashed(typed)
        g.handed = (person, not own)  # noted when the settings are kept
    except CrowdedError:
        problems["password"] = t("sign-in-crowded")


def _take_pin(
    field: Field, wanted: dict[str, Any], kept: dict[str, Any], problems: dict[str, str]
) -> None:
    """The same of an agent's PIN."""
    if not any(f.name == "pin_hash" for f in field.fields):
        return
    typed = request.form.get("pin_hash", "").strip()
    wanted["pin_hash"] = kept.get("pin_hash", "")
    if typed and not (typed.isascii() and typed.isdigit() and 4 <= len(typed) <= 8):
        problems["pin_hash"] = t("pin-hint")
    elif typed:
        wanted["pin_hash"] = pin_hash(typed, secrets.token_bytes(16))


def _page(
    place: Area,
    version: int,
    document: dict[str, Any],
    wanted: dict[str, Any],
    problems: dict[str, str],
) -> str:
    fields = fields_in(place)
    return render_template(
        "settings/area.html",
        area=place,
        areas=_open_areas(),
        version=version,
        fields=[f for f in fields if f.kind != "rows" and _asks(f)],
        tables=tables_in(fields),
        rows_at=rows_at,
        values=wanted,
        document=document,
        problems=problems,
        typed=request.form if problems else None,
        columns=COLUMNS,
        ahead=_ahead() if place.name == "hours" else (),
        told=_network() if place.name == "network" else None,
        **_words_for_templates(),
    )


def _network() -> tuple[str, str]:
    """What became of the network settings that are in force."""
    known = the_box().settings()
    return outcome(known.network if known else Network(), told(the_box().run_folder))


def _ahead() -> tuple[HoursDay, ...]:
    """The next thirty days by what is in force; none while call control is away."""
    answer = the_box().ask(AskHours(language=g.language))
    return answer.days if isinstance(answer, HoursAnswer) else ()


def weekday_of(day: str) -> str:
    """The weekday of a date, in words."""
    return t(f"choice.{WEEKDAYS[date.fromisoformat(day).weekday()]}")


def _asks(field: Field) -> bool:
    """Whether a field puts anything into a form."""
    return field.kind != "part" or any(_asks(f) for f in field.fields if f.kind != "rows")


def _row_page(
    place: Area,
    table: str,
    field: Field,
    version: int,
    row: str,
    values: dict[str, Any],
    problems: dict[str, str],
) -> str:
    return render_template(
        "settings/row.html",
        area=place,
        areas=_open_areas(),
        table=field,
        path=table,
        field_names=_paths(field.fields),
        row=row,
        name=row_name(values) if row != "new" else "",
        version=version,
        values=values,
        problems=problems,
        typed=request.form if problems else None,
        **_words_for_templates(),
    )


def _paths(fields: Sequence[Field], prefix: str = "") -> set[str]:
    """Paths at which a form shows a sentence."""
    found = {""}
    for field in fields:
        found.add(f"{prefix}{field.name}")
        found |= _paths(field.fields, f"{prefix}{field.name}.") if field.kind == "part" else set()
    return found


def _words_for_templates() -> dict[str, Any]:
    return {
        "shown": shown,
        "label_of": label_of,
        "choice_word": choice_word,
        "row_name": row_name,
        "weekday_of": weekday_of,
        "done": "done" in request.args,
    }
