"""An exchange line's jack by itself: counting rings, the identity's chance, dialling, clearing."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.line import (
    BatteryLost,
    BatteryReturned,
    ChipReset,
    LineFree,
    LineInUse,
    LoopCurrentLost,
    LoopCurrentReturned,
    PortReady,
    Release,
    RingStarted,
    RingStopped,
    Seize,
)
from firmware.core.commands import Listen
from firmware.core.countries import country
from firmware.core.events import CallerIdHeard, IdentityKind, SpeechHeard, ToneHeard
from firmware.core.port_events import (
    AnswerDue,
    AnswerLine,
    CallerIdentified,
    FarSideCleared,
    Glare,
    LineRings,
    PortLost,
    ReadyToDial,
    ReleaseLine,
    RingingCeased,
    SeizureFailed,
    TakeLine,
)
from firmware.core.settings import Line
from firmware.core.timers import Times
from firmware.port.fxo_port import FxoPort

PORT = "fxo/1"


class Exchange:
    """The far end of one jack."""

    def __init__(self, code: str = "CN", times: Times | None = None, **line: Any) -> None:
        self.jack = FxoPort(Line(port=PORT, **line), country(code), times)
        self.now_ms = 1_000
        self.seen: list[Any] = []
        self.tell(PortReady)

    def tell(self, event: type, **fields: Any) -> list[Any]:
        return self.do(event(port=PORT, at_ms=self.now_ms, **fields))

    def do(self, event: Any) -> list[Any]:
        done = self.jack.handle(event, self.now_ms)
        self.seen += done
        return done

    def wait(self, ms: int) -> None:
        end_ms = self.now_ms + ms
        while (due_ms := self.jack.next_deadline()) is not None and due_ms <= end_ms:
            self.now_ms = due_ms
            self.seen += self.jack.advance(due_ms)
        self.now_ms = end_ms

    def ring(self, *cadence_ms: int) -> None:
        for on_ms, off_ms in zip(cadence_ms[0::2], cadence_ms[1::2], strict=True):
            self.tell(RingStarted)
            self.wait(on_ms)
            self.tell(RingStopped, duration_ms=on_ms)
            self.wait(off_ms)

    def identity(self) -> None:
        self.tell(CallerIdHeard, kind=IdentityKind.NUMBER, number="123", method="fsk_v23")

    def count(self, kind: type) -> int:
        return len([effect for effect in self.seen if isinstance(effect, kind)])


def test_a_double_ring_is_one_ring() -> None:
    exchange = Exchange("GB")
    exchange.ring(400, 200, 400, 2_000)
    assert exchange.count(LineRings) == 1
    assert exchange.count(AnswerDue) == 0
    exchange.ring(400, 200, 400, 599)
    assert exchange.count(AnswerDue) == 0
    exchange.wait(1)
    assert exchange.count(AnswerDue) == 1


def test_the_number_of_rings_is_the_lines_own() -> None:
    exchange = Exchange(answer_after_bursts=3)
    exchange.ring(1_000, 4_000, 1_000, 4_000)
    assert exchange.count(AnswerDue) == 0
    exchange.ring(1_000, 700)
    assert exchange.count(AnswerDue) == 1


def test_a_line_that_answers_at_the_first_ring_waits_for_the_identity_behind_it() -> None:
    exchange = Exchange("US", answer_after_bursts=1)
    exchange.ring(2_000, 1_500)
    assert exchange.count(AnswerDue) == 0
    exchange.identity()
    assert exchange.count(AnswerDue) == 1


def test_without_identity_it_answers_at_the_second_ring() -> None:
    exchange = Exchange("US", answer_after_bursts=1)
    exchange.ring(2_000, 4_000)
    assert exchange.count(AnswerDue) == 0
    exchange.ring(2_000, 700)
    assert exchange.count(AnswerDue) == 1


def test_where_the_identity_comes_before_the_ring_the_first_ring_is_enough() -> None:
    exchange = Exchange("GB", answer_after_bursts=1)
    assert exchange.jack.state == "idle"
    (listen,) = [effect for effect in exchange.seen if isinstance(effect, Listen)]
    assert listen.caller_id, "armed on the idle line"
    exchange.identity()
    exchange.wait(500)
    exchange.ring(400, 200, 400, 700)
    assert exchange.count(CallerIdentified) == 1
    assert exchange.count(AnswerDue) == 1


def test_an_identity_without_a_ring_is_not_given_to_a_later_call() -> None:
    exchange = Exchange("GB")
    exchange.identity()
    exchange.wait(10_001)
    exchange.ring(400, 200, 400, 700)
    assert exchange.count(CallerIdentified) == 0


def test_an_idle_line_is_not_listened_to_where_the_identity_follows_the_ring() -> None:
    exchange = Exchange("US")
    (listen,) = [effect for effect in exchange.seen if isinstance(effect, Listen)]
    assert not listen.caller_id


def test_ringing_is_over_six_seconds_after_the_last_burst() -> None:
    exchange = Exchange()
    exchange.ring(1_000, 6_599)
    assert exchange.count(RingingCeased) == 0
    exchange.wait(1)
    assert exchange.count(RingingCeased) == 1
    assert exchange.jack.free


@pytest.mark.parametrize("code", ["CN", "US", "GB", "HK", "JP", "DE", "FR"])
def test_no_countrys_pause_ends_the_ringing(code: str) -> None:
    exchange = Exchange(code, answer_after_bursts=10)
    for _ in range(5):
        exchange.ring(*country(code).ring_ms)
    assert exchange.count(LineRings) == 1
    assert exchange.count(RingingCeased) == 0


def test_a_line_without_battery_or_in_use_next_door_is_not_free() -> None:
    exchange = Exchange()
    exchange.tell(BatteryLost)
    assert not exchange.jack.free
    exchange.tell(BatteryReturned)
    assert exchange.jack.free
    exchange.tell(LineInUse)
    assert not exchange.jack.free
    exchange.tell(LineFree)
    assert exchange.jack.free


def test_a_released_line_rests_and_may_ring_at_once() -> None:
    exchange = Exchange()
    exchange.do(TakeLine(port=PORT))
    exchange.do(ReleaseLine(port=PORT))
    assert not exchange.jack.free
    exchange.wait(800)
    assert exchange.jack.free
    exchange.do(TakeLine(port=PORT))
    exchange.do(ReleaseLine(port=PORT))
    exchange.tell(RingStarted)
    assert exchange.count(LineRings) == 1
    assert (exchange.count(Seize), exchange.count(Release)) == (2, 2)


@pytest.mark.parametrize("waits", [True, False])
def test_a_voice_where_dial_tone_should_be_is_an_incoming_call(waits: bool) -> None:
    exchange = Exchange(wait_for_dial_tone=waits)
    exchange.do(TakeLine(port=PORT))
    exchange.wait(500)
    done = exchange.tell(SpeechHeard)
    assert done == [Listen(port=PORT, progress=True, speech=True)], "is it a voice or a tone?"
    exchange.wait(500)
    exchange.tell(SpeechHeard)
    assert exchange.count(Glare) == 0, "dial tone may still come"
    exchange.wait(2_000)
    assert exchange.count(Glare) == 1
    assert exchange.jack.state == "connected"


def test_a_sound_that_begins_once_and_stays_is_a_strange_dial_tone() -> None:
    exchange = Exchange()
    exchange.do(TakeLine(port=PORT))
    exchange.tell(SpeechHeard)
    exchange.wait(3_250)
    assert exchange.count(ReadyToDial) == 1


def test_a_line_that_must_give_dial_tone_is_given_up_without() -> None:
    exchange = Exchange(wait_for_dial_tone=True)
    exchange.do(TakeLine(port=PORT))
    exchange.tell(SpeechHeard)
    exchange.wait(3_000)
    assert exchange.count(SeizureFailed) == 1


def test_dial_tone_after_a_click_is_dial_tone() -> None:
    exchange = Exchange(wait_for_dial_tone=True)
    exchange.do(TakeLine(port=PORT))
    exchange.tell(SpeechHeard)
    exchange.tell(ToneHeard, tone="dial")
    exchange.wait(5_000)
    assert exchange.count(Glare) == 0
    assert exchange.jack.state == "await_digits"


def _connected(**line: Any) -> Exchange:
    exchange = Exchange(**line)
    exchange.ring(1_000, 4_000, 1_000, 700)
    exchange.do(AnswerLine(port=PORT))
    exchange.wait(5_000)
    return exchange


def test_only_the_signs_that_are_set_clear() -> None:
    exchange = _connected(clear=("loop_break",))
    exchange.tell(ToneHeard, tone="busy")
    assert exchange.count(FarSideCleared) == 0
    exchange = _connected(clear=("tone",))
    exchange.tell(LoopCurrentLost)
    exchange.wait(5_000)
    assert exchange.count(FarSideCleared) == 0
    exchange.tell(LoopCurrentReturned, gap_ms=5_000)
    assert exchange.jack.state == "connected"
    exchange.tell(ToneHeard, tone="busy")
    exchange.wait(4_500)
    assert exchange.count(FarSideCleared) == 1


def test_a_gap_reported_late_is_judged_by_its_length() -> None:
    exchange = _connected()
    exchange.tell(LoopCurrentLost)
    exchange.tell(LoopCurrentReturned, gap_ms=400)
    assert exchange.count(FarSideCleared) == 1


def test_ringback_or_music_on_a_connected_line_clears_nothing() -> None:
    exchange = _connected()
    for tone in ("ringback", "special_information", "fax"):
        exchange.tell(ToneHeard, tone=tone)
    assert exchange.count(FarSideCleared) == 0


def test_long_silence_clears_where_nothing_else_would() -> None:
    times = Times({"silence_look": 10_000, "silence_clear": 120_000})
    exchange = _connected(times=times, clear=("silence",))
    for _ in range(30):
        exchange.tell(SpeechHeard)
        exchange.wait(10_000)
    assert exchange.count(FarSideCleared) == 0
    exchange.wait(130_000)
    assert exchange.count(FarSideCleared) == 1


def test_a_chip_that_is_reset_ends_what_the_line_carried() -> None:
    exchange = _connected()
    exchange.tell(ChipReset)
    assert exchange.count(PortLost) == 1
    exchange.tell(PortReady)
    assert exchange.jack.free
