"""Bytes of accesses, and a chain that comes back into step from any state."""

from __future__ import annotations

import itertools

import pytest

from drivers.access import Gathered, Immediate, read, transact, write
from drivers.errors import FieldError
from drivers.si3050.framing import DaaFraming
from drivers.si3210.framing import ENABLE_CHAIN, RESYNC, SlicFraming
from tests.bench.chips.card import BenchCard


def chain() -> BenchCard:
    card = BenchCard(fxs=("si3215",) * 4, fxo=0)
    card.reset(True)
    card.advance(100)
    card.fxs_bus.exchange(ENABLE_CHAIN)
    for chip in range(4):
        Immediate(card.fxs_bus, SlicFraming(), chip).write(2, 8 * chip + 1)
    return card


def starts(card: BenchCard) -> list[int]:
    return list(transact(card.fxs_bus, SlicFraming(), [read(chip, 2) for chip in range(4)]))


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
@pytest.mark.parametrize("stray", range(7))
@pytest.mark.parametrize("byte", [0x00, 0x01, 0x80, 0xC0])
def test_a_chip_that_fell_back_to_two_bytes_is_in_step_after_one_resync(
    lost: int, stray: int, byte: int
) -> None:
    """Whatever traffic it mistook for its own, and the others are as they were."""
    card = chain()
    card.fxs[lost].lose_registers()
    # Only reads of registers travel while nobody knows; here a number of stray triples.
    for _ in range(stray):
        card.fxs_bus.exchange(bytes((1 << (lost + 1) % 4, 0xC0, byte)))
    card.fxs_bus.exchange(RESYNC)
    found = starts(card)
    assert all(found[chip] == 8 * chip + 1 for chip in range(4) if chip != lost)
    Immediate(card.fxs_bus, SlicFraming(), lost).write(2, 0x5A)
    assert starts(card)[lost] == 0x5A


@pytest.mark.parametrize("late", [1, 2])
def test_a_whole_chain_that_missed_bytes_is_in_step_after_one_resync(late: int) -> None:
    card = chain()
    card.fxs_bus.exchange(bytes(late))
    card.fxs_bus.exchange(RESYNC)
    assert starts(card) == [1, 9, 17, 25]


def test_resync_is_whole_accesses_that_select_nobody() -> None:
    assert len(RESYNC) % 3 == 0
    assert set(RESYNC[::3]) == {0}


def test_accesses_are_framed_in_order() -> None:
    bus = chain().fxs_bus
    mixed = itertools.chain.from_iterable((write(c, 11, c), read(c, 11)) for c in range(4))
    assert list(transact(bus, SlicFraming(), list(mixed)))[1::2] == [0, 1, 2, 3]


@pytest.mark.parametrize("access", [read(8, 0), read(0, 128), write(-1, 0, 0)])
def test_an_si321x_access_that_the_bytes_cannot_name_is_refused(access: object) -> None:
    with pytest.raises(FieldError, match=r"an Si321x has registers 0 to 127|chips 0 to 7"):
        SlicFraming().encode(access)


@pytest.mark.parametrize("access", [read(16, 1), read(0, 64), read(0, 0)])
def test_an_si3050_access_that_the_bytes_cannot_name_is_refused(access: object) -> None:
    with pytest.raises(FieldError, match=r"an Si3050 has registers 1 to 63|chips 0 to 15"):
        DaaFraming().encode(access)


def test_gathered_writes_wait_and_reads_are_refused() -> None:
    gathered = Gathered(3)
    gathered.write(64, 1)
    assert gathered.take() == [write(3, 64, 1)]
    assert gathered.take() == []
    with pytest.raises(FieldError, match="register 68"):
        gathered.read(68)
