"""What an operation of the API is, and how its bodies, answers and refusals travel."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from firmware.control.messages import Refused
from firmware.core.accounts import Role
from web.gate import open_to
from web.words import WORDS, t

API_PREFIX: Final = "/api/"
JSON: Final = "application/json"
MOST_BODY_BYTES: Final = 400_000
"""The longest settings have 250 kB as compact JSON; programs may indent them."""

Scope = Literal["status", "calls", "figures", "settings", "dial"]
SCOPES: Final[tuple[Scope, ...]] = ("status", "calls", "figures", "settings", "dial")

STATUS_OF: Final = {
    "settings-conflict": 409,
    "settings-unknown-version": 404,
    "calld-away": 503,
    "lines-away": 503,
    "not-kept": 503,
    "settings-not-saved": 503,
}
"""HTTP status of refusals by their stable id; 422 for all others (RFC 9110, 15.5.21)."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not done.

    Attributes:
        id: Stable, for programs.
        message: A sentence in the reader's language, for people.
        fields: Path in what was sent to a sentence about it.
    """

    id: str
    message: str
    fields: dict[str, str] = {}


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an address: its name, its words and its JSON Schema."""

    name: str
    about: str
    schema: dict[str, Any]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that programs may ask.

    Attributes:
        method, path: Of the address, with ``<name>`` or ``<int:name>`` for its parts.
        about: What it does, in one English sentence.
        scope: What a key must be good for.
        roles: Of the account.
        body: Type of what is sent, None for nothing.
        answer: Type of the answer; None where it is a stream of events.
        query: Parameters.
    """

    method: str
    path: str
    about: str
    scope: Scope
    roles: tuple[Role, ...]
    body: Any = None
    answer: Any = None
    query: tuple[Query, ...] = ()


class AskedBadlyError(Exception):
    """What was sent cannot be used; carries what to tell."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.status = status


def operation(
    blueprint: Blueprint, table: list[Operation], one: Operation
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function: it gets the decoded body first and gives back its answer."""
    table.append(one)

    def make(view: Callable[..., Any]) -> Callable[..., Response]:
        @functools.wraps(view)
        def shell(**parts: Any) -> Response:
            try:
                given = (_body(one.body),) if one.body is not None else ()
                answer = view(*given, **parts)
            except AskedBadlyError as badly:
                return encoded(badly.problem, badly.status)
            if isinstance(answer, Response):
                return answer
            if isinstance(answer, Refused):
                problem = Problem(id=answer.id, message=answer.message, fields=answer.fields)
                return encoded(problem, STATUS_OF.get(answer.id, 422))
            return encoded(answer)

        open_to(*one.roles)(shell)
        shell.scope = one.scope  # type: ignore[attr-defined]  # functions take attributes
        blueprint.add_url_rule(one.path, view.__name__, shell, methods=[one.method])
        return shell

    return make


def encoded(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status=status, mimetype=JSON)


def bad(name: str, sentence: str, status: int = 422) -> AskedBadlyError:
    """A parameter that cannot be used."""
    return AskedBadlyError(
        Problem(id="bad-request", message=sentence, fields={name: sentence}), status
    )


def _body(kind: Any) -> Any:
    if request.mimetype != JSON:
        raise AskedBadlyError(Problem(id="not-json", message=t("api-not-json")), 415)
    request.max_content_length = MOST_BODY_BYTES
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=kind)
    except msgspec.ValidationError as problem:
        raise AskedBadlyError(Problem(id="bad-request", message=str(problem)), 422) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise AskedBadlyError(Problem(id="bad-request", message=str(problem)), 400) from None


def api_problem(problem: HTTPException) -> Response:
    """Any other refusal as JSON: no such address, no key, not allowed."""
    code = problem.code or 500
    key = problem.description or ""
    if key not in WORDS:
        key = {401: "sign-in-first", 403: "not-yours", 404: "not-found", 413: "too-big"}.get(
            code, "bad-request" if code < 500 else "failed"
        )
    response = encoded(Problem(id=key, message=t(key)), code)
    if code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if code == 405 and (allowed := getattr(problem, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
