"""Hostile texts of `corpus` on every page that there is, by the list of addresses itself.

Whatever can be named in an office is named by one text; then every address that shows a page is
looked at. A page shows that text as text, or stands below with the reason why it shows nothing
that anybody named: so a new page is looked at, or fails here until somebody has said why not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from firmware.control.case_messages import OpenTicket, SaveArticle, SaveCustomer
from firmware.control.fax_desk_messages import FaxPart, SendFax
from firmware.control.floor_messages import PromiseCall
from firmware.control.messages import Answer, AskLines, LinesAnswer, Refused
from firmware.control.outbox_messages import Channel, ChannelNews, SendText, TextArrived
from firmware.core.case_settings import KINDS
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.paper.printer import as_tiff
from firmware.quality.review import Review
from firmware.storage.record_reader import ReadRecords
from tests.web.desk import signed_in
from tests.web.office import AGENTS, QUEUE, OfficeBox, account
from tests.web.test_comparing_pages import TRIED
from tests.web.test_quality_pages import MARKS
from tests.web.test_walker import LIVE, PAYLOADS, addresses, looked_at
from web.app import create_app
from web.cases.figures import VIEWS as LISTS
from web.reports.comparing import VIEWS as COMPARISONS
from web.settings.areas import areas, fields_in
from web.settings.shape import tables_in
from web.setup.steps import STEPS

pytestmark = pytest.mark.slow

NUMBER = "13800138000"
WHO: dict[str, Any] = {"who": "boss", "origin": "test", "language": "en"}
DAY = "day=2026-03-02"
CALL = "00000001"
EVERY_ROLE = ("owner", "supervisor", "reviewer", "agent", "installer")

FAR_MS = 1_772_500_000_000  # 2026-03-03: a fax that waits
ALONE = "our own words, numbers and switches alone"
EMPTY = "a form that is empty when it is opened"
SET = "what is set there is checked by its form: codes, hours, numbers, names of few signs"
COUNTED = "figures and our own words for them"
NOTHING_NAMED = {
    "/sign-in": EMPTY,
    "/me": ALONE,
    "/jacks/card": ALONE,
    "/trunks/": ALONE,  # without trunks
    "/prompts/": ALONE,  # names of prompts are checked
    "/customers/import": EMPTY,
    "/knowledge/new": EMPTY,
    "/fax/new": EMPTY,
    "/manual/": ALONE,
    "/box/": ALONE,
    "/box/backups": ALONE,
    "/box/security": ALONE,
    "/box/trust": ALONE,
    "/box/updates": ALONE,
    "/scores/CALL": ALONE,  # the items of a sheet
    "/reports/compare/pairs": COUNTED,
    "/reports/compare/trials": COUNTED,
    "/tickets/figures/ageing": COUNTED,
    "/tickets/figures/ages": COUNTED,
    "/setup/office": SET,
    "/setup/hours": SET,
    "/settings/": ALONE,
    "/settings/office": SET,
    "/settings/hours": SET,
    "/settings/codes": SET,
    "/settings/voicemail": SET,
    "/settings/site": SET,
    "/settings/messages": SET,
    "/settings/fax": SET,
    "/settings/timers": SET,
    "/settings/network": SET,
    "/settings/page": SET,
    "/settings/people": SET,
    "/settings/people/accounts/0": SET,
    "/settings/cases/cases.kinds/0": SET,
    "/settings/cases/quality.sheets/0": SET,
    "/settings/cases/reports.targets/0": SET,
}
"""Why a page shows nothing that a person or a caller named."""


class HostileOffice(OfficeBox):
    """An office in which everything that has a name has the same one."""

    def _answer(self, request: msgspec.Struct, answer_ms: int) -> Answer:
        if isinstance(request, AskLines):  # lined is played by hand, and has no chips to ask
            return LinesAnswer(readings=(), verdicts={"fxs/1": self.payload, "fxo/1": self.payload})
        return super()._answer(request, answer_ms)

    def __init__(self, folder: Path, payload: str) -> None:
        self.payload = payload
        super().__init__(folder)
        named = {"name": payload}
        queue = dict(QUEUE, **named, topics={"11": payload})
        self.set(
            why=payload,
            record="all",
            record_notice="none",
            fax={"on": True},
            accounts=[
                account("owner", *EVERY_ROLE, agent="1001", extension="201"),
                account("boss", "supervisor"),
            ],
            acd={"queues": [queue], "agents": [dict(one, **named) for one in AGENTS]},
            extensions=[dict(number=f"20{n}", port=f"fxs/{n}", **named) for n in (1, 2)],
            lines=[dict(port=f"fxo/{n}", **named) for n in (1, 2)],
            ring_groups=[dict(number="200", members=["201", "202"], **named)],
            account_codes={"12": payload},
            tables={"vip": {"1": named}},
            desk={"hints": [{"code": "12", "text": payload, "tag": "vip"}]},
            reports={"office": payload, "notes": [{"day": "2026-03-02", "text": payload}]},
            flows={"tried": TRIED},
        )
        self._live_through(payload)

    def done(self, wanted: msgspec.Struct) -> None:
        answer = self.ask(wanted)
        assert not isinstance(answer, Refused), answer

    def _live_through(self, payload: str) -> None:
        """A day at the office: a call that is served and scored, and whatever follows from it."""
        card = Customer(
            name=payload,
            company=payload,
            note=payload,
            numbers=(f"+86{NUMBER}",),
            tags=("vip",),
            fields={},
        )
        self.done(SaveCustomer(card=card, **WHO))
        opinion = next(kind.name for kind in KINDS if kind.opinion)
        for kind in (KINDS[0].name, opinion):
            self.done(OpenTicket(kind=kind, summary=payload, number=NUMBER, **WHO))
        self.done(SaveArticle(article=Article(code="12", title=payload, body=payload), **WHO))
        promise = PromiseCall(
            agent="1001", number=NUMBER, hours=2, note=payload, name=payload, **WHO
        )
        self.done(promise)
        modem = Channel(name="sms", state="ready", operator=payload, balance=payload)
        self.done(ChannelNews(channels=(modem,)))
        self.done(TextArrived(key="k", number=NUMBER, text=payload))
        self.done(SendText(number=NUMBER, text=payload, who="owner"))


def lived(box: HostileOffice, app: Flask, payload: str) -> FlaskClient:
    """The owner's browser, at the end of a day at the office."""
    owner = signed_in(app)
    post(owner, "/desk/state", act="sign_in", extension="201")
    box.ring(NUMBER)
    box.lift()
    box.hang_up()
    call = box.status().floor.agents[0].call  # type: ignore[union-attr]  # there is one
    work = {"act": "end", "result": "solved", "topic": "11", "note": payload}
    post(owner, "/desk/work", call=call, **work)
    box.pass_ms(60_000)
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as log:
        record = log.calls()[-1]
    marks = {f"mark.{name}": mark for name, mark in MARKS.items()}
    post(owner, f"/scores/{record.call}", sheet="standard", **marks)
    post(owner, f"/recordings/{record.recordings[0].recording}/hold", act="hold", why=payload)
    twice = f"{payload} {payload}"  # a title has some length
    post(owner, "/incidents/", title=twice, grade="general", kind="lines", note=payload)
    post(owner, "/box/programs", name=payload, scopes="status")
    pages = as_tiff([Image.new("1", (1728, 100), 1)], "fine")
    box.ask(FaxPart(upload="u", at=0, data=pages, who="boss"))
    box.ask(SendFax(upload="u", number=NUMBER, subject=payload, who="boss", at_ms=FAR_MS))
    box.open_review(Review(review=1, call=record.call, scale=2, key=2, agent="1001", queue="601"))
    box.ring(NUMBER)  # and one is on the line while everybody looks
    box.look()
    return owner


def post(owner: FlaskClient, path: str, **typed: str) -> None:
    answer = owner.post(path, data=typed, headers={"Accept-Language": "en"})
    assert answer.status_code in {200, 303}, (path, answer.text)


def pages(app: Flask, box: HostileOffice) -> list[str]:
    """Every address that shows a page, with parts that there are."""
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as log:
        record = log.calls()[-1]
    parts = {
        "/calls/1": f"/calls/{record.call}",
        "/scores/1": f"/scores/{record.call}",
        "/recordings/1": f"/recordings/{record.recordings[0].recording}",
        "/knowledge/1": "/knowledge/12",
        "/recordings/": "/recordings/?since=2026-03-01&until=2026-03-31",
        "/reports/": f"/reports/?{DAY}&by=queue",
        "/knowledge/1/edit": "/knowledge/12/edit",
        "/menus/flow/1": "/menus/flow/tried",
        "/settings/history/1": f"/settings/history/{box.settings_version}",
    }
    found: list[str] = []
    for method, address in addresses(app):
        if method != "GET" or LIVE.search(address):
            continue
        if address == "/reports/compare/1":
            found += [f"/reports/compare/{view}?{DAY}" for view in COMPARISONS]
        elif address == "/tickets/figures/1":
            found += [f"/tickets/figures/{view}?{DAY}" for view in LISTS]
        elif address == "/setup/lines" or address.startswith("/settings/office"):
            continue
        else:
            found.append(parts.get(address, address))
    found += [f"/setup/{step}" for step in STEPS]
    for name, area in areas().items():
        found.append(f"/settings/{name}")
        found += [f"/settings/{name}/{path}/0" for path in tables_in(fields_in(area))]
    return found


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[HostileOffice]:
    made = HostileOffice(tmp_path, request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    "office",
    [
        PAYLOADS[0],
        *(pytest.param(one, marks=pytest.mark.soak) for one in PAYLOADS[1:]),
    ],
    indirect=True,
)
def test_every_page_shows_hostile_texts_as_text(office: HostileOffice, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "calld.log").write_text(f"2026-03-02 INFO calld: {office.payload}\n")
    app = create_app(office, tmp_path, logs=tmp_path / "log")
    owner = lived(office, app, office.payload)
    silent, looked = [], 0
    as_json = json.dumps(office.payload, ensure_ascii=False)[1:-1]  # as a field of that kind has it
    for page in pages(app, office):
        answer = owner.get(page)
        whole = answer.mimetype == "text/html" and answer.status_code == 200
        if not whole or "<html" not in answer.text:
            continue
        looked += 1
        seen = looked_at(answer.text, page)
        values = [v or "" for _, attributes in seen.elements for v in attributes.values()]
        texts = ("".join(seen.text), *values)
        if not any(form in text for form in (office.payload, as_json) for text in texts):
            silent.append(re.sub(r"[?].*", "", page).replace(CALL, "CALL"))
    assert looked > 90
    assert set(silent) <= set(NOTHING_NAMED), "either a name is missing here, or a reason above"
