"""Nobody who follows a link of a new box's page comes to nothing."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

LINK = re.compile(r'href="(/[^"#]*)')
TEMPLATES = Path(__file__).parents[2] / "web/templates"
ENDPOINT = re.compile(r"url_for\(\s*'(\w+\.\w+|\w+)'")
MOST = 600


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


def walked(client: FlaskClient, language: str) -> tuple[set[str], list[str]]:
    """Every address that links lead to, and what did not answer as it should."""
    waiting, visited, wrong = deque(["/"]), {"/"}, []
    while waiting:
        path = waiting.popleft()
        answer = client.get(path, headers={"Accept-Language": language})
        if answer.status_code >= 400:
            wrong.append(f"{path}: {answer.status_code}")
        if answer.mimetype != "text/html":
            continue
        for link in LINK.findall(answer.text):
            address = link.replace("&amp;", "&")
            if address not in visited and len(visited) < MOST:
                visited.add(address)
                waiting.append(address)
    return visited, wrong


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("who", ["owner", "boss"])
def test_on_a_new_box_every_link_leads_somewhere(
    box: OfficeBox, tmp_path: Path, who: str, language: str
) -> None:
    visited, wrong = walked(signed_in(create_app(box, tmp_path), who), language)
    assert len(visited) > 40
    assert wrong == []


def test_templates_lead_to_pages_that_there_are(box: OfficeBox, tmp_path: Path) -> None:
    # A link that is drawn only now and then is found here.
    known = create_app(box, tmp_path).view_functions
    named = {
        (file.name, endpoint)
        for file in TEMPLATES.rglob("*.html")
        for endpoint in ENDPOINT.findall(file.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert [(file, name) for file, name in sorted(named) if name not in known] == []
