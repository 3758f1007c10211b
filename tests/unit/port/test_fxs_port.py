"""A telephone's jack by itself: rare things that the stories of calls do not show."""

from __future__ import annotations

from typing import Any

from drivers.line import ChipReset, LoopClosed, LoopOpened, PortFailed, PortReady, PowerAlarm
from firmware.core.commands import Caller, Listen, PlayTone, Ring, StopRinging
from firmware.core.countries import country
from firmware.core.port_events import (
    Lifted,
    OnHook,
    PhoneAnswered,
    PortLost,
    RingPhone,
    StopPhone,
    TakePhone,
)
from firmware.port.fxs_port import FxsPort

PORT = "fxs/1"


class Telephone:
    """One telephone at its jack."""

    def __init__(self) -> None:
        self.jack = FxsPort(PORT, country("CN").hook)
        self.now_ms = 1_000
        self.seen: list[Any] = []
        self.tell(PortReady)

    def tell(self, event: type, **fields: Any) -> list[Any]:
        return self.do(event(port=PORT, at_ms=self.now_ms, **fields))

    def do(self, event: Any) -> list[Any]:
        done = self.jack.handle(event, self.now_ms)
        self.seen += done
        return done

    def wait(self, ms: int) -> list[Any]:
        end_ms, done = self.now_ms + ms, []
        while (due_ms := self.jack.next_deadline()) is not None and due_ms <= end_ms:
            self.now_ms = due_ms
            done += self.jack.advance(due_ms)
        self.now_ms = end_ms
        self.seen += done
        return done

    def talking(self) -> None:
        self.tell(LoopClosed)
        self.do(TakePhone(port=PORT))
        self.wait(10_000)
        self.seen.clear()


def test_ringing_shows_the_caller_and_stops_as_the_handset_is_lifted() -> None:
    telephone = Telephone()
    (ring,) = telephone.do(RingPhone(port=PORT, caller=Caller(number="123")))
    assert ring == Ring(port=PORT, caller=Caller(number="123"))
    done = telephone.tell(LoopClosed, ring_trip=True)
    assert isinstance(done[0], StopRinging)
    assert any(isinstance(effect, PhoneAnswered) for effect in done)
    assert not any(isinstance(effect, PlayTone) for effect in done)


def test_a_handset_lifted_as_the_ringing_is_withdrawn_hears_dial_tone() -> None:
    telephone = Telephone()
    telephone.do(RingPhone(port=PORT))
    telephone.do(StopPhone(port=PORT))
    done = telephone.tell(LoopClosed)
    assert any(isinstance(effect, Lifted) for effect in done)
    assert PlayTone(port=PORT, tone="dial") in done


def test_keys_in_a_conversation_are_not_listened_for() -> None:
    telephone = Telephone()
    telephone.tell(LoopClosed)
    done = telephone.do(TakePhone(port=PORT))
    assert done[-1] == Listen(port=PORT)


def test_a_chip_that_is_back_in_two_seconds_keeps_the_conversation() -> None:
    telephone = Telephone()
    telephone.talking()
    telephone.tell(ChipReset)
    telephone.wait(1_900)
    telephone.tell(PortReady)
    telephone.wait(100)
    telephone.tell(LoopClosed)
    telephone.wait(10_000)
    assert telephone.jack.state == "in_call"
    assert not [e for e in telephone.seen if isinstance(e, OnHook | PortLost | Lifted)]


def test_a_chip_that_does_not_come_back_ends_it() -> None:
    telephone = Telephone()
    telephone.talking()
    telephone.tell(ChipReset)
    done = telephone.wait(3_000)
    assert [type(effect) for effect in done] == [PortLost]
    assert telephone.jack.state == "out_of_service"


def test_whoever_hung_up_while_the_chip_was_away_has_hung_up() -> None:
    telephone = Telephone()
    telephone.talking()
    telephone.tell(ChipReset)
    telephone.wait(1_900)
    telephone.tell(PortReady)
    done = telephone.wait(600)
    assert [type(effect) for effect in done] == [OnHook]
    assert telephone.jack.state == "idle"


def test_a_failed_port_says_why() -> None:
    telephone = Telephone()
    telephone.talking()
    telephone.tell(PortFailed, reason="the battery is 12 V, 40 V are needed")
    assert telephone.jack.lost_because == "the battery is 12 V, 40 V are needed"
    telephone.tell(LoopOpened)
    telephone.tell(PortReady)
    telephone.tell(LoopClosed)
    assert telephone.jack.state == "dial_tone"


def test_power_alarms_are_counted() -> None:
    telephone = Telephone()
    telephone.tell(PowerAlarm, count=1)
    telephone.tell(PowerAlarm, count=2)
    assert telephone.jack.alarms == 2
