"""Every kind of node and every failure of it: the caller is told something and ends somewhere."""

from __future__ import annotations

import pytest

from firmware.core.log_entries import CallClosed, LineSeized, TelephoneRings
from firmware.core.menu_entries import PromptMissing
from ivr.nodes import Node
from tests.scenario.ivr.story import LONGEST_MS, Play, Story, stories
from tests.scenario.ivr.table import ALSO, MISSING, NAMED, NUMBERED, README, shown, written

STORIES = stories()
KINDS = {one.__struct_config__.tag for one in Node.__args__}
FAILURES = {
    "menu": {"no_input", "wrong_keys"},
    "collect": {"no_input", "wrong_keys", "too_short"},
    "ask_extension": {"no_input", "wrong_keys"},
    "extension": {"no_answer", "busy"},
    "ring_group": {"no_answer"},
    "queue": {"no_answer"},
    "outside": {"refused"},
    "voicemail": {"full"},
    "record": {"too_short"},
    "callback": {"no_input", "wrong_keys", "no_number"},
    "notice": {"refused", "no_input"},
    "forget": {"refused", "no_input", "wrong_keys", "no_number"},
    "survey": {"no_input", "wrong_keys"},
    "sms": {"no_number"},
    "look_up": {"not_found", "broken", "times_out"},
    "language": {"missing"},
    "play": {"prompt_missing", "language_missing"},
}
"""Cases besides ``ok`` that a kind must have stories of."""


def test_every_kind_of_node_has_its_stories() -> None:
    cases: dict[str, set[str]] = {}
    for story in STORIES:
        cases.setdefault(story.kind, set()).add(story.case)
    for kind in KINDS:
        wanted = {"ok"} | FAILURES.get(kind, set())
        assert wanted <= cases.get(kind, set()), f"{kind}: {wanted - cases.get(kind, set())}"
    assert set(cases) <= KINDS
    assert len({story.name for story in STORIES}) == len(STORIES)


def test_every_row_is_shown_or_named_as_missing() -> None:
    without = {row for row, by in shown().items() if not by}
    assert without == set(MISSING), "show it, or say what is missing; take out what holds now"


def test_what_shows_a_row_exists() -> None:
    for row, names in ALSO.items():
        assert row in {*NUMBERED, *NAMED}, row
        for name in names:
            assert (README.parents[2] / name).is_file(), f"{row}: {name}"


def test_the_table_of_stories_is_fresh() -> None:
    text = README.read_text("utf-8")
    assert text == written(text), "run python -m tests.scenario.ivr.table"


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.name)
def test_story(story: Story) -> None:
    play = Play(story)
    play.steps()
    assert story.steps[-1].keys() & {"ends"}, "a story has an end"


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.name)
def test_hanging_up_after_every_step(story: Story) -> None:
    for count in range(len(story.steps)):
        play = Play(story)
        play.steps(count)
        if play.desk.entries(CallClosed):
            return
        play.hang_up()
        for phone in [p for p in ("fxs/1", "fxs/2", "fxs/3", "fxs/4") if play.desk.bridges]:
            play.desk.hang_up(phone)
        play.pass_time(15_000)
        play.ended_well()


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.name)
def test_a_language_that_is_missing(story: Story) -> None:
    """Without any Mandarin the same caller gets the same service in English."""
    if story.missing or story.kind in {"language", "voicemail"} or "full" in story.case:
        return
    play = Play(story, "zh-CN/")
    play.steps(language="en")
    if play.plays():
        assert play.desk.entries(PromptMissing)


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.name)
def test_a_prompt_file_that_is_missing(story: Story) -> None:
    """Without any one of its prompts he is told something, or hears a line ring, and is let go."""
    whole = Play(story)
    whole.steps()
    keys = {name.partition("/")[2] for prompts in whole.plays() for name in prompts}
    for key in sorted(key for key in keys if not key.startswith(("q-", "digits-", "default"))):
        play = Play(story, f"/{key}")
        end_ms = play.desk.now_ms + LONGEST_MS
        while not play.desk.entries(CallClosed) and play.desk.now_ms < end_ms:
            play.pass_time(5_000)
        told = play.plays() or play.desk.entries(TelephoneRings) or play.desk.entries(LineSeized)
        assert told, f"without {key} he heard nothing at all"
        assert play.desk.entries(CallClosed), f"without {key} he is there still"


def test_a_secret_is_a_canary_that_no_log_has(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    play = Play(next(story for story in STORIES if story.name == "collect-secret"))
    play.steps()
    assert "4111" not in repr(play.desk.log)
    assert "4111" not in caplog.text
