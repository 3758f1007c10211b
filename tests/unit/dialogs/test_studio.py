"""Whoever records prompts at a handset is led through the script and told what is wrong."""

from __future__ import annotations

from typing import Any

from firmware.core.destinations import FlowHangsUp
from firmware.dialogs.studio import LONGEST_MS, MOST_WRONG_PINS, THINK_MS, WAIT_MS, Studio
from firmware.dialogs.told import DropPrompt, JudgeTake, KeepTake
from firmware.voicemail.session import Quiet, Record, Recorded, StopRecord, Talk
from ivr.kit import Item

SCRIPT = (
    Item(1, "welcome", "你好，多謝你嘅來電。"),
    Item(2, "busy", "對唔住，對方講緊電話。"),
    Item(3, "goodbye", "多謝你嘅來電，再見。"),
)


class Visit:
    """A studio and the owner's prompts behind it."""

    def __init__(self, *own: str, pin: str = "") -> None:
        self.own = set(own)
        self.studio = Studio(
            "201", "zh-CN", lambda _: SCRIPT, lambda lang, key: f"{lang}/{key}" in self.own, pin=pin
        )
        self.now_ms = 1_000
        self.takes = 0

    def start(self) -> list[str]:
        return _said(self.studio.start(self.now_ms))

    def keys(self, keys: str) -> list[Any]:
        done: list[Any] = []
        for key in keys:
            self.now_ms += 100
            done = self.studio.key(key, self.now_ms)
        return done

    def speak(self, *, key: str = "#") -> list[Any]:
        """The tone is over: he reads the sentence and presses ``#``."""
        assert self.studio.played(self.now_ms) == [Record()]
        assert self.studio.key(key, self.now_ms) == [StopRecord()]
        self.takes += 1
        take = Recorded(name=f"t{self.takes}", path=f"/v/t{self.takes}.wav", duration_ms=3_000,
                        left_at="")  # fmt: skip
        return self.studio.recorded(take, self.now_ms)


def _said(effects: list[Any]) -> list[str]:
    return [
        name.removeprefix("zh-CN/") for e in effects if isinstance(e, Talk) for name in e.prompts
    ]


def test_the_script_is_read_from_the_first_gap_on() -> None:
    visit = Visit("zh-HK/welcome")
    assert visit.start() == ["kit-begin", "language-menu"]
    assert _said(visit.keys("3")) == ["kit-left-before", "q-2", "kit-way"]
    assert _said(visit.keys("1")) == ["kit-number-before", "digits-00", "digits-02", "music/beep"]
    assert visit.speak() == [JudgeTake(take="t1", path="/v/t1.wav")]
    judged = visit.studio.judged((), "/p/t1.wav")
    assert _said(judged) == ["/p/t1.wav", "kit-review"]
    visit.studio.played(visit.now_ms)
    assert visit.keys("1") == [Quiet(), KeepTake(take="t1", language="zh-HK", key="busy")]
    assert _said(visit.studio.kept(True)) == [
        "saved", "kit-number-before", "digits-00", "digits-03", "music/beep",
    ]  # fmt: skip
    visit.speak()
    # The keys are known now: only a tone asks for one.
    assert _said(visit.studio.judged((), "/p/t2.wav")) == ["/p/t2.wav", "music/beep"]
    visit.keys("1")
    assert _said(visit.studio.kept(True)) == ["saved", "kit-done", "goodbye"]
    assert visit.studio.played(visit.now_ms) == [FlowHangsUp(at_ms=visit.now_ms)]


def test_a_bad_take_is_told_and_asked_for_again() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.speak()
    # Nothing to hear at all: again at once, after the same number.
    said = _said(visit.studio.judged(("silent",), ""))
    assert said == ["kit-too-quiet", "kit-number-before", "digits-00", "digits-01", "music/beep"]
    visit.speak()
    assert _said(visit.studio.judged(("clipped",), "/p/t2.wav")) == [
        "kit-clipped", "/p/t2.wav", "kit-review",
    ]  # fmt: skip
    assert _said(visit.keys("3"))[0] == "kit-number-before"


def test_hearing_again_skipping_and_leaving() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.speak()
    visit.studio.judged((), "/p/t1.wav")
    assert _said(visit.keys("2")) == ["/p/t1.wav", "music/beep"]
    assert _said(visit.keys("4"))[:2] == ["kit-skipped", "kit-number-before"]
    visit.speak()
    visit.studio.judged((), "/p/t2.wav")
    assert _said(visit.keys("*")) == ["kit-stopped", "goodbye"]


def test_one_prompt_by_its_number_is_heard_replaced_and_given_back() -> None:
    visit = Visit()
    visit.start()
    assert _said(visit.keys("12")) == ["kit-number-ask"]
    assert _said(visit.keys("9#")) == ["kit-number-unknown", "kit-number-ask"]
    assert _said(visit.keys("2#"))[-1] == "kit-menu"
    assert _said(visit.keys("2")) == ["busy", "kit-menu"]
    assert visit.keys("5")[:2] == [Quiet(), DropPrompt(language="zh-CN", key="busy")]
    assert _said(visit.keys("1"))[-1] == "music/beep"
    visit.speak()
    visit.studio.judged((), "/p/t1.wav")
    visit.keys("1")
    assert _said(visit.studio.kept(True)) == ["saved", "kit-number-ask"]


def test_wrong_keys_and_silence_end_politely() -> None:
    visit = Visit()
    visit.start()
    assert _said(visit.keys("7")) == ["wrong-choice", "kit-begin", "language-menu"]
    for _ in range(2):
        visit.studio.played(visit.now_ms)
        visit.now_ms += 2 * WAIT_MS
        said = _said(visit.studio.advance(visit.now_ms))
    assert said == ["kit-stopped", "goodbye"]


def test_a_page_may_be_turned_for_a_minute_before_the_question_is_repeated() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.speak()
    visit.studio.judged((), "/p/t1.wav")
    visit.studio.played(visit.now_ms)
    assert visit.studio.advance(visit.now_ms + THINK_MS - 1) == []
    assert _said(visit.studio.advance(visit.now_ms + THINK_MS)) == ["kit-review"]


def test_a_sentence_without_an_end_is_cut_at_the_limit() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.studio.played(visit.now_ms)
    assert visit.studio.advance(visit.now_ms + LONGEST_MS) == [StopRecord()]


def test_a_locked_set_asks_for_its_pin_and_gives_three_tries() -> None:
    visit = Visit(pin="2468")
    assert visit.start() == ["password-ask"]
    for _ in range(MOST_WRONG_PINS - 1):
        assert _said(visit.keys("1111#")) == ["password-wrong", "password-ask"]
    assert _said(visit.keys("1111#")) == ["password-locked", "goodbye"]
    again = Visit(pin="2468")
    again.start()
    assert _said(again.keys("2468#")) == ["kit-begin", "language-menu"]


def test_whoever_hangs_up_while_his_take_is_judged_hears_nothing_more() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.speak()
    visit.studio.left(visit.now_ms)
    assert visit.studio.judged((), "/p/t1.wav") == []
    assert visit.studio.kept(True) == []


def test_a_card_that_takes_nothing_is_told() -> None:
    visit = Visit()
    visit.start()
    visit.keys("31")
    visit.speak()
    visit.studio.judged((), "/p/t1.wav")
    visit.keys("1")
    assert _said(visit.studio.kept(False)) == ["kit-not-saved", "goodbye"]
