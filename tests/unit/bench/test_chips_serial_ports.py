"""Serial ports of the fake chips, byte by byte (data sheets Si3215 2.10 and Si3050 section SPI)."""

from __future__ import annotations

import pytest

from drivers.si3050 import registers as daa_table
from drivers.si3210 import registers as slic_table
from tests.bench.chips.chain import Chain
from tests.bench.chips.si321x import Si321x
from tests.bench.chips.si3050 import Si3050


def slics(*variants):
    chips = [Si321x(variant) for variant in variants]
    return Chain(chips, "si321x"), chips


def daas(count, **settings):
    chips = [Si3050(**settings) for _ in range(count)]
    return Chain(chips, "si3050"), chips


def test_si321x_answers_two_byte_reads_after_reset():
    bus, _ = slics("si3210")
    assert bus.exchange(b"\x8b\x00") == b"\xff\x33"  # register 11
    assert bus.exchange(b"\x80\x00") == b"\xff\x05"  # register 0: revision E
    assert bus.exchange(b"\x88\x00") == b"\xff\x02"  # register 8: loopback on


def test_si321x_takes_two_byte_writes_after_reset():
    bus, _ = slics("si3210")
    bus.exchange(b"\x02\xaa")
    assert bus.exchange(b"\x82\x00") == b"\xff\xaa"


def test_00_80_puts_the_whole_chain_into_three_byte_mode():
    bus, chips = slics("si3210", "si3215", "si3210")
    bus.exchange(b"\x00\x80")
    assert [chip.daisy for chip in chips] == [True, True, True]
    assert bus.exchange(b"\x01\x80\x00") == b"\xff\xff\x85"
    assert bus.exchange(b"\x02\x81\x00")[2] == 0x88  # an Si3215: PNI2 set
    assert bus.exchange(b"\x04\x81\x00")[2] == 0x08


def test_select_is_one_hot_and_reaches_only_its_chip():
    bus, chips = slics("si3210", "si3210", "si3210")
    bus.exchange(b"\x00\x80")
    bus.exchange(b"\x02\x02\x5a")
    assert [chip.read(2) for chip in chips] == [0, 0x5A, 0]


def test_select_ff_is_a_broadcast_and_presence_is_counted_by_it():
    bus, _ = slics("si3210", "si3210")
    bus.exchange(b"\x00\x80")
    bus.exchange(b"\xff\x08\x02")
    answers = [bus.exchange(bytes((1 << n, 0x88, 0)))[2] for n in range(8)]
    assert answers == [2, 2] + [0xFF] * 6  # nobody drives beyond the second


def test_an_access_may_be_spread_over_several_messages():
    bus, _ = slics("si3210", "si3210")
    bus.exchange(b"\x00\x80")
    assert bus.exchange(b"\x02") + bus.exchange(b"\x8b") + bus.exchange(b"\x00") == b"\xff\xff\x33"


def test_a_whole_poll_in_one_message():
    bus, _ = slics("si3210", "si3210")
    bus.exchange(b"\x00\x80")
    poll = b"\x01\xc0\x00\x01\x8b\x00\x02\x8b\x00"
    assert bus.exchange(poll) == b"\xff\xff\x00\xff\xff\x33\xff\xff\x33"


def test_clearing_spidc_returns_a_chip_to_two_byte_mode():
    bus, _ = slics("si3210")
    bus.exchange(b"\x00\x80")
    bus.exchange(b"\x01\x00\x00")
    assert bus.exchange(b"\x8b\x00") == b"\xff\x33"


def test_a_chip_that_lost_its_registers_hears_pairs_of_bytes_until_00_80_comes_again():
    bus, chips = slics("si3210", "si3210")
    bus.exchange(b"\x00\x80")
    chips[0].lose_registers()
    # It takes select and register for a write of 0x8B to register 1 (b7 is read only there), and
    # passes the select on unshifted, so that the chip behind it answers in its place.
    assert bus.exchange(b"\x01\x8b\x00")[2] == 0x33
    assert chips[0].daisy is False
    assert chips[0].read(1) == 0x0B
    bus.exchange(b"\x80\x00\x80" * 2)
    assert chips[0].daisy is True


def test_the_select_byte_of_a_chain_walks_one_bit_per_chip():
    """A chip ahead in 2-byte mode does not shift: the one behind sees the select as it was sent."""
    bus, chips = slics("si3210", "si3210")
    bus.exchange(b"\x00\x80")
    chips[0].lose_registers()
    bus.exchange(b"\x00")  # an odd byte: chip 0 waits for data, chip 1 for a register
    bus.exchange(b"\x00\x00")
    assert chips[1].daisy is True
    bus.exchange(b"\x01\x02\x77")
    assert chips[1].read(2) == 0x77


def test_a_lost_byte_shifts_everything_until_the_count_is_right_again():
    bus, chips = slics("si3210")
    bus.exchange(b"\x00\x80")
    bus.exchange(b"\x00\x00")  # two of three bytes arrive
    assert bus.exchange(b"\x01\x8a\x00")[2] == 0xFF  # 8A is a select of nobody now
    bus.exchange(b"\x00")  # three again
    assert bus.exchange(b"\x01\x8b\x00")[2] == 0x33
    assert chips[0].read(11) == 0x33


def test_held_in_reset_nobody_drives():
    bus, chips = slics("si3210")
    chips[0].reset(released=False)
    assert bus.exchange(b"\x8b\x00\x8b\x00") == b"\xff\xff\xff\xff"
    chips[0].reset(released=True)
    assert bus.exchange(b"\x8b\x00")[1] == 0x33


@pytest.mark.parametrize(("variant", "pcm_mode"), [("si3210", 0x08), ("si3215", 0x88)])
def test_si321x_reset_values_are_those_of_the_register_table(variant, pcm_mode):
    chip = Si321x(variant)
    live = {68}  # b2 shows the undebounced comparator, inverted
    for number, register in slic_table.REGISTERS.items():
        if register.reset is None or number in live:
            continue
        expected = pcm_mode if number == 1 else register.reset
        if variant == "si3215":
            expected = slic_table.RESET_SI3215.get(number, expected)
        assert chip.read(number) == expected, f"register {number} {register.name}"


# --- Si3050 -------------------------------------------------------------------------------------


def test_si3050_control_byte_carries_the_chip_number_lsb_first():
    bus, chips = daas(8)
    for number, control in enumerate((0x20, 0x28, 0x24, 0x2C, 0x22, 0x2A, 0x26, 0x2E)):
        bus.exchange(bytes((control, 36, 0x50 + number)))
    assert [chip.read(36) for chip in chips] == [0x50 + n for n in range(8)]
    assert bus.exchange(b"\x6c\x24\x00") == b"\xff\xff\x53"


def test_si3050_broadcast_writes_all_and_reads_none():
    bus, chips = daas(3)
    bus.exchange(b"\xa0\x24\x5a")
    assert [chip.read(36) for chip in chips] == [0x5A] * 3
    assert bus.exchange(b"\xe0\x24\x00") == b"\xff\xff\xff"


def test_si3050_ignores_a_control_byte_without_its_mark():
    bus, chips = daas(1)
    bus.exchange(b"\x00\x24\x11\x30\x24\x11")  # b5 missing; b4 set
    assert chips[0].read(36) == 0


def test_si3050_uses_six_bits_of_the_address():
    bus, chips = daas(1)
    bus.exchange(b"\x20\xe4\x66")  # 0xE4 & 0x3F = 36
    assert chips[0].read(36) == 0x66


def test_si3050_accesses_spread_over_messages_walk_the_chain():
    bus, chips = daas(3)
    for byte in b"\x24\x24\x42":  # chip 2: two hops decrement its number to zero
        bus.exchange(bytes((byte,)))
    assert [chip.read(36) for chip in chips] == [0, 0, 0x42]


def test_si3050_three_bytes_under_one_select_do_not_work():
    bus, chips = daas(1)
    bus.train(b"\x20\x24\x5a")
    assert chips[0].read(36) == 0
    assert bus.exchange(b"\x20\x24\x5a\x60\x24\x00")[5] == 0x5A


def test_si3050_two_words_are_the_sixteen_bit_mode():
    bus, chips = daas(1)
    bus.train(b"\x20\x24")
    bus.train(b"\x5a\x99")  # the second data byte is ignored
    assert chips[0].read(36) == 0x5A
    bus.train(b"\x60\x24")
    assert bus.train(b"\x00\x00") == b"\x5a\x5a"  # a read repeats the byte


def test_si3050_select_off_a_multiple_of_eight_clocks_clears_the_port():
    bus, chips = daas(1)
    bus.exchange(b"\x20")  # a control byte, then the host loses its place
    bus.train(b"", odd_clocks=3)
    bus.exchange(b"\x20\x24\x5a")
    assert chips[0].read(36) == 0x5A


def test_si3050_reset_values_are_those_of_the_register_table():
    chip = Si3050()
    live = {11, 12, 13, 19, 25, 59}
    for number, register in daa_table.REGISTERS.items():
        if register.reset is not None and number not in live:
            assert chip.read(number) == register.reset, f"register {number} {register.name}"


def test_si3050_reads_zero_until_its_clock_is_locked():
    bus, chips = daas(1)
    chips[0].reset(released=False)
    assert bus.exchange(b"\x60\x02\x00")[2] == 0xFF
    chips[0].reset(released=True)
    assert bus.exchange(b"\x60\x02\x00")[2] == 0x00  # too early
    chips[0].advance(2)
    assert bus.exchange(b"\x60\x02\x00")[2] == 0x03


def test_si3050_powered_down_system_side_is_dead_until_reset():
    bus, chips = daas(2)
    bus.exchange(b"\x20\x06\x08")  # PDN
    assert bus.exchange(b"\x60\x02\x00")[2] == 0xFF
    assert bus.exchange(b"\x68\x02\x00")[2] == 0x03  # the next chip still answers
    chips[0].reset(released=False)
    chips[0].reset(released=True)
    chips[0].advance(2)
    assert bus.exchange(b"\x60\x02\x00")[2] == 0x03


def test_si3050_software_reset_clears_itself_and_the_registers():
    bus, chips = daas(1)
    bus.exchange(b"\x20\x24\x5a\x20\x02\x13")  # a slot, and the watchdog
    bus.exchange(b"\x20\x01\x80")
    chips[0].advance(100)
    assert bus.exchange(b"\x60\x01\x00\x60\x24\x00")[2::3] == b"\x00\x00"
    assert bus.exchange(b"\x60\x02\x00")[2] == 0x13  # WDTEN stays until the pin resets it


def test_a_chain_refuses_what_it_cannot_be():
    with pytest.raises(ValueError, match="at most 8"):
        Chain([Si3050() for _ in range(9)], "si3050")
    with pytest.raises(ValueError, match="si321x or si3050"):
        Chain([], "si3220")
