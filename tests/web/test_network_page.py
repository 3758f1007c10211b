"""Network settings on the page: typed, refused with a sentence, on trial, handed on, told about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient

from firmware.control.network_wish import TOLD, Told
from firmware.core.network_settings import Network
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from tests.web.test_settings_pages import typed_in
from web.app import create_app
from web.settings.network import place

ENGLISH = {"Accept-Language": "en"}
CHINESE = {"Accept-Language": "zh-CN"}
FIXED = {
    "network.way": "fixed",
    "network.address": "192.168.1.20/24",
    "network.gateway": "192.168.1.1",
    "network.dns": "192.168.1.1\n9.9.9.9",
    "network.host_name": "office-2",
    "network.time_servers": "ntp.example",
}
TRIAL_MS = 3 * 60_000


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def owner(box: OfficeBox, tmp_path: Path) -> FlaskClient:
    return signed_in(create_app(box, tmp_path))


def plain(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def save(owner: FlaskClient, **change: str) -> int:
    typed = typed_in(owner.get("/settings/network", headers=ENGLISH).text)
    for name, value in (FIXED | change).items():
        typed[name] = value
    return owner.post("/settings/network", data=typed, headers=ENGLISH).status_code


def test_a_fixed_address_is_on_trial_and_comes_back(box: OfficeBox, owner: FlaskClient) -> None:
    assert save(owner) == 303
    network = box.calld.network
    assert (network.way, network.address, network.dns) == (
        "fixed",
        "192.168.1.20/24",
        ("192.168.1.1", "9.9.9.9"),
    )
    page = plain(owner.get("/", headers=ENGLISH).text)
    assert "in 3 min it is taken back unless you keep it" in page
    assert "the page is at http://192.168.1.20/" in page, "it is kept where it is tried"
    assert "请打开 http://192.168.1.20/ 并在那里确认" in owner.get("/", headers=CHINESE).text
    assert place(box.calld.network, "http", "192.168.1.20:8080") == "", "he is there"
    box.pass_ms(TRIAL_MS)
    assert box.calld.network == Network(), "nobody found the box there"
    assert "线路或网络的更改没有确认" in owner.get("/settings/history").text


def test_what_is_kept_stays_and_what_is_restored_is_on_trial_again(
    box: OfficeBox, owner: FlaskClient
) -> None:
    assert save(owner) == 303
    owner.post("/settings/trial", data={"keep": "yes"})
    box.pass_ms(TRIAL_MS)
    assert box.calld.network.way == "fixed"
    owner.post("/settings/history/1", data={"why": "as it was"})
    assert box.calld.network.way == "dhcp"
    assert "on trial" in owner.get("/", headers=ENGLISH).text
    box.pass_ms(TRIAL_MS)
    assert box.calld.network.way == "fixed"


def test_a_mistake_is_told_at_its_field_and_nothing_is_lost(
    box: OfficeBox, owner: FlaskClient
) -> None:
    typed = typed_in(owner.get("/settings/network", headers=ENGLISH).text)
    for name, value in (FIXED | {"network.gateway": "192.168.9.1"}).items():
        typed[name] = value
    answer = owner.post("/settings/network", data=typed, headers=ENGLISH)
    assert answer.status_code == 422
    assert "192.168.9.1 must be another address of the network 192.168.1.0/24" in plain(answer.text)
    assert 'value="office-2"' in answer.text
    answer = owner.post("/settings/network", data=typed, headers=CHINESE)
    assert "须是网段 192.168.1.0/24 中的另一个地址" in answer.text
    assert box.calld.network == Network()


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (None, "Nothing on this machine carries network settings out", "没有程序执行网络设置"),
        (Told(state="elsewhere"), "not run by systemd-networkd", "不归 systemd-networkd 管"),
        (Told(state="refused"), "were not believed", "没有被接受"),
        (Told(state="failed"), "could not be put in force", "未能生效"),
        (Told(state="applied", network=Network(way="fixed")), "reload in a moment", "正在生效"),
        (Told(state="applied"), "The network settings are in force", "网络设置已生效"),
    ],
)
def test_the_page_says_what_became_of_them(
    owner: FlaskClient, tmp_path: Path, told: Told | None, english: str, chinese: str
) -> None:
    if told is not None:
        (tmp_path / TOLD).write_bytes(msgspec.json.encode(told))
    assert english in owner.get("/settings/network", headers=ENGLISH).text
    assert chinese in owner.get("/settings/network", headers=CHINESE).text
