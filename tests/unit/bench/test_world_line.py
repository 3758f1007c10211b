"""Telephones and exchange lines on copper: hook, ringing, tones, clearing, glare."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.bench.hearing import hears_silence, hears_speech, hears_tone
from tests.bench.voice import chirp, speech
from tests.bench.world.copper import Cable, FeedState, Pair, PairState
from tests.bench.world.ear import Ear
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.exchanges import EXCHANGES, exchange_of
from tests.bench.world.far_end import FarEnd
from tests.bench.world.level import level_dbm0, samples_of, sine
from tests.bench.world.measure import locate
from tests.bench.world.mouth import Mouth
from tests.bench.world.party import WorldError
from tests.bench.world.telephone import Telephone
from tests.bench.world.timeline import Timeline

SEED = 11


def run(pair: Pair, ms: float, block: int = 40) -> None:
    for _ in range(samples_of(ms) // block):
        pair.step(block)


def connected(country: str = "CN", **line_options) -> tuple[ExchangeLine, Telephone, Pair]:
    """A call from outside that the telephone has answered."""
    line, telephone = ExchangeLine(1, country, **line_options), Telephone("201", country)
    pair = Pair(line, telephone)
    run(pair, 100)
    line.call("5551212", caller_id="none")
    run(pair, 300)
    telephone.lift(10.0)
    run(pair, 200)
    assert line.state == "talking"
    return line, telephone, pair


# Signals.md 1.4 by hand, in ms: the cadence a subscriber of each country hears his bell ring in.
RINGS = {
    "CN": [1000, 4000],
    "US": [2000, 4000],
    "GB": [400, 200, 400, 2000],
    "DE": [1000, 4000],
    "FR": [1500, 3500],
    "JP": [1000, 2000],
    "AU": [400, 200, 400, 2000],
    "HK": [400, 200, 400, 3000],
    "TW": [1000, 4000],
    "IN": [400, 200, 400, 2000],
    "BR": [1000, 4000],
    "SG": [400, 200, 400, 2000],
}


@pytest.mark.parametrize("country", RINGS)
def test_bell_rings_in_the_country_s_cadence(country: str) -> None:
    line, telephone = ExchangeLine(1, country), Telephone("201", country)
    pair = Pair(line, telephone)
    line.call("5551212", caller_id="none")
    run(pair, 12_100)
    wanted = RINGS[country]
    heard = telephone.ring_cadence_ms()
    assert len(heard) >= 4
    assert heard == [wanted[at % len(wanted)] for at in range(len(heard))]


def test_cadence_does_not_drift_with_odd_blocks() -> None:
    line, telephone = ExchangeLine(1, "JP"), Telephone("201", "JP")
    pair = Pair(line, telephone)
    line.call("5551212", caller_id="none")
    run(pair, 60_000, block=37)
    starts = [start for start, _ in telephone.bursts]
    # 3 s per ring, 20 rings: every start within one block (4.6 ms) of its time.
    assert all(abs(start - 3000 * at) <= 5 for at, start in enumerate(starts))
    assert len(starts) == 20


@pytest.mark.parametrize(
    ("vrms", "hz", "rings"),
    [(34.0, 25.0, False), (36.0, 25.0, True), (60.0, 14.0, False), (60.0, 16.0, True),
     (60.0, 68.0, True), (60.0, 70.0, False)],
)  # fmt: skip
def test_bell_needs_voltage_and_frequency(vrms: float, hz: float, rings: bool) -> None:
    telephone = Telephone("201")
    telephone.terminal(40)
    pair = PairState(voltage_v=-48.0, ring_vrms=vrms, ring_hz=hz)
    telephone.terminal_senses(pair, None, 40)
    assert telephone.ringing is rings


def test_lifting_trips_the_ringing_within_a_tenth_of_a_second() -> None:
    line, telephone = ExchangeLine(1), Telephone("201")
    pair = Pair(line, telephone)
    line.call("5551212", caller_id="none")
    run(pair, 500)
    telephone.lift(20.0)
    run(pair, 100)
    assert (line.state, line.bursts_sent) == ("talking", 1)
    assert not telephone.ringing
    assert pair.state.ring_vrms == 0.0
    assert pair.state.current_ma < -15.0


@pytest.mark.parametrize("country", EXCHANGES)
def test_every_country_s_tones_are_heard_as_its_own_and_no_others(country: str) -> None:
    line, telephone = ExchangeLine(1, country), Telephone("201", country)
    pair = Pair(line, telephone)
    line.when_dialled(FarEnd(answer_after_ms=None))
    telephone.lift()
    run(pair, 1000)
    level = exchange_of(country).level_dbm0 - pair.cable.loss_db
    modulated = exchange_of(country).dial.modulated_hz
    asked = None if modulated else level
    assert hears_tone(telephone, country, "dial tone", asked, 0.5)[0]
    assert not hears_tone(telephone, country, "busy tone")[0]
    telephone.press("1")
    run(pair, 17_500)
    good, words = hears_tone(telephone, country, "ringback")
    assert good, words
    assert not hears_tone(telephone, country, "dial tone")[0]
    line.hang_up("busy tone")
    run(pair, 5000)
    good, words = hears_tone(telephone, country, "busy tone")
    assert good, words
    assert not hears_tone(telephone, country, "ringback")[0]


def test_cut_or_doubled_tone_is_not_the_tone() -> None:
    line, telephone, pair = connected("CN")
    line.say(np.tile(np.concatenate((sine(450, -10, 350), np.zeros(1600, np.float32))), 8))
    run(pair, 4000)  # 350 on, 200 off: no busy tone of any kind
    assert not hears_tone(telephone, "CN", "busy tone")[0]
    line.mouth.stop()
    line.say(sine(450.0, -10.0, 2000.0) + sine(620.0, -10.0, 2000.0))
    run(pair, 1500)
    assert not hears_tone(telephone, "CN", "dial tone")[0]


def test_level_and_delay_through_copper() -> None:
    line, telephone, pair = connected(return_loss_db=None)
    marker = chirp()
    start = line.say(np.concatenate((marker, sine(1004.0, -10.0, 400.0))))
    run(pair, 600)
    heard = telephone.ear.span(start, telephone.timeline.sample)
    delay, alike = locate(marker, heard)
    assert delay == 0
    assert alike > 0.99
    tone = heard[len(marker) + 400 : len(marker) + 2400]
    assert level_dbm0(tone) == pytest.approx(-10.0 - pair.cable.loss_db, abs=0.02)


def test_hybrids_send_an_echo_back() -> None:
    line, _, pair = connected()
    line.say(speech(1000.0, -12.0, SEED))
    run(pair, 1000)
    # 18 dB return loss and the cable's 0.5 dB both ways.
    back = line.ear.level_dbm0(line.now_ms - 1000, line.now_ms)
    assert back == pytest.approx(-12.0 - 18.0 - 1.0, abs=0.3), f"seed {SEED}"


def test_hang_up_by_busy_tone_leaves_the_loop_alone() -> None:
    line, telephone, pair = connected()
    line.hang_up("busy tone")
    run(pair, 3000)
    assert pair.state.current_ma < -15.0
    assert telephone.battery_breaks == []
    assert hears_tone(telephone, "CN", "busy tone")[0]
    telephone.replace()
    run(pair, 1000)
    assert line.state == "idle"
    assert line.releases


@pytest.mark.parametrize("length_ms", [100, 400, 800])
def test_hang_up_by_loop_break_has_its_length(length_ms: int) -> None:
    line, telephone, pair = connected()
    line.hang_up("loop break", length_ms)
    open_ms = 0
    for _ in range(300):
        pair.step(40)
        open_ms += 5 * (pair.state.voltage_v == 0.0)
    assert open_ms == length_ms
    assert len(telephone.battery_breaks) == 1
    assert hears_silence(telephone)[0]
    assert line.seized  # an exchange does not take its own break for a release


def test_hang_up_by_reversal_and_by_battery_removal() -> None:
    line, telephone, pair = connected()
    line.hang_up("reversal")
    run(pair, 100)
    assert pair.state.current_ma > 15.0
    assert len(telephone.reversals) == 1
    telephone.replace()
    run(pair, 1000)
    assert pair.state.voltage_v == -48.0  # normal again once released
    line, telephone, pair = connected()
    line.hang_up("battery removal")
    run(pair, 100)
    assert pair.state.voltage_v == 0.0
    line.restore_battery()
    run(pair, 100)
    assert pair.state.current_ma < -15.0


def test_hang_up_before_the_answer_stops_the_bell() -> None:
    line, telephone = ExchangeLine(1, "GB"), Telephone("201", "GB")
    pair = Pair(line, telephone)
    line.call("5551212")
    run(pair, 3000)
    line.hang_up()
    run(pair, 7000)
    assert not telephone.ringing
    assert line.state == "idle"
    assert pair.state.voltage_v == -48.0


@pytest.mark.parametrize("ms", [80, 100, 270, 380])
def test_recall_is_told_from_a_release(ms: int) -> None:
    line, telephone, pair = connected()
    telephone.flash(ms)
    run(pair, 1000)
    ((_, length),) = line.flashes
    assert abs(length - ms) <= 5
    assert line.state == "talking"
    telephone.replace()
    run(pair, 500)
    assert line.state == "idle"


def test_answer_by_reversal_is_on_the_wire() -> None:
    line, telephone = ExchangeLine(1), Telephone("201")
    pair = Pair(line, telephone)
    line.when_dialled(FarEnd("1", answer_after_ms=500.0, reversal=True, greeting=speech(1000.0)))
    telephone.lift()
    run(pair, 700)
    telephone.press("1")
    run(pair, 3000)
    (answered,) = line.far_answers
    assert [at for at in telephone.reversals if abs(at - answered) <= 5]
    assert hears_speech(telephone)[0]


def test_glare_gives_a_caller_instead_of_dial_tone() -> None:
    line, telephone = ExchangeLine(1), Telephone("201")
    pair = Pair(line, telephone)
    line.call_at_seizure("5551212")
    run(pair, 300)
    assert not telephone.ringing
    telephone.lift()
    run(pair, 600)
    assert line.state == "talking"
    assert hears_silence(telephone)[0]
    line.say(speech(1500.0))
    run(pair, 1200)
    assert hears_speech(telephone)[0]


def test_a_number_nobody_has_gets_congestion() -> None:
    line, telephone = ExchangeLine(1), Telephone("201")
    pair = Pair(line, telephone)
    telephone.lift()
    run(pair, 700)
    telephone.press("404")
    run(pair, 10_000)
    assert hears_tone(telephone, "CN", "congestion tone")[0]


def test_nobody_talks_on_an_idle_line() -> None:
    line = ExchangeLine(1)
    with pytest.raises(WorldError, match="line 1: the line is idle"):
        line.say(speech(100.0))
    with pytest.raises(WorldError, match="nobody is there to hang up"):
        line.hang_up()
    with pytest.raises(ValueError, match="country 'XX': there is an exchange for CN"):
        ExchangeLine(1, "XX")


def test_silence_costs_no_sound() -> None:
    line, telephone = ExchangeLine(1), Telephone("201")
    assert line.feed(40) == FeedState()
    assert telephone.terminal(40).sound is None


@pytest.mark.parametrize("block", [1, 40, 333])
def test_mouth_says_the_same_in_any_blocks(block: int) -> None:
    generator = np.random.default_rng(SEED)
    one, two, loop = (generator.standard_normal(n).astype(np.float32) for n in (700, 300, 170))
    mouth = Mouth()
    mouth.say(one, 100)
    mouth.say(two, 600)
    mouth.loop(loop, 450)
    total = 1332
    wanted = np.zeros(total, np.float32)
    wanted[450:] = np.resize(loop, total - 450)
    wanted[100:800] += one
    wanted[600:900] += two
    parts = []
    for at in range(0, total, block):
        part = mouth.block(at, min(block, total - at))
        parts.append(np.zeros(min(block, total - at), np.float32) if part is None else part)
    np.testing.assert_allclose(np.concatenate(parts), wanted, atol=1e-5, err_msg=f"seed {SEED}")


def test_acts_follow_from_when_they_were_due() -> None:
    timeline, seen = Timeline(), []

    def tick() -> None:
        seen.append(timeline.base)
        timeline.after(10.0, tick, "ticks")

    timeline.after(10.0, tick, "ticks")
    for _ in range(20):
        timeline.run()
        timeline.sample += 37
    assert seen == list(range(80, 20 * 37 - 37 + 1, 80))
    timeline.cancel("ticks")
    timeline.sample += 8000
    timeline.run()
    assert len(seen) == len(range(80, 20 * 37 - 37 + 1, 80))


def test_cut_cable_silences_both_ends() -> None:
    line, telephone, pair = connected()
    pair.cable.cut = True
    run(pair, 600)
    assert telephone.current_ma == 0.0
    assert line.state == "idle"
    assert Cable().cut is False


def test_a_file_is_said_at_its_level_and_kept_as_a_file(tmp_path: Path) -> None:
    line, telephone, pair = connected()
    ear = Ear()
    ear.hear(800, speech(1000.0, -20.0, SEED))
    ear.write_wav(tmp_path / "said.wav")
    begun = telephone.timeline.sample
    start = line.say_wav(tmp_path / "said.wav", -15.0)
    assert start == begun
    run(pair, 1200)
    heard = telephone.ear.span(begun, telephone.timeline.sample)
    place, alike = locate(speech(1000.0, -20.0, SEED), heard)
    assert (place, round(alike, 2)) == (800, 1.0)
    telephone.ear.write_wav(tmp_path / "heard.wav", telephone.timeline.sample)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (8000, telephone.timeline.sample)
    with wave.open(str(tmp_path / "wrong.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"")
    with pytest.raises(WorldError, match="not one channel"):
        line.say_wav(tmp_path / "wrong.wav")


def test_an_ear_keeps_the_last_minutes_only() -> None:
    ear = Ear(keep_ms=2000.0)
    for start in range(0, 80_000, 40):
        ear.hear(start, np.full(40, float(start), np.float32))
    assert ear.span(79_000, 79_001)[0] == 79_000 // 40 * 40
    assert not ear.span(0, 40_000).any()
    assert ear.span(64_000, 80_000).all()


def test_noise_on_the_pair_is_heard_at_both_ends_at_its_level() -> None:
    line, telephone, pair = connected(noise_dbm0=-40.0, seed=SEED)
    run(pair, 2000)
    now = telephone.now_ms
    for party in (line, telephone):
        level = party.ear.level_dbm0(now - 1000, now)
        assert level == pytest.approx(-40.0, abs=0.3), f"{party.name}, seed {SEED}"
    line.disturb()
    run(pair, 400)
    assert telephone.ear.level_dbm0(telephone.now_ms - 300, telephone.now_ms) < -100.0
