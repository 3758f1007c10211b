"""Registers of the Si3210 and Si3215 ProSLIC: data only.

Names, bits and reset values are those of the data sheets Si3215 rev 0.92 (pages 50 to 100) and
Si3230 rev 0.96 (pages 40 to 91), the published siblings of the Si3210; ``page`` counts in the
former. Where the two parts differ, the Si3210's value stands in ``reset`` and the other in
:data:`RESET_SI3215`. Reserved registers (7, 12, 13, 16, 17, 25-27, 53-62, 90, 91, 95) are left
out on purpose: nothing may write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from drivers.registers import Field, Flag, Kind, Register, RegisterFile, table


class Linefeed(IntEnum):
    """What the chip puts on the pair (register 64, data sheet table 21)."""

    OPEN = 0
    FORWARD_ACTIVE = 1
    FORWARD_OHT = 2
    TIP_OPEN = 3
    RINGING = 4
    REVERSE_ACTIVE = 5
    REVERSE_OHT = 6
    RING_OPEN = 7


class PcmFormat(IntEnum):
    """Register 1, PCMF."""

    A_LAW = 0
    U_LAW = 1
    LINEAR = 3


class AudioGain(IntEnum):
    """Register 9: analog gain of one direction."""

    ZERO_DB = 0
    MINUS_3_5_DB = 1
    PLUS_3_5_DB = 2
    MUTE = 3


class Hybrid(IntEnum):
    """Register 11: hybrid balance gain."""

    PLUS_4_08_DB = 0
    PLUS_2_5_DB = 1
    PLUS_1_16_DB = 2
    ZERO_DB = 3
    MINUS_1_02_DB = 4
    MINUS_1_94_DB = 5
    MINUS_2_77_DB = 6
    OFF = 7


class Impedance(IntEnum):
    """Register 10, TISS: two-wire impedance. 7 is NZ 2 on the Si3210 and China on the Si3215."""

    OHM_600 = 0
    OHM_900 = 1
    OHM_600_SERIES_C = 2
    OHM_900_SERIES_C = 3
    CTR21 = 4
    AU_NZ = 5
    SK_SI_ZA = 6
    NZ2_OR_CHINA = 7


def _r(
    number: int,
    name: str,
    reset: int | None = 0,
    page: str = "",
    access: Kind = Kind.WRITE,
    *,
    volatile: bool = False,
) -> Register:
    return Register(name, number, reset, access, volatile or access is not Kind.WRITE, 8, page)


_RO = Kind.READ
_W1C = Kind.WRITE_1_CLEAR

SPI_MODE = _r(0, "spi_mode", 0x05, "p. 52")  # revision E in b3:0
PCM_MODE = _r(1, "pcm_mode", 0x08, "p. 53")
PCM_TX_LOW = _r(2, "pcm_tx_low", 0x00, "p. 53")
PCM_TX_HIGH = _r(3, "pcm_tx_high", 0x00, "p. 53")
PCM_RX_LOW = _r(4, "pcm_rx_low", 0x00, "p. 54")
PCM_RX_HIGH = _r(5, "pcm_rx_high", 0x00, "p. 54")
PART_ID = _r(6, "part_id", 0x00, "p. 54", _RO)
LOOPBACK = _r(8, "loopback", 0x02, "p. 55")
AUDIO_GAIN = _r(9, "audio_gain", 0x00, "p. 56")
IMPEDANCE = _r(10, "impedance", 0x08, "p. 57")
HYBRID = _r(11, "hybrid", 0x33, "p. 58")
POWER_DOWN_1 = _r(14, "power_down_1", 0x10, "p. 58")
POWER_DOWN_2 = _r(15, "power_down_2", 0x00, "p. 59")
STATUS_1 = _r(18, "interrupt_status_1", 0x00, "p. 60", _W1C)
STATUS_2 = _r(19, "interrupt_status_2", 0x00, "p. 61", _W1C)
STATUS_3 = _r(20, "interrupt_status_3", 0x00, "p. 62", _W1C)
ENABLE_1 = _r(21, "interrupt_enable_1", 0x00, "p. 63")
ENABLE_2 = _r(22, "interrupt_enable_2", 0x00, "p. 64")
ENABLE_3 = _r(23, "interrupt_enable_3", 0x00, "p. 65")
DTMF_STATUS = _r(24, "dtmf_status", 0x00, "Si3230 p. 58", _RO)
INDIRECT_LOW = _r(28, "indirect_data_low", 0x00, "p. 66", volatile=True)
INDIRECT_HIGH = _r(29, "indirect_data_high", 0x00, "p. 66", volatile=True)
INDIRECT_ADDRESS = _r(30, "indirect_address", None, "p. 66", volatile=True)
INDIRECT_STATUS = _r(31, "indirect_status", 0x00, "p. 67", _RO)
OSC1_CONTROL = _r(32, "oscillator_1_control", 0x00, "p. 67")
OSC2_CONTROL = _r(33, "oscillator_2_control", 0x00, "p. 68")
RING_CONTROL = _r(34, "ring_oscillator_control", 0x00, "p. 69", volatile=True)
METERING_CONTROL = _r(35, "metering_control", 0x00, "Si3230 p. 63")
OSC1_ACTIVE_LOW = _r(36, "oscillator_1_active_low", 0x00, "p. 70")
OSC1_ACTIVE_HIGH = _r(37, "oscillator_1_active_high", 0x00, "p. 70")
OSC1_INACTIVE_LOW = _r(38, "oscillator_1_inactive_low", 0x00, "p. 70")
OSC1_INACTIVE_HIGH = _r(39, "oscillator_1_inactive_high", 0x00, "p. 71")
OSC2_ACTIVE_LOW = _r(40, "oscillator_2_active_low", 0x00, "p. 71")
OSC2_ACTIVE_HIGH = _r(41, "oscillator_2_active_high", 0x00, "p. 71")
OSC2_INACTIVE_LOW = _r(42, "oscillator_2_inactive_low", 0x00, "p. 72")
OSC2_INACTIVE_HIGH = _r(43, "oscillator_2_inactive_high", 0x00, "p. 72")
METERING_ACTIVE_LOW = _r(44, "metering_active_low", 0x00, "Si3230 p. 66")
METERING_ACTIVE_HIGH = _r(45, "metering_active_high", 0x00, "Si3230 p. 66")
METERING_INACTIVE_LOW = _r(46, "metering_inactive_low", 0x00, "Si3230 p. 66")
METERING_INACTIVE_HIGH = _r(47, "metering_inactive_high", 0x00, "Si3230 p. 67")
RING_ACTIVE_LOW = _r(48, "ring_active_low", 0x00, "p. 73")
RING_ACTIVE_HIGH = _r(49, "ring_active_high", 0x00, "p. 73")
RING_INACTIVE_LOW = _r(50, "ring_inactive_low", 0x00, "p. 73")
RING_INACTIVE_HIGH = _r(51, "ring_inactive_high", 0x00, "p. 74")
FSK_DATA = _r(52, "fsk_data", 0x00, "p. 74")
RING_SILENCE_DEBOUNCE = _r(63, "ring_silence_debounce", 0x54, "p. 75")
LINEFEED = _r(64, "linefeed", 0x00, "p. 76", volatile=True)
TRANSISTOR_CONTROL = _r(65, "transistor_control", 0x61, "p. 77")
BATTERY_FEED = _r(66, "battery_feed", 0x03, "p. 78")
AUTOMATIC_CONTROL = _r(67, "automatic_control", 0x1F, "p. 79")
LOOP_STATUS = _r(68, "loop_status", 0x00, "p. 80", _RO)
LOOP_DEBOUNCE = _r(69, "loop_closure_debounce", 0x0A, "p. 80")
RING_TRIP_DEBOUNCE = _r(70, "ring_trip_debounce", 0x0A, "p. 81")
CURRENT_LIMIT = _r(71, "loop_current_limit", 0x00, "p. 81")
ON_HOOK_VOLTAGE = _r(72, "on_hook_line_voltage", 0x20, "p. 82")
COMMON_MODE_VOLTAGE = _r(73, "common_mode_voltage", 0x02, "p. 82")
HIGH_BATTERY = _r(74, "high_battery_voltage", 0x32, "p. 83")
LOW_BATTERY = _r(75, "low_battery_voltage", 0x10, "p. 83")
POWER_POINTER = _r(76, "power_pointer", 0x00, "p. 84", volatile=True)
POWER_READING = _r(77, "power_reading", 0x00, "p. 84", _RO)
LOOP_VOLTAGE = _r(78, "loop_voltage", 0x00, "p. 85", _RO)
LOOP_CURRENT = _r(79, "loop_current", 0x00, "p. 85", _RO)
TIP_VOLTAGE = _r(80, "tip_voltage", 0x00, "p. 86", _RO)
RING_VOLTAGE = _r(81, "ring_voltage", 0x00, "p. 86", _RO)
BATTERY_SENSE_1 = _r(82, "battery_sense_1", 0x00, "p. 86", _RO)
BATTERY_SENSE_2 = _r(83, "battery_sense_2", 0x00, "p. 87", _RO)
Q1_CURRENT = _r(84, "q1_current", None, "p. 87", _RO)
Q2_CURRENT = _r(85, "q2_current", None, "p. 87", _RO)
Q3_CURRENT = _r(86, "q3_current", None, "p. 88", _RO)
Q4_CURRENT = _r(87, "q4_current", None, "p. 88", _RO)
Q5_CURRENT = _r(88, "q5_current", None, "p. 88", _RO)
Q6_CURRENT = _r(89, "q6_current", None, "p. 89", _RO)
CONVERTER_PERIOD = _r(92, "converter_period", 0xFF, "p. 89")
CONVERTER_CONTROL = _r(93, "converter_control", 0x14, "p. 90", volatile=True)
CONVERTER_WIDTH = _r(94, "converter_pulse_width", 0x00, "p. 90", _RO)
CALIBRATION_1 = _r(96, "calibration_1", 0x1F, "p. 91", volatile=True)
CALIBRATION_2 = _r(97, "calibration_2", 0x1F, "p. 92", volatile=True)
RING_GAIN_RESULT = _r(98, "ring_gain_mismatch", 0x10, "p. 93", volatile=True)
TIP_GAIN_RESULT = _r(99, "tip_gain_mismatch", 0x10, "p. 93", volatile=True)
DIFFERENTIAL_RESULT = _r(100, "differential_gain", 0x11, "p. 94", volatile=True)
COMMON_RESULT = _r(101, "common_gain", 0x11, "p. 94", volatile=True)
CURRENT_LIMIT_RESULT = _r(102, "current_limit_gain", 0x08, "p. 94", volatile=True)
MONITOR_RESULT = _r(103, "monitor_adc_offset", 0x88, "p. 95", volatile=True)
DAC_ADC_RESULT = _r(104, "dac_adc_offset", 0x00, "p. 95", volatile=True)
DAC_RESULT = _r(105, "dac_offset", 0x00, "p. 96", volatile=True)
BALANCE_RESULT = _r(106, "common_mode_balance", 0x20, "Si3230 p. 88", volatile=True)
CONVERTER_RESULT = _r(107, "converter_peak_current", 0x08, "p. 97", volatile=True)
ENHANCEMENT = _r(108, "enhancement_enable", 0x00, "p. 98")

REGISTERS: Final = table(*(item for item in list(globals().values()) if isinstance(item, Register)))

RESET_SI3215: Final = {1: 0x88}
"""Reset values of the Si3215 that differ from the Si3210's (register 1 b7 is part of the name)."""

RESET_M: Final = {93: 0x34}
"""Reset values of the M versions (MOSFET and transformer converter) that differ."""

CALIBRATION_RESULTS: Final = tuple(range(96, 108))
"""What a fast re-initialisation saves and writes back (hardware notes 1.5, registers 96 to 107)."""


class SlicRegisters(RegisterFile):
    """The fields of an Si3210 or Si3215."""

    registers: ClassVar = REGISTERS

    daisy_chain = Flag(SPI_MODE, 7)
    spi_release = Flag(SPI_MODE, 6)
    part_number = Field(SPI_MODE, 5, 4, access=_RO)
    revision = Field(SPI_MODE, 3, 0, access=_RO)

    part_number_2 = Flag(PCM_MODE, 7, access=_RO)
    pcm_enabled = Flag(PCM_MODE, 5)
    pcm_format = Field(PCM_MODE, 4, 3, values=PcmFormat)
    pcm_16_bit = Flag(PCM_MODE, 2)
    pcm_double_clock = Flag(PCM_MODE, 1)
    pcm_early_release = Flag(PCM_MODE, 0)

    transmit_start_low = Field(PCM_TX_LOW, 7, 0)
    transmit_start_high = Field(PCM_TX_HIGH, 1, 0)
    receive_start_low = Field(PCM_RX_LOW, 7, 0)
    receive_start_high = Field(PCM_RX_HIGH, 1, 0)

    part_number_3215 = Field(PART_ID, 7, 5)

    analog_loopback_full = Flag(LOOPBACK, 2)
    digital_loopback = Flag(LOOPBACK, 1)
    analog_loopback = Flag(LOOPBACK, 0)

    receive_high_pass_off = Flag(AUDIO_GAIN, 7)
    transmit_high_pass_off = Flag(AUDIO_GAIN, 6)
    transmit_mute = Flag(AUDIO_GAIN, 5)
    receive_mute = Flag(AUDIO_GAIN, 4)
    transmit_gain = Field(AUDIO_GAIN, 3, 2, values=AudioGain)
    receive_gain = Field(AUDIO_GAIN, 1, 0, values=AudioGain)

    line_capacitance = Field(IMPEDANCE, 5, 4)
    impedance_enabled = Flag(IMPEDANCE, 3)
    impedance = Field(IMPEDANCE, 2, 0, values=Impedance)

    metering_hybrid = Field(HYBRID, 6, 4, values=Hybrid)
    audio_hybrid = Field(HYBRID, 2, 0, values=Hybrid)

    metering_power = Flag(POWER_DOWN_1, 5)
    converter_off = Flag(POWER_DOWN_1, 4)
    monitor_off = Flag(POWER_DOWN_1, 3)
    bias_off = Flag(POWER_DOWN_1, 1)
    slic_off = Flag(POWER_DOWN_1, 0)

    adc_manual = Flag(POWER_DOWN_2, 5)
    adc_on = Flag(POWER_DOWN_2, 4)
    dac_manual = Flag(POWER_DOWN_2, 3)
    dac_on = Flag(POWER_DOWN_2, 2)
    gm_manual = Flag(POWER_DOWN_2, 1)
    gm_on = Flag(POWER_DOWN_2, 0)

    metering_inactive_pending = Flag(STATUS_1, 7)
    metering_active_pending = Flag(STATUS_1, 6)
    ring_inactive_pending = Flag(STATUS_1, 5)
    ring_active_pending = Flag(STATUS_1, 4)
    osc2_inactive_pending = Flag(STATUS_1, 3)
    osc2_active_pending = Flag(STATUS_1, 2)
    osc1_inactive_pending = Flag(STATUS_1, 1)
    osc1_active_pending = Flag(STATUS_1, 0)
    q6_alarm_pending = Flag(STATUS_2, 7)
    q5_alarm_pending = Flag(STATUS_2, 6)
    q4_alarm_pending = Flag(STATUS_2, 5)
    q3_alarm_pending = Flag(STATUS_2, 4)
    q2_alarm_pending = Flag(STATUS_2, 3)
    q1_alarm_pending = Flag(STATUS_2, 2)
    loop_change_pending = Flag(STATUS_2, 1)
    ring_trip_pending = Flag(STATUS_2, 0)
    balance_error_pending = Flag(STATUS_3, 2)
    indirect_done_pending = Flag(STATUS_3, 1)
    dtmf_pending = Flag(STATUS_3, 0)
    enable_1 = Field(ENABLE_1, 7, 0)
    enable_2 = Field(ENABLE_2, 7, 0)
    balance_error_enable = Flag(ENABLE_3, 2)
    indirect_done_enable = Flag(ENABLE_3, 1)
    dtmf_enable = Flag(ENABLE_3, 0)

    dtmf_present = Flag(DTMF_STATUS, 4)
    dtmf_digit = Field(DTMF_STATUS, 3, 0)

    indirect_data_low = Field(INDIRECT_LOW, 7, 0)
    indirect_data_high = Field(INDIRECT_HIGH, 7, 0)
    indirect_address = Field(INDIRECT_ADDRESS, 7, 0)
    indirect_pending = Flag(INDIRECT_STATUS, 0)

    ring_status = Flag(RING_CONTROL, 7, access=_RO)
    ring_on_line = Flag(RING_CONTROL, 5, access=_RO)
    ring_active_timer = Flag(RING_CONTROL, 4)
    ring_inactive_timer = Flag(RING_CONTROL, 3)
    ring_oscillator_on = Flag(RING_CONTROL, 2, access=_RO)
    ring_offset_enabled = Flag(RING_CONTROL, 1)
    ring_trapezoid = Flag(RING_CONTROL, 0)

    ring_silence_debounce = Field(RING_SILENCE_DEBOUNCE, 7, 0, unit="1.25 ms")
    linefeed_status = Field(LINEFEED, 6, 4, values=Linefeed, access=_RO)
    linefeed = Field(LINEFEED, 2, 0, values=Linefeed)

    squelch = Flag(TRANSISTOR_CONTROL, 6)
    capacitor_bypass = Flag(TRANSISTOR_CONTROL, 5)
    bias_enabled = Flag(TRANSISTOR_CONTROL, 4)
    on_hook_bias = Field(TRANSISTOR_CONTROL, 3, 2)
    off_hook_bias = Field(TRANSISTOR_CONTROL, 1, 0)

    overhead_range = Flag(BATTERY_FEED, 4)
    force_high_battery = Flag(BATTERY_FEED, 3)
    battery_switch = Flag(BATTERY_FEED, 1)
    battery_tracking = Flag(BATTERY_FEED, 0)

    common_mode_manual = Flag(AUTOMATIC_CONTROL, 6)
    differential_manual = Flag(AUTOMATIC_CONTROL, 5)
    speed_up = Flag(AUTOMATIC_CONTROL, 4)
    automatic_battery = Flag(AUTOMATIC_CONTROL, 3)
    automatic_ring_trip = Flag(AUTOMATIC_CONTROL, 2)
    automatic_off_hook = Flag(AUTOMATIC_CONTROL, 1)
    automatic_open = Flag(AUTOMATIC_CONTROL, 0)

    loop_not_closed_raw = Flag(LOOP_STATUS, 2)
    ring_trip = Flag(LOOP_STATUS, 1)
    loop_closed = Flag(LOOP_STATUS, 0)

    loop_debounce = Field(LOOP_DEBOUNCE, 6, 0, unit="1.25 ms")
    ring_trip_debounce = Field(RING_TRIP_DEBOUNCE, 6, 0, unit="1.25 ms")
    current_limit = Field(CURRENT_LIMIT, 2, 0, unit="3 mA above 20 mA")
    on_hook_sign = Flag(ON_HOOK_VOLTAGE, 6)
    on_hook_voltage = Field(ON_HOOK_VOLTAGE, 5, 0, unit="1.5 V")
    common_mode_voltage = Field(COMMON_MODE_VOLTAGE, 5, 0, unit="1.5 V")
    high_battery = Field(HIGH_BATTERY, 5, 0, unit="1.5 V")
    low_battery = Field(LOW_BATTERY, 5, 0, unit="1.5 V")
    power_pointer = Field(POWER_POINTER, 2, 0)
    power_reading = Field(POWER_READING, 7, 0)
    loop_voltage_sign = Flag(LOOP_VOLTAGE, 6)
    loop_voltage = Field(LOOP_VOLTAGE, 5, 0, unit="1.5 V")
    loop_current_sign = Flag(LOOP_CURRENT, 6)
    loop_current = Field(LOOP_CURRENT, 5, 0, unit="1.25 mA")
    tip_voltage = Field(TIP_VOLTAGE, 7, 0, unit="-0.376 V")
    ring_voltage = Field(RING_VOLTAGE, 7, 0, unit="-0.376 V")
    battery_sense = Field(BATTERY_SENSE_1, 7, 0, unit="-0.376 V")
    battery_sense_2 = Field(BATTERY_SENSE_2, 7, 0, unit="-0.376 V")
    q5_current = Field(Q5_CURRENT, 7, 0, unit="0.316 mA")
    q6_current = Field(Q6_CURRENT, 7, 0, unit="0.316 mA")

    converter_period = Field(CONVERTER_PERIOD, 7, 0, unit="61.035 ns")
    converter_calibrating = Flag(CONVERTER_CONTROL, 7)
    converter_polarity = Flag(CONVERTER_CONTROL, 5, access=_RO)
    converter_off_time = Field(CONVERTER_CONTROL, 4, 0)
    calibrating = Flag(CALIBRATION_1, 6)
    calibrate_fast_battery = Flag(CALIBRATION_1, 5)
    calibrate_ring_gain = Flag(CALIBRATION_1, 4)
    calibrate_tip_gain = Flag(CALIBRATION_1, 3)
    calibrate_differential = Flag(CALIBRATION_1, 2)
    calibrate_common = Flag(CALIBRATION_1, 1)
    calibrate_current_limit = Flag(CALIBRATION_1, 0)
    calibrate_monitor_1 = Flag(CALIBRATION_2, 4)
    calibrate_monitor_2 = Flag(CALIBRATION_2, 3)
    calibrate_dac = Flag(CALIBRATION_2, 2)
    calibrate_adc = Flag(CALIBRATION_2, 1)
    calibrate_balance = Flag(CALIBRATION_2, 0)
    ring_gain = Field(RING_GAIN_RESULT, 4, 0)
    tip_gain = Field(TIP_GAIN_RESULT, 4, 0)
    converter_peak = Field(CONVERTER_RESULT, 3, 0)

    boost_after_ring = Flag(ENHANCEMENT, 7)
    fsk_enabled = Flag(ENHANCEMENT, 6)
    converter_speed_up = Flag(ENHANCEMENT, 5)
    external_impedance = Flag(ENHANCEMENT, 4)
    battery_switch_debounce = Flag(ENHANCEMENT, 3)
    voltage_loop_closure = Flag(ENHANCEMENT, 2)
    converter_filter = Flag(ENHANCEMENT, 1)
    hysteresis = Flag(ENHANCEMENT, 0)


@dataclass(frozen=True, slots=True)
class Indirect:
    """One register behind 28 to 31: the same thing has other numbers in the two parts.

    ``si3210`` or ``si3215`` is None where that part has none (Si3215 data sheet table 34).
    """

    name: str
    si3210: int | None
    si3215: int | None


INDIRECT: Final = (
    Indirect("dtmf_row_0_peak", 0, None),
    Indirect("dtmf_row_1_peak", 1, None),
    Indirect("dtmf_row_2_peak", 2, None),
    Indirect("dtmf_row_3_peak", 3, None),
    Indirect("dtmf_column_peak", 4, None),
    Indirect("dtmf_forward_twist", 5, None),
    Indirect("dtmf_reverse_twist", 6, None),
    Indirect("dtmf_row_ratio", 7, None),
    Indirect("dtmf_column_ratio", 8, None),
    Indirect("dtmf_row_harmonic", 9, None),
    Indirect("dtmf_column_harmonic", 10, None),
    Indirect("dtmf_minimum_power", 11, None),
    Indirect("dtmf_hot_limit", 12, None),
    Indirect("oscillator_1_coefficient", 13, 0),
    Indirect("oscillator_1_amplitude", 14, 1),
    Indirect("oscillator_1_phase", 15, 2),
    Indirect("oscillator_2_coefficient", 16, 3),
    Indirect("oscillator_2_amplitude", 17, 4),
    Indirect("oscillator_2_phase", 18, 5),
    Indirect("ring_offset", 19, 6),
    Indirect("ring_frequency", 20, 7),
    Indirect("ring_amplitude", 21, 8),
    Indirect("ring_phase", 22, 9),
    Indirect("metering_ramp", 23, None),
    Indirect("metering_amplitude", 24, None),
    Indirect("metering_coefficient", 25, None),
    Indirect("receive_digital_gain", 26, 13),
    Indirect("transmit_digital_gain", 27, 14),
    Indirect("loop_closure_threshold", 28, 15),
    Indirect("ring_trip_threshold", 29, 16),
    Indirect("speed_up_low", 30, 17),
    Indirect("speed_up_high", 31, 18),
    Indirect("power_alarm_q1_q2", 32, 19),
    Indirect("power_alarm_q3_q4", 33, 20),
    Indirect("power_alarm_q5_q6", 34, 21),
    Indirect("loop_closure_filter", 35, 22),
    Indirect("ring_trip_filter", 36, 23),
    Indirect("thermal_pole_q1_q2", 37, 24),
    Indirect("thermal_pole_q3_q4", 38, 25),
    Indirect("thermal_pole_q5_q6", 39, 26),
    Indirect("ring_common_mode", 40, 27),
    Indirect("converter_overhead", 41, 64),
    Indirect("converter_extra", 42, None),
    Indirect("loop_open_threshold", 43, 66),
    Indirect("fsk_space_amplitude", 99, 69),
    Indirect("fsk_space_coefficient", 100, 70),
    Indirect("fsk_mark_amplitude", 101, 71),
    Indirect("fsk_mark_coefficient", 102, 72),
    Indirect("fsk_space_to_mark", 103, 73),
    Indirect("fsk_mark_to_space", 104, 74),
)

ACCUMULATORS: Final = (*range(88, 96), 97, *range(193, 212))
"""Untranslated indirect numbers to flush after calibration (energy accumulators and scratch)."""
