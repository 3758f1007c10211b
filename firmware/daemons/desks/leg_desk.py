"""How the sound of trunk calls travelled: kept with each call, and told when it is bad.

A leg may be gone before its call control knows how it was: sipd counts, tells every few seconds
and once at the end, and the end may come when the call is long closed. So the desk remembers whose
leg a port was last, and what was counted last, and writes one entry per leg either way.
"""

from __future__ import annotations

from typing import Final

import msgspec

from drivers.line import PortFailed
from firmware.core.log_entries import (
    CallAdopted,
    CallOffered,
    LineSeized,
    LogEntry,
    PartyMoved,
    VoicesConnected,
)
from firmware.core.settings import Settings
from firmware.core.sip_events import SipEnded, SipQuality
from firmware.core.sip_settings import trunk_of
from firmware.core.trunk_entries import TrunkMeasured

LEAST_PACKETS: Final = 250
"""Chosen: 5 s at 20 ms a packet; what is shorter says nothing of a trunk."""

IN_A_ROW: Final = 2
"""Chosen: one bad call may be the caller's own network."""

# In zh-CN and in en.
_BAD: Final = (
    (
        "SIP 中继 {name} 语音质量差：最近 {n} 个通话 MOS 最高 {mos}（低于 {limit}），"
        "最后一个丢包 {loss}%，抖动 {jitter} 毫秒，往返 {trip} 毫秒"
    ),
    (
        "Sound on SIP trunk {name} is bad: MOS of the last {n} calls was {mos} at best, below "
        "{limit}; the last one had {loss} % loss, {jitter} ms jitter, {trip} ms round trip."
    ),
)


class LegDesk:
    """Legs of trunks, by port."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}  # whose leg a port was last
        self._counted: dict[str, SipQuality] = {}  # of legs that have not been written yet
        self._bad: dict[str, list[TrunkMeasured]] = {}  # by trunk, since the last good one

    def note(self, entry: LogEntry) -> None:
        """An entry of a call: it may say whose leg a port is."""
        match entry:
            case CallOffered(origin=port) | LineSeized(port=port) | PartyMoved(port=port):
                ports: tuple[str, ...] = (port,)
            case VoicesConnected(parties=ports) | CallAdopted(parties=ports):
                pass
            case _:
                return
        for port in ports:
            if port.startswith("sip/"):
                self._calls[port] = entry.call

    def told(
        self, event: SipQuality | SipEnded | PortFailed, settings: Settings
    ) -> list[TrunkMeasured]:
        """What sipd says of a leg; the entry that is to be kept, if the leg is over."""
        port = event.port
        if isinstance(event, SipQuality):
            self._counted[port] = event
            if not event.over:
                return []
        counted, call = self._counted.pop(port, None), self._calls.get(port, "")
        if counted is None or not call:
            return []
        fields = {
            name: value
            for name, value in msgspec.structs.asdict(counted).items()
            if name in TrunkMeasured.__struct_fields__
        }
        entry = TrunkMeasured(call=call, **fields)
        self._judge(entry, settings)
        return [entry]

    def _judge(self, entry: TrunkMeasured, settings: Settings) -> None:
        trunk = trunk_of(settings.sip, entry.port)
        if trunk is None or entry.packets < LEAST_PACKETS:
            return
        if worst_mos(entry) >= settings.sip.least_mos:
            self._bad.pop(trunk.name, None)
        else:
            self._bad[trunk.name] = [*self._bad.get(trunk.name, ()), entry][-IN_A_ROW:]

    def alarms(self, settings: Settings, language: str) -> tuple[str, ...]:
        """Trunks whose last calls all sounded bad, in the reader's language."""
        text = _BAD[0 if language.startswith("zh") else 1]
        there = {trunk.name for trunk in settings.sip.trunks}
        return tuple(
            text.format(
                name=name,
                n=len(legs),
                mos=f"{max(worst_mos(leg) for leg in legs):.1f}",
                limit=f"{settings.sip.least_mos:.1f}",
                loss=max(legs[-1].loss_percent, legs[-1].far_loss_percent),
                jitter=round(max(legs[-1].jitter_ms, legs[-1].far_jitter_ms)),
                trip=round(legs[-1].round_trip_ms),
            )
            for name, legs in self._bad.items()
            if len(legs) >= IN_A_ROW and name in there
        )


def worst_mos(leg: TrunkMeasured) -> float:
    """The estimate of whoever heard worse; the far side's counts only where it reports."""
    return min(leg.mos, leg.far_mos) if leg.far_mos else leg.mos
