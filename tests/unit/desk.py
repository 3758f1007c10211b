"""An office driven by hand: events in, effects out, time as one pleases. No sound, no sockets.

``Desk`` plays lined's part just so far that the office is not stuck: prompts end, digits get sent
and recordings get closed when the test lets time pass.
"""

from __future__ import annotations

from typing import Any, TypeVar

from drivers.line import (
    ChipReset,
    DialPulses,
    LineState,
    LoopClosed,
    LoopOpened,
    PortFailed,
    PulsesSent,
    Release,
    RingStarted,
    RingStopped,
    Seize,
    SetLineState,
    port_kind,
)
from firmware.control.messages import PortSnapshot, Snapshot
from firmware.core.commands import (
    Listen,
    Play,
    PlayTone,
    Ring,
    SendDigits,
    SetBridge,
    StartRecording,
    StopPlay,
    StopRecording,
    StopRinging,
    StopTone,
)
from firmware.core.countries import country
from firmware.core.events import (
    CallerIdHeard,
    DigitHeard,
    DigitsSent,
    IdentityKind,
    PlayFinished,
    RecordingFinished,
    ToneEnded,
    ToneHeard,
)
from firmware.core.fsm import earliest
from firmware.core.ids import counting
from firmware.core.log_entries import CallClosed, LogEntry
from firmware.core.settings import Settings
from firmware.daemons.office import Office
from tests.bench.invariants import Watch, sight

PROMPT_MS = 2_000
T = TypeVar("T")


class Desk:
    """An office, what it did, and what the ports are doing by its commands."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        prompts_end: bool = True,
        recordings_end: bool = True,
        first_call: int = 0,
    ) -> None:
        self.settings = settings or Settings()
        self.office = Office(self.settings, country(self.settings.country), counting(first_call))
        self.now_ms = 100_000
        self.effects: list[Any] = []
        self.log: list[Any] = []
        self.tones: dict[str, str] = {}
        self.ringing: dict[str, Ring] = {}
        self.bridges: dict[str, SetBridge] = {}
        self.seized: set[str] = set()
        self.plays: dict[str, Play] = {}
        self.listening: dict[str, Listen] = {}
        self.recordings: dict[str, StartRecording] = {}
        self.prompts_end = prompts_end
        self.recordings_end = recordings_end
        self._later: list[tuple[int, Any]] = []
        self.watch = Watch()

    @classmethod
    def ready(cls, settings: Settings | None = None, **options: Any) -> Desk:
        """An office whose ports are all in service."""
        desk = cls(settings, **options)
        desk.adopt()
        return desk

    # --- time and effects -------------------------------------------------------------------------

    def tell(self, event: Any) -> list[Any]:
        """One event now; what the office did comes back."""
        if isinstance(event, ChipReset | PortFailed):
            self.seized.discard(event.port)  # a chip without its registers holds no loop
        return self._take(self.office.handle(event, self.now_ms))

    def wait(self, ms: int) -> list[Any]:
        """Let time pass: timers fire, prompts end, digits get sent."""
        end_ms = self.now_ms + ms
        done: list[Any] = []
        while True:
            event_ms = self._later[0][0] if self._later else None
            due_ms = earliest(self.office.next_deadline(), event_ms)
            if due_ms is None or due_ms > end_ms:
                break
            self.now_ms = max(self.now_ms, due_ms)
            if event_ms is not None and event_ms <= self.now_ms:
                _, event = self._later.pop(0)
                done += self.tell(event)
            else:
                done += self._take(self.office.advance(self.now_ms))
        self.now_ms = end_ms
        return done

    def _at(self, after_ms: int, event_type: type, **fields: Any) -> None:
        due_ms = self.now_ms + after_ms
        self._later.append((due_ms, event_type(at_ms=due_ms, **fields)))
        self._later.sort(key=lambda pair: pair[0])

    def _take(self, effects: list[Any]) -> list[Any]:
        for effect in effects:
            self._perform(effect)
        self.effects += effects
        self.look()
        return effects

    def look(self) -> None:
        """What must hold after every event."""
        bridges = {
            name: (bridge.call, tuple(party.port for party in bridge.parties))
            for name, bridge in self.bridges.items()
        }
        self.watch.look(
            sight(
                self.office,
                self.now_ms,
                tones=dict(self.tones),
                ringing=set(self.ringing),
                seized=set(self.seized),
                bridges=bridges,
            )
        )

    def _perform(self, effect: Any) -> None:
        match effect:
            case LogEntry():
                self.log.append(effect)
            case PlayTone(port=port, tone=tone):
                self.tones[port] = tone
            case StopTone(port=port):
                self.tones.pop(port, None)
            case Ring(port=port):
                self.ringing[port] = effect
            case StopRinging(port=port):
                self.ringing.pop(port, None)
            case SetBridge(bridge=bridge, parties=()):
                self.bridges.pop(bridge, None)
            case SetBridge(bridge=bridge):
                self.bridges[bridge] = effect
            case Seize(port=port):
                self.seized.add(port)
            case Release(port=port):
                self.seized.discard(port)
            case Play(port=port, play=play):
                self.plays[port] = effect
                self._later = [x for x in self._later if not self._ends_play(x[1], port)]
                if self.prompts_end:
                    self._at(PROMPT_MS, PlayFinished, port=port, play=play)
            case StopPlay(port=port):
                self.plays.pop(port, None)
                self._later = [x for x in self._later if not self._ends_play(x[1], port)]
            case Listen(port=port):
                self.listening[port] = effect
            case SendDigits(port=port, digits=digits):
                self._at(180 * len(digits), DigitsSent, port=port)
            case DialPulses(port=port, digits=digits):
                self._at(1_400 * len(digits), PulsesSent, port=port)
            case StartRecording(recording=recording):
                self.recordings[recording] = effect
            case StopRecording(recording=recording):
                started = self.recordings.pop(recording)
                if not self.recordings_end:
                    return
                self._at(
                    120,
                    RecordingFinished,
                    port=started.port,
                    recording=recording,
                    path=started.path,
                    duration_ms=1_000,
                )
            case SetLineState(state=LineState.RINGING):
                raise AssertionError("call control rings by Ring, never by the line state")

    @staticmethod
    def _ends_play(event: Any, port: str) -> bool:
        return isinstance(event, PlayFinished) and event.port == port

    # --- people and exchanges ---------------------------------------------------------------------

    def lift(self, port: str) -> list[Any]:
        return self.tell(LoopClosed(port=port, at_ms=self.now_ms, ring_trip=port in self.ringing))

    def hang_up(self, port: str) -> list[Any]:
        """The handset goes on its hook, and stays there until the box knows."""
        done = self.tell(LoopOpened(port=port, at_ms=self.now_ms))
        return done + self.wait(self.office._country.hang_up_ms)

    def key(self, port: str, digits: str, gap_ms: int = 200) -> list[Any]:
        done: list[Any] = []
        for digit in digits:
            done += self.tell(DigitHeard(port=port, at_ms=self.now_ms, digit=digit))
            done += self.wait(gap_ms)
        return done

    def burst(self, port: str, on_ms: int = 1_000, off_ms: int = 4_000) -> None:
        """One burst of ringing and the pause behind it."""
        self.tell(RingStarted(port=port, at_ms=self.now_ms))
        self.wait(on_ms)
        self.tell(RingStopped(port=port, at_ms=self.now_ms, duration_ms=on_ms))
        self.wait(off_ms)

    def identify(self, port: str, number: str, name: str = "") -> None:
        self.tell(
            CallerIdHeard(
                port=port,
                at_ms=self.now_ms,
                kind=IdentityKind.NUMBER,
                number=number,
                name=name,
                method="fsk_bell202",
            )
        )

    def tone(self, port: str, tone: str) -> list[Any]:
        return self.tell(
            ToneHeard(port=port, at_ms=self.now_ms, tone=tone, frequency_hz=(450.0,), cycles=2)
        )

    def tone_ends(self, port: str, tone: str) -> list[Any]:
        return self.tell(ToneEnded(port=port, at_ms=self.now_ms, tone=tone))

    # --- stories ----------------------------------------------------------------------------------

    def call_in(self, port: str = "fxo/1", number: str = "01065529988") -> None:
        """An exchange line rings twice with caller identity; the box has answered after this."""
        self.burst(port, off_ms=1_500)
        self.identify(port, number)
        self.wait(2_500)
        self.burst(port, off_ms=700)

    def talk_inbound(self, phone: str = "fxs/1", line: str = "fxo/1") -> None:
        """A caller pressed 1 and somebody answered."""
        self.call_in(line)
        self.wait(PROMPT_MS + 500)
        self.key(line, "1")
        self.wait(PROMPT_MS + 500)
        self.lift(phone)

    def dial_out(self, number: str = "913800138000", phone: str = "fxs/1") -> None:
        """A handset dials; the line gave dial tone and the digits are out."""
        self.lift(phone)
        self.key(phone, number)
        self.wait(4_000)
        for line in sorted(self.seized):
            self.tone(line, "dial")
        self.wait(250 + 180 * len(number))

    # --- what was seen ----------------------------------------------------------------------------

    def entries(self, kind: type[T]) -> list[T]:
        return [entry for entry in self.log if isinstance(entry, kind)]

    def only(self, kind: type[T]) -> T:
        found = self.entries(kind)
        assert len(found) == 1, f"{kind.__name__}: {found} in {self.log}"
        return found[0]

    @property
    def joined(self) -> set[tuple[str, ...]]:
        """Who hears whom now, sorted within each bridge."""
        return {tuple(sorted(p.port for p in b.parties)) for b in self.bridges.values()}

    @property
    def outcome(self) -> str:
        return self.only(CallClosed).outcome.value

    # --- restart ----------------------------------------------------------------------------------

    def snapshot(self, *, off_hook: tuple[str, ...] = (), **more: Any) -> Snapshot:
        # A card has its jacks whether the settings name them or not.
        ports = [f"{kind}/{n}" for kind in ("fxs", "fxo") for n in range(1, 5)]
        return Snapshot(
            at_ms=self.now_ms,
            boot="boot",
            alone_ms=more.pop("alone_ms", 0),
            ports=tuple(
                PortSnapshot(
                    port=port,
                    ready=True,
                    chip="si3210" if port_kind(port).value == "fxs" else "si3050",
                    off_hook=port in off_hook,
                    ringing=port in more.get("ringing", ()),
                )
                for port in ports
            ),
            **{key: value for key, value in more.items() if key != "ringing"},
        )

    def adopt(self, open_calls: tuple[Any, ...] = (), **snapshot: Any) -> list[Any]:
        seen = self.snapshot(**snapshot)
        # What lined does is what its snapshot says, and nothing besides.
        self.bridges = {
            bridge.bridge: SetBridge(bridge=bridge.bridge, call=bridge.call, parties=bridge.parties)
            for bridge in seen.bridges
        }
        lines = (port for port in seen.ports if port.port.startswith("fxo/"))
        self.seized = {port.port for port in lines if port.off_hook}
        return self._take(self.office.adopt(seen, open_calls, self.now_ms))
