"""The fake Si3210 and Si3215: what the data sheet says a chip does, item by item."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bench.chips import g711
from tests.unit.bench.chip_stand import BLOCK, Stand, sine


@pytest.fixture
def stand():
    return Stand().daisy()


@pytest.fixture
def live():
    return Stand().daisy().slic_up()


# --- indirect registers -------------------------------------------------------------------------


def test_indirect_registers_keep_all_sixteen_bits(stand):
    stand.slic_indirect(40, 0xA5C3)
    stand.slic_indirect(41, 0x0C00)
    assert stand.slic_indirect(40) == 0xA5C3


def test_an_indirect_access_is_pending_for_a_moment(stand):
    stand.slic(30, 20)
    assert stand.slic(31) == 1
    assert [stand.slic(31) for _ in range(3)][-1] == 0


def test_indirect_done_is_flagged_only_when_enabled(stand):
    stand.slic_indirect(20, 1)
    assert stand.slic(20) & 0x02 == 0
    stand.slic(23, 0x02)
    stand.slic_indirect(20, 1)
    assert stand.slic(20) & 0x02
    stand.slic(20, 0x02)
    assert stand.slic(20) & 0x02 == 0  # a one clears


def test_an_access_in_the_middle_of_an_indirect_one_spoils_it(stand):
    stand.slic(28, 0x34)
    stand.slic(29, 0x12)
    stand.slic(30, 20)
    stand.slic(28, 0xEE)  # without having waited
    stand.run(5)
    assert stand.card.fxs[0].indirect(20) == 0x12EE


def test_indirect_registers_are_undefined_after_reset(stand):
    values = {stand.card.fxs[0].indirect(n) for n in range(44)}
    assert len(values) > 40


# --- battery ------------------------------------------------------------------------------------


def test_battery_passes_72_volts_within_half_a_second(stand):
    assert stand.slic(82) == 0
    stand.slic(14, 0x00)
    stand.run(100)
    assert stand.slic(82) < 0xC0
    stand.run(400)
    assert stand.slic(82) >= 0xC0


@pytest.mark.parametrize(("leak", "gone"), [(0, False), (1, True)])
def test_battery_decays_slowly_unless_something_leaks(stand, leak, gone):
    stand.card.fxs[0].world("leak", leak)
    stand.slic(14, 0x00)
    stand.run(500)
    stand.slic(14, 0x10)
    stand.run(500)
    assert (stand.slic(82) < 6) is gone


def test_no_battery_without_the_12_volts(stand):
    stand.card.fxs[0].world("supply", 0)
    stand.slic(14, 0x00)
    stand.run(1000)
    assert stand.slic(82) == 0


def test_no_battery_worth_the_name_without_frame_sync(stand):
    stand.card.clock(running=False)
    stand.slic(14, 0x00)
    stand.run(500)
    assert stand.slic(82) < 6


def test_active_line_regulates_to_line_plus_common_mode_plus_overhead(live):
    # VOC 48 V + VCM 3 V + VOV 9 V = 60 V; 60 / 0.376 = 159
    assert live.slic(82) == 159
    assert live.slic(78) == 32  # 48 V in steps of 1.5 V, TIP above RING
    assert (live.slic(80), live.slic(81)) == (7, 135)  # 3 V and 51 V


# --- calibration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "within_ms", "not_within_ms"), [(0x5F, 600, 300), (0x7F, 200, 50)]
)
def test_calibration_is_busy_and_then_reads_zero(stand, bits, within_ms, not_within_ms):
    stand.slic(14, 0x00)
    stand.run(500)
    stand.slic(97, 0x1F)
    stand.slic(96, bits)
    stand.run(not_within_ms)
    assert stand.slic(96) & 0x40
    stand.run(within_ms - not_within_ms)
    assert (stand.slic(96), stand.slic(97)) == (0, 0)


def test_calibration_never_ends_without_a_battery(stand):
    stand.slic(96, 0x5F)
    stand.run(2000)
    assert stand.slic(96) & 0x40


def test_peak_current_calibration_of_the_converter(stand):
    stand.slic(14, 0x00)
    stand.slic(93, 0x99)
    assert stand.slic(93) & 0x80
    stand.run(100)
    assert stand.slic(93) == 0x19
    assert stand.slic(107) == 0x08


@pytest.mark.parametrize(("trim", "monitor"), [(98, 88), (99, 89)])
def test_manual_gain_loop_finds_the_value_that_balances(trim, monitor):
    stand = Stand().daisy()
    stand.card.fxs[0].calibration.trims[trim] = 0x0B
    stand.slic(14, 0x00)
    stand.run(500)
    for value in range(0x1F, -1, -1):
        stand.slic(trim, value)
        stand.run(40)
        if stand.slic(monitor) == 0:
            break
    assert value == 0x0B


@pytest.mark.parametrize(("lifted", "enabled", "error"), [(0, 4, 0), (1, 4, 4), (1, 0, 0)])
def test_balance_calibration_fails_with_the_telephone_off_hook(stand, lifted, enabled, error):
    stand.slic(14, 0x00)
    stand.run(500)
    stand.handsets[0].closed = bool(lifted)
    stand.slic(23, enabled)
    stand.slic(97, 0x01)
    stand.slic(96, 0x40)
    stand.run(600)
    assert stand.slic(96) == 0
    assert stand.slic(20) & 0x04 == error


# --- hook ---------------------------------------------------------------------------------------


def test_off_hook_is_seen_after_the_debounce(live):
    assert live.slic(68) == 0x04  # b2 is the inverted raw comparator
    live.handsets[0].closed = True
    live.run(10)
    assert live.slic(68) == 0x00  # exceeded, not yet believed: 10 * 1.25 ms
    live.run(10)
    assert live.slic(68) == 0x01
    live.handsets[0].closed = False
    live.run(20)
    assert live.slic(68) == 0x04


def test_a_bounce_shorter_than_the_debounce_is_not_seen(live):
    for _ in range(10):
        live.handsets[0].closed = not live.handsets[0].closed
        live.run(5)
        assert live.slic(68) & 1 == 0


def test_loop_current_is_limited_and_measured(live):
    live.handsets[0].closed = True
    live.run(50)
    assert live.slic(79) & 0x3F == 16  # 20 mA in steps of 1.25 mA
    live.slic(71, 3)
    live.run(50)
    assert live.slic(79) & 0x3F == 23  # 29 mA
    live.handsets[0].resistance_ohm = 2000.0
    live.run(50)
    assert live.slic(79) & 0x3F == 18  # 48 V / 2160 ohm = 22.2 mA


def test_a_current_below_the_threshold_is_no_off_hook(live):
    live.handsets[0].closed = True
    live.handsets[0].resistance_ohm = 4800.0  # 48 / 4960 = 9.7 mA; the threshold is 10.2
    live.run(100)
    assert live.slic(68) & 1 == 0


def test_hook_interrupts_come_when_enabled_and_pull_the_pin(live):
    live.handsets[0].closed = True
    live.run(30)
    assert live.slic(19) == 0
    live.handsets[0].closed = False
    live.slic(22, 0xFF)
    live.run(30)
    assert live.slic(19) == 0x02
    assert live.card.interrupt_low
    live.slic(19, 0x02)
    assert live.slic(19) == 0
    assert not live.card.interrupt_low


def test_pulse_dialling_at_ten_pulses_a_second_gets_through(live):
    live.handsets[0].closed = True
    live.run(100)
    breaks = 0
    last = 1
    for ms in range(0, 1000, 5):
        live.handsets[0].closed = ms % 100 >= 60
        live.run(5)
        now = live.slic(68) & 1
        breaks += last == 1 and now == 0
        last = now
    assert breaks == 10


# --- linefeed, polarity, ringing ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "shows", "volts"), [(1, 0x11, -48), (2, 0x22, -48), (5, 0x55, 48), (6, 0x66, 48)]
)
def test_linefeed_shows_the_state_and_puts_it_on_the_pair(live, command, shows, volts):
    live.slic(64, command)
    live.run(20)
    assert live.slic(64) == shows
    assert live.handsets[0].pair.voltage_v == pytest.approx(volts)
    assert bool(live.slic(78) & 0x40) is (volts > 0)


def test_open_takes_the_voltage_away(live):
    live.slic(64, 0)
    live.run(20)
    assert live.slic(64) == 0
    assert live.handsets[0].pair.voltage_v == 0.0


def test_ringing_level_and_frequency_follow_the_coefficients(live):
    live.slic(64, 4)
    live.run(500)
    state = live.card.fxs[0].line.feed()
    assert live.slic(64) == 0x44
    assert state.ring_hz == pytest.approx(20.5, abs=0.1)  # RCO 7EF0
    assert state.ring_vrms == pytest.approx(45, abs=1)  # RNGX 0160: 64 Vpk


def test_ringing_is_clipped_by_the_battery(live):
    live.slic_indirect(21, 0x0247)  # 87 Vpk at 25 Hz
    live.slic_indirect(20, 0x7E6D)
    live.slic(64, 4)
    live.run(1000)
    assert live.card.fxs[0].line.feed().ring_vrms == pytest.approx(47.7, abs=0.1)  # 67.5 Vpk
    live.slic(74, 0x3F)  # VBATH 94.5 V
    live.run(1000)
    line = live.card.fxs[0].line.feed()
    assert line.ring_vrms == pytest.approx(87 / math.sqrt(2), abs=0.7)
    assert line.ring_hz == pytest.approx(25.0, abs=0.05)


def test_ring_trip_goes_off_hook_by_itself_and_keeps_the_command(live):
    live.slic(22, 0xFF)
    live.slic(64, 4)
    live.run(300)
    assert live.slic(68) & 2 == 0
    live.handsets[0].closed = True
    live.run(100)
    assert live.slic(68) & 2
    assert live.slic(64) == 0x14  # real state active, command still ringing
    assert live.slic(19) & 0x01
    live.run(50)
    assert live.slic(68) & 1
    live.slic(64, 1)
    live.run(10)
    assert (live.slic(64), live.slic(68) & 3) == (0x11, 1)


def test_five_ringers_do_not_trip_and_eight_do(live):
    live.handsets[0].ren = 5.0
    live.slic(64, 4)
    live.run(500)
    assert live.slic(68) & 2 == 0
    live.handsets[0].ren = 8.0
    live.run(500)
    assert live.slic(68) & 2


def test_the_chip_keeps_a_cadence_by_its_timers(live):
    live.slic(21, 0xFF)
    for register, value in ((48, 0x40), (49, 0x1F), (50, 0x80), (51, 0x3E)):
        live.slic(register, value)  # 8000 * 125 us = 1 s on, 16000 = 2 s off
    live.slic(34, 0x18)
    live.slic(64, 4)
    live.run(500)
    assert live.slic(64) == 0x44
    assert live.slic(34) & 0x20
    live.run(1000)
    assert live.slic(64) == 0x24
    assert live.slic(18) == 0x10
    live.run(2000)
    assert live.slic(64) == 0x44
    assert live.slic(18) == 0x30


def test_lifting_in_the_silence_of_a_cadence_ends_it(live):
    for register, value in ((48, 0x40), (49, 0x1F), (50, 0x80), (51, 0x3E)):
        live.slic(register, value)
    live.slic(34, 0x18)
    live.slic(64, 4)
    live.run(1100)
    live.handsets[0].closed = True
    live.run(80)
    assert live.slic(68) & 1 == 0  # register 63: 84 * 1.25 = 105 ms in ring silence
    live.run(80)
    assert live.slic(68) & 1
    live.run(3000)
    assert live.slic(64) == 0x14


# --- alarms -------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["short", "foreign_voltage"])
def test_over_power_opens_the_line_and_comes_again_as_long_as_it_lasts(live, trouble):
    live.slic(22, 0xFC)
    live.card.fxs[0].world(trouble, 60.0)
    live.run(100)
    assert live.slic(64) == 0x00
    assert live.slic(19) & 0xFC
    live.slic(19, 0xFF)
    live.slic(64, 1)
    live.run(100)
    assert live.slic(64) == 0x00
    live.card.fxs[0].world(trouble, 0.0)
    live.slic(64, 1)
    live.run(200)
    assert live.slic(64) == 0x11


def test_without_aopn_an_alarm_is_only_told(live):
    live.slic(67, 0x1E)
    live.slic(22, 0xFC)
    live.card.fxs[0].world("power_alarm")
    assert live.slic(64) == 0x11
    assert live.slic(19) & 0xFC


def test_a_foreign_voltage_is_measured_on_the_open_line(stand):
    assert stand.slic(80) == 0
    stand.card.fxs[0].world("foreign_voltage", 12.0)
    assert (stand.slic(80), stand.slic(81)) == (31, 31)  # 12 / 0.376


def test_a_chip_that_resets_says_so(live):
    live.handsets[0].closed = True
    live.run(100)
    live.card.fxs[0].lose_registers()
    live.daisy()
    assert live.slic(64) == 0x00
    assert live.slic(8) == 0x02
    live.run(20)
    assert live.handsets[0].pair.current_ma == 0.0


# --- voice --------------------------------------------------------------------------------------


def talking(variant="si3210", **card):
    stand = Stand(fxs=(variant,), fxs_echo=0.0, **card).daisy().slic_up()
    stand.slic(2, 8)
    stand.slic(4, 8)
    stand.slic(1, 0x20)  # A-law
    stand.handsets[0].closed = True
    stand.run(50)
    return stand


def test_the_highway_is_left_alone_until_enabled():
    stand = Stand(idle=0x3C).daisy()
    stand.play[0] = 0x12
    assert (stand.run(5)[0] == 0x3C).all()


def test_after_reset_the_bus_hears_itself():
    stand = Stand().daisy()
    stand.slic(1, 0x20)
    stand.play[0] = np.arange(BLOCK)
    assert (stand.run(10)[0] == np.arange(BLOCK)).all()


@pytest.mark.parametrize("variant", ["si3210", "si3215"])
def test_speech_passes_both_ways_in_its_slot_with_half_a_millisecond(variant):
    stand = talking(variant)
    stand.handsets[0].sound = sine(1000, 8000)
    stand.run(5)
    back = stand.run(5)
    heard = g711.decode(back[1], g711.Law.A)
    expected = np.roll(sine(1000, 8000), 4)  # the tone fits the block: a delay is a rotation
    assert np.abs(heard - expected).max() < 0.04 * 8000
    assert (np.delete(back, 1, axis=0) == 0xD5).all()

    stand.handsets[0].sound = None
    stand.play[1] = g711.encode(sine(1000, 8000), g711.Law.A)
    stand.run(10)
    assert np.abs(stand.handsets[0].heard - expected).max() < 0.04 * 8000


def test_on_hook_audio_passes_only_in_on_hook_transmission():
    stand = talking()
    stand.handsets[0].closed = False
    stand.play[1] = 0x12
    stand.run(50)
    assert stand.handsets[0].heard is None
    stand.slic(64, 2)
    stand.run(10)
    assert np.abs(stand.handsets[0].heard).max() > 1000
    stand.slic(64, 4)
    stand.run(10)
    assert stand.handsets[0].heard is None


@pytest.mark.parametrize(
    ("register9", "dacg", "level_db"),
    [(0x00, 0x4000, 0.0), (0x01, 0x4000, -3.5), (0x02, 0x4000, 3.5), (0x00, 0x2000, -6.02)],
)
def test_gains_towards_the_telephone(register9, dacg, level_db):
    stand = talking()
    stand.play[1] = g711.encode(sine(1000, 8000), g711.Law.A)
    stand.run(10)
    before = np.abs(stand.handsets[0].heard).max()
    stand.slic(9, register9)
    stand.slic_indirect(26, dacg)
    stand.run(10)
    after = np.abs(stand.handsets[0].heard).max()
    assert 20 * math.log10(after / before) == pytest.approx(level_db, abs=0.05)


@pytest.mark.parametrize("register9", [0x03, 0x10])
def test_mute_towards_the_telephone(register9):
    stand = talking()
    stand.play[1] = 0x12
    stand.slic(9, register9)
    stand.run(10)
    assert stand.handsets[0].heard is None


def test_the_decoder_of_the_si3210_shows_the_digit_while_it_sounds():
    stand = talking()
    time = np.arange(8000) / 8000.0
    tone = (6000 * (np.sin(2 * np.pi * 770 * time) + np.sin(2 * np.pi * 1477 * time))).astype(
        np.float32
    )
    for at in range(0, 800, BLOCK):
        stand.handsets[0].sound = tone[at : at + BLOCK]
        stand.run(5)
    assert stand.slic(24) == 0x16
    stand.handsets[0].sound = None
    stand.run(50)
    assert stand.slic(24) == 0x06


def test_an_si3215_has_no_decoder():
    stand = talking("si3215")
    stand.handsets[0].sound = sine(800, 8000)
    stand.run(100)
    assert stand.slic(24) == 0


def test_render_tells_a_person_what_goes_on(live):
    live.handsets[0].closed = True
    live.run(30)
    assert "fxs/1 si3210 rev 5: forward active, off-hook" in live.card.render()
