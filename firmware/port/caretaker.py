"""What lined does by itself while call control is away. Pure; nobody is ever cut off.

At once: every conversation stays, ringing and tones stop, lines that carry nobody are given back.
A party that hangs up ends its conversation; so does an exchange that clears, by the same rules as
under call control (:mod:`firmware.port.line_care`): a tone is believed when it fits, has lasted and
nobody spoke behind it, and a line on which nobody is heard is freed by the watchdog.
After ``emergency_service`` (20 s) the box serves on: a lifted handset gets the first free exchange
line, a ringing line rings every telephone and the first to lift has the caller. When call control
is back it gets the conversations as they are; only ringing and tones stop.

What the office set (who rings when, how a line clears) is not known here, so a reversal of the
battery means nothing: it may as well be an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from drivers.line import (
    AnyLineCommand,
    AnyLineEvent,
    BatteryLost,
    BatteryReturned,
    ChipReset,
    LineFree,
    LineInUse,
    LoopClosed,
    LoopCurrentLost,
    LoopCurrentReturned,
    LoopOpened,
    PortFailed,
    PortKind,
    PortReady,
    Release,
    RingStarted,
    Seize,
    port_kind,
)
from firmware.core.commands import (
    AnyMediaCommand,
    Listen,
    Party,
    PlayTone,
    Ring,
    SetBridge,
    StopPlay,
    StopRinging,
    StopTone,
)
from firmware.core.country import Country
from firmware.core.events import AnyMediaEvent, SpeechHeard, ToneEnded, ToneHeard
from firmware.core.fsm import earliest
from firmware.core.timers import DEFAULT_TIMES, Times
from firmware.port.hook import Hook, HookSign, OffHookSign, OnHookSign
from firmware.port.line_care import LineCare
from firmware.port.line_profile import LineProfile

Command = AnyLineCommand | AnyMediaCommand
Event = AnyLineEvent | AnyMediaEvent

ALONE_IN: Final = "alone-in-"
ALONE_OUT: Final = "alone-out-"
"""Names of the conversations made here begin so; call control opens a record for them."""


class PortSeen(Protocol):
    """What must be known of a port to take it over; lined's snapshot of it fits."""

    @property
    def port(self) -> str: ...  # noqa: D102  # the attributes of PortSnapshot
    @property
    def ready(self) -> bool: ...  # noqa: D102  # likewise
    @property
    def off_hook(self) -> bool: ...  # noqa: D102  # likewise
    @property
    def ringing(self) -> bool: ...  # noqa: D102  # likewise
    @property
    def battery(self) -> bool: ...  # noqa: D102  # likewise
    @property
    def tone(self) -> str: ...  # noqa: D102  # likewise
    @property
    def playing(self) -> str: ...  # noqa: D102  # likewise


class BridgeSeen(Protocol):
    """A conversation to be kept; lined's snapshot of it fits."""

    @property
    def bridge(self) -> str: ...  # noqa: D102  # the attributes of BridgeSnapshot
    @property
    def call(self) -> str: ...  # noqa: D102  # likewise
    @property
    def parties(self) -> tuple[Party, ...]: ...  # noqa: D102  # likewise


class _Phone:
    __slots__ = ("hook", "lifted_here", "ready", "rings", "tone")

    def __init__(self, country: Country) -> None:
        self.hook = Hook(country.hook)
        self.ready = False
        self.rings = False
        self.tone = False
        self.lifted_here = False  # since call control went away


class Caretaker:
    """The ports of one card without call control.

    Args:
        ports: Every jack of the card.
        country: Hook timing.
        times: Timers; the defaults, since the office's are not known here.
    """

    __slots__ = (
        "_bridges",
        "_commands",
        "_country",
        "_lines",
        "_made",
        "_phones",
        "_serve_at",
        "_times",
        "serving",
    )

    def __init__(
        self, ports: Iterable[str], country: Country, times: Times = DEFAULT_TIMES
    ) -> None:
        self._country = country
        self._times = times
        self._phones: dict[str, _Phone] = {}
        self._lines: dict[str, LineCare] = {}
        self._bridges: dict[str, SetBridge] = {}
        self._commands: list[Command] = []
        self._serve_at: int | None = None
        self._made = 0
        self.serving = False
        for port in ports:
            self._forget(port)

    def _forget(self, port: str) -> None:
        if port_kind(port) is PortKind.FXS:
            self._phones[port] = _Phone(self._country)
        else:
            known = self._lines.get(port)
            profile = known.profile if known else LineProfile()
            self._lines[port] = LineCare(self._times, profile)

    def know_lines(self, profiles: Mapping[str, LineProfile]) -> None:
        """What call control has learned of how lines clear; of use when it is away."""
        for port, profile in profiles.items():
            if port in self._lines and not self._lines[port].seized:
                self._lines[port] = _renewed(self._lines[port], self._times, profile)

    # --- taking over and handing back -------------------------------------------------------------

    def take_over(
        self, ports: Sequence[PortSeen], bridges: Sequence[BridgeSeen], now_ms: int
    ) -> list[Command]:
        """Call control is away as of now. Ports not named have yet to report."""
        self.serving = False
        self._serve_at = now_ms + self._times["emergency_service"]
        for port in (*self._phones, *self._lines):
            self._forget(port)
        self._bridges = {
            b.bridge: SetBridge(bridge=b.bridge, call=b.call, parties=b.parties) for b in bridges
        }
        for seen in ports:
            if port_kind(seen.port) is PortKind.FXS:
                self._take_phone(seen, now_ms)
            else:
                self._take_line(seen, now_ms)
            if seen.tone:
                self._commands.append(StopTone(port=seen.port))
            if seen.playing:
                self._commands.append(StopPlay(port=seen.port))
        return self._taken()

    def _take_phone(self, seen: PortSeen, now_ms: int) -> None:
        phone = self._phones[seen.port]
        phone.ready = seen.ready
        phone.hook = Hook(self._country.hook, off_hook=seen.off_hook, at_ms=now_ms)
        if seen.ringing:
            self._commands.append(StopRinging(port=seen.port))

    def _take_line(self, seen: PortSeen, now_ms: int) -> None:
        line = self._lines[seen.port]
        line.ready = seen.ready
        line.battery = seen.battery
        if seen.off_hook:
            line.hold(now_ms)
            if self._bridge_of(seen.port) is None:
                self._give_back(seen.port)
            else:
                self._hear(seen.port)
        elif seen.ringing:
            line.ringing_since = now_ms
            line.quiet_at = now_ms + self._times["ring_ceased"]

    def hand_back(self, now_ms: int) -> list[Command]:
        """Call control is here again: conversations stay, what only we began stops."""
        _ = now_ms
        self.serving = False
        self._serve_at = None
        for port, phone in self._phones.items():
            self._quiet(port, phone)
        return self._taken()

    # --- in ---------------------------------------------------------------------------------------

    def handle(self, event: Event, now_ms: int) -> list[Command]:
        """Something happened on a port."""
        if event.port in self._phones:
            self._phone_event(event, self._phones[event.port], now_ms)
        elif event.port in self._lines:
            self._line_event(event, self._lines[event.port], now_ms)
        return self._taken()

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        hooks = [phone.hook.next_deadline() for phone in self._phones.values()]
        lines = [d for x in self._lines.values() for d in (x.next_deadline(), x.quiet_at)]
        return earliest(self._serve_at, *hooks, *lines)

    def advance(self, now_ms: int) -> list[Command]:
        """Let hang-ups, loop breaks, the end of ringing and the 20 s become true."""
        if self._serve_at is not None and now_ms >= self._serve_at:
            self._serve_at = None
            self._begin_service(now_ms)
        for port, phone in self._phones.items():
            self._hook_signs(port, phone, phone.hook.advance(now_ms), now_ms)
        for port, line in self._lines.items():
            if line.seized and line.over(now_ms):
                self._far_side_cleared(port)
            self._hear_if_wanted(port)
            if line.quiet_at is not None and now_ms >= line.quiet_at:
                line.quiet_at = line.ringing_since = None
                self._stop_ringing_unless_wanted()
        return self._taken()

    def _phone_event(self, event: Event, phone: _Phone, now_ms: int) -> None:
        port = event.port
        match event:
            case LoopClosed():
                self._hook_signs(port, phone, phone.hook.closed(event.at_ms), now_ms)
            case LoopOpened():
                self._hook_signs(port, phone, phone.hook.opened(event.at_ms), now_ms)
            case PortReady():
                phone.ready = True
                phone.hook = Hook(self._country.hook, at_ms=now_ms)
            case PortFailed():
                phone.ready = False
                self._drop_bridge_of(port)
            case ChipReset():
                phone.ready = False

    def _line_event(self, event: Event, line: LineCare, now_ms: int) -> None:
        port = event.port
        match event:
            case RingStarted() if not line.seized:
                line.quiet_at = now_ms + self._times["ring_ceased"]
                if line.ringing_since is None:
                    line.ringing_since = now_ms
                self._ring_everybody()
            case LoopCurrentLost() if line.seized:
                line.current_lost(event)
            case LoopCurrentReturned() if line.seized:
                if line.current_back(event):
                    self._far_side_cleared(port)
            case ToneHeard(tone=tone) if line.seized and not self._taken_for(port, tone):
                line.tone(event)
            case ToneEnded() if line.seized:
                line.tone_over(event)
            case SpeechHeard() if line.seized:
                line.spoke(event)
            case BatteryLost():
                line.battery = False
            case BatteryReturned():
                line.battery = True
            case LineInUse():
                line.in_use = True
            case LineFree():
                line.in_use = False
            case PortReady():
                line.ready = True
            case PortFailed() | ChipReset():
                self._drop_bridge_of(port)
                self._lines[port] = LineCare(self._times, line.profile)
        self._hear_if_wanted(port)

    # --- telephones -------------------------------------------------------------------------------

    def _hook_signs(self, port: str, phone: _Phone, signs: list[HookSign], now_ms: int) -> None:
        for sign in signs:
            if isinstance(sign, OffHookSign):
                phone.lifted_here = True
                phone.rings = False  # lined stops ringing at the trip
                if self.serving and self._bridge_of(port) is None:
                    self._serve(port, phone, now_ms)
            elif isinstance(sign, OnHookSign):
                phone.lifted_here = False
                self._quiet(port, phone)
                self._drop_bridge_of(port)

    def _begin_service(self, now_ms: int) -> None:
        self.serving = True
        self._ring_everybody()
        for port, phone in self._phones.items():
            # A handset that lay beside its telephone before would only block a line.
            if phone.lifted_here and phone.hook.off_hook and self._bridge_of(port) is None:
                self._serve(port, phone, now_ms)

    def _serve(self, port: str, phone: _Phone, now_ms: int) -> None:
        """A lifted handset gets the caller that waits longest, or the first free line."""
        ringing = [
            (x.ringing_since, p) for p, x in self._lines.items() if x.ringing_since is not None
        ]
        line = min(ringing)[1] if ringing else None
        name = ALONE_IN
        if line is None:
            name = ALONE_OUT
            line = next((p for p, x in self._lines.items() if x.free), None)
        if line is None:
            phone.tone = True
            self._commands.append(PlayTone(port=port, tone="congestion"))
            return
        taken = self._lines[line]
        taken.hold(now_ms)
        taken.wants_speech = False
        self._made += 1
        bridge = SetBridge(
            bridge=f"{name}{self._made}", call="", parties=(Party(port=port), Party(port=line))
        )
        self._bridges[bridge.bridge] = bridge
        self._stop_ringing_unless_wanted()
        listen = Listen(port=line, progress=True, speech=True)
        self._commands += [Seize(port=line), listen, bridge]

    def _ring_everybody(self) -> None:
        if not self.serving or all(x.ringing_since is None for x in self._lines.values()):
            return
        for port, phone in self._phones.items():
            if phone.ready and not phone.hook.off_hook and not phone.rings:
                phone.rings = True
                self._commands.append(Ring(port=port))

    def _stop_ringing_unless_wanted(self) -> None:
        if any(x.ringing_since is not None for x in self._lines.values()):
            return
        for port, phone in self._phones.items():
            if phone.rings:
                phone.rings = False
                self._commands.append(StopRinging(port=port))

    def _quiet(self, port: str, phone: _Phone) -> None:
        if phone.rings:
            phone.rings = False
            self._commands.append(StopRinging(port=port))
        if phone.tone:
            phone.tone = False
            self._commands.append(StopTone(port=port))

    # --- conversations ----------------------------------------------------------------------------

    def _bridge_of(self, port: str) -> SetBridge | None:
        for bridge in self._bridges.values():
            if any(party.port == port for party in bridge.parties):
                return bridge
        return None

    def _taken_for(self, port: str, tone: str) -> bool:
        """Whether it is the dial tone that a handset was given the line for."""
        bridge = self._bridge_of(port)
        return tone == "dial" and bridge is not None and bridge.bridge.startswith(ALONE_OUT)

    def _hear(self, port: str) -> None:
        line = self._lines[port]
        line.wants_speech = False
        if line.alarm_taken_back:
            # Disarmed and armed again, so that a tone that goes on is reported anew.
            line.alarm_taken_back = False
            self._commands.append(Listen(port=port))
        self._commands.append(Listen(port=port, progress=True, speech=True))

    def _hear_if_wanted(self, port: str) -> None:
        line = self._lines[port]
        if line.seized and line.wants_speech:
            self._hear(port)

    def _far_side_cleared(self, port: str) -> None:
        if self._bridge_of(port) is None:
            if self._lines[port].seized:
                self._give_back(port)
            return
        self._drop_bridge_of(port)

    def _drop_bridge_of(self, port: str) -> None:
        """End the conversation of a party that left; the others are free again."""
        bridge = self._bridge_of(port)
        if bridge is None:
            return
        del self._bridges[bridge.bridge]
        self._commands.append(SetBridge(bridge=bridge.bridge, call=bridge.call, parties=()))
        for party in bridge.parties:
            if party.port in self._lines and self._lines[party.port].seized:
                self._give_back(party.port)
            phone = self._phones.get(party.port)
            if phone is not None and phone.hook.off_hook and party.port != port and self.serving:
                phone.tone = True
                self._commands.append(PlayTone(port=party.port, tone="congestion"))

    def _give_back(self, port: str) -> None:
        line = self._lines[port]
        line.let_go()
        self._commands += [Release(port=port), Listen(port=port)]

    def _taken(self) -> list[Command]:
        commands, self._commands = self._commands, []
        return commands


def _renewed(line: LineCare, times: Times, profile: LineProfile) -> LineCare:
    """The same idle line with another profile."""
    fresh = LineCare(times, profile)
    fresh.ready, fresh.battery, fresh.in_use = line.ready, line.battery, line.in_use
    fresh.ringing_since, fresh.quiet_at = line.ringing_since, line.quiet_at
    return fresh
