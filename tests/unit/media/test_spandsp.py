"""The library as a sender and a receiver of whole messages."""

import numpy as np
import pytest

from firmware.media.spandsp import DisplayReceiver, DisplaySender, Standard

MESSAGE = b"\x80\x0a\x02\x08" + b"12345678"


@pytest.mark.parametrize("standard", [Standard.CLASS, Standard.CLIP])
def test_a_message_survives_the_way_through_the_air(standard):
    sound = DisplaySender(standard).send(MESSAGE)
    heard = DisplayReceiver(standard).receive(np.concatenate((sound, np.zeros(800, np.int16))))
    assert heard == [MESSAGE]


def test_alert_tone_comes_before_the_message():
    plain, alerted = DisplaySender(Standard.CLIP), DisplaySender(Standard.CLIP)
    alerted.alert_tone()
    assert len(alerted.send(MESSAGE)) - len(plain.send(MESSAGE)) >= 8 * 88  # 88 to 110 ms


def test_preamble_is_as_long_as_it_is_told():
    short, long = DisplaySender(Standard.CLASS), DisplaySender(Standard.CLASS)
    short.preamble(96, 55)
    long.preamble(300, 180)
    more = len(long.send(MESSAGE)) - len(short.send(MESSAGE))
    assert more == pytest.approx((300 - 96 + 180 - 55) * 8000 / 1200, abs=3)


def test_a_message_longer_than_the_limit_is_refused():
    with pytest.raises(ValueError, match="longer than 100 samples"):
        DisplaySender(Standard.CLASS).send(MESSAGE, limit_samples=100)
