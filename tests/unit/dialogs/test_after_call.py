"""After a call: how long an agent has for a choice."""

from __future__ import annotations

from firmware.dialogs.after_call import WAIT_MS, AfterCall, AfterCallKeyed
from firmware.voicemail.session import Talk


def test_a_question_longer_than_a_choice_may_take_is_said_to_its_end() -> None:
    asked = AfterCall("1001", "en", (), offers=True)
    asked.start(0)
    asked.played(1_000)
    assert asked.key("1", 2_000) == [Talk(prompts=("en/result-menu", "en/result-menu-offer"))]
    assert asked.advance(2_000 + WAIT_MS + 1_000) == []  # it is still being said
    asked.played(15_000)
    assert asked.next_deadline() == 15_000 + WAIT_MS
    asked.key("6", 16_000)
    (keyed,) = asked.left(17_000)
    assert isinstance(keyed, AfterCallKeyed)
    assert keyed.result == "offer_accepted"


def test_an_office_without_hints_is_not_told_of_offers() -> None:
    asked = AfterCall("1001", "zh-CN", ())
    asked.start(0)
    assert asked.key("1", 2_000) == [Talk(prompts=("zh-CN/result-menu",))]
