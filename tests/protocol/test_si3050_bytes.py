"""Si3050 with Si3019 on the wire, byte by byte, transcribed by hand.

Source: data sheet Si3050 + Si3011/18/19 rev 1.5: serial interface, initialization, table 13
(country settings), ring validation. Nothing here comes from the driver's tables.
"""

from __future__ import annotations

import pytest

from drivers.access import read, transact, write
from drivers.line import Flash, Release, Seize
from drivers.si3050.framing import DaaFraming, broadcast
from tests.protocol.strict_bus import FxoTap, StrictBus, in_order
from tests.unit.drivers.rig import Rig


def test_the_control_byte_has_the_chip_number_least_significant_bit_first() -> None:
    sent = [DaaFraming().encode(write(chip, 5, 8))[0] for chip in range(8)]
    assert sent == [0x20, 0x28, 0x24, 0x2C, 0x22, 0x2A, 0x26, 0x2E]


def test_a_read_sets_bit_6() -> None:
    sent = [DaaFraming().encode(read(chip, 5))[0] for chip in range(4)]
    assert sent == [0x60, 0x68, 0x64, 0x6C]


def test_broadcast_is_a_write_with_bit_7() -> None:
    assert broadcast(5, 8) == bytes.fromhex("A0 05 08")


def test_two_chips_in_one_exchange() -> None:
    # Reset value of register 2 is 03; register 13 bit 6 always reads 1.
    bus = StrictBus(("60 02 00  68 0D 00", "FF FF 03  FF FF 40"))
    assert transact(bus, DaaFraming(), [read(0, 2), read(1, 13)]) == b"\x03\x40"
    assert bus.done()


def tapped(**settings: object) -> tuple[Rig, FxoTap]:
    taps: list[FxoTap] = []

    def wrap(bus: object) -> FxoTap:
        taps.append(FxoTap(bus, 0x28))  # writes to the second chip
        return taps[-1]

    rig = Rig((), 2, wrap=wrap, **settings)
    return rig, taps[1]


def test_start_up_sets_slots_before_pcm_then_powers_the_line_side() -> None:
    rig, tap = tapped(slots={"fxo/1": 0, "fxo/2": 6})
    rig.up()
    in_order(
        tap.writes,
        (34, 48),
        (35, 0),
        (36, 48),
        (37, 0),
        (33, 0x20),
        (2, 0x13),  # watchdog, hybrid, receive
        (6, 0x00),  # line side on
        (5, 0x08),  # ONHM: the idle line stays audible
        (4, 0x00),
    )


def test_u_law() -> None:
    rig, tap = tapped(law="u")
    rig.up()
    assert (33, 0x28) in tap.writes


def test_ring_validation_accepts_15_to_68_hz() -> None:
    # RAS 17 x 2 ms = 34 ms >= 1/(2 x 15 Hz); RMX = 17 - 7.35 ms / 2 ms + 1 = 14; RNGV on;
    # RTO 1 x 128 ms, RCC 0 = 100 ms.
    rig, tap = tapped()
    rig.up()
    in_order(tap.writes, (18, 0x02))
    assert {(22, 0x0E), (23, 0x08), (24, 0x91)} <= set(tap.writes)


@pytest.mark.parametrize(
    ("country", "r16", "r26", "r30", "r31"),
    [
        # Table 13; bit 7 of 31 (FULL) where DCV is 11 and MINI 00, so 20 becomes A0, 28 A8.
        ("CN", 0x00, 0xC0, 0x0A, 0xA0),
        ("HK", 0x00, 0xC0, 0x00, 0xA0),
        ("TW", 0x00, 0xC0, 0x00, 0xA0),
        ("SG", 0x00, 0xC0, 0x00, 0xA0),
        ("US", 0x00, 0xC0, 0x00, 0xA0),
        ("IN", 0x00, 0xC0, 0x00, 0xA0),
        ("GB", 0x00, 0xC2, 0x05, 0xA8),
        ("DE", 0x00, 0xC2, 0x02, 0xA8),
        ("FR", 0x00, 0xC2, 0x02, 0xA8),
        ("BR", 0x00, 0xC0, 0x01, 0xA0),
        ("JP", 0x00, 0x90, 0x00, 0x20),
        ("AU", 0x40, 0x50, 0x03, 0x20),
    ],
)
def test_countries(country: str, r16: int, r26: int, r30: int, r31: int) -> None:
    rig, tap = tapped(country=country)
    rig.up()
    # r16 is the sheet's country value; b4 IIRE, the short filters, is ours for every country.
    assert {(16, r16 | 0x10), (26, r26), (30, r30), (31, r31)} <= set(tap.writes)
    sq = [value for register, value in tap.writes if register == 59]
    assert bool(sq) == (country == "AU")
    assert all(value & 0x50 == 0x50 for value in sq)


def test_off_hook_is_09_and_on_hook_is_08() -> None:
    rig, tap = tapped()
    rig.up()
    tap.writes.clear()
    rig.command(Seize(port="fxo/2"))
    rig.run(10)
    assert tap.writes == [(17, 0x00), (5, 0x09)]
    rig.run(40)
    assert tap.writes[-1] == (17, 0x08)  # overload protection, 25 ms after going off-hook
    rig.command(Release(port="fxo/2"))
    rig.run(10)
    assert tap.writes[-2:] == [(5, 0x08), (17, 0x00)]


def test_a_flash_opens_with_calibration_off_and_leaves_the_result_bits_alone() -> None:
    rig, tap = tapped()
    rig.up()
    rig.command(Seize(port="fxo/2"))
    rig.run(1000)
    tap.writes.clear()
    rig.command(Flash(port="fxo/2", break_ms=100))
    rig.run(300)
    registers = [register for register, _ in tap.writes]
    assert registers == [25, 17, 5, 5, 25, 17]
    assert [value for register, value in tap.writes if register == 5] == [0x08, 0x09]
    assert tap.writes[0][1] & 0x20
    assert tap.writes[0][1] & 0x0F == tap.writes[4][1] & 0x0F


def test_a_quiet_poll_reads_hook_link_current_and_voltage() -> None:
    rig, tap = tapped()
    sent: list[bytes] = []
    inner = tap.inner
    rig.up()

    class Listener:
        def exchange(self, data: bytes) -> bytes:
            sent.append(data)
            return inner.exchange(data)

    tap.inner = Listener()
    rig.run(50)
    assert (
        bytes.fromhex(
            "60 05 08  60 0C 00  60 1C 00  60 1D 00  68 05 08  68 0C 00  68 1C 00  68 1D 00"
        )
        in sent
    )
