"""The kernel's numbers for SPI messages, from linux/spi/spidev.h worked out by hand.

``SPI_IOC_MESSAGE(n)`` is a write of ``n`` transfers of 32 bytes, type 'k', number 0.
"""

from __future__ import annotations

import ctypes

import pytest

from drivers import spidev_bus
from drivers.errors import BusError


@pytest.mark.parametrize(("transfers", "code"), [(1, 0x40206B00), (2, 0x40406B00), (3, 0x40606B00)])
def test_message_code(transfers: int, code: int) -> None:
    assert spidev_bus.message_code(transfers) == code


def test_a_transfer_has_the_kernels_layout() -> None:
    fields = {
        "tx_buf": 0,
        "rx_buf": 8,
        "len": 16,
        "speed_hz": 20,
        "delay_usecs": 24,
        "bits_per_word": 26,
        "cs_change": 27,
        "tx_nbits": 28,
        "rx_nbits": 29,
        "word_delay_usecs": 30,
        "pad": 31,
    }
    transfer = spidev_bus._Transfer
    assert ctypes.sizeof(transfer) == 32
    assert {name: getattr(transfer, name).offset for name in fields} == fields


def test_the_longest_message_still_fits_the_codes_size_field() -> None:
    # 14 bits hold 16383 bytes: 511 transfers of 32, and not 512.
    assert spidev_bus.message_code(spidev_bus.MAX_TRANSFERS) == 0x7FE06B00
    assert spidev_bus.MAX_TRANSFERS == 511


@pytest.mark.parametrize("name", ["/dev/spi0.0", "/dev/spidev0", "spidev0.0", ""])
def test_a_name_that_is_no_spidev_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BusError, match=r"should look like /dev/spidev0\.0"):
        spidev_bus.SpidevBus(name, 4_000_000)
