"""Every address with every method: strangers' hosts and origins, headers, looking, hostile texts.

Who may open what is asked in ``test_gate``; here whoever asks is the owner, and the address is what
is looked at.
"""

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import (
    AskLines,
    CallStatus,
    LinesAnswer,
    PortStatus,
    SaveSettings,
    Status,
)
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import CallerKnown
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall
from tests.web.desk import WALL, DeskBox, signed_in
from web.app import create_app
from web.gate import SAFE_METHODS
from web.settings.areas import areas

PAYLOADS = [
    line
    for line in (Path(__file__).parent / "corpus" / "payloads.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line
]
CHANGES = re.compile(r"Save|Restore|Erase|Claim|Keep|Remove|Delete|Place|Make|Protect|Hold|Measure")
LIVE = re.compile(r"live|events")
OWN_TAGS = re.compile(r"[a-z][a-z0-9]*")


@pytest.fixture
def box(tmp_path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    return made


@pytest.fixture
def app(box: DeskBox, tmp_path) -> Flask:
    (tmp_path / "log").mkdir()
    return create_app(box, tmp_path, logs=tmp_path / "log")


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and address of every rule, with a part that there may be."""
    parts = {"area": "office", "step": "lines", "filename": "page.css", "language": "en"}
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts.get(found[1], "1"), rule.rule)
        for method in sorted(rule.methods - {"OPTIONS"}):
            yield method, address


def test_a_foreign_host_gets_nothing_anywhere(app: Flask) -> None:
    browser = signed_in(app)
    for method, address in addresses(app):
        answer = browser.open(address, method=method, headers={"Host": "evil.example"})
        assert answer.status_code == 400, (method, address)


def test_a_foreign_site_changes_nothing_anywhere(app: Flask, box: DeskBox) -> None:
    browser, before = signed_in(app), box.desk.version
    for method, address in addresses(app):
        if method in SAFE_METHODS:
            continue
        for header in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = browser.open(address, method=method, headers=header)
            assert answer.status_code == 403, (method, address, header)
    assert box.desk.version == before


def test_headers_are_complete_on_every_answer_refusals_too(app: Flask) -> None:
    for asker in (signed_in(app), app.test_client()):
        for method, address in addresses(app):
            if LIVE.search(address) and asker is not None and method != "POST":
                continue
            answer = asker.open(address, method=method)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, address
            assert "unsafe" not in policy, address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            assert answer.headers["X-Frame-Options"] == "DENY", address
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", address
            assert "Server" not in answer.headers, address
            answer.close()


def state(folder: Path) -> dict[str, str]:
    """Every file of the box but the page's own, by its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "page" not in path.relative_to(folder).parts
    }


@pytest.mark.slow
def test_looking_changes_nothing_anywhere(app: Flask, box: DeskBox, tmp_path) -> None:
    browser = signed_in(app)
    before, tokens = state(tmp_path), app.extensions["visitors"].tokens()
    for method, address in addresses(app):
        if method in SAFE_METHODS and not LIVE.search(address):
            browser.open(address, method=method).close()
    assert state(tmp_path) == before
    assert app.extensions["visitors"].tokens() == tokens
    changed = [type(r).__name__ for r in box.asked if CHANGES.search(type(r).__name__)]
    assert not changed


class Seen(HTMLParser):
    """What a browser makes of a page: elements, their attributes, text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def looked_at(page: str, where: str) -> Seen:
    """The page as a browser sees it; nothing in it runs that is not ours."""
    seen = Seen()
    seen.feed(page)
    for tag, attributes in seen.elements:
        assert tag not in {"iframe", "object", "embed", "base", "style"}, (where, tag)
        assert not any(name.startswith("on") or name == "style" for name in attributes), where
        for name in ("src", "href", "action", "formaction"):
            given = attributes.get(name) or ""
            assert not given.startswith("//"), (where, given)
            assert not given or given.startswith(("/", "#", "?", "https://localhost/")), where
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/"), where
    return seen


class HostileBox(DeskBox):
    """Everything that a person or a caller can name is named by one payload."""

    payload = ""

    def _answer(self, request, answer_ms):
        if isinstance(request, AskLines):
            return LinesAnswer(readings=())
        return super()._answer(request, answer_ms)

    def name_all(self, payload: str) -> None:
        settings = msgspec.to_builtins(self.desk.settings)
        settings["extensions"][0]["name"] = payload
        settings["lines"][0]["name"] = payload
        settings["ring_groups"][0]["name"] = payload
        settings["account_codes"] = {"12": payload}
        settings["tables"] = {"vip": {"1": {"name": payload}}}
        save = SaveSettings(base=self.desk.version, who=payload, why=payload, settings=settings)
        refused = self.desk.save(save, WALL)
        assert refused is None, refused
        self._settings = None
        call = CallStatus(
            call="00000002",
            direction="inbound",
            state="talking",
            caller=payload,
            destination=payload,
            since_ms=0,
            parties=("fxo/1",),
        )
        self.publish(
            Status(
                at_ms=1,
                lines_connected=True,
                country="CN",
                ports=(PortStatus(port="fxo/1", label=payload, state="idle", detail=payload),),
                calls=(call,),
                alarms=(payload,),
                settings_version=self.desk.version,
            )
        )


@pytest.mark.slow
def test_hostile_texts_are_text_on_every_page(tmp_path) -> None:
    box = HostileBox(tmp_path)
    box.owned_by()
    app = create_app(box, tmp_path)
    browser = signed_in(app)
    records = Records.open(tmp_path / "records.sqlite")
    pages = [f"/settings/{area}" for area in areas()]
    pages += ["/", "/calls", "/settings/history", "/settings/telephones/extensions/0"]
    pages += ["/settings/calls-in/ring_groups/0", "/settings/lines/lines/0", "/setup/telephones"]
    pages += ["/setup/lines", "/jacks/", "/jacks/card", "/trunks/", "/box/done", "/box/support"]
    found: dict[str, int] = dict.fromkeys(PAYLOADS, 0)
    for number, payload in enumerate(PAYLOADS, start=1):
        call = f"{number:08d}"
        story = inbound(call)
        known = CallerKnown(call=call, at_ms=1, kind="fsk", number=payload[:20], name=payload)
        audited = Audited(at_ms=2, who=payload, action="view", what=payload, origin=payload)
        for entry in (story[0], known, audited):
            records.append([entry], boot=BOOT, wall=wall(1000 * number), trusted=True)
        box.name_all(payload)
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200, (page, payload)
            seen = looked_at(answer.text, page)
            values = [v or "" for _, attributes in seen.elements for v in attributes.values()]
            found[payload] += any(payload in text for text in ("".join(seen.text), *values))
    records.close()
    assert min(found.values()) >= 5, "each was shown somewhere, as it is"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_runs_anything_of_its_own(app: Flask, language: str) -> None:
    browser: FlaskClient = signed_in(app)
    looked = 0
    for method, address in addresses(app):
        if method != "GET" or LIVE.search(address):
            continue
        answer = browser.get(address, headers={"Accept-Language": language})
        if answer.mimetype == "text/html":
            looked += 1
            looked_at(answer.text, address)
            if answer.status_code == 200 and "<html" in answer.text:
                assert f'<html lang="{language}">' in answer.text, address
        answer.close()
    assert looked > 25
