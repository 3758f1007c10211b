"""Two ends of a fax call, sample by sample in memory: pages arrive dot by dot."""

import numpy as np
import pytest

from firmware.media.t30 import T30End
from tests.bench.fax_pages import dots, draw, same

BLOCK = 40
LONGEST_S = 200


def talk(one, other, *, delay_blocks=1):
    """Let two ends talk until both have ended, or for LONGEST_S; seconds that it took."""
    silence = np.zeros(BLOCK, np.int16)
    to_one, to_other = [silence] * delay_blocks, [silence] * delay_blocks
    blocks = 0
    while (one.code is None or other.code is None) and blocks < LONGEST_S * 8000 // BLOCK:
        to_other.append(one.feed(to_one.pop(0)).copy())
        to_one.append(other.feed(to_other.pop(0)).copy())
        blocks += 1
    return blocks * BLOCK / 8000


@pytest.mark.parametrize(
    ("modem", "ecm", "bit_rate", "most_s"),
    [
        ("v17", True, 14_400, 45),
        ("v17", False, 14_400, 45),
        ("v29", True, 9_600, 55),
        ("v27ter", True, 4_800, 95),
    ],
)
def test_a_page_arrives_dot_by_dot(tmp_path, modem, ecm, bit_rate, most_s):
    page = draw(tmp_path / "sent.tif")
    came = tmp_path / "came.tif"
    sender = T30End(calling=True, send=str(page), station="+86 10 62550100", modems=(modem,))
    taker = T30End(calling=False, receive=str(came), station="201", ecm=ecm)
    assert talk(sender, taker) < most_s
    assert (sender.code, taker.code) == (0, 0)
    facts = taker.facts()
    assert (facts.pages, facts.bit_rate, facts.ecm) == (1, bit_rate, ecm)
    assert facts.station == "+86 10 62550100"
    assert sender.facts().station == "201"
    assert sender.agreed
    taker.close()
    sender.close()
    assert same(page, came)


def test_several_pages_and_a_header_line(tmp_path):
    page = draw(tmp_path / "sent.tif", pages=2)
    came = tmp_path / "came.tif"
    sender = T30End(calling=True, send=str(page), header="Office 201")
    taker = T30End(calling=False, receive=str(came))
    talk(sender, taker, delay_blocks=20)
    assert (sender.code, taker.code) == (0, 0)
    assert (sender.facts().pages, sender.facts().pages_in_file, taker.pages) == (2, 2, 2)
    taker.close()
    sent, got = dots(page), dots(came)
    for a, b in zip(sent, got, strict=True):
        rows = len(b) - len(a)
        assert rows > 0  # the header stands over the page
        assert (b[rows:] == a).all()


def test_a_file_that_is_no_fax_is_refused(tmp_path):
    bad = tmp_path / "bad.tif"
    bad.write_bytes(b"II*\0" + bytes(range(256)) * 4)
    sender = T30End(calling=True, send=str(bad))
    taker = T30End(calling=False, receive=str(tmp_path / "came.tif"))
    talk(sender, taker)
    assert sender.code in range(41, 47)


def test_an_end_that_is_stopped_says_that_the_call_dropped():
    end = T30End(calling=False, receive="/dev/null")
    end.feed(np.zeros(BLOCK, np.int16))
    end.stop()
    assert end.code == 49
    assert not end.feed(np.ones(BLOCK, np.int16)).any()
