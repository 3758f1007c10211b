"""The description of the API, made from the table of its operations. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from firmware.core.product import VERSION
from web.api.operation import JSON, SCOPES, Operation, Problem

REFERENCE: Final = "#/components/schemas/{name}"
REFUSALS: Final = {
    "400": "What was sent cannot be read.",
    "401": "No key, or one that is worth nothing.",
    "403": "The key's scopes or its account's roles do not allow it.",
    "404": "There is no such thing.",
    "405": "This address is not asked in this way.",
    "409": "Somebody changed the settings meanwhile.",
    "413": "What was sent is too big.",
    "415": "What was sent is not JSON.",
    "422": "What was sent cannot be used; the fields say why.",
    "503": "Call control or the lines do not answer now, or too many streams are open.",
}
_PART = re.compile(r"<(?:(int):)?(\w+)>")


def description(operations: Sequence[Operation], prefix: str) -> dict[str, Any]:
    """OpenAPI 3.1.

    Args:
        operations: Every one.
        prefix: Of their addresses, such as ``/api/v1``.
    """
    kinds = [Problem]
    for one in operations:
        kinds += [kind for kind in (one.body, one.answer) if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    by_kind = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        path = prefix + _PART.sub(r"{\2}", one.path)
        paths.setdefault(path, {})[one.method.lower()] = _described(one, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tipring",
            "version": VERSION,
            "description": "An office's telephones: what the page can do, for programs.",
        },
        "paths": paths,
        "security": [{"key": []}],
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A key given on the page; scopes: {', '.join(SCOPES)}.",
                }
            },
        },
    }


def _described(one: Operation, by_kind: dict[str, Any]) -> dict[str, Any]:
    problem = {"content": {JSON: {"schema": by_kind[repr(Problem)]}}}
    good: dict[str, Any] = {"description": "Done."}
    if one.answer is not None:
        good["content"] = {JSON: {"schema": by_kind[repr(one.answer)]}}
    else:
        texts = {name: {"type": "string"} for name in ("event", "data")}
        stream = {"type": "object", "properties": texts}
        good["content"] = {"text/event-stream": {"schema": stream}}
    made: dict[str, Any] = {
        "summary": one.about,
        "operationId": f"{one.method.lower()}-{re.sub('[^a-z]+', '-', one.path).strip('-')}",
        "description": f"Scope: {one.scope}. Roles: {', '.join(one.roles) or 'any'}.",
        "parameters": [*_parts(one.path), *_queries(one)],
        "responses": {"200": good}
        | {code: {"description": words} | problem for code, words in REFUSALS.items()},
    }
    if one.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": by_kind[repr(one.body)]}},
        }
    return made


def _parts(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": found[2],
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0} if found[1] else {"type": "string"},
        }
        for found in _PART.finditer(path)
    ]


def _queries(one: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": query.name,
            "in": "query",
            "required": False,
            "description": query.about,
            "schema": query.schema,
        }
        for query in one.query
    ]
