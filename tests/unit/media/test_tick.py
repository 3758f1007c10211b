"""The sound path as a whole: what goes in at one port and comes out at another."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.core.commands import (
    Listen,
    Party,
    Play,
    PlayTone,
    Ring,
    SendDigits,
    SetBridge,
    StartRecording,
    StopPlay,
    StopRecording,
    StopTone,
)
from firmware.core.countries import country
from firmware.core.events import DigitHeard, DigitsSent, PlayFinished, RecordingFinished, ToneHeard
from firmware.media.tick import SoundPath
from tests.bench.chips import g711
from tests.bench.world.keypad import key_sounds
from tests.bench.world.level import sine

BLOCK = 40
PORTS = ("fxs/1", "fxs/2", "fxo/1", "fxo/2")
IDLE = g711.IDLE[g711.Law.A]


class Sink:
    """Keeps what a recording hands over."""

    def __init__(self):
        self.closed, self.data = [], b""

    def open(self, path, seal_for=""):
        self.path, self.seal_for = path, seal_for

    def write(self, path, data):
        assert path == self.path
        self.data += data

    def take_failed(self):
        return []

    def close(self, path):
        self.closed.append(path)


class Stand:
    """A sound path and what was said into and heard from its ports."""

    def __init__(self, prompts=None):
        self.sink = Sink()
        shelf = prompts or {}
        self.path = SoundPath(
            PORTS,
            lines=frozenset({"fxo/1", "fxo/2"}),
            country=country("CN"),
            block_samples=BLOCK,
            prompts=lambda name: shelf[name],
            sink=self.sink,
        )
        self.now_ms = 0

    def do(self, *commands):
        return [e for c in commands for e in self.path.apply(c, self.now_ms)]

    def run(self, ms, said=None):
        """Let ``ms`` pass; what each port heard as linear sound, and the events."""
        blocks = ms * 8 // BLOCK
        codes = np.full((4, blocks * BLOCK), IDLE, np.uint8)
        for port, sound in (said or {}).items():
            length = min(len(sound), codes.shape[1])
            codes[PORTS.index(port), :length] = g711.encode(sound[:length], g711.Law.A)
        out, events = np.empty_like(codes), []
        for n in range(blocks):
            span = slice(n * BLOCK, (n + 1) * BLOCK)
            block = np.empty((4, BLOCK), np.uint8)
            self.now_ms += BLOCK // 8
            events += self.path.tick(np.ascontiguousarray(codes[:, span]), block, self.now_ms)
            out[:, span] = block
        return dict(zip(PORTS, out, strict=True)), events


def level_dbm0(codes):
    sound = g711.decode(codes, g711.Law.A)
    return 20 * np.log10(np.sqrt(np.mean(sound**2)) * np.sqrt(2) / 32124 + 1e-9) + 3.14


def bridged(*ports):
    return SetBridge(bridge="b", call="1", parties=tuple(Party(port=p) for p in ports))


def test_idle_box_sends_the_idle_code_and_nothing_else():
    heard, events = Stand().run(100, {"fxs/1": sine(1000, -10, 100)})
    assert {int(c) for codes in heard.values() for c in np.unique(codes)} == {int(IDLE)}
    assert events == []


def test_bridged_voice_arrives_unchanged_and_only_where_it_belongs():
    stand = Stand()
    stand.do(bridged("fxs/1", "fxs/2"))
    sound = sine(1000, -10, 500)
    heard, _ = stand.run(500, {"fxs/1": sound})
    # A-law in, gain 0 dB, A-law out: the very same codes.
    assert np.array_equal(heard["fxs/2"], g711.encode(sound, g711.Law.A))
    assert np.all(heard["fxs/1"] == IDLE)
    assert np.all(heard["fxo/1"] == IDLE)


def test_bridge_taken_away_is_silent_within_the_block():
    stand = Stand()
    stand.do(bridged("fxs/1", "fxs/2"))
    stand.run(100, {"fxs/1": sine(1000, -10, 100)})
    stand.do(SetBridge(bridge="b", call="1", parties=()))
    heard, _ = stand.run(100, {"fxs/1": sine(1000, -10, 100)})
    assert np.all(heard["fxs/2"] == IDLE)


def test_tone_sounds_at_the_countrys_frequency_and_stops_at_once():
    stand = Stand()
    stand.do(PlayTone(port="fxs/1", tone="dial"))
    assert stand.path.tone("fxs/1") == "dial"
    heard, _ = stand.run(1000)
    sound = g711.decode(heard["fxs/1"], g711.Law.A)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) == 450  # 1 Hz a bin
    assert level_dbm0(heard["fxs/1"]) == pytest.approx(-10, abs=1)  # GB 3380: -10 +-3
    stand.do(StopTone(port="fxs/1"))
    heard, _ = stand.run(50)
    assert np.all(heard["fxs/1"] == IDLE)
    assert stand.path.tone("fxs/1") == ""


def test_digits_are_sent_and_heard():
    stand = Stand()
    stand.do(SendDigits(port="fxo/1", digits="159"), Listen(port="fxs/1", digits=True))
    heard, events = stand.run(800, {"fxs/1": key_sounds("73", -8.0)})
    assert [e.digit for e in events if isinstance(e, DigitHeard)] == ["7", "3"]
    assert [type(e) for e in events if e.port == "fxo/1"] == [DigitsSent]
    other = Stand()
    other.do(Listen(port="fxs/2", digits=True))
    _, events = other.run(800, {"fxs/2": g711.decode(heard["fxo/1"], g711.Law.A)})
    assert "".join(e.digit for e in events if isinstance(e, DigitHeard)) == "159"


def test_detector_that_is_not_armed_says_nothing():
    stand = Stand()
    _, events = stand.run(800, {"fxs/1": key_sounds("73", -8.0)})
    assert events == []


def test_busy_tone_is_told_with_what_was_measured():
    stand = Stand()
    stand.do(Listen(port="fxo/1", progress=True))
    on, off = sine(450, -15, 350), np.zeros(350 * 8, np.float32)
    _, events = stand.run(2500, {"fxo/1": np.concatenate([on, off] * 4)})
    told = next(e for e in events if isinstance(e, ToneHeard))
    assert told.tone == "busy"
    assert told.frequency_hz[0] == pytest.approx(450, abs=5)
    assert told.cadence_ms == pytest.approx((350, 350), abs=30)
    assert told.at_ms <= 2 * 700 + 100, "later than two cycles and 100 ms"


def test_prompt_is_heard_over_a_bridge_and_its_end_is_told():
    stand = Stand({"p": np.full(400, 5000, np.int16)})
    stand.do(bridged("fxs/1", "fxo/1"), Play(port="fxs/1", play="x", prompts=("p",)))
    assert stand.path.playing("fxs/1") == "x"
    heard, events = stand.run(100)
    sound = g711.decode(heard["fxs/1"], g711.Law.A)
    assert sound[:400] == pytest.approx(5000, rel=0.03)
    assert not np.abs(sound[400:]).max() > 20
    assert [e.play for e in events if isinstance(e, PlayFinished)] == ["x"]
    assert np.all(heard["fxo/1"] == IDLE)


def test_stopped_prompt_tells_nothing():
    stand = Stand({"p": np.full(8000, 5000, np.int16)})
    stand.do(Play(port="fxs/1", play="x", prompts=("p",)))
    stand.run(50)
    stand.do(StopPlay(port="fxs/1"))
    heard, events = stand.run(50)
    assert np.all(heard["fxs/1"] == IDLE)
    assert events == []


def test_recording_has_both_sides_and_its_end_is_told():
    stand = Stand()
    stand.do(
        bridged("fxs/1", "fxo/1"),
        StartRecording(port="fxo/1", recording="r", path="r.wav"),
    )
    stand.run(1000, {"fxs/1": sine(600, -10, 1000), "fxo/1": sine(1300, -20, 1000)})
    (told,) = stand.do(StopRecording(recording="r"))
    assert isinstance(told, RecordingFinished)
    assert told.duration_ms == 1000
    data = np.frombuffer(stand.sink.data, "<i2").reshape(-1, 2).astype(float)
    loudest = [int(np.argmax(np.abs(np.fft.rfft(side)))) for side in data.T]
    assert loudest == [1300, 600]


def test_too_loud_a_mix_is_limited_and_does_not_wrap():
    stand = Stand()
    stand.do(bridged("fxs/1", "fxs/2", "fxo/1"))
    loud = sine(1000, 3.0, 200)
    heard, _ = stand.run(200, {"fxs/1": loud, "fxs/2": loud})
    sound = g711.decode(heard["fxo/1"], g711.Law.A)[800:]
    peak = loud[800:]
    assert np.all(np.sign(sound[np.abs(peak) > 10000]) == np.sign(peak[np.abs(peak) > 10000]))


@pytest.mark.parametrize(
    "command", [PlayTone(port="fxs/9", tone="dial"), SendDigits(port="x", digits="1")]
)
def test_unknown_port_is_refused_by_name(command):
    with pytest.raises(ValueError, match="is no port of this box; it has fxs/1"):
        Stand().do(command)


def test_ringing_is_not_the_sound_paths():
    with pytest.raises(ValueError, match="Ring is not for the sound path"):
        Stand().do(Ring(port="fxs/1"))


def test_who_talks_over_a_trunk_does_not_hear_himself_from_our_telephone():
    """A hybrid gives back a third of what its telephone hears: 10 dB of echo return loss."""
    ports = ("fxs/1", "sip/1")
    path = SoundPath(
        ports,
        lines=frozenset(),
        country=country("CN"),
        block_samples=BLOCK,
        prompts=lambda _name: None,
        sink=Sink(),
    )
    path.apply(SetBridge(bridge="b", call="1", parties=tuple(Party(port=p) for p in ports)), 0)
    seed = 5
    print("seed", seed)
    voice = np.random.default_rng(seed).normal(0, 3_000, 8_000 * 3).astype(np.float32)
    sent = [np.zeros(BLOCK, np.float32)] * 2  # what is on its way to the telephone
    captured = np.full((2, BLOCK), IDLE, np.uint8)
    playing = np.empty_like(captured)
    back = []
    for n in range(len(voice) // BLOCK):
        captured[1] = g711.encode(voice[n * BLOCK : (n + 1) * BLOCK], g711.Law.A)
        captured[0] = g711.encode(sent.pop(0) / 3, g711.Law.A)
        path.tick(captured, playing, n * 5)
        sent.append(g711.decode(playing[0], g711.Law.A).astype(np.float32))
        back.append(g711.decode(playing[1], g711.Law.A))
    late = np.concatenate(back[-200:])
    said = voice[-200 * BLOCK :]
    loss_db = 10 * np.log10(np.mean(said**2) / np.mean(late**2))
    assert loss_db > 25, f"{loss_db:.1f} dB"  # 10 dB of it are the hybrid's
