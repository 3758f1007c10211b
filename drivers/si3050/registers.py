"""Registers of the Si3050 voice DAA with an Si3018, Si3019 or Si3011 line side: data only.

Names, bits and reset values are those of the data sheet Si3050 + Si3011/18/19 rev 1.5, section
"Control registers". Registers 8, 9, 27 and 53 to 58 are reserved and left out on purpose:
nothing may write them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, Final

from drivers.registers import Field, Flag, Kind, Register, RegisterFile, table


class LineSide(IntEnum):
    """Register 11, LSID: which chip sits beyond the isolation link. NONE until the link is up."""

    NONE = 0
    SI3018 = 1
    SI3019 = 3
    SI3011 = 4


class PcmFormat(IntEnum):
    """Register 33, PCMF."""

    A_LAW = 0
    U_LAW = 1
    LINEAR_8 = 2
    LINEAR_16 = 3


class OffHookTime(IntEnum):
    """Register 31, FOH: time from off-hook to the start of calibration."""

    MS_512 = 0
    MS_128 = 1
    MS_64 = 2
    MS_8 = 3


class RingConfirm(IntEnum):
    """Register 23, RCC: how long the ring frequency must fit before it is believed."""

    MS_100 = 0
    MS_150 = 1
    MS_200 = 2
    MS_256 = 3
    MS_384 = 4
    MS_512 = 5
    MS_640 = 6
    MS_1024 = 7


class Termination(IntEnum):
    """Register 30, ACIM: AC termination of the Si3019."""

    OHM_600 = 0x0
    OHM_900 = 0x1
    R270_750_C150N = 0x2
    R220_820_C120N = 0x3
    R370_620_C310N = 0x4
    R320_1050_C230N = 0x5
    R370_820_C110N = 0x6
    R275_780_C115N = 0x7
    R120_820_C110N = 0x8
    R350_1000_C210N = 0x9
    R200_680_C100N = 0xA
    OHM_600_C2U16 = 0xB
    OHM_900_C1U = 0xC
    OHM_900_C2U16 = 0xD
    OHM_600_C1U = 0xE
    COMPROMISE = 0xF


def _r(
    number: int,
    name: str,
    reset: int | None = 0,
    access: Kind = Kind.WRITE,
    *,
    volatile: bool = False,
) -> Register:
    page = f"data sheet rev 1.5, control registers, register {number}"
    return Register(name, number, reset, access, volatile or access is not Kind.WRITE, 8, page)


_RO = Kind.READ
_W0C = Kind.WRITE_0_CLEAR

CONTROL_1 = _r(1, "control_1", 0x00, volatile=True)
CONTROL_2 = _r(2, "control_2", 0x03)
INTERRUPT_MASK = _r(3, "interrupt_mask", 0x00)
INTERRUPT_SOURCE = _r(4, "interrupt_source", 0x00, _W0C)
DAA_CONTROL_1 = _r(5, "daa_control_1", 0x00, volatile=True)
DAA_CONTROL_2 = _r(6, "daa_control_2", 0x10)
SAMPLE_RATE = _r(7, "sample_rate", 0x00)
DAA_CONTROL_3 = _r(10, "daa_control_3", 0x00)
REVISION = _r(11, "system_and_line_side_revision", None, _RO)
LINE_STATUS = _r(12, "line_side_status", 0x00, _RO)
LINE_REVISION = _r(13, "line_side_revision", 0x40, _RO)
DAA_CONTROL_4 = _r(14, "daa_control_4", 0x00)
MUTE = _r(15, "mute", 0x00)
INTERNATIONAL_1 = _r(16, "international_1", 0x00)
INTERNATIONAL_2 = _r(17, "international_2", 0x00, volatile=True)
INTERNATIONAL_3 = _r(18, "international_3", 0x00)
INTERNATIONAL_4 = _r(19, "international_4", 0x00, volatile=True)
PROGRESS_RX = _r(20, "call_progress_receive_attenuation", 0x00)
PROGRESS_TX = _r(21, "call_progress_transmit_attenuation", 0x00)
RING_VALIDATION_1 = _r(22, "ring_validation_1", 0x96)
RING_VALIDATION_2 = _r(23, "ring_validation_2", 0x2D)
RING_VALIDATION_3 = _r(24, "ring_validation_3", 0x19)
RESISTOR_CALIBRATION = _r(25, "resistor_calibration", None, volatile=True)
DC_TERMINATION = _r(26, "dc_termination", 0x00)
LOOP_CURRENT = _r(28, "loop_current", 0x00, _RO)
LINE_VOLTAGE = _r(29, "line_voltage", 0x00, _RO)
AC_TERMINATION = _r(30, "ac_termination", 0x00)
DAA_CONTROL_5 = _r(31, "daa_control_5", 0x20)
GROUND_START = _r(32, "ground_start", 0x03, volatile=True)
PCM_MODE = _r(33, "pcm_mode", 0x00)
PCM_TX_LOW = _r(34, "pcm_tx_low", 0x00)
PCM_TX_HIGH = _r(35, "pcm_tx_high", 0x00)
PCM_RX_LOW = _r(36, "pcm_rx_low", 0x00)
PCM_RX_HIGH = _r(37, "pcm_rx_high", 0x00)
TX_GAIN = _r(38, "tx_gain", 0x00)
RX_GAIN = _r(39, "rx_gain", 0x00)
TX_GAIN_TENTHS = _r(40, "tx_gain_tenths", 0x00)
RX_GAIN_TENTHS = _r(41, "rx_gain_tenths", 0x00)
GCI_CONTROL = _r(42, "gci_control", 0x00)
THRESHOLD = _r(43, "current_voltage_threshold", 0x00)
THRESHOLD_INTERRUPT = _r(44, "threshold_interrupt", 0x00, volatile=True)
HYBRID_1 = _r(45, "hybrid_1", 0x00)
HYBRID_2 = _r(46, "hybrid_2", 0x00)
HYBRID_3 = _r(47, "hybrid_3", 0x00)
HYBRID_4 = _r(48, "hybrid_4", 0x00)
HYBRID_5 = _r(49, "hybrid_5", 0x00)
HYBRID_6 = _r(50, "hybrid_6", 0x00)
HYBRID_7 = _r(51, "hybrid_7", 0x00)
HYBRID_8 = _r(52, "hybrid_8", 0x00)
SPARK_QUENCH = _r(59, "spark_quench", None)

REGISTERS: Final = table(*(item for item in list(globals().values()) if isinstance(item, Register)))


class DaaRegisters(RegisterFile):
    """The fields of an Si3050 and its line side."""

    registers: ClassVar = REGISTERS

    software_reset = Flag(CONTROL_1, 7)
    pwm_mode = Field(CONTROL_1, 5, 4)
    pwm_enabled = Flag(CONTROL_1, 3)
    isolation_loopback = Flag(CONTROL_1, 1)

    interrupt_enabled = Flag(CONTROL_2, 7)
    interrupt_active_high = Flag(CONTROL_2, 6)
    watchdog_enabled = Flag(CONTROL_2, 4)
    ring_interrupt_both = Flag(CONTROL_2, 2)
    hybrid_enabled = Flag(CONTROL_2, 1)
    receive_enabled = Flag(CONTROL_2, 0)

    ring_mask = Flag(INTERRUPT_MASK, 7)
    overload_mask = Flag(INTERRUPT_MASK, 6)
    frame_mask = Flag(INTERRUPT_MASK, 5)
    billing_mask = Flag(INTERRUPT_MASK, 4)
    dropout_mask = Flag(INTERRUPT_MASK, 3)
    current_overload_mask = Flag(INTERRUPT_MASK, 2)
    tip_ground_mask = Flag(INTERRUPT_MASK, 1)
    polarity_mask = Flag(INTERRUPT_MASK, 0)

    ring_pending = Flag(INTERRUPT_SOURCE, 7)
    overload_pending = Flag(INTERRUPT_SOURCE, 6)
    frame_pending = Flag(INTERRUPT_SOURCE, 5)
    billing_pending = Flag(INTERRUPT_SOURCE, 4)
    dropout_pending = Flag(INTERRUPT_SOURCE, 3)
    current_overload_pending = Flag(INTERRUPT_SOURCE, 2)
    tip_ground_pending = Flag(INTERRUPT_SOURCE, 1)
    polarity_pending = Flag(INTERRUPT_SOURCE, 0)

    ring_negative = Flag(DAA_CONTROL_1, 6, access=_RO)
    ring_positive = Flag(DAA_CONTROL_1, 5, access=_RO)
    on_hook_monitor = Flag(DAA_CONTROL_1, 3)
    ring_detected = Flag(DAA_CONTROL_1, 2, access=_RO)
    off_hook = Flag(DAA_CONTROL_1, 0)

    line_side_off = Flag(DAA_CONTROL_2, 4)
    system_side_off = Flag(DAA_CONTROL_2, 3)
    rate_16k = Flag(SAMPLE_RATE, 3)
    digital_loopback = Flag(DAA_CONTROL_3, 0)

    line_side = Field(REVISION, 7, 4, values=LineSide)
    revision = Field(REVISION, 3, 0)
    link_up = Flag(LINE_STATUS, 6)
    coarse_current = Field(LINE_STATUS, 4, 0, unit="3.3 mA")
    line_revision_marker = Flag(LINE_REVISION, 6)
    line_revision = Field(LINE_REVISION, 5, 2)
    ring_output_polarity = Flag(DAA_CONTROL_4, 1)
    transmit_mute = Flag(MUTE, 7)
    receive_mute = Flag(MUTE, 3)

    on_hook_speed = Flag(INTERNATIONAL_1, 6)
    iir_filter = Flag(INTERNATIONAL_1, 4)
    ringer_impedance = Flag(INTERNATIONAL_1, 1)
    ring_threshold = Flag(INTERNATIONAL_1, 0)

    zero_calibration = Flag(INTERNATIONAL_2, 7)
    manual_calibration = Flag(INTERNATIONAL_2, 6)
    calibration_off = Flag(INTERNATIONAL_2, 5)
    ring_threshold_2 = Flag(INTERNATIONAL_2, 4)
    overload_protection = Flag(INTERNATIONAL_2, 3)
    billing_enabled = Flag(INTERNATIONAL_2, 2)
    receive_overload = Flag(INTERNATIONAL_2, 1)
    billing_detected = Flag(INTERNATIONAL_2, 0)

    full_wave_ring = Flag(INTERNATIONAL_3, 1)
    overload_now = Flag(INTERNATIONAL_4, 2, access=_RO)
    dropout = Flag(INTERNATIONAL_4, 1, access=_RO)
    over_current = Flag(INTERNATIONAL_4, 0, access=_RO)

    ring_delay_low = Field(RING_VALIDATION_1, 7, 6, unit="256 ms")
    ring_maximum = Field(RING_VALIDATION_1, 5, 0, unit="2 ms")
    ring_delay_high = Flag(RING_VALIDATION_2, 7)
    ring_timeout = Field(RING_VALIDATION_2, 6, 3, unit="128 ms")
    ring_confirm = Field(RING_VALIDATION_2, 2, 0, values=RingConfirm)
    ring_validation = Flag(RING_VALIDATION_3, 7)
    ring_assert = Field(RING_VALIDATION_3, 5, 0, unit="2 ms")

    resistor_calibrating = Flag(RESISTOR_CALIBRATION, 7, access=_RO)
    resistor_manual = Flag(RESISTOR_CALIBRATION, 6)
    resistor_calibration_off = Flag(RESISTOR_CALIBRATION, 5)
    resistor_result = Field(RESISTOR_CALIBRATION, 3, 0)

    dc_voltage = Field(DC_TERMINATION, 7, 6)
    minimum_current = Field(DC_TERMINATION, 5, 4)
    current_limit = Flag(DC_TERMINATION, 1)
    dc_resistance = Flag(DC_TERMINATION, 0)

    loop_current = Field(LOOP_CURRENT, 7, 0, unit="1.1 mA")
    line_voltage = Field(LINE_VOLTAGE, 7, 0, unit="1 V signed")

    full_scale_2 = Flag(AC_TERMINATION, 4)
    termination = Field(AC_TERMINATION, 3, 0, values=Termination)
    full_scale = Flag(DAA_CONTROL_5, 7)
    off_hook_time = Field(DAA_CONTROL_5, 6, 5, values=OffHookTime)
    on_hook_speed_2 = Flag(DAA_CONTROL_5, 3)
    high_pass_200_hz = Flag(DAA_CONTROL_5, 1)
    force_voltage_off = Flag(DAA_CONTROL_5, 0)

    tip_ground = Flag(GROUND_START, 2, access=_RO)
    tip_ground_enabled = Flag(GROUND_START, 1)
    ring_ground = Flag(GROUND_START, 0)

    pcm_loopback = Flag(PCM_MODE, 7)
    pcm_enabled = Flag(PCM_MODE, 5)
    pcm_format = Field(PCM_MODE, 4, 3, values=PcmFormat)
    pcm_double_clock = Flag(PCM_MODE, 1)
    pcm_early_release = Flag(PCM_MODE, 0)
    transmit_start_low = Field(PCM_TX_LOW, 7, 0)
    transmit_start_high = Field(PCM_TX_HIGH, 1, 0)
    receive_start_low = Field(PCM_RX_LOW, 7, 0)
    receive_start_high = Field(PCM_RX_HIGH, 1, 0)

    transmit_attenuates = Flag(TX_GAIN, 4)
    transmit_gain = Field(TX_GAIN, 3, 0, unit="1 dB")
    receive_attenuates = Flag(RX_GAIN, 4)
    receive_gain = Field(RX_GAIN, 3, 0, unit="1 dB")

    threshold = Field(THRESHOLD, 7, 0)
    threshold_pending = Flag(THRESHOLD_INTERRUPT, 3, access=_W0C)
    threshold_of_voltage = Flag(THRESHOLD_INTERRUPT, 2)
    threshold_mask = Flag(THRESHOLD_INTERRUPT, 1)
    threshold_above = Flag(THRESHOLD_INTERRUPT, 0)

    spark_quench_1 = Flag(SPARK_QUENCH, 6)
    spark_quench_0 = Flag(SPARK_QUENCH, 4)
    receive_boost = Flag(SPARK_QUENCH, 2)
    guarded_clear = Flag(SPARK_QUENCH, 1)
