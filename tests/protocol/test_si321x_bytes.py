"""Si3210 and Si3215 on the wire, byte by byte, transcribed by hand.

Sources: data sheets Si3215 rev 0.92 (2.10 serial interface, 2.5 ringing, register pages) and
Si3230 rev 0.96; order of bring-up from the makers' application notes as fielded drivers follow
them. Nothing here comes from the driver's tables.
"""

from __future__ import annotations

import pytest

from drivers.access import Immediate, read, transact, write
from drivers.line import LineState, SetLineState
from drivers.si3210.framing import ENABLE_CHAIN, SlicFraming, broadcast
from tests.protocol.strict_bus import FxsTap, StrictBus, in_order
from tests.unit.drivers.rig import Rig


def test_a_chain_is_enabled_by_a_two_byte_write_of_80_to_register_0() -> None:
    assert bytes.fromhex("00 80") == ENABLE_CHAIN


def test_the_select_byte_names_chips_one_hot() -> None:
    sent = [SlicFraming().encode(write(chip, 64, 1))[0] for chip in range(8)]
    assert sent == [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80]


def test_reads_of_two_chips_are_one_exchange() -> None:
    # Register 11 of chip 0 and register 8 of chip 1 after reset: 33 and 02.
    bus = StrictBus(("01 8B 00  02 88 00", "FF FF 33  FF FF 02"))
    assert transact(bus, SlicFraming(), [read(0, 11), read(1, 8)]) == b"\x33\x02"
    assert bus.done()


def test_a_write_has_bit_7_clear() -> None:
    bus = StrictBus(("04 40 05", "FF FF FF"))
    Immediate(bus, SlicFraming(), 2).write(64, 5)
    assert bus.done()


def test_broadcast_selects_all_chips() -> None:
    assert broadcast(8, 2) == bytes.fromhex("FF 08 02")


def tapped(fxs: tuple[str, ...] = ("si3215", "si3215"), **settings: object) -> tuple[Rig, FxsTap]:
    taps: list[FxsTap] = []

    def wrap(bus: object) -> FxsTap:
        taps.append(FxsTap(bus, 0x02))  # the second chip
        return taps[-1]

    rig = Rig(fxs, 0, wrap=wrap, **settings)
    return rig, taps[0]


def test_the_first_bytes_after_reset_enable_the_chain() -> None:
    rig, tap = tapped()
    rig.up()
    # Six zeros go out while the chips are held in reset, to settle the clock line.
    assert tap.raw[0] == bytes(6)
    assert tap.raw[1] == bytes.fromhex("00 80")


def test_an_indirect_write_is_low_high_address_and_a_look_at_31() -> None:
    rig, tap = tapped()
    rig.up()
    # Si3215: loop closure threshold is number 15; 1000 is 10.2 mA.
    assert bytes.fromhex("02 1C 00  02 1D 10  02 1E 0F  02 9F 00") in b"".join(tap.raw)


def test_an_indirect_read_writes_only_the_address() -> None:
    rig, tap = tapped()
    rig.up()
    sent = b"".join(tap.raw)
    at = sent.index(bytes.fromhex("02 1E 0F"), sent.index(bytes.fromhex("02 1D 10  02 1E 0F")) + 6)
    assert sent[at - 3 : at - 1] != bytes.fromhex("02 1D")
    assert sent.index(bytes.fromhex("02 9C"), at) < sent.index(bytes.fromhex("02 9D"), at)


def test_power_up_of_an_si3215_writes_its_keys_in_order() -> None:
    rig, tap = tapped()
    rig.up()
    in_order(
        tap.writes,
        (14, 0x10),  # converter off
        (8, 0x00),  # digital loop-back off
        (108, 0xEB),
        (14, 0x00),  # converter on
        (92, 0xFF),
        (93, 0x19),
        (93, 0x99),  # peak current calibration
        (14, 0x10),  # leak test
        (14, 0x00),
        (97, 0x1E),
        (96, 0x7F),  # CAL, CALSP, both gain mismatches, CALD, CALC, CALIL
        (23, 0x04),
        (64, 0x01),
        (64, 0x00),
        (97, 0x01),
        (96, 0x60),  # longitudinal balance
        (18, 0xFF),
        (19, 0xFF),
        (20, 0xFF),
        (64, 0x01),
    )


def test_an_si3210_steps_its_gain_mismatch_by_hand() -> None:
    rig, tap = tapped(("si3210", "si3210"))
    rig.up()
    in_order(tap.writes, (96, 0x67), (98, 0x1F), (98, 0x1E), (99, 0x1F), (99, 0x1E), (97, 0x01))
    # The bench's chip balances at 10 hex: no step below it.
    assert (98, 0x10) in tap.writes
    assert (98, 0x0F) not in tap.writes


@pytest.mark.parametrize(("law", "mode"), [("a", 0x20), ("u", 0x28)])
def test_pcm_mode_follows_the_law_and_slot_n_starts_at_clock_8n(law: str, mode: int) -> None:
    rig, tap = tapped(slots={"fxs/1": 0, "fxs/2": 5}, law=law)
    rig.up()
    in_order(tap.writes, (2, 40), (3, 0), (4, 40), (5, 0), (1, mode), (64, 0x01))


@pytest.mark.parametrize(
    ("country", "part", "registers", "indirect"),
    [
        # 25 Hz 70 Vpk: RCO 7E6C (cos(2 pi 25/1000) = 0.98769 x 32768 = 32364.6), RNGX 01D6;
        # VBATH 70 + 7.5 = 77.5 V -> 52 steps. China 200+680||100n is TISS 7 of the Si3215.
        ("CN", "si3215", {10: 0x0F, 70: 0x0A, 74: 0x34}, {7: 0x7E6C, 8: 0x01D6, 23: 0x0350}),
        ("CN", "si3210", {10: 0x0E, 70: 0x0A, 74: 0x34}, {20: 0x7E6C, 21: 0x01D6, 36: 0x0350}),
        # 20 Hz 64 Vpk: RCO 7EFD, RNGX 0158; 71.5 V -> 48 steps. 600 ohm.
        ("US", "si3210", {10: 0x08, 70: 0x0B, 74: 0x30}, {20: 0x7EFD, 21: 0x0158, 36: 0x0320}),
        ("DE", "si3215", {10: 0x0C}, {}),  # 270+750||150n is TISS 4
        ("AU", "si3215", {10: 0x0D}, {}),  # 220+820||120n is TISS 5
        ("BR", "si3210", {10: 0x09}, {}),  # 900 ohm is TISS 1
    ],
)
def test_countries(
    country: str, part: str, registers: dict[int, int], indirect: dict[int, int]
) -> None:
    rig, tap = tapped((part, part), country=country)
    rig.up()
    for register, value in registers.items():
        assert (register, value) in tap.writes, f"register {register}"
    chip = rig.bench.chip("fxs/2")
    for number, value in indirect.items():
        assert chip.indirect(number) == value, f"indirect {number}"


@pytest.mark.parametrize(
    ("state", "value"),
    [
        (LineState.OPEN, 0),
        (LineState.ON_HOOK_TRANSMISSION, 2),
        (LineState.RINGING, 4),
        (LineState.REVERSED, 5),
        (LineState.REVERSED_ON_HOOK_TRANSMISSION, 6),
    ],
)
def test_a_line_state_is_one_write_of_register_64(state: LineState, value: int) -> None:
    rig, tap = tapped()
    rig.up()
    tap.writes.clear()
    rig.command(SetLineState(port="fxs/2", state=state))
    rig.run(10)
    assert tap.writes == [(64, value)]


def test_a_quiet_poll_reads_64_and_68_and_carries_the_wanted_state() -> None:
    rig, tap = tapped()
    rig.up()
    tap.raw.clear()
    rig.run(50)
    assert bytes.fromhex("01 C0 01  01 C4 00  02 C0 01  02 C4 00") in tap.raw
