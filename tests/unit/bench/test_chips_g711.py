"""The bench's own G.711 against figures printed in the recommendation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.chips.g711 import DECODE, Law, decode, encode

ALL = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize(
    ("law", "code", "linear"),
    [
        (Law.A, 0xD5, 8),  # first positive interval: 1 of 4096
        (Law.A, 0x55, -8),
        (Law.A, 0xAA, 32256),  # table 1a, interval 128: 4032 of 4096
        (Law.A, 0x2A, -32256),
        (Law.A, 0x80, 5504),  # 0x80 ^ 0x55 = 0xD5: segment 5, step 5: 688 of 4096
        (Law.MU, 0xFF, 0),
        (Law.MU, 0x7F, 0),
        (Law.MU, 0xFE, 8),  # 2 of 8159
        (Law.MU, 0x80, 32124),  # 8031 of 8159
        (Law.MU, 0x00, -32124),
        (Law.MU, 0xEF, 132),  # 33 of 8159: first of the second segment
    ],
)
def test_codes_decode_to_the_values_of_the_recommendation(law, code, linear):
    assert DECODE[law][code] == linear


@pytest.mark.parametrize("law", list(Law))
def test_every_code_comes_back(law):
    back = encode(decode(ALL, law), law)
    expected = ALL.copy()
    if law is Law.MU:
        expected[0x7F] = 0xFF  # minus zero comes back as zero
    assert (back == expected).all()


@pytest.mark.parametrize(("law", "loudest"), [(Law.A, 0xAA), (Law.MU, 0x80)])
def test_what_is_too_loud_is_clipped(law, loudest):
    assert encode(np.array([40000.0], np.float32), law)[0] == loudest


@pytest.mark.parametrize("law", list(Law))
def test_idle_is_the_code_of_zero(law):
    assert encode(np.zeros(1, np.float32), law)[0] == {Law.A: 0xD5, Law.MU: 0xFF}[law]
