"""Silence of a conversation is told every 5 s, and begins anew with every word."""

import numpy as np

from firmware.core.commands import Party, SetBridge
from firmware.media.silence import SilenceMeter
from tests.conformance.echo_paths import rms

ROWS = {"fxs/1": 0, "fxo/1": 1}
TALK = SetBridge(bridge="b", call="1", parties=(Party(port="fxs/1"), Party(port="fxo/1")))
ALONE = SetBridge(bridge="b", call="1", parties=(Party(port="fxo/1"),))


def listen(meter, seconds, *, level_dbm0=None, row=0, bridges=(TALK,)):
    told = []
    block = np.zeros((2, 40), np.float32)
    if level_dbm0 is not None:
        block[row] = rms(level_dbm0)
    for _ in range(int(seconds * 200)):
        told += meter.process(block, bridges, ROWS)
    return told


def test_a_silence_is_told_every_five_seconds_with_its_length() -> None:
    assert listen(SilenceMeter(), 12) == [("fxs/1", 5_000), ("fxs/1", 10_000)]


def test_a_word_of_either_party_begins_it_anew() -> None:
    for row in (0, 1):
        meter = SilenceMeter()
        assert listen(meter, 4) == []
        assert listen(meter, 0.2, level_dbm0=-35, row=row) == []
        assert listen(meter, 4.9) == []
        assert listen(meter, 0.2) == [("fxs/1", 5_000)]


def test_noise_of_a_line_is_silence() -> None:
    assert listen(SilenceMeter(), 5.1, level_dbm0=-55) == [("fxs/1", 5_000)]


def test_one_party_alone_has_no_conversation() -> None:
    assert listen(SilenceMeter(), 20, bridges=(ALONE,)) == []
