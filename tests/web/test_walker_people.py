"""Hostile texts of `corpus` in everything that people and callers name, on the pages of people.

Names of customers, agents and queues, notes, tickets, promises, articles and reviews: what one
person types another one reads. It is shown as it was typed, and nothing of it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.case_messages import OpenTicket, SaveArticle, SaveCustomer
from firmware.control.floor_messages import PromiseCall
from firmware.core.case_settings import KINDS
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.quality.review import Review
from tests.web.desk import signed_in
from tests.web.office import AGENTS, QUEUE, OfficeBox
from tests.web.test_walker import PAYLOADS, looked_at
from web.app import create_app

pytestmark = pytest.mark.slow

WHO: dict[str, Any] = {"who": "boss", "origin": "test", "language": "en"}
NUMBER = "13800138000"
CALL = "00000001"
OF_AGENTS = ("/desk/",)
OF_SUPERVISORS = (
    "/board/",
    "/customers/",
    "/customers/1",
    "/customers/1/edit",
    "/tickets/",
    "/tasks/",
    "/knowledge/",
    "/reviews/",
    f"/calls/{CALL}",
)
SELDOM = 5  # pages that are not named here are looked at with every fifth text
EVERYWHERE = {"/desk/", "/board/", "/customers/", "/customers/1", "/tickets/", "/knowledge/"}


def name_all(box: OfficeBox, payload: str, nth: int) -> None:
    """Whatever can be named in the office is named by it."""
    now: Any = box.calld.status(box.now_ms)
    assert now.calls, "somebody is on the line all the time"
    agents = [dict(agent, name=f"{payload}") for agent in AGENTS]
    queue = dict(QUEUE, name=payload, topics={"11": payload})
    box.set(acd={"queues": [queue], "agents": agents})
    card = Customer(
        customer=int(nth > 0),
        name=payload,
        company=payload,
        note=payload,
        numbers=(f"+86{NUMBER}",),
        tags=("vip",),
    )
    for wanted in (
        SaveCustomer(card=card, **WHO),
        OpenTicket(kind=KINDS[0].name, summary=payload, number=NUMBER, **WHO),
        SaveArticle(article=Article(code=f"{100 + nth}", title=payload, body=payload), **WHO),
        PromiseCall(agent="1001", number=NUMBER, hours=2, note=payload, name=payload, **WHO),
    ):
        answer = box.ask(wanted)
        assert answer.__struct_config__.tag != "refused", (payload, msgspec.to_builtins(answer))
    box.open_review(Review(review=nth + 1, call=CALL, scale=2, key=2, agent="1001", queue=payload))
    box.look()


def test_hostile_texts_are_text_on_the_pages_of_people(tmp_path: Path) -> None:
    box = OfficeBox(tmp_path)
    app = create_app(box, tmp_path)
    anna, boss = signed_in(app, "anna"), signed_in(app, "boss")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    box.ring(NUMBER)
    try:
        for nth, payload in enumerate(PAYLOADS):
            name_all(box, payload, nth)
            shown = set()
            for browser, pages in ((anna, OF_AGENTS), (boss, OF_SUPERVISORS)):
                for page in pages:
                    if page not in EVERYWHERE and nth % SELDOM:
                        continue
                    answer = browser.get(page)
                    assert answer.status_code == 200, (page, payload)
                    seen = looked_at(answer.text, page)
                    values = [v or "" for _, found in seen.elements for v in found.values()]
                    if any(payload in text for text in ("".join(seen.text), *values)):
                        shown.add(page)
            assert shown >= EVERYWHERE, (payload, EVERYWHERE - shown)
    finally:
        box.close()
