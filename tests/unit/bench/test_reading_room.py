"""Displays of the running town are read elsewhere and tell the same."""

import select

import numpy as np

from drivers.pcm import IDLE_A_LAW, SLOTS
from tests.bench.reading_room import ReadingRoom
from tests.bench.town import Town
from tests.bench.world.keypad import key_sounds

BLOCK = 800
IDLE = np.full((SLOTS, BLOCK), IDLE_A_LAW, np.uint8)


def test_a_display_that_is_read_elsewhere_shows_what_it_heard() -> None:
    town = Town("IN", lines=[])  # sets of India take a DTMF identity and wait for nothing
    room = ReadingRoom(town)
    display = town.telephones[0].display
    display.needs = ""
    for number in ("12345", "67890"):
        display.hear(0, key_sounds(f"D{number}C"), 0)
        display.decide()
        assert select.select([room._desk], [], [], 30)[0], "the reader did not answer"
        room.turn()
        town.exchange(IDLE)
    assert [shown.number for shown in display.shown] == ["12345", "67890"]
