"""Checked registers over an access object that keeps a list."""

from __future__ import annotations

from enum import IntEnum

import pytest

from drivers.errors import BringUpError, FieldError
from drivers.registers import Field, Flag, Kind, Register, RegisterFile, table


class Feed(IntEnum):
    OPEN = 0
    ON = 1
    RING = 4


LINE = Register("line", 0x40, reset=0x00, volatile=True, page="p. 71")
MODE = Register("mode", 0x01, reset=0x08, page="p. 53")
STATUS = Register("status", 0x44, access=Kind.READ, volatile=True, page="p. 80")
PENDING = Register("pending", 0x13, access=Kind.WRITE_1_CLEAR, volatile=True, page="p. 61")
SOURCE = Register("source", 0x04, access=Kind.WRITE_0_CLEAR, volatile=True)
UNKNOWN = Register("unknown", 0x1E, reset=None)


class Sample(RegisterFile):
    registers = table(LINE, MODE, STATUS, PENDING, SOURCE, UNKNOWN)
    real = Field(LINE, 6, 4, values=Feed, access=Kind.READ)
    feed = Field(LINE, 2, 0, values=Feed)
    enabled = Flag(MODE, 5)
    law = Field(MODE, 4, 3)
    name_bit = Flag(MODE, 7, access=Kind.READ)
    closed = Flag(STATUS, 0)
    alarm = Flag(PENDING, 2)
    trip = Flag(PENDING, 0)
    ring = Flag(SOURCE, 7)
    half = Field(UNKNOWN, 7, 4)


class Memory:
    def __init__(self) -> None:
        self.values: dict[int, int] = {}
        self.log: list[tuple[str, int, int]] = []
        self.stuck = 0

    def read(self, address: int) -> int:
        value = self.values.get(address, 0)
        self.log.append(("read", address, value))
        return value

    def write(self, address: int, value: int) -> None:
        self.log.append(("write", address, value))
        if self.stuck:
            self.stuck -= 1
        else:
            self.values[address] = value


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def chip(memory: Memory) -> Sample:
    return Sample(memory, "chip 1")


def test_a_field_write_is_one_transfer_with_the_rest_from_the_shadow(
    chip: Sample, memory: Memory
) -> None:
    chip.enabled = 1
    chip.law = 1
    assert memory.log == [("write", 1, 0x28), ("write", 1, 0x28)]  # reset value 08 has law 1
    chip.law = 0
    assert memory.log[-1] == ("write", 1, 0x20)


def test_a_shadowed_field_is_not_read_again(chip: Sample, memory: Memory) -> None:
    chip.enabled = 1
    memory.log.clear()
    assert chip.enabled == 1
    assert memory.log == []


def test_a_volatile_field_is_always_read(chip: Sample, memory: Memory) -> None:
    chip.feed = Feed.RING
    memory.values[0x40] = 0x11
    assert (chip.feed, chip.real) == (Feed.ON, Feed.ON)


def test_read_only_bits_of_a_mixed_register_are_never_written(chip: Sample, memory: Memory) -> None:
    memory.values[1] = 0x88
    assert chip.name_bit == 1
    chip.enabled = 1
    assert memory.log[-1] == ("write", 1, 0x28)


def test_a_number_that_does_not_fit_names_everything(chip: Sample) -> None:
    with pytest.raises(FieldError, match=r"law: 4 does not fit in 2 bits, at most 3 \(register 1"):
        chip.law = 4


def test_an_illegal_value_lists_the_legal_ones(chip: Sample) -> None:
    with pytest.raises(FieldError, match=r"feed: 2 is none of 0 open, 1 on, 4 ring .*p\. 71"):
        chip.feed = 2


def test_read_only_fields_and_registers_refuse(chip: Sample, memory: Memory) -> None:
    with pytest.raises(
        FieldError, match=r"closed is read-only, not writable .*register 68.*p\. 80"
    ):
        chip.closed = 1
    with pytest.raises(FieldError, match="status is read-only"):
        chip.write(STATUS, 1)
    assert memory.log == []


def test_several_fields_of_one_register_are_one_transfer(chip: Sample, memory: Memory) -> None:
    chip.update(enabled=1, law=3)
    assert memory.log == [("write", 1, 0x38)]


def test_an_update_stays_within_one_register(chip: Sample) -> None:
    with pytest.raises(FieldError, match="one register only"):
        chip.update(enabled=1, feed=1)
    with pytest.raises(FieldError, match="low: Sample has no such field"):
        chip.update(low=1)


def test_clearing_writes_a_one_or_a_zero_as_the_chip_wants(chip: Sample, memory: Memory) -> None:
    chip.clear(Sample.alarm)
    chip.clear(Sample.alarm, Sample.trip)
    chip.clear(Sample.ring)
    assert [entry[2] for entry in memory.log] == [0x04, 0x05, 0x7F]
    with pytest.raises(FieldError, match="alarm is write 1 to clear, not writable"):
        chip.alarm = 1
    with pytest.raises(FieldError, match="enabled is read and write, not clearable"):
        chip.clear(Sample.enabled)


def test_a_register_without_reset_value_is_read_before_its_first_field_write(
    chip: Sample, memory: Memory
) -> None:
    memory.values[0x1E] = 0x5A
    chip.half = 1
    assert memory.log == [("read", 0x1E, 0x5A), ("write", 0x1E, 0x1A)]


def test_verified_write_tries_again_and_then_says_what_it_read(
    chip: Sample, memory: Memory
) -> None:
    memory.stuck = 1
    chip.verified_write(MODE, 0x20)
    assert memory.values[1] == 0x20
    memory.stuck = 3
    with pytest.raises(BringUpError, match=r"chip 1: register 1 mode.* read 0x20 after 0x28 .* 3"):
        chip.verified_write(MODE, 0x28)


def test_forget_returns_to_reset_values(chip: Sample, memory: Memory) -> None:
    chip.law = 3
    chip.forget()
    chip.enabled = 1
    assert memory.log[-1] == ("write", 1, 0x28)


def test_dump_has_differences_first_and_names_values() -> None:
    lines = Sample.dump({0x01: 0x08, 0x40: 0x44, 0x44: 0x00})
    assert [line.name for line in lines] == ["line", "mode", "status"]
    assert lines[0].fields == {"real": "4 ring", "feed": "4 ring"}
    assert [line.differs for line in lines] == [True, False, False]


def test_two_registers_cannot_share_an_address() -> None:
    with pytest.raises(FieldError, match="register 1"):
        table(MODE, Register("other", 1))
