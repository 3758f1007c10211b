"""Which conversations are recorded, after what notice, and when nothing is kept."""

from __future__ import annotations

import pytest

from drivers.line import LoopClosed, LoopOpened
from firmware.core.commands import HushRecording, Play, StartRecording
from firmware.core.desk_entries import ConsentNoted, RecordingPaused, RecordingResumed
from firmware.core.events import RecordingHushed
from firmware.core.log_entries import RecordingStarted
from firmware.core.recording_settings import Recordings, RecordRule, Talk, by_rule
from firmware.core.settings import Line, Settings, validate
from tests.unit.desk import PROMPT_MS, Desk

STRAIGHT = Settings(inbound="201", record="all")


def talking(settings: Settings) -> Desk:
    desk = Desk.ready(settings)
    desk.call_in()
    desk.lift("fxs/1")
    return desk


def _flash(desk: Desk) -> None:
    """Recall: the loop is open for 100 ms, the usual length in China."""
    desk.tell(LoopOpened(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(100)
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms))
    desk.wait(300)


def test_nothing_is_kept_before_both_sides_have_heard_the_notice() -> None:
    desk = talking(STRAIGHT)
    notices = [e for e in desk.effects if isinstance(e, Play) and "notice" in e.prompts[0]]
    assert {play.port for play in notices} == {"fxo/1", "fxs/1"}
    desk.wait(PROMPT_MS - 1)
    assert not desk.recordings
    desk.wait(1)
    assert len(desk.recordings) == 1
    noted = desk.entries(ConsentNoted)
    assert {(e.party, e.heard_ms, e.agreed) for e in noted} == {
        ("fxo/1", PROMPT_MS, True),
        ("fxs/1", PROMPT_MS, True),
    }


def test_who_hangs_up_within_the_notice_was_not_recorded() -> None:
    desk = talking(STRAIGHT)
    desk.wait(PROMPT_MS // 2)
    desk.hang_up("fxs/1")
    desk.wait(10_000)
    assert desk.outcome == "answered"
    assert not desk.entries(RecordingStarted)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (RecordRule(), True),
        (RecordRule(kinds=("outbound",)), False),
        (RecordRule(kinds=("inbound",), lines=("fxo/2",)), False),
        (RecordRule(queues=("600",)), True),
        (RecordRule(queues=("601",)), False),
        (RecordRule(agents=("1008", "1009")), True),
        (RecordRule(extensions=("202",)), False),
        (RecordRule(extensions=("201",), agents=("1010",)), False),
    ],
)
def test_a_rule_fits_when_all_it_names_fits(rule: RecordRule, *, fits: bool) -> None:
    talk = Talk(kind="inbound", line="fxo/1", queue="600", agents=("1008",), extensions=("201",))
    assert by_rule((rule,), talk) == ("all" if fits else "")


def test_the_first_rule_that_fits_counts_before_the_line_and_the_office() -> None:
    rules = (RecordRule(lines=("fxo/1",), record="none"), RecordRule())
    lines = (Line(port="fxo/1", record="all"), Line(port="fxo/2", record="none"))
    settings = Settings(
        inbound="201", lines=lines, record_notice="none", recordings=Recordings(rules=rules)
    )
    assert not talking(settings).recordings
    desk = Desk.ready(settings)
    desk.call_in("fxo/2")
    desk.lift("fxs/1")
    assert len(desk.recordings) == 1


def test_a_rule_about_what_is_not_there_is_refused_by_name() -> None:
    settings = Settings(recordings=Recordings(rules=(RecordRule(queues=("777",)),)))
    for language, word in (("zh-CN", "录音规则"), ("en", "The rule of recordings")):
        found = validate(settings, language)["recordings.rules.0.queues.0"]
        assert "777" in found
        assert found.startswith(word)


def test_a_pause_by_code_and_going_on() -> None:
    desk = talking(Settings(inbound="201", record="all", record_notice="none"))
    desk.wait(1_000)
    for hush, entry in ((True, RecordingPaused), (False, RecordingResumed)):
        desk.effects.clear()
        _flash(desk)
        desk.wait(500)
        desk.key("fxs/1", "#42#")
        desk.wait(4_000)
        assert [e.hush for e in desk.effects if isinstance(e, HushRecording)] == [hush]
        assert len(desk.entries(entry)) == 1


def test_a_pause_by_keys_stands_in_the_log_of_its_call() -> None:
    desk = talking(Settings(inbound="201", record="all", record_notice="none"))
    (started,) = [e for e in desk.effects if isinstance(e, StartRecording)]
    assert started.hush_keys
    for hush in (True, False):
        desk.tell(
            RecordingHushed(port="fxo/1", at_ms=desk.now_ms, recording=started.recording, hush=hush)
        )
    assert desk.only(RecordingPaused).why == "keys"
    assert desk.only(RecordingResumed).call == desk.only(RecordingStarted).call
