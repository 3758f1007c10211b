"""What is kept of queues and agents with the records, and what a new call control makes of it.

Written with the commit of whatever caused it. Monotonic times compare within one boot only: after
a restart of call control everything is as it was, after a power cut callers become tasks.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from firmware.acd.distribution import Distribution
from firmware.acd.effects import AcdEffect, AgentChanged, VisitEnded
from firmware.acd.journal import Snapshot, capture, fit, power_cut, restore
from firmware.call.hours import zone_of
from firmware.core.acd_settings import Acd
from firmware.core.settings import Settings
from firmware.daemons.floor.after_calls import AfterMemory
from firmware.daemons.floor.surveys import Unasked


class LogMemory(msgspec.Struct, kw_only=True):
    """How far the numbering of visits and offers has come."""

    visits: dict[str, int] = {}
    offers: list[tuple[str, str, int]] = []  # call, agent, the running offer
    made: dict[str, int] = {}
    joined: dict[str, str] = {}


class OpenAlarm(msgspec.Struct, kw_only=True):
    """Something wrong at queues that no supervisor has confirmed."""

    what: str
    about: str
    value: int = 0
    advice: tuple[str, ...] = ()


class QueueMemory(msgspec.Struct, kw_only=True):
    """One document: the queues' state, and the desk's own."""

    acd: Snapshot
    log: LogMemory
    errands: dict[str, str] = {}
    why: dict[str, str] = {}
    after: AfterMemory = msgspec.field(default_factory=AfterMemory)
    unasked: dict[str, Unasked] = {}
    texted: dict[str, str] = {}  # number to the day of its text message
    day: str = ""  # of the office, to which the daily counts belong
    alarms: list[OpenAlarm] = []


def read(text: str) -> QueueMemory | None:
    """The document; None when there is none.

    Raises:
        msgspec.DecodeError: It cannot be read.
    """
    return msgspec.json.decode(text, type=QueueMemory) if text else None


def write(memory: QueueMemory) -> str:
    """The document as text."""
    return msgspec.json.encode(memory).decode()


def brought_back(
    settings: Acd, kept: Snapshot, now_ms: int, boot: str, offset_ms: int
) -> tuple[Distribution, list[AcdEffect]]:
    """The queues of before, and what is to be written down of it.

    Args:
        settings: In force now.
        kept: What was kept.
        now_ms: Monotonic, of this boot.
        boot: This one.
        offset_ms: Wall clock less monotonic time.
    """
    kept = fit(settings, kept)
    if kept.boot == boot:
        return restore(settings, kept), []
    acd, effects = power_cut(settings, kept, now_ms, boot, offset_ms)
    # The visits themselves end with their calls' records.
    entered: list[AcdEffect] = [e for e in effects if not isinstance(e, VisitEnded)]
    for number, agent in acd.hall.agents.items():
        record = agent.record
        if record.state != "logged_out":
            entered.append(
                AgentChanged(
                    agent=number,
                    before="logged_out",
                    after=record.state,
                    why="missed",
                    reason=record.pause,
                    port=record.port,
                )
            )
    return acd, entered


def carried_over(acd: Distribution, settings: Acd, now_ms: int) -> Distribution:
    """The same queues and agents under new settings."""
    # By way of bytes, since a state and its copy may not share what they change.
    kept = msgspec.json.decode(msgspec.json.encode(capture(acd, now_ms, "")), type=Snapshot)
    return restore(settings, fit(settings, kept))


def day_of(wall: datetime, settings: Settings) -> str:
    """The office's date."""
    return wall.astimezone(zone_of(settings)).date().isoformat()


def midnight_ms(wall: datetime, now_ms: int, settings: Settings) -> int:
    """When the office's next day begins, monotonic."""
    zone = zone_of(settings)
    tomorrow = wall.astimezone(zone).date() + timedelta(days=1)
    begins = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
    left = begins.timestamp() - wall.timestamp()
    return now_ms + max(round(left * 1_000), 0) + 1


def later_day(day: str, than: str) -> bool:
    """Whether it is a day after; a clock that was set back begins none."""
    return date.fromisoformat(day) > date.fromisoformat(than)
