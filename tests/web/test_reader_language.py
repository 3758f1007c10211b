"""What call control says of the box, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from drivers.line import BatteryLost
from firmware.control.messages import Status
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

NO_BATTERY_MS = 60_000


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def boss(box: OfficeBox, tmp_path: Path) -> FlaskClient:
    return signed_in(create_app(box, tmp_path), "boss")


def overview(boss: FlaskClient, language: str) -> str:
    return boss.get("/", headers={"Accept-Language": language}).text


@pytest.mark.parametrize("of_the_office", ["zh-CN", "en"])
def test_alarms_are_in_the_reader_s_language(
    box: OfficeBox, boss: FlaskClient, of_the_office: str
) -> None:
    box.set(language=of_the_office, emergency_mode=True)
    box.ring("13800138000")
    box.pass_ms(120_000)  # he waits longer than a queue's threshold, and nobody is signed in
    box.look()
    status: Status = box.status()  # type: ignore[assignment]  # it was looked at
    other = {"zh-CN": "en", "en": "zh-CN"}[of_the_office]
    assert status.alarms
    assert set(status.alarms_in) == {other}
    assert len(status.alarms_in[other]) == len(status.alarms)
    assert not set(status.alarms) & set(status.alarms_in[other])
    english, chinese = overview(boss, "en"), overview(boss, "zh-CN")
    assert "mergency mode" in english
    assert "应急" not in english
    assert "应急" in chinese


def test_what_is_wrong_with_a_jack_is_in_the_reader_s_language(
    box: OfficeBox, boss: FlaskClient
) -> None:
    for _ in range(3):
        box.tell(BatteryLost(port="fxo/2", at_ms=box.now_ms))
        box.pass_ms(NO_BATTERY_MS)
    port = next(p for p in box.status().ports if p.port == "fxo/2")  # type: ignore[union-attr]  # it was looked at
    assert port.detail
    assert set(port.detail_in) == {"en"}
    assert port.detail_in["en"] in overview(boss, "en")
    assert port.detail in overview(boss, "zh-CN")
