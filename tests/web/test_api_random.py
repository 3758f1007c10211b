"""Random requests to every operation of the API: no failure of ours, no leak, as described."""

from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.desk import HASH
from tests.web.test_api import PREFIX, app, box, program

__all__ = ["app", "box"]  # fixtures

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def headers_of(asker: FlaskClient) -> dict[str, str]:
    return {"Authorization": asker.environ_base["HTTP_AUTHORIZATION"]}


@pytest.mark.slow
@pytest.mark.parametrize("key", [True, False], ids=["with a key", "without"])
@pytest.mark.parametrize(
    "examples", [6, pytest.param(400, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_random_requests_never_break_it_and_never_leak(app, key: bool, examples: int) -> None:
    described = headers_of(program(app, "status"))
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app, headers=described)
    headers = headers_of(program(app)) if key else {}
    secrets = (HASH, "argon2id", "Traceback", "sqlite3", str(app.extensions["records"].parent))
    asked = 0
    for found in schema.get_all_operations():

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=found.ok().as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            if case.path.endswith("/events"):
                case.query = {"once": "yes"}
            answer = case.call(headers=headers)
            assert answer.status_code < 500, answer.text
            if not key:
                assert answer.status_code in {400, 401, 403, 404, 405}, answer.text
            for secret in secrets:
                assert secret not in answer.text
            if key:
                case.validate_response(answer, checks=CHECKS)

        ask()
    assert asked >= examples
