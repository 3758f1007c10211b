"""What an agent hears as he lifts: never longer than three seconds, the important first."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from firmware.acd.tasks import Task
from firmware.acd.visit import Visit
from firmware.call.hours import zone_of
from firmware.core.acd_settings import Acd, Agent, Membership, Queue
from firmware.core.settings import Settings
from firmware.daemons.floor.caller_texts import TEXTS, is_mobile
from firmware.daemons.floor.queues import QueueDesk
from firmware.daemons.floor.task_news import news_of
from firmware.daemons.floor.whispers import LIMIT_MS, Known, Whispers
from firmware.daemons.prompt_book import PromptBook
from ivr.prompts import PromptStore

BOOK = PromptBook(PromptStore(), Path())
SETTINGS = Settings(
    acd=Acd(
        queues=(Queue(number="300"),),
        agents=(Agent(number="1001", queues=(Membership(queue="300"),)),),
    )
)


def whispers(known: Known) -> Whispers:
    desk = QueueDesk(None, SETTINGS)  # type: ignore[arg-type]  # no call is made here
    desk.whispers.prompts = BOOK
    desk.whispers.known_of = lambda _number: known
    return desk.whispers


def visit(*hops: str, vip: bool = False) -> Visit:
    return Visit(
        id="c1",
        queue="300",
        caller_class="vip" if vip else "medium",
        number="13800138000",
        entered_ms=0,
        since_ms=0,
        order_ms=0,
        seq=1,
        hops=hops,
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_whisper_is_longer_than_three_seconds(language: str) -> None:
    tags = ((), ("care",), ("complaint", "care"))
    ways = ((), ("choice:2",), ("extension:201",), ("queue:310", "choice:12"))
    longest_ms = 0
    for vip, tag, owed, topic, way in itertools.product(
        (False, True), tags, (False, True), ("", "23", "90"), ways
    ):
        who = visit(*way, vip=vip)
        known = Known(tags=tag, open_ticket=owed, complaint=owed and vip, topic=topic)
        told = whispers(known)
        told.look_up(who, (language,))
        said = told.of(who, language)
        assert said, "he always hears something"
        longest_ms = max(longest_ms, sum(BOOK.length_ms(name) for name in said))
    print(f"{language}: the longest is {longest_ms} ms")
    assert longest_ms <= LIMIT_MS


def test_what_matters_most_is_never_left_out() -> None:
    told = whispers(Known(tags=("care",), open_ticket=True, complaint=True, topic="23"))
    who = visit("extension:201", "choice:2", vip=True)
    told.look_up(who, ("en",))
    said = told.of(who, "en")
    assert said[:2] == ("en/whisper-vip", "en/whisper-transfer")
    assert "en/whisper-choice-before" not in said


def test_a_promise_is_announced_with_its_day_topic_and_note() -> None:
    task = Task(
        id="t1",
        kind="promise",
        number="13800138000",
        opened_ms=1_772_414_400_000,  # 2026-03-02 01:20 UTC
        due_ms=1_772_418_000_000,
        next_ms=1_772_418_000_000,
        topic="23",
        note="/data/voicemail/n1.wav",
    )
    news = news_of(task, "en", zone_of(SETTINGS), BOOK.has)
    assert news.said[:4] == ("whisper-promise", "contact-last-before", "month-3", "day-2")
    assert news.said[4] == "whisper-topic-before"
    assert news.said[-1] == "/data/voicemail/n1.wav"
    assert news.menu
    assert news.choice


def test_texts_fit_into_one_message_and_go_to_mobiles_only() -> None:
    for language, text in TEXTS.items():
        # GSM 03.38: 160 septets of its alphabet, or 70 characters of UCS-2.
        limit = 160 if language == "en" else 70
        assert len(text.replace("{place}", "12")) <= limit, language
    assert is_mobile("13800138000", "CN")
    assert is_mobile("61234567", "HK")
    assert not is_mobile("02087654321", "CN")
    assert not is_mobile("", "CN")
