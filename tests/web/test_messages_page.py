"""Messages on the page and on the command line: written, waiting, sent again, dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.case_messages import SaveCustomer
from firmware.control.outbox_messages import (
    Channel,
    ChannelNews,
    OutboxTried,
    SendText,
    TextArrived,
    TextReported,
)
from firmware.customers.customer import Customer
from firmware.daemons.cli.outbox import arrived_lines, channel_lines, item_lines, one_lines
from tests.unit.storage.stories import offered
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}
CHINESE = {"Accept-Language": "zh-CN"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_text_written_by_hand_waits_is_dropped_and_sent_again(
    box: OfficeBox, owner: FlaskClient
) -> None:
    sent = owner.post("/box/messages/send", data={"number": "138 0013 8000", "text": "您好"})
    assert sent.status_code == 303
    page = plain(owner.get("/box/messages", headers=ENGLISH).text)
    assert "text 13800138000 您好 waiting" in page
    assert "短信 13800138000 您好 等待发送" in plain(
        owner.get("/box/messages", headers=CHINESE).text
    )
    (item,) = box.calld._records.outbox()
    owner.post(f"/box/messages/{item.item}", data={"act": "drop"})
    page = plain(owner.get("/box/messages?state=dropped", headers=ENGLISH).text)
    assert "dropped by owner" in page
    again = owner.post(f"/box/messages/{item.item}", data={"act": "drop"}, headers=ENGLISH)
    assert again.status_code == 409
    assert "is dropped; only one that waits can be dropped" in plain(again.text)
    owner.post(f"/box/messages/{item.item}", data={"act": "again"})
    assert [i.again for i in box.calld._records.outbox()] == [1]


def test_bad_input_is_answered_by_a_sentence_and_what_was_typed_stays(owner: FlaskClient) -> None:
    answer = owner.post(
        "/box/messages/send", data={"number": "12", "text": "hello"}, headers=ENGLISH
    )
    assert answer.status_code == 409
    assert "Number 12 cannot get a text." in plain(answer.text)
    assert ">hello</textarea>" in answer.text
    mail = owner.post("/box/messages/mail", data={"to": "a@b.cn"}, headers=CHINESE)
    assert "没有设置邮件服务器" in mail.text
    balance = owner.post("/box/messages/balance", headers=ENGLISH)
    assert "The code that asks for the balance is not set." in plain(balance.text)


def test_the_modem_and_what_came_are_shown(box: OfficeBox, owner: FlaskClient) -> None:
    modem = Channel(
        name="sms", state="ready", signal_dbm=-77, operator="CHINA MOBILE", balance="余额 12.50 元"
    )
    box.ask(ChannelNews(channels=(modem,)))
    box.ask(TextArrived(key="k", number="13800138000", text="请回电 <b>"))
    page = owner.get("/box/messages", headers=ENGLISH)
    assert "Texts ready CHINA MOBILE · -77 dBm (3/5) · 余额 12.50 元" in plain(page.text)
    assert "请回电 &lt;b&gt;" in page.text
    lines = channel_lines((modem,), "en")
    assert lines[1].split("  ")[0] == "text"
    assert "-77 dBm" in lines[1]
    assert "请回电" in arrived_lines(box.calld._records.arrived(), "zh-CN")[1]
    assert item_lines([], "en") == ["There are no messages."]


def test_why_something_was_not_sent_is_said_in_words(box: OfficeBox, owner: FlaskClient) -> None:
    """In the reader's language, on the page and on the command line; a server's own words stay."""
    told = {
        "once_a_day": ("he had one today", "今天已经发过一条"),
        "tries: 550 no such user": (
            "tried too often; at last: 550 no such user",
            "多次未成功；最后一次：550 no such user",
        ),
        "+CMS ERROR: 38": ("+CMS ERROR: 38", "+CMS ERROR: 38"),
    }
    for why, (english, chinese) in told.items():
        box.ask(SendText(number="13800138000", text="hello", who="owner"))
        (item,) = box.calld._records.newest_items(1)
        box.ask(OutboxTried(item=item.item, state="failed", tries=12, why=why))
        (item,) = box.calld._records.newest_items(1)
        assert f"failed {english}" in plain(owner.get("/box/messages", headers=ENGLISH).text)
        assert chinese in plain(owner.get("/box/messages", headers=CHINESE).text)
        assert f"why: {english}" in [*one_lines(item, "en"), *item_lines([item], "en")]
        assert f"原因: {chinese}" in one_lines(item, "zh-CN")


def test_the_modem_stands_on_the_overview(box: OfficeBox, app: Flask, owner: FlaskClient) -> None:
    assert "Texts" not in plain(owner.get("/", headers=ENGLISH).text).partition("Call log")[2]
    modem = Channel(
        name="sms", state="ready", signal_dbm=-77, operator="CHINA MOBILE", balance="余额 12.50 元"
    )
    box.ask(ChannelNews(channels=(modem,)))
    told = "Texts: ready · CHINA MOBILE · -77 dBm (3/5)"
    assert f"{told} · 余额 12.50 元" in plain(owner.get("/", headers=ENGLISH).text)
    everybody = plain(signed_in(app, "anna").get("/", headers=ENGLISH).text)
    assert told in everybody
    assert "余额" not in everybody
    box.ask(ChannelNews(channels=(Channel(name="sms", state="no_network"),)))
    assert "短信: 没有注册到网络" in plain(owner.get("/", headers=CHINESE).text)


def test_help_leads_to_the_manual_of_messages(owner: FlaskClient) -> None:
    for address in ("/box/messages", "/settings/messages"):
        assert 'href="/manual/messages#messages"' in owner.get(address, headers=ENGLISH).text
    assert 'id="smdr"' in owner.get("/manual/messages", headers=CHINESE).text


def test_who_may(app: Flask) -> None:
    assert signed_in(app, "anna").get("/box/messages").status_code == 403
    boss = signed_in(app, "boss")
    assert boss.get("/box/messages").status_code == 200
    assert boss.post("/box/messages/mail", data={"to": "a@b.cn"}).status_code == 403


def test_a_call_tells_what_was_texted_and_a_card_what_was_answered(
    box: OfficeBox, owner: FlaskClient
) -> None:
    saved = SaveCustomer(card=Customer(name="Li Lei", numbers=("13800138000",)), who="owner")
    (card,) = box.ask(saved).customers  # type: ignore[union-attr]  # the desk answers
    records = box.calld._records
    records.append(
        [offered("00000901")], boot="boot-1", wall=box.wall(), trusted=True, now_ms=box.now_ms
    )
    box.ask(SendText(number="13800138000", text="refund soon", call="00000901", who="owner"))
    (item,) = records.outbox()
    box.ask(OutboxTried(item=item.item, state="sent", tries=1, parts=(7,)))
    box.ask(TextReported(reference=7, number="+8613800138000", arrived=True, final=True, status=0))
    story = plain(owner.get("/calls/00000901", headers=ENGLISH).text)
    assert "refund soon delivered" in story
    box.ask(TextArrived(key="k", number="+8613800138000", text="谢谢"))
    assert "谢谢" in plain(owner.get(f"/customers/{card.customer}", headers=ENGLISH).text)
    (came,) = records.arrived()
    assert (came.customer, came.call) == (card.customer, "00000901")
