"""Calls written out by hand, as the log has them. Times in ms after the boot."""

from datetime import UTC, datetime, timedelta, timezone

from firmware.core.log_entries import (
    AnsweredBy,
    AnyLogEntry,
    CallClosed,
    CallDialled,
    CallerKnown,
    CallOffered,
    Cleared,
    ClearedBy,
    Direction,
    FarSideAnswered,
    LineAnswered,
    LineReleased,
    LineSeized,
    MenuLeft,
    Outcome,
    RecordingEnded,
    RecordingStarted,
    RingingEnded,
    Side,
    TelephoneAnswered,
    TelephoneRings,
    VoicesConnected,
)

BOOT = "boot-a"
BOOT_WALL = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
OFFICE = timezone(timedelta(hours=8))


def wall(at_ms: int) -> datetime:
    """The office's clock ``at_ms`` after the boot, which was at midnight UTC."""
    return (BOOT_WALL + timedelta(milliseconds=at_ms)).astimezone(OFFICE)


def offered(call: str, at_ms: int = 10_000) -> CallOffered:
    return CallOffered(call=call, at_ms=at_ms, direction=Direction.INBOUND, origin="fxo/2")


def inbound(call: str) -> list[AnyLogEntry]:
    """A caller with a number chooses 1, two telephones ring, 202 answers, he hangs up."""
    return [
        offered(call),
        CallerKnown(call=call, at_ms=12_000, kind="number", number="13800138000", method="dtmf"),
        LineAnswered(call=call, at_ms=16_000, port="fxo/2"),
        MenuLeft(call=call, at_ms=21_500, destination="200", choice="1"),
        TelephoneRings(call=call, at_ms=21_600, port="fxs/1", extension="201"),
        TelephoneRings(call=call, at_ms=21_650, port="fxs/2", extension="202"),
        TelephoneAnswered(call=call, at_ms=30_000, port="fxs/2", extension="202"),
        RingingEnded(call=call, at_ms=30_000, port="fxs/2", result="answered"),
        RingingEnded(call=call, at_ms=30_005, port="fxs/1", result="withdrawn"),
        VoicesConnected(call=call, at_ms=30_020, parties=("fxo/2", "fxs/2")),
        RecordingStarted(call=call, at_ms=30_020, recording="r1", port="fxo/2", path="r1.wav"),
        Cleared(
            call=call,
            at_ms=90_020,
            side=Side.CUSTOMER,
            by=ClearedBy.TONE,
            port="fxo/2",
            detail="busy 450 Hz",
        ),
        LineReleased(call=call, at_ms=90_030, port="fxo/2"),
        RecordingEnded(call=call, at_ms=90_100, recording="r1", duration_ms=60_000),
        CallClosed(call=call, at_ms=90_200, outcome=Outcome.ANSWERED),
    ]


def outbound(call: str) -> list[AnyLogEntry]:
    """201 dials 0 and a number; ringback stops, which is taken for the answer; 201 hangs up."""
    return [
        CallOffered(call=call, at_ms=100_000, direction=Direction.OUTBOUND, origin="fxs/1"),
        CallDialled(call=call, at_ms=106_000, digits="01062551234", destination="line"),
        LineSeized(call=call, at_ms=106_100, port="fxo/1"),
        FarSideAnswered(
            call=call, at_ms=120_000, port="fxo/1", by=AnsweredBy.TONE_ENDED, estimate=True
        ),
        VoicesConnected(call=call, at_ms=106_200, parties=("fxs/1", "fxo/1")),
        Cleared(call=call, at_ms=150_000, side=Side.AGENT, by=ClearedBy.ON_HOOK, port="fxs/1"),
        CallClosed(call=call, at_ms=150_000, outcome=Outcome.ANSWERED),
    ]
