"""The board's relays and supply lines, turn by turn."""

from __future__ import annotations

import pytest

from firmware.daemons.wires.board_keeper import BELIEVED, LOOK_MS, BoardKeeper


class Lines:
    """A board that notes what was done to it."""

    def __init__(self) -> None:
        self.fed = 0
        self.energised = True
        self.doors: dict[int, bool] = {}
        self.on_mains = True
        self.low = False
        self.pressed = False

    def feed_relay(self) -> None:
        self.fed += 1

    def relay(self, energised: bool) -> None:
        self.energised = energised

    def door(self, relay: int, closed: bool) -> None:
        self.doors[relay] = closed

    def mains(self) -> bool:
        return self.on_mains

    def battery_low(self) -> bool:
        return self.low

    def button_pressed(self) -> bool:
        return self.pressed


def turns(keeper: BoardKeeper, begin_ms: int, end_ms: int) -> list[tuple[bool, bool]]:
    found = [keeper.turn(at) for at in range(begin_ms, end_ms, 5)]
    return [(signs.mains, signs.low) for signs in found if signs is not None]


def test_the_relay_is_fed_while_turns_come_and_let_go_at_the_end() -> None:
    lines = Lines()
    keeper = BoardKeeper(lines)
    turns(keeper, 0, 1_000)
    assert lines.fed == 10, "every 100 ms"
    keeper.make_safe()
    assert not lines.energised


def test_a_door_opens_for_its_time_and_shuts_when_the_program_ends() -> None:
    lines = Lines()
    keeper = BoardKeeper(lines)
    keeper.close_relay(2, 3_000, 0)
    turns(keeper, 0, 2_995)
    assert lines.doors == {2: True}
    turns(keeper, 2_995, 3_010)
    assert lines.doors == {2: False}
    keeper.close_relay(1, 3_000, 4_000)
    keeper.make_safe()
    assert lines.doors == {1: False, 2: False}


def test_asked_again_the_door_stays_open_longer() -> None:
    lines = Lines()
    keeper = BoardKeeper(lines)
    keeper.close_relay(1, 3_000, 0)
    turns(keeper, 0, 2_000)
    keeper.close_relay(1, 3_000, 2_000)
    turns(keeper, 2_000, 4_990)
    assert lines.doors[1]
    turns(keeper, 4_990, 5_010)
    assert not lines.doors[1]


def test_the_supply_is_believed_when_two_looks_agree() -> None:
    lines = Lines()
    keeper = BoardKeeper(lines)
    assert turns(keeper, 0, 2_000) == []
    lines.on_mains = False
    assert turns(keeper, 2_000, 2_000 + LOOK_MS) == [], "one look may be a bounce"
    lines.on_mains = True
    assert turns(keeper, 2_500, 4_000) == []
    lines.on_mains, lines.low = False, True
    assert turns(keeper, 4_000, 4_000 + (BELIEVED + 1) * LOOK_MS) == [(False, True)]
    lines.on_mains, lines.low = True, False
    assert turns(keeper, 6_000, 8_000) == [(True, False)]
    assert keeper.signs(8_000).mains


def test_a_board_without_relays_says_so() -> None:
    keeper = BoardKeeper(None)
    assert keeper.turn(0) is None
    with pytest.raises(ValueError, match="no relays"):
        keeper.close_relay(1, 1_000, 0)
    keeper.make_safe()


@pytest.mark.parametrize(
    ("down_ms", "up_ms", "wanted"),
    [
        (0, 11_000, True),
        (0, 9_000, False),  # let go too soon
        (2_000, 60_000, False),  # pressed after the start: somebody wants something else
        (0, 0, False),
    ],
)
def test_a_button_held_from_the_start_for_ten_seconds_begins_the_box_anew(
    down_ms, up_ms, wanted
) -> None:
    lines = Lines()
    keeper = BoardKeeper(lines)
    for at in range(0, 20_000, 100):
        lines.pressed = down_ms <= at < up_ms
        keeper.turn(at)
    assert keeper.reset_wanted == wanted
