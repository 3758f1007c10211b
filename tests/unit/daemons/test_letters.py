"""Mails as their readers get them: messages with or without their sound, reports of a day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.outbox_messages import Item, OutboxNews
from firmware.core.outbox_settings import Mail, Outbox
from firmware.core.settings import Extension, Settings
from firmware.daemons.desks.outgoing import voicemail_mail
from firmware.daemons.outbox.letters import letter_of
from firmware.outbox.letter import voicemail
from firmware.storage.records import Records
from firmware.voicemail.mailbox import Keep, Message
from tests.unit.storage.stories import BOOT, offered, wall

WAV = b"RIFF....WAVE"


def wanted(duration_ms: int = 7_000, **mail: Any) -> list:
    """What follows from a message of 201 that is whole."""
    known = {"server": "mail.example", "voicemail": {"201": "li@shop.example"}}
    settings = Settings(
        language="zh-CN",
        extensions=(Extension(number="201", port="fxs/1", language="en"),),
        outbox=Outbox(mail=Mail(**{**known, **mail})),
    )
    message = Message(
        message="00000007",
        mailbox="201",
        path="voicemail/7.wav",
        left_at="2026-11-22T09:30:00+08:00",
        duration_ms=duration_ms,
        caller="13800138000",
        caller_name="Li Lei",
    )
    return voicemail_mail(Keep(message=message), settings, 5)


def test_a_message_goes_in_the_owners_language_with_its_sound() -> None:
    (mail,) = wanted()
    assert (mail.to, mail.language, mail.template) == (
        "li@shop.example",
        "en",
        "voicemail:00000007",
    )
    letter = voicemail(mail.values, mail.language, WAV)
    assert letter.subject == "New message for 201: 13800138000"
    assert "From: 13800138000 Li Lei\nLength: 7 s" in letter.text
    (sound,) = letter.attached
    assert (sound.name, sound.kind, sound.data) == ("201-2026-11-22T093000.wav", "audio/wav", WAV)


@pytest.mark.parametrize(
    ("more", "duration_ms", "says"),
    [
        ({"without_sound": ("201",)}, 7_000, "The sound is not attached"),
        ({"sound_mb": 1}, 63_000, "too long to be attached"),  # 16,000 bytes a second
    ],
)
def test_who_wants_no_sound_and_what_is_too_long_is_told(
    more: dict, duration_ms: int, says: str, tmp_path: Path
) -> None:
    (mail,) = wanted(duration_ms, **more)
    assert mail.values["sound"]
    item = Item(
        item=1, kind="mail", to=mail.to, language="en", template=mail.template, text="",
        data=msgspec.json.encode(mail.values).decode(),
    )  # fmt: skip
    letter = letter_of(item, OutboxNews(change=1, settings=Outbox()), tmp_path, tmp_path / "none")
    assert says in letter.text
    assert not letter.attached
    assert wanted(62_000, sound_mb=1)[0].values.get("sound") is None


def test_nobody_without_an_address_gets_one_and_none_goes_without_a_server() -> None:
    assert wanted(voicemail={"202": "x@shop.example"}) == []
    assert wanted(server="") == []
    assert wanted(0) == []


@pytest.mark.slow
def test_a_report_of_a_day_is_paper_and_table(tmp_path: Path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    records.append([offered("00000001")], boot=BOOT, wall=wall(10_000), trusted=True)
    records.close()
    template = "report:day:2026-03-01"
    item = Item(item=1, kind="mail", to="a@b.cn", language="zh-CN", template=template, text="")
    news = OutboxNews(change=1, settings=Outbox(), office="Shop", zone="Asia/Shanghai")
    letter = letter_of(item, news, tmp_path, tmp_path / "none")
    assert "附件" in letter.text
    assert "2026-03-01" in letter.subject
    assert [file.name for file in letter.attached] == ["day-2026-03-01.pdf", "day-2026-03-01.csv"]
    paper, table = letter.attached
    assert paper.data.startswith(b"%PDF")
    assert table.data.startswith(b"\xef\xbb\xbf")
    assert "2026-03-01" in table.data.decode("utf-8-sig")
