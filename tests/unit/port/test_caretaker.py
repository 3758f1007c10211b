"""Ports without call control: nobody is cut off, and after 20 s the box serves on."""

from __future__ import annotations

from typing import Any

from drivers.line import (
    BatteryLost,
    LoopClosed,
    LoopCurrentLost,
    LoopCurrentReturned,
    LoopOpened,
    PortReady,
    Release,
    RingStarted,
    Seize,
)
from firmware.control.messages import BridgeSnapshot, PortSnapshot
from firmware.core.commands import (
    Listen,
    Party,
    PlayTone,
    Ring,
    SetBridge,
    StopRinging,
    StopTone,
)
from firmware.core.countries import country
from firmware.core.events import SpeechHeard, ToneEnded, ToneHeard
from firmware.core.timers import DEFAULT_TIMES
from firmware.port.caretaker import Caretaker
from firmware.port.line_profile import ClearNote, LineProfile

PORTS = tuple(f"{kind}/{n}" for kind in ("fxs", "fxo") for n in range(1, 3))


class Alone:
    """lined without call control, from the moment it went away."""

    def __init__(
        self,
        *,
        off_hook: tuple[str, ...] = (),
        ringing: tuple[str, ...] = (),
        tones: dict[str, str] | None = None,
        talking: tuple[str, ...] = (),
        battery: bool = True,
        profiles: dict[str, LineProfile] | None = None,
    ) -> None:
        self.now_ms = 10_000
        self.care = Caretaker(PORTS, country("CN"))
        self.care.know_lines(profiles or {})
        self.commands: list[Any] = []
        bridges = ()
        if talking:
            parties = tuple(Party(port=port) for port in talking)
            bridges = (BridgeSnapshot(bridge="7-bridge", call="7", parties=parties),)
        ports = tuple(
            PortSnapshot(
                port=port,
                ready=True,
                off_hook=port in off_hook or port in talking,
                ringing=port in ringing,
                tone=(tones or {}).get(port, ""),
                battery=battery,
            )
            for port in PORTS
        )
        self.commands += self.care.take_over(ports, bridges, self.now_ms)

    def tell(self, event: type, port: str, **fields: Any) -> list[Any]:
        done = self.care.handle(event(port=port, at_ms=self.now_ms, **fields), self.now_ms)
        self.commands += done
        return done

    def wait(self, ms: int) -> list[Any]:
        end_ms, done = self.now_ms + ms, []
        while (due_ms := self.care.next_deadline()) is not None and due_ms <= end_ms:
            self.now_ms = due_ms
            done += self.care.advance(due_ms)
        self.now_ms = end_ms
        self.commands += done
        return done

    def hang_up(self, port: str) -> list[Any]:
        return self.tell(LoopOpened, port) + self.wait(800)

    def all(self, kind: type) -> list[Any]:
        return [command for command in self.commands if isinstance(command, kind)]


def test_a_conversation_is_left_alone() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.wait(600_000)
    assert not alone.all(SetBridge)
    assert not alone.all(Release)


def test_ringing_and_tones_stop_and_a_line_for_nobody_is_given_back() -> None:
    alone = Alone(off_hook=("fxs/1", "fxo/2"), ringing=("fxs/2",), tones={"fxs/1": "ringback"})
    assert [command.port for command in alone.all(StopRinging)] == ["fxs/2"]
    assert [command.port for command in alone.all(StopTone)] == ["fxs/1"]
    assert [command.port for command in alone.all(Release)] == ["fxo/2"]


def test_a_party_that_hangs_up_ends_the_conversation_and_frees_the_line() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.hang_up("fxs/1")
    (bridge,) = alone.all(SetBridge)
    assert (bridge.bridge, bridge.call, bridge.parties) == ("7-bridge", "7", ())
    assert [command.port for command in alone.all(Release)] == ["fxo/1"]


def test_a_recall_ends_nothing() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.tell(LoopOpened, "fxs/1")
    alone.wait(100)
    alone.tell(LoopClosed, "fxs/1")
    alone.wait(5_000)
    assert not alone.all(SetBridge)


BUSY = {"tone": "busy", "frequency_hz": (450.0,), "cadence_ms": (350, 350), "cycles": 2}


def test_busy_tone_frees_the_line_when_it_has_lasted_and_nobody_spoke() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.tell(ToneHeard, "fxo/1", **BUSY)
    alone.wait(1_000)
    assert not alone.all(Release), "a suspicion cuts nobody off"
    alone.wait(5_000)
    assert [command.port for command in alone.all(Release)] == ["fxo/1"]


def test_somebody_else_s_busy_tone_is_taken_back_by_a_voice() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.tell(ToneHeard, "fxo/1", **BUSY)
    alone.wait(1_500)
    done = alone.tell(SpeechHeard, "fxo/1")
    assert [c.progress for c in done if isinstance(c, Listen)] == [False, True], "heard anew"
    alone.wait(30_000)
    assert not alone.all(Release)


def test_a_tone_that_stops_by_itself_was_not_the_end() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.tell(ToneHeard, "fxo/1", **BUSY)
    alone.wait(1_000)
    alone.tell(ToneEnded, "fxo/1", tone="busy")
    alone.wait(30_000)
    assert not alone.all(Release)


def test_a_tone_of_no_country_counts_only_where_call_control_had_learned_it() -> None:
    odd = {"tone": "unknown", "frequency_hz": (600.0,), "cadence_ms": (200, 200), "cycles": 4}
    note = ClearNote(kind="tone", tone="unknown", frequency_hz=(600.0,), cadence_ms=(200, 200))
    learned = LineProfile(notes=(note, note), calls=2)
    for profile, freed in ((LineProfile(), []), (learned, ["fxo/1"])):
        alone = Alone(talking=("fxs/1", "fxo/1"), profiles={"fxo/1": profile})
        alone.tell(ToneHeard, "fxo/1", **odd)
        alone.wait(8_000)
        assert [command.port for command in alone.all(Release)] == freed


def test_on_a_line_that_always_tells_by_its_loop_a_tone_must_last_long() -> None:
    broken = ClearNote(kind="loop_break", gap_ms=400)
    loops = LineProfile(notes=(broken, broken), calls=2)
    alone = Alone(talking=("fxs/1", "fxo/1"), profiles={"fxo/1": loops})
    alone.tell(ToneHeard, "fxo/1", **BUSY)
    alone.wait(10_000)
    assert not alone.all(Release)
    alone.wait(6_000)
    assert [command.port for command in alone.all(Release)] == ["fxo/1"]


def test_the_watchdog_frees_a_line_on_which_nobody_is_heard() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    for _ in range(30):  # half an hour of a held caller who is heard now and then
        alone.tell(SpeechHeard, "fxo/1")
        alone.wait(60_000)
    assert not alone.all(Release)
    alone.wait(DEFAULT_TIMES["line_watchdog"] + 60_000)
    assert [command.port for command in alone.all(Release)] == ["fxo/1"]


def test_a_loop_break_frees_the_line_and_a_short_gap_does_not() -> None:
    alone = Alone(talking=("fxs/1", "fxo/1"))
    alone.tell(LoopCurrentLost, "fxo/1")
    alone.wait(50)
    alone.tell(LoopCurrentReturned, "fxo/1", gap_ms=50)
    alone.wait(5_000)
    assert not alone.all(Release)
    alone.tell(LoopCurrentLost, "fxo/1")
    alone.wait(250)
    assert [command.port for command in alone.all(Release)] == ["fxo/1"]


def test_before_twenty_seconds_a_lifted_handset_gets_nothing() -> None:
    alone = Alone()
    alone.wait(19_000)
    alone.tell(LoopClosed, "fxs/1")
    assert not alone.all(Seize)


def test_a_handset_lifted_meanwhile_is_served_when_the_time_comes() -> None:
    alone = Alone()
    alone.wait(19_000)
    alone.tell(LoopClosed, "fxs/1")
    alone.wait(1_000)
    assert [command.port for command in alone.all(Seize)] == ["fxo/1"]


def test_a_handset_that_lay_beside_its_telephone_gets_no_line() -> None:
    alone = Alone(off_hook=("fxs/1",))
    alone.wait(30_000)
    assert not alone.all(Seize)


def test_lifted_handsets_get_the_free_lines_one_after_the_other() -> None:
    alone = Alone()
    alone.wait(20_000)
    done = alone.tell(LoopClosed, "fxs/1")
    assert isinstance(done[0], Seize)
    assert {p.port for p in alone.all(SetBridge)[0].parties} == {"fxs/1", "fxo/1"}
    alone.tell(ToneHeard, "fxo/1", tone="dial")  # that is what it was taken for
    assert not alone.all(Release)
    alone.tell(LoopClosed, "fxs/2")
    assert [command.port for command in alone.all(Seize)] == ["fxo/1", "fxo/2"]


def test_without_a_free_line_there_is_congestion_until_the_handset_is_put_down() -> None:
    alone = Alone(battery=False)
    alone.wait(20_000)
    alone.tell(LoopClosed, "fxs/1")
    (tone,) = alone.all(PlayTone)
    assert (tone.port, tone.tone) == ("fxs/1", "congestion")
    alone.hang_up("fxs/1")
    assert [command.port for command in alone.all(StopTone)] == ["fxs/1"]


def test_a_ringing_line_rings_everybody_and_the_first_to_lift_has_the_caller() -> None:
    alone = Alone()
    alone.wait(20_000)
    alone.tell(RingStarted, "fxo/2")
    assert [command.port for command in alone.all(Ring)] == ["fxs/1", "fxs/2"]
    alone.wait(4_000)
    alone.tell(RingStarted, "fxo/2")
    assert len(alone.all(Ring)) == 2, "they ring already"
    alone.tell(LoopClosed, "fxs/2")
    assert [command.port for command in alone.all(Seize)] == ["fxo/2"]
    assert [command.port for command in alone.all(StopRinging)] == ["fxs/1"]
    assert {p.port for p in alone.all(SetBridge)[0].parties} == {"fxs/2", "fxo/2"}


def test_telephones_stop_when_the_line_does() -> None:
    alone = Alone()
    alone.wait(20_000)
    alone.tell(RingStarted, "fxo/2")
    alone.wait(6_000)
    assert [command.port for command in alone.all(StopRinging)] == ["fxs/1", "fxs/2"]


def test_a_line_that_rings_already_as_the_service_begins() -> None:
    alone = Alone()
    alone.wait(17_000)
    alone.tell(RingStarted, "fxo/1")
    alone.wait(3_000)
    assert [command.port for command in alone.all(Ring)] == ["fxs/1", "fxs/2"]


def test_two_callers_are_served_in_the_order_they_came() -> None:
    alone = Alone()
    alone.wait(20_000)
    alone.tell(RingStarted, "fxo/2")
    alone.wait(1_000)
    alone.tell(RingStarted, "fxo/1")
    alone.tell(LoopClosed, "fxs/1")
    assert not alone.all(StopRinging), "the other caller still waits"
    alone.tell(LoopClosed, "fxs/2")
    assert [command.port for command in alone.all(Seize)] == ["fxo/2", "fxo/1"]


def test_when_call_control_is_back_the_conversations_stay_and_the_ringing_stops() -> None:
    alone = Alone()
    alone.wait(20_000)
    alone.tell(LoopClosed, "fxs/1")
    alone.tell(RingStarted, "fxo/2")
    done = alone.care.hand_back(alone.now_ms)
    assert [(type(c), c.port) for c in done] == [(StopRinging, "fxs/2")]
    assert not [c for c in alone.commands if isinstance(c, SetBridge) and not c.parties]
    assert not alone.care.serving


def test_a_box_without_call_control_from_the_start_serves_as_ports_come_up() -> None:
    alone = Alone()
    alone.care.take_over((), (), alone.now_ms)
    alone.wait(20_000)
    alone.tell(LoopClosed, "fxs/1")
    assert not alone.all(Seize), "no line has reported yet"
    alone.hang_up("fxs/1")
    alone.tell(PortReady, "fxo/1")
    alone.tell(PortReady, "fxo/2")
    alone.tell(BatteryLost, "fxo/1")
    alone.tell(PortReady, "fxs/1")
    alone.tell(LoopClosed, "fxs/1")
    assert [command.port for command in alone.all(Seize)] == ["fxo/2"]
