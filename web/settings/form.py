"""From a part of the document to the fields of a form and back. Pure.

Names in a form are paths within the part (``services.forward_all``). What cannot be read becomes a
sentence at its field; what was typed is never lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from web.settings.shape import Field
from web.words import WORDS, t

FULL_WIDTH_COMMA: Final = "\uff0c"
FULL_WIDTH_SEMICOLON: Final = "\uff1b"
"""What a Chinese keyboard types."""


def shown(field: Field, value: Any) -> Any:
    """The value as its field shows it: a text, a list for ``choices``, a table for ``named``."""
    if value is None:
        return [] if field.kind == "choices" else {} if field.kind == "named" else ""
    match field.kind:
        case "choices":
            return list(value)
        case "lines":
            return "\n".join(value)
        case "named":
            return {
                name: ", ".join(value.get(name, ())) if field.listed else value.get(name, "")
                for name in field.choices
            }
        case "pairs":
            return "\n".join(
                f"{name} = {', '.join(to) if field.listed else to}" for name, to in value.items()
            )
        case "grid":
            return "\n".join(
                "; ".join(
                    shown(inner, row.get(inner.name, inner.default)) for inner in field.fields
                )
                for row in value
            )
        case "keyed":
            return "\n".join(f"{name} = {_behind(field, row)}" for name, row in value.items())
        case "json":
            return json.dumps(value, ensure_ascii=False, indent=1)
        case "number":
            return f"{value:g}" if isinstance(value, float) else str(value)
        case _:
            return value


def read(
    fields: Sequence[Field],
    typed: MultiDict[str, str],
    kept: Mapping[str, Any],
    problems: dict[str, str],
    prefix: str = "",
) -> dict[str, Any]:
    """The part that was typed.

    Args:
        fields: Of the part.
        typed: What the browser sent.
        kept: The part as it is: what no form asks for (``rows`` with pages of their own) stays.
        problems: Path to sentence; what cannot be read is added here.
        prefix: Path of the part within the form.
    """
    made: dict[str, Any] = dict(kept)
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.kind == "rows":
            continue
        if field.kind == "part":
            part = read(field.fields, typed, kept.get(field.name) or {}, problems, f"{path}.")
            if field.sparse:
                part = {name: value for name, value in part.items() if value is not None}
            made[field.name] = part
            continue
        try:
            made[field.name] = _value(field, path, typed)
        except ValueError as problem:
            problems[path] = str(problem)
    return made


def _value(field: Field, path: str, typed: MultiDict[str, str]) -> Any:
    text = typed.get(path, "").strip()
    match field.kind:
        case "switch":
            return path in typed
        case "number":
            return _number(field, text)
        case "choices":
            return [choice for choice in field.choices if choice in typed.getlist(path)]
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "named":
            rows = {name: typed.get(f"{path}.{name}", "").strip() for name in field.choices}
            return {name: _list(row) if field.listed else row for name, row in rows.items() if row}
        case "pairs":
            return _pairs(field, text)
        case "grid":
            return [_row(field, line) for line in text.splitlines() if line.strip()]
        case "keyed":
            return _keyed(field, text)
        case "json":
            try:
                return json.loads(text or "null")
            except ValueError:
                raise ValueError(t("json-needed")) from None
        case _:
            return None if field.optional and not text else text


def _number(field: Field, text: str) -> Any:
    if not text and field.optional:
        return None
    try:
        value = int(text) if field.whole else float(text)
    except ValueError:
        raise ValueError(t("number-needed", value=text)) from None
    if (field.low is not None and value < field.low) or (
        field.high is not None and value > field.high
    ):
        low = "" if field.low is None else f"{field.low:g}"
        high = "" if field.high is None else f"{field.high:g}"
        raise ValueError(t("number-range", value=text, low=low, high=high))
    return value


def _pairs(field: Field, text: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name:
            raise ValueError(t("pair-needed", value=line.strip()))
        if name in made:
            raise ValueError(t("pair-twice", value=name))
        if field.counted:
            made[name] = _number(field, value)
        else:
            made[name] = _list(value) if field.listed else value
    return made


def _row(field: Field, line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.replace(FULL_WIDTH_SEMICOLON, ";").split(";")]
    if len(parts) > len(field.fields):
        raise ValueError(t("grid-needed", value=line.strip(), n=len(field.fields)))
    made: dict[str, Any] = {}
    for inner, part in zip(field.fields, parts, strict=False):
        made[inner.name] = _number(inner, part) if inner.kind == "number" else part
    return made


def _behind(field: Field, row: Mapping[str, Any]) -> str:
    """The values behind a name; those at the end that are as usual are left off."""
    values = []
    for inner in field.fields:
        value = row.get(inner.name, inner.default)
        values.append((t("yes") if value else t("no")) if inner.kind == "switch" else str(value))
    usual = [inner.default for inner in field.fields]
    while (
        len(values) > 1
        and row.get(field.fields[len(values) - 1].name, usual[len(values) - 1])
        == (usual[len(values) - 1])
    ):
        values.pop()
    return "; ".join(values)


def _keyed(field: Field, text: str) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, sign, values = (part.strip() for part in line.partition("="))
        if not sign or not name:
            raise ValueError(t("pair-needed", value=line.strip()))
        if name in made:
            raise ValueError(t("pair-twice", value=name))
        row = _row(field, values)
        for inner in field.fields:
            if inner.kind == "switch" and inner.name in row:
                row[inner.name] = _yes(row[inner.name])
        made[name] = row
    return made


def _yes(text: str) -> bool:
    """A switch that is typed, in either language."""
    yes, no = (set(WORDS[key]) for key in ("yes", "no"))
    if text in yes | no:
        return text in yes
    raise ValueError(t("yes-needed", value=text))


def _list(text: str) -> list[str]:
    typed = text.replace(FULL_WIDTH_COMMA, ",")
    return [part.strip() for part in typed.split(",") if part.strip()]
