"""The building around the office: emergency mode, doors with their openers, mains and battery."""

from __future__ import annotations

import hmac
from typing import Any, Final

import msgspec

from firmware.call.call import Call
from firmware.call.effective import effective
from firmware.call.orders import ChangeSettings, Interrupt
from firmware.core.commands import CloseRelay, Listen, Play, StopRecording
from firmware.core.fsm import earliest
from firmware.core.log_entries import (
    CallMarked,
    LogEntry,
    RecordingEnded,
    RecordingStarted,
    VoicesConnected,
)
from firmware.core.port_events import Attend, Digit
from firmware.core.settings import Mode, Settings, extension_at
from firmware.core.site_settings import Door
from firmware.daemons.handset.front import Front

DOOR_CADENCE: Final = "door"
TELL_MS: Final = 10_000
"""Chosen: who talks hears the two sentences, 6 s, and has a moment for a word of his own."""

OWN_KEY_MS: Final = 80
ECHO_MS: Final = 300
"""A key of the doorphone comes back from the telephone's hybrid within 50 ms, 20 dB weaker; whoever
stands at the door must not open it so."""

# Each with its sentence in zh-CN and en.
_ALARMS: Final = {
    "emergency": (
        "应急模式已开启：所有来电在所有话机上振铃",
        "Emergency mode is on: every caller rings every telephone.",
    ),
    "battery": ("市电中断，系统正由电池供电", "The mains are off; the box runs on its battery."),
    "low": (
        "电池电量低：录音已停止，系统即将关机",
        "The battery is low: recording has stopped, and the box will be switched off soon.",
    ),
    "card": (
        "存储卡将满：录音已停止，通话和记录不受影响",
        "The card is nearly full: recording has stopped; calls and their records go on.",
    ),
}


class _Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A door to be opened in a moment."""

    call: str
    port: str
    door: Door
    heard_ms: int
    at_ms: int


class Premises:
    """One building. ``settings`` are those that calls go by."""

    def __init__(self, office: Front) -> None:
        self._office = office
        self._of: Settings | None = None
        self._low = False
        self._card_low = False
        self._made: tuple[bool, Mode, Settings] | None = None
        self._mains = True
        self._waits: list[_Opening] = []
        self._keyed: dict[str, str] = {}  # call to what was keyed outside of a door's code
        self._door_key_ms = self._outside_key_ms = -1_000_000
        self._stop_at: int | None = None
        self._tell_at: int | None = None
        self._recordings: dict[str, str] = {}  # name to call
        self.stop_wanted = False

    def settings(self, settings: Settings, mode: Mode = "day") -> Settings:
        """What calls go by: the settings in force, as the premises change them."""
        quiet = self.nothing_kept
        if self._of is not settings or self._made is None or self._made[:2] != (quiet, mode):
            self._of = settings
            self._made = (quiet, mode, effective(settings, mode=mode, power_low=quiet))
        return self._made[2]

    def alarms(self, settings: Settings, language: str = "") -> tuple[str, ...]:
        """What people must know, in the office's language unless another is asked for."""
        at = 0 if (language or settings.language).startswith("zh") else 1
        standing = (
            ("emergency", settings.emergency_mode),
            ("battery", not self._mains and not self._low),
            ("low", self._low),
            ("card", self._card_low),
        )
        return tuple(_ALARMS[what][at] for what, stands in standing if stands)

    # --- emergency mode ---------------------------------------------------------------------------

    def turn(self, settings: Settings, who: str, why: str) -> tuple[ChangeSettings, str]:
        """The other mode than now, and the prompt that says so."""
        on = not settings.emergency_mode
        wanted = msgspec.structs.replace(settings, emergency_mode=on)
        prompt = "emergency-mode-on" if on else "emergency-mode-off"
        return ChangeSettings(settings=wanted, who=who, why=why), prompt

    # --- doors ------------------------------------------------------------------------------------

    def door_of(self, port: str, settings: Settings) -> Door | None:
        """The door whose phone is on this jack."""
        extension = extension_at(settings, port)
        number = extension.number if extension else ""
        return next((door for door in settings.doors if door.extension == number), None)

    def prepare(self, call: Call, port: str, settings: Settings) -> None:
        """Say how a call that begins here rings, and where it goes that nobody answers."""
        door = self.door_of(port, settings)
        if door is None:
            return
        call.ring_as(DOOR_CADENCE)
        if door.outside and door.outside_when == "unanswered":
            call.go_on_to(door.extension, door.outside)

    def note(self, entry: LogEntry, settings: Settings, out: list[Any]) -> None:
        """Keys are listened for where somebody talks to a door; recordings are remembered."""
        match entry:
            case RecordingStarted(recording=name):
                self._recordings[name] = entry.call
            case RecordingEnded(recording=name):
                self._recordings.pop(name, None)
            case VoicesConnected():
                calls = self._office.calls_by_id
                call = calls.get(entry.call)
                self._keyed = {key: kept for key, kept in self._keyed.items() if key in calls}
                found = None if call is None else self._at_door(call, settings)
                if found is not None and call is not None:
                    self._listen(call, found[0], settings, entry.at_ms, out)

    def _listen(
        self, call: Call, door: Door, settings: Settings, now_ms: int, out: list[Any]
    ) -> None:
        """Keys are heard of all who talk; who was called outside hears that it is the door."""
        self._keyed.pop(call.call, None)
        for port, leg in call.parties.legs.items():
            if leg.kind != "line":
                out.append(Listen(port=port, digits=True))
                continue
            self._office.carry_out([Attend(port=port, digits=True)], now_ms, out)
            if door.outside:
                said = (f"{settings.language}/door-call",)
                out.append(Play(port=port, play=f"door-call-{port}", prompts=said))

    def _at_door(self, call: Call, settings: Settings) -> tuple[Door, str] | None:
        for port in call.parties.legs:
            door = self.door_of(port, settings)
            if door is not None:
                return door, port
        return None

    def key(self, event: Digit, settings: Settings, now_ms: int, out: list[Any]) -> bool:
        """Whether a key was pressed in a conversation with a door; the right one opens it."""
        call = self._office.call_at(event.port)
        found = None if call is None or call.state != "talking" else self._at_door(call, settings)
        if call is None or found is None:
            return False
        door, door_port = found
        if event.port == door_port and event.at_ms - self._outside_key_ms <= ECHO_MS:
            pass  # the echo of a key of whoever is outside
        elif event.port == door_port:
            # Its own keys open nothing, nor does their echo; what came first was no echo.
            self._waits = [w for w in self._waits if w.heard_ms < event.at_ms]
            if not self._waits:
                self._door_key_ms = event.at_ms
        elif event.at_ms - self._door_key_ms <= ECHO_MS:
            pass
        elif door.outside_code and call.parties.legs[event.port].kind == "line":
            self._code_key(call, event, door, settings, now_ms, out)
        elif event.digit == door.key:
            self._open_soon(call, event, door, now_ms)
        return True

    def _code_key(
        self, call: Call, event: Digit, door: Door, settings: Settings, now_ms: int, out: list[Any]
    ) -> None:
        """Somebody outside keys the code; wrong ones are counted like any other PIN."""
        self._outside_key_ms = event.at_ms
        keyed = self._keyed.get(call.call, "") + event.digit
        if not keyed.isdigit():
            keyed = ""  # a star or a square begins anew
        self._keyed[call.call] = keyed
        if len(keyed) < len(door.outside_code):
            return
        self._keyed[call.call] = ""
        good = hmac.compare_digest(keyed, door.outside_code)
        fraud = self._office.outside.fraud
        if fraud.pin_tried(door.extension, good=good):
            self._open_soon(call, event, door, now_ms)
            return
        wrong = "password-locked" if fraud.pin_blocked(door.extension) else "password-wrong"
        said = (f"{settings.language}/{wrong}",)
        out.append(Play(port=event.port, play=f"door-{event.port}", prompts=said))

    def _open_soon(self, call: Call, event: Digit, door: Door, now_ms: int) -> None:
        self._waits.append(
            _Opening(
                call=call.call,
                port=event.port,
                door=door,
                heard_ms=event.at_ms,
                at_ms=now_ms + OWN_KEY_MS,
            )
        )

    def _open(self, wait: _Opening, settings: Settings, now_ms: int, out: list[Any]) -> None:
        opener = extension_at(settings, wait.port)
        who = opener.number if opener else wait.port
        language = (opener.language if opener else "") or settings.language
        marked = CallMarked(call=wait.call, at_ms=now_ms, mark=f"door_opened:{who}", extension=who)
        prompts = (f"{language}/door-opened",)
        said = Play(port=wait.port, play=f"door-{wait.port}", prompts=prompts)
        hold_ms = wait.door.open_s * 1_000
        opened = CloseRelay(port=wait.port, relay=wait.door.relay, hold_ms=hold_ms)
        self._office.carry_out([opened, marked, said], now_ms, out)

    # --- power ------------------------------------------------------------------------------------

    def power(
        self, settings: Settings, *, mains: bool, low: bool, now_ms: int, out: list[Any]
    ) -> None:
        """The supply says how it is."""
        self._mains = mains
        if low and not mains and not self._low:
            self._low = True
            out += [StopRecording(recording=name) for name in self._recordings]
            if settings.power.stop_after_s:
                self._stop_at = now_ms + settings.power.stop_after_s * 1_000
                self._tell_at = max(now_ms, self._stop_at - TELL_MS)
        elif mains or not low:
            self._low = False
            self._stop_at = self._tell_at = None
            self.stop_wanted = False

    @property
    def nothing_kept(self) -> bool:
        """Battery or card leave nothing for recordings."""
        return self._low or self._card_low

    def card(self, *, low: bool, out: list[Any]) -> None:
        """The card has little room left, or enough again; what is being recorded stops."""
        if low and not self._card_low:
            out += [StopRecording(recording=name) for name in self._recordings]
        self._card_low = low

    def next_deadline(self) -> int | None:
        """When a door is to be opened, or the box switched off."""
        return earliest(self._stop_at, self._tell_at, *(wait.at_ms for wait in self._waits))

    def advance(self, settings: Settings, now_ms: int, out: list[Any]) -> None:
        """Open doors whose key was no echo; say that it is time to stop in order."""
        due = [wait for wait in self._waits if now_ms >= wait.at_ms]
        self._waits = [wait for wait in self._waits if now_ms < wait.at_ms]
        for wait in due:
            if wait.call in self._office.calls_by_id:
                self._open(wait, settings, now_ms, out)
        if self._tell_at is not None and now_ms >= self._tell_at:
            self._tell_at = None
            self._tell_everybody(settings, out)
        if self._stop_at is not None and now_ms >= self._stop_at:
            self._stop_at = None
            for call in list(self._office.calls_by_id.values()):
                over = Interrupt(at_ms=now_ms, detail="the battery is at its end")
                self._office.carry_out(call.handle(over, now_ms), now_ms, out)
            self.stop_wanted = True

    def _tell_everybody(self, settings: Settings, out: list[Any]) -> None:
        """Whoever is in a call hears why it will end."""
        for call in self._office.calls_by_id.values():
            for port in call.parties.here():
                extension = extension_at(settings, port)
                own = extension.language if extension else call.language
                language = own or settings.language
                prompts = (f"{language}/power-low", f"{language}/goodbye")
                out.append(Play(port=port, play=f"power-{port}", prompts=prompts))
