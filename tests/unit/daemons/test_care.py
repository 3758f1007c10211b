"""Customers who need care: menus and holds wait longer for them, and no tones hurry them."""

from __future__ import annotations

import pytest

from firmware.core.case_settings import Care, CaseSettings
from firmware.core.log_entries import CallMarked
from firmware.core.settings import Settings, validate
from firmware.customers.customer import Customer
from ivr.document import FlowDocument
from ivr.flow import Flow
from ivr.nodes import HangUp, Menu
from tests.unit.daemons.test_butler import flash, marks, said
from tests.unit.desk import Desk

FRAIL = Customer(name="Wang", tags=("care",))


def known(desk: Desk, *, frail: bool) -> Desk:
    desk.office.know_customers(lambda number: FRAIL if frail and number else None)
    return desk


@pytest.mark.parametrize(("frail", "late_ms"), [(False, 61_000), (True, 121_000)])
def test_the_limit_of_a_hold_is_twice_as_far(*, frail: bool, late_ms: int) -> None:
    desk = known(Desk.ready(), frail=frail)
    desk.talk_inbound()
    desk.wait(1_000)
    flash(desk)
    desk.wait(late_ms - 2_000)
    assert ("held_long", "201") not in marks(desk)
    desk.wait(2_000)
    assert ("held_long", "201") in marks(desk)
    assert "zh-CN/hold-comfort" in said(desk)  # comforted as everybody is


@pytest.mark.parametrize(("frail", "hurried"), [(False, True), (True, False)])
def test_no_tone_hurries_who_needs_care(*, frail: bool, hurried: bool) -> None:
    desk = known(Desk.ready(Settings(talk_tones=True)), frail=frail)
    desk.talk_inbound()
    desk.wait(200_000)
    assert ("music/beep" in said(desk, "fxs/1")) is hurried
    assert ([m.mark for m in desk.entries(CallMarked)] == ["care"]) is frail


@pytest.mark.parametrize(("patience", "waits_ms"), [(100, 5_000), (150, 7_500), (200, 10_000)])
def test_a_menu_waits_longer_for_a_key(patience: int, waits_ms: int) -> None:
    menu = Menu(say=("menu-main",), choices={"1": "bye"}, no_input="bye", failed="bye")
    document = FlowDocument(
        name="main", start="ask", nodes={"ask": menu, "bye": HangUp()}, exhausted="bye"
    )
    flow = Flow(document, patience=patience)
    flow.start(0)
    flow.played(1_000)
    assert flow.next_deadline() == 1_000 + waits_ms


def test_where_they_go_has_to_exist() -> None:
    wrong = validate(Settings(cases=CaseSettings(care=Care(to="299"))), "en")
    assert wrong["cases.care.to"] == (
        "Customers who need care cannot go to 299: there is no such place."
    )
    assert not validate(Settings(cases=CaseSettings(care=Care(to="201"))), "en")
