"""A day of 500 calls as calld keeps it, for what it costs the card."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from firmware.core import acd_entries as acd
from firmware.core import log_entries as log
from firmware.core.commands import StartRecording
from firmware.daemons.desks.archive import Archive
from firmware.daemons.ledger import ENTRY_WAIT_MS, MILESTONES
from firmware.daemons.rounds import HEARTBEAT_ROW_MS
from firmware.daemons.wires.spool import Spool
from firmware.storage.line_profiles import LineProfileStore
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.bench.power.card import Card, Writes
from tests.unit.reports.pencil import Day, Part, Stay, tell

CALLS = 500
BEGIN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
OPEN_S, CLOSE_S = 8 * 3600, 18 * 3600
BOOT = "boot-a"
LINES_EVERY_MS = 600_000


@dataclass(frozen=True)
class Cost:
    """What the card was given."""

    written: int
    flushes: int
    commits: int = 0


def entries(seed: int) -> list[log.AnyLogEntry]:
    """500 calls of a working day with four agents, their states, and what the menu wrote."""
    chance = random.Random(seed)
    rows = []
    for call in range(1, CALLS + 1):
        at = OPEN_S + chance.randrange(CLOSE_S - OPEN_S)
        left = "abandoned" if chance.random() < 0.1 else ""
        holds = (40,) if chance.random() < 0.3 else ()
        parts = [] if left else [Part(chance.choice("ABCD"), 180, 40, holds)]
        number = f"138{chance.randrange(10**8):08d}"
        rows.append(Day(call, at, number, [Stay("sales", 12, parts, left)]))
    found = tell(rows)
    states: list[log.AnyLogEntry] = []
    for entry in found:
        # The states an agent passes with each call, at the moments of the call.
        state = {
            acd.OfferStarted: acd.AgentState.RINGING,
            acd.AgentJoined: acd.AgentState.TALKING,
            acd.AgentHeld: acd.AgentState.HOLDING,
            acd.AgentRetrieved: acd.AgentState.TALKING,
            acd.AgentLegEnded: acd.AgentState.WRAP_UP,
            acd.WrapUpEnded: acd.AgentState.READY,
        }.get(type(entry))
        if state is not None:
            agent = entry.agent
            states.append(acd.AgentChanged(at_ms=entry.at_ms, agent=agent, state=state))
        if isinstance(entry, acd.QueueAnswered):
            states.append(
                log.TelephoneAnswered(
                    call=entry.call, at_ms=entry.at_ms, port="fxs/1", extension="201"
                )
            )
            states.append(
                log.VoicesConnected(
                    call=entry.call, at_ms=entry.at_ms + 20, parties=("fxo/1", "fxs/1")
                )
            )
        if isinstance(entry, log.CallClosed):
            states.append(
                log.Cleared(
                    call=entry.call,
                    at_ms=entry.at_ms,
                    side=log.Side.CUSTOMER,
                    by=log.ClearedBy.TONE,
                    port="fxo/1",
                    detail="busy 450 Hz",
                )
            )
    order = {log.Cleared: 0, log.CallClosed: 2}
    return sorted([*found, *states], key=lambda e: (e.at_ms, order.get(type(e), 1)))


def whole_day(card: Card, seed: int) -> Cost:
    """Keep the day by calld's own rule: milestones at once, what lies between within a second."""
    folder = card.folder / "day"
    folder.mkdir()
    mark_new(folder / "settings")
    settings = SettingsStore(folder / "settings")
    records = Records.open(folder / "records.sqlite")
    lines = LineProfileStore(folder / "lines.json")
    begin, commits = card.position(), 0
    pending: list[log.AnyLogEntry] = []
    heartbeat_ms = lines_ms = OPEN_S * 1000

    def commit(now_ms: int) -> None:
        nonlocal commits, pending, heartbeat_ms
        if pending:
            heartbeat_ms = now_ms
            wall = BEGIN + timedelta(milliseconds=now_ms)
            records.append(pending, boot=BOOT, wall=wall, trusted=True, now_ms=now_ms)
            commits += 1
        pending = []

    notes = {"fxo/1": {"ends": ["busy 450 Hz 350/350"] * 20}}
    for entry in entries(seed):
        if pending and entry.at_ms >= pending[0].at_ms + ENTRY_WAIT_MS:
            commit(pending[0].at_ms + ENTRY_WAIT_MS)
        while heartbeat_ms + HEARTBEAT_ROW_MS <= entry.at_ms:
            heartbeat_ms += HEARTBEAT_ROW_MS
            records.heartbeat(
                heartbeat_ms, boot=BOOT, wall=BEGIN + timedelta(milliseconds=heartbeat_ms)
            )
        pending.append(entry)
        if isinstance(entry, MILESTONES):
            commit(entry.at_ms)
        if isinstance(entry, log.CallClosed) and entry.at_ms >= lines_ms + LINES_EVERY_MS:
            lines_ms = entry.at_ms
            lines.save(notes, BEGIN)
    commit(CLOSE_S * 1000 * 2)
    for base in range(5):
        settings.save(
            {"note": ["x" * 50] * 400, "base": base}, base=base, who="o", why="", now=BEGIN
        )
    records.close()
    settings.close()
    written, flushes = _spent(card, begin)
    return Cost(written, flushes, commits)


def recording(card: Card, seconds: int, seed: int) -> tuple[Cost, int]:
    """One recording of so many seconds from its first sound to its rest and its removal.

    The sound is speech-like noise through A-law, each side in turn: what an office says packs no
    better. What it cost, and the bytes that were kept.
    """
    rng = np.random.default_rng(seed)
    data = card.folder / f"box-{seed}"
    archive = Archive(data / "recordings", data / "keys", data / "run", aside=False)
    command = StartRecording(port="fxo/1", recording="r", path=str(archive.folder / "r.wav"))
    command = archive.sealed(command)
    spool, path = Spool(), Path(command.path)
    os.sync()
    begin = card.position()
    spool.open(command.path, command.seal_for)
    for second in range(seconds):
        loud = (900.0, 30.0) if second // 5 % 2 else (30.0, 900.0)
        sound = rng.normal(0, 1, (8_000, 2)) * np.array(loud)
        coarse = np.maximum(2.0 ** (np.floor(np.log2(np.abs(sound) + 1)) - 4), 16)
        spool.write(command.path, (np.round(sound / coarse) * coarse).astype("<i2").tobytes())
    spool.close(command.path)
    archive.put_away(archive.folder / "r.wav")
    own = path.stat().st_size
    archive.remove("r")
    os.sync()
    written, flushes = _spent(card, begin)
    return Cost(written, flushes), own


def _spent(card: Card, begin: int) -> tuple[int, int]:
    return Writes.read(card.log.read_bytes()).spent(begin, card.position())
