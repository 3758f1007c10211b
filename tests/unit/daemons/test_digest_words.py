"""What the day's digest says of tries that were refused and of calls at night."""

from __future__ import annotations

import pytest

from firmware.call.fraud import Digest
from firmware.core.settings import Settings
from firmware.daemons.desks.watch_desk import figures


def said(language: str, *, refused: int, night: int, there: bool = True) -> list[str]:
    digest = Digest(calls=3, minutes=7, money=210, refused=refused, night=night)
    keys = figures(digest, Settings(language=language), language, lambda _name: there)
    return [key.partition("/")[2] for key in keys]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_refused_tries_and_calls_at_night_are_told_with_their_number(language):
    words = said(language, refused=2, night=1)
    assert "day-refused-before" in words
    assert words.index("day-refused-before") < words.index("day-night-before")
    assert words[words.index("day-night-before") + 1 :], "a number follows"


def test_a_day_without_any_says_nothing_of_them():
    words = said("en", refused=0, night=0)
    assert not {"day-refused-before", "day-night-before"} & set(words)


def test_a_sentence_that_is_not_there_is_left_out():
    words = said("en", refused=2, night=0, there=False)
    assert "day-refused-before" not in words
    assert "day-made-before" in words
