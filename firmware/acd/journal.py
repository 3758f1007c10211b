"""What of queues and agents is kept, so that a restart or a power cut loses nobody.

A snapshot and the events since it are a complete account: the cores are deterministic, chance
included, so reading the events again gives exactly the state there was. Snapshots keep the rest
short. Queues and agents are known by number, so renaming one loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from firmware.acd.agent import AgentRecord
from firmware.acd.distribution import Distribution
from firmware.acd.effects import AcdEffect, TaskChanged, VisitEnded
from firmware.acd.events import AcdEvent, AnyAcdEvent
from firmware.acd.hall import Memo
from firmware.acd.offer import Offer
from firmware.acd.places import Place
from firmware.acd.queue import QueueRecord
from firmware.acd.tasks import Task, TaskRefused
from firmware.acd.visit import Visit
from firmware.core.acd_settings import Acd

SNAPSHOT_EVERY: Final = 500
"""So many events lie behind a snapshot at most; reading them again takes a few milliseconds."""


class Snapshot(msgspec.Struct, kw_only=True, tag="snapshot"):
    """Everything at one instant. ``boot`` names the run of the machine its times belong to."""

    version: int = 1
    boot: str
    at_ms: int
    memo: Memo
    queues: list[QueueRecord]
    agents: list[AgentRecord]
    visits: list[Visit]
    offers: list[Offer]
    tasks: list[Task]
    places: list[Place]
    times: list[tuple[str, str, int]]


class Happened(msgspec.Struct, kw_only=True, tag="happened"):
    """One event, or only the passing of time."""

    at_ms: int
    event: AnyAcdEvent | None = None


_LINE: Final = msgspec.json.Decoder(Snapshot | Happened)
_encode = msgspec.json.Encoder().encode


def capture(acd: Distribution, now_ms: int, boot: str) -> Snapshot:
    """The state as values; it shares objects with the running one, so encode it at once."""
    hall = acd.hall
    return Snapshot(
        boot=boot,
        at_ms=now_ms,
        memo=hall.memo,
        queues=[line.record for line in hall.queues.values()],
        agents=[agent.record for agent in hall.agents.values()],
        visits=list(hall.visits.values()),
        offers=list(hall.offers.values()),
        tasks=list(hall.book.tasks.values()),
        places=list(hall.places.kept.values()),
        times=hall.wheel.entries(),
    )


def restore(settings: Acd, kept: Snapshot) -> Distribution:
    """Queues and agents as they were. What the settings do not know any more is left out."""
    acd = Distribution(settings, kept.memo)
    hall = acd.hall
    hall.book = type(hall.book)(settings, kept.tasks, kept.memo.zone_ms)
    hall.places = type(hall.places)(kept.places)
    for queue_record in kept.queues:
        if queue_record.number in hall.queues:
            hall.queues[queue_record.number].record = queue_record
    for number in hall.agents:
        hall.set_levels(number)
    for line in hall.queues.values():
        line.members = sum((line.settings.number,) in found for found in hall.levels.values())
    for record in kept.agents:
        agent = hall.agents.get(record.number)
        if agent is None:
            continue
        agent.record = record
        agent.enter_state(record.state, record.since_ms)
        hall.count_state(record.number, "logged_out", record.state)
        if record.port:
            hall.ports[record.port] = record.number
    offered = {offer.visit: offer for offer in kept.offers}
    for visit in kept.visits:
        if visit.queue not in hall.queues:
            continue
        hall.visits[visit.id] = visit
        hall.know(visit)
        if visit.state != "talking":
            hall.queues[visit.queue].join(visit)
        if visit.state == "waiting":
            hall.lineup.add(visit)
        elif visit.state == "offered":
            hall.offers[visit.id] = offered[visit.id]
    known = {*hall.visits, *hall.agents, ""}
    for kind, whose, at_ms in kept.times:
        if whose in known:
            hall.wheel.set(kind, whose, at_ms)
    for number, agent in hall.agents.items():
        if agent.available(kept.at_ms):
            hall.to_pool(number)
    return acd


def fit(settings: Acd, kept: Snapshot) -> Snapshot:
    """What the settings still know of it; nobody is left in a state that nothing ends."""
    queues = {queue.number for queue in settings.queues}
    agents = {agent.number for agent in settings.agents}
    kept.agents = [record for record in kept.agents if record.number in agents]
    gone = {visit.id for visit in kept.visits if visit.queue not in queues}
    kept.visits = [visit for visit in kept.visits if visit.id not in gone]
    offers = []
    for offer in kept.offers:
        offer.agents = [number for number in offer.agents if number in agents]
        if offer.agents and offer.visit not in gone:
            offers.append(offer)
    kept.offers = offers
    rung = {number for offer in offers for number in offer.agents}
    offered = {offer.visit for offer in offers}
    for visit in kept.visits:
        if visit.state == "offered" and visit.id not in offered:
            visit.state = "waiting"
        if visit.agent not in agents:
            visit.agent = ""
        visit.wants = visit.wants if visit.wants in agents else ""
    for record in kept.agents:
        if record.state == "offered" and record.number not in rung:
            record.state, record.visit = "ready", ""
    known = {visit.task for visit in kept.visits if visit.task}
    for task in kept.tasks:
        if task.state == "offered" and task.id not in known:
            task.state = "open"
    return kept


def power_cut(
    settings: Acd, kept: Snapshot, now_ms: int, boot: str, offset_ms: int
) -> tuple[Distribution, list[AcdEffect]]:
    """The machine started anew: every waiting or talking caller becomes a task (I-19).

    Agents stay logged in where they were, and are ready; monotonic times of the earlier run mean
    nothing any more, so whatever hung on them begins anew. Tasks keep their times, which are of
    the wall clock. ``boot`` names the new run.
    """
    effects: list[AcdEffect] = []
    lost = [visit for visit in kept.visits if not visit.task]
    for task in kept.tasks:
        if task.state == "offered":
            task.state, task.next_ms = "open", now_ms + offset_ms
            task.order_ms = 0
    for record in kept.agents:
        fresh = AgentRecord(number=record.number, port=record.port, day=record.day)
        fresh.state = "paused" if record.state == "paused" else "ready"
        fresh.pause = record.pause if record.state == "paused" else ""
        if record.state == "logged_out":
            fresh.state = "logged_out"
        fresh.since_ms = fresh.idle_since_ms = now_ms
        fresh.acknowledged = record.acknowledged
        kept.agents[kept.agents.index(record)] = fresh
    for queue in kept.queues:
        queue.alarm_ms = -1
        queue.arrived_ms = []
    wall_ms = now_ms + offset_ms
    for visit in lost:
        record_of = next((q for q in kept.queues if q.number == visit.queue), None)
        queue_settings = next((q for q in settings.queues if q.number == visit.queue), None)
        if visit.state != "talking" and record_of is not None and queue_settings is not None:
            wait_ms = kept.at_ms - visit.entered_ms
            record_of.counts.end("power_cut", wait_ms, queue_settings)
            effects.append(
                VisitEnded(
                    visit=visit.id,
                    queue=visit.queue,
                    outcome="power_cut",
                    wait_ms=wait_ms,
                    position=0,
                    first_position=visit.first_position,
                )
            )
    kept.memo.offset_ms = offset_ms
    kept.visits, kept.offers, kept.times, kept.places = [], [], [], []
    kept.at_ms, kept.boot = now_ms, boot
    acd = restore(settings, kept)
    for visit in lost:
        try:
            task = acd.hall.book.open(
                "power_cut",
                visit.number,
                wall_ms,
                queue=visit.queue,
                name=visit.name,
                language=visit.language,
                about=visit.id,
            )
        except TaskRefused:
            continue
        effects.append(
            TaskChanged(
                task=task.id,
                kind=task.kind,
                number=task.number,
                owner=task.owner,
                what="opened",
                queue=task.queue,
            )
        )
    acd.hall.wheel.set("tasks", "", now_ms)
    return acd, effects


class Journal:
    """Lines to be kept, in order; a snapshot line makes all earlier ones needless.

    Args:
        boot: Names this run of the machine.
    """

    __slots__ = ("_since", "boot")

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self._since = SNAPSHOT_EVERY

    def line(self, acd: Distribution, event: AcdEvent | None, now_ms: int) -> tuple[bool, bytes]:
        """What to keep about an event that was handled; True when it replaces everything."""
        self._since += 1
        if self._since >= SNAPSHOT_EVERY:
            self._since = 0
            return True, _encode(capture(acd, now_ms, self.boot))
        return False, _encode(Happened(at_ms=now_ms, event=event))  # type: ignore[arg-type]  # AcdEvent is the root of that closed union


def read(settings: Acd, lines: Iterable[bytes]) -> tuple[Distribution | None, Snapshot | None]:
    """The state that the lines tell of, and its snapshot; None when they tell nothing.

    A torn last line is what a power cut leaves behind: it is dropped.
    """
    acd: Distribution | None = None
    boot, at_ms = "", 0
    for line in lines:
        try:
            found = _LINE.decode(line)
        except msgspec.DecodeError:
            break
        at_ms = found.at_ms
        if isinstance(found, Snapshot):
            acd, boot = restore(settings, found), found.boot
        elif acd is not None:
            if found.event is None:
                acd.advance(found.at_ms)
            else:
                acd.handle(found.event, found.at_ms)
    return acd, None if acd is None else capture(acd, at_ms, boot)


__all__ = [
    "Happened",
    "Journal",
    "Snapshot",
    "capture",
    "fit",
    "power_cut",
    "read",
    "restore",
]
