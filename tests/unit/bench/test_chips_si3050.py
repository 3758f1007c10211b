"""The fake Si3050: what the data sheet says a chip does, item by item."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bench.chips import g711
from tests.unit.bench.chip_stand import BLOCK, Handset, Stand, sine

FULL, FOH_128 = 0x80, 0x20


def street(**settings):
    stand = Stand(fxs=(), fxo=1, fxo_echo=0.0, **settings)
    stand.daa_up()
    return stand


@pytest.fixture
def line():
    return street()


def ring(stand, volts, hertz):
    stand.streets[0].state.ring_vrms = volts
    stand.streets[0].state.ring_hz = hertz


def ring_for(stand, ms, volts=75.0, hertz=25.0):
    ring(stand, volts, hertz)
    stand.run(ms)
    ring(stand, 0.0, 0.0)


# --- start-up -----------------------------------------------------------------------------------


def test_the_line_side_sleeps_until_powered():
    stand = Stand(fxs=(), fxo=1)
    stand.run(100)
    assert [stand.daa(n) for n in (11, 12, 13, 28, 29)] == [0x05, 0x00, 0x40, 0, 0]
    stand.daa(6, 0x00)
    stand.run(10)
    assert stand.daa(12) & 0x40
    assert stand.daa(11) == 0x35  # Si3019 rev E
    assert stand.daa(13) == 0x58  # b6, rev F


def test_ring_and_drop_out_flags_stand_after_power_up():
    stand = Stand(fxs=(), fxo=1)
    stand.daa(6, 0x00)
    stand.run(20)
    assert stand.daa(4) & 0x88 == 0x88
    stand.daa(4, 0x7F)  # a zero clears, a one keeps
    assert stand.daa(4) & 0x88 == 0x08


def test_a_bad_isolation_link_never_comes_up():
    stand = Stand(fxs=(), fxo=1)
    stand.card.fxo[0].world("isolation", 0)
    stand.daa(6, 0x00)
    stand.run(2000)
    assert (stand.daa(12) & 0x40, stand.daa(11)) == (0, 0x05)


def test_no_link_without_clocks():
    stand = Stand(fxs=(), fxo=1)
    stand.card.clock(running=False)
    stand.daa(6, 0x00)
    stand.run(100)
    assert stand.daa(12) & 0x40 == 0


def test_an_si3018_measures_no_voltage_and_no_fine_current():
    stand = Stand(fxs=(), fxo=("si3018",))
    stand.daa_up()
    stand.daa(5, 0x01)
    stand.run(50)
    assert stand.daa(11) == 0x15
    assert (stand.daa(28), stand.daa(29)) == (0, 0)
    assert stand.daa(12) & 0x1F == 9  # 30 mA in steps of 3.3 mA
    stand.streets[0].state.battery_v = 48.0
    stand.run(20)
    assert stand.daa(4) & 0x01 == 0


# --- voltage, current, polarity -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("battery_v", "lvs"), [(-48.0, 48), (48.0, 0xD0), (-54.0, 54), (-3.0, 0), (2.0, 0)]
)
def test_line_voltage_is_signed_and_zero_up_to_three_volts(line, battery_v, lvs):
    line.streets[0].state.battery_v = battery_v
    line.run(10)
    assert line.daa(29) == lvs


def test_lvfd_shows_small_voltages(line):
    line.streets[0].state.battery_v = -2.0
    line.daa(31, 0x21)
    line.run(10)
    assert line.daa(29) == 2


def test_off_hook_draws_current_and_lowers_the_voltage(line):
    line.run(10)
    assert line.daa(29) == 48
    assert (line.daa(12) & 0x1F, line.daa(28)) == (0, 0)
    assert line.daa(19) & 0x02  # DOD on-hook
    line.daa(5, 0x01)
    line.run(10)
    assert line.daa(29) == 9
    assert (line.daa(12) & 0x1F, line.daa(28)) == (9, 27)  # 30 mA / 3.3, / 1.1
    assert line.daa(19) & 0x02 == 0


def test_another_telephone_on_the_pair_lowers_the_line(line):
    line.pairs[0].cable.extra_terminals.append(Handset(closed=True, resistance_ohm=300.0))
    line.run(10)
    assert line.daa(29) == 9


def test_an_unplugged_line_reads_nothing(line):
    line.pairs[0].cable.cut = True
    line.run(10)
    assert line.daa(29) == 0


def test_a_loop_break_shows_in_current_voltage_and_drop_out(line):
    line.daa(5, 0x01)
    line.run(500)
    line.daa(4, 0x00)
    line.streets[0].state.open = True
    line.run(10)
    assert (line.daa(28), line.daa(29)) == (0, 0)
    assert line.daa(19) & 0x02
    assert line.daa(4) & 0x08


def test_a_reversal_sets_poli_until_a_zero_clears_it(line):
    line.run(10)
    line.daa(4, 0x00)
    line.streets[0].state.battery_v = 48.0
    line.run(10)
    assert line.daa(4) & 0x01
    line.daa(4, 0xFE)
    assert line.daa(4) & 0x01 == 0
    line.run(100)
    assert line.daa(4) & 0x01 == 0


@pytest.mark.parametrize(("off_hook", "rfwe", "one_shot"), [(0, 2, True), (1, 2, False)])
def test_a_reversal_looks_like_ringing_for_a_moment_on_hook(line, off_hook, rfwe, one_shot):
    line.daa(18, rfwe)
    line.daa(5, off_hook)
    line.run(500)
    line.streets[0].state.battery_v = 48.0
    line.run(5)
    assert bool(line.daa(5) & 0x60) is one_shot
    assert bool(line.daa(5) & 0x04) is one_shot
    line.run(20)
    assert line.daa(5) & 0x60 == 0


# --- ringing ------------------------------------------------------------------------------------


def halves(stand, ms):
    """Which of RDTP and RDTN were seen while polling every 5 ms."""
    seen = set()
    for _ in range(0, ms, 5):
        stand.run(5)
        seen.add(stand.daa(5) & 0x60)
    return seen


@pytest.mark.parametrize(("rfwe", "expected"), [(0, {0x00, 0x20}), (2, {0x00, 0x20, 0x40})])
def test_ring_halves_alternate_with_full_wave_detection(line, rfwe, expected):
    line.daa(18, rfwe)
    ring(line, 75.0, 20.0)
    assert halves(line, 200) == expected


@pytest.mark.parametrize(
    ("rt", "rt2", "volts", "seen"),
    [
        (0, 0, 14.0, False),
        (0, 0, 16.0, True),
        (1, 0, 20.0, False),
        (1, 0, 23.0, True),
        (1, 0x10, 44.0, False),
        (1, 0x10, 46.0, True),
    ],
)
def test_ring_thresholds(line, rt, rt2, volts, seen):
    line.daa(16, rt)
    line.daa(17, rt2)
    line.pairs[0].cable.resistance_ohm = 0.0
    ring(line, volts * (1 + 400 * 0.2 / 7000), 25.0)  # the ringer load of 0.2 REN takes its part
    line.run(50)
    assert bool(line.daa(5) & 0x04) is seen


def test_rdt_is_a_one_shot_of_five_seconds(line):
    line.daa(4, 0x00)
    ring_for(line, 1000)
    assert line.daa(5) & 0x04
    assert line.daa(4) & 0x80
    line.run(4900)
    assert line.daa(5) & 0x04
    line.run(200)
    assert line.daa(5) & 0x04 == 0


@pytest.mark.parametrize(("rdi", "again"), [(0, 0), (4, 0x80)])
def test_rdti_comes_at_the_end_too_with_rdi(line, rdi, again):
    line.daa(2, 0x03 | rdi)
    ring_for(line, 1000)
    line.daa(4, 0x00)
    line.run(5200)
    assert line.daa(4) & 0x80 == again


def test_off_hook_clears_the_one_shot(line):
    ring_for(line, 500)
    line.daa(5, 0x01)
    assert line.daa(5) & 0x04 == 0


def validated(stand):
    stand.daa(22, 0x8E)  # RDLY 2 (with register 23 b7 = 0), RMX 14
    stand.daa(23, 0x2D)  # RTO 5 * 128 ms, RCC 512 ms
    stand.daa(24, 0x91)  # RNGV, RAS 17: 14.7 Hz and up
    return stand


def test_validation_confirms_and_shows_the_envelope(line):
    validated(line)
    ring(line, 75.0, 25.0)
    line.run(1000)
    assert line.daa(5) & 0x04 == 0  # RCC 512 + RDLY 512 ms
    line.run(50)
    assert line.daa(5) & 0x04
    line.run(500)
    ring(line, 0.0, 0.0)
    line.run(600)
    assert line.daa(5) & 0x04
    line.run(60)  # RTO 640 ms
    assert line.daa(5) & 0x04 == 0


@pytest.mark.parametrize(
    ("hertz", "valid"), [(10.0, False), (16.7, True), (50.0, True), (100.0, False)]
)
def test_validation_by_frequency(line, hertz, valid):
    validated(line)
    ring(line, 75.0, hertz)
    line.run(1200)
    assert bool(line.daa(5) & 0x04) is valid


def test_validation_ignores_a_short_burst_and_a_reversal(line):
    validated(line)
    line.daa(18, 0x02)
    line.daa(4, 0x00)
    ring_for(line, 300)
    line.run(1000)
    line.streets[0].state.battery_v = 48.0
    line.run(1000)
    assert line.daa(5) & 0x04 == 0
    assert line.daa(4) & 0x80 == 0


def test_ringing_shakes_the_voltage_reading(line):
    ring(line, 75.0, 20.0)
    readings = set()
    for _ in range(20):
        line.run(5)
        value = line.daa(29)
        readings.add(value - 256 if value > 127 else value)
    assert min(readings) < 0 < max(readings)


# --- hook and settling --------------------------------------------------------------------------


def sound_after(line, ms_step=5, limit=1000):
    """Milliseconds from now until the transmit slot carries what the exchange sends."""
    line.streets[0].sound = sine(1000, 8000)
    for ms in range(0, limit, ms_step):
        if np.abs(g711.decode(line.run(ms_step)[4], g711.Law.A)).max() > 1000:
            return ms
    return None


def in_slot_4(line):
    line.daa(34, 32)
    line.daa(36, 32)
    line.daa(33, 0x20)
    return line


@pytest.mark.parametrize(
    ("reg31", "reg25", "reg17", "about_ms"),
    [
        (0x20, 0x00, 0x00, 401),  # 0.25 + 128 + 17 + 256
        (0x60, 0x00, 0x00, 281),  # FOH 8 ms
        (0x60, 0x20, 0x20, 8),  # and no calibrations
        (0x00, 0x00, 0x00, 785),  # FOH 512 ms
    ],
)
def test_audio_waits_for_settling_and_calibration(line, reg31, reg25, reg17, about_ms):
    in_slot_4(line)
    line.daa(31, reg31)
    line.daa(25, reg25)
    line.daa(17, reg17)
    line.daa(5, 0x01)
    assert sound_after(line) == pytest.approx(about_ms, abs=6)


@pytest.mark.parametrize(
    ("reg16", "reg31", "closed_ms"), [(0x00, 0x20, 0), (0x00, 0x28, 3), (0x40, 0x20, 26)]
)
def test_on_hook_speed(line, reg16, reg31, closed_ms):
    line.daa(16, reg16)
    line.daa(31, reg31)
    line.daa(5, 0x01)
    line.run(100)
    line.daa(5, 0x00)
    chip = line.card.fxo[0]
    at = line.now_ms
    open_after = next(
        ms for ms in range(60) if chip.advance(at + ms) or not chip.terminal(40).closed
    )
    assert open_after == closed_ms


def test_the_watchdog_hangs_up_a_line_that_nobody_looks_after(line):
    line.daa(2, 0x13)
    line.daa(2, 0x03)  # cannot be taken back
    line.daa(5, 0x01)
    for _ in range(20):
        line.run(1000)
        assert line.daa(5) & 1
    line.run(3900)
    assert line.card.fxo[0].off_hook
    line.run(200)
    assert not line.card.fxo[0].off_hook


def test_without_watchdog_the_line_stays_seized(line):
    line.daa(5, 0x01)
    line.run(10_000)
    assert line.card.fxo[0].off_hook


# --- voice --------------------------------------------------------------------------------------


def test_after_reset_the_bus_hears_itself_0_9_db_lower():
    stand = Stand(fxs=(), fxo=1)
    in_slot_4(stand)
    stand.play[4] = g711.encode(sine(1000, 16000), g711.Law.A)
    back = g711.decode(stand.run(10)[4], g711.Law.A)
    assert 20 * math.log10(np.abs(back).max() / 16000) == pytest.approx(-0.9, abs=0.3)


def test_ddl_loops_every_code_exactly(line):
    in_slot_4(line)
    line.daa(10, 0x01)
    line.daa(33, 0x28)  # u-law, whose two zeros show whether codes were touched
    for first in range(0, 256, BLOCK):
        line.play[4] = np.arange(first, first + BLOCK).astype(np.uint8)
        assert (line.run(5)[4] == line.play[4]).all()


@pytest.mark.parametrize(("rfwe", "idle"), [(0, 0x2A), (2, g711.encode(np.array([1228.0]), 0)[0])])
def test_on_hook_without_onhm_the_slot_carries_the_ring_detector(line, rfwe, idle):
    in_slot_4(line)
    line.daa(18, rfwe)
    assert (line.run(10)[4] == idle).all()
    ring(line, 75.0, 25.0)
    codes = np.concatenate([line.run(5)[4] for _ in range(20)])
    assert (codes == 0xAA).sum() > 200  # +32767 in the positive halves
    assert (codes == 0x2A).sum() > 200  # idle of the half wave, negative halves of the full one


def test_on_hook_with_onhm_the_line_is_heard_and_nothing_is_sent(line):
    in_slot_4(line)
    line.daa(5, 0x08)
    line.play[4] = 0x12
    assert sound_after(line) <= 5
    assert line.streets[0].heard is None or np.abs(line.streets[0].heard).max() == 0


def levels(line):
    """Level towards the box and towards the exchange, dB against what was put in."""
    line.streets[0].sound = sine(1000, 8000)
    line.play[4] = g711.encode(sine(1000, 8000), g711.Law.A)
    line.run(20)
    up = np.abs(g711.decode(line.captured[4], g711.Law.A)).max()
    down = np.abs(line.streets[0].heard).max()
    return 20 * math.log10(up / 8000), 20 * math.log10(down / 8000)


@pytest.mark.parametrize(
    ("registers", "towards_box", "towards_exchange"),
    [
        ({31: FULL | FOH_128}, 3.14 - 3.2 - 0.9, 3.2 - 3.14),
        ({31: FOH_128}, 3.14 - 0.9, -3.14),
        ({30: 0x10}, 3.14 - 6.0 - 0.9, 6.0 - 3.14),
        ({31: FULL | FOH_128, 39: 0x03, 38: 0x13}, -0.96 + 3.0, 0.06 - 3.0),
        ({31: FULL | FOH_128, 41: 0x15, 40: 0x05}, -0.96 - 0.5, 0.06 + 0.5),
    ],
)
def test_levels_by_full_scale_and_gain_registers(line, registers, towards_box, towards_exchange):
    in_slot_4(line)
    for register, value in registers.items():
        line.daa(register, value)
    line.daa(5, 0x01)
    line.run(500)
    up, down = levels(line)
    assert up == pytest.approx(towards_box, abs=0.3)  # A-law steps
    assert down == pytest.approx(towards_exchange, abs=0.3)


@pytest.mark.parametrize(("register", "value"), [(15, 0x88), (2, 0x02)])
def test_mutes_and_receive_enable(line, register, value):
    in_slot_4(line)
    line.daa(register, value)
    line.daa(5, 0x01)
    line.run(500)
    line.play[4] = 0x12
    line.run(20)
    heard = line.streets[0].heard
    assert heard is None or np.abs(heard).max() == 0


@pytest.mark.parametrize(("iire", "samples"), [(0x00, 12), (0x10, 2)])
def test_group_delay_of_the_two_filters(line, iire, samples):
    in_slot_4(line)
    line.daa(16, iire)
    line.daa(5, 0x09)
    line.run(500)
    click = np.zeros(BLOCK, np.float32)
    click[0] = 20000.0
    line.streets[0].sound = click
    back = g711.decode(line.run(5)[4], g711.Law.A)
    assert int(np.abs(back).argmax()) == samples


def test_interrupt_pin_needs_inte_and_a_mask(line):
    ring_for(line, 100)
    assert not line.card.interrupt_low
    line.daa(2, 0x83)
    assert not line.card.interrupt_low
    line.daa(3, 0x80)
    assert line.card.interrupt_low
    line.daa(4, 0x00)
    assert not line.card.interrupt_low


def test_billing_tone_is_flagged_with_bte(line):
    line.daa(17, 0x04)
    line.card.fxo[0].world("billing_tone", 1)
    assert line.daa(17) & 0x01
    assert line.daa(4) & 0x10
    line.card.fxo[0].world("billing_tone", 0)
    line.daa(17, 0x04)
    assert line.daa(17) & 0x01 == 0


def test_render_tells_a_person_what_goes_on(line):
    line.daa(5, 0x01)
    line.run(10)
    assert "fxo/1 si3050+si3019: off-hook, settling, -9.0 V -30.0 mA" in line.card.render()
