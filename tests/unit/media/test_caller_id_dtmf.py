"""DTMF sequences as networks send them, and what they mean."""

import pytest

from firmware.core.events import IdentityKind
from firmware.media.caller_id_dtmf import DtmfIdentity, parse

NUMBER, PRIVATE, UNAVAILABLE = IdentityKind.NUMBER, IdentityKind.PRIVATE, IdentityKind.UNAVAILABLE


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("A33445566#", NUMBER, "33445566"),  # Denmark
        ("D1#", PRIVATE, ""),
        ("D2#", UNAVAILABLE, ""),
        ("D3#", UNAVAILABLE, ""),
        ("D01012345678C", NUMBER, "01012345678"),  # China, India
        ("D00C", UNAVAILABLE, ""),
        ("D0000000000C", UNAVAILABLE, ""),
        ("D10C", PRIVATE, ""),
        ("A0201234567C", NUMBER, "0201234567"),  # EN 300 659-1 annex B
        ("A0201234567D0207654321C", NUMBER, "0201234567"),  # with a redirecting number
        ("B00C", UNAVAILABLE, ""),
        ("B10C", PRIVATE, ""),
    ],
)
def test_what_networks_send(text, kind, number):
    heard = parse(text)
    assert (heard.kind, heard.number, heard.method) == (kind, number, "dtmf")


def test_brazil_puts_a_category_in_front():
    assert parse("A111987654321C", category_digit=True).number == "11987654321"


@pytest.mark.parametrize("text", ["12345#", "A12*45#", "A12345", "A12#", "#", "AC1"])
def test_what_is_no_identity(text):
    assert parse(text) is None


def feed(receiver, text, start_ms=0, step_ms=140):
    found = [receiver.digit(d, start_ms + i * step_ms) for i, d in enumerate(text)]
    return [f for f in found if f]


def test_digits_collect_into_an_identity_with_the_last_one():
    (heard,) = feed(DtmfIdentity(), "A33445566#")
    assert heard.number == "33445566"


def test_sequence_that_breaks_off_is_forgotten():
    receiver = DtmfIdentity()
    assert feed(receiver, "A3344") == []
    assert feed(receiver, "5566#", start_ms=5000) == []
    assert [h.number for h in feed(receiver, "D87654321C", start_ms=9000)] == ["87654321"]
