"""Services of a name: octets by hand from RFC 1035 and RFC 2782."""

from __future__ import annotations

import pytest

from firmware.sip.services import Service, in_order, question, services_in

ASKED = b"\x04_sip\x04_udp\x07example\x00\x00\x21\x00\x01"
HEAD = bytes.fromhex("abcd 8180 0001 0002 0000 0000")
# Two answers: the name is a pointer to octet 12, where the question stands.
FIRST = bytes.fromhex("c00c 0021 0001 00000e10 000a 000a 003c 13c4") + b"\x01a\xc0\x16"
SECOND = bytes.fromhex("c00c 0021 0001 00000e10 0009 0014 0000 13c5") + b"\x01b\x00"
ANSWER = HEAD + ASKED + FIRST + SECOND
A = Service(priority=10, weight=60, port=5_060, target="a.example")
B = Service(priority=20, weight=0, port=5_061, target="b")


def test_a_question_is_that_of_the_standard() -> None:
    assert question("example", "udp", 0xABCD) == bytes.fromhex("abcd 0100 0001 0000 0000 0000") + (
        ASKED
    )


def test_an_answer_is_read_with_its_pointers() -> None:
    assert services_in(ANSWER, 0xABCD) == (A, B)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        HEAD[:5],
        ANSWER[:50],
        b"\x00\x01" + ANSWER[2:],  # the answer to another question
        HEAD[:3] + b"\x83" + HEAD[4:] + ASKED,  # there is no such name
        HEAD + ASKED[:-4] + b"\xc0\x0c" * 40,  # a name that winds round
        bytes.fromhex("abcd 8180 0000 0001 0000 0000 c00c") + b"\xff" * 30,
    ],
)
def test_what_is_no_answer_brings_nothing(packet: bytes) -> None:
    assert services_in(packet, 0xABCD) == ()


def test_the_lowest_priority_is_tried_first_and_weights_are_drawn() -> None:
    heavy = Service(priority=10, weight=90, port=1, target="heavy")
    light = Service(priority=10, weight=10, port=1, target="light")
    assert in_order([B, heavy, light], lambda: 0.05) == (light, heavy, B)
    assert in_order([B, heavy, light], lambda: 0.5) == (heavy, light, B)
    assert in_order([], lambda: 0.5) == ()
