"""Si3210 and Si3215 as their data sheets number them: what the fake chip keeps for itself.

Reset values are compared with the drivers' register table by a test; neither imports the other.
"""

from __future__ import annotations

from dataclasses import dataclass

REVISION = 5  # rev E, register 0 b3:0

RESET: dict[int, int] = {
    0: REVISION,
    1: 0x08,
    8: 0x02,
    10: 0x08,
    11: 0x33,
    14: 0x10,
    63: 0x54,
    65: 0x61,
    66: 0x03,
    67: 0x1F,
    69: 0x0A,
    70: 0x0A,
    72: 0x20,
    73: 0x02,
    74: 0x32,
    75: 0x10,
    92: 0xFF,
    93: 0x14,
    96: 0x1F,
    97: 0x1F,
    98: 0x10,
    99: 0x10,
    100: 0x11,
    101: 0x11,
    102: 0x08,
    103: 0x88,
    106: 0x20,
    107: 0x08,
}
"""Reset values of direct registers (Si3215 data sheet rev 0.92, pages 50 to 100); others are 0."""

READ_ONLY = frozenset({6, 24, 31, 68, 77, 78, 79, *range(80, 90), 94})


@dataclass(frozen=True, slots=True)
class IndirectMap:
    """Addresses of the indirect registers that the fake chip acts on."""

    ring_offset: int = 19
    ring_frequency: int = 20
    ring_amplitude: int = 21
    ring_period: int = 22
    receive_gain: int = 26
    transmit_gain: int = 27
    loop_threshold: int = 28
    trip_threshold: int = 29
    loop_filter: int = 35
    trip_filter: int = 36
    overhead: int = 41
    loop_threshold_low: int = 43


SI3210 = IndirectMap()
SI3215 = IndirectMap(6, 7, 8, 9, 13, 14, 15, 16, 22, 23, 64, 66)

LINE_STATES = (
    "open",
    "forward active",
    "forward on-hook transmission",
    "TIP open",
    "ringing",
    "reverse active",
    "reverse on-hook transmission",
    "RING open",
)
OPEN, ACTIVE, OHT, TIP_OPEN, RINGING, REVERSED, REVERSED_OHT, RING_OPEN = range(8)

ANALOG_GAIN_DB = (0.0, -3.5, 3.5, None)  # register 9, ATX and ARX; None is mute

# Monitor scales.
WIRE_V = 0.376  # registers 80 to 83, per LSB
LOOP_V = 1.5  # register 78
LOOP_MA = 1.25  # register 79
POWER_MW = 30.4  # register 77, Q1 Q2 Q5 Q6
Q12_MA = 0.319  # registers 84, 85
Q56_MA = 0.316  # registers 88, 89
SETTING_V = 1.5  # registers 72 to 75
THRESHOLD_MA = 1.27  # per step of b14:9 in LCRT and RPTP
TIMER_MS = 0.125  # ring timers, per count
DEBOUNCE_MS = 1.25  # registers 63, 69, 70, per count
FILTER_MS = 40_960.0  # pole of NCLR and NRTP: 4096 * 8 / (800 Hz * value)
"""The pole formula is the data sheet's for the thermal poles; 0x8000 makes it one sample."""
