"""Numbers for the Si3050 with Si3019: country data, ring validation, supervision times.

Country settings are those of table 13 of data sheet rev 1.5 (2021). A widely used driver has an
older table; where it differs, its value stands beside ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.si3050.registers import Termination
from drivers.tuning import OtherValue, for_country

CURRENT_STEP_MA: Final = 1.1  # register 28

OFF_HOOK_SETTLING_MS: Final = 403
"""250 us + FOH 128 ms + 17 ms resistor and 256 ms converter calibration (data sheet, off-hook)."""

CURRENT_IGNORED_MS: Final = 650
"""After closing the loop no loss of current is believed; a fielded driver's value."""

REMAKE_SETTLING_MS: Final = 60  # after a flash or pulse, with both calibrations off
OVERLOAD_ARM_MS: Final = 25  # data sheet: set OPE 25 ms after going off-hook
LINK_LIMIT_MS: Final = 2000  # isolation link after reg 6 = 0; the data sheet says 10 ms
WATCHDOG_MS: Final = 4000  # register 2 bit 4

POLARITY_HOLD_MS: Final = 65
RING_EDGE_QUIET_MS: Final = 40  # an edge within 40 ms of another is ringing, not a reversal
CURRENT_LOSS_HOLD_MS: Final = 70
"""With polls of up to 10 ms a break of 90 ms spans at least 70 between first and last poll that
see it, and one of 60 ms at most 60."""
BATTERY_LOSS_HOLD_MS: Final = 500  # fielded drivers: 64 ms for the state, 1000 ms for an alarm
BATTERY_RETURN_HOLD_MS: Final = 200
IN_USE_HOLD_MS: Final = 300
ON_HOOK_HOLD_OFF_MS: Final = 400  # the line's voltage climbs back after release

NO_BATTERY_V: Final = 3
IN_USE_V: Final = 19
"""On-hook, below this another telephone is off-hook: those hold 5 to 16 V. A public driver has
26 V, which would call every 24 V line of a small exchange busy for ever."""
FREE_V: Final = 21

LOSS_BELOW_MA: Final = 3.3  # a fielded driver's figure for power denial


@dataclass(frozen=True, slots=True)
class RingValidation:
    """Registers 22 to 24 with what they mean in milliseconds."""

    assert_2ms: int  # RAS: half period of the lowest frequency
    maximum_2ms: int  # RMX: that less half the period of the highest, one added
    confirm: int  # RCC code
    confirm_ms: int
    timeout_128ms: int  # RTO
    delay_256ms: int = 0  # RDLY

    @property
    def timeout_ms(self) -> int:
        """Silence after which a burst has ended."""
        return 128 * self.timeout_128ms

    def values(self) -> dict[int, int]:
        """Register values by number; validation enabled."""
        return {
            22: (self.delay_256ms & 3) << 6 | self.maximum_2ms,
            23: (self.delay_256ms >> 2) << 7 | self.timeout_128ms << 3 | self.confirm,
            24: 0x80 | self.assert_2ms,
        }


RING: Final = RingValidation(
    assert_2ms=17,  # 1 / (2 x 15 Hz) = 33.3 ms
    maximum_2ms=14,  # 17 - 1 / (2 x 68 Hz) / 2 ms + 1
    confirm=0,
    confirm_ms=100,
    timeout_128ms=1,  # 128 ms: the 200 ms gap of a double ring stays a gap
)
"""Accepts 15 to 68 Hz. The makers' own software confirms for 640 ms and waits 1408 ms at the end,
which would run the bursts of a double ring together."""


@dataclass(frozen=True, slots=True)
class DaaCountry:
    """Line side settings of one country, in the data sheet's names.

    Attributes:
        ohs, ohs2: on-hook speed (with spark quench: 0.5, 3 or 26 ms).
        rz, rt: ringer impedance, ring threshold.
        dcv, mini, ilim: DC termination.
        acim: AC termination.
        spark_quench: set SQ1 and SQ0 of register 59.
        hybrid: taps 45 to 52 for 500 ft of 24 AWG at this termination.
        others: values not chosen.
    """

    acim: Termination = Termination.OHM_600
    ohs: int = 0
    rz: int = 0
    rt: int = 0
    dcv: int = 3
    mini: int = 0
    ilim: int = 0
    ohs2: int = 0
    spark_quench: bool = False
    others: tuple[OtherValue, ...] = ()

    @property
    def full_scale(self) -> bool:
        """+3.2 dBm full scale, which is 0 dBr: legal only with DCV 11 and MINI 00."""
        return self.dcv == 3 and self.mini == 0

    @property
    def hybrid(self) -> tuple[int, ...]:
        """Hybrid taps that go with the termination; flat where none are published."""
        return _HYBRIDS.get(self.acim, (0,) * 8)


_HYBRIDS: Final = {
    Termination.OHM_600: (0x00, 0xFE, 0x00, 0x01, 0xFF, 0x01, 0x00, 0x00),
    Termination.R270_750_C150N: (0x04, 0xF6, 0xF2, 0x04, 0xFE, 0xFF, 0x01, 0xFF),
    Termination.R200_680_C100N: (0x04, 0xF5, 0xF3, 0x07, 0xFD, 0x00, 0x01, 0xFF),
    Termination.R220_820_C120N: (0x04, 0xF4, 0xF1, 0x06, 0xFD, 0xFF, 0x02, 0xFF),
}

_OLDER = "a widely used driver's older table"
_OLDER_DC = OtherValue(
    "register 26", 0x30, _OLDER, "the data sheet of 2021 is younger and the makers' own"
)

COUNTRIES: Final[dict[str, DaaCountry]] = {
    "CN": DaaCountry(
        acim=Termination.R200_680_C100N,
        others=(
            _OLDER_DC,
            OtherValue(
                "register 30",
                0x0F,
                _OLDER,
                "200 + 680 || 100 nF is the national impedance and the makers' own preset",
            ),
        ),
    ),
    "HK": DaaCountry(),
    "TW": DaaCountry(others=(_OLDER_DC,)),
    "SG": DaaCountry(),
    "US": DaaCountry(
        others=(
            OtherValue(
                "register 16",
                0x01,
                _OLDER,
                "a threshold of 21.5 Vrms misses weak rings that 15 Vrms still sees",
            ),
        ),
    ),
    "GB": DaaCountry(acim=Termination.R320_1050_C230N, ilim=1, ohs2=1),
    "DE": DaaCountry(
        acim=Termination.R270_750_C150N,
        ilim=1,
        ohs2=1,
        others=(
            OtherValue(
                "register 30",
                0x03,
                _OLDER,
                "the harmonised impedance; the makers' own preset agrees",
            ),
        ),
    ),
    "FR": DaaCountry(acim=Termination.R270_750_C150N, ilim=1, ohs2=1),
    "JP": DaaCountry(dcv=2, mini=1, others=(_OLDER_DC,)),
    "AU": DaaCountry(
        acim=Termination.R220_820_C120N,
        ohs=1,
        dcv=1,
        mini=1,
        spark_quench=True,
        others=(_OLDER_DC,),
    ),
    "IN": DaaCountry(
        others=(
            OtherValue(
                "register 30",
                0x04,
                _OLDER,
                "370 + 620 || 310 nF is New Zealand's; the data sheet of 2021 has 600 ohm",
            ),
        ),
    ),
    "BR": DaaCountry(
        acim=Termination.OHM_900,
        others=(
            _OLDER_DC,
            OtherValue("register 30", 0x00, _OLDER, "the data sheet of 2021 has 900 ohm"),
        ),
    ),
}


def country(code: str) -> DaaCountry:
    """Settings of a country; ``CardError`` names the nearest code if there are none."""
    return for_country(COUNTRIES, code, "Si3050")


LEVELS_FULL = {38: 0x00, 39: 0x00, 40: 0x00, 41: 0x09}
"""Gains that put both directions at 0 dBr with FULL (+3.2 dBm): a line signal arrives 0.9 dB low
(data sheet, "at full scale DTX is -0.9 dBFS"), so the line-to-PCM path gets 0.9 dB. Registers 39
and 41 are that path: the data sheet applies them to caller identity, and fielded drivers use 38
and 40 towards the line. The sheet elsewhere calls line-to-PCM "transmit"; measure on a board."""

LEVELS_NORMAL = {38: 0x03, 39: 0x12, 40: 0x01, 41: 0x12}
"""The same for 0 dBm full scale, where DCV and MINI forbid FULL: +3.1 dB towards the line, -2.2 dB
from it. What is louder than 0 dBm on the line clips."""


def system_side_values(*, law: str, slot: int) -> dict[int, int]:
    """PCM and control registers that work before the isolation link is up, PCM mode last."""
    start = 8 * slot
    return {
        34: start & 0xFF,
        35: start >> 8,
        36: start & 0xFF,
        37: start >> 8,
        33: 0x20 if law == "a" else 0x28,
        2: 0x13,  # watchdog, hybrid, receive
        3: 0x00,
        10: 0x00,
        14: 0x00,
        42: 0x00,
    }


IIRE = 0x10
TAPS: Final = 8
"""Registers 45 to 52: the chip's own echo filter."""


def line_side_values(settings: DaaCountry) -> dict[int, int]:
    """Registers of the line side by number."""
    values = {
        15: 0x00,
        # IIRE: the short filters delay by 1.6 samples instead of 12 (data sheet), each way.
        16: settings.ohs << 6 | IIRE | settings.rz << 1 | settings.rt,
        17: 0x00,
        18: 0x02,  # full wave: both half waves of ringing, and reversals, are seen
        26: settings.dcv << 6 | settings.mini << 4 | settings.ilim << 1,
        30: int(settings.acim),
        31: (0x80 if settings.full_scale else 0) | 0x20 | settings.ohs2 << 3,
    }
    values |= LEVELS_FULL if settings.full_scale else LEVELS_NORMAL
    values |= RING.values()
    values |= {45 + tap: value for tap, value in enumerate(settings.hybrid)}
    return values
