"""Si3050 with its line side as the data sheet numbers it: what the fake chip keeps for itself.

Reset values are compared with the drivers' register table by a test; neither imports the other.
"""

from __future__ import annotations

RESET: dict[int, int] = {
    2: 0x03,
    6: 0x10,
    22: 0x96,
    23: 0x2D,
    24: 0x19,
    31: 0x20,
    32: 0x03,
}
"""Reset values (data sheet rev 1.5, section "Control registers"); others are 0."""

LINE_SIDES = {"si3018": 1, "si3019": 3, "si3011": 4}
"""LSID, register 11 b7:4."""

REVISION_A = 5  # register 11 b3:0, rev E
REVISION_B = 6  # register 13 b5:2, rev F

RESERVED = frozenset({0, 8, 9, 27, *range(53, 59)})
READ_ONLY = frozenset({11, 12, 13, 19, 28, 29})

# Bits of register 4 (and masks in 3).
RDTI, ROVI, FDTI, BTDI, DODI, LCSOI, TGDI, POLI = (1 << b for b in (7, 6, 5, 4, 3, 2, 1, 0))

OFF_HOOK_MS = (512.0, 128.0, 64.0, 8.0)  # register 31 b6:5, FOH
HOOK_RELAY_MS = 0.25
RESISTOR_CALIBRATION_MS = 17.0  # skipped with RCALD, register 25 b5
ADC_CALIBRATION_MS = 256.0  # skipped with CALD, register 17 b5

LINK_MS = 8.0  # power to the line side until FDT; the sheet says within 10 ms
LOCK_MS = 1.0  # PLL; registers read 0 before
WATCHDOG_MS = 4000.0

RING_THRESHOLD_V = {0b00: 15.0, 0b01: 21.5, 0b11: 45.0, 0b10: 15.0}
"""By RT2 (b1) and RT (b0); RT2 alone is forbidden."""

CONFIRM_MS = (100, 150, 200, 256, 384, 512, 640, 1024)  # register 23 b2:0, RCC

LCS_MA = 3.3  # register 12 b4:0
LCS2_MA = 1.1  # register 28
DROP_OUT_MA = 3.0  # below this DOD is set; chosen, one step of LCS
LVS_FORCED_V = 3.0  # register 29 reads 0 at and below, unless LVFD
OVERLOAD_MA, OVERLOAD_LIMITED_MA = 160.0, 60.0  # OPD, without and with ILIM

CODE_DBM = 3.14  # a full-scale code, ITU-T G.711 A-law
FULL_SCALE_DBM = (0.0, 3.2, 6.0)  # into 600 ohm: normal, FULL, FULL2
TRANSMIT_BACK_OFF_DB = -0.9  # DTX at full scale, and the loop while PDL is set

FIR_SAMPLES, IIR_SAMPLES = 12, 2  # group delay each way (12 and 1.6)

DETECTOR_IDLE_HALF, DETECTOR_IDLE_FULL, DETECTOR_PEAK = -32768.0, 1228.0, 32767.0
"""What DTX carries on-hook without ONHM, half-wave and full-wave (RFWE)."""

OFF_HOOK_OHM, OVERLOADED_OHM = 300.0, 800.0
RINGER_REN, SYNTHESISED_REN = 0.2, 1.0  # RZ makes the second
