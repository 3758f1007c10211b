"""Country tables and ringing arithmetic."""

from __future__ import annotations

import pytest

from drivers.errors import CardError
from drivers.si3050 import tuning as daa
from drivers.si3210 import tuning as slic
from drivers.si3210.registers import INDIRECT, REGISTERS, Impedance

COUNTRIES = ("CN", "HK", "TW", "SG", "US", "GB", "DE", "FR", "JP", "AU", "IN", "BR")


@pytest.mark.parametrize(
    ("hz", "vpk", "rco", "rngx"),
    [
        # Worked out from data sheet 2.5 by hand; cos(2 pi 20 / 1000) = 0.992115 and so on.
        (20.0, 64.0, 0x7EFD, 0x0158),
        (20.0, 80.0, 0x7EFD, 0x01AD),
        (25.0, 60.0, 0x7E6C, 0x0193),
        (25.0, 70.0, 0x7E6C, 0x01D6),
        (25.0, 87.0, 0x7E6C, 0x0248),
    ],
)
def test_ringing_generator(hz: float, vpk: float, rco: int, rngx: int) -> None:
    ring = slic.ringing(hz, vpk)
    assert (ring.frequency, ring.amplitude) == (rco, rngx)


def test_battery_leaves_room_for_the_ring() -> None:
    for name, row in slic.COUNTRIES.items():
        ring = slic.ringing(row.ring_hz, row.ring_vpk)
        assert ring.high_battery * 1.5 >= row.ring_vpk + 7.5, name
        assert ring.high_battery <= 0x3F, name
        assert row.ring_vpk > 48.0, f"{name}: the ring must exceed the idle voltage"


@pytest.mark.parametrize(("hz", "vpk"), [(15.0, 60.0), (50.0, 60.0), (20.0, 88.0), (20.0, 0.0)])
def test_ringing_out_of_bounds_is_refused(hz: float, vpk: float) -> None:
    with pytest.raises(ValueError, match="ringing"):
        slic.ringing(hz, vpk)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_both_kinds_of_port(country: str) -> None:
    assert slic.country(country).ring_hz in {20.0, 25.0}
    row = daa.country(country.lower())
    assert not row.full_scale or (row.dcv, row.mini) == (3, 0)


def test_other_values_name_source_and_reason_and_differ() -> None:
    for name, row in slic.COUNTRIES.items():
        for other in row.others:
            assert other.source, name
            assert other.reason, name
            assert other.value != getattr(row, other.setting), f"{name} {other.setting}"
    for name, line in daa.COUNTRIES.items():
        values = daa.line_side_values(line)
        for other in line.others:
            number = int(other.setting.removeprefix("register "))
            assert other.value != values[number], f"{name} register {number}"


def test_sources_that_differ_are_named() -> None:
    named = {(c, o.setting) for c, row in daa.COUNTRIES.items() for o in row.others}
    for country in ("CN", "TW", "JP", "AU", "BR"):
        assert (country, "register 26") in named
    assert {("CN", "register 30"), ("DE", "register 30"), ("IN", "register 30")} <= named
    assert ("US", "register 16") in named


def test_china_on_an_si3210_takes_the_nearest_impedance_it_has() -> None:
    row = slic.country("CN")
    assert row.impedance_si3215 is Impedance.NZ2_OR_CHINA
    assert row.impedance_si3210 is Impedance.SK_SI_ZA


def test_an_unknown_country_names_the_nearest() -> None:
    with pytest.raises(CardError, match=r"'UX'.*nearest US of CN, HK"):
        slic.country("UX")


@pytest.mark.parametrize("si3215", [False, True])
def test_every_indirect_register_of_a_part_has_a_value(si3215: bool) -> None:
    numbers = {i.si3215 if si3215 else i.si3210 for i in INDIRECT} - {None}
    values = slic.indirect_values(slic.country("US"), si3215=si3215)
    assert set(values) == numbers
    assert all(0 <= value <= 0xFFFF for value in values.values())


def test_direct_values_are_known_registers_only() -> None:
    for si3215 in (False, True):
        values = slic.direct_values(
            slic.country("US"), law="u", slot=7, si3215=si3215, m_version=False
        )
        assert set(values) <= set(REGISTERS)
        assert values[2] == values[4] == 56


def test_ring_validation_bounds() -> None:
    # RAS is half the longest period in 2 ms: 17 -> 34 ms, 14.7 Hz; data sheet example for 15-68.
    assert daa.RING.values() == {22: 0x0E, 23: 0x08, 24: 0x91}
