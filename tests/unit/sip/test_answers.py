"""Final answers and what becomes of the call: RFC 3261, clause 21, and RFC 3398, 8.2.6."""

from __future__ import annotations

import pytest

from firmware.sip.answers import meaning, refusal


@pytest.mark.parametrize(
    ("code", "tone", "another"),
    [
        (486, "busy", False),  # 21.4.24: busy here
        (600, "busy", False),  # 21.6.1: busy everywhere
        (603, "special_information", False),  # 21.6.2: declined
        (480, "no_answer", False),  # 21.4.18: nobody there
        (404, "special_information", False),  # RFC 3398: unallocated number
        (484, "special_information", False),  # 21.4.22: address incomplete
        (503, "congestion", True),  # 21.5.4: overloaded, try elsewhere
        (500, "congestion", True),
        (504, "congestion", True),
        (599, "congestion", True),  # unknown 5xx is a 500: 8.1.3.2
        (408, "congestion", True),  # nobody answered at all: 8.1.3.1
        (403, "congestion", True),  # the provider does not want us
        (488, "congestion", True),  # no common codec with this one
        (302, "congestion", False),  # no peer sends us to a number of its own choice
        (499, "congestion", False),
    ],
)
def test_an_answer(code: int, tone: str, another: bool) -> None:
    assert meaning(code) == (tone, another)


def test_refusals() -> None:
    assert refusal("stranger") == 403
    assert refusal("busy") == 486
    assert refusal("unknown_number") == 404
    assert refusal("no_codec") == 488
