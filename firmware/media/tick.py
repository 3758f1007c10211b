"""One block of sound for the whole box: codes in, codes and observations out.

The order inside a tick is fixed: decode all slots; take the echo out of what came from exchange
lines; mix by the graph; add tones, digits, identities and prompts; record; encode; then let the
detectors listen. Detection comes last because nothing waits for it in this block. Everything is
preallocated; a row that nobody listens to costs next to nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.core.commands import (
    AnyMediaCommand,
    AttachFax,
    HearFax,
    HushRecording,
    Listen,
    Play,
    PlayTone,
    SendDigits,
    SetBridge,
    StartRecording,
    StopPlay,
    StopRecording,
    StopTone,
)
from firmware.core.countries import Country
from firmware.core.events import (
    AnyMediaEvent,
    CallerIdHeard,
    CallerIdSent,
    ConversationSilent,
    DigitEnded,
    DigitHeard,
    DigitsSent,
    FaintRaised,
    FaxToneHeard,
    PlayFinished,
    RecordingFinished,
    RecordingHushed,
    SpeechHeard,
    ToneEnded,
    ToneHeard,
)
from firmware.media import g711
from firmware.media.activity import ActivityMeter
from firmware.media.caller_id import STANDARDS, CallerIdReceiver
from firmware.media.capture import Capture
from firmware.media.dtmf import DigitReceiver
from firmware.media.echo import EchoCanceller
from firmware.media.fax_tone import FaxToneReceiver
from firmware.media.graph import Graph
from firmware.media.leveller import Leveller
from firmware.media.line_capture import LineCaptures
from firmware.media.playout import Playout, PromptSource
from firmware.media.progress import ProgressReceiver
from firmware.media.recorder import Recorder, RecordingSink
from firmware.media.silence import SilenceMeter
from firmware.media.tones import ToneBank, digit_sequence

Codes = npt.NDArray[np.uint8]
Linear = npt.NDArray[np.float32]

ECHO_DELAY_BLOCKS = 2
"""Blocks between a block we hand to the highway and the block that can carry its echo: one is
queued while one is played (the device's least possible double buffer)."""

OWN_ECHO = 0.25
"""Part of the energy sent below which a sound may be our own echo: 6 dB, the least echo return
loss of ITU-T G.168, before the canceller has learnt the line."""

OWN_RESIDUE = 0.04
"""The same of what the canceller leaves: 14 dB below what was sent. A far person who speaks up
against ours is louder than that; what is left of the echo while somebody else's tone sounds and
nothing can be learnt is not."""

ECHO_LASTS_SAMPLES = 400
"""How long something sent may be heard of: the canceller's 25 ms and a detector's window."""

_FULL_SCALE = np.float32(32767.0)


class SoundPath:
    """All sound of the box. One row per slot of the highway, in slot order."""

    def __init__(
        self,
        ports: Sequence[str],
        *,
        lines: frozenset[str],
        country: Country,
        block_samples: int,
        prompts: PromptSource,
        sink: RecordingSink,
        captures: str = "",
    ) -> None:
        """Args: ``ports`` by row; ``lines`` are those that lead to the exchange.

        ``captures`` is the folder of what lines sound like before an answer, empty keeps nothing.
        """
        self._raw = LineCaptures(ports, sink, captures)
        self._silence = SilenceMeter()
        rows = len(ports)
        self.ports = tuple(ports)
        self.graph = Graph(ports)
        self.recorder = Recorder(sink)
        self._row = {port: index for index, port in enumerate(ports)}
        self._country = country
        self.block_samples = block_samples
        self._law = country.law
        self._prompts = Playout(rows, prompts)
        self._signals = Playout(rows, prompts)
        self._tones = ToneBank(rows, country)
        self._tone_names = [""] * rows
        self._digits = DigitReceiver(rows)
        self._digits_armed = np.zeros(rows, np.bool_)
        self._digits_wanted: set[int] = set()
        self._digits_aside: set[int] = set()  # heard though muted
        self._key_rows: dict[int, frozenset[int]] = {}  # where a key silences a recording
        self._progress = ProgressReceiver(rows, (country,), unknown=True)
        self._progress_armed = np.zeros(rows, np.bool_)
        self._activity = ActivityMeter(rows)
        self._speech_armed = np.zeros(rows, np.bool_)
        self._speech_wanted = False  # on some row
        self._identities: dict[int, CallerIdReceiver] = {}
        self._faxes = FaxToneReceiver(rows)
        self._faxes_armed = np.zeros(rows, np.bool_)
        self._faxes_wanted: set[int] = set()  # though in no bridge
        self._fax_rows = {self._row[p] for p in ports if p.startswith("fax/")}
        self._clear: set[int] = set()  # rows whose sound passes untouched
        self._line_rows = tuple(self._row[p] for p in ports if p in lines)
        self._echo = {row: EchoCanceller() for row in self._line_rows}
        self._echo_active: set[int] = set()
        self._levellers = {row: Leveller() for row in self._line_rows}
        self._phone_rows = [self._row[p] for p in ports if p.startswith("fxs/")]
        self._far_rows = frozenset(self._row[p] for p in ports if p.startswith("sip/"))
        self._faint: dict[int, tuple[float, float]] = {}  # lines to level: at most, fixed gain
        self._said = np.zeros((rows, block_samples), np.float32)
        self._out = np.zeros((rows, block_samples), np.float32)
        self._spoken = np.zeros((rows, block_samples), np.float32)
        self._received_energy = np.zeros(rows, np.float32)
        # Of the blocks whose echo may be arriving, by age; the oldest is overwritten.
        lasts = 1 + -(-ECHO_LASTS_SAMPLES // block_samples)
        self._sent_energy = np.zeros((lasts, rows), np.float32)
        self._sent_turn = 0
        self._sent: deque[Linear] = deque(
            (np.zeros((rows, block_samples), np.float32) for _ in range(ECHO_DELAY_BLOCKS)),
            maxlen=ECHO_DELAY_BLOCKS,
        )
        self._idle_code = g711.IDLE[self._law]
        self._out_silent = True
        self._captures: dict[int, Capture] = {}

    # --- commands ---------------------------------------------------------------------------------

    def apply(self, command: AnyMediaCommand, now_ms: int) -> list[AnyMediaEvent]:
        """Carry out one command between two ticks; ringing is not the sound path's.

        Raises:
            ValueError: the command names a port or bridge that cannot be.
        """
        match command:
            case SetBridge():
                self.graph.set_bridge(command)
                self._choose_paths()
                self._choose_keys()
            case HearFax(port=port):
                row = self._row_of(port)
                (self._faxes_wanted.add if command.wanted else self._faxes_wanted.discard)(row)
                self._choose_faxes()
            case AttachFax(port=port, end=end):
                self._row_of(port)
                self.graph.attach(port, end)
                self._choose_paths()
            case PlayTone(port=port, tone=tone):
                self._tones.start(self._row_of(port), tone)
                self._tone_names[self._row_of(port)] = tone
            case StopTone(port=port):
                self._tones.stop(self._row_of(port))
                self._tone_names[self._row_of(port)] = ""
            case Play(port=port):
                row = self._row_of(port)
                self._prompts.start(
                    row,
                    command.play,
                    command.prompts,
                    loop=command.loop,
                    after_samples=command.after_ms * SAMPLE_RATE_HZ // 1000,
                )
                self._choose_echo()
            case StopPlay(port=port):
                self._prompts.stop(self._row_of(port))
            case SendDigits(port=port):
                samples = digit_sequence(
                    command.digits, tone_ms=command.tone_ms, pause_ms=command.pause_ms
                )
                self._signals.start_sound(self._row_of(port), "digits", samples)
            case Listen(port=port):
                self._arm(self._row_of(port), command)
            case StartRecording():
                row = self._row_of(command.port)
                self.recorder.start(
                    command.recording,
                    command.path,
                    row,
                    hush_keys=command.hush_keys,
                    seal_for=command.seal_for,
                )
                self._choose_keys()
            case HushRecording(recording=name, hush=hush):
                self.recorder.hush(name, hush=hush)
            case StopRecording(recording=name):
                return self._recorded(name, now_ms, "")
            case _:
                raise ValueError(f"{type(command).__name__} is not for the sound path")
        return []

    def send_identity(self, port: str, samples: Linear) -> None:
        """Sound a caller identity towards a telephone; ``CallerIdSent`` follows."""
        self._signals.start_sound(self._row_of(port), "identity", samples)

    def capture(self, port: str, samples: int, sound: Linear | None = None) -> None:
        """Record what comes from a port, from the next block on; send ``sound`` meanwhile."""
        row = self._row_of(port)
        self._captures[row] = Capture(samples)
        if sound is not None:
            self._signals.start_sound(row, "probe", sound)

    def captured(self, port: str) -> Linear | None:
        """The recording once it is complete; it is forgotten with that."""
        row = self._row_of(port)
        capture = self._captures.get(row)
        if capture is None or capture.missing:
            return None
        del self._captures[row]
        return capture.sound

    def stop_signals(self, port: str) -> None:
        """Cut digits or an identity that is being sent (the handset was lifted)."""
        self._signals.stop(self._row_of(port))

    def listen_aside(self, port: str, *, wanted: bool) -> None:
        """Hear keys of a port whose talk path is muted; what ``Listen`` said counts afterwards."""
        row = self._row_of(port)
        (self._digits_aside.add if wanted else self._digits_aside.discard)(row)
        self._digits_armed[row] = self._hears_keys(row)
        self.graph.mute(port, muted=wanted)

    def quiet(self, port: str) -> None:
        """No tone, prompt or detector on this port any more."""
        row = self._row_of(port)
        self._tones.stop(row)
        self._tone_names[row] = ""
        self._prompts.stop(row)
        self._signals.stop(row)
        self._arm(row, Listen(port=port))
        self._faxes_wanted.discard(row)
        self.graph.attach(port, "")
        self._choose_paths()

    def drop_fax_ends(self) -> None:
        """Let go of every fax end; whoever minded them is gone."""
        self.graph.drop_fax_ends()
        self._choose_paths()

    def tone(self, port: str) -> str:
        """Name of the tone that sounds towards a port, empty for none."""
        return self._tone_names[self._row_of(port)]

    def playing(self, port: str) -> str:
        """Name of the play-out towards a port, empty for none."""
        return self._prompts.playing(self._row_of(port))

    def echo_score_db(self, port: str) -> float | None:
        """How much echo the canceller of a line takes away, None for a telephone."""
        row = self._row_of(port)
        return self._echo[row].erle_db if row in self._line_rows else None

    # --- the tick ---------------------------------------------------------------------------------

    def tick(self, captured: Codes, playing: Codes, now_ms: int) -> list[AnyMediaEvent]:
        """Work one block.

        Args:
            captured: codes from the lines, (rows, block).
            playing: codes for the lines, filled in; same shape.
            now_ms: monotonic time at which the block had arrived.
        """
        events: list[AnyMediaEvent] = []
        said, out = self._said, self._out
        listening = self._needs_input()
        if listening:
            g711.decode(captured, said, self._law)
            for row, capture in self._captures.items():
                capture.add(said[row])
            if self._echo_active:
                reference = self._sent[0]
                if self._speech_wanted:
                    self._weigh_echo(said, reference)
                for row in self._echo_active:
                    said[row] = self._echo[row].cancel(said[row], reference[row])

        if self._has_output():
            np.matmul(self._gains(), said, out=out)
            self._tones.add(out)
            if self._signals.active:
                for done in self._signals.add(out):
                    port = self.ports[done.row]
                    kind = DigitsSent if done.play == "digits" else CallerIdSent
                    events.append(kind(port=port, at_ms=now_ms))
            if self._prompts.active:
                events.extend(
                    PlayFinished(
                        port=self.ports[done.row],
                        at_ms=now_ms,
                        play=done.play,
                        completed=done.completed,
                        reason=done.reason,
                    )
                    for done in self._prompts.add(out)
                )
            # Twice as quick as np.clip, which is a function around these two.
            np.maximum(out, -_FULL_SCALE, out=out)
            np.minimum(out, _FULL_SCALE, out=out)
            g711.encode(out, playing, self._law)
            self._out_silent = False
        else:
            playing.fill(self._idle_code)
            if not self._out_silent:
                out.fill(0.0)
                self._out_silent = True
        if self._echo_active:
            oldest = self._sent.popleft()
            np.copyto(oldest, out)
            self._sent.append(oldest)
        if self.recorder.active:
            self.recorder.add(said, out)
        if listening:
            self._listen(events, now_ms)
        return events

    def _needs_input(self) -> bool:
        return (
            not self.graph.silent
            or self.recorder.active
            or bool(self._identities)
            or bool(self._captures)
            or bool(self._digits_armed.any())
            or bool(self._progress_armed.any())
            or self._speech_wanted
            or bool(self._faxes_wanted)
        )

    def _has_output(self) -> bool:
        return (
            not self.graph.silent
            or self._tones.active
            or self._prompts.active
            or self._signals.active
        )

    def _listen(self, events: list[AnyMediaEvent], now_ms: int) -> None:
        said = self._said
        for digit in self._digits.process(said, self._digits_armed):
            port = self.ports[digit.port_index]
            if digit.down and (rows := self._key_rows.get(digit.port_index)):
                events += self._hushed(self.recorder.key(rows), now_ms, hush=True)
            if digit.port_index not in self._digits_wanted | self._digits_aside:
                continue  # only a recording had to know
            if digit.port_index in self._clear:
                continue  # what sounds there are machines
            if digit.down:
                events.append(DigitHeard(port=port, at_ms=now_ms, digit=digit.digit))
            else:
                length_ms = digit.duration_samples * 1000 // SAMPLE_RATE_HZ
                events.append(
                    DigitEnded(port=port, at_ms=now_ms, digit=digit.digit, duration_ms=length_ms)
                )
        if self.recorder.active:
            events += self._hushed(self.recorder.take_sounding(), now_ms, hush=False)
            for name, reason in self.recorder.take_failed():
                events += self._recorded(name, now_ms, reason)
        for tone in self._progress.process(said, self._progress_armed):
            port = self.ports[tone.port_index]
            if (leveller := self._levellers.get(tone.port_index)) is not None:
                leveller.tone(sounds=not tone.ended, fax=tone.tone == "fax")
            if tone.ended:
                events.append(ToneEnded(port=port, at_ms=now_ms, tone=tone.tone))
            else:
                events.append(
                    ToneHeard(
                        port=port,
                        at_ms=now_ms,
                        tone=tone.tone,
                        frequency_hz=tone.frequencies_hz,
                        cadence_ms=tone.cadence_ms,
                        cycles=tone.cycles,
                    )
                )
        for fax in self._faxes.process(said, self._faxes_armed):
            port = self.ports[fax.row]
            clear = self.graph.clear(port)
            events.append(FaxToneHeard(port=port, at_ms=now_ms, kind=fax.kind, clear=clear))
            if clear:
                self._choose_paths()
        spoken = self._without_our_echo() if self._speech_wanted else said
        for row in self._activity.process(spoken, self._speech_armed):
            self._speech_armed[row] = False
            self._speech_wanted = bool(self._speech_armed.any())
            events.append(SpeechHeard(port=self.ports[row], at_ms=now_ms))
        for port, lasted_ms in self._silence.process(said, self.graph.bridges(), self._row):
            if self._row[port] not in self._clear:  # machines wait for each other
                events.append(ConversationSilent(port=port, at_ms=now_ms, lasted_ms=lasted_ms))
        self._level(events, now_ms)
        self._raw.add(said)
        for row, receiver in self._identities.items():
            events.extend(
                CallerIdHeard(
                    port=self.ports[row],
                    at_ms=now_ms,
                    kind=identity.kind,
                    number=identity.number,
                    name=identity.name,
                    method=identity.method,
                )
                for identity in receiver.feed(said[row])
            )

    def _weigh_echo(self, said: Linear, reference: Linear) -> None:
        """Note how loud lines are, as received, and what they may be the echo of."""
        sent = self._sent_energy[self._sent_turn]
        self._sent_turn = (self._sent_turn + 1) % len(self._sent_energy)
        for row in self._echo_active:
            self._received_energy[row] = said[row].dot(said[row])
            sent[row] = reference[row].dot(reference[row])

    def _without_our_echo(self) -> Linear:
        """What was said, without blocks that may be what is left of our own side's echo.

        Only for the estimate that somebody speaks: a line that is much fainter than what we have
        just sent it proves nothing.
        """
        if not self._echo_active:
            return self._said
        spoken = self._spoken
        np.copyto(spoken, self._said)
        sent = self._sent_energy.max(axis=0)
        for row in self._echo_active:
            if self._speech_armed[row]:
                # As it was received too: a canceller led astray may add what is not there.
                left = spoken[row].dot(spoken[row])
                if (
                    self._received_energy[row] < OWN_ECHO * sent[row]
                    or left < OWN_RESIDUE * sent[row]
                ):
                    spoken[row] = 0.0
        return spoken

    def _gains(self) -> Linear:
        """Who hears whom; telephones hear a faint line louder, lines hear it as it came."""
        gains = self.graph.gains
        raised = {row: self._levellers[row].sounding_db for row in self._faint}
        if not any(raised.values()):
            return gains
        gains = gains.copy()
        for row, gain_db in raised.items():
            gains[self._phone_rows, row] *= np.float32(10 ** (gain_db / 20))
        return gains

    def _level(self, events: list[AnyMediaEvent], now_ms: int) -> None:
        for row, (most_db, fixed_db) in self._faint.items():
            leveller = self._levellers[row]
            leveller.hear(self._said[row], self._out[row], most_db, fixed_db)
            if leveller.take_change():
                events.append(
                    FaintRaised(
                        port=self.ports[row],
                        at_ms=now_ms,
                        gain_db=round(leveller.gain_db, 1),
                        level_dbm0=round(leveller.level_dbm0, 1),
                    )
                )

    # --- inside -----------------------------------------------------------------------------------

    def _row_of(self, port: str) -> int:
        try:
            return self._row[port]
        except KeyError:
            raise ValueError(
                f"{port} is no port of this box; it has {', '.join(self.ports)}"
            ) from None

    def _arm(self, row: int, wanted: Listen) -> None:
        (self._digits_wanted.add if wanted.digits else self._digits_wanted.discard)(row)
        self._digits_armed[row] = self._hears_keys(row)
        if self._progress_armed[row] and not wanted.progress:
            self._progress.forget(row)
        self._progress_armed[row] = wanted.progress
        self._speech_armed[row] = wanted.speech
        self._speech_wanted = bool(self._speech_armed.any())
        self._raw.arm(row, wanted=wanted.caller_id)
        if row in self._levellers and not (wanted.progress or wanted.speech or wanted.digits):
            self._levellers[row].reset()  # the line was given back
        if wanted.caller_id and row not in self._identities:
            jclip = "fsk_jclip_before_ring" in self._country.caller_id_in
            self._identities[row] = CallerIdReceiver(
                (*STANDARDS, "jclip") if jclip else STANDARDS,
                encodings=self._country.name_encodings,
                category_digit=self._country.category_digit,
            )
        elif not wanted.caller_id:
            self._identities.pop(row, None)

    def _hears_keys(self, row: int) -> bool:
        return row in self._digits_wanted or row in self._digits_aside or row in self._key_rows

    def _choose_keys(self) -> None:
        """Keys of everybody who is heard in a recording that they silence."""
        wanted: dict[int, frozenset[int]] = {}
        for row in self.recorder.key_rows():
            wanted[row] = wanted.get(row, frozenset()) | {row}
            for other in range(len(self.ports)):
                if other != row and self.graph.gains[row, other]:
                    wanted[other] = wanted.get(other, frozenset()) | {row}
        rows = self._key_rows.keys() | wanted.keys()
        self._key_rows = wanted
        for row in rows:
            self._digits_armed[row] = self._hears_keys(row)

    def _hushed(self, names: Sequence[str], now_ms: int, *, hush: bool) -> list[AnyMediaEvent]:
        rows = {name: row for name, _, row in self.recorder.running()}
        return [
            RecordingHushed(port=self.ports[rows[name]], at_ms=now_ms, recording=name, hush=hush)
            for name in names
        ]

    def _choose_paths(self) -> None:
        """After a change of who hears whom: what is done to the sound on its way."""
        self._clear = {self._row[port] for port in self.graph.clear_ports()}
        self._choose_echo()
        self._choose_faint()
        self._choose_faxes()

    def _choose_faxes(self) -> None:
        """Listen for machines where one may talk over a line."""
        wanted = set(self._faxes_wanted)
        far = self._far_rows.union(self._line_rows)
        for bridge in self.graph.bridges():
            rows = {self._row[party.port] for party in bridge.parties}
            if rows & far:
                wanted |= rows
        self._faxes_armed[:] = False
        self._faxes_armed[sorted(wanted - self._fax_rows)] = True

    def _choose_echo(self) -> None:
        """Cancel where a line talks or hears a prompt; begin anew where that begins."""
        active = {
            row
            for row in self._line_rows
            if self.graph.hears(self.ports[row]) or self._prompts.playing(row)
        }
        phones = self._whispered_to() | self._heard_from_far()
        for row in phones - self._echo.keys():
            self._echo[row] = EchoCanceller()
        active |= phones
        active -= self._clear
        for row in active - self._echo_active:
            self._echo[row].renew()
            for block in self._sent:
                block[row] = 0.0  # nobody kept what was sent meanwhile
        self._echo_active = active

    def _whispered_to(self) -> set[int]:
        """Telephones in conversations that somebody attends unheard, or whispers into.

        What a telephone hears comes back from its hybrid some 20 dB lower, and would tell the
        caller of the whisper; it is learnt as soon as somebody listens.
        """
        found: set[int] = set()
        for bridge in self.graph.bridges():
            rows = {self._row[p.port] for p in bridge.parties if p.talks and not p.heard_by}
            if 1 < len(rows) < len(bridge.parties):
                found |= rows.intersection(self._phone_rows)
        return found

    def _heard_from_far(self) -> set[int]:
        """Telephones that talk over a trunk.

        What their hybrids give back reaches the far side after a tenth of a second and more, and
        is heard there as an echo: beyond 25 ms one way a network cancels it (ITU-T G.131, 5.1).
        """
        found: set[int] = set()
        for bridge in self.graph.bridges():
            rows = {self._row[party.port] for party in bridge.parties}
            if rows & self._far_rows:
                found |= rows.intersection(self._phone_rows)
        return found

    def _choose_faint(self) -> None:
        """Lines whose speech telephones hear, where that may be made louder."""
        self._faint = {
            self._row[party.port]: (party.raise_db, party.gain_db)
            for bridge in self.graph.bridges()
            for party in bridge.parties
            if party.raise_db > 0.0 and party.talks and self._row[party.port] in self._levellers
            if self._row[party.port] not in self._clear
        }

    def _recorded(self, name: str, now_ms: int, reason: str) -> list[AnyMediaEvent]:
        done = self.recorder.stop(name)
        if done is None:
            return []
        self._choose_keys()
        return [
            RecordingFinished(
                port=self.ports[done.row],
                at_ms=now_ms,
                recording=done.name,
                path=done.path,
                duration_ms=done.samples * 1000 // SAMPLE_RATE_HZ,
                reason=reason,
                level_dbm0=done.level_dbm0,
            )
        ]
