"""Numbers for the Si3210 and Si3215: country data, indirect registers, ringing arithmetic.

Sources: data sheets Si3215 rev 0.92 (sections 2.2, 2.5; tables 34 to 42) and Si3230 rev 0.96;
where their reference values and the settings of fielded drivers differ, the choice and the other
value stand side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from drivers.si3210.registers import INDIRECT, Impedance
from drivers.tuning import OtherValue, for_country

BATTERY_STEP_V: Final = 1.5  # registers 72 to 75
SENSE_STEP_V: Final = 0.376  # registers 80 to 83
RING_OVERHEAD_V: Final = 7.5  # data sheet 2.5: VBATH at least Vpk + offset + 7.5 V
MAX_RING_VPK: Final = 87.0  # data sheet 2.5: sine, with the largest VBATH of 94.5 V
RING_SCALE_V: Final = 96.0  # full scale of the ring generator
RING_CLOCK_HZ: Final = 1000.0

FOREIGN_LIMIT_V: Final = 6.4  # open line: more on tip or ring than this comes from elsewhere
LEAK_LIMIT_V: Final = 2.3  # battery left 0.5 s after the converter stopped: less is a leak
BATTERY_MARGIN_V: Final = 6.0  # the battery must come within this of its nominal value


@dataclass(frozen=True, slots=True)
class SlicCountry:
    """What a telephone of one country gets.

    Attributes:
        ring_hz: ringing frequency.
        ring_vpk: peak of the sine, before the loop; Vrms = Vpk / 1.414.
        impedance_si3210: TISS of the Si3210.
        impedance_si3215: TISS of the Si3215.
        loop_ma: constant current of a closed loop, 20 to 41 in steps of 3.
        others: values not chosen.
    """

    ring_hz: float
    ring_vpk: float
    impedance_si3210: Impedance
    impedance_si3215: Impedance
    loop_ma: int = 23
    others: tuple[OtherValue, ...] = ()


_LEVEL = OtherValue(
    "ring_vpk",
    87.0,
    "exchange practice, 75 Vrms",
    "more than 87 Vpk (61 Vrms) is beyond the chip; telephones in a building need 35 to 45 Vrms",
)
_600 = Impedance.OHM_600
_CTR21 = Impedance.CTR21

COUNTRIES: Final[dict[str, SlicCountry]] = {
    "CN": SlicCountry(
        25.0,
        70.0,
        Impedance.SK_SI_ZA,
        Impedance.NZ2_OR_CHINA,
        others=(
            _LEVEL,
            OtherValue(
                "impedance_si3210",
                Impedance.OHM_600,
                "fielded driver, mapping of ACIM 10",
                "the Si3210 has no 200 + 680 || 100 nF; against it 220 + 820 || 115 nF has"
                " 22.7 dB return loss at 1 kHz and 600 ohm 13.3 dB",
            ),
        ),
    ),
    "HK": SlicCountry(25.0, 70.0, _600, _600, others=(_LEVEL,)),
    "TW": SlicCountry(20.0, 64.0, _600, _600, others=(_LEVEL,)),
    "SG": SlicCountry(
        25.0,
        70.0,
        _600,
        _600,
        others=(
            _LEVEL,
            OtherValue("ring_hz", 24.0, "national practice", "within the 4 % a ringer accepts"),
        ),
    ),
    "US": SlicCountry(
        20.0,
        64.0,
        _600,
        _600,
        others=(
            _LEVEL,
            OtherValue(
                "ring_hz",
                20.5,
                "fielded driver, RCO 7EF0",
                "the formula of data sheet 2.5 gives 7EFD for 20 Hz",
            ),
        ),
    ),
    "GB": SlicCountry(
        25.0,
        70.0,
        _CTR21,
        _CTR21,
        others=(
            _LEVEL,
            OtherValue(
                "impedance_si3210",
                Impedance.NZ2_OR_CHINA,
                "nearest to the national 320 + 1050 || 230 nF",
                "telephones sold since harmonisation are built for 270 + 750 || 150 nF",
            ),
        ),
    ),
    "DE": SlicCountry(
        25.0,
        70.0,
        _CTR21,
        _CTR21,
        others=(
            _LEVEL,
            OtherValue(
                "impedance_si3210",
                Impedance.SK_SI_ZA,
                "the older national 220 + 820 || 115 nF",
                "telephones sold since harmonisation are built for 270 + 750 || 150 nF",
            ),
        ),
    ),
    "FR": SlicCountry(
        25.0,
        70.0,
        _CTR21,
        _CTR21,
        others=(
            _LEVEL,
            OtherValue(
                "ring_hz",
                50.0,
                "older exchanges",
                "every telephone since harmonisation rings at 25 Hz; the chip trips slower at 50",
            ),
        ),
    ),
    "JP": SlicCountry(
        20.0,
        64.0,
        _600,
        _600,
        others=(
            _LEVEL,
            OtherValue(
                "ring_hz",
                16.0,
                "exchange practice, 15 to 20 Hz",
                "20 Hz lies in the range and trips faster",
            ),
            OtherValue(
                "impedance_si3215",
                Impedance.OHM_600_SERIES_C,
                "600 ohm + 1 uF of the Si3215",
                "needs the external resistor of register 108 bit 4, which the card does not have",
            ),
        ),
    ),
    "AU": SlicCountry(25.0, 70.0, Impedance.AU_NZ, Impedance.AU_NZ, others=(_LEVEL,)),
    "IN": SlicCountry(
        25.0,
        70.0,
        _600,
        _600,
        others=(
            _LEVEL,
            OtherValue("ring_hz", 20.0, "some exchanges", "telephones accept 20 to 25 Hz"),
        ),
    ),
    "BR": SlicCountry(
        25.0,
        70.0,
        Impedance.OHM_900,
        Impedance.OHM_900,
        others=(
            _LEVEL,
            OtherValue(
                "impedance_si3210",
                Impedance.OHM_600,
                "fielded driver",
                "the DAA's data sheet lists Brazil with 900 ohm; both kinds of port agree here",
            ),
        ),
    ),
}


def country(code: str) -> SlicCountry:
    """Settings of a country; ``CardError`` names the nearest code if there are none."""
    return for_country(COUNTRIES, code, "Si321x")


@dataclass(frozen=True, slots=True)
class Ringing:
    """Registers for one ring signal."""

    frequency: int  # RCO
    amplitude: int  # RNGX
    high_battery: int  # register 74
    trip_filter: int  # NRTP
    trip_debounce: int  # register 70


_TRIP = ((16.67, 0x0200, 0x0F), (20.0, 0x0320, 0x0B), (25.0, 0x0350, 0x0A), (30.0, 0x0380, 0x09))
"""Ring frequency, NRTP, RTDI: data sheet 2.5.6; 25 Hz is interpolated."""


def ringing(hz: float, vpk: float) -> Ringing:
    """Generator, battery and ring trip settings of a sine.

    ``c = cos(2 pi f / 1000)``, ``RCO = c 2^15``, ``RNGX = 1/4 sqrt((1-c)/(1+c)) 2^15 Vpk/96``
    (data sheet 2.5).

    Args:
        hz: frequency, 16 to 30.
        vpk: peak amplitude in volts, at most 87.

    Raises:
        ValueError: out of these bounds.
    """
    if not 16.0 <= hz <= 30.0:
        raise ValueError(f"ringing at {hz} Hz: the table has 16 to 30 Hz")
    if not 0.0 < vpk <= MAX_RING_VPK:
        raise ValueError(f"ringing with {vpk} V peak: at most {MAX_RING_VPK} V")
    c = math.cos(2 * math.pi * hz / RING_CLOCK_HZ)
    amplitude = 0.25 * math.sqrt((1 - c) / (1 + c)) * 32768 * vpk / RING_SCALE_V
    _, trip_filter, trip_debounce = min(_TRIP, key=lambda row: abs(row[0] - hz))
    return Ringing(
        frequency=int(c * 32768),
        amplitude=round(amplitude),
        high_battery=math.ceil((vpk + RING_OVERHEAD_V) / BATTERY_STEP_V),
        trip_filter=trip_filter,
        trip_debounce=trip_debounce,
    )


FILTERS_PARKED: Final = 0x8000
FILTERS: Final = {
    "loop_closure_filter": 0x8000,
    "ring_trip_filter": 0x0320,
    "thermal_pole_q1_q2": 0x008C,
    "thermal_pole_q3_q4": 0x0100,
    "thermal_pole_q5_q6": 0x0010,
}
"""Final values of the filters that stand at 8000 during calibration. SOT-223 transistors for
Q1, Q2, Q5, Q6 (thermal time constant 3 s); a fielded driver for SOT-23 has 0010 in all three."""

_PRESETS: Final = {
    "dtmf_row_0_peak": 0x55C2,
    "dtmf_row_1_peak": 0x51E6,
    "dtmf_row_2_peak": 0x4B85,
    "dtmf_row_3_peak": 0x4937,
    "dtmf_column_peak": 0x3333,
    "dtmf_forward_twist": 0x0202,
    "dtmf_reverse_twist": 0x0202,
    "dtmf_row_ratio": 0x0198,
    "dtmf_column_ratio": 0x0198,
    "dtmf_row_harmonic": 0x0611,
    "dtmf_column_harmonic": 0x0202,
    "dtmf_minimum_power": 0x00E5,
    "dtmf_hot_limit": 0x0A1C,
    "oscillator_1_coefficient": 0x7B30,
    "oscillator_1_amplitude": 0x0063,
    "oscillator_1_phase": 0x0000,
    "oscillator_2_coefficient": 0x7870,
    "oscillator_2_amplitude": 0x007D,
    "oscillator_2_phase": 0x0000,
    "ring_offset": 0x0000,
    "ring_phase": 0x0000,
    "metering_ramp": 0x2000,
    "metering_amplitude": 0x2000,
    "metering_coefficient": 0x0000,
    # 0 dB both ways: the level plan is the sound path's. A fielded driver attenuates by 6 dB here.
    "receive_digital_gain": 0x4000,
    "transmit_digital_gain": 0x4000,
    "loop_closure_threshold": 0x1000,  # 10.2 mA
    "ring_trip_threshold": 0x3600,  # 34.3 mA
    "speed_up_low": 0x1000,
    "speed_up_high": 0x0200,  # the makers' own software has 0080
    "power_alarm_q1_q2": 0x07C0,  # 0.47 W
    "power_alarm_q3_q4": 0x2600,  # 0.28 W
    "power_alarm_q5_q6": 0x1B80,  # 1.67 W
    "ring_common_mode": 0x0C00,  # 9 V; the makers' own software has 0200
    "converter_overhead": 0x0C00,  # 9 V
    "converter_extra": 0x1000,
    "loop_open_threshold": 0x0E00,  # below the closing one, for the hysteresis of register 108
    "fsk_space_amplitude": 0x00DA,
    "fsk_space_coefficient": 0x6B60,
    "fsk_mark_amplitude": 0x0074,
    "fsk_mark_coefficient": 0x79C0,
    "fsk_space_to_mark": 0x1120,
    "fsk_mark_to_space": 0x3BE0,
}
_PRESETS_SI3215: Final = {  # oscillators run at 16 kHz: 350 and 440 Hz at -18 dBm, data sheet 2.4
    "oscillator_1_coefficient": 0x7ECB,
    "oscillator_1_amplitude": 0x0032,
    "oscillator_2_coefficient": 0x7E18,
    "oscillator_2_amplitude": 0x003E,
}


def indirect_values(settings: SlicCountry, *, si3215: bool) -> dict[int, int]:
    """Every indirect register of a part with its final value, by the part's own number.

    All of them are undefined after reset, so all of them are in here.
    """
    ring = ringing(settings.ring_hz, settings.ring_vpk)
    named = _PRESETS | FILTERS | (_PRESETS_SI3215 if si3215 else {})
    named |= {
        "ring_frequency": ring.frequency,
        "ring_amplitude": ring.amplitude,
        "ring_trip_filter": ring.trip_filter,
    }
    found = {}
    for item in INDIRECT:
        number = item.si3215 if si3215 else item.si3210
        if number is not None:
            found[number] = named[item.name]
    return found


def filter_numbers(*, si3215: bool) -> tuple[int, ...]:
    """Indirect numbers of the filters that are parked during calibration."""
    found = [item.si3215 if si3215 else item.si3210 for item in INDIRECT if item.name in FILTERS]
    return tuple(number for number in found if number is not None)


def direct_values(
    settings: SlicCountry, *, law: str, slot: int, si3215: bool, m_version: bool
) -> dict[int, int]:
    """Every direct register that is written at bring-up with its final value, by number.

    Registers that a reset leaves right are written too: a chip that lost its registers on a
    running chain has read its neighbours' traffic as its own.

    Args:
        settings: the country.
        law: ``"a"`` or ``"u"``.
        slot: PCM time slot; both directions start at clock 8 x slot.
        si3215: whether the part is an Si3215.
        m_version: MOSFET and transformer converter.
    """
    ring = ringing(settings.ring_hz, settings.ring_vpk)
    impedance = settings.impedance_si3215 if si3215 else settings.impedance_si3210
    start = 8 * slot
    values = dict.fromkeys((*range(32, 34), *range(35, 52)), 0x00)
    values |= {
        2: start & 0xFF,
        3: start >> 8,
        4: start & 0xFF,
        5: start >> 8,
        1: 0x20 if law == "a" else 0x28,
        8: 0x00,  # digital loop-back is on after reset
        9: 0x00,
        10: 0x08 | impedance,
        11: 0x33,
        15: 0x00,
        21: 0x00,
        22: 0x00,
        23: 0x00,
        34: 0x00,  # sine; the host switches register 64 for every burst
        63: 0x54,
        65: 0x61,
        66: 0x01,
        67: 0x07,  # off-hook state at ring trip and at loop closure, open at a power alarm
        69: 0x0A,  # 12.5 ms: short enough for dial pulses
        70: ring.trip_debounce,
        71: (settings.loop_ma - 20) // 3,
        72: 0x20,  # 48 V
        73: 0x02,  # 3 V; a fielded driver has 04
        74: ring.high_battery,
        75: 0x10,  # 24 V
        76: 0x00,
        92: 0x60 if m_version else 0xFF,
        108: 0xEB,
    }
    if si3215:
        del values[35]
        for number in range(44, 48):  # metering timers of the Si3210
            del values[number]
    return values
