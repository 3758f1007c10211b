"""A box that is powered before its card is in waits for it, and goes on when it is there."""

from pathlib import Path

import pytest

from drivers.errors import BusError
from firmware.config import ConfigError
from firmware.daemons.notify import Notifier
from firmware.daemons.wires.card_wait import NO_CARD, CardWait, missing_part


class Installer:
    """Puts the card in after some looks; notes what the box said meanwhile."""

    def __init__(self, run: Path, looks: int, *, ends: bool = False) -> None:
        self.run, self.left, self.ends = run, looks, ends
        self.seen: list[str] = []

    def pause(self, _seconds: float) -> bool:
        self.seen.append(missing_part(self.run))
        self.left -= 1
        return self.ends and self.left == 0

    def card(self) -> str:
        if self.left:
            raise BusError("sound card tipring: No such device")
        return "the card"


def test_a_card_that_is_there_is_opened_at_once_and_nothing_is_said(tmp_path: Path) -> None:
    installer = Installer(tmp_path, 0)
    assert CardWait(tmp_path, Notifier(), installer.pause).until("sound", installer.card)
    assert installer.seen == []
    assert list(tmp_path.iterdir()) == []


def test_a_box_without_a_card_names_the_part_and_goes_on_when_it_comes(tmp_path: Path) -> None:
    installer = Installer(tmp_path, 30)  # two and a half minutes: six deaths would be a new start
    wait = CardWait(tmp_path, Notifier(), installer.pause)
    assert wait.until("sound", installer.card) == "the card"
    assert installer.seen == ["sound"] * 30
    assert missing_part(tmp_path) == ""


def test_a_missing_bus_is_named_as_such(tmp_path: Path) -> None:
    installer = Installer(tmp_path, 1)

    def devices() -> None:
        if installer.left:
            raise ConfigError("device /dev/spidev0.0 of chain 1 is not there.")

    CardWait(tmp_path, Notifier(), installer.pause).until("spi", devices)
    assert installer.seen == ["spi"]


def test_a_waiting_box_can_be_stopped_and_leaves_no_complaint(tmp_path: Path) -> None:
    installer = Installer(tmp_path, 2, ends=True)
    with pytest.raises(SystemExit) as end:
        CardWait(tmp_path, Notifier(), installer.pause).until(
            "sound", lambda: Installer.card(_none)
        )
    assert end.value.code == 0
    assert missing_part(tmp_path) == ""


def test_a_defect_is_no_missing_card(tmp_path: Path) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        CardWait(tmp_path, Notifier(), lambda _s: True).until("pins", broken)


@pytest.mark.parametrize("text", ["", "nonsense", "线路"])
def test_a_file_with_something_else_names_no_part(tmp_path: Path, text: str) -> None:
    (tmp_path / NO_CARD).write_text(text, encoding="utf-8")
    assert missing_part(tmp_path) == ""


_none = Installer(Path(), 1)
