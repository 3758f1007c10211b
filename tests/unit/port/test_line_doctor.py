"""The doctor of a line by itself: what it learns, what it believes, what it says in words."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    LineInUse,
    LoopCurrentLost,
    LoopCurrentReturned,
    PolarityReversed,
    PortReady,
)
from firmware.core.countries import country
from firmware.core.events import SpeechHeard, ToneEnded, ToneHeard
from firmware.core.log_entries import ClearedBy
from firmware.core.port_events import FarSideCleared, ReleaseLine
from firmware.core.settings import Line
from firmware.core.timers import Times
from firmware.port.fxo_port import FxoPort
from firmware.port.line_doctor import LineDoctor
from firmware.port.line_profile import NOTES_KEPT, ClearNote, LineProfile, signature
from firmware.port.line_verdict import complaint, verdict
from firmware.port.line_watch import guess

PORT = "fxo/2"
HOUR_MS = 3_600_000


class Conversation:
    """One line, and calls on it."""

    def __init__(self, times: Times | None = None) -> None:
        self.doctor = LineDoctor()
        self.jack = FxoPort(Line(port=PORT, name="line 2"), country("CN"), times, self.doctor)
        self.now_ms = 1_000
        self.cleared: list[FarSideCleared] = []
        self.tell(PortReady)

    def connect(self) -> None:
        self.cleared = []
        self.jack.place("connected", self.now_ms)
        self.wait(5_000)
        self.tell(SpeechHeard)

    def tell(self, event: type, **fields: Any) -> None:
        self._do(event(port=PORT, at_ms=self.now_ms, **fields))

    def _do(self, event: Any) -> None:
        done = self.jack.handle(event, self.now_ms)
        self.cleared += [e for e in done if isinstance(e, FarSideCleared)]

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while (due_ms := self.jack.next_deadline()) is not None and due_ms <= end_ms:
            self.now_ms = due_ms
            done = self.jack.advance(due_ms)
            self.cleared += [e for e in done if isinstance(e, FarSideCleared)]
        self.now_ms = end_ms

    def tone(
        self, tone: str = "unknown", hz: float = 425.0, ms: int = 480, cycles: int = 3
    ) -> None:
        self.tell(ToneHeard, tone=tone, frequency_hz=(hz,), cadence_ms=(ms, ms), cycles=cycles)

    def gap(self, gap_ms: int) -> None:
        self.tell(LoopCurrentLost)
        self.wait(gap_ms)
        self.tell(LoopCurrentReturned, gap_ms=gap_ms)

    def hang_up(self) -> None:
        self._do(ReleaseLine(port=PORT))
        self.wait(2_000)

    def says(self, language: str = "en") -> str:
        return verdict(self.doctor, "line 2", language, self.now_ms)


def test_a_strange_tone_clears_from_the_third_call_on() -> None:
    line = Conversation()
    for _ in range(2):
        line.connect()
        line.tone()
        line.wait(8_000)
        assert not line.cleared, "nobody knows yet what it means"
        line.hang_up()
    line.connect()
    line.tone()
    line.wait(3_000)
    assert [c.by for c in line.cleared] == [ClearedBy.TONE]
    assert "425 Hz 480/480" in line.says()


def test_a_tone_like_the_learned_one_counts_and_another_does_not() -> None:
    line = Conversation()
    for _ in range(2):
        line.connect()
        line.tone()
        line.hang_up()
    line.connect()
    line.tone(hz=425.0 * 1.03, ms=500)  # 3 % and 4 % off
    line.wait(3_000)
    assert line.cleared
    line.hang_up()
    line.connect()
    line.tone(hz=500.0)
    line.wait(8_000)
    assert not line.cleared


def test_speech_behind_a_busy_tone_takes_the_alarm_back() -> None:
    line = Conversation()
    line.connect()
    line.tone("busy", 450.0, 350, 2)
    line.wait(1_000)
    line.tell(SpeechHeard)
    line.wait(20_000)
    assert not line.cleared
    assert line.jack.state == "connected"


def test_a_tone_that_stops_by_itself_ends_nothing() -> None:
    line = Conversation()
    line.connect()
    line.tone("busy", 450.0, 350, 2)
    line.wait(1_000)
    line.tell(ToneEnded, tone="busy")
    line.wait(20_000)
    assert not line.cleared


def test_a_busy_tone_that_was_lost_for_a_moment_has_sounded_all_the_while() -> None:
    line = Conversation()
    line.connect()
    line.tone("busy", 450.0, 350, cycles=2)
    line.wait(1_600)
    line.tell(ToneEnded, tone="busy")
    line.wait(1_400)
    line.tone("busy", 450.0, 350, cycles=2)
    line.wait(600)
    assert line.cleared, "it began 5 s ago"


def test_a_word_between_two_busy_tones_makes_them_two() -> None:
    line = Conversation()
    line.connect()
    line.tone("busy", 450.0, 350, cycles=2)
    line.wait(1_600)
    line.tell(ToneEnded, tone="busy")
    line.tell(SpeechHeard)
    line.wait(1_400)
    line.tone("busy", 450.0, 350, cycles=2)
    line.wait(2_500)
    assert not line.cleared
    line.wait(1_000)
    assert line.cleared


def test_a_tone_that_deceived_once_must_last_longer_until_it_is_learned() -> None:
    line = Conversation()
    line.connect()
    line.tone("busy", 450.0, 350, 2)
    line.wait(500)
    line.tell(SpeechHeard)
    line.hang_up()
    line.connect()
    line.tone("busy", 450.0, 350, 2)
    line.wait(10_000)
    assert not line.cleared
    line.wait(5_000)
    assert line.cleared


def test_where_the_loop_tells_the_end_a_tone_is_doubted() -> None:
    line = Conversation()
    for _ in range(2):
        line.connect()
        line.gap(400)
        assert line.cleared
        line.hang_up()
    line.connect()
    line.tone("busy", 450.0, 350, 2)
    line.wait(10_000)
    assert not line.cleared


def test_short_breaks_are_learned_as_the_lines_own() -> None:
    line = Conversation()
    for _ in range(2):
        line.connect()
        line.gap(100)
        line.wait(10_000)
        assert not line.cleared
        line.hang_up()
    line.connect()
    line.gap(100)
    line.wait(2_000)
    assert [c.by for c in line.cleared] == [ClearedBy.LOOP_BREAK]


def test_a_line_that_loses_its_battery_in_conversations_is_reported_and_no_longer_cut() -> None:
    line = Conversation()
    for _ in range(3):
        line.connect()
        line.gap(200)
        line.tell(SpeechHeard)
        line.wait(20_000)
        assert not line.cleared
        line.hang_up()
    sentence = complaint(line.doctor, "line 2", "en", line.now_ms)
    assert "line 2 loses battery for 0.2 s several times a day" in sentence
    assert "call the phone company" in sentence
    assert "致电运营商" in complaint(line.doctor, "线路 2", "zh-CN", line.now_ms)
    line.connect()
    line.gap(300)
    line.wait(500)
    assert not line.cleared, "longer than usual for a clear, but this line does such things"
    line.tell(SpeechHeard)
    line.wait(20_000)
    assert not line.cleared
    line.tell(LoopCurrentLost)
    line.wait(2_000)
    assert line.cleared, "a loop that stays open is no moment's fault"
    line.now_ms += 25 * HOUR_MS
    assert "battery" not in line.says()


def test_the_watchdog_ends_what_nothing_else_ended() -> None:
    line = Conversation(Times({"line_watchdog": 120_000, "silence_look": 10_000}))
    line.connect()
    line.wait(120_000)
    assert [c.by for c in line.cleared] == [ClearedBy.TIMER]
    line.hang_up()
    line.connect()
    line.wait(120_000)
    line.hang_up()
    assert "only the watchdog" in line.says()


def test_the_watchdog_leaves_a_line_alone_on_which_somebody_speaks() -> None:
    line = Conversation(Times({"line_watchdog": 120_000, "silence_look": 10_000}))
    line.connect()
    for _ in range(60):
        line.wait(60_000)
        line.tell(SpeechHeard)
    assert not line.cleared


def test_an_exchange_that_changes_its_ways_is_learned_anew() -> None:
    old = ClearNote(kind="tone", tone="unknown", frequency_hz=(425.0,), cadence_ms=(480, 480))
    doctor = LineDoctor(LineProfile(notes=(old,) * NOTES_KEPT, calls=NOTES_KEPT))
    for at_ms in range(NOTES_KEPT):
        doctor.begin(at_ms)
        doctor.cleared(ClearedBy.REVERSAL, at_ms)
    assert [sign.example.kind for sign in doctor.signs] == ["reversal"]
    assert doctor.profile.calls == 2 * NOTES_KEPT


def test_a_sign_that_deceived_as_often_as_it_told_the_truth_is_not_trusted() -> None:
    true = ClearNote(kind="tone", tone="busy", frequency_hz=(450.0,), cadence_ms=(350, 350))
    false = ClearNote(
        kind="tone", tone="busy", frequency_hz=(450.0,), cadence_ms=(350, 350), false=True
    )
    assert signature(LineProfile(notes=(true, true)))[0].confidence == pytest.approx(2 / 3)
    assert signature(LineProfile(notes=(true, false, true, false))) == ()


def test_what_is_wrong_with_a_line_is_said_in_words() -> None:
    line = Conversation()
    assert line.says() == "new line: how it clears is not learned yet (0 ends of calls seen)"
    assert line.says("zh-CN").startswith("新线路")
    line.tell(BatteryLost)
    line.wait(9_999)
    assert "no battery" not in line.says()
    line.wait(1)
    assert "line 2 has no battery: check its plug" in line.says()
    line.tell(BatteryReturned)
    assert "no battery" not in line.says()
    line.tell(PolarityReversed, reversed=True)
    line.wait(60_000)
    assert "line 2 is reversed" in line.says()
    line.tell(PolarityReversed, reversed=False)
    line.tell(LineInUse)
    assert line.says().startswith("another telephone on line 2 is off its hook")


@pytest.mark.parametrize(
    ("hz", "first"),
    [((450.0,), "CN"), ((400.0,), "JP"), ((350.0, 440.0), "HK")],
)
def test_a_dial_tone_tells_the_country(hz: tuple[float, ...], first: str) -> None:
    assert first in guess(hz)
    assert ("CN" in guess(hz)) == (hz == (450.0,))


def test_a_strange_dial_tone_is_named_with_its_countries() -> None:
    doctor = LineDoctor()
    heard = ToneHeard(port=PORT, at_ms=1, tone="unknown", frequency_hz=(350.0, 440.0))
    doctor.watch.dial_tone(heard)
    sentence = complaint(doctor, "line 2", "en", 2)
    assert "350+440 Hz" in sentence
    assert "US" in sentence
    doctor.watch.dial_tone(ToneHeard(port=PORT, at_ms=3, tone="dial", frequency_hz=(450.0,)))
    assert complaint(doctor, "line 2", "en", 4) == ""
