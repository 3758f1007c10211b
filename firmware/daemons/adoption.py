"""What a new call control makes of lined's snapshot and of the records that are still open.

A conversation that is up goes on, in its own record. A caller who was answered and still waits
hears the menu from the beginning. A line that rings goes on ringing for the same call. Everything
else is over: its record is closed with what lined saw in the meantime, its ports are put in order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drivers.line import (
    BatteryLost,
    ChipReset,
    LoopClosed,
    LoopCurrentLost,
    LoopOpened,
    PolarityReversed,
    PortFailed,
    PortKind,
    Release,
    port_kind,
)
from firmware.call.call import Call
from firmware.call.orders import Interrupt
from firmware.control.messages import BridgeSnapshot, PortSnapshot, Snapshot
from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import Listen, SetBridge, StopPlay, StopRecording, StopRinging, StopTone
from firmware.core.events import RecordingFinished, ToneHeard
from firmware.core.log_entries import (
    AnyLogEntry,
    CallOffered,
    ClearedBy,
    Direction,
    LineAnswered,
    Side,
    VoicesConnected,
)
from firmware.core.open_call import OpenCallLike
from firmware.daemons.desks.archive import mended
from firmware.port.caretaker import ALONE_IN, ALONE_OUT
from firmware.port.fxo_port import CLEAR_TONES, FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.sip_port import SipPort
from firmware.voicemail.mailbox import Message

log = logging.getLogger(__name__)

MakeCall = Callable[[str], Call]


class Adoption:
    """One snapshot and the open records beside it."""

    def __init__(
        self,
        snapshot: Snapshot,
        open_calls: Sequence[OpenCallLike],
        flows: Mapping[str, str] | None = None,
    ) -> None:
        """``flows`` says of calls that wait somewhere where they go on."""
        self._snapshot = snapshot
        self._flows = flows or {}
        self._open = open_calls
        self._seen = {port.port: port for port in snapshot.ports}
        self._taken: set[str] = set()
        self._kept: set[str] = set()  # bridges and recordings that go on

    def ports(self) -> tuple[str, ...]:
        """Every jack lined knows."""
        return tuple(self._seen)

    def run(
        self,
        phones: Mapping[str, FxsPort],
        lines: Mapping[str, FxoPort | SipPort],
        make_call: MakeCall,
        now_ms: int,
    ) -> Iterator[list[Any]]:
        """Put ports and calls where they are; effects come in groups, in order."""
        bridges = {bridge.call: bridge for bridge in self._snapshot.bridges if bridge.call}
        for open_call in self._open:
            bridge = bridges.get(open_call.call)
            yield from self._one(open_call, bridge, lines, phones, make_call, now_ms)
        for bridge in self._snapshot.bridges:
            if bridge.bridge.startswith((ALONE_IN, ALONE_OUT)) and self._alive(bridge):
                yield from self._made_alone(bridge, lines, phones, make_call, now_ms)
        yield self._end_the_rest()
        for port in self._snapshot.ports:
            if port.port not in self._taken:
                yield from self._free_port(port, lines, phones, now_ms)

    def _end_the_rest(self) -> list[Any]:
        """Conversations without all their parties, and recordings of what is over."""
        bridges = [b for b in self._snapshot.bridges if b.bridge not in self._kept]
        recordings = [r for r in self._snapshot.recordings if r.recording not in self._kept]
        return [
            *(SetBridge(bridge=b.bridge, call=b.call, parties=()) for b in bridges),
            *(StopRecording(recording=r.recording) for r in recordings),
        ]

    # --- calls ------------------------------------------------------------------------------------

    def _alive(self, bridge: BridgeSnapshot) -> bool:
        return bool(bridge.parties) and all(
            (seen := self._seen.get(party.port)) is not None and seen.ready and seen.off_hook
            for party in bridge.parties
        )

    def _one(
        self,
        open_call: OpenCallLike,
        bridge: BridgeSnapshot | None,
        lines: Mapping[str, FxoPort | SipPort],
        phones: Mapping[str, FxsPort],
        make_call: MakeCall,
        now_ms: int,
    ) -> Iterator[list[Any]]:
        call = make_call(open_call.call)
        entries = open_call.entries
        running = [recording.recording for recording in self._snapshot.recordings]
        if bridge is not None and self._alive(bridge):
            parties = tuple(party.port for party in bridge.parties)
            flow = self._flows.get(open_call.call, "") if len(parties) == 1 else ""
            effects = call.adopt(
                entries, parties, now_ms, recordings=running, bridge=bridge.bridge, flow=flow
            )
            self._kept |= {bridge.bridge, call.journal.recording}
            yield from self._place(call, parties, lines, phones, now_ms)
            yield effects
            return
        line = _inbound_line(entries)
        seen = self._seen.get(line)
        waiting = line and seen is not None and seen.ready and not _connected(entries)
        if waiting and seen is not None and line in lines and line not in self._taken:
            answered = any(isinstance(entry, LineAnswered) for entry in entries)
            if answered and seen.off_hook:
                self._taken.add(line)
                yield lines[line].place("connected", now_ms)
                flow = self._flows.get(open_call.call, "")
                yield call.adopt(entries, (line,), now_ms, flow=flow)
                return
            if not answered and not seen.off_hook:
                self._taken.add(line)
                lines[line].place("ring_on" if seen.ringing else "ring_pause", now_ms)
                yield call.adopt(entries, (line,), now_ms)
                yield [Listen(port=line, caller_id=True)]
                return
        call.recall(entries, now_ms)
        yield call.handle(self._why(entries, now_ms), now_ms)

    def _place(
        self,
        call: Call,
        parties: tuple[str, ...],
        lines: Mapping[str, FxoPort | SipPort],
        phones: Mapping[str, FxsPort],
        now_ms: int,
    ) -> Iterator[list[Any]]:
        outgoing = call.journal.direction is Direction.OUTBOUND
        for port in parties:
            self._taken.add(port)
            if port in phones:
                phones[port].place("in_call", now_ms)
                yield [Listen(port=port)]
            elif port in lines:
                yield lines[port].place(
                    "progress" if call.state == "progress" else "connected",
                    now_ms,
                    outgoing=outgoing,
                    answered_by=call.journal.answered_by,
                )

    def _made_alone(
        self,
        bridge: BridgeSnapshot,
        lines: Mapping[str, FxoPort | SipPort],
        phones: Mapping[str, FxsPort],
        make_call: MakeCall,
        now_ms: int,
    ) -> Iterator[list[Any]]:
        """A conversation of the emergency service gets a record from now on."""
        call = make_call("")
        parties = tuple(party.port for party in bridge.parties)
        kinds = {port_kind(port): port for port in parties}
        inbound = bridge.bridge.startswith(ALONE_IN)
        origin = kinds.get(PortKind.FXO if inbound else PortKind.FXS, parties[0])
        begun: list[AnyLogEntry] = [
            CallOffered(
                call=call.call,
                at_ms=now_ms,
                direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
                origin=origin,
            )
        ]
        effects = call.adopt(begun, parties, now_ms, bridge=bridge.bridge)
        self._kept.add(bridge.bridge)
        yield from self._place(call, parties, lines, phones, now_ms)
        yield [*begun, *effects]

    def _why(self, entries: Sequence[AnyLogEntry], now_ms: int) -> Interrupt:
        """Who ended a call while nobody was listening, from what lined saw."""
        parties = next(
            (entry.parties for entry in entries if isinstance(entry, VoicesConnected)), ()
        )
        for event in self._snapshot.missed:
            if event.port not in parties:
                continue
            line = port_kind(event.port) is PortKind.FXO
            by = None
            match event:
                case LoopOpened() if not self._lifted_again(event.port, event.at_ms):
                    by = ClearedBy.ON_HOOK
                case LoopCurrentLost() if line:
                    by = ClearedBy.LOOP_BREAK
                case PolarityReversed() if line:
                    by = ClearedBy.REVERSAL
                case BatteryLost():
                    by = ClearedBy.BATTERY_LOST
                case ToneHeard(tone=tone) if line and tone in CLEAR_TONES:
                    by = ClearedBy.TONE
                case ChipReset() | PortFailed():
                    by = ClearedBy.FAULT
            if by is None:
                continue
            side = Side.CUSTOMER if line else _telephone_side(entries, event.port)
            if by is ClearedBy.FAULT:
                side = Side.SYSTEM
            return Interrupt(
                at_ms=event.at_ms,
                side=side,
                by=by,
                port=event.port,
                detail="seen while call control was away",
            )
        return Interrupt(
            at_ms=now_ms,
            side=Side.UNKNOWN if parties else Side.SYSTEM,
            by=ClearedBy.RESTART,
            detail="call control was started anew",
        )

    def _lifted_again(self, port: str, after_ms: int) -> bool:
        return any(
            isinstance(event, LoopClosed) and event.port == port and event.at_ms >= after_ms
            for event in self._snapshot.missed
        )

    # --- ports without a call ---------------------------------------------------------------------

    def _free_port(
        self,
        seen: PortSnapshot,
        lines: Mapping[str, FxoPort | SipPort],
        phones: Mapping[str, FxsPort],
        now_ms: int,
    ) -> Iterator[list[Any]]:
        port = seen.port
        machine: FxsPort | FxoPort | SipPort = phones[port] if port in phones else lines[port]
        if not seen.ready:
            machine.lost_because = seen.failed or "the port is not ready"
            return
        quiet: list[Any] = []
        if seen.tone:
            quiet.append(StopTone(port=port))
        if seen.playing:
            quiet.append(StopPlay(port=port))
        yield quiet
        if isinstance(machine, FxsPort):
            machine.place("idle", now_ms)
            if seen.ringing:
                yield [StopRinging(port=port)]
            if seen.off_hook:
                yield machine.lift_found(now_ms)
        elif seen.off_hook:
            machine.place("guarding", now_ms)
            yield [Release(port=port), Listen(port=port)]
        elif seen.ringing:
            # Its call is not known here: it begins as if the burst had begun now.
            machine.place("idle", now_ms)
            yield machine.rings_found(now_ms)
        else:
            yield machine.place("idle" if seen.battery else "no_battery", now_ms)


def _connected(entries: Sequence[AnyLogEntry]) -> bool:
    return any(isinstance(entry, VoicesConnected) for entry in entries)


def _inbound_line(entries: Sequence[AnyLogEntry]) -> str:
    for entry in entries:
        if isinstance(entry, CallOffered) and entry.direction is Direction.INBOUND:
            return entry.origin
    return ""


def _telephone_side(entries: Sequence[AnyLogEntry], port: str) -> Side:
    for entry in entries:
        if isinstance(entry, CallOffered):
            calls = entry.direction is Direction.INTERNAL and entry.origin == port
            return Side.CUSTOMER if calls else Side.AGENT
    return Side.UNKNOWN


def closed_messages(messages: Sequence[Message], now_ms: int) -> Iterator[RecordingFinished]:
    """Messages that were being spoken as both daemons ended: what the file has is kept.

    Args:
        messages: That nobody records any more, unfinished.
        now_ms: Monotonic time now.
    """
    for message in messages:
        try:
            samples = mended(Path(message.path))
        except OSError as problem:
            log.warning("message %s is lost: %s", message.message, problem)
            samples = 0
        yield RecordingFinished(
            port="",
            at_ms=now_ms,
            recording=message.message,
            path=message.path,
            duration_ms=samples * 1_000 // SAMPLE_RATE_HZ,
        )
